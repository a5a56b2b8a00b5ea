// Owns the public keys of applications: what a key must be, and the id and status that this server adds to it.
// Not here: verifying with them (client-jwts.ts), and those at a jwks_uri (fetched-keys.ts).
import { idPrefixes, newId } from '../base/id.ts';
import type { ClientKey } from './application-settings.ts';
import type { Env } from './env.ts';

export const MOST_CLIENT_KEYS = 50;
const LEAST_RSA_BYTES = 256;
const PRIVATE_PARAMETERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
// The length of a coordinate tells the curve (RFC 7518 section 6.2.1.2), so a key that does not name it is still understood.
const CURVES: Record<number, string> = { 43: 'P-256', 64: 'P-384', 88: 'P-521' };

/** A key as a client sends it. */
export type GivenKey = { [parameter: string]: unknown };

/** Why this is no public key for signatures or encryption; null when it is. The sentence names no value: it may be secret. */
export function objectionToKey(key: GivenKey): string | null {
  if (PRIVATE_PARAMETERS.some((parameter) => key[parameter] !== undefined && key[parameter] !== null))
    return 'must not contain private key material';
  if (key.kty === 'RSA') return objectionToRsa(key);
  if (key.kty === 'EC') return objectionToEc(key);
  return "must have the kty 'RSA' or 'EC'";
}

function objectionToRsa(key: GivenKey): string | null {
  const modulus = bytesOf(key.n);
  if (!modulus || !bytesOf(key.e)) return "of kty 'RSA' must have 'n' and 'e'";
  return modulus.length < LEAST_RSA_BYTES ? 'must have at least 2048 bits' : null;
}

function objectionToEc(key: GivenKey): string | null {
  if (!bytesOf(key.x) || !bytesOf(key.y)) return "of kty 'EC' must have 'x' and 'y'";
  const curve = curveOf(key);
  return curve && (key.crv ?? curve) === curve ? null : "of kty 'EC' must be on the curve P-256, P-384 or P-521";
}

function curveOf(key: GivenKey): string | undefined {
  return CURVES[String(key.x).length];
}

function bytesOf(value: unknown): Buffer | null {
  if (typeof value !== 'string' || !/^[\w-]+$/.test(value)) return null;
  const bytes = Buffer.from(value, 'base64url');
  return bytes.subarray(bytes[0] === 0 ? 1 : 0);
}

/** Objections to a whole set, each a sentence that begins with the field. */
export function objectionsToKeys(keys: readonly GivenKey[]): string[] {
  const objections = keys.map(objectionToKey).filter((objection) => objection !== null);
  const kids = keys.map((key) => key.kid).filter((kid) => typeof kid === 'string');
  if (new Set(kids).size < kids.length) objections.push("must have a 'kid' of its own");
  if (keys.length > 1 && kids.length < keys.length) objections.push("must have a 'kid' when there are several");
  if (keys.length > MOST_CLIENT_KEYS) objections.push(`must be one of at most ${MOST_CLIENT_KEYS}`);
  return objections.map((objection) => `jwks: A key ${objection}`);
}

/** The key as it is kept and shown. One that was there before keeps its id, and its status unless a new one is given. */
export function toClientKey(env: Env, given: GivenKey, before: readonly ClientKey[]): ClientKey {
  const same = before.find((key) => isSameKey(key, given));
  const status = given.status ?? same?.status;
  const kid = typeof given.kid === 'string' ? given.kid : null;
  const use = typeof given.use === 'string' ? given.use : null;
  const head = {
    kty: String(given.kty),
    id: same?.id ?? newId(env, idPrefixes.clientKey),
    status: status === 'INACTIVE' ? ('INACTIVE' as const) : ('ACTIVE' as const),
    kid,
    use,
    ...(typeof given.alg === 'string' ? { alg: given.alg } : {}),
  };
  return head.kty === 'RSA'
    ? { ...head, e: given.e, n: given.n }
    : { ...head, x: given.x, y: given.y, crv: curveOf(given) };
}

function isSameKey(key: ClientKey, given: GivenKey): boolean {
  return key.kty === given.kty && key.n === given.n && key.x === given.x && (key.kid ?? null) === (given.kid ?? null);
}
