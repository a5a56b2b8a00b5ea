// Owns the keys by which this server is known to an identity provider: a client that has no secret signs with one that it is itself.
// Not here: requests for certificates (identity-provider-csrs.ts), and the keys of the providers (identity-provider-keys.ts).
import type { Jwk } from '../base/key-pair.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type CertifiedKey, makeCertifiedKey } from './certified-keys.ts';
import { type Env, transact } from './env.ts';
import {
  getIdentityProvider,
  holdIdentityProvider,
  type IdentityProvider,
  providerTarget,
} from './identity-providers.ts';
import { isObject } from './policies/policy-defaults.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type ProviderSigningKey = Row<'identity_provider_signing_keys'>;

const MOST_KEYS = 50;

/** In the order of their making. Throws E0000007. */
export async function listProviderSigningKeys(env: Env, providerId: string): Promise<ProviderSigningKey[]> {
  await getIdentityProvider(env, providerId);
  return keysOf(env, providerId);
}

/** Throws E0000007. */
export async function getProviderSigningKey(env: Env, providerId: string, kid: string): Promise<ProviderSigningKey> {
  const key = (await listProviderSigningKeys(env, providerId)).find((one) => one.kid === kid);
  if (!key) throw notFound(kid, 'JsonWebKey');
  return key;
}

/** The one that signs now: which the provider's credentials name, or the newest that is not over; null: there is none. */
export async function activeProviderSigningKey(
  env: Env,
  provider: IdentityProvider,
): Promise<ProviderSigningKey | null> {
  const keys = (await keysOf(env, provider.id)).filter(({ expires_at }) => expires_at > env.now());
  const { credentials } = provider.protocol;
  const signing = isObject(credentials) && isObject(credentials.signing) ? credentials.signing : {};
  if (typeof signing.kid === 'string') return keys.find(({ kid }) => kid === signing.kid) ?? null;
  return keys.at(-1) ?? null;
}

/** For who signs with it. */
export function privateKeyOf(env: Env, { kid, sealed_private_jwk }: ProviderSigningKey): Jwk {
  return JSON.parse(env.sealer.unseal(sealed_private_jwk, placeOf(kid))) as Jwk;
}

/** Makes a key with a certificate that it signs itself, good for this many years. Throws E0000007, E0000001. */
export async function generateProviderSigningKey(
  env: Env,
  providerId: string,
  years: number,
): Promise<ProviderSigningKey> {
  await getIdentityProvider(env, providerId);
  return keepProviderSigningKey(env, providerId, await makeCertifiedKey(env, years));
}

/** Throws E0000007, E0000001. */
export async function keepProviderSigningKey(
  env: Env,
  providerId: string,
  { kid, jwk, privateJwk, expiresAt }: CertifiedKey,
): Promise<ProviderSigningKey> {
  const now = env.now();
  return transact(env, async (env) =>
    insertKey(env, await holdIdentityProvider(env, providerId), {
      identity_provider_id: providerId,
      kid,
      jwk,
      sealed_private_jwk: env.sealer.seal(JSON.stringify(privateJwk), placeOf(kid)),
      created: now,
      last_updated: now,
      expires_at: expiresAt,
    }),
  );
}

/** Makes this server known by the same key to another provider. Throws E0000007, E0000001. */
export async function cloneProviderSigningKey(
  env: Env,
  from: string,
  kid: string,
  to: string,
): Promise<ProviderSigningKey> {
  return transact(env, async (env) => {
    const key = await getProviderSigningKey(env, from, kid);
    const provider = await holdIdentityProvider(env, to);
    return insertKey(env, provider, { ...key, identity_provider_id: to, last_updated: env.now() });
  });
}

async function insertKey(env: Env, provider: IdentityProvider, key: ProviderSigningKey): Promise<ProviderSigningKey> {
  const known = await keysOf(env, provider.id);
  if (known.some(({ kid }) => kid === key.kid)) throw invalid('kid', 'kid: The identity provider has this key already');
  if (known.length >= MOST_KEYS) throw invalid('keys', `keys: An identity provider has at most ${MOST_KEYS} keys`);
  await env.db
    .insertInto('identity_provider_signing_keys')
    .values({ ...key, jwk: toJson(key.jwk) })
    .execute();
  const target = { id: key.kid, type: 'IdentityProviderSigningKey', alternateId: key.kid, displayName: key.kid };
  await record(env, {
    eventType: 'system.idp.signing_key.create',
    displayMessage: 'Create a signing key for an identity provider',
    target: [providerTarget(provider), target],
  });
  return key;
}

function keysOf(env: Env, providerId: string): Promise<ProviderSigningKey[]> {
  return env.db
    .selectFrom('identity_provider_signing_keys')
    .selectAll()
    .where('identity_provider_id', '=', providerId)
    .orderBy('created')
    .orderBy('kid')
    .execute();
}

/** The same for every provider that shares the key. */
function placeOf(kid: string): string {
  return `identity_provider_signing_keys.sealed_private_jwk:${kid}`;
}
