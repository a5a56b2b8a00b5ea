// Owns the compact form of the JWTs that this server makes (RFC 7519, RFC 7515): signing, and telling its own from all others.
// Not here: what a token says and whether it is still good (issue-tokens.ts, access-tokens.ts), and JWTs that others make.
import { signBytes, verifyBytes } from '../base/key-pair.ts';
import type { Env } from './env.ts';
import { activeSigningKey, type KeyPurpose, type KeyRing, type ParsedKey, verificationKey } from './signing-keys.ts';

const MOST_CHARACTERS = 65_536;

/** Signs with the key of the ring that signs now. */
export async function signJwt(env: Env, ring: KeyRing, payload: object): Promise<string> {
  return signJwtWith(await activeSigningKey(env, ring), payload);
}

/** `typ`: for a JWT that must not be taken for any other kind (RFC 8725 section 3.11). */
export async function signJwtWith(signer: ParsedKey, payload: object, typ?: string): Promise<string> {
  const { alg, kid, key } = signer;
  const header =
    typ === undefined ? signer.header : Buffer.from(JSON.stringify({ typ, kid, alg })).toString('base64url');
  const content = `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
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
  if (more.length > 0) return null;
  // Its own JWTs have its own headers, to the letter: nothing that somebody else wrote there is ever read (RFC 8725 section 3.1).
  const known = await verificationKey(env, owner, purposes, header);
  const before = known && verified.get(known)?.get(jwt);
  if (before) return before;
  const bytes = Buffer.from(signature, 'base64url');
  // Leftover bits in the last character would make two texts of one token.
  if (!known || bytes.toString('base64url') !== signature) return null;
  if (!verifyBytes(known.alg, known.key, Buffer.from(`${header}.${payload}`), bytes)) return null;
  const claims = Object.freeze(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  remember(known, jwt, claims);
  return claims;
}

/**
 * JWTs whose signature was checked, by the key that made it: a client shows the same token many times, and its signature never
 * changes. A key that is forgotten takes its JWTs with it; whether a token is still good is asked anew each time.
 */
const verified = new WeakMap<ParsedKey, Map<string, Record<string, unknown>>>();
const MOST_REMEMBERED = 1000;

function remember(key: ParsedKey, jwt: string, claims: Record<string, unknown>): void {
  const known = verified.get(key) ?? new Map<string, Record<string, unknown>>();
  if (known.size >= MOST_REMEMBERED) known.clear();
  verified.set(key, known.set(jwt, claims));
}
