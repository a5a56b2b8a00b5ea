// Owns the revocation endpoint (RFC 7009): a client's own access or refresh token. The answer is 200 for every token: a client
// learns nothing about a stranger's. Revoking a refresh token ends its family and the access tokens issued with it.
import { readAccessToken, revokeAccessToken } from '../core/access-tokens.ts';
import { clientActor } from '../core/actors.ts';
import type { Application } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import { type Env, transact } from '../core/env.ts';
import { findRefreshToken, revokeRefreshToken } from '../core/refresh-tokens.ts';
import { record } from '../core/system-log.ts';
import { authenticateClient } from './client-authentication.ts';
import { oauthError } from './oauth-error.ts';
import { formParameters } from './parameters.ts';
import { oauthEventType } from './token-events.ts';

/** POST …/v1/revoke */
export async function answerRevoke(env: Env, server: AuthorizationServer, request: Request): Promise<Response> {
  const parameters = await formParameters(request);
  const application = await authenticateClient(env, request, parameters);
  const token = parameters.get('token');
  if (token === undefined) throw oauthError('missing_token');
  await (token.includes('.')
    ? revokeJwt(env, server, application, token)
    : revokeFamily(env, server, application, token));
  return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
}

async function revokeJwt(
  env: Env,
  server: AuthorizationServer,
  application: Application,
  token: string,
): Promise<void> {
  const claims = await readAccessToken(env, server, token);
  if (!claims || claims.cid !== application.client_id) return;
  await transact(env, async (env) => {
    await revokeAccessToken(env, claims.jti, claims.exp * 1000);
    await recordRevocation(env, server, application, 'access_token', claims.jti);
  });
}

async function revokeFamily(
  env: Env,
  server: AuthorizationServer,
  application: Application,
  token: string,
): Promise<void> {
  await transact(env, async (env) => {
    const found = await findRefreshToken(env, token);
    if (!found || found.family.client_id !== application.client_id) return;
    if (found.family.authorization_server_id !== server.id) return;
    if (await revokeRefreshToken(env, found.family.id))
      await recordRevocation(env, server, application, 'refresh_token', found.family.id);
  });
}

function recordRevocation(env: Env, server: AuthorizationServer, application: Application, kind: string, id: string) {
  return record(env, {
    eventType: oauthEventType(server, 'token.revoke'),
    displayMessage: 'OAuth2 token revocation request',
    actor: clientActor(application),
    target: [{ id, type: kind, alternateId: id, displayName: kind }],
  });
}
