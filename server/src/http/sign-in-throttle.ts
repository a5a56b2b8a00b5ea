// Owns the brake on guessing secrets from one address, which the lock-out of a single account does not notice: so many failed
// attempts a minute, counted in this process. A successful attempt is given back. Not here: the lock-out (core/authenticate.ts).
import { MINUTE } from '../base/time.ts';
import type { Env } from '../core/env.ts';

/** What is guessed, and how many failures a minute one address has. */
type Brake = { name: string; attempts: number };

const PASSWORDS: Brake = { name: 'sign-in-throttle', attempts: 60 };
/** User codes are short, so fewer (RFC 8628 section 5.1). */
export const USER_CODES: Brake = { name: 'user-code-throttle', attempts: 20 };
/** Each makes this server call another. */
export const EXTERNAL_SIGN_INS: Brake = { name: 'external-sign-in-throttle', attempts: 60 };
/** Codes and answers that prove further, as a person's own account counts them too. */
export const FACTORS: Brake = { name: 'factor-throttle', attempts: 30 };

const WINDOW = MINUTE;
/** Above this many addresses the oldest is forgotten: the brake must not become a way to fill the memory. */
const MOST_ADDRESSES = 20_000;

type Count = { since: number; attempts: number };

/** Counts an attempt before it is made; false when there were too many. */
export function takeAttempt(env: Env, brake = PASSWORDS): boolean {
  const count = countOf(env, brake);
  if (count.attempts >= brake.attempts) return false;
  count.attempts++;
  return true;
}

/** The attempt was genuine. */
export function giveAttemptBack(env: Env, brake = PASSWORDS): void {
  const count = countOf(env, brake);
  count.attempts = Math.max(0, count.attempts - 1);
}

/** Whole seconds until attempts from this address are heard again. */
export function secondsToWait(env: Env, brake = PASSWORDS): number {
  return Math.max(1, Math.ceil((countOf(env, brake).since + WINDOW - env.now()) / 1000));
}

function countOf(env: Env, brake: Brake): Count {
  const counts = env.memory.of(brake.name, () => new Map<string, Count>());
  const address = networkOf(env.request.ip);
  const known = counts.get(address);
  if (known && env.now() - known.since < WINDOW) return known;
  counts.delete(address);
  const oldest = counts.keys().next().value;
  if (counts.size >= MOST_ADDRESSES && oldest !== undefined) counts.delete(oldest);
  const fresh = { since: env.now(), attempts: 0 };
  counts.set(address, fresh);
  return fresh;
}

// A subscriber of IPv6 commonly holds a whole /64: its addresses are one caller.
function networkOf(ip: string): string {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [left = '', right] = plain.split('::');
  const groups = left === '' ? [] : left.split(':');
  const missing = right === undefined ? 0 : 8 - groups.length - (right === '' ? 0 : right.split(':').length);
  return [...groups, ...Array<string>(Math.max(0, missing)).fill('0'), ...(right ? right.split(':') : [])]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
