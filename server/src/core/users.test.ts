import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGroup, ensureEveryone, isMemberOfAny, listGroupIdsOfUser } from './groups.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { updateUser } from './user-credentials.ts';
import { createUser, everyoneGroupId, findUser, getUser, type NewUser } from './users.ts';

const PASSWORD = 'Correct-Horse-1';
const profile = { login: 'ada@example.com', email: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };

let world: TestEnv;

beforeEach(async () => {
  world = await createTestEnv();
  await ensureEveryone(world.env);
});

afterEach(() => world.close());

const create = (further: Partial<NewUser> = {}) => createUser(world.env, { profile, ...further });

const refusal = (code: string, subject?: string, ...causes: string[]) => ({
  code,
  ...(subject === undefined ? {} : { subject }),
  ...(causes.length === 0 ? {} : { causes }),
});

describe('a new account', () => {
  test.each<[string, Partial<NewUser>, string]>([
    ['without a password, activated', {}, 'PROVISIONED'],
    ['with a password, activated', { password: PASSWORD }, 'ACTIVE'],
    ['not activated', { activate: false }, 'STAGED'],
    ['with a password, not activated', { password: PASSWORD, activate: false }, 'STAGED'],
    ['to change its password', { password: PASSWORD, nextLogin: 'changePassword' }, 'PASSWORD_EXPIRED'],
    ['of a federation', { provider: { type: 'FEDERATION', name: 'Partner' } }, 'ACTIVE'],
    ['of a social provider, staged', { provider: { type: 'SOCIAL', name: 'G' }, activate: false }, 'STAGED'],
  ])('%s, is %s', async (_, given, status) => {
    const user = await create(given);
    expect(user.status).toBe(status);
    expect(user.activated === null).toBe(given.activate === false);
    expect(await getUser(world.env, user.id)).toEqual(user);
  });

  test('keeps no password but a hash of it', async () => {
    const user = await create({
      password: PASSWORD,
      recoveryQuestion: { question: 'Whose horse?', answer: 'Bucephalus' },
    });
    const rows = JSON.stringify(await world.env.db.selectFrom('users').selectAll().execute());
    expect(rows).not.toContain(PASSWORD);
    expect(rows.toLowerCase()).not.toContain('bucephalus');
    expect(user.recovery_question).toBe('Whose horse?');
  });

  test('is in Everyone and in the groups asked for', async () => {
    const group = await createGroup(world.env, { name: 'Analysts' });
    const user = await create({ groupIds: [group.id, group.id] });
    const ids = await listGroupIdsOfUser(world.env, user.id);
    expect(ids.toSorted()).toEqual([await everyoneGroupId(world.env), group.id].toSorted());
    expect(await isMemberOfAny(world.env, user.id, ['00gNone', group.id])).toBe(true);
    expect(await isMemberOfAny(world.env, user.id, ['00gNone'])).toBe(false);
    expect(await isMemberOfAny(world.env, user.id, [])).toBe(false);
  });

  test('is not made when one of its groups does not exist', async () => {
    await expect(create({ groupIds: ['00gNone'] })).rejects.toMatchObject(refusal('E0000007', '00gNone (UserGroup)'));
    expect(await findUser(world.env, profile.login)).toBeNull();
  });

  test('needs a password to expire, and to be activated for it', async () => {
    await expect(create({ nextLogin: 'changePassword' })).rejects.toMatchObject(refusal('E0000124'));
    await expect(create({ nextLogin: 'changePassword', password: PASSWORD, activate: false })).rejects.toMatchObject(
      refusal('E0000125'),
    );
  });

  test('is of a type that exists', async () => {
    const { type_id } = await create();
    const second = { ...profile, login: 'second@example.com' };
    expect((await create({ profile: second, typeId: type_id })).type_id).toBe(type_id);
    await expect(create({ typeId: 'otyNone' })).rejects.toMatchObject(refusal('E0000007', 'otyNone (UserType)'));
  });
});

describe('a login', () => {
  const taken = refusal(
    'E0000001',
    'login',
    'login: An object with this field already exists in the current organization',
  );

  test.each(['ada@example.com', 'ADA@EXAMPLE.COM', 'ａda@example.com'])(
    '%s is taken once it is taken',
    async (login) => {
      await create();
      await expect(create({ profile: { ...profile, login } })).rejects.toMatchObject(taken);
    },
  );

  test('is given to one of ten who ask at the same time', async () => {
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => create({ password: PASSWORD })));
    const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    expect(refused).toHaveLength(9);
    for (const reason of refused) expect(reason).toMatchObject(taken);
  });

  test('can change, but not to one that is taken', async () => {
    const ada = await create();
    const grace = await create({ profile: { ...profile, login: 'grace@example.com' } });
    const wish = { profile: { login: 'Ada@example.com' }, how: 'merge' } as const;
    await expect(updateUser(world.env, grace, { profile: wish })).rejects.toMatchObject(taken);
    expect(await updateUser(world.env, ada, { profile: wish })).toMatchObject({ login: 'Ada@example.com' });
  });

  test('is found by id, in any case, and by its short name while that is unambiguous', async () => {
    const { id } = await create();
    for (const name of [id, 'ada@example.com', 'Ada@Example.COM', 'ada', 'ADA'])
      expect(await findUser(world.env, name)).toMatchObject({ id });
    await create({ profile: { ...profile, login: 'ada@example.org' } });
    expect(await findUser(world.env, 'ada')).toBeNull();
    expect(await findUser(world.env, 'ada@example.com')).toMatchObject({ id });
    for (const name of ['', '@', 'ad', 'ada@', 'example.com', '%']) expect(await findUser(world.env, name)).toBeNull();
    await expect(getUser(world.env, 'nobody')).rejects.toMatchObject(refusal('E0000007', 'nobody (User)'));
  });
});

