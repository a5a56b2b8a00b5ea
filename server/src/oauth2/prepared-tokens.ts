// Owns saying to the client that its tokens cannot be made: a claim has no value, or an inline hook objects. Not here: claims
// (core/claim-values.ts) and minting (core/issue-tokens.ts).
import type { Authorization } from '../core/authorization.ts';
import { ClaimFailure, type ClaimsQuestion, claimValues } from '../core/claim-values.ts';
import type { Env } from '../core/env.ts';
import { type PreparedTokens, prepareTokens } from '../core/issue-tokens.ts';
import { oauthError } from './oauth-error.ts';

/** As prepareTokens; throws OAuthError. */
export function preparedTokens(
  env: Env,
  authorization: Authorization,
  wanted: { accessTokenJti: string | null; idToken: boolean },
): Promise<PreparedTokens> {
  return toldToClient(() => prepareTokens(env, authorization, wanted));
}

/** As claimValues; throws OAuthError. */
export function claimsForClient(env: Env, question: ClaimsQuestion): Promise<Record<string, unknown>> {
  return toldToClient(() => claimValues(env, question));
}

async function toldToClient<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ClaimFailure)) throw error;
    const facts = { claim: error.claim, cause: error.message };
    if (error.tooManyGroups) throw oauthError('too_many_groups', '', facts);
    const name = error.system ? 'system_claim_evaluation_failure' : 'user_claim_evaluation_failure';
    throw oauthError(name, error.claim, facts);
  }
}
