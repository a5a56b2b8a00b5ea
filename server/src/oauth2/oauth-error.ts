// Owns the errors of the OAuth endpoints: a table of name → status, RFC error code and the description that clients compare.
// Source of the descriptions: Okta's public catalogue of OAuth errors. Not here: the errors of the management API
// (http/api-error.ts) and how an authorize error reaches the callback (response-mode.ts).
import { currentDpopNonce } from '../core/dpop-nonces.ts';
import type { Env } from '../core/env.ts';
import { Refusal } from '../core/refusal.ts';
import { answerApiError } from '../http/api-error.ts';
import { BodyTooLarge } from '../http/read-body.ts';
import { json } from '../http/reply.ts';

type Entry = readonly [status: number, error: string, description: string];

/** `{0}` takes the inserted value. */
export const oauthErrors = {
  // invalid_request
  duplicate_parameters: [400, 'invalid_request', 'The request contained multiple parameters with the same name.'],
  missing_parameter: [400, 'invalid_request', "The required parameter '{0}' is missing."],
  missing_token: [400, 'invalid_request', "The 'token' parameter is required."],
  missing_grant_type: [400, 'invalid_request', "The token request must specify a 'grant_type'. Valid values: [{0}]"],
  credentials_in_query: [400, 'invalid_request', 'Client credentials cannot be supplied via query parameters.'],
  parameters_in_query: [
    400,
    'invalid_request',
    'A POST request must carry its parameters in the body, not in the query.',
  ],
  token_in_query: [400, 'invalid_request', 'The access token cannot be presented in a query string.'],
  not_a_form: [400, 'invalid_request', "The request body must be of type 'application/x-www-form-urlencoded'."],
  too_large: [400, 'invalid_request', 'The request is too large.'],
  multiple_credentials: [
    401,
    'invalid_request',
    'Cannot supply multiple client credentials. Use one of the following: credentials in the Authorization header, credentials in the post body, or a client_assertion in the post body.',
  ],
  illegal_redirect_uri: [
    400,
    'invalid_request',
    "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings: {0}",
  ],
  illegal_post_logout_redirect_uri: [
    400,
    'invalid_request',
    "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings: {0}",
  ],
  invalid_state: [400, 'invalid_request', "The authentication request has an invalid 'state' parameter."],
  invalid_nonce: [
    400,
    'invalid_request',
    "The 'nonce' parameter is required for authorize requests with either the 'id_token' or 'token' response types..",
  ],
  invalid_prompt: [400, 'invalid_request', "Invalid value for 'prompt' parameter. Supported values: [{0}]"],
  prompt_none_with_max_age_zero: [
    400,
    'invalid_request',
    "'prompt' parameter must not have the value 'none' for request with 'zero' as max_age.",
  ],
  invalid_max_age: [
    400,
    'invalid_request',
    "Invalid value for 'max_age' parameter. It should be within range 0 - 2^31-1.",
  ],
  unknown_idp: [400, 'invalid_request', 'Identity provider is not valid.'],
  pkce_required: [400, 'invalid_request', 'PKCE code challenge is required by the application.'],
  pkce_illegal_challenge: [400, 'invalid_request', 'PKCE code challenge contains illegal characters.'],
  pkce_method_unsupported: [
    400,
    'invalid_request',
    'PKCE code challenge method is not supported. Valid values: [S256]',
  ],
  pkce_verifier_required: [400, 'invalid_request', 'PKCE code verifier is required by the application.'],
  pkce_challenge_missing: [
    400,
    'invalid_request',
    'PKCE code challenge should be specified in the authorize request for code verification.',
  ],
  service_not_allowed: [
    400,
    'invalid_request',
    "Clients with 'application_type' of 'service' are not allowed to access the '{0}' endpoint.",
  ],
  invalid_client_assertion_type: [400, 'invalid_request', 'The client_assertion_type is invalid.'],
  request_uri_in_pushed_request: [
    400,
    'invalid_request',
    "The 'request_uri' parameter must not be present in the request.",
  ],
  request_and_request_uri: [
    400,
    'invalid_request',
    'The authorize request must not contain both a request object and a request uri.',
  ],
  invalid_authorization_server: [400, 'invalid_request', 'The authorization server id is invalid.'],
  browser_origin_not_allowed: [
    400,
    'invalid_request',
    'Browser requests to the token endpoint must be part of at least one whitelisted redirect_uri.',
  ],
  missing_id_token_hint: [400, 'invalid_request', "The required parameter 'id_token_hint' is missing."],
  invalid_id_token_hint: [
    400,
    'invalid_request',
    "The 'id_token_hint' parameter is not an ID token issued to a known client.",
  ],
  id_token_does_not_match_session: [
    400,
    'id_token_does_not_match_session',
    "The ID token subject does not match the current session's user.",
  ],

  // invalid_client
  invalid_client_id: [401, 'invalid_client', "Invalid value for 'client_id' parameter."],
  invalid_client: [
    401,
    'invalid_client',
    'Client authentication failed. Either the client or the client credentials are invalid.',
  ],
  missing_client_credentials: [401, 'invalid_client', 'No client credentials found.'],
  invalid_basic_credentials: [
    401,
    'invalid_client',
    'Found Authentication header but was not valid client credentials.',
  ],
  invalid_client_secret: [401, 'invalid_client', 'The client secret supplied for a confidential client is invalid.'],
  service_client_required: [
    401,
    'invalid_client',
    "Only clients with 'application_type' of 'service' may use the client_credentials 'grant_type' with the Org Authorization Server.",
  ],
  private_key_jwt_required: [
    401,
    'invalid_client',
    'Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.',
  ],
  browser_needs_pkce: [
    401,
    'invalid_client',
    'Browser requests to the token endpoint must use Proof Key for Code Exchange.',
  ],
  client_assertion_issuer: [401, 'invalid_client', 'The issuer claim for client_assertion is not a valid client_id.'],
  client_assertion_subject: [401, 'invalid_client', 'The subject claim for client_assertion is not a valid client_id.'],
  client_assertion_audience: [
    401,
    'invalid_client',
    'The audience claim for client_assertion must be the endpoint invoked for the request.',
  ],
  client_assertion_without_exp: [
    401,
    'invalid_client',
    "The client_assertion must contain the 'exp' claim as seconds since epoch.",
  ],
  client_assertion_expired: [401, 'invalid_client', 'The client_assertion token is expired.'],
  client_assertion_expires_too_late: [
    401,
    'invalid_client',
    'The client_assertion token has an expiration too far into the future.',
  ],
  client_assertion_from_the_future: [
    401,
    'invalid_client',
    'The client_assertion token must be issued before the current time.',
  ],
  client_assertion_used: [401, 'invalid_client', 'The client_assertion token has already been used.'],
  client_assertion_signature: [401, 'invalid_client', 'The client_assertion signature is invalid.'],
  client_assertion_unreadable: [401, 'invalid_client', 'The parsing of the client_assertion failed.'],
  client_assertion_unknown_kid: [401, 'invalid_client', 'The client_assertion JWT kid is invalid.'],
  client_assertion_algorithm: [401, 'invalid_client', 'The client_assertion JWT signature algorithm is invalid.'],
  client_assertion_no_secret: [
    401,
    'invalid_client',
    'The issuer and subject claim for client_assertion is invalid because the client does not have a client secret.',
  ],
  client_assertion_short_secret: [401, 'invalid_client', 'The client secret is too short to verify a JWT HMAC.'],
  client_assertion_no_keys: [
    401,
    'invalid_client',
    'The client does not have a JWKSet configured, but the client_assertion requires one.',
  ],
  client_assertion_no_signing_key: [
    401,
    'invalid_client',
    'The client_assertion JWT needs to be signed using a signing key.',
  ],
  jwks_uri_error: [401, 'invalid_client', 'Error retrieving the client JWKSet from jwks_uri.'],
  jwks_uri_no_key: [401, 'invalid_client', 'The client JWKSet from jwks_uri must contain at least one key.'],
  jwks_uri_ambiguous_keys: [
    401,
    'invalid_client',
    'All keys in the client JWKSet from jwks_uri must have a unique kid.',
  ],
  request_object_issuer: [401, 'invalid_client', 'The issuer of the request object is invalid.'],
  request_object_no_keys: [
    401,
    'invalid_client',
    'The client does not have a JWKSet configured, but the request object requires one.',
  ],
  request_uri_of_another_client: [
    401,
    'invalid_client',
    "The 'client_id' parameter does not match the expected value for the provided request_uri.",
  ],

  // invalid_grant
  invalid_code: [400, 'invalid_grant', 'The authorization code is invalid or has expired.'],
  code_of_another_client: [
    400,
    'invalid_grant',
    "The grant was issued to another client. Please make sure the 'client_id' matches the one used at the authorize request.",
  ],
  redirect_uri_mismatch: [
    400,
    'invalid_grant',
    "The 'redirect_uri' does not match the redirection URI used in the authorization request.",
  ],
  code_of_another_server: [400, 'invalid_request', 'The grant was issued for another authorization server.'],
  pkce_failed: [400, 'invalid_grant', 'PKCE verification failed.'],
  invalid_refresh_token: [400, 'invalid_grant', 'The refresh token is invalid or expired.'],
  invalid_device_code: [400, 'invalid_grant', 'The device code is invalid or has expired.'],
  invalid_credentials: [400, 'invalid_grant', 'The credentials provided were invalid.'],
  factor_required: [400, 'invalid_grant', 'Resource owner password credentials cannot be used with MFA enabled.'],
  password_expired: [400, 'invalid_grant', 'Password has expired.'],
  too_many_attempts: [429, 'invalid_grant', 'API call exceeded rate limit due to too many requests.'],
  subject_token_expired: [
    400,
    'invalid_grant',
    "The 'subject_token' either expired or the session associated with it was terminated.",
  ],
  invalid_assertion: [400, 'invalid_grant', "The 'assertion' is not a valid JWT signed by a key of the client."],
  assertion_audience: [
    400,
    'invalid_grant',
    'The audience of the JWT Bearer Grant must match the the issuer of the authorization server.',
  ],
  assertion_expired: [400, 'invalid_grant', 'The JWT Bearer Grant has expired, or expires too far into the future.'],
  assertion_used: [400, 'invalid_grant', 'The jti of the JWT Bearer Grant was already used.'],
  assertion_subject: [400, 'invalid_grant', 'The subject of the JWT Bearer Grant is not an active user.'],

  // access_denied
  user_not_assigned: [400, 'access_denied', 'User is not assigned to the client application.'],
  no_scope_allowed: [400, 'access_denied', 'Policy evaluation succeeded, but all the requested scopes were rejected.'],
  scope_denied: [400, 'access_denied', 'Some of the requested scopes were denied by the policy. Denied scopes: [{0}].'],
  refresh_scopes_denied: [
    400,
    'access_denied',
    'Some of the scopes requested for the refresh request were not granted in the original authorize request. Denied scopes: {0}.',
  ],
  no_matching_policy: [
    401,
    'access_denied',
    'Policy evaluation failed for this request, please check the policy configurations.',
  ],
  application_sign_on_denied: [
    403,
    'access_denied',
    'The sign-on policy of this application does not let this person in.',
  ],
  consent_refused: [403, 'access_denied', 'The resource owner or authorization server denied the request.'],
  // The device flow answers everything with 400 (RFC 8628 section 3.5).
  device_refused: [400, 'access_denied', 'The resource owner or authorization server denied the request.'],
  subject_token_not_trusted: [403, 'access_denied', "The 'subject_token' issuer isn't a trusted authorization server."],

  // invalid_scope
  invalid_scope: [
    400,
    'invalid_scope',
    'The requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner.',
  ],
  no_matching_scope: [
    400,
    'invalid_scope',
    'One or more scopes are not configured for the authorization server resource.',
  ],
  no_default_scopes: [
    400,
    'invalid_scope',
    "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
  ],
  no_scopes: [400, 'invalid_scope', 'No scopes were requested.'],
  custom_scopes_not_allowed: [400, 'invalid_scope', 'Custom scopes are not allowed for this request.'],
  openid_scope_required: [
    400,
    'invalid_scope',
    "Requests for ID tokens or access tokens with OpenID scopes require the 'openid' scope.",
  ],

  openid_scope_with_client_credentials: [
    400,
    'invalid_scope',
    "Cannot request 'openid' scopes using client credentials.",
  ],
  self_scope_with_client_credentials: [
    400,
    'invalid_scope',
    "Cannot request '.self' scopes using client credentials: [{0}].",
  ],
  openid_scope_with_token_exchange: [
    400,
    'invalid_scope',
    "Can't request 'openid' scopes using the Token Exchange flow for a service app.",
  ],
  scope_without_sign_in: [400, 'invalid_scope', 'Scopes of a sign-in cannot be requested with this grant type: [{0}].'],

  // device authorization (RFC 8628)
  authorization_pending: [400, 'authorization_pending', 'The device authorization is pending. Please try again later.'],
  slow_down: [400, 'slow_down', 'Slow down the polling frequency. Please try again later.'],
  expired_device_code: [400, 'expired_token', 'The device code has expired.'],
  too_many_user_codes: [429, 'too_many_user_codes', 'Too many user codes generated. Please try again later.'],

  // token exchange (RFC 8693)
  invalid_subject_token: [400, 'invalid_request', "'subject_token' is invalid."],
  invalid_subject_token_type: [400, 'invalid_request', "'subject_token_type' is invalid or not supported."],
  invalid_actor_token: [400, 'invalid_request', "'actor_token' is invalid."],
  invalid_requested_token_type: [400, 'invalid_request', "'requested_token_type' is invalid or not supported."],
  invalid_audience: [
    400,
    'invalid_target',
    'Token Exchange requests must include a valid audience of the authorization server.',
  ],
  invalid_target: [400, 'invalid_target', 'The token request contains an invalid target.'],

  // others
  login_required: [400, 'login_required', 'The client specified not to prompt, but the user is not logged in.'],
  reauthentication_required: [
    400,
    'login_required',
    'The client specified not to prompt, but the client app requires re-authentication or MFA.',
  ],
  consent_required: [400, 'consent_required', 'The following scopes require user consent: [{0}].'],
  consent_impossible: [
    400,
    'consent_required',
    'The following scopes require user consent and cannot be granted for the client credentials grant type: [{0}].',
  ],
  no_org_scopes_granted: [400, 'consent_required', 'You are not allowed any of the requested scopes.'],
  unauthorized_grant: [
    400,
    'unauthorized_client',
    'The client is not authorized to use the provided grant type. Configured grant types: [{0}].',
  ],
  confidential_client_required: [400, 'unauthorized_client', 'Confidential client is required to make this request.'],
  password_in_browser: [
    400,
    'unauthorized_client',
    "Clients with 'application_type' of 'browser' are not allowed to use the 'password' grant type.",
  ],
  unsupported_grant_type: [
    400,
    'unsupported_grant_type',
    'The authorization grant type is not supported by the authorization server. Configured grant types: [{0}].',
  ],
  unsupported_response_type: [
    400,
    'unsupported_response_type',
    'The response type is not supported by the authorization server. Configured response types: [{0}].',
  ],
  unsupported_response_mode: [
    400,
    'unsupported_response_mode',
    'The response mode is not supported by the authorization server. Valid response modes: [query, fragment, form_post, okta_post_message].',
  ],
  query_mode_with_tokens: [
    400,
    'unsupported_response_mode',
    "'query' response mode cannot be used with either the 'id_token' or 'token' response types.",
  ],
  request_object_unsupported: [
    400,
    'request_not_supported',
    'The authorize request object is not supported by this client.',
  ],
  invalid_request_object: [400, 'invalid_request_object', 'The authorize request object is invalid.'],
  request_object_wrong_algorithm: [
    400,
    'invalid_request_object',
    'The signing algorithm used is not supported by this client.',
  ],
  request_object_signature: [400, 'invalid_request_object', 'The signature of the request object is invalid.'],
  request_object_audience: [400, 'invalid_request_object', 'The audience of the request object is invalid.'],
  request_object_used: [400, 'invalid_request_object', 'The request object has already been used.'],
  request_object_unreadable: [400, 'invalid_request_object', 'The request object cannot be parsed.'],
  request_object_expired: [400, 'invalid_request_object', 'The request object is expired.'],
  request_object_expires_too_late: [400, 'invalid_request_object', 'The request object expires too far in the future.'],
  request_object_from_the_future: [400, 'invalid_request_object', 'The request object is issued in the future.'],
  request_object_too_early: [400, 'invalid_request_object', 'The request object is issued too early.'],
  request_object_unknown_kid: [400, 'invalid_request_object', 'The JWT kid of the request object is invalid.'],
  request_object_algorithm: [
    400,
    'invalid_request_object',
    'The JWT signature algorithm of the request object is invalid.',
  ],
  request_object_short_secret: [400, 'invalid_request_object', 'The JWT signature secret length is too short.'],
  request_object_no_signing_key: [
    400,
    'invalid_request_object',
    'The request object needs to be signed using a signing key.',
  ],
  invalid_request_uri: [400, 'invalid_request_uri', 'The authorize request_uri is invalid.'],
  request_uri_of_another_server: [
    400,
    'invalid_request_uri',
    'The request_uri was issued for another authorization server.',
  ],
  unmet_acr_values: [
    400,
    'unmet_authentication_requirements',
    "Unable to meet the authentication requirements imposed by 'acr_values' parameter.",
  ],

  // DPoP (RFC 9449). core/dpop-proofs.ts says what is wrong with a proof.
  use_dpop_nonce: [400, 'use_dpop_nonce', 'Authorization server requires nonce in DPoP proof.'],
  invalid_dpop_proof: [400, 'invalid_dpop_proof', '{0}'],
  expired_transaction: [
    400,
    'invalid_request',
    'This sign-in was started in another browser, was finished already, or took too long. Go back to the application and start again.',
  ],
  // The first has this stray sign in Okta's catalogue, and so on its wire.
  user_claim_evaluation_failure: [400, 'server_error', "=The '{0}' user claim could not be evaluated."],
  system_claim_evaluation_failure: [400, 'server_error', "The '{0}' system claim could not be evaluated."],
  too_many_groups: [
    400,
    'server_error',
    'The groups claim matched too many groups and must be configured to match fewer groups.',
  ],
  token_hook_error: [400, 'server_error', '{0}'],
  server_error: [500, 'server_error', 'The authorization server could not answer. Please try again later.'],
} as const satisfies Record<string, Entry>;

