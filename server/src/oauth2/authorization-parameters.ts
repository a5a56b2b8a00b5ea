// Owns what an authorization request may say (RFC 6749 section 4.1.1, OIDC Core 3.1.2.1, RFC 7636): first whether there is a
// client and a place to answer, then everything else. The order of checks is the order in this file.
// Not here: sessions, policy, answers.

import type { ResponseType } from '../core/application-settings.ts';
import type { Application } from '../core/applications.ts';
import { findClient } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { objectionToClient, objectionToIdToken, objectionToResponseTypes } from '../core/grant-terms.ts';
import { isRegisteredRedirectUri } from '../core/redirect-uris.ts';
import { acrValuesOf } from './acr-values.ts';
import { oauthError } from './oauth-error.ts';
import { type Parameters, scopeList } from './parameters.ts';
import { type Channel, type ResponseMode, responseModes } from './response-mode.ts';

export type Prompt = 'none' | 'login' | 'consent';

export type AuthorizationParameters = {
  responseTypes: ReadonlySet<ResponseType>;
  scopes: string[] | null;
  nonce: string | null;
  codeChallenge: string | null;
  prompt: ReadonlySet<Prompt>;
  /** Seconds. */
  maxAge: number | null;
  loginHint: string | null;
  /** Read at a STRICT server alone; null: not given, or not heard. */
  idTokenHint: string | null;
  acrValues: readonly string[];
  /** The key to which the code will be bound (RFC 9449 section 10). */
  boundKey: string | null;
  sessionToken: string | null;
  /** By whom somebody who is not signed in is to sign in. */
  identityProviderId: string | null;
};

const RESPONSE_TYPES: readonly ResponseType[] = ['code', 'token', 'id_token'];
const PROMPTS = ['none', 'login', 'consent', 'login consent'];
const SCOPE_LIMIT = 1024;
const TEXT_LIMIT = 2048;
const MAX_AGE_LIMIT = 2 ** 31 - 1;

/** Client and redirect URI. What fails here is shown to the person and never redirected. */
export async function openChannel(
  env: Env,
  server: AuthorizationServer,
  parameters: Parameters,
): Promise<{ application: Application; channel: Channel }> {
  const clientId = parameters.get('client_id');
  if (clientId === undefined) throw oauthError('missing_parameter', 'client_id');
  const application = await findClient(env, clientId);
  if (application?.status !== 'ACTIVE') throw oauthError('invalid_client_id');
  const redirectUri = parameters.get('redirect_uri');
  if (redirectUri === undefined) throw oauthError('missing_parameter', 'redirect_uri');
  if (!isRegisteredRedirectUri(application, redirectUri))
    throw oauthError('illegal_redirect_uri', redirectUri, {
      registered: application.settings.oauthClient.redirect_uris,
    });
  const state = parameters.get('state') ?? null;
  const told = state !== null && isState(server, state) ? state : null;
  const channel = { redirectUri, mode: modeFor(parameters), state: told };
  return { application, channel };
}

// Even an answer that says the mode or type is wrong needs a way: the one asked for if it exists, else the type's default.
function modeFor(parameters: Parameters): ResponseMode {
  const asked = responseModes.find((mode) => mode === parameters.get('response_mode'));
  const carriesTokens = (parameters.get('response_type') ?? '').split(' ').some((type) => /^(id_)?token$/.test(type));
  if (asked && !(asked === 'query' && carriesTokens)) return asked;
  return carriesTokens ? 'fragment' : 'query';
}

/** Everything else. What fails here goes to the client through its channel. */
export function checkParameters(
  server: AuthorizationServer,
  application: Application,
  parameters: Parameters,
): AuthorizationParameters {
  const unfit = objectionToClient(application, 'authorization_code', 'authorize');
  if (unfit) throw oauthError(unfit.reason, unfit.insert);
  const strict = server.conformance === 'STRICT';
  const state = parameters.get('state');
  // RFC 6749 section 4.1.1 recommends a state; Okta requires it.
  if (state === undefined ? !strict : !isState(server, state)) throw oauthError('invalid_state');
  const responseTypes = responseTypesOf(application, parameters);
  checkResponseMode(parameters, responseTypes);
  const prompt = promptOf(parameters);
  const maxAge = maxAgeOf(parameters);
  if (prompt.has('none') && maxAge === 0) throw oauthError('prompt_none_with_max_age_zero');
  return {
    responseTypes,
    scopes: scopesOf(parameters, responseTypes),
    nonce: nonceOf(parameters, responseTypes),
    codeChallenge: codeChallengeOf(application, parameters, responseTypes),
    prompt,
    maxAge,
    loginHint: parameters.get('login_hint')?.slice(0, 100) ?? null,
    idTokenHint: strict ? (parameters.get('id_token_hint') ?? null) : null,
    acrValues: acrValuesOf(parameters),
    boundKey: boundKeyOf(application, parameters),
    sessionToken: parameters.get('sessionToken') ?? null,
    identityProviderId: parameters.get('idp') ?? null,
  };
}

