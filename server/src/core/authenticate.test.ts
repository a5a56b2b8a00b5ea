import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY, MINUTE } from '../base/time.ts';
import { toJson } from '../storage/schema.ts';
import { authenticate, provePassword } from './authenticate.ts';
import { ensureEveryone } from './groups.ts';
import { countFailures } from './sign-in-failures.ts';
import { completeEvent, type StoredEvent } from './system-log.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { isBlocked, suspendUser, unlockUser } from './user-lifecycle.ts';
import { createUser, getUser, type NewUser } from './users.ts';

const PASSWORD = 'Correct-Horse-1';
const LOGIN = 'ada@example.com';

let world: TestEnv;

beforeEach(async () => {
  world = await createTestEnv();
  await ensureEveryone(world.env);
});

afterEach(() => world.close());

const signUp = (further: Partial<NewUser> = {}) =>
  createUser(world.env, { profile: { login: LOGIN, email: LOGIN }, password: PASSWORD, ...further });

const signIn = (identifier: string, password: string) => authenticate(world.env, { identifier, password });

async function guess(times: number, identifier: string = LOGIN): Promise<string[]> {
  const reasons: string[] = [];
  for (let i = 0; i < times; i++) {
    const result = await signIn(identifier, `wrong ${i}`);
    reasons.push(result.ok ? 'ok' : result.reason);
  }
  return reasons;
}

async function usePolicy(password: object): Promise<void> {
  await world.env.db
    .insertInto('policies')
    .values({
      id: '00pPasswordPolicy000',
      authorization_server_id: null,
      type: 'PASSWORD',
      name: 'Default Policy',
      description: null,
      status: 'ACTIVE',
      priority: 1,
      system: 1,
      conditions: null,
      settings: toJson({ password }),
      created: 0,
      last_updated: 0,
    })
    .execute();
}

const events = async (eventType: string) =>
  (
    await world.env.db
      .selectFrom('system_log')
      .selectAll()
      .$narrowType<{ event: StoredEvent }>()
      .where('event_type', '=', eventType)
      .orderBy('sequence')
      .execute()
  ).map(completeEvent);

describe('signing in with a password', () => {
  test('the right password is accepted under every spelling of the login', async () => {
    const { id } = await signUp();
    for (const spelling of [LOGIN, 'ADA@example.com', ' ada@EXAMPLE.com ', 'ada', 'ａｄａ@example.com'])
      expect(await signIn(spelling, PASSWORD)).toMatchObject({ ok: true, user: { id } });
  });

  test('an id is not a name to sign in with', async () => {
    const { id } = await signUp();
    expect(await signIn(id, PASSWORD)).toMatchObject({ ok: false, reason: 'invalid', user: null });
  });

  test('a short name that two people share names neither', async () => {
    await signUp();
    await signUp({ profile: { login: 'ada@example.org', email: LOGIN } });
    expect(await signIn('ada', PASSWORD)).toMatchObject({ ok: false, user: null });
  });

  test('a wrong password and an unknown name get the same answer for the same work', async () => {
    await signUp();
    const before = world.verifications();
    const wrong = await signIn(LOGIN, 'wrong');
    const known = world.verifications() - before;
    const unknown = await signIn('nobody@example.com', 'wrong');
    expect(world.verifications() - before - known).toBe(known);
    expect([wrong.ok, unknown.ok]).toEqual([false, false]);
    expect(wrong).toMatchObject({ reason: 'invalid' });
    expect(unknown).toMatchObject({ reason: 'invalid' });
  });

  test.each(['STAGED', 'PROVISIONED', 'SUSPENDED', 'DEPROVISIONED', 'RECOVERY'])(
    'nobody signs in to an account that is %s',
    async (status) => {
      const { id } = await signUp();
      await world.env.db.updateTable('users').set({ status }).where('id', '=', id).execute();
      expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: false, reason: 'invalid' });
    },
  );

  test('an expired password is told apart only to whoever knows it', async () => {
    await signUp({ nextLogin: 'changePassword' });
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: false, reason: 'password_expired' });
    expect(await signIn(LOGIN, 'wrong')).toMatchObject({ ok: false, reason: 'invalid' });
  });

  test('a password older than the policy allows expires at the next sign-in', async () => {
    await usePolicy({ age: { maxAgeDays: 30 } });
    const { id } = await signUp();
    world.advance(30 * DAY - 1);
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: true });
    world.advance(1);
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: false, reason: 'password_expired' });
    expect((await getUser(world.env, id)).status).toBe('PASSWORD_EXPIRED');
  });

  test('a failure is an event that says why, without what was typed into the wrong field', async () => {
    const { id } = await signUp();
    await signIn(LOGIN, 'wrong');
    await signIn('my secret passphrase', 'x');
    const [first, second] = await events('user.session.start');
    expect(first).toMatchObject({
      outcome: { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' },
      actor: { id, alternateId: LOGIN },
    });
    expect(second).toMatchObject({ actor: { id: 'unknown', alternateId: 'unknown' } });
    expect(JSON.stringify([first, second])).not.toContain('secret passphrase');
  });
});

