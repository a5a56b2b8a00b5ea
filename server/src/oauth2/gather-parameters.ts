// Owns where the parameters of an authorization request stand: in the request itself, in a request object inside it, or in a
// request that was pushed ahead. Behind this file they are one list. Not here: what they mean (authorization-parameters.ts).
import { findClient } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { consumePushedRequest, findPushedRequest } from '../core/pushed-requests.ts';
import { oauthError } from './oauth-error.ts';
import type { Parameters } from './parameters.ts';
import { withRequestObject } from './request-object.ts';

/** All parameters. A request object or pushed request that stands for some is used up by this. */
export async function gatherParameters(env: Env, server: AuthorizationServer, given: Parameters): Promise<Parameters> {
  if (given.has('request') && given.has('request_uri')) throw oauthError('request_and_request_uri');
  if (given.has('request_uri')) return pushedParameters(env, server, given);
  return given.has('request') ? signedParameters(env, server, given) : given;
}

async function signedParameters(env: Env, server: AuthorizationServer, given: Parameters): Promise<Parameters> {
  const clientId = given.get('client_id');
  if (clientId === undefined) throw oauthError('missing_parameter', 'client_id');
  const application = await findClient(env, clientId);
  if (application?.status !== 'ACTIVE') throw oauthError('invalid_client_id');
  return withRequestObject(env, server, application, given);
}

// RFC 9126 section 4: what stands beside the request_uri is not the client's word, and is ignored. Only the session token, which is
// never kept, may come now. Everything that can be wrong is found before it is used up.
async function pushedParameters(env: Env, server: AuthorizationServer, given: Parameters): Promise<Parameters> {
  const clientId = given.get('client_id');
  if (clientId === undefined) throw oauthError('missing_parameter', 'client_id');
  const pushed = await findPushedRequest(env, given.get('request_uri') ?? '');
  if (!pushed) throw oauthError('invalid_request_uri');
  if (pushed.client_id !== clientId) throw oauthError('request_uri_of_another_client');
  if (pushed.authorization_server_id !== server.id) throw oauthError('request_uri_of_another_server');
  if (!(await consumePushedRequest(env, pushed))) throw oauthError('invalid_request_uri');
  const parameters = new Map(Object.entries(pushed.parameters));
  const sessionToken = given.get('sessionToken');
  return sessionToken === undefined ? parameters : parameters.set('sessionToken', sessionToken);
}
