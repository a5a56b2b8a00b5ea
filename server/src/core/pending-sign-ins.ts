// Owns sign-ins that wait for a step: who has proven their identity, how and when, and where they were going, kept for a few
// minutes while the person does what is asked before a session may begin. Known by a token, of which the database keeps the hash.
// Not here: which step comes next (next-step.ts), and what proves that the same browser comes back (http/csrf.ts).
import { MINUTE } from '../base/time.ts';
import type { Env } from './env.ts';
import { findOneTimeToken, issueOneTimeToken, type OneTimePurpose, redeemOneTimeToken } from './one-time-tokens.ts';
import type { IdentityProof } from './sessions.ts';

/** Where the person signs in: on this server's pages, or on an application's own page by the authentication API. */
export type SignInChannel = 'pages' | 'authn';

export type PendingSignIn = {
  userId: string;
  proof: IdentityProof;
  /** What the surface wants to find again, such as where to go afterwards. */
  kept: Record<string, string>;
  expiresAt: number;
};

const PURPOSES = { pages: 'pending-sign-in', authn: 'authn-state' } as const satisfies Record<
  SignInChannel,
  OneTimePurpose
>;
const LIFETIMES: Record<SignInChannel, number> = { pages: 15 * MINUTE, authn: 5 * MINUTE };

export async function keepPendingSignIn(
  env: Env,
  channel: SignInChannel,
  { userId, proof, kept }: Omit<PendingSignIn, 'expiresAt'>,
): Promise<{ token: string; expiresAt: number }> {
  const lifetime = LIFETIMES[channel];
  const data = { proof, kept };
  const token = await issueOneTimeToken(env, { purpose: PURPOSES[channel], userId, lifetime, data });
  return { token, expiresAt: env.now() + lifetime };
}

/** null: unknown, finished, or too old. */
export async function findPendingSignIn(
  env: Env,
  channel: SignInChannel,
  token: string,
): Promise<PendingSignIn | null> {
  return pendingOf(await findOneTimeToken(env, PURPOSES[channel], token));
}

/** Ends the waiting; of any number of calls at once, one gets the sign-in. */
export async function takePendingSignIn(
  env: Env,
  channel: SignInChannel,
  token: string,
): Promise<PendingSignIn | null> {
  return pendingOf(await redeemOneTimeToken(env, PURPOSES[channel], token));
}

function pendingOf(row: Awaited<ReturnType<typeof findOneTimeToken>>): PendingSignIn | null {
  if (!row || row.user_id === null) return null;
  // Written by keepPendingSignIn alone.
  const { proof, kept } = row.data as Pick<PendingSignIn, 'proof' | 'kept'>;
  return { userId: row.user_id, proof, kept, expiresAt: row.expires_at };
}
