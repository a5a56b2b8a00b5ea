// Owns secrets handed to one person for one use: activation and recovery links, session tokens, the set-up link. Stored as
// hashes. Not here: what redeeming one permits.
import { hashToken, newOpaqueToken } from '../base/opaque-token.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import type { Env } from './env.ts';

export type OneTimePurpose =
  | 'activation'
  | 'recovery'
  | 'session-token'
  | 'set-up'
  | 'pending-sign-in'
  | 'authn-state'
  | 'external-sign-in'
  | 'authn-recovery';

export type OneTimeToken = Row<'one_time_tokens'>;

/** The token, which only its receiver ever sees. `lifetime` in milliseconds. */
export async function issueOneTimeToken(
  env: Env,
  token: { purpose: OneTimePurpose; userId: string | null; lifetime: number; data?: Record<string, unknown> },
): Promise<string> {
  const secret = newOpaqueToken(env.random);
  await env.db
    .insertInto('one_time_tokens')
    .values({
      token_hash: hashToken(secret),
      purpose: token.purpose,
      user_id: token.userId,
      data: toJson(token.data ?? {}),
      created: env.now(),
      expires_at: env.now() + token.lifetime,
      consumed_at: null,
    })
    .execute();
  return secret;
}

/** Uses the token up: of any number of calls at once, one gets the row. null: unknown, used, expired, or for something else. */
export async function redeemOneTimeToken(
  env: Env,
  purpose: OneTimePurpose,
  token: string,
): Promise<OneTimeToken | null> {
  const row = await env.db
    .updateTable('one_time_tokens')
    .set({ consumed_at: env.now() })
    .where('token_hash', '=', hashToken(token))
    .where('purpose', '=', purpose)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', env.now())
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** The row of a token that could be redeemed now; it stays usable. For the page that a link opens. */
export async function findOneTimeToken(env: Env, purpose: OneTimePurpose, token: string): Promise<OneTimeToken | null> {
  const row = await env.db
    .selectFrom('one_time_tokens')
    .selectAll()
    .where('token_hash', '=', hashToken(token))
    .where('purpose', '=', purpose)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', env.now())
    .executeTakeFirst();
  return row ?? null;
}

/** Puts other data with a token that could be redeemed now, and begins its lifetime anew; false when it could not. */
export async function changeOneTimeToken(
  env: Env,
  purpose: OneTimePurpose,
  token: string,
  { data, lifetime }: { data: Record<string, unknown>; lifetime: number },
): Promise<boolean> {
  const changed = await env.db
    .updateTable('one_time_tokens')
    .set({ data: toJson(data), expires_at: env.now() + lifetime })
    .where('token_hash', '=', hashToken(token))
    .where('purpose', '=', purpose)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', env.now())
    .returning('token_hash')
    .executeTakeFirst();
  return changed !== undefined;
}

/** Makes every unused token of these purposes worthless, as when a newer one is issued or the account is closed. */
export async function cancelOneTimeTokens(
  env: Env,
  userId: string,
  purposes: readonly OneTimePurpose[],
): Promise<void> {
  await env.db
    .updateTable('one_time_tokens')
    .set({ consumed_at: env.now() })
    .where('user_id', '=', userId)
    .where('purpose', 'in', purposes)
    .where('consumed_at', 'is', null)
    .execute();
}
