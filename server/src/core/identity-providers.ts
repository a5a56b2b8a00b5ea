// Owns the identity providers of the org: who else vouches for people, where it is asked, and what its word is taken for. What they
// know us by is sealed. Not here: the kinds of them (identity-provider-types.ts), who is known to them (identity-provider-users.ts),
// and their use at sign-in.
import { type SqlBool, sql } from 'kysely';
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { forget, remembered } from './brief-memory.ts';
import { isListedForEgress } from './egress.ts';
import { type Env, transact } from './env.ts';
import { providerPolicy } from './identity-provider-policy.ts';
import { type ProviderType, providerKinds } from './identity-provider-types.ts';
import { deleteMapping } from './mapping-changes.ts';
import { orgId } from './org.ts';
import { ABSENT, completed, isObject, type Json } from './policies/policy-defaults.ts';
import { invalid, notFound, type Refusal } from './refusal.ts';
import { type LogTarget, record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export type IdentityProvider = Omit<Row<'identity_providers'>, 'type' | 'status'> & {
  type: ProviderType;
  status: 'ACTIVE' | 'INACTIVE';
};

/** What a provider knows us by. */
export type ProviderSecrets = { clientSecret?: string; privateKey?: string };

export type IdentityProviderInput = {
  name: string;
  type: ProviderType;
  issuerMode: string;
  /** As it comes, with its secrets. */
  protocol: Json;
  policy: Json;
  status: IdentityProvider['status'] | undefined;
};

const ENDPOINTS = {
  acs: ABSENT,
  slo: ABSENT,
  authorization: ABSENT,
  token: ABSENT,
  userInfo: ABSENT,
  jwks: ABSENT,
};

/** What is remembered of the active ones. */
const ACTIVE = 'active-identity-providers';
const MOST_OFFERED = 100;

const BINDINGS: Readonly<Record<string, string>> = { token: 'HTTP-POST' };

export async function listIdentityProviders(
  env: Env,
  { q, type, after, limit }: { q: string | null; type: string | null; after: string | null; limit: number },
): Promise<IdentityProvider[]> {
  let query = env.db
    .selectFrom('identity_providers')
    .selectAll()
    .where('id', '>', after ?? '')
    .orderBy('id')
    .limit(limit);
  if (type !== null) query = query.where('type', '=', type);
  if (q !== null) query = query.where(containing(q));
  return (await query.execute()).map(toProvider);
}

function containing(q: string) {
  const pattern = `%${textKey(q).replaceAll(/[%_\\]/g, '\\$&')}%`;
  return sql<SqlBool>`name_key like ${pattern} escape '\\'`;
}

/** Throws E0000007. */
export async function getIdentityProvider(env: Env, id: string): Promise<IdentityProvider> {
  const provider = await findIdentityProvider(env, id);
  if (!provider) throw notFound(id, 'IdpAppInstance');
  return provider;
}

/** As getIdentityProvider, held for this transaction: it can neither change nor go meanwhile. */
export async function holdIdentityProvider(env: Env, id: string): Promise<IdentityProvider> {
  // An update that changes nothing is a lock on both kinds of database.
  await env.db
    .updateTable('identity_providers')
    .set((eb) => ({ name: eb.ref('name') }))
    .where('id', '=', id)
    .execute();
  return getIdentityProvider(env, id);
}

export async function findIdentityProvider(env: Env, id: string): Promise<IdentityProvider | null> {
  const row = await env.db.selectFrom('identity_providers').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toProvider(row) : null;
}

/** Those that are active, by name: for whoever offers them. Whether one may be used is read anew when it is. */
export async function activeIdentityProviders(env: Env): Promise<IdentityProvider[]> {
  const found = await remembered(env, ACTIVE, 'all', async () => {
    const active = env.db.selectFrom('identity_providers').selectAll().where('status', '=', 'ACTIVE');
    return (await active.orderBy('name_key').limit(MOST_OFFERED).execute()).map(toProvider);
  });
  return found ?? [];
}

/** Those that know a person. */
export async function listIdentityProvidersOfUser(env: Env, userId: string): Promise<IdentityProvider[]> {
  const rows = await env.db
    .selectFrom('identity_providers')
    .innerJoin('identity_provider_users', 'identity_provider_users.identity_provider_id', 'identity_providers.id')
    .selectAll('identity_providers')
    .where('identity_provider_users.user_id', '=', userId)
    .orderBy('identity_providers.id')
    .execute();
  return rows.map(toProvider);
}

export async function createIdentityProvider(env: Env, input: IdentityProviderInput): Promise<IdentityProvider> {
  const id = newId(env, idPrefixes.application);
  const now = env.now();
  const provider: IdentityProvider = {
    id,
    type: input.type,
    status: input.status ?? 'ACTIVE',
    created: now,
    last_updated: now,
    ...described(env, id, input, {}),
  };
  await transact(env, async (env) => {
    await refusingTakenName('name_key', env.db.insertInto('identity_providers').values(toColumns(provider)).execute());
    await recordChange(env, provider, 'create', 'Create identity provider');
  });
  forget(env, ACTIVE);
  return provider;
}

/** Replaces a provider; a secret that is not given stays. Throws E0000001 when its type would change. */
export function replaceIdentityProvider(env: Env, id: string, input: IdentityProviderInput): Promise<IdentityProvider> {
  return changed(env, id, 'update', 'Update identity provider', (provider) => {
    if (provider.type !== input.type) throw invalid('type', 'type: The type of an identity provider cannot be changed');
    return {
      ...provider,
      ...described(env, id, input, secretsOf(env, provider)),
      status: input.status ?? provider.status,
    };
  });
}

export function setIdentityProviderStatus(
  env: Env,
  id: string,
  status: IdentityProvider['status'],
): Promise<IdentityProvider> {
  const [what, message] =
    status === 'ACTIVE'
      ? (['activate', 'Activate identity provider'] as const)
      : (['deactivate', 'Deactivate identity provider'] as const);
  return changed(env, id, what, message, (provider) => ({ ...provider, status }));
}

/** Tables whose rows mean nothing without their provider. */
const OF_ONE_PROVIDER = [
  'identity_provider_users',
  'identity_provider_signing_keys',
  'identity_provider_csrs',
] as const;

/** Deletes a provider, what it knew of people, and the keys by which it knew this server. */
export async function deleteIdentityProvider(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const provider = await getIdentityProvider(env, id);
    for (const table of OF_ONE_PROVIDER)
      await env.db.deleteFrom(table).where('identity_provider_id', '=', id).execute();
    await deleteMapping(env, id);
    await env.db.deleteFrom('identity_providers').where('id', '=', id).execute();
    await recordChange(env, provider, 'delete', 'Delete identity provider');
  });
  forget(env, ACTIVE);
}

