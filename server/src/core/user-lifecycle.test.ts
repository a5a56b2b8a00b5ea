import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY, HOUR } from '../base/time.ts';
import { authenticate } from './authenticate.ts';
import { ensureEveryone } from './groups.ts';
import { findOneTimeToken } from './one-time-tokens.ts';
import { findSession, startSession } from './sessions.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import {
  changePassword,
  changeRecoveryQuestion,
  expirePassword,
  forgotPassword,
  recoverPassword,
  resetPassword,
  setPasswordByLink,
  updateUser,
} from './user-credentials.ts';
import {
  activateUser,
  deactivateUser,
  deleteUser,
  reactivateUser,
  resetFactors,
  suspendUser,
  unlockUser,
  unsuspendUser,
} from './user-lifecycle.ts';
import { createUser, findUser, getUser, type User } from './users.ts';

const PASSWORD = 'Correct-Horse-1';
const OTHER = 'Battery-Staple-2';
const LOGIN = 'ada@example.com';

let world: TestEnv;
let user: User;

beforeEach(async () => {
  world = await createTestEnv();
  await ensureEveryone(world.env);
  user = await createUser(world.env, {
    profile: { login: LOGIN, email: LOGIN },
    password: PASSWORD,
    recoveryQuestion: { question: 'Whose horse?', answer: 'Bucephalus' },
  });
});

afterEach(() => world.close());

async function inStatus(status: string): Promise<User> {
  await world.env.db.updateTable('users').set({ status }).where('id', '=', user.id).execute();
  return getUser(world.env, user.id);
}

const now = async () => (await getUser(world.env, user.id)).status;
const signsIn = async (password: string) => (await authenticate(world.env, { identifier: LOGIN, password })).ok;

const STATUSES = [
  'STAGED',
  'PROVISIONED',
  'ACTIVE',
  'RECOVERY',
  'PASSWORD_EXPIRED',
  'LOCKED_OUT',
  'SUSPENDED',
  'DEPROVISIONED',
];

type Case = {
  run(user: User): Promise<unknown>;
  /** The status that each status leads to; any other status is refused. */
  leads: Record<string, string>;
  refusal: string;
};

const change = { oldPassword: PASSWORD, newPassword: OTHER, revokeSessions: false, strict: false };
const question = { question: 'Which engine?', answer: 'Analytical' };

const operations: Record<string, Case> = {
  activate: {
    run: ({ id }) => activateUser(world.env, id),
    leads: { STAGED: 'ACTIVE', DEPROVISIONED: 'ACTIVE' },
    refusal: 'E0000016',
  },
  reactivate: {
    run: ({ id }) => reactivateUser(world.env, id),
    leads: { PROVISIONED: 'PROVISIONED', RECOVERY: 'PROVISIONED' },
    refusal: 'E0000038',
  },
  deactivate: {
    run: ({ id }) => deactivateUser(world.env, id),
    leads: Object.fromEntries(STATUSES.slice(0, 7).map((status) => [status, 'DEPROVISIONED'])),
    refusal: 'E0000038',
  },
  suspend: { run: ({ id }) => suspendUser(world.env, id), leads: { ACTIVE: 'SUSPENDED' }, refusal: 'E0000001' },
  unsuspend: { run: ({ id }) => unsuspendUser(world.env, id), leads: { SUSPENDED: 'ACTIVE' }, refusal: 'E0000001' },
  unlock: { run: ({ id }) => unlockUser(world.env, id), leads: { LOCKED_OUT: 'ACTIVE' }, refusal: 'E0000032' },
  'reset factors': {
    run: ({ id }) => resetFactors(world.env, id),
    leads: Object.fromEntries(STATUSES.slice(0, 7).map((status) => [status, status])),
    refusal: 'E0000038',
  },
  'reset password': {
    run: ({ id }) => resetPassword(world.env, id, { revokeSessions: false }),
    leads: Object.fromEntries(STATUSES.slice(1, 6).map((status) => [status, 'RECOVERY'])),
    refusal: 'E0000038',
  },
  'expire password': {
    run: ({ id }) => expirePassword(world.env, id, { temporary: false }),
    leads: Object.fromEntries(STATUSES.slice(2, 6).map((status) => [status, 'PASSWORD_EXPIRED'])),
    refusal: 'E0000038',
  },
  'change password': {
    run: (user) => changePassword(world.env, user, change),
    leads: { STAGED: 'STAGED', ACTIVE: 'ACTIVE', RECOVERY: 'ACTIVE', PASSWORD_EXPIRED: 'ACTIVE' },
    refusal: 'E0000035',
  },
  'change recovery question': {
    run: (user) => changeRecoveryQuestion(world.env, user, { password: PASSWORD, recoveryQuestion: question }),
    leads: { STAGED: 'STAGED', ACTIVE: 'ACTIVE', RECOVERY: 'RECOVERY', PASSWORD_EXPIRED: 'PASSWORD_EXPIRED' },
    refusal: 'E0000036',
  },
  'forgot password': {
    run: ({ id }) => forgotPassword(world.env, id),
    leads: { ACTIVE: 'ACTIVE' },
    refusal: 'E0000034',
  },
  'recover password': {
    run: (user) => recoverPassword(world.env, user, { answer: 'bucephalus', password: OTHER }),
    leads: { ACTIVE: 'ACTIVE' },
    refusal: 'E0000034',
  },
  'set password': {
    run: (user) => updateUser(world.env, user, { password: OTHER }),
    leads: {
      STAGED: 'STAGED',
      PROVISIONED: 'ACTIVE',
      ACTIVE: 'ACTIVE',
      RECOVERY: 'ACTIVE',
      PASSWORD_EXPIRED: 'ACTIVE',
      LOCKED_OUT: 'ACTIVE',
      SUSPENDED: 'SUSPENDED',
    },
    refusal: 'E0000038',
  },
};

