// Owns the token exchange grant (RFC 8693): an API that was called with a person's access token gets one of its own to call further
// with, for the same person. The subject token is this server's, or a server's that this one trusts.
import { type AccessTokenClaims, readAccessToken, verifyAccessToken } from '../../core/access-tokens.ts';
import type { Authentication } from '../../core/authorization.ts';
import { type AuthorizationServer, findAuthorizationServer } from '../../core/authorization-servers.ts';
import type { Env } from '../../core/env.ts';
import { isTrustedServer } from '../../core/trusted-servers.ts';
import type { User } from '../../core/users.ts';
import { oauthError } from '../oauth-error.ts';
import { type Parameters, scopeList } from '../parameters.ts';
import type { Grant } from './grant.ts';
import { requireClient, requireConsent, requireScopes } from './without-sign-in.ts';

const TYPE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

export const tokenExchangeGrant: Grant = {
  type: TYPE,
  customServersOnly: true,
  async prove(env, { server, application, parameters }) {
    requireClient(application, TYPE);
    const subjectToken = checkedParameters(server, parameters);
    const scopes = scopeList(parameters.get('scope'));
    requireScopes(application, TYPE, scopes);
    const { user, claims } = await subjectOf(env, server, subjectToken);
    return {
      user,
      scopes,
      authentication: authenticationOf(claims),
      nonce: null,
      policyGrantType: TYPE,
      judged: null,
      refreshTokenId: null,
      issuedTokenType: ACCESS_TOKEN,
      checkConsent: (granted) => requireConsent(env, { server, application, user }, TYPE, granted),
      conclude: async () => ({ kind: 'done' }),
    };
  },
};

/** The subject token, when everything else of the request is something that this grant does. */
function checkedParameters(server: AuthorizationServer, parameters: Parameters): string {
  const subjectToken = parameters.get('subject_token');
  if (subjectToken === undefined) throw oauthError('missing_parameter', 'subject_token');
  const type = parameters.get('subject_token_type');
  if (type === undefined) throw oauthError('missing_parameter', 'subject_token_type');
  if (type !== ACCESS_TOKEN) throw oauthError('invalid_subject_token_type');
  if (parameters.has('actor_token') || parameters.has('actor_token_type')) throw oauthError('invalid_actor_token');
  if ((parameters.get('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN)
    throw oauthError('invalid_requested_token_type');
  if (parameters.get('audience') !== server.audience) throw oauthError('invalid_audience');
  if (parameters.has('resource')) throw oauthError('invalid_target');
  return subjectToken;
}

async function subjectOf(
  env: Env,
  server: AuthorizationServer,
  token: string,
): Promise<{ user: User; claims: AccessTokenClaims }> {
  const issuer = await issuerOfToken(env, token);
  // The org server's access tokens are for this server's own API: nobody else has business with them.
  const signed = issuer && (await readAccessToken(env, issuer, token));
  if (!issuer || !signed) throw oauthError('invalid_subject_token');
  if (!(await isTrustedServer(env, server, issuer)))
    throw oauthError('subject_token_not_trusted', '', { issuerId: issuer.id });
  const verified = issuer.status === 'ACTIVE' ? await verifyAccessToken(env, issuer, token) : null;
  if (!verified) throw oauthError('subject_token_expired');
  const { user, claims } = verified;
  // A client's own token stands for no person. A token bound to a key is worth nothing without the proof of that key.
  if (!user || claims.cnf !== undefined) throw oauthError('invalid_subject_token');
  return { user, claims };
}

/** The custom server that the token names; what it names is proven by its keys afterwards. */
async function issuerOfToken(env: Env, token: string): Promise<AuthorizationServer | null> {
  const pathId = /\/oauth2\/(\w+)$/.exec(claimedIssuer(token))?.[1];
  return pathId === undefined ? null : findAuthorizationServer(env, pathId);
}

function claimedIssuer(token: string): string {
  try {
    const { iss } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof iss === 'string' ? iss : '';
  } catch {
    return '';
  }
}

/** When the person signed in does not change by passing the token on. How they did, an access token does not say. */
function authenticationOf({ auth_time, iat }: AccessTokenClaims): Authentication | null {
  if (auth_time === undefined || auth_time > iat) return null;
  return { sessionId: null, authenticatedAt: auth_time * 1000, amr: [] };
}