/** For who asks the provider, and for administrators, whose tools compare it with theirs. */
export function secretsOf(env: Env, { id, sealed_secrets }: IdentityProvider): ProviderSecrets {
  return sealed_secrets === null ? {} : (JSON.parse(env.sealer.unseal(sealed_secrets, placeOf(id))) as ProviderSecrets);
}

/** How sessions name who vouched for the person; null: this server itself. */
export async function whoVouchedFor(
  env: Env,
  id: string | null,
): Promise<{ id: string; type: 'OKTA' | 'FEDERATION' | 'SOCIAL' }> {
  if (id === null) return { id: await orgId(env), type: 'OKTA' };
  const row = await env.db.selectFrom('identity_providers').select('type').where('id', '=', id).executeTakeFirst();
  return { id, type: providerClass(row?.type ?? 'OIDC') };
}

/** FEDERATION: another organization that this one trusts. SOCIAL: a service at which anybody may have an account. */
export function providerClass(type: string): 'FEDERATION' | 'SOCIAL' {
  return type === 'OIDC' ? 'FEDERATION' : 'SOCIAL';
}

export function providerTarget({ id, name }: IdentityProvider): LogTarget {
  return { id, type: 'IdentityProvider', alternateId: name, displayName: name };
}

function described(env: Env, id: string, input: IdentityProviderInput, before: ProviderSecrets) {
  const { name, type, issuerMode, policy } = input;
  const { protocol, secrets } = withoutSecrets(protocolOf(env, type, input.protocol));
  const kept = { ...before, ...secrets };
  if (type !== 'APPLE' && !kept.clientSecret && needsSecret(protocol))
    throw blank('protocol.credentials.client.client_secret');
  return {
    name,
    name_key: textKey(name),
    issuer_mode: issuerMode,
    protocol,
    policy: providerPolicy(type, policy),
    sealed_secrets: Object.keys(kept).length === 0 ? null : env.sealer.seal(JSON.stringify(kept), placeOf(id)),
  };
}

/** A client that proves who it is by a key of its own, or by PKCE alone, has no secret. */
function needsSecret({ credentials }: Json): boolean {
  const client = isObject(credentials) && isObject(credentials.client) ? credentials.client : {};
  return client.token_endpoint_auth_method !== 'none' && client.token_endpoint_auth_method !== 'private_key_jwt';
}

