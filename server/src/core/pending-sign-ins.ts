// Owns sign-ins that wait for a step: who has proven their identity, how and when, and where they were going, kept for a few
// minutes while the person does what is asked before a session may begin. Known by a token, of which the database keeps the hash.
// Not here: which step comes next (next-step.ts), and what proves that the same browser comes back (http/csrf.ts).
import { MINUTE } from '../base/time.ts';
import type { Env } from './env.ts';
import {
  changeOneTimeToken,
  findOneTimeToken,
  issueOneTimeToken,
  type OneTimePurpose,
  redeemOneTimeToken,
} from './one-time-tokens.ts';
import type { IdentityProof } from './sessions.ts';
import { findUserById, type User } from './users.ts';

/** Where the person signs in: on this server's pages, or on an application's own page by the authentication API; or recovers there. */
export type SignInChannel = 'pages' | 'authn' | 'recovery';

export type PendingSignIn = {
  person: User;
  proof: IdentityProof;
  /** What the surface wants to find again, such as where to go afterwards. */
  kept: Record<string, string>;
  expiresAt: number;
};

const PURPOSES = {
  pages: 'pending-sign-in',
  authn: 'authn-state',
  recovery: 'authn-recovery',
} as const satisfies Record<SignInChannel, OneTimePurpose>;
const LIFETIMES: Record<SignInChannel, number> = { pages: 15 * MINUTE, authn: 5 * MINUTE, recovery: 5 * MINUTE };

export async function keepPendingSignIn(
  env: Env,
  channel: SignInChannel,
  pending: Omit<PendingSignIn, 'expiresAt'>,
): Promise<{ token: string; expiresAt: number }> {
  const lifetime = LIFETIMES[channel];
  const token = await issueOneTimeToken(env, {
    purpose: PURPOSES[channel],
    userId: pending.person.id,
    lifetime,
    data: dataOf(pending),
  });
  return { token, expiresAt: env.now() + lifetime };
}

/** null: unknown, finished, too old, or the password that was proven has been replaced since. */
export async function findPendingSignIn(
  env: Env,
  channel: SignInChannel,
  token: string,
): Promise<PendingSignIn | null> {
  return pendingOf(env, await findOneTimeToken(env, PURPOSES[channel], token));
}

/** Notes what has changed, and begins the waiting anew; null when it has ended meanwhile. */
export async function changePendingSignIn(
  env: Env,
  channel: SignInChannel,
  token: string,
  pending: PendingSignIn,
): Promise<PendingSignIn | null> {
  const lifetime = LIFETIMES[channel];
  const isChanged = await changeOneTimeToken(env, PURPOSES[channel], token, { data: dataOf(pending), lifetime });
  return isChanged ? { ...pending, expiresAt: env.now() + lifetime } : null;
}

/** Ends the waiting; of any number of calls at once, one gets true. */
export async function endPendingSignIn(env: Env, channel: SignInChannel, token: string): Promise<boolean> {
  return (await redeemOneTimeToken(env, PURPOSES[channel], token)) !== null;
}

type Data = Pick<PendingSignIn, 'proof' | 'kept'> & { passwordChanged: number | null };

function dataOf({ person, proof, kept }: Omit<PendingSignIn, 'expiresAt'>): Data {
  return { proof, kept, passwordChanged: person.password_changed };
}

async function pendingOf(env: Env, row: Awaited<ReturnType<typeof findOneTimeToken>>): Promise<PendingSignIn | null> {
  const person = row?.user_id ? await findUserById(env, row.user_id) : null;
  if (!row || !person) return null;
  // Written by this module alone.
  const { proof, kept, passwordChanged } = row.data as Data;
  if (person.password_changed !== passwordChanged) return null;
  return { person, proof, kept, expiresAt: row.expires_at };
}
