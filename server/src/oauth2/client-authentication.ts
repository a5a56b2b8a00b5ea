// Owns the proof that a request comes from the client it names (RFC 6749 section 2.3): by which one of the methods it is offered,
// and whether the client may use that method. Every endpoint that authenticates a client does it here.
// Not here: what a signed assertion must say (client-assertion.ts).
import { clientActor } from '../core/actors.ts';
import type { ClientAuthenticationMethod } from '../core/application-settings.ts';
import type { Application } from '../core/applications.ts';
import { findClient } from '../core/applications.ts';
import { isHmac } from '../core/client-jwts.ts';
import { checkClientSecret } from '../core/client-secrets.ts';
import type { Env } from '../core/env.ts';
import { record } from '../core/system-log.ts';
import { type ClientAssertion, objectionToAssertion, readClientAssertion } from './client-assertion.ts';
import { type OAuthErrorName, oauthError } from './oauth-error.ts';
import type { Parameters } from './parameters.ts';

type Presented =
  | { method: 'none'; clientId: string }
  | { method: 'client_secret_basic' | 'client_secret_post'; clientId: string; secret: string }
  | { method: 'client_secret_jwt' | 'private_key_jwt'; clientId: string; assertion: ClientAssertion };

/** The authenticated client. Throws invalid_client, and invalid_request when credentials come in two ways. */
export async function authenticateClient(env: Env, request: Request, parameters: Parameters): Promise<Application> {
  const presented = presentedCredentials(request, parameters);
  const application = await findClient(env, presented.clientId);
  if (application?.status !== 'ACTIVE')
    throw oauthError('assertion' in presented ? 'client_assertion_issuer' : 'invalid_client_id');
  const objection = isAllowed(application, presented.method)
    ? await objectionTo(env, application, presented)
    : 'invalid_client';
  if (objection === null) return application;
  await record(env, {
    eventType: 'app.oauth2.invalid_client_credentials',
    displayMessage: 'Client authentication failed',
    outcome: { result: 'FAILURE', reason: objection },
    actor: clientActor(application),
    debugData: { method: presented.method },
  });
  throw oauthError(objection);
}

// The console offers "Client secret", not where to put it: a client with one secret method may use the other.
function isAllowed(application: Application, presented: ClientAuthenticationMethod): boolean {
  const registered = application.credentials.oauthClient.token_endpoint_auth_method;
  const bySecret = (method: string) => method === 'client_secret_basic' || method === 'client_secret_post';
  return registered === presented || (bySecret(registered) && bySecret(presented));
}

async function objectionTo(env: Env, application: Application, presented: Presented): Promise<OAuthErrorName | null> {
  if (presented.method === 'none') return null;
  if ('assertion' in presented) return objectionToAssertion(env, application, presented.assertion);
  return (await checkClientSecret(env, application, presented.secret)) ? null : 'invalid_client_secret';
}

function presentedCredentials(request: Request, parameters: Parameters): Presented {
  const header = request.headers.get('authorization');
  const basic = header !== null && /^basic /i.test(header) ? readBasic(header) : null;
  const clientId = parameters.get('client_id');
  const secret = parameters.get('client_secret');
  const assertion = parameters.get('client_assertion');
  if ([basic, secret, assertion].filter((one) => one !== null && one !== undefined).length > 1)
    throw oauthError('multiple_credentials');
  if (basic) {
    if (clientId !== undefined && clientId !== basic.clientId) throw oauthError('multiple_credentials');
    return basic;
  }
  if (assertion !== undefined || parameters.has('client_assertion_type')) return presentedAssertion(parameters);
  if (clientId === undefined) throw oauthError('missing_client_credentials');
  return secret === undefined ? { method: 'none', clientId } : { method: 'client_secret_post', clientId, secret };
}

function presentedAssertion(parameters: Parameters): Presented {
  const assertion = readClientAssertion(parameters);
  const clientId = parameters.get('client_id');
  // RFC 7521 section 4.2: a client_id beside the assertion must name the same client.
  if (clientId !== undefined && clientId !== assertion.clientId) throw oauthError('client_assertion_issuer');
  return {
    method: isHmac(assertion.jwt) ? 'client_secret_jwt' : 'private_key_jwt',
    clientId: assertion.clientId,
    assertion,
  };
}

// A value without a colon, or with nothing after it, names a public client: browser clients revoke and introspect so.
function readBasic(header: string): Presented {
  const decoded = Buffer.from(header.slice('basic '.length).trim(), 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const clientId = formDecoded(colon === -1 ? decoded : decoded.slice(0, colon));
  const secret = colon === -1 ? '' : formDecoded(decoded.slice(colon + 1));
  if (!clientId) throw oauthError('invalid_basic_credentials');
  return secret ? { method: 'client_secret_basic', clientId, secret } : { method: 'none', clientId };
}

// RFC 6749 section 2.3.1: both halves are form-encoded. Clients that do not encode send no %XX, so this serves both.
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
