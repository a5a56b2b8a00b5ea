// Owns the shapes of applications, as sent and as shown. Not here: which combinations are allowed (core/oauth-client-rules.ts).
import { z } from 'zod';
import {
  applicationTypes,
  clientAuthenticationMethods,
  grantTypes,
  issuerModes,
  responseTypes,
} from '../core/application-settings.ts';
import { otherSignOnModes } from '../core/application-templates.ts';
import type { ApplicationInput } from '../core/change-applications.ts';
import { credentialSchemes } from '../core/other-applications.ts';

const record = z.record(z.string(), z.unknown());
const uri = z.string().nullish();
const uris = z.array(z.string()).max(500).nullish();
const flag = z.boolean().nullish();

const oauthClientSettings = z.object({
  client_uri: uri,
  logo_uri: uri,
  redirect_uris: uris,
  post_logout_redirect_uris: uris,
  response_types: z.array(z.enum(responseTypes)).nullish(),
  grant_types: z.array(z.enum(grantTypes)).nullish(),
  initiate_login_uri: uri,
  application_type: z.enum(applicationTypes).nullish(),
  tos_uri: uri,
  policy_uri: uri,
  jwks: z.object({ keys: z.array(record) }).nullish(),
  jwks_uri: uri,
  consent_method: z.enum(['TRUSTED', 'REQUIRED']).nullish(),
  issuer_mode: z.enum(issuerModes).nullish(),
  refresh_token: z
    .object({ rotation_type: z.enum(['ROTATE', 'STATIC']).nullish(), leeway: z.number().nullish() })
    .nullish(),
  idp_initiated_login: z
    .object({ mode: z.enum(['DISABLED', 'SPEC', 'OKTA']).nullish(), default_scope: z.array(z.string()).nullish() })
    .nullish(),
  wildcard_redirect: z.enum(['DISABLED', 'SUBDOMAIN']).nullish(),
  dpop_bound_access_tokens: flag,
  participate_slo: flag,
  frontchannel_logout_uri: uri,
  frontchannel_logout_session_required: flag,
  backchannel_logout_uri: uri,
  backchannel_logout_session_required: flag,
  network: z
    .object({
      connection: z.enum(['ANYWHERE', 'ZONE']),
      include: z.array(z.string()).optional(),
      exclude: z.array(z.string()).optional(),
    })
    .nullish(),
  request_object_signing_alg: z
    .enum(['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'])
    .nullish(),
  backchannel_token_delivery_mode: z.literal('poll').nullish(),
  backchannel_authentication_request_signing_alg: z.string().max(20).nullish(),
  backchannel_custom_authenticator_id: z.string().max(100).nullish(),
  sector_identifier_uri: uri,
  subject_type: z.enum(['public', 'pairwise']).nullish(),
  id_token_encrypted_response_alg: z.string().nullish(),
  email_magic_link_redirect_uri: uri,
});

const oauthClientCredentials = z.object({
  client_id: z.string().nullish(),
  client_secret: z.string().nullish(),
  token_endpoint_auth_method: z.enum(clientAuthenticationMethods).nullish(),
  pkce_required: flag,
  autoKeyRotation: flag,
});

const userNameTemplate = z.object({
  template: z.string().max(1024),
  type: z.string().max(20).default('BUILT_IN'),
  userSuffix: z.string().max(255).optional(),
  pushStatus: z.string().max(20).optional(),
});

/** POST and PUT. */
export const applicationBody = z.object({
  label: z.string(),
  name: z.string().max(100).nullish(),
  signOnMode: z.enum(
    ['OPENID_CONNECT', ...otherSignOnModes],
    "The sign-on mode is missing or not one of this server's",
  ),
  accessibility: record.nullish(),
  visibility: z.looseObject({ hide: record.nullish(), appLinks: record.nullish() }).nullish(),
  features: z.array(z.string()).nullish(),
  profile: record.nullish(),
  credentials: z
    .object({
      userNameTemplate: userNameTemplate.nullish(),
      signing: z.object({ kid: z.string().max(100).nullish() }).nullish(),
      oauthClient: oauthClientCredentials.nullish(),
      scheme: z.enum(credentialSchemes).nullish(),
      userName: z.string().max(255).nullish(),
      revealPassword: flag,
      // Taken and not kept: nothing here would type it in anywhere.
      password: z.object({ value: z.string().max(1024).nullish() }).nullish(),
    })
    .nullish(),
  settings: z
    .object({
      app: record.nullish(),
      signOn: record.nullish(),
      notifications: z
        .object({
          vpn: z.object({
            network: z.looseObject({ connection: z.string() }),
            message: z.string().nullish().transform(orNull),
            helpUrl: z.string().nullish().transform(orNull),
          }),
        })
        .nullish(),
      manualProvisioning: flag,
      implicitAssignment: flag,
      emOptInStatus: z.string().max(20).nullish(),
      notes: z.object({ admin: z.string().nullish(), enduser: z.string().nullish() }).nullish(),
      oauthClient: oauthClientSettings.nullish(),
    })
    .nullish(),
});

function orNull(value: string | null | undefined): string | null {
  return value ?? null;
}

/** The body in the words of core/. */
export function toApplicationInput(body: z.output<typeof applicationBody>): ApplicationInput {
  const { credentials, settings, ...rest } = body;
  const { client_secret, ...oauthClient } = credentials?.oauthClient ?? {};
  return {
    ...rest,
    userNameTemplate: credentials?.userNameTemplate,
    passwordCredentials: {
      scheme: credentials?.scheme ?? undefined,
      userName: credentials?.userName || undefined,
      revealPassword: credentials?.revealPassword ?? undefined,
    },
    signingKid: credentials?.signing?.kid,
    settings,
    oauthClient: { settings: settings?.oauthClient ?? {}, credentials: oauthClient },
    clientSecret: client_secret || undefined,
  };
}

/** As shown; the settings of an OAuth client are listed by the body above. */
export const application = z.object({
  id: z.string(),
  orn: z.string(),
  name: z.string(),
  label: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  lastUpdated: z.string(),
  created: z.string(),
  accessibility: record,
  visibility: record,
  features: z.array(z.string()),
  signOnMode: z.string(),
  credentials: z.looseObject({
    userNameTemplate,
    signing: z.object({ kid: z.string().optional() }),
    oauthClient: oauthClientCredentials.optional(),
  }),
  universalLogout: record,
  settings: z.looseObject({ oauthClient: oauthClientSettings.optional() }),
  profile: record.optional(),
  _links: record,
});

/** How ID tokens of the org server are issued to an application. */
export const idTokenSettings = z.object({
  issuerMode: z.enum(issuerModes).optional(),
  valueType: z.enum(['GROUPS', 'EXPRESSION']).nullish(),
  name: z.string().max(255).nullish(),
  groupFilterType: z.enum(['STARTS_WITH', 'EQUALS', 'CONTAINS', 'REGEX']).nullish(),
  value: z.string().max(1024).nullish(),
});

export const shownIdTokenSettings = z.object({
  issuer: z.string(),
  orgUrl: z.string().nullable(),
  customUrl: z.string().nullable(),
  audience: z.string(),
  issuerMode: z.enum(issuerModes),
  valueType: z.string().optional(),
  name: z.string().optional(),
  groupFilterType: z.string().optional(),
  value: z.string().optional(),
});
