// Owns proving who somebody is by a password. Known and unknown names, right and wrong passwords, locked and open accounts all
// cost the same work, and no answer tells more than the policy wants told. Not here: sessions and what else a sign-in needs.
import { textKey } from '../base/text-key.ts';
import { userActor } from './actors.ts';
import { type Env, transact } from './env.ts';
import { endLockOut, shutAccount } from './lock-out.ts';
import { vouchedByHook } from './password-hook.ts';
import { type PasswordPolicy, passwordPolicy } from './password-policy.ts';
import { sessionTerms } from './policies/session-policy.ts';
import {
  clearAttempts,
  countAttempt,
  countFailures,
  expireLock,
  failureKey,
  lockAttempts,
} from './sign-in-failures.ts';
import { record } from './system-log.ts';
import { upgradeImported } from './upgrade-password.ts';
import { statusesThatSignIn } from './user-status.ts';
import { findUserByLogin, recordUserEvent, type User, userTarget } from './users.ts';

export type AuthenticationResult =
  | { ok: true; user: User }
  /** `locked` is for the log alone: whoever tried must see no difference from `invalid`. */
  | { ok: false; reason: 'invalid' | 'locked' | 'password_expired'; user: User | null };

/** Judges an attempt to sign in, and counts and records it. The caller answers every refusal but `password_expired` alike. */
export async function authenticate(
  env: Env,
  { identifier, password }: { identifier: string; password: string },
): Promise<AuthenticationResult> {
  const found = await findUserByLogin(env, identifier);
  const key = failureKey(found?.login_key ?? textKey(identifier));
  const { outcome, user } = await attempt(env, key, found?.id ?? null, password, statusesThatSignIn);
  if (outcome === 'right' && user)
    return (await isKeptOut(env, user)) ? { ok: false, reason: 'invalid', user } : signedIn(env, user);
  const reason = outcome === 'locked' ? 'locked' : 'invalid';
  await recordFailure(env, user, identifier, reason === 'locked' ? 'LOCKED_OUT' : 'INVALID_CREDENTIALS');
  return { ok: false, reason, user };
}

/** Whether this is the person's password, counted like an attempt to sign in: for changing it, or another secret. */
export async function provePassword(env: Env, user: User, password: string): Promise<boolean> {
  const { outcome } = await attempt(env, failureKey(user.login_key), user.id, password, statusesWithPassword);
  return outcome === 'right';
}

const statusesWithPassword: readonly string[] = ['ACTIVE', 'PASSWORD_EXPIRED', 'RECOVERY', 'STAGED'];

async function signedIn(env: Env, user: User): Promise<AuthenticationResult> {
  // The attempt may have ended a lock.
  const status = user.status === 'LOCKED_OUT' ? 'ACTIVE' : user.status;
  const { maxAge } = await passwordPolicy(env, { userId: user.id });
  const isOld = maxAge > 0 && env.now() - (user.password_changed ?? user.created) >= maxAge;
  if (status === 'ACTIVE' && !isOld) return { ok: true, user: { ...user, status } };
  if (isOld) await expireOldPassword(env, user);
  return { ok: false, reason: 'password_expired', user: { ...user, status: 'PASSWORD_EXPIRED' } };
}

/**
 * Whether a sign-on policy keeps this person out, which the log tells and the answer does not. `identityProviderId`: who else
 * vouched for them.
 */
export async function isKeptOut(env: Env, user: User, identityProviderId?: string): Promise<boolean> {
  const { access, rule } = await sessionTerms(env, user.id, identityProviderId);
  if (access === 'ALLOW') return false;
  await record(env, {
    eventType: 'policy.evaluate_sign_on',
    displayMessage: 'Evaluation of sign-on policy',
    outcome: { result: 'DENY', reason: 'Sign-on policy evaluation resulted in DENY' },
    actor: userActor(user),
    target: [userTarget(user)],
    debugData: { ...rule },
  });
  return true;
}

