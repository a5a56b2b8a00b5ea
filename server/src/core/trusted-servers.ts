// Owns which authorization servers another one trusts: their access tokens are subject tokens that it exchanges (RFC 8693).
// Trust has one direction. Not here: the exchange (oauth2/grants/token-exchange.ts).
import { type AuthorizationServer, getAuthorizationServer, listAuthorizationServers } from './authorization-servers.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

/** Whether `server` takes the access tokens of `issuer`: its own always. Asked of the database each time: trust can be withdrawn. */
export async function isTrustedServer(env: Env, server: { id: string }, issuer: { id: string }): Promise<boolean> {
  if (issuer.id === server.id) return true;
  const row = await env.db
    .selectFrom('trusted_servers')
    .select('created')
    .where('authorization_server_id', '=', server.id)
    .where('trusted_server_id', '=', issuer.id)
    .executeTakeFirst();
  return row !== undefined;
}

/** Other servers that this one trusts, or with `trusted: false` those that it does not, from behind `after`. */
export async function listAssociatedServers(
  env: Env,
  server: AuthorizationServer,
  { trusted, q, after, limit }: { trusted: boolean; q: string | null; after: string | null; limit: number },
): Promise<AuthorizationServer[]> {
  const known = await trustedIds(env, server);
  const all = await listAuthorizationServers(env, { q, after, limit: Number.MAX_SAFE_INTEGER });
  return all.filter(({ id }) => id !== server.id && known.has(id) === trusted).slice(0, limit);
}

/** Trusts these servers too. Throws E0000007 for one that is not there, E0000001 for the server itself. */
export async function trustServers(
  env: Env,
  server: AuthorizationServer,
  ids: readonly string[],
): Promise<AuthorizationServer[]> {
  return transact(env, async (env) => {
    const trusted: AuthorizationServer[] = [];
    for (const id of new Set(ids)) {
      const other = await getAuthorizationServer(env, id);
      if (other.id === server.id) throw invalid('trusted', 'trusted: A server cannot be associated with itself');
      const added = await env.db
        .insertInto('trusted_servers')
        .values({ authorization_server_id: server.id, trusted_server_id: other.id, created: env.now() })
        .onConflict((conflict) => conflict.doNothing())
        .returning('created')
        .executeTakeFirst();
      if (added) await recordChange(env, 'add', server, other);
      trusted.push(other);
    }
    return trusted;
  });
}

/** Trusts it no more. Throws E0000007 when it was not trusted. */
export async function distrustServer(env: Env, server: AuthorizationServer, id: string): Promise<void> {
  await transact(env, async (env) => {
    const other = await getAuthorizationServer(env, id);
    const removed = await env.db
      .deleteFrom('trusted_servers')
      .where('authorization_server_id', '=', server.id)
      .where('trusted_server_id', '=', other.id)
      .returning('created')
      .executeTakeFirst();
    if (!removed) throw notFound(id, 'AuthorizationServer');
    await recordChange(env, 'delete', server, other);
  });
}

async function trustedIds(env: Env, { id }: AuthorizationServer): Promise<Set<string>> {
  const rows = await env.db
    .selectFrom('trusted_servers')
    .select('trusted_server_id')
    .where('authorization_server_id', '=', id)
    .execute();
  return new Set(rows.map(({ trusted_server_id }) => trusted_server_id));
}

async function recordChange(
  env: Env,
  change: 'add' | 'delete',
  server: AuthorizationServer,
  other: AuthorizationServer,
): Promise<void> {
  await record(env, {
    eventType: `app.oauth2.trusted_server.${change}`,
    displayMessage: change === 'add' ? 'Add an OAuth2 trusted server' : 'Delete an OAuth2 trusted server',
    target: [server, other].map(({ id, name }) => ({
      id,
      type: 'AuthorizationServer',
      alternateId: name,
      displayName: name,
    })),
  });
}
