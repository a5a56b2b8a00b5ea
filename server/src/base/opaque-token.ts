// Owns unguessable strings: how they are made, hashed for storage, and compared. One function each.
// Not here: passwords (password-hash.ts) and values that must be read back (seal.ts).
import { hash, timingSafeEqual } from 'node:crypto';

/** 256 bits of chance as 43 base64url characters. */
export function newOpaqueToken(random: (bytes: number) => Uint8Array, bytes = 32): string {
  return Buffer.from(random(bytes)).toString('base64url');
}

/** What the database keeps of an opaque token: SHA-256, base64url. Only for values with the chance of a UUID or more. */
export function hashToken(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** SHA-256 of the text as base64url (the S256 of RFC 7636 section 4.2). */
export function sha256Base64url(text: string): string {
  return hash('sha256', text, 'base64url');
}

/** The left half of the hash, base64url: at_hash and c_hash of OIDC Core 3.1.3.6 and 3.3.2.11, with the digest of the signature. */
export function leftHalfHash(digest: 'sha256' | 'sha512', text: string): string {
  const whole = hash(digest, text, 'buffer');
  return whole.subarray(0, whole.length / 2).toString('base64url');
}

/** Compares two texts in a time that depends on neither's content; hashing first hides the lengths too. */
export function equalInConstantTime(left: string, right: string): boolean {
  return timingSafeEqual(hash('sha256', left, 'buffer'), hash('sha256', right, 'buffer'));
}
