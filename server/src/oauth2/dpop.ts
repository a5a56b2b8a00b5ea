// Owns DPoP where tokens are asked for (RFC 9449 sections 5 and 8): which clients must bring a proof, and how they are told.
// Not here: what a proof must be (core/dpop-proofs.ts), and proofs that come with a token (http/presented-token.ts).
import type { Application } from '../core/applications.ts';
import type { KeptGrant } from '../core/authorization.ts';
import { checkDpopProof, dpopProblems } from '../core/dpop-proofs.ts';
import type { Env } from '../core/env.ts';
import { oauthError } from './oauth-error.ts';

/**
 * The thumbprint of the key to which this client's tokens are bound; null for a client without that setting. Its proof is then not
 * even looked at: some clients send one to everybody, to learn whether it is wanted.
 */
export async function boundKeyOf(env: Env, request: Request, application: Application): Promise<string | null> {
  if (!application.settings.oauthClient.dpop_bound_access_tokens) return null;
  const header = request.headers.get('dpop');
  const verdict = await checkDpopProof(env, { header, method: request.method, accessToken: null });
  if (verdict.problem === null) return verdict.keyThumbprint;
  if (verdict.problem === 'nonce') throw oauthError('use_dpop_nonce');
  throw oauthError('invalid_dpop_proof', dpopProblems[verdict.problem]);
}

/** What was bound to a key is for the holder of that key alone. */
export function checkGrantBinding({ boundKey }: KeptGrant, shown: string | null, what: string): void {
  if (boundKey !== undefined && boundKey !== shown)
    throw oauthError('invalid_dpop_proof', `Invalid DPoP Public Key binding in ${what}`);
}