export type OAuthErrorName = keyof typeof oauthErrors;

/** A refusal that the client may see. */
export class OAuthError extends Error {
  override name = 'OAuthError';
  readonly errorName: OAuthErrorName;
  readonly status: number;
  readonly error: string;
  readonly description: string;
  /** For the System Log, never for the client: which policy, rule or value decided. */
  readonly facts: Record<string, unknown>;

  constructor(errorName: OAuthErrorName, insert = '', facts: Record<string, unknown> = {}) {
    const [status, error, description] = oauthErrors[errorName];
    super(`${error}: ${errorName}`);
    this.errorName = errorName;
    this.status = status;
    this.error = error;
    this.description = description.replace('{0}', () => insert);
    this.facts = facts;
  }
}

export function oauthError(name: OAuthErrorName, insert = '', facts: Record<string, unknown> = {}): OAuthError {
  return new OAuthError(name, insert, facts);
}

/** The OAuthError that an exception stands for; null when it is not the client's doing. */
export function asOAuthError(error: unknown): OAuthError | null {
  if (error instanceof OAuthError) return error;
  return error instanceof BodyTooLarge ? new OAuthError('too_large') : null;
}

/** The answer to anything thrown on the OAuth surface (RFC 6749 section 5.2). */
export function answerOAuthError(env: Env, error: unknown, request: Request): Response {
  // Okta answers an unknown authorization server in the management API's shape.
  if (error instanceof Refusal) return answerApiError(env, error);
  const known = asOAuthError(error);
  if (!known) env.log.error({ err: error, requestId: env.request.id, path: env.request.path }, 'A request failed');
  const shown = known ?? new OAuthError('server_error');
  return json(
    { error: shown.error, error_description: shown.description },
    shown.status,
    headersOf(env, shown, request),
  );
}

function headersOf(env: Env, { status, error, errorName }: OAuthError, request: Request): Record<string, string> {
  const headers = { 'cache-control': 'no-store', pragma: 'no-cache' };
  if (errorName === 'use_dpop_nonce') return { ...headers, 'dpop-nonce': currentDpopNonce(env) };
  // RFC 6749 section 5.2 wants the challenge where the client used this header; elsewhere a browser would open a dialog.
  const basic = status === 401 && error === 'invalid_client' && request.headers.has('authorization');
  return basic ? { ...headers, 'www-authenticate': 'Basic realm="Gatehouse"' } : headers;
}
