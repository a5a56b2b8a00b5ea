// Owns session tokens: what the authentication API gives to a page that signed a person in, worth one session within five minutes.
// Not here: the session itself (sessions.ts) and the cookie.
import { MINUTE } from '../base/time.ts';
import { userActor } from './actors.ts';
import { type Env, transact } from './env.ts';
import { issueOneTimeToken, redeemOneTimeToken } from './one-time-tokens.ts';
import type { IdentityProof } from './sessions.ts';
import { record } from './system-log.ts';
import type { User } from './users.ts';

const LIFETIME = 5 * MINUTE;

/** The token, told here once. Its making is an event: the person has signed in, though no browser holds a session yet. */
export async function issueSessionToken(
  env: Env,
  user: User,
  proof: IdentityProof,
): Promise<{ token: string; expiresAt: number }> {
  const expiresAt = env.now() + LIFETIME;
  const token = await transact(env, async (env) => {
    const actor = userActor(user);
    await record(env, {
      eventType: 'user.authentication.auth',
      displayMessage: 'User proved their identity by the authentication API',
      actor,
      target: [actor],
    });
    return issueOneTimeToken(env, { purpose: 'session-token', userId: user.id, lifetime: LIFETIME, data: proof });
  });
  return { token, expiresAt };
}

/** Uses the token up. null: unknown, used, expired, or its person may no longer sign in. */
export async function redeemSessionToken(
  env: Env,
  token: string,
): Promise<({ userId: string } & IdentityProof) | null> {
  const redeemed = await redeemOneTimeToken(env, 'session-token', token);
  if (!redeemed || redeemed.user_id === null) return null;
  const user = await env.db.selectFrom('users').select('status').where('id', '=', redeemed.user_id).executeTakeFirst();
  if (user?.status !== 'ACTIVE') return null;
  // Written by issueSessionToken alone.
  return { ...(redeemed.data as IdentityProof), userId: redeemed.user_id };
}
