// Owns saying to the client that its tokens cannot be made: a claim has no value, or an inline hook objects. Not here: claims
// (core/claim-values.ts) and minting (core/issue-tokens.ts).
import type { Authorization } from '../core/authorization.ts';
import { ClaimFailure, type ClaimsQuestion, claimValues } from '../core/claim-values.ts';
import type { Env } from '../core/env.ts';
import { type PreparedTokens, prepareTokens } from '../core/issue-tokens.ts';
import { type HookRequest, transformTokens } from '../core/token-hook.ts';
import { oauthError } from './oauth-error.ts';

/**
 * What the tokens will say, by the server's claims and by the inline hook of the rule that granted them; `request`: as the client
 * sent it. Throws OAuthError. Never inside a transaction.
 */
export async function preparedTokens(
  env: Env,
  authorization: Authorization,
  wanted: { accessTokenJti: string | null; idToken: boolean },
  request: HookRequest,
): Promise<PreparedTokens> {
  const tokens = await toldToClient(() => prepareTokens(env, authorization, wanted));
  const outcome = await transformTokens(env, authorization, tokens, request);
  if (outcome.kind === 'error') throw oauthError('token_hook_error', outcome.summary);
  return outcome.tokens;
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
