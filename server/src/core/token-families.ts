// Owns looking at refresh tokens from outside: which are alive for a person, a client, a server, and revoking one or all of them.
// Not here: their use (refresh-tokens.ts).
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type TokenFamily = Row<'refresh_tokens'>;

/** Whose tokens; what is not named may be anything. */
export type FamilyFilter = {
  userId?: string | undefined;
  clientId?: string | undefined;
  serverId?: string | undefined;
};

/** The living ones in the order of their making, from behind `after`. */
export function listFamilies(
  env: Env,
  filter: FamilyFilter,
  { after, limit }: { after: string | null; limit: number },
): Promise<TokenFamily[]> {
  let query = living(env, filter).selectAll().orderBy('id').limit(limit);
  if (after !== null) query = query.where('id', '>', after);
  return query.execute();
}

/** One of them, alive or revoked. Throws E0000007. */
export async function getFamily(env: Env, filter: FamilyFilter, id: string): Promise<TokenFamily> {
  const family = await matching(env, filter).selectAll().where('id', '=', id).executeTakeFirst();
  if (!family) throw notFound(id, 'OAuth2RefreshToken');
  return family;
}

/** The clients that hold living tokens, by client id. */
export async function clientsWithTokens(env: Env, filter: FamilyFilter): Promise<string[]> {
  const rows = await living(env, filter).select('client_id').distinct().execute();
  return rows.map(({ client_id }) => client_id);
}

/** Revokes one, or all when no id is given; their access tokens go with them. One that is not there: E0000007. */
export async function revokeFamilies(env: Env, filter: FamilyFilter, id?: string): Promise<void> {
  await transact(env, async (env) => {
    if (id !== undefined) await getFamily(env, filter, id);
    const found = await living(env, filter).select(['id', 'scopes']).execute();
    const revoked = id === undefined ? found : found.filter((family) => family.id === id);
    await revokeAll(
      env,
      revoked.map((family) => family.id),
    );
    if (revoked.length === 0) return;
    await record(env, {
      eventType: filter.serverId === 'org' ? 'app.oauth2.token.revoke' : 'app.oauth2.as.token.revoke',
      displayMessage: 'OAuth2 refresh tokens are revoked',
      target: revoked.map((family) => ({
        id: family.id,
        type: 'refresh_token',
        alternateId: family.id,
        displayName: 'Refresh Token',
      })),
    });
  });
}

/** Revokes those that were given this scope: what a person agreed to is no longer agreed. */
export async function revokeFamiliesWithScope(env: Env, filter: FamilyFilter, scope: string): Promise<void> {
  const found = await living(env, filter).select(['id', 'scopes']).execute();
  await revokeAll(
    env,
    found.filter(({ scopes }) => scopes.includes(scope)).map(({ id }) => id),
  );
}

async function revokeAll(env: Env, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await env.db
    .updateTable('refresh_tokens')
    .set({ status: 'REVOKED', last_updated: env.now() })
    .where('id', 'in', ids)
    .where('status', '=', 'ACTIVE')
    .execute();
}

function living(env: Env, filter: FamilyFilter) {
  return matching(env, filter)
    .where('status', '=', 'ACTIVE')
    .where((eb) => eb.or([eb('idle_expires_at', 'is', null), eb('idle_expires_at', '>', env.now())]));
}

function matching(env: Env, { userId, clientId, serverId }: FamilyFilter) {
  let query = env.db.selectFrom('refresh_tokens');
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (clientId !== undefined) query = query.where('client_id', '=', clientId);
  if (serverId !== undefined) query = query.where('authorization_server_id', '=', serverId);
  return query;
}
