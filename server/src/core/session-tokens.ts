// Owns session tokens: what the authentication API gives to a page that signed a person in, worth one session within five minutes.
// Not here: the session itself (sessions.ts) and the cookie.
import { MINUTE } from '../base/time.ts';
import type { Env } from './env.ts';
import { issueOneTimeToken, redeemOneTimeToken } from './one-time-tokens.ts';
import type { IdentityProof } from './sessions.ts';

const LIFETIME = 5 * MINUTE;

export async function issueSessionToken(
  env: Env,
  userId: string,
  { amr, authenticatedAt }: IdentityProof,
): Promise<{ token: string; expiresAt: number }> {
  const expiresAt = env.now() + LIFETIME;
  const data = { amr, authenticatedAt };
  const token = await issueOneTimeToken(env, { purpose: 'session-token', userId, lifetime: LIFETIME, data });
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
  const { amr, authenticatedAt } = redeemed.data as IdentityProof;
  return { userId: redeemed.user_id, amr, authenticatedAt };
}
