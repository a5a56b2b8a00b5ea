// Owns how a request presents an access token: by the scheme Bearer (RFC 6750), or by DPoP with a proof that its sender holds the key
// to which the token is bound (RFC 9449 section 7). A bound token is worth nothing without its key.
// Not here: whether the token itself is good (core/access-tokens.ts).
import { checkDpopProof, type DpopProblem, dpopAlgorithms, dpopProblems } from '../core/dpop-proofs.ts';
import type { Env } from '../core/env.ts';

export type PresentedToken = { scheme: 'Bearer' | 'DPoP'; token: string };

/** The token of the Authorization header; null when there is none. The query and the body are not read (RFC 6750 section 2). */
export function presentedToken(request: Request): PresentedToken | null {
  const [, scheme, token] = /^(bearer|dpop) +([\w\-.~+/]+=*)$/i.exec(request.headers.get('authorization') ?? '') ?? [];
  if (scheme === undefined || token === undefined) return null;
  return { scheme: scheme.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer', token };
}

/** Why a token may not be used as it was presented. */
export type PresentationProblem = { error: 'invalid_token' | 'invalid_dpop_proof'; description: string };

/** Null when it may. `boundKey`: the thumbprint of the key to which the token is bound; null: it is bound to none. */
export async function objectionToPresentation(
  env: Env,
  request: Request,
  { scheme, token }: PresentedToken,
  boundKey: string | null,
): Promise<PresentationProblem | null> {
  if (boundKey === null) return scheme === 'Bearer' ? null : NOT_BOUND;
  if (scheme === 'Bearer') return NEEDS_PROOF;
  const header = request.headers.get('dpop');
  const verdict = await checkDpopProof(env, { header, method: request.method, accessToken: token });
  if (verdict.problem !== null) return badProof(verdict.problem);
  return verdict.keyThumbprint === boundKey ? null : NOT_BOUND;
}

const NEEDS_PROOF: PresentationProblem = {
  error: 'invalid_token',
  description: 'The access token is bound to a key: present it by the scheme DPoP, with a proof.',
};
const NOT_BOUND: PresentationProblem = {
  error: 'invalid_dpop_proof',
  description: 'The access_token is not bound to the provided DPoP proof.',
};

function badProof(problem: DpopProblem): PresentationProblem {
  return { error: 'invalid_dpop_proof', description: dpopProblems[problem] };
}

/** The value of WWW-Authenticate that says so (RFC 9449 section 7.1). */
export function dpopChallenge({ error, description }: PresentationProblem): string {
  return `DPoP algs="${dpopAlgorithms.join(' ')}", error="${error}", error_description="${description}"`;
}
