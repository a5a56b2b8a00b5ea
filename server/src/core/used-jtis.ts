// Owns the memory of one-time ids of JWTs that others signed (`jti`): client assertions, request objects, DPoP proofs, JWT bearer
// grants. Kept as hashes, because whoever signs chooses the text and its length. Not here: what such a JWT must say.
import { hashToken } from '../base/opaque-token.ts';
import type { Env } from './env.ts';

/**
 * True once for each issuer and jti, however many ask at a time. `issuer` is whoever chose the jti (the client id, with a prefix
 * where one client signs several kinds of input), so that nobody can use up another's ids. `expiresAt` (epoch milliseconds) is when
 * the JWT itself can no longer pass, leeway included: it is forgotten some time after.
 */
export async function rememberJti(
  env: Env,
  { issuer, jti, expiresAt }: { issuer: string; jti: string; expiresAt: number },
): Promise<boolean> {
  const row = await env.db
    .insertInto('used_jtis')
    .values({ id_hash: hashToken(JSON.stringify([issuer, jti])), expires_at: Math.ceil(expiresAt) })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id_hash')
    .executeTakeFirst();
  return row !== undefined;
}
