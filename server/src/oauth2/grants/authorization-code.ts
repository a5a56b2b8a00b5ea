// Owns the authorization_code grant (RFC 6749 section 4.1.3, RFC 7636). Policy judged at /authorize; it is not asked again.

import { equalInConstantTime, sha256Base64url } from '../../base/opaque-token.ts';
import { clientActor } from '../../core/actors.ts';
import {
  type AuthorizationCode,
  consumeAuthorizationCode,
  findAuthorizationCode,
  revokeGrantsOfCode,
} from '../../core/authorization-codes.ts';
import type { Env } from '../../core/env.ts';
import { wasEnded } from '../../core/sessions.ts';
import { record } from '../../core/system-log.ts';
import { findUserById, isUsable } from '../../core/users.ts';
import { checkGrantBinding } from '../dpop.ts';
import { type OAuthError, oauthError } from '../oauth-error.ts';
import type { Parameters } from '../parameters.ts';
import type { Conclusion, Grant, TokenRequest } from './grant.ts';

export const authorizationCodeGrant: Grant = {
  type: 'authorization_code',
  async prove(env, request) {
    const { parameters } = request;
    const presented = parameters.get('code');
    if (presented === undefined) throw oauthError('missing_parameter', 'code');
    const code = await findAuthorizationCode(env, presented);
    if (!code) throw oauthError('invalid_code');
    const problem = problemOf(code, request) ?? pkceProblem(code, request);
    if (problem) throw problem;
    checkGrantBinding(code.grant, request.boundKey, 'authorization code');
    // A code that was used already goes on: its second use has consequences.
    if (code.consumed_at === null && (await wasEnded(env, code.session_id))) throw oauthError('invalid_code');
    const user = await findUserById(env, code.user_id);
    if (!user || !isUsable(user)) throw oauthError('invalid_code');
    const { grant } = code;
    return {
      user,
      scopes: grant.scopes,
      authentication: grant.authentication,
      nonce: grant.nonce,
      policyGrantType: grant.policyGrantType,
      judged: { scopes: grant.scopes, lifetimes: grant.lifetimes, rule: grant.rule },
      refreshTokenId: null,
      conclude: async (inner, gives): Promise<Conclusion> => {
        if (await consumeAuthorizationCode(inner, code, gives)) return { kind: 'done' };
        await revokeAfterReplay(inner, presented, request);
        return { kind: 'refused', error: oauthError('invalid_code') };
      },
    };
  },
};

// Everything that can be wrong is found before the code is used up: a stranger cannot burn somebody else's code.
function problemOf(code: AuthorizationCode, { server, application, parameters }: TokenRequest): OAuthError | null {
  if (code.client_id !== application.client_id) return oauthError('code_of_another_client');
  if (code.authorization_server_id !== server.id) return oauthError('code_of_another_server');
  const redirectUri = parameters.get('redirect_uri');
  if (redirectUri === undefined) return oauthError('missing_parameter', 'redirect_uri');
  return redirectUri === code.redirect_uri ? null : oauthError('redirect_uri_mismatch');
}

function pkceProblem(code: AuthorizationCode, { application, parameters }: TokenRequest): OAuthError | null {
  const verifier = verifierOf(parameters);
  if (code.code_challenge === null) {
    // RFC 9700 section 4.8.2: a verifier without a challenge means that somebody removed the challenge.
    if (verifier !== null) return oauthError('pkce_challenge_missing');
    return application.credentials.oauthClient.pkce_required ? oauthError('pkce_verifier_required') : null;
  }
  if (verifier === null) return oauthError('pkce_verifier_required');
  const wellFormed = /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier);
  return wellFormed && equalInConstantTime(sha256Base64url(verifier), code.code_challenge)
    ? null
    : oauthError('pkce_failed');
}

function verifierOf(parameters: Parameters): string | null {
  return parameters.get('code_verifier') ?? null;
}

// The code was used before (or died between look and use). What its first use gave is revoked (RFC 6749 section 4.1.2).
async function revokeAfterReplay(env: Env, presented: string, { server, application }: TokenRequest): Promise<void> {
  const code = await findAuthorizationCode(env, presented);
  if (!code || code.consumed_at === null) return;
  await revokeGrantsOfCode(env, code);
  await record(env, {
    eventType: server.kind === 'org' ? 'app.oauth2.token.revoke' : 'app.oauth2.as.token.revoke',
    displayMessage: 'An authorization code was presented twice: the tokens issued for it are revoked',
    outcome: { result: 'FAILURE', reason: 'authorization_code_reuse' },
    actor: clientActor(application),
    target: [{ id: code.user_id, type: 'User', alternateId: code.user_id, displayName: code.user_id }],
  });
}
