// Owns the count of failed sign-ins by login key, kept alike for accounts that exist and for names that do not, and when a count
// means that the door stays shut. Not here: comparing passwords (authenticate.ts).
import { hashToken } from '../base/opaque-token.ts';
import type { Env } from './env.ts';
import type { PasswordPolicy } from './password-policy.ts';

/** No login is longer; a longer name is counted under its hash, so that nobody can fill the table with long texts. */
const LONGEST_LOGIN = 100;

/** The key under which attempts on this login are counted. */
export function failureKey(loginKey: string): string {
  return loginKey.length > LONGEST_LOGIN ? hashToken(loginKey) : loginKey;
}

/** The key under which guesses at a person's factors are counted: no login has an upper-case letter, so none meets it. */
export function factorFailureKey(userId: string): string {
  return `FACTORS ${userId}`;
}

/** Ends a lock whose time has passed, and forgets its failures; true when there was one. */
export async function expireLock(env: Env, key: string): Promise<boolean> {
  const expired = await env.db
    .deleteFrom('sign_in_failures')
    .where('login_key', '=', key)
    .where('locked_until', '<=', env.now())
    .returning('login_key')
    .executeTakeFirst();
  return expired !== undefined;
}

/**
 * Counts one attempt before its outcome is known, and tells its number since the last success. Counting first is what keeps
 * guesses that run at the same time from exceeding the limit together; a success takes the count away again.
 */
export async function countAttempt(env: Env, key: string): Promise<number> {
  const { failures } = await env.db
    .insertInto('sign_in_failures')
    .values({ login_key: key, failures: 1, last_failure: env.now(), locked_until: null })
    .onConflict((conflict) =>
      conflict.column('login_key').doUpdateSet((eb) => ({
        failures: eb('sign_in_failures.failures', '+', 1),
        last_failure: env.now(),
      })),
    )
    .returning('failures')
    .executeTakeFirstOrThrow();
  return failures;
}

/** Notes that the count has reached the limit; a lock that ends by itself begins now. */
export async function lockAttempts(env: Env, key: string, policy: PasswordPolicy): Promise<void> {
  await env.db
    .updateTable('sign_in_failures')
    .set({ locked_until: policy.lockFor > 0 ? env.now() + policy.lockFor : null })
    .where('login_key', '=', key)
    .execute();
}

/** Shuts the attempts under a key at once, as if the limit had been reached there. */
export async function shutAttempts(env: Env, key: string, policy: PasswordPolicy): Promise<void> {
  const values = {
    failures: policy.maxAttempts,
    last_failure: env.now(),
    locked_until: policy.lockFor > 0 ? env.now() + policy.lockFor : null,
  };
  await env.db
    .insertInto('sign_in_failures')
    .values({ login_key: key, ...values })
    .onConflict((conflict) => conflict.column('login_key').doUpdateSet(values))
    .execute();
}

/** Forgets the failures: after a success, an administrator's unlock, a new password. True when there were any. */
export async function clearAttempts(env: Env, key: string): Promise<boolean> {
  const cleared = await env.db
    .deleteFrom('sign_in_failures')
    .where('login_key', '=', key)
    .returning('login_key')
    .executeTakeFirst();
  return cleared !== undefined;
}

/** How many attempts failed since the last success. */
export async function countFailures(env: Env, key: string): Promise<number> {
  const row = await env.db
    .selectFrom('sign_in_failures')
    .select('failures')
    .where('login_key', '=', key)
    .executeTakeFirst();
  return row?.failures ?? 0;
}

/** Whether the door is shut now; `isLockedOut`: whether the account says so, where the count alone does not. */
export async function isShut(env: Env, key: string, policy: PasswordPolicy, isLockedOut: boolean): Promise<boolean> {
  const row = await env.db
    .selectFrom('sign_in_failures')
    .select(['failures', 'locked_until'])
    .where('login_key', '=', key)
    .executeTakeFirst();
  // A lock whose time has passed opens with the next attempt.
  if (row && row.locked_until !== null && row.locked_until <= env.now()) return false;
  return isLockedOut || (policy.maxAttempts > 0 && (row?.failures ?? 0) >= policy.maxAttempts);
}
