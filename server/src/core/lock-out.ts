// Owns shutting an account after too many failed proofs, and opening it when its time has passed. Not here: the counts
// (sign-in-failures.ts), what counts as a failure (authenticate.ts, verify-factor.ts), and an administrator's unlock.
import { userActor } from './actors.ts';
import type { Env } from './env.ts';
import { record } from './system-log.ts';
import { recordUserEvent, type User, userTarget } from './users.ts';

/** Within a transaction. An account that is not open stays as it is; for a name without an account the same statement runs. */
export async function shutAccount(env: Env, user: User | null): Promise<void> {
  const shut = await setStatusFrom(env, user, 'ACTIVE', 'LOCKED_OUT');
  if (shut && user)
    await record(env, {
      eventType: 'user.account.lock',
      displayMessage: 'Max sign in attempts exceeded',
      severity: 'WARN',
      actor: userActor(user),
      target: [userTarget(user)],
    });
}

export async function endLockOut(env: Env, user: User): Promise<void> {
  await setStatusFrom(env, user, 'LOCKED_OUT', 'ACTIVE');
  await recordUserEvent(env, user, 'user.account.unlock', 'Unlock user account after its lock time');
}

async function setStatusFrom(env: Env, user: User | null, from: string, to: string): Promise<boolean> {
  const changed = await env.db
    .updateTable('users')
    .set({ status: to, status_changed: env.now(), last_updated: env.now() })
    .where('id', '=', user?.id ?? '')
    .where('status', '=', from)
    .returning('id')
    .executeTakeFirst();
  return changed !== undefined;
}