async function expireOldPassword(env: Env, user: User): Promise<void> {
  await transact(env, async (env) => {
    const expired = await env.db
      .updateTable('users')
      .set({ status: 'PASSWORD_EXPIRED', status_changed: env.now(), last_updated: env.now() })
      .where('id', '=', user.id)
      .where('status', '=', 'ACTIVE')
      .returning('id')
      .executeTakeFirst();
    if (expired) await recordUserEvent(env, user, 'user.account.expire_password', 'Expire user password');
  });
}

/** One attempt, one after another for each key: with the count taken first, no number of guesses at once exceeds the limit. */
function attempt(
  env: Env,
  key: string,
  userId: string | null,
  password: string,
  statuses: readonly string[],
): Promise<{ outcome: 'right' | 'wrong' | 'locked'; user: User | null }> {
  return inTurn(env, key, async () => {
    const policy = await passwordPolicy(env, { userId: userId ?? '' });
    const { number, user, isOpen } = await begin(env, key, userId, statuses);
    const isKnown = await env.passwords.verify(password, user?.password_hash ?? null);
    const isShut = policy.maxAttempts > 0 && number > policy.maxAttempts;
    const isRight = isKnown || (isOpen && !isShut && user !== null && (await vouchedByHook(env, user, password)));
    if (isRight && isOpen && !isShut) {
      await clearAttempts(env, key);
      if (user) await upgradeImported(env, user, password);
      return { outcome: 'right', user };
    }
    if (policy.maxAttempts > 0 && number >= policy.maxAttempts) await lock(env, key, user, policy, number);
    return { outcome: isShut || (user?.status === 'LOCKED_OUT' && !isOpen) ? 'locked' : 'wrong', user };
  });
}

type Attempt = { number: number; user: User | null; isOpen: boolean };

async function begin(env: Env, key: string, userId: string | null, statuses: readonly string[]): Promise<Attempt> {
  return transact(env, async (env) => {
    const expired = await expireLock(env, key);
    // Read again: an earlier attempt of the queue, or an administrator, may have changed the account.
    const user = await env.db
      .selectFrom('users')
      .selectAll()
      .where('id', '=', userId ?? '')
      .executeTakeFirst();
    const isLocked = user?.status === 'LOCKED_OUT';
    if (expired && isLocked) await endLockOut(env, user);
    const isOpen = user !== undefined && (statuses.includes(user.status) || (isLocked && expired));
    return { number: await countAttempt(env, key), user: user ?? null, isOpen };
  });
}

async function lock(env: Env, key: string, user: User | null, policy: PasswordPolicy, number: number): Promise<void> {
  await transact(env, async (env) => {
    // A success elsewhere may have taken the count away meanwhile.
    if ((await countFailures(env, key)) < policy.maxAttempts) return;
    // Further attempts neither prolong a lock nor report it again.
    if (number === policy.maxAttempts) await lockAttempts(env, key, policy);
    await shutAccount(env, user);
  });
}

async function recordFailure(env: Env, user: User | null, identifier: string, reason: string): Promise<void> {
  await record(env, {
    eventType: 'user.session.start',
    displayMessage: 'User login to Okta',
    outcome: { result: 'FAILURE', reason },
    actor: user
      ? userActor(user)
      : { id: 'unknown', type: 'User', alternateId: nameTyped(identifier), displayName: 'unknown' },
    target: user ? [userTarget(user)] : [],
  });
}

/** What was typed, if it looks like a login: people also type passwords into the wrong field. */
function nameTyped(identifier: string): string {
  return /^[^\s@]{1,64}@[^\s@]{1,100}$/.test(identifier) ? identifier : 'unknown';
}

/** Runs the work after all earlier work for this key in this process has ended. */
function inTurn<T>(env: Env, key: string, work: () => Promise<T>): Promise<T> {
  const ends = env.memory.of('sign-in-turns', () => new Map<string, Promise<void>>());
  const mine = (ends.get(key) ?? Promise.resolve()).then(work);
  const end = mine.then(
    () => {},
    () => {},
  );
  ends.set(key, end);
  void end.then(() => {
    if (ends.get(key) === end) ends.delete(key);
  });
  return mine;
}
