import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deleteGroup } from './delete-groups.ts';
import { addUserToGroup, listGroupMembers, removeUserFromGroup } from './group-memberships.ts';
import { type GroupListQuery, groupStats, listGroups } from './group-search.ts';
import { createGroup, ensureEveryone, getGroup, listGroupIdsOfUser, updateGroup } from './groups.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { createUser, everyoneGroupId, type User } from './users.ts';

let world: TestEnv;
let ada: User;

beforeEach(async () => {
  world = await createTestEnv();
  await ensureEveryone(world.env);
  ada = await createUser(world.env, { profile: { login: 'ada@example.com', email: 'ada@example.com' } });
});

afterEach(() => world.close());

const taken = {
  code: 'E0000001',
  causes: ['name: An object with this field already exists in the current organization'],
};

describe('a group', () => {
  test('is made, read, renamed and deleted', async () => {
    const { id } = await createGroup(world.env, { name: 'Analysts', description: 'They ask' });
    expect(await getGroup(world.env, id)).toMatchObject({ type: 'OKTA_GROUP', name: 'Analysts' });
    world.advance(1000);
    await updateGroup(world.env, id, { name: 'analysts' });
    expect(await getGroup(world.env, id)).toMatchObject({
      name: 'analysts',
      profile: { name: 'analysts', description: null },
      last_updated: world.env.now(),
    });
    await deleteGroup(world.env, id);
    await expect(getGroup(world.env, id)).rejects.toMatchObject({ code: 'E0000007', subject: `${id} (UserGroup)` });
  });

  test('has a name of its own, also among twenty who ask for it at once', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => createGroup(world.env, { name: i % 2 ? 'Analysts' : 'ANALYSTS ' })),
    );
    const refused = results.filter((result) => result.status === 'rejected').map(({ reason }) => reason);
    expect(refused).toHaveLength(19);
    for (const reason of refused) expect(reason).toMatchObject(taken);
    const { id } = await createGroup(world.env, { name: 'Editors' });
    await expect(updateGroup(world.env, id, { name: 'analysts' })).rejects.toMatchObject(taken);
  });

  test.each(['', '   ', 'x'.repeat(256)])('is not named %j', async (name) => {
    await expect(createGroup(world.env, { name })).rejects.toMatchObject({ code: 'E0000001', subject: 'name' });
  });

  test('takes its memberships with it', async () => {
    const { id } = await createGroup(world.env, { name: 'Analysts' });
    await addUserToGroup(world.env, id, ada.id);
    await deleteGroup(world.env, id);
    expect(await listGroupIdsOfUser(world.env, ada.id)).toEqual([await everyoneGroupId(world.env)]);
  });
});

describe('Everyone', () => {
  test('is there once, and has every user', async () => {
    const again = await ensureEveryone(world.env);
    expect(again.id).toBe(await everyoneGroupId(world.env));
    const members = await listGroupMembers(world.env, again.id, { after: null, limit: 10 });
    expect(members.map(({ id }) => id)).toEqual([ada.id]);
  });

  test('made late, has the users that were there before', async () => {
    await world.env.db.deleteFrom('groups').execute();
    await world.env.db.deleteFrom('group_memberships').execute();
    const { id } = await ensureEveryone(world.env);
    expect(await listGroupIdsOfUser(world.env, ada.id)).toEqual([id]);
  });

  test('cannot be changed, deleted, joined or left', async () => {
    const id = await everyoneGroupId(world.env);
    const attempts = [
      () => updateGroup(world.env, id, { name: 'Someone' }),
      () => deleteGroup(world.env, id),
      () => addUserToGroup(world.env, id, ada.id),
      () => removeUserFromGroup(world.env, id, ada.id),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ code: 'E0000006' });
    await expect(createGroup(world.env, { name: 'everyone' })).rejects.toMatchObject(taken);
  });
});

