// Owns sign-ins that are away at another provider: begun by one browser, for one provider, to come back once, within minutes. The
// state in the URL is the only key to it; nonce and PKCE verifier follow from the state and a key of this server, so neither is stored.
// Not here: what is asked of the provider (ask-provider.ts).
import { hashToken, sha256Base64url } from '../../base/opaque-token.ts';
import { MINUTE } from '../../base/time.ts';
import type { Env } from '../env.ts';
import { findOneTimeToken, issueOneTimeToken, redeemOneTimeToken } from '../one-time-tokens.ts';

export type PendingExternalSignIn = {
  providerId: string;
  /** The host at which the browser began, and has its cookie. */
  origin: string;
  /** As the provider was told; the code is bound to it. */
  redirectUri: string;
  browserHash: string;
  /** The person was asked to prove anew who they are, at this time; null: a running session there will do. */
  freshSince: number | null;
  /** What the surface wants to find again, such as where to go afterwards. */
  kept: Record<string, string>;
};

type Begun = Omit<PendingExternalSignIn, 'browserHash'> & { browserId: string };

/** What the provider is sent. */
export type Challenge = { state: string; nonce: string; codeChallenge: string };

const PURPOSE = 'external-sign-in';
const LIFETIME = 10 * MINUTE;

export async function beginExternalSignIn(env: Env, { browserId, ...begun }: Begun): Promise<Challenge> {
  const data: PendingExternalSignIn = { ...begun, browserHash: hashToken(browserId) };
  const state = await issueOneTimeToken(env, { purpose: PURPOSE, userId: null, lifetime: LIFETIME, data });
  const { nonce, verifier } = secretsOfState(env, state);
  return { state, nonce, codeChallenge: sha256Base64url(verifier) };
}

/** What this browser must bring back with the code, and the ID token must say. */
export function secretsOfState(env: Env, state: string): { nonce: string; verifier: string } {
  return { nonce: env.sealer.mac(state, `${PURPOSE}:nonce`), verifier: env.sealer.mac(state, `${PURPOSE}:verifier`) };
}

/** null: unknown, come back already, or too old. */
export async function findExternalSignIn(env: Env, state: string): Promise<PendingExternalSignIn | null> {
  return dataOf(await findOneTimeToken(env, PURPOSE, state));
}

/** Ends the waiting; of any number that come back at once, one gets it. */
export async function takeExternalSignIn(env: Env, state: string): Promise<PendingExternalSignIn | null> {
  return dataOf(await redeemOneTimeToken(env, PURPOSE, state));
}

export function isBegunBy({ browserHash }: PendingExternalSignIn, browserId: string): boolean {
  return browserHash === hashToken(browserId);
}

function dataOf(row: Awaited<ReturnType<typeof findOneTimeToken>>): PendingExternalSignIn | null {
  // Written by beginExternalSignIn alone.
  return row && (row.data as PendingExternalSignIn);
}
