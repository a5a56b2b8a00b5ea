// Owns secrecy at rest: values that must be read back (private keys, client secrets) and keyed digests (cursors, form tokens).
// One master key; each use derives its own key, so a value sealed for one place cannot be moved to another.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';

export type Sealer = {
  /** AES-256-GCM; `place` (table, column and row) is authenticated, not stored. Result `v1.iv.ciphertext`, base64url. */
  seal(plaintext: string, place: string): string;
  /** The plaintext. Throws when the value was altered, moved, or sealed under another master key. */
  unseal(sealed: string, place: string): string;
  /** HMAC-SHA-256 under a key of its own for this purpose, base64url. */
  mac(text: string, purpose: string): string;
  /** Checks a mac in constant time. */
  checkMac(text: string, purpose: string, mac: string): boolean;
};

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** `masterKey`: at least 32 bytes of chance. `random` supplies the initialisation vectors. */
export function createSealer(masterKey: Uint8Array, random: (bytes: number) => Uint8Array): Sealer {
  if (masterKey.length < 32) throw new Error('The master key must have at least 32 bytes');
  const derived = new Map<string, KeyObject>();
  const keyFor = (purpose: string): KeyObject => {
    const known = derived.get(purpose);
    if (known) return known;
    // Bytes in its place would cost node:crypto several times the work that they are for.
    const key = createSecretKey(Buffer.from(hkdfSync('sha256', masterKey, 'gatehouse', purpose, 32)));
    derived.set(purpose, key);
    return key;
  };
  const mac = (text: string, purpose: string): Buffer =>
    createHmac('sha256', keyFor(`mac:${purpose}`))
      .update(text)
      .digest();
  return {
    seal(plaintext, place) {
      const iv = random(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keyFor('seal'), iv).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return `v1.${Buffer.from(iv).toString('base64url')}.${body.toString('base64url')}`;
    },
    unseal(sealed, place) {
      const [version, iv, body] = sealed.split('.');
      if (version !== 'v1' || !iv || !body) throw new Error(`Not a sealed value: ${place}`);
      const bytes = Buffer.from(body, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', keyFor('seal'), Buffer.from(iv, 'base64url'))
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
    },
    mac: (text, purpose) => mac(text, purpose).toString('base64url'),
    checkMac(text, purpose, candidate) {
      const expected = mac(text, purpose);
      const given = Buffer.from(candidate, 'base64url');
      return given.length === expected.length && timingSafeEqual(given, expected);
    },
  };
}
