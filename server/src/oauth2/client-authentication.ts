// Owns the proof that a request comes from the client it names (RFC 6749 section 2.3): none, client_secret_basic and
// client_secret_post. Every endpoint that authenticates a client does it here.
import { clientActor } from '../core/actors.ts';
import type { Application } from '../core/applications.ts';
import { findClient } from '../core/applications.ts';
import { checkClientSecret } from '../core/client-secrets.ts';
import type { Env } from '../core/env.ts';
import { record } from '../core/system-log.ts';
import { type OAuthErrorName, oauthError } from './oauth-error.ts';
import type { Parameters } from './parameters.ts';

export const clientAuthenticationMethods = ['client_secret_basic', 'client_secret_post', 'none'] as const;
type Method = (typeof clientAuthenticationMethods)[number];

type Presented = { method: Method; clientId: string; secret: string | null };

/** The authenticated client. Throws invalid_client, and invalid_request when credentials come in two ways. */
export async function authenticateClient(env: Env, request: Request, parameters: Parameters): Promise<Application> {
  const presented = presentedCredentials(request, parameters);
  const application = await findClient(env, presented.clientId);
  if (application?.status !== 'ACTIVE') throw oauthError('invalid_client_id');
  if (!isAllowed(application, presented.method)) return fail(env, application, 'invalid_client');
  if (presented.secret === null) return application;
  if (await checkClientSecret(env, application, presented.secret)) return application;
  return fail(env, application, 'invalid_client_secret');
}

// The console offers "Client secret", not where to put it: a client with one secret method may use the other.
function isAllowed(application: Application, presented: Method): boolean {
  const registered = application.credentials.oauthClient.token_endpoint_auth_method;
  const bySecret = (method: string) => method === 'client_secret_basic' || method === 'client_secret_post';
  return registered === presented || (bySecret(registered) && bySecret(presented));
}

function presentedCredentials(request: Request, parameters: Parameters): Presented {
  const header = request.headers.get('authorization');
  const clientId = parameters.get('client_id') ?? null;
  const secret = parameters.get('client_secret') ?? null;
  if (header !== null && /^basic /i.test(header)) {
    const basic = readBasic(header);
    if (secret !== null) throw oauthError('multiple_credentials');
    if (clientId !== null && clientId !== basic.clientId) throw oauthError('multiple_credentials');
    return basic;
  }
  if (clientId === null) throw oauthError('missing_client_credentials');
  return { method: secret === null ? 'none' : 'client_secret_post', clientId, secret };
}

// A value without a colon, or with nothing after it, names a public client: browser clients revoke and introspect so.
function readBasic(header: string): Presented {
  const decoded = Buffer.from(header.slice('basic '.length).trim(), 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  const clientId = formDecoded(colon === -1 ? decoded : decoded.slice(0, colon));
  const secret = colon === -1 ? '' : formDecoded(decoded.slice(colon + 1));
  if (!clientId) throw oauthError('invalid_basic_credentials');
  return secret ? { method: 'client_secret_basic', clientId, secret } : { method: 'none', clientId, secret: null };
}

// RFC 6749 section 2.3.1: both halves are form-encoded. Clients that do not encode send no %XX, so this serves both.
function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

async function fail(env: Env, application: Application, name: OAuthErrorName): Promise<never> {
  await record(env, {
    eventType: 'app.oauth2.invalid_client_credentials',
    displayMessage: 'Client authentication failed',
    outcome: { result: 'FAILURE', reason: name },
    actor: clientActor(application),
  });
  throw oauthError(name);
}
