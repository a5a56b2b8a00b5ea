// Owns JWTs that others make (RFC 7519, signed in the compact form of RFC 7515): reading one without believing it, verifying its
// signature with a key that the reader chose. Not here: our own (core/json-web-tokens.ts), whose key it is, what claims mean.
import type * as Jose from 'jose';

export const hmacAlgorithms = ['HS256', 'HS384', 'HS512'] as const;
export const publicKeyAlgorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'] as const;

export type ForeignJwt = {
  text: string;
  header: { alg: string; kid: string | null; typ: string | null; jwk: Record<string, unknown> | null };
  /** What it says; believe none of it before isSignedBy. */
  claims: Record<string, unknown>;
};

/** A public key as RFC 7517 writes it. */
export type PublicJwk = { kty: string; alg?: unknown; use?: unknown; key_ops?: unknown; [member: string]: unknown };

const MOST_CHARACTERS = 65_536;

/** Null when the text is no signed JWT, or one whose header asks for more than this server understands (`crit`). */
export function readForeignJwt(text: string): ForeignJwt | null {
  if (text.length > MOST_CHARACTERS || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)) return null;
  const [header, claims] = text.split('.').slice(0, 2).map(objectIn);
  if (!header || !claims || typeof header.alg !== 'string' || 'crit' in header || 'b64' in header) return null;
  const textOf = (value: unknown) => (typeof value === 'string' ? value : null);
  return {
    text,
    header: {
      alg: header.alg,
      kid: textOf(header.kid),
      typ: textOf(header.typ),
      jwk: isObject(header.jwk) ? header.jwk : null,
    },
    claims,
  };
}

function objectIn(part: string): Record<string, unknown> | null {
  const json = Buffer.from(part, 'base64url').toString('utf8');
  // No name or id has a null character in it, and databases choke on one.
  if (json.includes('\\u0000')) return null;
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether this shared secret made the signature. False for every algorithm that is none of HMAC. */
export async function isSignedWithSecret(jwt: ForeignJwt, secret: string): Promise<boolean> {
  return includes(hmacAlgorithms, jwt.header.alg) && verifies(jwt, async () => new TextEncoder().encode(secret));
}

/** Whether the private half of this key made the signature. False for HMAC, so that no public key is ever taken for a secret. */
export async function isSignedWithKey(jwt: ForeignJwt, key: PublicJwk): Promise<boolean> {
  const { alg } = jwt.header;
  if (!includes(publicKeyAlgorithms, alg) || key.kty !== (alg.startsWith('RS') ? 'RSA' : 'EC')) return false;
  if (typeof key.alg === 'string' && key.alg !== alg) return false;
  return verifies(jwt, async ({ importJWK }) => importJWK(onlyPublicMembers(key), alg));
}

async function verifies(
  jwt: ForeignJwt,
  keyOf: (jose: typeof Jose) => Promise<Jose.CryptoKey | Uint8Array>,
): Promise<boolean> {
  const jose = await library();
  try {
    await jose.compactVerify(jwt.text, await keyOf(jose), { algorithms: [jwt.header.alg] });
    return true;
  } catch {
    // A key that cannot be used is as wrong as a signature that does not fit.
    return false;
  }
}

/** The SHA-256 thumbprint of RFC 7638, base64url; null for what is no key. */
export async function thumbprintOf(key: PublicJwk): Promise<string | null> {
  const { calculateJwkThumbprint } = await library();
  try {
    return await calculateJwkThumbprint(onlyPublicMembers(key), 'sha256');
  } catch {
    return null;
  }
}

function onlyPublicMembers({ kty, n, e, crv, x, y }: PublicJwk): Jose.JWK {
  return JSON.parse(JSON.stringify(kty === 'RSA' ? { kty, n, e } : { kty, crv, x, y }));
}

function includes(list: readonly string[], value: string): boolean {
  return list.includes(value);
}

// Loaded at its first use: most servers start more often than they meet their first foreign JWT.
function library(): Promise<typeof Jose> {
  return import('jose');
}
