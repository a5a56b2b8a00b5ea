// Owns the question whether a client signed a JWT: an assertion of its identity, a request object, a grant of its own. By one of
// its secrets (HMAC) or one of its public keys, those kept here or those at its jwks_uri.
// Not here: what the JWT says, and whether it was used before (oauth2/).
import {
  type ForeignJwt,
  hmacAlgorithms,
  isSignedWithKey,
  isSignedWithSecret,
  publicKeyAlgorithms,
} from '../base/foreign-jwt.ts';
import type { Application } from './applications.ts';
import { activeSecrets } from './client-secrets.ts';
import type { Env } from './env.ts';
import { type FetchedKey, type FetchProblem, fetchedKeys } from './fetched-keys.ts';

export const clientJwtAlgorithms: readonly string[] = [...hmacAlgorithms, ...publicKeyAlgorithms];

export type ClientJwtProblem =
  | 'algorithm'
  | 'no_secret'
  | 'short_secret'
  | 'no_keys'
  | 'unknown_kid'
  | 'no_signing_key'
  | 'signature'
  | FetchProblem;

/** Of a secret that signs, in characters: 256 bits at the least (RFC 7518 section 3.2). */
const LEAST_SECRET = 32;

/** Why this is not signed by the client; null when it is. */
export async function objectionToClientJwt(
  env: Env,
  application: Application,
  jwt: ForeignJwt,
): Promise<ClientJwtProblem | null> {
  if (!clientJwtAlgorithms.includes(jwt.header.alg)) return 'algorithm';
  return isHmac(jwt) ? objectionToHmac(env, application, jwt) : objectionToSignature(env, application, jwt);
}

export function isHmac({ header }: ForeignJwt): boolean {
  return header.alg.startsWith('HS');
}

// Two secrets may be active at once, so that one can be exchanged for the other.
async function objectionToHmac(env: Env, application: Application, jwt: ForeignJwt): Promise<ClientJwtProblem | null> {
  const secrets = await activeSecrets(env, application);
  if (secrets.length === 0) return 'no_secret';
  const usable = secrets.filter((secret) => secret.length >= LEAST_SECRET);
  if (usable.length === 0) return 'short_secret';
  const verdicts = await Promise.all(usable.map((secret) => isSignedWithSecret(jwt, secret)));
  return verdicts.includes(true) ? null : 'signature';
}

async function objectionToSignature(
  env: Env,
  application: Application,
  jwt: ForeignJwt,
): Promise<ClientJwtProblem | null> {
  const { kid } = jwt.header;
  const isNamed = (key: { kid?: unknown }) => kid === null || key.kid === kid;
  const keys = await keysOf(env, application, isNamed);
  if (typeof keys === 'string') return keys;
  const named = keys.filter(isNamed);
  if (named.length === 0) return 'unknown_kid';
  const signing = named.filter(({ use }) => use !== 'enc');
  if (signing.length === 0) return 'no_signing_key';
  for (const key of signing) if (await isSignedWithKey(jwt, key)) return null;
  return 'signature';
}

async function keysOf(
  env: Env,
  application: Application,
  isWanted: (key: FetchedKey) => boolean,
): Promise<readonly FetchedKey[] | ClientJwtProblem> {
  const { jwks, jwks_uri } = application.settings.oauthClient;
  if (jwks_uri) return fetchedKeys(env, jwks_uri, isWanted);
  const active = (jwks?.keys ?? []).filter(({ status }) => status !== 'INACTIVE');
  return active.length > 0 ? active : 'no_keys';
}
