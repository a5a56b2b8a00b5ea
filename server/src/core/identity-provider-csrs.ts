// Owns requests for certificates of the keys by which this server is known to identity providers: the pair is made here, an authority
// signs elsewhere, and what it signed makes the pair a signing key. Not here: such keys (identity-provider-signing-keys.ts).
import { idPrefixes, newId } from '../base/id.ts';
import type { Jwk } from '../base/key-pair.ts';
import type { Subject } from '../base/x509.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { certifiedKey, makeRequest, requireAnswer } from './certified-keys.ts';
import { type Env, transact } from './env.ts';
import { keepProviderSigningKey, type ProviderSigningKey } from './identity-provider-signing-keys.ts';
import {
  getIdentityProvider,
  holdIdentityProvider,
  type IdentityProvider,
  providerTarget,
} from './identity-providers.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type ProviderCsr = Row<'identity_provider_csrs'>;

const MOST_REQUESTS = 20;

/** In the order of their making. Throws E0000007. */
export async function listProviderCsrs(env: Env, providerId: string): Promise<ProviderCsr[]> {
  await getIdentityProvider(env, providerId);
  return env.db
    .selectFrom('identity_provider_csrs')
    .selectAll()
    .where('identity_provider_id', '=', providerId)
    .orderBy('id')
    .execute();
}

/** Throws E0000007. */
export async function getProviderCsr(env: Env, providerId: string, id: string): Promise<ProviderCsr> {
  const row = (await listProviderCsrs(env, providerId)).find((one) => one.id === id);
  if (!row) throw notFound(id, 'CSR');
  return row;
}

/** Makes a key pair and a request about it. Throws E0000007, E0000001. */
export async function createProviderCsr(
  env: Env,
  providerId: string,
  subject: Subject,
  dnsNames: readonly string[],
): Promise<ProviderCsr> {
  await getIdentityProvider(env, providerId);
  const { csr, publicJwk, privateJwk } = await makeRequest(env, subject, dnsNames);
  const id = newId(env, idPrefixes.certificateRequest);
  const row: ProviderCsr = {
    id,
    identity_provider_id: providerId,
    csr,
    public_jwk: publicJwk,
    sealed_private_jwk: env.sealer.seal(JSON.stringify(privateJwk), placeOf(id)),
    created: env.now(),
  };
  return transact(env, async (env) => {
    const provider = await holdIdentityProvider(env, providerId);
    if ((await listProviderCsrs(env, providerId)).length >= MOST_REQUESTS)
      throw invalid('csrs', `csrs: An identity provider has at most ${MOST_REQUESTS} requests at a time`);
    await env.db
      .insertInto('identity_provider_csrs')
      .values({ ...row, public_jwk: toJson(row.public_jwk) })
      .execute();
    await recordChange(env, provider, id, 'generate', 'Generate a request for a certificate');
    return row;
  });
}

/** Throws E0000007. */
export async function revokeProviderCsr(env: Env, providerId: string, id: string): Promise<void> {
  await transact(env, async (env) => {
    const provider = await holdIdentityProvider(env, providerId);
    await getProviderCsr(env, providerId, id);
    await env.db.deleteFrom('identity_provider_csrs').where('id', '=', id).execute();
    await recordChange(env, provider, id, 'revoke', 'Revoke a request for a certificate');
  });
}

/** The certificate (DER) that answers the request makes its key pair a signing key. Throws E0000007, E0000001. */
export async function publishProviderCsr(
  env: Env,
  providerId: string,
  id: string,
  certificate: Uint8Array,
): Promise<ProviderSigningKey> {
  return transact(env, async (env) => {
    const provider = await holdIdentityProvider(env, providerId);
    const row = await getProviderCsr(env, providerId, id);
    requireAnswer(certificate, row.public_jwk);
    const privateJwk = JSON.parse(env.sealer.unseal(row.sealed_private_jwk, placeOf(id))) as Jwk;
    const key = await keepProviderSigningKey(env, providerId, certifiedKey(env, certificate, privateJwk));
    await env.db.deleteFrom('identity_provider_csrs').where('id', '=', id).execute();
    await recordChange(env, provider, id, 'publish', 'Publish a certificate for a request');
    return key;
  });
}

async function recordChange(env: Env, provider: IdentityProvider, id: string, what: string, displayMessage: string) {
  const request = { id, type: 'CSR', alternateId: id, displayName: id };
  await record(env, {
    eventType: `system.idp.csr.${what}`,
    displayMessage,
    target: [providerTarget(provider), request],
  });
}

function placeOf(id: string): string {
  return `identity_provider_csrs.sealed_private_jwk:${id}`;
}