describe('a profile', () => {
  test.each<[string, object, string, string]>([
    ['no login', { login: undefined }, 'login', 'login: The field cannot be left blank'],
    ['an empty login', { login: '' }, 'login', 'login: The field cannot be left blank'],
    ['a short login', { login: 'a@b' }, 'login', 'login: The field must have 5 to 100 characters'],
    [
      'a long login',
      { login: `${'a'.repeat(100)}@example.com` },
      'login',
      'login: The field must have 5 to 100 characters',
    ],
    ['a login without @', { login: 'adalovelace' }, 'login', 'login: Username must be in the form of an email address'],
    [
      'a login with an invisible character',
      { login: 'ada\u200b@example.com' },
      'login',
      'login: Username must be in the form of an email address',
    ],
    ['no e-mail', { email: null }, 'email', 'email: The field cannot be left blank'],
    ['a wrong e-mail', { email: 'ada@@example.com' }, 'email', 'email: Does not match required pattern'],
    ['a number for a name', { firstName: 5 }, 'firstName', 'firstName: The value must be a string'],
    ['a long name', { lastName: 'x'.repeat(51) }, 'lastName', 'lastName: The field must have 1 to 50 characters'],
    ['an unknown attribute', { x: 1 }, 'newUser', "Property name 'x' is not defined in profile"],
    ['a prototype', JSON.parse('{"__proto__": 1}'), 'newUser', "Property name '__proto__' is not defined in profile"],
  ])('with %s is refused', async (_, wrong, subject, cause) => {
    const given = Object.defineProperties({ ...profile }, Object.getOwnPropertyDescriptors(wrong));
    await expect(create({ profile: given })).rejects.toMatchObject(refusal('E0000001', subject, cause));
  });

  test('is refused with a cause for each thing wrong', async () => {
    await expect(create({ profile: { login: 'x', firstName: '' } })).rejects.toMatchObject({
      subject: 'login',
      causes: [
        'login: The field must have 5 to 100 characters',
        'firstName: The field cannot be left blank',
        'email: The field cannot be left blank',
      ],
    });
  });

  test('changes in part or as a whole', async () => {
    const user = await create({ profile: { ...profile, title: 'Countess', city: 'London' } });
    world.advance(1000);
    const part = { profile: { title: null, nickName: 'Enchantress' }, how: 'merge' } as const;
    const merged = await updateUser(world.env, user, { profile: part });
    expect(merged.profile).toEqual({ ...profile, city: 'London', nickName: 'Enchantress' });
    expect(merged.last_updated).toBe(user.last_updated + 1000);
    const replaced = await updateUser(world.env, merged, { profile: { profile, how: 'replace' } });
    expect(replaced.profile).toEqual(profile);
    await expect(
      updateUser(world.env, merged, { profile: { profile: { login: profile.login }, how: 'replace' } }),
    ).rejects.toMatchObject(refusal('E0000001', 'email'));
  });

  test('changed in two places at once loses neither change', async () => {
    const user = await create();
    const changes = ['title', 'city', 'state', 'nickName', 'division'];
    await Promise.all(
      changes.map((name) => updateUser(world.env, user, { profile: { profile: { [name]: name }, how: 'merge' } })),
    );
    expect((await getUser(world.env, user.id)).profile).toMatchObject(Object.fromEntries(changes.map((n) => [n, n])));
  });

  test('does not change when the password sent with it is refused', async () => {
    const user = await create();
    const change = { profile: { profile: { title: 'Countess' }, how: 'merge' }, password: 'weak' } as const;
    await expect(updateUser(world.env, user, change)).rejects.toMatchObject(refusal('E0000001', 'password'));
    expect(await getUser(world.env, user.id)).toEqual(user);
  });
});

test('every change is told to the System Log', async () => {
  const user = await create({ password: PASSWORD });
  await updateUser(world.env, user, { profile: { profile: { title: 'Countess' }, how: 'merge' } });
  const events = await world.env.db.selectFrom('system_log').select('event_type').execute();
  expect(events.map(({ event_type }) => event_type).toSorted()).toEqual([
    'user.account.update_profile',
    'user.lifecycle.activate',
    'user.lifecycle.create',
  ]);
});
