// Owns how an identity provider is asked to sign somebody in, read from what was stored of it: where, as which client, and whose
// signature counts. A provider that this server cannot ask has no terms, and nobody signs in by it.
// Not here: the asking (ask-provider.ts) and the keeping of providers (identity-providers.ts).

import type { Env } from '../env.ts';
import { type ProviderTrust, providerKinds } from '../identity-provider-types.ts';
import { activeIdentityProviders, findIdentityProvider, type IdentityProvider } from '../identity-providers.ts';
import { type IssuerMode, originOf } from '../issuers.ts';
import { isObject, type Json } from '../policies/policy-defaults.ts';

export type ProviderTerms = {
  provider: IdentityProvider;
  authorization: string;
  token: string;
  clientId: string;
  clientAuthentication: 'client_secret_basic' | 'client_secret_post' | 'none' | 'private_key_jwt' | 'apple';
  scopes: string[];
  /** Null: GitHub, which has no ID tokens and is asked who its token is for. */
  trust: ProviderTrust | null;
};

/** Null when this server does not know how to believe what the provider says, or to prove to it who asks. */
export function termsOf(provider: IdentityProvider): ProviderTerms | null {
  const { type } = provider;
  const protocol = provider.protocol as Json;
  const kind = providerKinds[type];
  const trust = type === 'OIDC' ? ownTrust(protocol) : kind.trust;
  const clientAuthentication = authenticationOf(provider);
  const [authorization, token] = ['authorization', 'token'].map((name) => endpoint(protocol, name));
  if (!authorization || !token || clientAuthentication === null || (trust === null && type !== 'GITHUB')) return null;
  const scopes = Array.isArray(protocol.scopes) ? protocol.scopes.filter((scope) => typeof scope === 'string') : [];
  return {
    provider,
    authorization,
    token,
    clientId: String(clientOf(protocol).client_id),
    clientAuthentication,
    scopes,
    trust,
  };
}

/** Of a provider that may be used now; null: it is not there, not active, or has no terms. */
export async function activeTerms(env: Env, providerId: string): Promise<ProviderTerms | null> {
  const provider = await findIdentityProvider(env, providerId);
  return provider?.status === 'ACTIVE' ? termsOf(provider) : null;
}

/** Okta's own path, so that what is registered with a provider stays right. */
export const CALLBACK_PATH = '/oauth2/v1/authorize/callback';

/** Where the provider sends people back to, as it must know it. */
export function redirectUriOf(env: Env, { issuer_mode }: Pick<IdentityProvider, 'issuer_mode'>): string {
  return `${originOf(env, issuer_mode as IssuerMode)}${CALLBACK_PATH}`;
}

export type UsableProvider = { id: string; name: string; authorization: string };

/** The providers by which people can sign in, by name. */
export async function usableProviders(env: Env): Promise<UsableProvider[]> {
  const known = (await activeIdentityProviders(env))
    .map((provider) => termsOf(provider))
    .filter((terms) => terms !== null);
  return known.map(({ provider: { id, name }, authorization }) => ({ id, name, authorization }));
}

function ownTrust(protocol: Json): ProviderTrust | null {
  const [jwks, userInfo] = ['jwks', 'userInfo'].map((name) => endpoint(protocol, name));
  const issuer = isObject(protocol.issuer) ? protocol.issuer.url : undefined;
  return jwks && typeof issuer === 'string' ? { issuer, jwks, userInfo: userInfo ?? null } : null;
}

const OF_OIDC = ['client_secret_basic', 'client_secret_post', 'none', 'private_key_jwt'] as const;

function authenticationOf({ type, protocol }: IdentityProvider): ProviderTerms['clientAuthentication'] | null {
  if (type === 'APPLE') return 'apple';
  if (type !== 'OIDC') return 'client_secret_post';
  const asked = clientOf(protocol as Json).token_endpoint_auth_method ?? 'client_secret_basic';
  return OF_OIDC.find((known) => known === asked) ?? null;
}

function clientOf({ credentials }: Json): Json {
  return isObject(credentials) && isObject(credentials.client) ? credentials.client : {};
}

function endpoint({ endpoints }: Json, name: string): string | null {
  const found = isObject(endpoints) ? endpoints[name] : undefined;
  return isObject(found) && typeof found.url === 'string' ? found.url : null;
}
