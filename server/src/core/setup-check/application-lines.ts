// Owns the lines of Check setup that are about the application itself: that it is on, its grants, its addresses, the pages that may
// call for it, and how it proves itself. Not here: the rules (grant-terms.ts, redirect-uris.ts, browser-access.ts).
import type { Application } from '../applications.ts';
import { objectionToBrowser } from '../browser-access.ts';
import { activeSecrets, usesSecret } from '../client-secrets.ts';
import type { Env } from '../env.ts';
import {
  objectionToClient,
  objectionToGrant,
  objectionToResponseTypes,
  termsOf,
  usualResponseTypes,
} from '../grant-terms.ts';
import { isRegisteredPostLogoutUri, isRegisteredRedirectUri, redirectOriginsOf } from '../redirect-uris.ts';
import { termsChanges, termsSentence } from '../told-terms.ts';
import { isTrustedOrigin, normalOrigin } from '../trusted-origins.ts';
import { type Finding, failure, pass, type SetupFacts, type SetupLine, warning } from './setup-line.ts';

export const applicationLines: readonly SetupLine[] = [
  { id: 'application', title: 'Application', step: 3, place: 'application-general', judge: applicationLine },
  { id: 'grants', title: 'Grant type', step: 3, place: 'application-general', judge: grantsLine },
  {
    id: 'clientAuthentication',
    title: 'Client authentication and PKCE',
    step: 8,
    place: 'application-general',
    judge: clientAuthenticationLine,
  },
  { id: 'redirectUris', title: 'Sign-in redirect URIs', step: 3, place: 'application-general', judge: redirectLine },
  { id: 'signOutUris', title: 'Sign-out redirect URIs', step: 3, place: 'application-general', judge: signOutLine },
  { id: 'baseUris', title: 'Base URIs (trusted origins)', step: 3, place: 'trusted-origins', judge: baseUrisLine },
];

function applicationLine(_: Env, { application: { status, label } }: SetupFacts): Finding {
  return status === 'ACTIVE'
    ? pass(`“${label}” is active.`)
    : failure(`“${label}” is not active: nobody can sign in to it.`, 'Activate it, under Actions on its page.');
}

function grantsLine(_: Env, { application, grantType, scopes }: SetupFacts): Finding {
  const objection =
    objectionToGrant(application, grantType) ??
    (termsOf(grantType).consent === 'page'
      ? objectionToResponseTypes(application, usualResponseTypes(grantType, scopes))
      : null);
  if (!objection) return pass(`The grant ${grantType} is ticked.`);
  const says = `The application asks by ${grantType}, and is refused: ${lowerFirst(termsSentence(objection))}.`;
  return failure(says, sentence(termsChanges(objection)[0]?.[0]?.description ?? 'Tick the grant'));
}

async function clientAuthenticationLine(env: Env, facts: SetupFacts): Promise<Finding> {
  const { application, grantType } = facts;
  const { application_type, dpop_bound_access_tokens } = application.settings.oauthClient;
  const { token_endpoint_auth_method: method, pkce_required } = application.credentials.oauthClient;
  const objection = objectionToClient(application, grantType);
  if (objection)
    return failure(
      `${termsSentence(objection)}.`,
      sentence(termsChanges(objection)[0]?.[0]?.description ?? 'Change the application'),
    );
  if (application_type === 'browser' && method !== 'none')
    return failure(
      `A single-page application cannot keep a secret, yet its client authentication is ${method}: the token endpoint refuses calls that a page makes.`,
      'Set client authentication to None (PKCE), or create the application as a Web application.',
    );
  const missing = await missingCredential(env, application);
  if (missing) return missing;
  if (dpop_bound_access_tokens)
    return warning(
      'Access tokens are bound to a key (DPoP): the application must send a proof with every request, by one key that all its instances share. One that does not is refused.',
      'Turn off the demand for DPoP unless the application is known to support it.',
    );
  if (application_type === 'web' && method === 'none')
    return warning(
      'A Web application without a secret is protected by PKCE alone, and most libraries for servers then send one and are refused with invalid_client.',
      'Choose Client secret if the application runs on a server.',
    );
  return pass(
    method === 'none' ? 'None, with PKCE.' : `${method}; PKCE is ${pkce_required ? 'required' : 'optional'}.`,
  );
}

async function missingCredential(env: Env, application: Application): Promise<Finding | null> {
  const { token_endpoint_auth_method: method } = application.credentials.oauthClient;
  const { jwks, jwks_uri } = application.settings.oauthClient;
  if (usesSecret(method) && (await activeSecrets(env, application)).length === 0)
    return failure(
      `Its client authentication is ${method}, and it has no active secret: every call is refused with invalid_client.`,
      'Activate a client secret, or generate one and give it to the application.',
    );
  const hasKey = jwks_uri !== undefined || (jwks?.keys ?? []).some(({ status }) => status !== 'INACTIVE');
  if (method === 'private_key_jwt' && !hasKey)
    return failure(
      'It proves itself with a private key, and no public key of it is known: every call is refused with invalid_client.',
      'Add its public key, or the URL of its key set.',
    );
  return null;
}

