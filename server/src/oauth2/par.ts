// Owns the pushed authorization request endpoint (RFC 9126): the client, proven, says ahead and in private what it will ask for, and
// gets a request_uri to name at /authorize. Refused here is all that can be told without knowing the person.
import { toSeconds } from '../base/time.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { keepPushedRequest, PUSHED_REQUEST_LIFETIME } from '../core/pushed-requests.ts';
import { json } from '../http/reply.ts';
import { checkParameters, openChannel } from './authorization-parameters.ts';
import { checkBrowserOrigin } from './browser-origin.ts';
import { authenticateClient } from './client-authentication.ts';
import { boundKeyOf } from './dpop.ts';
import { oauthError } from './oauth-error.ts';
import { formParameters } from './parameters.ts';
import { withRequestObject } from './request-object.ts';

/** What proves who somebody is, and is not kept. */
const CREDENTIALS = ['client_secret', 'client_assertion', 'client_assertion_type', 'sessionToken'];

/** POST …/v1/par */
export async function answerPushedRequest(env: Env, server: AuthorizationServer, request: Request): Promise<Response> {
  const form = await formParameters(request);
  if (form.has('request_uri')) throw oauthError('request_uri_in_pushed_request');
  const application = await authenticateClient(env, request, form);
  await checkBrowserOrigin(env, request, application);
  const { client_id } = application;
  const said = new Map(form).set('client_id', client_id);
  for (const name of CREDENTIALS) said.delete(name);
  const boundKey = request.headers.has('dpop') ? await boundKeyOf(env, request, application) : null;
  const parameters = said.has('request') ? await withRequestObject(env, server, application, said) : said;
  if (boundKey !== null) bindTo(boundKey, parameters);
  await openChannel(env, server, parameters);
  checkParameters(server, application, parameters);
  const requestUri = await keepPushedRequest(env, {
    serverId: server.id,
    clientId: client_id,
    parameters: Object.fromEntries(parameters),
  });
  return json({ request_uri: requestUri, expires_in: toSeconds(PUSHED_REQUEST_LIFETIME) }, 201, {
    'cache-control': 'no-store',
    pragma: 'no-cache',
  });
}

// RFC 9449 section 10.1: a proof that comes with the request binds the code, as dpop_jkt would; if both come, they agree.
function bindTo(boundKey: string, parameters: Map<string, string>): void {
  if ((parameters.get('dpop_jkt') ?? boundKey) !== boundKey)
    throw oauthError('invalid_dpop_proof', "The 'dpop_jkt' parameter is not the key of the DPoP proof.");
  parameters.set('dpop_jkt', boundKey);
}