// Okta documents letters, digits and `,._-`; libraries in use send base64 and URL-like values too. What has no business in a
// state (white space, quotes, angle brackets, controls) is refused; RFC 6749 appendix A.5 lets every visible character be one.
function isState({ conformance }: AuthorizationServer, state: string): boolean {
  const allowed = conformance === 'STRICT' ? /^[\x20-\x7e]+$/ : /^[\w,.\-=+/~:;|@%!*?&#$()[\]{}]+$/;
  return state.length <= TEXT_LIMIT && allowed.test(state);
}

function responseTypesOf(application: Application, parameters: Parameters): ReadonlySet<ResponseType> {
  const asked = parameters.get('response_type');
  if (asked === undefined) throw oauthError('missing_parameter', 'response_type');
  const types = asked.split(' ').filter((type) => type !== '');
  const objection = objectionToResponseTypes(application, types);
  if (objection) throw oauthError(objection.reason, objection.insert);
  return new Set(RESPONSE_TYPES.filter((type) => types.includes(type)));
}

function checkResponseMode(parameters: Parameters, responseTypes: ReadonlySet<ResponseType>): void {
  const mode = parameters.get('response_mode');
  if (mode === undefined) return;
  if (!(responseModes as readonly string[]).includes(mode)) throw oauthError('unsupported_response_mode');
  if (mode === 'query' && issuesTokens(responseTypes)) throw oauthError('query_mode_with_tokens');
}

export function issuesTokens(responseTypes: ReadonlySet<ResponseType>): boolean {
  return responseTypes.has('token') || responseTypes.has('id_token');
}

function scopesOf(parameters: Parameters, responseTypes: ReadonlySet<ResponseType>): string[] | null {
  const text = parameters.get('scope');
  if (text !== undefined && text.length > SCOPE_LIMIT) throw oauthError('invalid_scope');
  const scopes = scopeList(text);
  const objection = objectionToIdToken(responseTypes, scopes);
  if (objection) throw oauthError(objection.reason, objection.insert);
  return scopes;
}

function nonceOf(parameters: Parameters, responseTypes: ReadonlySet<ResponseType>): string | null {
  const nonce = parameters.get('nonce') ?? null;
  if (nonce === null && issuesTokens(responseTypes)) throw oauthError('invalid_nonce');
  if (nonce !== null && nonce.length > TEXT_LIMIT) throw oauthError('too_large');
  return nonce;
}

function codeChallengeOf(
  application: Application,
  parameters: Parameters,
  responseTypes: ReadonlySet<ResponseType>,
): string | null {
  const challenge = parameters.get('code_challenge');
  const method = parameters.get('code_challenge_method');
  if (!responseTypes.has('code')) return null;
  if (challenge === undefined) {
    if (method !== undefined || application.credentials.oauthClient.pkce_required) throw oauthError('pkce_required');
    return null;
  }
  // Without a method RFC 7636 means `plain`, which is not offered.
  if (method !== 'S256') throw oauthError('pkce_method_unsupported');
  if (!/^[A-Za-z0-9\-_]{43,128}$/.test(challenge)) throw oauthError('pkce_illegal_challenge');
  return challenge;
}

function promptOf(parameters: Parameters): ReadonlySet<Prompt> {
  const text = parameters.get('prompt');
  if (text === undefined) return new Set();
  const values = text.split(' ').filter((value) => value !== '');
  const known = values.every((value) => value === 'none' || value === 'login' || value === 'consent');
  if (!known || (values.includes('none') && values.length > 1)) throw oauthError('invalid_prompt', PROMPTS.join(', '));
  return new Set(values as Prompt[]);
}

// To a client that uses no keys the parameter means nothing, like any that a server does not know.
function boundKeyOf(application: Application, parameters: Parameters): string | null {
  const thumbprint = parameters.get('dpop_jkt');
  if (thumbprint === undefined || !application.settings.oauthClient.dpop_bound_access_tokens) return null;
  if (!/^[\w-]{43}$/.test(thumbprint)) throw oauthError('invalid_dpop_proof', "The 'dpop_jkt' parameter is invalid.");
  return thumbprint;
}

function maxAgeOf(parameters: Parameters): number | null {
  const text = parameters.get('max_age');
  if (text === undefined) return null;
  if (!/^\d{1,10}$/.test(text) || Number(text) > MAX_AGE_LIMIT) throw oauthError('invalid_max_age');
  return Number(text);
}
