// Owns the types of what an application is configured to do, in the wire's spelling: they are stored as they are shown.
// Not here: which combinations are allowed and what is filled in (oauth-client-rules.ts), rows and queries (applications.ts).

export const applicationTypes = ['web', 'native', 'browser', 'service'] as const;
export type ApplicationType = (typeof applicationTypes)[number];

export const responseTypes = ['code', 'token', 'id_token'] as const;
export type ResponseType = (typeof responseTypes)[number];

/** Every grant type that an application may be allowed. Which of them the token endpoint serves is that endpoint's list. */
export const grantTypes = [
  'authorization_code',
  'implicit',
  'refresh_token',
  'password',
  'client_credentials',
  'interaction_code',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:openid:params:grant-type:ciba',
  'urn:okta:params:oauth:grant-type:otp',
  'urn:okta:params:oauth:grant-type:oob',
  'http://auth0.com/oauth/grant-type/mfa-otp',
  'http://auth0.com/oauth/grant-type/mfa-oob',
] as const;
export type GrantType = (typeof grantTypes)[number];

export const clientAuthenticationMethods = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'none',
] as const;
export type ClientAuthenticationMethod = (typeof clientAuthenticationMethods)[number];

export const issuerModes = ['ORG_URL', 'CUSTOM_URL', 'DYNAMIC'] as const;
export type IssuerMode = (typeof issuerModes)[number];

/** A public key of the application; `id` and `status` are this server's additions to the JWK. */
export type ClientKey = {
  kty: string;
  kid?: string | null | undefined;
  use?: string | null | undefined;
  alg?: string | null | undefined;
  id?: string | undefined;
  status?: 'ACTIVE' | 'INACTIVE' | undefined;
  [parameter: string]: unknown;
};

export type RefreshTokenSettings = {
  rotation_type: 'ROTATE' | 'STATIC';
  /** Seconds for which a rotated token still works; only with ROTATE. */
  leeway?: number | undefined;
};

/** `settings.oauthClient`. A field that may be missing is missing exactly when nobody set it. */
export type OAuthClientSettings = {
  client_uri: string | null;
  logo_uri: string | null;
  redirect_uris: string[];
  post_logout_redirect_uris?: string[] | undefined;
  response_types: ResponseType[];
  grant_types: GrantType[];
  initiate_login_uri?: string | undefined;
  application_type: ApplicationType;
  tos_uri?: string | undefined;
  policy_uri?: string | undefined;
  jwks?: { keys: ClientKey[] } | undefined;
  jwks_uri?: string | undefined;
  consent_method: 'TRUSTED' | 'REQUIRED';
  issuer_mode: IssuerMode;
  refresh_token?: RefreshTokenSettings | undefined;
  idp_initiated_login: { mode: 'DISABLED' | 'SPEC' | 'OKTA'; default_scope: string[] };
  wildcard_redirect: 'DISABLED' | 'SUBDOMAIN';
  dpop_bound_access_tokens: boolean;
  participate_slo: boolean;
  frontchannel_logout_uri?: string | undefined;
  frontchannel_logout_session_required?: boolean | undefined;
  backchannel_logout_uri?: string | undefined;
  backchannel_logout_session_required?: boolean | undefined;
  network?:
    | { connection: 'ANYWHERE' | 'ZONE'; include?: string[] | undefined; exclude?: string[] | undefined }
    | undefined;
  request_object_signing_alg?: string | undefined;
  backchannel_token_delivery_mode?: 'poll' | undefined;
  backchannel_authentication_request_signing_alg?: string | undefined;
  backchannel_custom_authenticator_id?: string | undefined;
  sector_identifier_uri?: string | undefined;
  subject_type?: 'public' | 'pairwise' | undefined;
  id_token_encrypted_response_alg?: string | undefined;
  email_magic_link_redirect_uri?: string | undefined;
};

/** `credentials.oauthClient`, without the secrets: those are rows of their own (client-secrets.ts). */
export type OAuthClientCredentials = {
  autoKeyRotation: boolean;
  client_id: string;
  token_endpoint_auth_method: ClientAuthenticationMethod;
  pkce_required: boolean;
};

export type UserNameTemplate = {
  template: string;
  type: string;
  userSuffix?: string | undefined;
  pushStatus?: string | undefined;
};

/** How the ID token carries groups when the application asks the org server for the scope `groups`. */
export type GroupsClaim = {
  valueType: 'GROUPS' | 'EXPRESSION';
  name: string;
  groupFilterType?: string | undefined;
  value: string;
};

/** What every application has in `settings`, whatever its sign-on mode. */
export type CommonSettings = {
  app: Record<string, unknown>;
  notifications: {
    vpn: { network: { connection: string; [rest: string]: unknown }; message: string | null; helpUrl: string | null };
  };
  manualProvisioning: boolean;
  /** Everyone counts as assigned. */
  implicitAssignment: boolean;
  emOptInStatus: string;
  notes: { admin: string | null; enduser: string | null };
  /** Kept here, shown elsewhere: the authentication policy that was assigned, and the ID token's groups claim. */
  accessPolicyId?: string | undefined;
  groupsClaim?: GroupsClaim | undefined;
  /** The uploaded picture. */
  logoId?: string | undefined;
};
