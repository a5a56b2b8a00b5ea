// Owns time-based one-time codes (RFC 6238 over RFC 4226): six digits of HMAC-SHA-1 that change each half minute, and the secret's
// spelling in base32 (RFC 4648 section 6). Not here: whose secret it is, and that a code is good once (core/verify-factor.ts).
import { createHmac, timingSafeEqual } from 'node:crypto';

export const TIME_STEP_SECONDS = 30;
export const DIGITS = 6;
/** RFC 4226 section 4 recommends 160 bits. */
const SECRET_BYTES = 20;
/** A clock may be one step off, either way (RFC 6238 section 5.2). */
const TOLERANCE = 1;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A fresh secret as apps take it: 32 characters of base32, without padding. */
export function newTotpSecret(random: (bytes: number) => Uint8Array): string {
  let bits = '';
  for (const byte of random(SECRET_BYTES)) bits += byte.toString(2).padStart(8, '0');
  return bits.replaceAll(/.{5}/g, (group) => ALPHABET.charAt(Number.parseInt(group, 2)));
}

/** The code of a time step. */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac('sha1', fromBase32(secret)).update(counter).digest();
  const offset = digest.readUInt8(digest.length - 1) & 0x0f;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** The step whose code this is, around `now` (epoch milliseconds); null: of none. Every step is compared, each in constant time. */
export function matchingStep(secret: string, code: string, now: number): number | null {
  const current = Math.floor(now / 1000 / TIME_STEP_SECONDS);
  const given = Buffer.alloc(DIGITS);
  given.write(code);
  let matching: number | null = null;
  for (let step = current - TOLERANCE; step <= current + TOLERANCE; step++)
    if (timingSafeEqual(Buffer.from(totpCode(secret, step)), given)) matching = step;
  return /^\d{6}$/.test(code) ? matching : null;
}

/** What an authenticator app reads from a QR code: the Key URI format. */
export function otpauthUri(secret: string, { issuer, account }: { issuer: string; account: string }): string {
  const parameters = { secret, issuer, algorithm: 'SHA1', digits: String(DIGITS), period: String(TIME_STEP_SECONDS) };
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(account)}?${query.join('&')}`;
}

function fromBase32(text: string): Buffer {
  let bits = '';
  for (const character of text) bits += ALPHABET.indexOf(character).toString(2).padStart(5, '0');
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
}
