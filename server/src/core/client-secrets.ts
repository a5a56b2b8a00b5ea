// Owns the secrets of applications: how they are made, sealed at rest, checked and replaced. At most two at a time, so that one
// can be exchanged without a moment in which neither works. Not here: which authentication method a client must use (oauth2/).
import { idPrefixes, newId } from '../base/id.ts';
import { equalInConstantTime, hashToken } from '../base/opaque-token.ts';
import type { Row } from '../storage/tables.ts';
import { guardPrivileged } from './application-guard.ts';
import type { ClientAuthenticationMethod } from './application-settings.ts';
import { type Application, applicationTarget, lockOAuthClient } from './applications.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type SecretStatus = 'ACTIVE' | 'INACTIVE';

/** A secret in the clear, for the management API alone. */
export type ClientSecret = {
  id: string;
  status: SecretStatus;
  secret: string;
  created: number;
  last_updated: number;
};

const SECRET_BYTES = 48;
const MOST_SECRETS = 2;
const CACHE = 'client-secrets';
/** Of active secrets: to open one for each request would cost more than all else that a token request asks. */
const DIGESTS = 'client-secret-digests';

/** A fresh secret: 64 URL-safe characters, 384 bits. */
export function newSecret(env: Env): string {
  return Buffer.from(env.random(SECRET_BYTES)).toString('base64url');
}

/** Whether this is an active secret of the application. Every one is compared, in a time that tells nothing. */
export async function checkClientSecret(env: Env, application: Application, secret: string): Promise<boolean> {
  const digests = await remembered(env, DIGESTS, application.id, async () =>
    inTheClear(env, await readRows(env, application.id)).map(hashToken),
  );
  const presented = hashToken(secret);
  let matches = 0;
  for (const digest of digests ?? []) if (equalInConstantTime(digest, presented)) matches++;
  return matches > 0;
}

/** The active secrets in the clear: for client_secret_jwt, whose signature they verify. Never log or show them. */
export async function activeSecrets(env: Env, application: Application): Promise<string[]> {
  const sealed = await remembered(env, CACHE, application.id, () => readRows(env, application.id));
  return inTheClear(env, sealed ?? []);
}

function inTheClear(env: Env, rows: readonly Row<'client_secrets'>[]): string[] {
  return rows.filter(({ status }) => status === 'ACTIVE').map((row) => unsealed(env, row).secret);
}

/** Whether the method proves itself with a secret that the server keeps. */
export function usesSecret(method: ClientAuthenticationMethod): boolean {
  return method !== 'none' && method !== 'private_key_jwt';
}

/** Why a chosen value cannot be a secret; null when it can. RFC 7518 section 3.2 wants 256 bits for client_secret_jwt. */
export function objectionToSecret(value: string, method: ClientAuthenticationMethod): string | null {
  const least = method === 'client_secret_jwt' ? 32 : 14;
  return /^[\x21-\x7e]+$/.test(value) && value.length >= least && value.length <= 100
    ? null
    : `client_secret: The secret must have ${least} to 100 printable characters without spaces`;
}

/** Every secret, for an administrator to see; that it was seen is an event. Throws E0000006: see application-guard.ts. */
export function readSecrets(env: Env, application: Application): Promise<ClientSecret[]> {
  return reading(env, application, (env) => listSecrets(env, application));
}

/** As readSecrets, one of them. Throws E0000007 too. */
export function readSecret(env: Env, application: Application, id: string): Promise<ClientSecret> {
  return reading(env, application, (env) => getSecret(env, application, id));
}

async function reading<T>(env: Env, application: Application, read: (env: Env) => Promise<T>): Promise<T> {
  return transact(env, async (env) => {
    await guardPrivileged(env, application);
    const found = await read(env);
    await record(env, {
      eventType: 'app.oauth2.client.read_client_secret',
      displayMessage: 'Read the secret of an OAuth client',
      target: [applicationTarget(application)],
    });
    return found;
  });
}

async function listSecrets(env: Env, application: Application): Promise<ClientSecret[]> {
  return (await readRows(env, application.id)).map((row) => unsealed(env, row));
}

async function getSecret(env: Env, application: Application, id: string): Promise<ClientSecret> {
  const secret = (await listSecrets(env, application)).find((one) => one.id === id);
  if (!secret) throw notFound(id, 'OAuth2ClientSecretMediated');
  return secret;
}

/** Adds a secret: this value, or a fresh one. Throws E0000001 when the value will not do or there are two already. */
export async function addSecret(
  env: Env,
  applicationId: string,
  given: { value?: string | undefined; status?: SecretStatus | undefined },
): Promise<ClientSecret> {
  const value = given.value ?? newSecret(env);
  const secret = await transact(env, async (env) => {
    const application = await lockOAuthClient(env, applicationId);
    const method = application.credentials.oauthClient.token_endpoint_auth_method;
    const objection = objectionToSecret(value, method);
    if (objection) throw invalid('client_secret', objection);
    if ((await readRows(env, applicationId)).length >= MOST_SECRETS)
      throw invalid('client_secret', `client_secret: An application has at most ${MOST_SECRETS} secrets`);
    const secret = await insertSecret(env, applicationId, value, given.status ?? 'ACTIVE');
    await recordSecret(env, application, secret.id, 'create');
    return secret;
  });
  forgetSecrets(env);
  return secret;
}

