// Owns API tokens (`Authorization: SSWS …`): made, found by their value, kept alive by use, revoked. Only a hash is stored.
// A token acts with the rights of its owner. Not here: what those rights are (roles.ts), the HTTP header (management/access.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { hashToken, newOpaqueToken } from '../base/opaque-token.ts';
import { DAY, HOUR } from '../base/time.ts';
import type { Row } from '../storage/tables.ts';
import { type Actor, type Env, transact } from './env.ts';
import { type LogTarget, record } from './system-log.ts';

export type ApiToken = Row<'api_tokens'>;

/** Days without use after which a token is dead; Okta words it `P30D`. */
export const API_TOKEN_WINDOW_DAYS = 30;
const WINDOW = API_TOKEN_WINDOW_DAYS * DAY;

/**
 * Owner of a token that was set up before there was any administrator. It has the rights of SUPER_ADMIN; the first person who
 * gets that role becomes its owner (handOverSystemTokens).
 */
export const systemPrincipal: Actor = {
  id: 'system',
  type: 'SystemPrincipal',
  alternateId: 'system@gatehouse',
  displayName: 'Gatehouse',
};

/** Makes a token. `value` is shown to its owner this once; it is given only for a token that the settings name. */
export async function createApiToken(
  env: Env,
  token: { name: string; userId: string; value?: string },
): Promise<{ row: ApiToken; value: string }> {
  const value = token.value ?? `00${newOpaqueToken(env.random, 30)}`;
  const now = env.now();
  const row: ApiToken = {
    id: newId(env, idPrefixes.apiToken),
    name: token.name,
    user_id: token.userId,
    token_hash: hashToken(value),
    created: now,
    last_updated: now,
    expires_at: now + WINDOW,
  };
  await transact(env, async (env) => {
    await env.db.insertInto('api_tokens').values(row).execute();
    await record(env, {
      eventType: 'system.api_token.create',
      displayMessage: 'Create API token',
      target: [targetOf(row)],
    });
  });
  return { row, value };
}

/** The live token of this value, or null. Finding it counts as a use; the new end is written at most once an hour. */
export async function findApiToken(env: Env, value: string): Promise<ApiToken | null> {
  const now = env.now();
  const row = await env.db
    .selectFrom('api_tokens')
    .selectAll()
    .where('token_hash', '=', hashToken(value))
    .where('expires_at', '>', now)
    .executeTakeFirst();
  if (!row) return null;
  if (row.expires_at > now + WINDOW - HOUR) return row;
  const expires = { expires_at: now + WINDOW };
  await env.db.updateTable('api_tokens').set(expires).where('id', '=', row.id).execute();
  return { ...row, ...expires };
}

/** All tokens that are alive, in order of id. */
export async function listApiTokens(env: Env): Promise<ApiToken[]> {
  return env.db.selectFrom('api_tokens').selectAll().where('expires_at', '>', env.now()).orderBy('id').execute();
}

export async function getApiToken(env: Env, id: string): Promise<ApiToken | null> {
  const row = await env.db.selectFrom('api_tokens').selectAll().where('id', '=', id).executeTakeFirst();
  return row ?? null;
}

/** Ends a token at once; false when there is none of this id. */
export async function revokeApiToken(env: Env, id: string): Promise<boolean> {
  return transact(env, async (env) => {
    const row = await env.db.deleteFrom('api_tokens').where('id', '=', id).returningAll().executeTakeFirst();
    if (!row) return false;
    await record(env, {
      eventType: 'system.api_token.revoke',
      displayMessage: 'Revoke API token',
      target: [targetOf(row)],
    });
    return true;
  });
}

/** Gives the tokens of the system principal to the org's first administrator. */
export async function handOverSystemTokens(env: Env, userId: string): Promise<void> {
  await env.db
    .updateTable('api_tokens')
    .set({ user_id: userId, last_updated: env.now() })
    .where('user_id', '=', systemPrincipal.id)
    .execute();
}

function targetOf(row: ApiToken): LogTarget {
  return { id: row.id, type: 'Token', alternateId: 'unknown', displayName: row.name };
}
