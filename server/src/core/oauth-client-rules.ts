// Owns what an OAuth client may be configured to be: which fields go together, what is refused, and what is filled in when
// nothing was said, by application type. Not here: keeping it (change-applications.ts), redirect URIs one by one
// (redirect-uris.ts), keys one by one (client-keys.ts).
import type { Config } from '../config.ts';
import type {
  ApplicationType,
  ClientAuthenticationMethod,
  GrantType,
  OAuthClientCredentials,
  OAuthClientSettings,
  RefreshTokenSettings,
  ResponseType,
} from './application-settings.ts';
import type { Application } from './applications.ts';
import { type GivenKey, objectionsToKeys, toClientKey } from './client-keys.ts';
import type { Env } from './env.ts';
import { objectionTo } from './redirect-uris.ts';
import { invalid } from './refusal.ts';

type Given<T> = { [K in keyof T]?: T[K] | null | undefined };

/** What a caller says; null and missing mean the same: nothing was said. */
export type OAuthClientInput = {
  settings: Omit<Given<OAuthClientSettings>, 'jwks' | 'idp_initiated_login' | 'refresh_token'> & {
    jwks?: { keys: GivenKey[] } | null | undefined;
    idp_initiated_login?: Given<OAuthClientSettings['idp_initiated_login']> | null | undefined;
    refresh_token?: Given<RefreshTokenSettings> | null | undefined;
  };
  credentials: Given<OAuthClientCredentials>;
};

export type OAuthClient = { settings: OAuthClientSettings; credentials: Omit<OAuthClientCredentials, 'client_id'> };

// Grants in whose course a browser is sent back to the application.
const REDIRECT_GRANTS: readonly GrantType[] = ['authorization_code', 'implicit', 'interaction_code'];
// Grants of the application on its own behalf, or of a party that vouches for itself: a public client cannot.
const CONFIDENTIAL_GRANTS: readonly GrantType[] = ['client_credentials'];
const CIBA: GrantType = 'urn:openid:params:grant-type:ciba';
const DEFAULT_LEEWAY = 30;
const MOST_LEEWAY = 60;

/** The whole configuration out of what was said. `before`: the client as it is, when it is being replaced. Throws E0000001. */
export function completeOAuthClient(env: Env, input: OAuthClientInput, before: Application | null): OAuthClient {
  const { settings: said } = input;
  const application_type = said.application_type ?? before?.settings.oauthClient.application_type ?? 'web';
  const grants = unique(said.grant_types ?? defaultGrants(application_type));
  const responses = unique(said.response_types ?? defaultResponses(grants));
  const credentials = completeCredentials(input, application_type, before);
  const causes = [
    ...objectionsToType(application_type, before),
    ...objectionsToGrants(grants, responses, credentials.token_endpoint_auth_method),
    ...objectionsToUris(said, grants, application_type),
    ...objectionsToIssuerMode(said, env.config),
    ...objectionsToIdpInitiatedLogin(said, grants),
    ...objectionsToWhatIsNotServed(said),
    ...objectionsToBinding(said, grants),
    ...objectionsToLeeway(said),
    ...objectionsToKeys(said.jwks?.keys ?? []),
  ];
  const [first] = causes;
  if (first !== undefined) throw invalid(first.slice(0, first.indexOf(':')), ...causes);
  const filled: Filled = {
    client_uri: said.client_uri ?? null,
    logo_uri: said.logo_uri ?? null,
    redirect_uris: said.redirect_uris ?? [],
    response_types: responses,
    grant_types: grants,
    application_type,
    consent_method: said.consent_method ?? 'TRUSTED',
    issuer_mode: said.issuer_mode ?? (env.config.domains.length > 0 ? 'CUSTOM_URL' : 'ORG_URL'),
    idp_initiated_login: {
      mode: said.idp_initiated_login?.mode ?? 'DISABLED',
      default_scope: said.idp_initiated_login?.default_scope ?? [],
    },
    wildcard_redirect: said.wildcard_redirect ?? 'DISABLED',
    dpop_bound_access_tokens: said.dpop_bound_access_tokens ?? false,
    participate_slo: said.participate_slo ?? false,
  };
  return { settings: withOptionalFields(env, filled, said, before), credentials };
}

type Filled = Pick<
  OAuthClientSettings,
  | 'client_uri'
  | 'logo_uri'
  | 'redirect_uris'
  | 'response_types'
  | 'grant_types'
  | 'application_type'
  | 'consent_method'
  | 'issuer_mode'
  | 'idp_initiated_login'
  | 'wildcard_redirect'
  | 'dpop_bound_access_tokens'
  | 'participate_slo'