/** Puts one fresh secret in the place of all there are. Throws E0000001 for a client that has none by its method. */
export async function renewSecret(env: Env, applicationId: string): Promise<string> {
  const value = newSecret(env);
  await transact(env, async (env) => {
    const application = await lockOAuthClient(env, applicationId);
    if (!usesSecret(application.credentials.oauthClient.token_endpoint_auth_method))
      throw invalid('client_secret', 'client_secret: A client of this token_endpoint_auth_method has no secret');
    await env.db.deleteFrom('client_secrets').where('application_id', '=', applicationId).execute();
    const { id } = await insertSecret(env, applicationId, value, 'ACTIVE');
    await recordSecret(env, application, id, 'create');
  });
  forgetSecrets(env);
  return value;
}

/** Activates or deactivates. The only active secret stays active (E0000001). */
export async function setSecretStatus(
  env: Env,
  applicationId: string,
  id: string,
  status: SecretStatus,
): Promise<ClientSecret> {
  const changed = await transact(env, async (env) => {
    const application = await lockOAuthClient(env, applicationId);
    const secret = await getSecret(env, application, id);
    if (secret.status === status) return secret;
    if (status === 'INACTIVE' && (await activeIds(env, applicationId)).length === 1)
      throw invalid('status', 'status: The only active secret cannot be deactivated');
    const last_updated = env.now();
    await env.db.updateTable('client_secrets').set({ status, last_updated }).where('id', '=', id).execute();
    await recordSecret(env, application, id, status === 'ACTIVE' ? 'activate' : 'deactivate');
    return { ...secret, status, last_updated };
  });
  forgetSecrets(env);
  return changed;
}

/** Removes an inactive secret. An active one is refused (E0000001). */
export async function deleteSecret(env: Env, applicationId: string, id: string): Promise<void> {
  await transact(env, async (env) => {
    const application = await lockOAuthClient(env, applicationId);
    const secret = await getSecret(env, application, id);
    if (secret.status === 'ACTIVE') throw invalid('status', 'status: An active secret cannot be deleted');
    await env.db.deleteFrom('client_secrets').where('id', '=', id).execute();
    await recordSecret(env, application, id, 'delete');
  });
  forgetSecrets(env);
}

/**
 * Sees to it that a client with a secret has one, in the transaction that makes or replaces the client: `value` becomes its newest
 * active secret; without a value the newest stays, or a fresh one is made. Returns it.
 */
export async function keepSecret(env: Env, applicationId: string, value: string | undefined): Promise<string> {
  const rows = await readRows(env, applicationId);
  const active = rows.filter(({ status }) => status === 'ACTIVE');
  if (value !== undefined && inTheClear(env, rows).includes(value)) return value;
  const newest = active.at(-1);
  if (!newest) {
    await makeRoom(env, applicationId);
    return (await insertSecret(env, applicationId, value ?? newSecret(env), 'ACTIVE')).secret;
  }
  if (value === undefined) return unsealed(env, newest).secret;
  await env.db
    .updateTable('client_secrets')
    .set({ sealed_secret: env.sealer.seal(value, placeOf(newest.id)), last_updated: env.now() })
    .where('id', '=', newest.id)
    .execute();
  return value;
}

/** What this process remembers of secrets is forgotten; call it after the change has committed. */
export function forgetSecrets(env: Env): void {
  forget(env, CACHE, DIGESTS);
}

/** What is shown of a secret to tell it from another: a keyed digest, of no use to anyone else. */
export function secretHash(env: Env, { secret }: ClientSecret): string {
  return env.sealer.mac(secret, 'client-secret-hash').slice(0, 22);
}

async function makeRoom(env: Env, applicationId: string): Promise<void> {
  const rows = await readRows(env, applicationId);
  const surplus = rows.slice(0, Math.max(0, rows.length - MOST_SECRETS + 1)).map(({ id }) => id);
  if (surplus.length > 0) await env.db.deleteFrom('client_secrets').where('id', 'in', surplus).execute();
}

async function insertSecret(
  env: Env,
  applicationId: string,
  secret: string,
  status: SecretStatus,
): Promise<ClientSecret> {
  const id = newId(env, idPrefixes.clientSecret);
  const now = env.now();
  await env.db
    .insertInto('client_secrets')
    .values({
      id,
      application_id: applicationId,
      sealed_secret: env.sealer.seal(secret, placeOf(id)),
      status,
      created: now,
      last_updated: now,
    })
    .execute();
  return { id, status, secret, created: now, last_updated: now };
}

async function activeIds(env: Env, applicationId: string): Promise<string[]> {
  return (await readRows(env, applicationId)).filter(({ status }) => status === 'ACTIVE').map(({ id }) => id);
}

function readRows(env: Env, applicationId: string): Promise<Row<'client_secrets'>[]> {
  return env.db
    .selectFrom('client_secrets')
    .selectAll()
    .where('application_id', '=', applicationId)
    .orderBy('id')
    .execute();
}

function unsealed(env: Env, { id, status, sealed_secret, created, last_updated }: Row<'client_secrets'>): ClientSecret {
  const secret = env.sealer.unseal(sealed_secret, placeOf(id));
  return { id, status: status === 'ACTIVE' ? 'ACTIVE' : 'INACTIVE', secret, created, last_updated };
}

function placeOf(id: string): string {
  return `client_secrets:${id}`;
}

async function recordSecret(
  env: Env,
  application: Application,
  id: string,
  change: 'create' | 'activate' | 'deactivate' | 'delete',
): Promise<void> {
  await record(env, {
    eventType: `app.oauth2.credentials.lifecycle.${change}`,
    displayMessage: `OAuth client secret: ${change}`,
    target: [applicationTarget(application), { id, type: 'OAuth2ClientSecret', alternateId: id, displayName: id }],
  });
}
