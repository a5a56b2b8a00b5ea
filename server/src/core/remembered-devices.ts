// Owns devices on which a person need not prove by a further factor again for a while, where the sign-on policy lets them say so. A
// device is known by a secret of its own, of which the database keeps the hash. Not here: the policy (policies/session-policy.ts).
import { hashToken } from '../base/opaque-token.ts';
import type { Env } from './env.ts';

/** A shorter name could be guessed, and with it the password alone would do. */
const SHORTEST_SECRET = 16;

export function canBeRemembered(secret: string | null): secret is string {
  return secret !== null && secret.length >= SHORTEST_SECRET;
}

/** `deviceHash`: of its secret. From now on, as the person has just proven by a factor on it. */
export async function rememberDevice(env: Env, userId: string, secretHash: string): Promise<void> {
  const factor_verified_at = env.now();
  await env.db
    .insertInto('remembered_devices')
    .values({ device_hash: secretHash, user_id: userId, factor_verified_at })
    .onConflict((conflict) => conflict.columns(['device_hash', 'user_id']).doUpdateSet({ factor_verified_at }))
    .execute();
}

/** Whether the person proved by a factor on the device less than `lifetime` milliseconds ago. */
export async function isRemembered(env: Env, userId: string, secretHash: string, lifetime: number): Promise<boolean> {
  const row = await env.db
    .selectFrom('remembered_devices')
    .select('factor_verified_at')
    .where('device_hash', '=', secretHash)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row !== undefined && env.now() - row.factor_verified_at < lifetime;
}

export function deviceHash(secret: string | null): string | null {
  return canBeRemembered(secret) ? hashToken(secret) : null;
}
