// Owns what became of consents after they were given: who gave which, and their end, by the person, by an administrator, or with the
// person, client, server or scope that they are about. Not here: asking (consents.ts).
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { notFound } from './refusal.ts';
import { record } from './system-log.ts';
import { revokeFamiliesWithScope } from './token-families.ts';

export type Consent = Row<'consents'>;

export type ConsentFilter = {
  userId?: string | undefined;
  clientId?: string | undefined;
  serverId?: string | undefined;
  scope?: string | undefined;
};

/** In the order of their giving, from behind `after`. */
export function listConsents(
  env: Env,
  filter: ConsentFilter,
  { after, limit }: { after: string | null; limit: number },
): Promise<Consent[]> {
  let query = active(env, filter).selectAll().orderBy('id').limit(limit);
  if (after !== null) query = query.where('id', '>', after);
  return query.execute();
}

/** Throws E0000007. */
export async function getConsent(env: Env, filter: ConsentFilter, id: string): Promise<Consent> {
  const consent = await active(env, filter).selectAll().where('id', '=', id).executeTakeFirst();
  if (!consent) throw notFound(id, 'OAuth2ScopeConsentGrant');
  return consent;
}

export async function clientsWithConsent(env: Env, filter: ConsentFilter): Promise<string[]> {
  const rows = await active(env, filter).select('client_id').distinct().execute();
  return rows.map(({ client_id }) => client_id);
}

/** Takes back one, or all when no id is given, and with them the refresh tokens that rest on them. */
export async function revokeConsents(env: Env, filter: ConsentFilter, id?: string): Promise<void> {
  await transact(env, async (env) => {
    const concerned =
      id === undefined ? await active(env, filter).selectAll().execute() : [await getConsent(env, filter, id)];
    if (concerned.length === 0) return;
    await endConsents(
      env,
      concerned.map((consent) => consent.id),
    );
    for (const { user_id: userId, client_id: clientId, authorization_server_id: serverId, scope } of concerned)
      await revokeFamiliesWithScope(env, { userId, clientId, serverId }, scope);
    await record(env, {
      eventType: 'app.oauth2.as.consent.revoke',
      displayMessage: 'Consents that a user gave are revoked',
      target: concerned.map((consent) => ({
        id: consent.id,
        type: 'Consent',
        alternateId: consent.client_id,
        displayName: consent.scope,
      })),
    });
  });
}

/** Those about somebody or something that was deactivated: it must be asked again. */
export async function forgetConsents(env: Env, filter: ConsentFilter): Promise<void> {
  const rows = await active(env, filter).select('id').execute();
  await endConsents(
    env,
    rows.map(({ id }) => id),
  );
}

async function endConsents(env: Env, ids: readonly string[]): Promise<void> {
  for (let start = 0; start < ids.length; start += 500)
    await env.db
      .updateTable('consents')
      .set({ status: 'REVOKED', last_updated: env.now() })
      .where('id', 'in', ids.slice(start, start + 500))
      .execute();
}

function active(env: Env, { userId, clientId, serverId, scope }: ConsentFilter) {
  let query = env.db.selectFrom('consents').where('status', '=', 'ACTIVE');
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  if (clientId !== undefined) query = query.where('client_id', '=', clientId);
  if (serverId !== undefined) query = query.where('authorization_server_id', '=', serverId);
  if (scope !== undefined) query = query.where('scope', '=', scope);
  return query;
}