describe('membership', () => {
  test('is given and taken, twice without harm, and each change is an event', async () => {
    const { id } = await createGroup(world.env, { name: 'Analysts' });
    world.advance(1000);
    for (let i = 0; i < 2; i++) await addUserToGroup(world.env, id, ada.id);
    expect((await listGroupMembers(world.env, id, { after: null, limit: 10 })).map((user) => user.id)).toEqual([
      ada.id,
    ]);
    expect((await getGroup(world.env, id)).last_membership_updated).toBe(world.env.now());
    for (let i = 0; i < 2; i++) await removeUserFromGroup(world.env, id, ada.id);
    expect(await listGroupMembers(world.env, id, { after: null, limit: 10 })).toEqual([]);
    const events = await world.env.db
      .selectFrom('system_log')
      .select('event_type')
      .where('event_type', 'like', 'group.user_membership%')
      .orderBy('event_type')
      .execute();
    expect(events.map(({ event_type }) => event_type)).toEqual([
      'group.user_membership.add',
      'group.user_membership.remove',
    ]);
  });

  test('needs a group and a person that exist', async () => {
    const { id } = await createGroup(world.env, { name: 'Analysts' });
    await expect(addUserToGroup(world.env, id, '00uNone')).rejects.toMatchObject({ subject: '00uNone (User)' });
    await expect(addUserToGroup(world.env, '00gNone', ada.id)).rejects.toMatchObject({
      subject: '00gNone (UserGroup)',
    });
    await expect(listGroupMembers(world.env, '00gNone', { after: null, limit: 1 })).rejects.toMatchObject({
      code: 'E0000007',
    });
  });
});

describe('a list of groups', () => {
  beforeEach(async () => {
    for (const [name, description] of [
      ['Analysts', 'They ask'],
      ['analysts of old', 'They asked'],
      ['Editors', null],
    ] as const) {
      world.advance(1000);
      await createGroup(world.env, { name, description });
    }
  });

  test.each<[object, string[]]>([
    [{}, ['Everyone', 'Analysts', 'analysts of old', 'Editors']],
    [{ q: 'ANA' }, ['Analysts', 'analysts of old']],
    [{ q: 'nalysts' }, []],
    [{ filter: 'type eq "BUILT_IN"' }, ['Everyone']],
    [{ filter: 'type eq "OKTA_GROUP"', q: 'ed' }, ['Editors']],
    [{ search: 'profile.name eq "analysts"' }, ['Analysts']],
    [{ search: 'profile.description sw "they"' }, ['Analysts', 'analysts of old']],
    [{ search: 'profile.description pr' }, ['Everyone', 'Analysts', 'analysts of old']],
    [{ sortBy: 'profile.name' }, ['Analysts', 'analysts of old', 'Editors', 'Everyone']],
    [{ sortBy: 'profile.name', sortOrder: 'desc' }, ['Everyone', 'Editors', 'analysts of old', 'Analysts']],
    [{ sortBy: 'created', sortOrder: 'desc' }, ['Editors', 'analysts of old', 'Analysts', 'Everyone']],
    [{ sortBy: 'profile.description' }, ['Editors', 'Everyone', 'Analysts', 'analysts of old']],
  ])('%j', async (query, expected) => {
    const names: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listGroups>> = await listGroups(world.env, { ...query, after, limit: 2 });
      names.push(...page.map(({ name }) => name));
      after = page.length === 2 ? (page[1]?.position ?? null) : null;
    } while (after !== null);
    expect(names).toEqual(expected);
  });

  test.each<Partial<GroupListQuery>>([
    { filter: 'profile.name eq "x"' },
    { search: 'profile.secret eq "x"' },
    { sortBy: 'password' },
    { filter: 'type' },
  ])('%j is refused', async (query) => {
    await expect(listGroups(world.env, { ...query, limit: 10 })).rejects.toMatchObject({ code: 'E0000031' });
  });

  test('a person has theirs, with members and applications counted', async () => {
    const [mine] = await listGroups(world.env, { q: 'Editors', limit: 1 });
    await addUserToGroup(world.env, mine?.id ?? '', ada.id);
    const listed = await listGroups(world.env, { userId: ada.id, limit: 10 });
    expect(listed.map(({ name }) => name)).toEqual(['Everyone', 'Editors']);
    const stats = await groupStats(world.env, [mine?.id ?? '', '00gNone']);
    expect([...stats.values()]).toEqual([
      { usersCount: 1, appsCount: 0 },
      { usersCount: 0, appsCount: 0 },
    ]);
  });
});
