// Owns when a JWT that a client signed is good: from `iat` and `nbf` to `exp`, which must be said and lie within an hour.
// Not here: what the kinds of such JWTs call each problem.
import { HOUR, SECOND, toSeconds } from '../base/time.ts';
import type { Env } from '../core/env.ts';

export type LifetimeProblem =
  | 'malformed'
  | 'without_exp'
  | 'expired'
  | 'expires_too_late'
  | 'from_the_future'
  | 'too_early';

const MOST_LIFETIME = toSeconds(HOUR);
/** Clocks differ a little. */
const SKEW = toSeconds(30 * SECOND);

/** What is wrong with the times of these claims; null when they hold now. */
export function objectionToLifetime(env: Env, claims: Readonly<Record<string, unknown>>): LifetimeProblem | null {
  const { exp, iat, nbf } = claims;
  if (typeof exp !== 'number') return 'without_exp';
  const now = toSeconds(env.now());
  if (exp <= now) return 'expired';
  if (exp > now + MOST_LIFETIME + SKEW) return 'expires_too_late';
  if (![iat, nbf].every((time) => time === undefined || typeof time === 'number')) return 'malformed';
  if (Number(iat ?? 0) > now + SKEW) return 'from_the_future';
  return Number(nbf ?? 0) > now + SKEW ? 'too_early' : null;
}
