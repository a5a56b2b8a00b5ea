// Owns the device authorization endpoint (RFC 8628 section 3.1): a device without a browser gets a code to poll with and one to show.
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import { createDeviceCode, DEVICE_CODE_LIFETIME, POLL_INTERVAL } from '../core/device-codes.ts';
import type { Env } from '../core/env.ts';
import { endpointBase } from '../core/issuers.ts';
import { json } from '../http/reply.ts';
import { checkScopes } from './access-gate.ts';
import { authenticateClient } from './client-authentication.ts';
import { deviceCodeGrant } from './grants/device-code.ts';
import { oauthError } from './oauth-error.ts';
import { formParameters, scopeList } from './parameters.ts';

/** POST …/v1/device/authorize */
export async function answerDeviceAuthorize(
  env: Env,
  server: AuthorizationServer,
  request: Request,
): Promise<Response> {
  const parameters = await formParameters(request);
  const application = await authenticateClient(env, request, parameters);
  const configured = application.settings.oauthClient.grant_types;
  if (!configured.some((type) => type === deviceCodeGrant.type))
    throw oauthError('unauthorized_grant', configured.join(', '));
  const scopes = scopeList(parameters.get('scope'));
  // Before anybody is bothered with a code that can never give tokens.
  await checkScopes(env, server, scopes);
  const codes = await createDeviceCode(env, { serverId: server.id, clientId: application.client_id, scopes });
  if (!codes) throw oauthError('too_many_user_codes');
  const activate = `${new URL(endpointBase(env, server)).origin}/activate`;
  const answer = {
    device_code: codes.deviceCode,
    user_code: codes.userCode,
    verification_uri: activate,
    verification_uri_complete: `${activate}?user_code=${codes.userCode}`,
    expires_in: DEVICE_CODE_LIFETIME / 1000,
    interval: POLL_INTERVAL,
  };
  return json(answer, 200, { 'cache-control': 'no-store', pragma: 'no-cache' });
}