function redirectLine(_: Env, { application, grantType, redirectUri }: SetupFacts): Finding | null {
  if (termsOf(grantType).consent !== 'page') return null;
  const { redirect_uris: registered } = application.settings.oauthClient;
  const fix = 'Enter the URI exactly as the application sends it: every character counts.';
  if (registered.length === 0)
    return failure('No sign-in redirect URI is registered: nobody can be sent back to the application.', fix);
  if (redirectUri !== null && !isRegisteredRedirectUri(application, redirectUri))
    return failure(
      `The application sends ${redirectUri}, which is not registered. ${nearest(registered, redirectUri)}`,
      fix,
    );
  const open = registered.find(isPlainHttp);
  if (open !== undefined)
    return warning(
      `${open} is not https: sign-in codes and the application’s cookies travel unprotected, and browsers drop cookies there. If the application is behind a TLS proxy, it will send https and be refused.`,
      'Register the https address, and tell the application its public address.',
    );
  return pass(redirectUri === null ? registered.join(', ') : `${redirectUri} is registered.`);
}

function signOutLine(_: Env, { application, grantType, postLogoutRedirectUri }: SetupFacts): Finding | null {
  if (termsOf(grantType).consent !== 'page') return null;
  const registered = application.settings.oauthClient.post_logout_redirect_uris ?? [];
  if (postLogoutRedirectUri !== null && !isRegisteredPostLogoutUri(application, postLogoutRedirectUri))
    return failure(
      `After signing out the application sends people to ${postLogoutRedirectUri}, which is not registered: they end at an error page. ${nearest(registered, postLogoutRedirectUri)}`,
      'Enter the URI exactly as the application sends it.',
    );
  if (registered.length === 0)
    return warning(
      'None is registered: an application that signs people out here as well ends at an error page, and one that does not leaves them signed in.',
      'Enter where the application shows that somebody has signed out.',
    );
  return pass(registered.join(', '));
}

async function baseUrisLine(env: Env, { application, grantType, origin }: SetupFacts): Promise<Finding | null> {
  const inBrowser = application.settings.oauthClient.application_type === 'browser';
  const isPublic = application.credentials.oauthClient.token_endpoint_auth_method === 'none';
  if (!isPublic || termsOf(grantType).consent !== 'page' || (origin === null && !inBrowser)) return null;
  if (origin !== null && normalOrigin(origin) === null)
    return failure(`${origin} is not an origin.`, 'Give scheme, host and port alone, such as https://app.example.com.');
  const origins = origin === null ? redirectOriginsOf(application) : [normalOrigin(origin) ?? origin];
  for (const one of origins) {
    if ((await objectionToBrowser(env, application, one)) !== null)
      return failure(
        `Pages of ${one} may not call this server: the browser reports a CORS error and “Failed to fetch”.`,
        `Add ${one} as a trusted origin with CORS.`,
      );
    if (!(await isTrustedOrigin(env, one, 'CORS')))
      return warning(
        `Pages of ${one} get tokens, since a redirect URI is there, but it is no trusted origin: they cannot read the session of this server.`,
        `Add ${one} as a trusted origin with CORS.`,
      );
  }
  return pass(`${origins.join(', ')} may call this server.`);
}

/** Traffic on the machine itself is seen by nobody else. */
function isPlainHttp(uri: string): boolean {
  const url = URL.parse(uri);
  return url?.protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
}

function nearest(registered: readonly string[], sent: string): string {
  for (const [difference, form] of DIFFERENCES) {
    const near = registered.find((one) => form(one) === form(sent));
    if (near !== undefined) return `${near} is, and differs by ${difference}.`;
  }
  return registered.length === 0 ? '' : `Registered: ${registered.join(', ')}.`;
}

const DIFFERENCES: readonly [difference: string, form: (uri: string) => string][] = [
  ['the slash at its end', (uri) => uri.replace(/\/$/, '')],
  ['capital letters', (uri) => uri.toLowerCase()],
  ['http in place of https', (uri) => uri.replace(/^https?:/, '')],
  ['its port', (uri) => uri.replace(/^(https?:\/\/[^/:]+):\d+/, '$1')],
  ['what follows the question mark', (uri) => uri.replace(/\?.*$/, '')],
  ['its path', (uri) => URL.parse(uri)?.origin ?? uri],
];

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}