>;

/** Fields that are kept as they were said, and missing when nothing was. */
const OPTIONAL_FIELDS = [
  'post_logout_redirect_uris',
  'initiate_login_uri',
  'tos_uri',
  'policy_uri',
  'jwks_uri',
  'frontchannel_logout_uri',
  'frontchannel_logout_session_required',
  'backchannel_logout_uri',
  'backchannel_logout_session_required',
  'network',
  'request_object_signing_alg',
  'backchannel_authentication_request_signing_alg',
  'backchannel_custom_authenticator_id',
  'sector_identifier_uri',
  'subject_type',
  'email_magic_link_redirect_uri',
] as const satisfies (keyof OAuthClientSettings)[];

function withOptionalFields(
  env: Env,
  filled: Filled,
  said: OAuthClientInput['settings'],
  before: Application | null,
): OAuthClientSettings {
  const kept = OPTIONAL_FIELDS.filter((name) => said[name] !== undefined && said[name] !== null);
  const known = before?.settings.oauthClient.jwks?.keys ?? [];
  return {
    ...filled,
    ...Object.fromEntries(kept.map((name) => [name, said[name]])),
    ...(said.jwks ? { jwks: { keys: said.jwks.keys.map((key) => toClientKey(env, key, known)) } } : {}),
    ...(filled.grant_types.includes(CIBA) ? { backchannel_token_delivery_mode: 'poll' as const } : {}),
    ...(filled.grant_types.includes('refresh_token') ? { refresh_token: refreshTokenSettings(said, filled) } : {}),
  };
}

function refreshTokenSettings(said: OAuthClientInput['settings'], filled: Filled): RefreshTokenSettings {
  const rotation_type =
    said.refresh_token?.rotation_type ?? (filled.application_type === 'browser' ? 'ROTATE' : 'STATIC');
  return rotation_type === 'ROTATE'
    ? { rotation_type, leeway: said.refresh_token?.leeway ?? DEFAULT_LEEWAY }
    : { rotation_type };
}

function completeCredentials(
  { credentials: said }: OAuthClientInput,
  type: ApplicationType,
  before: Application | null,
): OAuthClient['credentials'] {
  // How a client proves itself is not reset by a replacement that does not mention it: it would lock the client out.
  const kept = before?.credentials.oauthClient;
  const method = said.token_endpoint_auth_method ?? kept?.token_endpoint_auth_method ?? 'client_secret_basic';
  const pkce = said.pkce_required ?? kept?.pkce_required ?? (type === 'browser' || type === 'native');
  return {
    autoKeyRotation: said.autoKeyRotation ?? kept?.autoKeyRotation ?? true,
    token_endpoint_auth_method: method,
    pkce_required: method === 'none' || pkce,
  };
}

function defaultGrants(type: ApplicationType): GrantType[] {
  return type === 'service' ? ['client_credentials'] : ['authorization_code'];
}

function defaultResponses(grants: readonly GrantType[]): ResponseType[] {
  const responses: ResponseType[] = [];
  if (grants.includes('authorization_code')) responses.push('code');
  if (grants.includes('implicit')) responses.push('token', 'id_token');
  return responses.length > 0 ? responses : ['token'];
}

function objectionsToType(type: ApplicationType, before: Application | null): string[] {
  return before && before.settings.oauthClient.application_type !== type
    ? ['application_type: The application type cannot be changed after creation']
    : [];
}

function objectionsToGrants(
  grants: readonly GrantType[],
  responses: readonly ResponseType[],
  method: ClientAuthenticationMethod,
): string[] {
  const causes: string[] = [];
  const code = grants.includes('authorization_code');
  const implicit = grants.includes('implicit');
  if (grants.length === 0) causes.push('grant_types: The field cannot be left blank');
  if (code && !responses.includes('code'))
    causes.push("response_types: 'code' is needed by the grant type 'authorization_code'");
  if (!code && responses.includes('code'))
    causes.push("grant_types: The response type 'code' needs 'authorization_code'");
  if (implicit && !responses.includes('token') && !responses.includes('id_token'))
    causes.push("response_types: 'token' or 'id_token' is needed by the grant type 'implicit'");
  if (!implicit && responses.includes('id_token'))
    causes.push("grant_types: The response type 'id_token' needs 'implicit'");
  // Of a client without redirects, `token` says only that the token endpoint gives it access tokens.
  if (!implicit && code && responses.includes('token'))
    causes.push("grant_types: The response type 'token' beside 'code' needs 'implicit'");
  if (method === 'none')
    for (const grant of CONFIDENTIAL_GRANTS.filter((one) => grants.includes(one)))
      causes.push(`grant_types: '${grant}' needs a client that authenticates, not the method 'none'`);
  return causes;
}

