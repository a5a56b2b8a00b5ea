// Owns the metadata of OAuth clients as RFC 7591 writes them, and how they stand to an application's settings: the same fields, flat.
// Not here: which combinations are allowed (core/oauth-client-rules.ts).
import { z } from 'zod';
import { toSeconds } from '../base/time.ts';
import {
  applicationTypes,
  clientAuthenticationMethods,
  grantTypes,
  type OAuthClientSettings,
  responseTypes,
} from '../core/application-settings.ts';
import type { Application } from '../core/applications.ts';
import type { ApplicationInput } from '../core/change-applications.ts';
import { clientJwtAlgorithms } from '../core/client-jwts.ts';
import { usesSecret } from '../core/client-secrets.ts';

const uri = z.string().nullish();
const uris = z.array(z.string()).max(500).nullish();

/** What lies in `settings.oauthClient` under the same name. */
const settings = {
  client_uri: uri,
  logo_uri: uri,
  redirect_uris: uris,
  post_logout_redirect_uris: uris,
  response_types: z.array(z.enum(responseTypes)).nullish(),
  grant_types: z.array(z.enum(grantTypes)).nullish(),
  application_type: z.enum(applicationTypes).nullish(),
  initiate_login_uri: uri,
  tos_uri: uri,
  policy_uri: uri,
  jwks: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }).nullish(),
  jwks_uri: uri,
  request_object_signing_alg: z.enum(clientJwtAlgorithms).nullish(),
  frontchannel_logout_uri: uri,
  frontchannel_logout_session_required: z.boolean().nullish(),
  backchannel_logout_uri: uri,
  backchannel_logout_session_required: z.boolean().nullish(),
  dpop_bound_access_tokens: z.boolean().nullish(),
};

/** POST and PUT. What this server does not know is ignored (RFC 7591 section 2). */
export const clientBody = z.object({
  client_id: z.string().nullish(),
  client_name: z.string(),
  token_endpoint_auth_method: z.enum(clientAuthenticationMethods).nullish(),
  ...settings,
});

export const client = z.object({
  client_id: z.string(),
  client_secret: z.string().optional(),
  client_id_issued_at: z.number(),
  client_secret_expires_at: z.literal(0).optional(),
  client_name: z.string(),
  token_endpoint_auth_method: z.enum(clientAuthenticationMethods),
  ...settings,
});

type Body = z.output<typeof clientBody>;

/** `before`: the client that is being replaced, of which everything stays that metadata have no word for. */
export function toApplicationInput(body: Body, before: Application | null): ApplicationInput {
  const { client_id: _, client_name: label, token_endpoint_auth_method, ...said } = body;
  const oauthClient = {
    settings: {
      ...(before ? beyondMetadata(before.settings.oauthClient) : { consent_method: 'REQUIRED' as const }),
      ...said,
      // The metadata have no other word for it.
      participate_slo: Boolean(said.frontchannel_logout_uri),
    },
    credentials: { client_id: before?.client_id, token_endpoint_auth_method },
  };
  if (!before) return { label, signOnMode: 'OPENID_CONNECT', oauthClient };
  const { name, accessibility, visibility, features, profile, credentials, settings } = before;
  const { userNameTemplate } = credentials;
  return {
    ...{ label, name, signOnMode: 'OPENID_CONNECT', accessibility, visibility, features, profile, userNameTemplate },
    settings,
    oauthClient,
  };
}

function beyondMetadata(known: OAuthClientSettings): Partial<OAuthClientSettings> {
  return Object.fromEntries(Object.entries(known).filter(([name]) => !(name in settings)));
}

/** `secret`: only in the answer to a change. */
export function showClient(row: Application, secret: string | null = null) {
  const { client_uri, logo_uri, redirect_uris, ...known } = row.settings.oauthClient;
  const { token_endpoint_auth_method: method } = row.credentials.oauthClient;
  const rest = Object.entries(known).filter(([name]) => name in settings);
  return {
    client_id: row.client_id,
    ...(secret === null ? {} : { client_secret: secret }),
    client_id_issued_at: toSeconds(row.created),
    ...(usesSecret(method) ? { client_secret_expires_at: 0 } : {}),
    client_name: row.label,
    ...{ client_uri, logo_uri, redirect_uris },
    token_endpoint_auth_method: method,
    ...Object.fromEntries(rest),
  };
}