describe('locking out', () => {
  test('after ten failures the right password is refused, and the account says so to administrators', async () => {
    const { id } = await signUp();
    expect(await guess(10)).toEqual(Array(10).fill('invalid'));
    expect((await getUser(world.env, id)).status).toBe('LOCKED_OUT');
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: false, reason: 'locked' });
    expect(await events('user.account.lock')).toHaveLength(1);
  });

  test('a name without an account locks at the same failure, with the same work', async () => {
    await signUp();
    const before = world.verifications();
    const known = await guess(12);
    const work = world.verifications() - before;
    const unknown = await guess(12, 'nobody@example.com');
    expect(unknown).toEqual(known);
    expect(world.verifications() - before - work).toBe(work);
  });

  test('spellings of one login share one count', async () => {
    const { id } = await signUp();
    for (const spelling of ['ada', 'ADA', LOGIN, 'Ada@Example.com', ' ada@example.com', 'ａda@example.com', 'aDA'])
      await guess(1, spelling);
    expect(await countFailures(world.env, LOGIN)).toBe(7);
    await guess(3, 'ada');
    expect((await getUser(world.env, id)).status).toBe('LOCKED_OUT');
  });

  test('a success takes the failures away', async () => {
    await signUp();
    for (let round = 0; round < 3; round++) {
      await guess(9);
      expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: true });
    }
  });

  test('guesses at the same time cannot exceed the limit together', async () => {
    const { id } = await signUp();
    const guesses = Array.from({ length: 40 }, (_, i) => signIn(LOGIN, i === 25 ? PASSWORD : `wrong ${i}`));
    const results = await Promise.all(guesses);
    expect(results.filter(({ ok }) => ok)).toEqual([]);
    expect((await getUser(world.env, id)).status).toBe('LOCKED_OUT');
  });

  test('one person may sign in from many places at once', async () => {
    await signUp();
    const results = await Promise.all(Array.from({ length: 30 }, () => signIn(LOGIN, PASSWORD)));
    expect(results.every(({ ok }) => ok)).toBe(true);
  });

  test('an administrator unlocks', async () => {
    const { id } = await signUp();
    await guess(15);
    await unlockUser(world.env, id);
    expect((await getUser(world.env, id)).status).toBe('ACTIVE');
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: true });
  });

  test('an administrator also unlocks an account whose status guessing cannot change', async () => {
    const { id } = await signUp({ nextLogin: 'changePassword' });
    await guess(10);
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: false, reason: 'locked' });
    expect((await getUser(world.env, id)).status).toBe('PASSWORD_EXPIRED');
    expect(await isBlocked(world.env, await getUser(world.env, id))).toBe(true);
    await unlockUser(world.env, id);
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: false, reason: 'password_expired' });
  });

  test('guessing leaves a suspension in place', async () => {
    const { id } = await signUp();
    await suspendUser(world.env, id);
    await guess(12);
    expect((await getUser(world.env, id)).status).toBe('SUSPENDED');
  });

  test('a lock ends by itself only when the policy says so', async () => {
    const { id } = await signUp();
    await guess(10);
    world.advance(365 * DAY);
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: false, reason: 'locked' });
    await unlockUser(world.env, id);

    await usePolicy({ lockout: { maxAttempts: 3, autoUnlockMinutes: 5 } });
    expect(await guess(3)).toEqual(['invalid', 'invalid', 'invalid']);
    world.advance(5 * MINUTE - 1);
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: false, reason: 'locked' });
    const isShut = async () => isBlocked(world.env, await getUser(world.env, id));
    expect(await isShut()).toBe(true);
    // The attempt above does not prolong the lock.
    world.advance(1);
    expect(await isShut()).toBe(false);
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: true, user: { status: 'ACTIVE' } });
    expect((await getUser(world.env, id)).status).toBe('ACTIVE');
  });

  test('after a lock has ended, the count begins anew', async () => {
    await usePolicy({ lockout: { maxAttempts: 3, autoUnlockMinutes: 5 } });
    const { id } = await signUp();
    await guess(4);
    world.advance(5 * MINUTE);
    expect(await guess(2)).toEqual(['invalid', 'invalid']);
    expect((await getUser(world.env, id)).status).toBe('ACTIVE');
    expect(await guess(2)).toEqual(['invalid', 'locked']);
  });

  test('a policy without a limit never locks', async () => {
    await usePolicy({ lockout: { maxAttempts: 0 } });
    await signUp();
    await guess(30);
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: true });
  });

  test('long names are counted, not stored', async () => {
    await guess(2, `${'x'.repeat(5000)}@example.com`);
    const rows = await world.env.db.selectFrom('sign_in_failures').selectAll().execute();
    expect(rows).toMatchObject([{ failures: 2 }]);
    expect(rows[0]?.login_key.length).toBeLessThan(100);
  });

  test('proving a password counts like signing in', async () => {
    const user = await signUp();
    for (let i = 0; i < 10; i++) expect(await provePassword(world.env, user, 'wrong')).toBe(false);
    expect(await provePassword(world.env, user, PASSWORD)).toBe(false);
    expect(await signIn(LOGIN, PASSWORD)).toMatchObject({ ok: false, reason: 'locked' });
  });
});
