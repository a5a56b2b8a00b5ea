// Owns asymmetric keys for signing: making them, naming them (RFC 7638), signing on the thread pool, verifying.
// Not here: where keys are kept and which of them signs (core/signing-keys.ts), and JWTs (core/json-web-tokens.ts).
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';

export type { KeyObject };

/** Signature algorithms of RFC 7518 and RFC 8037. */
export const signatureAlgorithms = ['RS256', 'ES256', 'EdDSA'] as const;
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number];

/** A key as RFC 7517 writes it. Its members beyond these depend on the kind. */
export type Jwk = { kty: string; [member: string]: string };

export type KeyPair = { kid: string; alg: SignatureAlgorithm; publicJwk: Jwk; privateJwk: Jwk };

type Algorithm = {
  /** The digest that is signed; null where the algorithm brings its own. */
  digest: 'sha256' | null;
  /** The digest inside of it, which is also that of at_hash and c_hash. */
  hash: 'sha256' | 'sha512';
  /** Members of the public key, in the order of RFC 7638 section 3.2, which the thumbprint needs. */
  publicMembers: readonly string[];
  generate(): Promise<{ privateKey: KeyObject }>;
};

const generate = promisify(generateKeyPair);

const algorithms: Readonly<Record<SignatureAlgorithm, Algorithm>> = {
  RS256: {
    digest: 'sha256',
    hash: 'sha256',
    publicMembers: ['e', 'kty', 'n'],
    generate: () => generate('rsa', { modulusLength: 2048, publicExponent: 65_537 }),
  },
  ES256: {
    digest: 'sha256',
    hash: 'sha256',
    publicMembers: ['crv', 'kty', 'x', 'y'],
    generate: () => generate('ec', { namedCurve: 'P-256' }),
  },
  EdDSA: { digest: null, hash: 'sha512', publicMembers: ['crv', 'kty', 'x'], generate: () => generate('ed25519') },
};

/** A fresh key pair, made on the thread pool: some tens of milliseconds for RSA. Its kid is its thumbprint, 43 characters. */
export async function makeKeyPair(alg: SignatureAlgorithm): Promise<KeyPair> {
  const { privateKey } = await algorithms[alg].generate();
  const privateJwk = privateKey.export({ format: 'jwk' }) as Jwk;
  const { publicMembers } = algorithms[alg];
  const members = publicMembers.map((member) => [member, privateJwk[member] ?? '']);
  const canonical = JSON.stringify(Object.fromEntries(members));
  const kid = createHash('sha256').update(canonical).digest('base64url');
  return { kid, alg, publicJwk: JSON.parse(canonical), privateJwk };
}

/** The hash function inside the signature. EdDSA is Ed25519 here (RFC 8032 section 5.1). */
export function hashOf(alg: SignatureAlgorithm): 'sha256' | 'sha512' {
  return algorithms[alg].hash;
}

/** A private key ready for use. Parsing costs several signatures: keep the result. */
export function importPrivateKey(jwk: Jwk): KeyObject {
  return createPrivateKey({ key: jwk, format: 'jwk' });
}

/** A private key in PKCS #8, PEM or its base64 alone; null for what is none. */
export function importPkcs8(text: string): KeyObject | null {
  const der = Buffer.from(text.replaceAll(/-----[^-]*-----|\s/g, ''), 'base64');
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch {
    return null;
  }
}

/** A public key ready for use; keep the result. */
export function importPublicKey(jwk: Jwk): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' });
}

/** Signs off the event loop. ES256 in the form of RFC 7518 section 3.4 (r and s side by side, not DER). */
export function signBytes(alg: SignatureAlgorithm, key: KeyObject, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign(algorithms[alg].digest, bytes, keyInput(alg, key), (error, signature) =>
      error ? reject(error) : resolve(signature),
    );
  });
}

/** Verifies at once: that costs less than the way to another thread and back. */
export function verifyBytes(
  alg: SignatureAlgorithm,
  key: KeyObject,
  bytes: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verify(algorithms[alg].digest, bytes, keyInput(alg, key), signature);
}

// A key beside options costs node:crypto more than the rest of the call, so only that kind has them which needs one.
function keyInput(alg: SignatureAlgorithm, key: KeyObject) {
  return alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
}