function objectionsToUris(
  said: OAuthClientInput['settings'],
  grants: readonly GrantType[],
  type: ApplicationType,
): string[] {
  const causes: string[] = [];
  const redirects = said.redirect_uris ?? [];
  if (redirects.length === 0 && grants.some((grant) => REDIRECT_GRANTS.includes(grant)))
    causes.push('redirect_uris: The field cannot be left blank');
  const schemes = type === 'native';
  const wildcard = said.wildcard_redirect === 'SUBDOMAIN';
  causes.push(...objectionsToEach('redirect_uris', redirects, { schemes, wildcard }));
  const postLogout = said.post_logout_redirect_uris ?? [];
  causes.push(...objectionsToEach('post_logout_redirect_uris', postLogout, { schemes, wildcard: false }));
  for (const name of [
    'client_uri',
    'logo_uri',
    'tos_uri',
    'policy_uri',
    'jwks_uri',
    'sector_identifier_uri',
    'backchannel_logout_uri',
  ] as const)
    causes.push(...objectionsToEach(name, [said[name]], { schemes: false, wildcard: false }));
  for (const name of ['initiate_login_uri', 'email_magic_link_redirect_uri'] as const)
    causes.push(...objectionsToEach(name, [said[name]], { schemes, wildcard: false }));
  causes.push(
    ...objectionsToEach('frontchannel_logout_uri', [said.frontchannel_logout_uri], { schemes: false, wildcard: true }),
  );
  if (said.jwks && said.jwks_uri) causes.push("jwks_uri: Only one of 'jwks' and 'jwks_uri' may be given");
  return causes;
}

function objectionsToEach(
  field: string,
  uris: readonly (string | null | undefined)[],
  allowed: { schemes: boolean; wildcard: boolean },
): string[] {
  const objections = uris.map((uri) => (uri === null || uri === undefined ? null : objectionTo(uri, allowed)));
  return objections.filter((objection) => objection !== null).map((objection) => `${field}: The URI ${objection}`);
}

function objectionsToIssuerMode(said: OAuthClientInput['settings'], config: Config): string[] {
  return said.issuer_mode === 'CUSTOM_URL' && config.domains.length === 0
    ? ["issuer_mode: 'CUSTOM_URL' needs a custom domain, and none is configured"]
    : [];
}

function objectionsToIdpInitiatedLogin(said: OAuthClientInput['settings'], grants: readonly GrantType[]): string[] {
  const mode = said.idp_initiated_login?.mode ?? 'DISABLED';
  if (mode === 'DISABLED') return [];
  const causes: string[] = [];
  if (!said.initiate_login_uri)
    causes.push(`initiate_login_uri: The field cannot be left blank with the mode '${mode}'`);
  if (!grants.some((grant) => REDIRECT_GRANTS.includes(grant)))
    causes.push(`idp_initiated_login: The mode '${mode}' needs one of the grant types ${REDIRECT_GRANTS.join(', ')}`);
  return causes;
}

/** What would be a promise of protection that this server does not keep. */
function objectionsToWhatIsNotServed(said: OAuthClientInput['settings']): string[] {
  const causes: string[] = [];
  if (said.network?.connection === 'ZONE') causes.push('network: Network zones are not supported');
  if (said.subject_type === 'pairwise') causes.push('subject_type: Only public subjects are supported');
  if (said.id_token_encrypted_response_alg)
    causes.push('id_token_encrypted_response_alg: Encrypted ID tokens are not supported');
  return causes;
}

// A token that comes back through the browser's address bar was asked for without a proof.
function objectionsToBinding(said: OAuthClientInput['settings'], grants: readonly GrantType[]): string[] {
  return said.dpop_bound_access_tokens && grants.includes('implicit')
    ? ["dpop_bound_access_tokens: Access tokens of the grant type 'implicit' cannot be bound to a key"]
    : [];
}

function objectionsToLeeway(said: OAuthClientInput['settings']): string[] {
  const leeway = said.refresh_token?.leeway ?? 0;
  return Number.isInteger(leeway) && leeway >= 0 && leeway <= MOST_LEEWAY
    ? []
    : [`refresh_token: The leeway must be a whole number of seconds from 0 to ${MOST_LEEWAY}`];
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
