// Owns the compact form of the JWTs that this server makes (RFC 7519, RFC 7515): signing, and telling its own from all others.
// Not here: what a token says and whether it is still good (issue-tokens.ts, access-tokens.ts), and JWTs that others make.
import { signBytes, verifyBytes } from '../base/key-pair.ts';
import type { Env } from './env.ts';
import { activeSigningKey, type KeyPurpose, type KeyRing, verificationKey } from './signing-keys.ts';

const MOST_CHARACTERS = 65_536;

/** Signs with the ring's active key. The header holds kid and alg, in that order, and nothing else: clients know it so. */
export async function signJwt(env: Env, ring: KeyRing, payload: object): Promise<string> {
  const { kid, alg, key } = await activeSigningKey(env, ring);
  const content = `${encode({ kid, alg })}.${encode(payload)}`;
  const signature = await signBytes(alg, key, Buffer.from(content));
  return `${content}.${signature.toString('base64url')}`;
}

/**
 * The payload of a JWT that one of this owner's keys signed, even one that signs no more; null for anything else. Says nothing of
 * expiry, issuer or audience: the caller judges the claims.
 */
export async function verifyOwnJwt(
  env: Env,
  owner: string,
  purposes: readonly KeyPurpose[],
  jwt: string,
): Promise<Record<string, unknown> | null> {
  if (jwt.length > MOST_CHARACTERS) return null;
  const [header = '', payload = '', signature = '', ...more] = jwt.split('.');
  if (more.length > 0 || ![header, payload, signature].every(isBase64url)) return null;
  const { kid, alg, crit } = decode(header) ?? {};
  if (typeof kid !== 'string' || crit !== undefined) return null;
  const found = await verificationKey(env, owner, purposes, kid);
  // The key decides the algorithm (RFC 8725 section 3.1); the header only has to agree.
  if (!found || found.alg !== alg) return null;
  const bytes = Buffer.from(`${header}.${payload}`);
  return verifyBytes(found.alg, found.key, bytes, Buffer.from(signature, 'base64url')) ? decode(payload) : null;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}

function decode(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

// Only the one spelling of the bytes: leftover bits in the last character would make two texts of one token.
function isBase64url(part: string): boolean {
  return /^[\w-]+$/.test(part) && Buffer.from(part, 'base64url').toString('base64url') === part;
}