function protocolOf(env: Env, type: ProviderType, given: Json): Json {
  const kind = providerKinds[type];
  if (given.type !== undefined && given.type !== null && given.type !== kind.protocol)
    throw invalid('protocol.type', `protocol.type: A provider of the type ${type} speaks ${kind.protocol}`);
  const endpoints = endpointsOf(env, type, given.endpoints);
  const issuer = isObject(given.issuer) ? given.issuer : undefined;
  if (type === 'OIDC') {
    for (const name of ['authorization', 'token', 'jwks'])
      if (!isObject(endpoints[name])) throw blank(`protocol.endpoints.${name}`);
    if (typeof issuer?.url !== 'string') throw blank('protocol.issuer.url');
  }
  const { honorPersistentNameId: _, ...settings } = isObject(given.settings) ? given.settings : {};
  const scopes = Array.isArray(given.scopes) && given.scopes.length > 0 ? given.scopes : kind.scopes;
  if (kind.protocol === 'OIDC' && !scopes.includes('openid'))
    throw invalid('protocol.scopes', "protocol.scopes: The scope 'openid' is required");
  return completed(
    {
      type: kind.protocol,
      endpoints,
      algorithms: ABSENT,
      settings: ABSENT,
      scopes,
      issuer: ABSENT,
      credentials: ABSENT,
    },
    {
      algorithms: given.algorithms ?? undefined,
      settings: type === 'OIDC' ? { nameFormat: null, ...settings } : undefined,
      issuer,
      credentials: credentialsOf(type, given.credentials),
    },
  );
}

function endpointsOf(env: Env, type: ProviderType, given: unknown): Json {
  const { authorization, token } = providerKinds[type];
  const said = isObject(given) ? given : {};
  const fixed =
    authorization === null || token === null ? {} : { authorization: { url: authorization }, token: { url: token } };
  const all: Json = type === 'OIDC' ? said : fixed;
  const named = Object.entries(completed(ENDPOINTS, all)).filter(([, endpoint]) => isObject(endpoint));
  return Object.fromEntries(
    named.map(([name, endpoint]) => {
      const { url, binding, ...others } = endpoint as Json;
      refuseAddress(env, `protocol.endpoints.${name}.url`, url);
      return [name, { url, binding: binding ?? BINDINGS[name] ?? 'HTTP-REDIRECT', ...others }];
    }),
  );
}

function refuseAddress(env: Env, field: string, url: unknown): void {
  const parsed = typeof url === 'string' ? URL.parse(url) : null;
  const isGood = parsed?.protocol === 'https:' || (parsed?.protocol === 'http:' && isListedForEgress(env, parsed));
  if (!parsed || !isGood || parsed.username || parsed.password)
    throw invalid(field, `${field}: The URL must begin with https:// and name no user`);
}

function credentialsOf(type: ProviderType, given: unknown): Json {
  const { client, signing } = isObject(given) ? given : {};
  if (!isObject(client) || typeof client.client_id !== 'string' || client.client_id === '')
    throw blank('protocol.credentials.client.client_id');
  const said = Object.fromEntries(Object.entries(client).filter(([, value]) => value !== null));
  return {
    client: completed({ client_id: ABSENT, client_secret: ABSENT }, said),
    ...((type === 'APPLE' || type === 'OIDC') && isObject(signing) ? { signing } : {}),
  };
}

function withoutSecrets(protocol: Json): { protocol: Json; secrets: ProviderSecrets } {
  const { client, signing } = protocol.credentials as { client: Json; signing?: Json };
  const { client_secret: clientSecret, ...shownClient } = client;
  const { privateKey, ...shownSigning } = signing ?? {};
  return {
    protocol: { ...protocol, credentials: { client: shownClient, ...(signing ? { signing: shownSigning } : {}) } },
    secrets: {
      ...(typeof clientSecret === 'string' && clientSecret !== '' ? { clientSecret } : {}),
      ...(typeof privateKey === 'string' && privateKey !== '' ? { privateKey } : {}),
    },
  };
}

function blank(field: string): Refusal {
  return invalid(field, `${field}: The field cannot be left blank`);
}

function placeOf(id: string): string {
  return `identity_providers:sealed_secrets:${id}`;
}

async function changed(
  env: Env,
  id: string,
  what: string,
  message: string,
  change: (provider: IdentityProvider) => IdentityProvider,
): Promise<IdentityProvider> {
  const changed = await transact(env, async (env) => {
    const provider = { ...change(await holdIdentityProvider(env, id)), last_updated: env.now() };
    await refusingTakenName(
      'name_key',
      env.db.updateTable('identity_providers').set(toColumns(provider)).where('id', '=', id).execute(),
    );
    await recordChange(env, provider, what, message);
    return provider;
  });
  forget(env, ACTIVE);
  return changed;
}

/** The columns are written by this module alone, so their contents are of these types. */
function toProvider(row: Row<'identity_providers'>): IdentityProvider {
  return row as IdentityProvider;
}

function toColumns(provider: IdentityProvider) {
  return { ...provider, protocol: toJson(provider.protocol), policy: toJson(provider.policy) };
}

async function recordChange(env: Env, provider: IdentityProvider, what: string, displayMessage: string): Promise<void> {
  await record(env, { eventType: `system.idp.lifecycle.${what}`, displayMessage, target: [providerTarget(provider)] });
}
