// Owns the refresh_token grant (RFC 6749 section 6; RFC 9700 section 4.14): rotation with a grace period, reuse revokes the
// family, policy is asked again with the grant type of the first request.
import { clientActor } from '../../core/actors.ts';
import type { Env } from '../../core/env.ts';
import {
  findRefreshToken,
  isAlive,
  type RefreshToken,
  revokeRefreshToken,
  useRefreshToken,
} from '../../core/refresh-tokens.ts';
import { record } from '../../core/system-log.ts';
import { findUserById, isUsable } from '../../core/users.ts';
import { checkGrantBinding } from '../dpop.ts';
import { oauthError } from '../oauth-error.ts';
import { scopeList } from '../parameters.ts';
import type { Conclusion, Grant, TokenRequest } from './grant.ts';

export const refreshTokenGrant: Grant = {
  type: 'refresh_token',
  async prove(env, request) {
    const { parameters, application, server } = request;
    const presented = parameters.get('refresh_token');
    if (presented === undefined) throw oauthError('missing_parameter', 'refresh_token');
    const found = await findRefreshToken(env, presented);
    if (!found) throw oauthError('invalid_refresh_token');
    const { family } = found;
    const own = family.client_id === application.client_id && family.authorization_server_id === server.id;
    if (!own || !isAlive(env, family)) throw oauthError('invalid_refresh_token');
    checkGrantBinding(family.grant, request.boundKey, 'refresh token');
    const user = await findUserById(env, family.user_id);
    if (!user || !isUsable(user)) throw oauthError('invalid_refresh_token');
    return {
      user,
      scopes: narrowed(family, scopeList(parameters.get('scope'))),
      authentication: family.grant.authentication,
      nonce: null,
      policyGrantType: family.grant.policyGrantType,
      judged: null,
      refreshTokenId: family.id,
      conclude: async (inner): Promise<Conclusion> => {
        const rotation = application.settings.oauthClient.refresh_token ?? { rotation_type: 'STATIC' };
        const used = await useRefreshToken(inner, presented, found, rotation);
        if (used.kind === 'same' || used.kind === 'fresh') return { kind: 'done', refreshToken: used.value };
        if (used.kind === 'reused') await revokeFamily(inner, family, request);
        return { kind: 'refused', error: oauthError('invalid_refresh_token') };
      },
    };
  },
};

// The scope may shrink, never grow. Without the parameter it is what was granted at first.
function narrowed(family: RefreshToken, asked: string[] | null): string[] {
  if (asked === null) return family.scopes;
  const beyond = asked.filter((scope) => !family.scopes.includes(scope));
  if (beyond.length > 0) throw oauthError('refresh_scopes_denied', beyond.join(', '));
  return asked;
}

async function revokeFamily(env: Env, family: RefreshToken, { server, application }: TokenRequest): Promise<void> {
  await revokeRefreshToken(env, family.id);
  await record(env, {
    eventType: server.kind === 'org' ? 'app.oauth2.token.detect_reuse' : 'app.oauth2.as.token.detect_reuse',
    displayMessage: 'A rotated refresh token was used again: all tokens of its family are revoked',
    outcome: { result: 'FAILURE', reason: 'refresh_token_reuse' },
    severity: 'WARN',
    actor: clientActor(application),
    target: [
      { id: family.id, type: 'refresh_token', alternateId: family.id, displayName: 'Refresh Token' },
      { id: family.user_id, type: 'User', alternateId: family.user_id, displayName: family.user_id },
    ],
  });
}
