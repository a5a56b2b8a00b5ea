// Owns the introspection endpoint (RFC 7662): what an access, ID or refresh token of this server says, to an authenticated client.
// Anything not good, not of this server, or of a person who may no longer sign in is `{"active":false}` and nothing else.
import { toSeconds } from '../base/time.ts';
import { verifyAccessToken } from '../core/access-tokens.ts';
import { findClient } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { verifyOwnJwt } from '../core/json-web-tokens.ts';
import { findRefreshToken, isAlive } from '../core/refresh-tokens.ts';
import { findUserById, isUsable } from '../core/users.ts';
import { json } from '../http/reply.ts';
import { authenticateClient } from './client-authentication.ts';
import { oauthError } from './oauth-error.ts';
import { formParameters } from './parameters.ts';

type Facts = Record<string, unknown>;

/** POST …/v1/introspect */
export async function answerIntrospect(env: Env, server: AuthorizationServer, request: Request): Promise<Response> {
  const parameters = await formParameters(request);
  await authenticateClient(env, request, parameters);
  const token = parameters.get('token');
  if (token === undefined) throw oauthError('missing_token');
  const facts = await factsOf(env, server, token);
  return json(facts ? { active: true, ...facts } : { active: false }, 200, { 'cache-control': 'no-store' });
}

// token_type_hint is only a hint (RFC 7662 section 2.1): the token itself says what it is.
async function factsOf(env: Env, server: AuthorizationServer, token: string): Promise<Facts | null> {
  if (!token.includes('.')) return refreshTokenFacts(env, server, token);
  return (await accessTokenFacts(env, server, token)) ?? idTokenFacts(env, server, token);
}

async function accessTokenFacts(env: Env, server: AuthorizationServer, token: string): Promise<Facts | null> {
  const verified = await verifyAccessToken(env, server, token);
  if (!verified) return null;
  const { cid, scp, ver: _ver, auth_time: _authTime, ...rest } = verified.claims;
  return {
    scope: (scp ?? []).join(' '),
    ...(verified.user ? { username: verified.user.login } : {}),
    ...rest,
    token_type: verified.claims.cnf ? 'DPoP' : 'Bearer',
    client_id: cid,
  };
}

async function idTokenFacts(env: Env, server: AuthorizationServer, token: string): Promise<Facts | null> {
  const claims = await verifyOwnJwt(env, server.id, ['sig'], token);
  if (!claims || typeof claims.jti !== 'string' || !claims.jti.startsWith('ID.')) return null;
  if (typeof claims.exp !== 'number' || claims.exp <= toSeconds(env.now())) return null;
  const user = await findUserById(env, String(claims.sub));
  if (!user || !isUsable(user)) return null;
  return { ...claims, username: user.login, client_id: claims.aud, token_type: 'Bearer' };
}

async function refreshTokenFacts(env: Env, server: AuthorizationServer, token: string): Promise<Facts | null> {
  const found = await findRefreshToken(env, token);
  if (!found || found.secret.rotated_at !== null) return null;
  const { family } = found;
  if (family.authorization_server_id !== server.id || !isAlive(env, family)) return null;
  const [user, client] = [await findUserById(env, family.user_id), await findClient(env, family.client_id)];
  if (!user || !isUsable(user) || client?.status !== 'ACTIVE') return null;
  return {
    token_type: 'Bearer',
    scope: family.scopes.join(' '),
    client_id: family.client_id,
    username: user.login,
    ...(family.idle_expires_at === null ? {} : { exp: toSeconds(family.idle_expires_at) }),
    sub: user.login,
  };
}
