// Owns requests for certificates of applications: the key pair is made here, an authority signs elsewhere, and what it signed makes the
// pair a key of the application. Not here: such keys (application-keys.ts).
import { idPrefixes, newId } from '../base/id.ts';
import type { Jwk } from '../base/key-pair.ts';
import type { Subject } from '../base/x509.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type ApplicationKey, keepKey } from './application-keys.ts';
import { type AnyApplication, applicationTarget, getApplication, lockGuardedApplication } from './applications.ts';
import { certifiedKey, makeRequest, requireAnswer } from './certified-keys.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type ApplicationCsr = Row<'application_csrs'>;

const MOST_REQUESTS = 20;

/** In the order of their making. Throws E0000007. */
export async function listApplicationCsrs(env: Env, applicationId: string): Promise<ApplicationCsr[]> {
  await getApplication(env, applicationId);
  return env.db
    .selectFrom('application_csrs')
    .selectAll()
    .where('application_id', '=', applicationId)
    .orderBy('id')
    .execute();
}

/** Throws E0000007. */
export async function getApplicationCsr(env: Env, applicationId: string, id: string): Promise<ApplicationCsr> {
  await getApplication(env, applicationId);
  const row = await env.db
    .selectFrom('application_csrs')
    .selectAll()
    .where('application_id', '=', applicationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw notFound(id, 'CSR');
  return row;
}

/** Makes a key pair and a request about it. Throws E0000007, E0000001. */
export async function createApplicationCsr(
  env: Env,
  applicationId: string,
  subject: Subject,
  dnsNames: readonly string[],
): Promise<ApplicationCsr> {
  await getApplication(env, applicationId);
  const { csr, publicJwk, privateJwk } = await makeRequest(env, subject, dnsNames);
  const id = newId(env, idPrefixes.certificateRequest);
  const row: ApplicationCsr = {
    id,
    application_id: applicationId,
    csr,
    public_jwk: publicJwk,
    sealed_private_jwk: env.sealer.seal(JSON.stringify(privateJwk), placeOf(id)),
    created: env.now(),
  };
  return transact(env, async (env) => {
    const application = await lockGuardedApplication(env, applicationId);
    if ((await listApplicationCsrs(env, applicationId)).length >= MOST_REQUESTS)
      throw invalid('csrs', `csrs: An application has at most ${MOST_REQUESTS} requests at a time`);
    await env.db
      .insertInto('application_csrs')
      .values({ ...row, public_jwk: toJson(row.public_jwk) })
      .execute();
    await recordChange(env, application, id, 'generate', 'Generate a request for a certificate');
    return row;
  });
}

/** Throws E0000007. */
export async function revokeApplicationCsr(env: Env, applicationId: string, id: string): Promise<void> {
  await transact(env, async (env) => {
    const application = await lockGuardedApplication(env, applicationId);
    await getApplicationCsr(env, applicationId, id);
    await env.db.deleteFrom('application_csrs').where('id', '=', id).execute();
    await recordChange(env, application, id, 'revoke', 'Revoke a request for a certificate');
  });
}

/** The certificate (DER) that answers the request makes its key pair a key of the application. Throws E0000007, E0000001. */
export async function publishApplicationCsr(
  env: Env,
  applicationId: string,
  id: string,
  certificate: Uint8Array,
): Promise<ApplicationKey> {
  return transact(env, async (env) => {
    const application = await lockGuardedApplication(env, applicationId);
    const row = await getApplicationCsr(env, applicationId, id);
    requireAnswer(certificate, row.public_jwk);
    const privateJwk = JSON.parse(env.sealer.unseal(row.sealed_private_jwk, placeOf(id))) as Jwk;
    const key = await keepKey(env, applicationId, certifiedKey(env, certificate, privateJwk));
    await env.db.deleteFrom('application_csrs').where('id', '=', id).execute();
    await recordChange(env, application, id, 'publish', 'Publish a certificate for a request');
    return key;
  });
}

async function recordChange(env: Env, application: AnyApplication, id: string, what: string, displayMessage: string) {
  const request = { id, type: 'CSR', alternateId: id, displayName: id };
  await record(env, {
    eventType: `application.csr.${what}`,
    displayMessage,
    target: [applicationTarget(application), request],
  });
}

function placeOf(id: string): string {
  return `application_csrs.sealed_private_jwk:${id}`;
}
