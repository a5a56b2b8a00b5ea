// Owns the keys by which identity providers are known: certificates that administration brings. Not here: the providers.
import { readCertificate } from '../base/certificate.ts';
import { newUuid } from '../base/uuid.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type IdentityProviderKey = Row<'identity_provider_keys'>;

export function listIdentityProviderKeys(
  env: Env,
  { after, limit }: { after: string | null; limit: number },
): Promise<IdentityProviderKey[]> {
  return env.db
    .selectFrom('identity_provider_keys')
    .selectAll()
    .where('kid', '>', after ?? '')
    .orderBy('kid')
    .limit(limit)
    .execute();
}

/** Throws E0000007. */
export async function getIdentityProviderKey(env: Env, kid: string): Promise<IdentityProviderKey> {
  const row = await env.db.selectFrom('identity_provider_keys').selectAll().where('kid', '=', kid).executeTakeFirst();
  if (!row) throw notFound(kid, 'JsonWebKey');
  return row;
}

/** Keeps a certificate (DER in base64). Throws E0000001 for what is none, and for one that is over. */
export async function addIdentityProviderKey(env: Env, certificate: string): Promise<IdentityProviderKey> {
  const now = env.now();
  const row = { kid: newUuid(env.random), ...certified(env, certificate), created: now, last_updated: now };
  return transact(env, async (env) => {
    await env.db
      .insertInto('identity_provider_keys')
      .values({ ...row, jwk: toJson<Record<string, unknown>>(row.jwk) })
      .execute();
    await recordChange(env, row.kid, 'create', 'Create identity provider key');
    return row;
  });
}

/** Puts another certificate in the place of a key's. Throws E0000007, E0000001. */
export async function replaceIdentityProviderKey(
  env: Env,
  kid: string,
  certificate: string,
): Promise<IdentityProviderKey> {
  const changed = { ...certified(env, certificate), last_updated: env.now() };
  return transact(env, async (env) => {
    const key = await getIdentityProviderKey(env, kid);
    await env.db
      .updateTable('identity_provider_keys')
      .set({ ...changed, jwk: toJson<Record<string, unknown>>(changed.jwk) })
      .where('kid', '=', kid)
      .execute();
    await recordChange(env, kid, 'update', 'Update identity provider key');
    return { ...key, ...changed };
  });
}

function certified(env: Env, certificate: string): Pick<IdentityProviderKey, 'jwk' | 'expires_at'> {
  const read = readCertificate(certificate);
  if (read === null) throw invalid('x5c', 'x5c: The certificate is not valid');
  if (read.expiresAt <= env.now()) throw invalid('x5c', 'x5c: The certificate has expired');
  const jwk = { ...read.jwk, x5c: [certificate.replaceAll(/\s/g, '')], 'x5t#S256': read.thumbprint, use: 'sig' };
  return { jwk, expires_at: read.expiresAt };
}

/** Throws E0000007. */
export async function deleteIdentityProviderKey(env: Env, kid: string): Promise<void> {
  await transact(env, async (env) => {
    await getIdentityProviderKey(env, kid);
    await env.db.deleteFrom('identity_provider_keys').where('kid', '=', kid).execute();
    await recordChange(env, kid, 'delete', 'Delete identity provider key');
  });
}

async function recordChange(env: Env, kid: string, what: string, displayMessage: string): Promise<void> {
  const target = [{ id: kid, type: 'IdentityProviderKey', alternateId: kid, displayName: kid }];
  await record(env, { eventType: `system.idp.key.${what}`, displayMessage, target });
}
