// Owns the keys with certificates that an application may be known by to others, such as a service that trusts SAML from it. Nothing
// here signs with them: they are made, shown, shared and chosen. Not here: requests for certificates (application-csrs.ts), the keys
// that sign ID tokens (signing-keys.ts), and the public keys that OAuth clients bring (client-keys.ts).
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import {
  type AnyApplication,
  applicationTarget,
  getApplication,
  isOAuthClient,
  lockGuardedApplication,
} from './applications.ts';
import { type CertifiedKey, makeCertifiedKey } from './certified-keys.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type ApplicationKey = Row<'application_keys'>;

const MOST_KEYS = 50;

/** In the order of their making. Throws E0000007. */
export async function listApplicationKeys(env: Env, applicationId: string): Promise<ApplicationKey[]> {
  await getApplication(env, applicationId);
  return env.db
    .selectFrom('application_keys')
    .selectAll()
    .where('application_id', '=', applicationId)
    .orderBy('created')
    .orderBy('kid')
    .execute();
}

/** Throws E0000007. */
export async function getApplicationKey(env: Env, applicationId: string, kid: string): Promise<ApplicationKey> {
  await getApplication(env, applicationId);
  const key = await findKey(env, applicationId, kid);
  if (!key) throw notFound(kid, 'JsonWebKey');
  return key;
}

/** Makes a key with a certificate that it signs itself, good for this many years. Throws E0000007, E0000001. */
export async function generateApplicationKey(env: Env, applicationId: string, years: number): Promise<ApplicationKey> {
  await getApplication(env, applicationId);
  return keepKey(env, applicationId, await makeCertifiedKey(env, years));
}

/** Keeps a key with its certificate. */
export async function keepKey(
  env: Env,
  applicationId: string,
  { kid, jwk, privateJwk, expiresAt }: CertifiedKey,
): Promise<ApplicationKey> {
  const now = env.now();
  return transact(env, async (env) => {
    const application = await lockGuardedApplication(env, applicationId);
    return insertKey(env, application, {
      application_id: applicationId,
      kid,
      jwk,
      sealed_private_jwk: env.sealer.seal(JSON.stringify(privateJwk), placeOf(kid)),
      created: now,
      last_updated: now,
      expires_at: expiresAt,
    });
  });
}

/** Gives another application the same key. Throws E0000007, E0000001. */
export async function cloneApplicationKey(env: Env, from: string, kid: string, to: string): Promise<ApplicationKey> {
  return transact(env, async (env) => {
    const key = await getApplicationKey(env, from, kid);
    const application = await lockGuardedApplication(env, to);
    if (await findKey(env, to, kid)) throw invalid('kid', 'kid: The application has this key already');
    return insertKey(env, application, { ...key, application_id: to, last_updated: env.now() });
  });
}

/** Throws E0000001 unless the application may be known by this key. */
export async function checkSigningKid(env: Env, application: AnyApplication, kid: string | null | undefined) {
  if (!kid) return;
  const key = await findKey(env, application.id, kid);
  // A client sends back the key of the org server that it was shown, which may have been rotated since.
  if (isOAuthClient(application)) {
    if (key) throw invalid('signing.kid', "signing.kid: ID tokens are signed with the authorization server's own keys");
  } else if (!key) throw invalid('signing.kid', 'signing.kid: The application has no such key');
}

async function insertKey(env: Env, application: AnyApplication, key: ApplicationKey): Promise<ApplicationKey> {
  const { keys } = await env.db
    .selectFrom('application_keys')
    .select((eb) => eb.fn.countAll().as('keys'))
    .where('application_id', '=', application.id)
    .executeTakeFirstOrThrow();
  if (Number(keys) >= MOST_KEYS) throw invalid('keys', `keys: An application has at most ${MOST_KEYS} keys`);
  await env.db
    .insertInto('application_keys')
    .values({ ...key, jwk: toJson(key.jwk) })
    .execute();
  await record(env, {
    eventType: 'application.cert.generate',
    displayMessage: 'Generate a certificate of an application',
    target: [
      applicationTarget(application),
      { id: key.kid, type: 'AppCert', alternateId: key.kid, displayName: key.kid },
    ],
  });
  return key;
}

function findKey(env: Env, applicationId: string, kid: string): Promise<ApplicationKey | undefined> {
  return env.db
    .selectFrom('application_keys')
    .selectAll()
    .where('application_id', '=', applicationId)
    .where('kid', '=', kid)
    .executeTakeFirst();
}

/** The same for every application that shares the key. */
function placeOf(kid: string): string {
  return `application_keys.sealed_private_jwk:${kid}`;
}