describe.each(Object.entries(operations))('%s', (_, { run, leads, refusal }) => {
  test.each(STATUSES)('in status %s', async (status) => {
    const before = await inStatus(status);
    if (leads[status] === undefined) {
      await expect(run(before)).rejects.toMatchObject({ code: refusal });
      expect(await getUser(world.env, user.id)).toEqual(before);
    } else {
      await run(before);
      expect(await now()).toBe(leads[status]);
    }
  });
});

describe('activation', () => {
  test('of an account without a password makes a link that works once, for a week, and sets the password', async () => {
    const staged = await createUser(world.env, {
      profile: { login: 'new@example.com', email: LOGIN },
      activate: false,
    });
    const { token } = await activateUser(world.env, staged.id);
    expect(await findUser(world.env, staged.id)).toMatchObject({ status: 'PROVISIONED' });
    const set = (password: string) =>
      setPasswordByLink(world.env, { purpose: 'activation', token: token ?? '', password });
    expect(await set('weak')).toMatchObject({ ok: false, reason: 'password' });
    const results = await Promise.all(Array.from({ length: 5 }, () => set(PASSWORD)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(await findUser(world.env, staged.id)).toMatchObject({ status: 'ACTIVE' });
  });

  test('a newer link makes the older one worthless, and time does too', async () => {
    const staged = await createUser(world.env, { profile: { login: 'new@example.com', email: LOGIN } });
    const first = await reactivateUser(world.env, staged.id);
    const second = await reactivateUser(world.env, staged.id);
    expect(await findOneTimeToken(world.env, 'activation', first.token)).toBeNull();
    expect(await findOneTimeToken(world.env, 'activation', second.token)).not.toBeNull();
    expect(await findOneTimeToken(world.env, 'recovery', second.token)).toBeNull();
    world.advance(7 * DAY);
    expect(await findOneTimeToken(world.env, 'activation', second.token)).toBeNull();
  });

  test('asked for twice at once happens once', async () => {
    await inStatus('STAGED');
    const results = await Promise.allSettled([activateUser(world.env, user.id), activateUser(world.env, user.id)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('deactivation', () => {
  test('ends sessions, links and assignments, and forgets the secrets', async () => {
    const { token } = await startSession(world.env, { userId: user.id, amr: ['pwd'], authenticatedAt: 0 });
    const link = await forgotPassword(world.env, user.id);
    await deactivateUser(world.env, user.id);
    expect(await findSession(world.env, token)).toBeNull();
    expect(await findOneTimeToken(world.env, 'recovery', link)).toBeNull();
    expect(await getUser(world.env, user.id)).toMatchObject({ password_hash: null, recovery_answer_hash: null });
  });

  test('activation afterwards asks for a new password', async () => {
    await deactivateUser(world.env, user.id);
    const { token } = await activateUser(world.env, user.id);
    expect(token).not.toBeNull();
    expect(await now()).toBe('PROVISIONED');
    expect(await signsIn(PASSWORD)).toBe(false);
  });
});

describe('deletion', () => {
  test('takes two calls: the first deactivates, the second leaves nothing', async () => {
    await deleteUser(world.env, user.id);
    expect(await now()).toBe('DEPROVISIONED');
    await deleteUser(world.env, user.id);
    expect(await findUser(world.env, user.id)).toBeNull();
    for (const table of ['group_memberships', 'one_time_tokens', 'application_users'] as const)
      expect(await world.env.db.selectFrom(table).select('user_id').execute()).toEqual([]);
    await expect(deleteUser(world.env, user.id)).rejects.toMatchObject({ code: 'E0000007' });
  });
});

describe('suspension', () => {
  test('ends sessions; its end brings none back', async () => {
    const { token } = await startSession(world.env, { userId: user.id, amr: ['pwd'], authenticatedAt: 0 });
    await suspendUser(world.env, user.id);
    await unsuspendUser(world.env, user.id);
    expect(await findSession(world.env, token)).toBeNull();
    expect(await signsIn(PASSWORD)).toBe(true);
  });
});

describe('changing a password', () => {
  test('needs the old one', async () => {
    await expect(changePassword(world.env, user, { ...change, oldPassword: 'wrong' })).rejects.toMatchObject({
      code: 'E0000014',
      causes: ['Old Password is not correct'],
    });
    expect(await signsIn(OTHER)).toBe(false);
    await changePassword(world.env, user, change);
    expect(await signsIn(OTHER)).toBe(true);
    expect(await signsIn(PASSWORD)).toBe(false);
  });

  test('must meet the policy and be a change', async () => {
    const attempt = (newPassword: string) => changePassword(world.env, user, { ...change, newPassword });
    await expect(attempt('weak')).rejects.toMatchObject({
      code: 'E0000080',
      causes: [expect.stringContaining('at least 8 characters')],
    });
    await expect(attempt(PASSWORD)).rejects.toMatchObject({ code: 'E0000014' });
  });

  test('ends sessions when asked to', async () => {
    const { token } = await startSession(world.env, { userId: user.id, amr: ['pwd'], authenticatedAt: 0 });
    const changed = await changePassword(world.env, user, change);
    expect(await findSession(world.env, token)).not.toBeNull();
    await changePassword(world.env, changed, {
      ...change,
      oldPassword: OTHER,
      newPassword: PASSWORD,
      revokeSessions: true,
    });
    expect(await findSession(world.env, token)).toBeNull();
  });
});

describe('recovery', () => {
  test('by an administrator: the old password ends, the link sets a new one and ends sessions', async () => {
    const { token: session } = await startSession(world.env, { userId: user.id, amr: ['pwd'], authenticatedAt: 0 });
    const { token } = await resetPassword(world.env, user.id, { revokeSessions: false });
    expect(await now()).toBe('RECOVERY');
    expect(await signsIn(PASSWORD)).toBe(false);
    expect(await findSession(world.env, session)).not.toBeNull();
    const outcome = await setPasswordByLink(world.env, { purpose: 'recovery', token, password: OTHER });
    expect(outcome).toMatchObject({ ok: true, user: { status: 'ACTIVE' } });
    expect(await findSession(world.env, session)).toBeNull();
    expect(await signsIn(OTHER)).toBe(true);
  });

  test('by the person changes nothing until the link is used, which it can be for an hour', async () => {
    const token = await forgotPassword(world.env, user.id);
    expect(await signsIn(PASSWORD)).toBe(true);
    world.advance(HOUR);
    expect(await setPasswordByLink(world.env, { purpose: 'recovery', token, password: OTHER })).toEqual({
      ok: false,
      reason: 'link',
    });
  });

  test('a link made before a suspension does not end it', async () => {
    const token = await forgotPassword(world.env, user.id);
    await inStatus('SUSPENDED');
    expect(await setPasswordByLink(world.env, { purpose: 'recovery', token, password: OTHER })).toMatchObject({
      reason: 'link',
    });
  });

  test('opens a locked account', async () => {
    for (let i = 0; i < 10; i++) await signsIn('wrong');
    const { token } = await resetPassword(world.env, user.id, { revokeSessions: false });
    await setPasswordByLink(world.env, { purpose: 'recovery', token, password: OTHER });
    expect(await signsIn(OTHER)).toBe(true);
  });

  test('by the recovery question takes the right answer in any case', async () => {
    const attempt = (answer: string) => recoverPassword(world.env, user, { answer, password: OTHER });
    await expect(attempt('Incitatus')).rejects.toMatchObject({ code: 'E0000087' });
    await attempt(' BUCEPHALUS ');
    expect(await signsIn(OTHER)).toBe(true);
  });

  test('no answer fits an account without a question', async () => {
    const plain = await createUser(world.env, {
      profile: { login: 'new@example.com', email: LOGIN },
      password: PASSWORD,
    });
    await expect(recoverPassword(world.env, plain, { answer: '', password: OTHER })).rejects.toMatchObject({
      code: 'E0000087',
    });
  });
});

describe('expiry', () => {
  test('a temporary password meets the policy, replaces the old one and must be changed', async () => {
    const { password } = await expirePassword(world.env, user.id, { temporary: true });
    expect(await authenticate(world.env, { identifier: LOGIN, password: PASSWORD })).toMatchObject({
      reason: 'invalid',
    });
    expect(await authenticate(world.env, { identifier: LOGIN, password: password ?? '' })).toMatchObject({
      reason: 'password_expired',
    });
    await changePassword(world.env, await getUser(world.env, user.id), { ...change, oldPassword: password ?? '' });
    expect(await signsIn(OTHER)).toBe(true);
  });
});

test('no secret and no link reaches the System Log', async () => {
  const { token } = await resetPassword(world.env, user.id, { revokeSessions: true });
  await setPasswordByLink(world.env, { purpose: 'recovery', token, password: OTHER });
  const log = JSON.stringify(await world.env.db.selectFrom('system_log').select('event').execute());
  for (const secret of [token, OTHER, PASSWORD]) expect(log).not.toContain(secret);
});
