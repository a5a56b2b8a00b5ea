// Owns consent: which scopes a person must be asked about, and what they answered, per person, client and scope on a server.
// The matrix is Okta's (application consent_method × scope consent × prompt). Not here: the page.
import { idPrefixes, newId } from '../base/id.ts';
import { prepared } from '../storage/prepared.ts';
import type { Application } from './applications.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import type { Env } from './env.ts';
import { listScopes } from './scopes.ts';
import { record } from './system-log.ts';
import type { User } from './users.ts';

type Party = { server: AuthorizationServer; application: Application; user: User };

/** The granted scopes that this person has to agree to before tokens are issued. `forced`: the request said prompt=consent. */
export async function scopesToConsent(
  env: Env,
  { server, application, user }: Party,
  granted: readonly string[],
  forced: boolean,
): Promise<string[]> {
  if (server.kind === 'org') return [];
  const required = application.settings.oauthClient.consent_method === 'REQUIRED';
  if (!required && !forced) return [];
  const asking = new Set(
    (await listScopes(env, server)).filter(({ consent }) => consent !== 'IMPLICIT').map(({ name }) => name),
  );
  const concerned = granted.filter((scope) => asking.has(scope));
  if (forced || concerned.length === 0) return concerned;
  const given = await env.db
    .selectFrom('consents')
    .select('scope')
    .where('user_id', '=', user.id)
    .where('client_id', '=', application.client_id)
    .where('authorization_server_id', '=', server.id)
    .where('status', '=', 'ACTIVE')
    .execute();
  const known = new Set(given.map(({ scope }) => scope));
  return concerned.filter((scope) => !known.has(scope));
}

/**
 * What to ask, and what the person said no to before: a no to an optional scope holds until a client asks anew (prompt=consent), so
 * that a silent request is answered without it.
 */
export async function openQuestions(
  env: Env,
  party: Party,
  granted: readonly string[],
  forced: boolean,
): Promise<{ asking: string[]; declined: string[] }> {
  const asking = await scopesToConsent(env, party, granted, forced);
  if (forced || party.server.kind === 'org') return { asking, declined: [] };
  const { user, application, server } = party;
  const rows = await declinedScopes(env.db, {
    userId: user.id,
    clientId: application.client_id,
    serverId: server.id,
  });
  if (rows.length === 0) return { asking, declined: [] };
  const scopes = await listScopes(env, party.server);
  const optional = new Set(
    scopes.filter(({ optional, consent }) => optional && consent !== 'IMPLICIT').map(({ name }) => name),
  );
  const declined = rows.map(({ scope }) => scope).filter((scope) => optional.has(scope) && granted.includes(scope));
  return { asking: asking.filter((scope) => !declined.includes(scope)), declined };
}

/** What was granted, but for the scopes that the person declined. */
export function withoutScopes<T extends { scopes: string[] }>(granted: T, declined: readonly string[]): T {
  return { ...granted, scopes: granted.scopes.filter((scope) => !declined.includes(scope)) };
}

const declinedScopes = prepared(
  (db, { userId, clientId, serverId }: { userId: string; clientId: string; serverId: string }) =>
    db
      .selectFrom('consents')
      .select('scope')
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .where('authorization_server_id', '=', serverId)
      .where('status', '=', 'DECLINED'),
);

/** Remembers that the person agreed to these scopes, and to which optional ones not. */
export async function giveConsent(
  env: Env,
  { server, application, user }: Party,
  scopes: readonly string[],
  declined: readonly string[] = [],
): Promise<void> {
  const now = env.now();
  const answers = [
    ...scopes.map((scope) => ({ scope, status: 'ACTIVE' })),
    ...declined.map((scope) => ({ scope, status: 'DECLINED' })),
  ];
  for (const { scope, status } of answers) {
    await env.db
      .insertInto('consents')
      .values({
        id: newId(env, idPrefixes.grant),
        user_id: user.id,
        client_id: application.client_id,
        authorization_server_id: server.id,
        scope,
        status,
        created: now,
        last_updated: now,
      })
      .onConflict((conflict) =>
        conflict
          .columns(['user_id', 'client_id', 'authorization_server_id', 'scope'])
          .doUpdateSet({ status, last_updated: now }),
      )
      .execute();
  }
  await record(env, {
    eventType: 'app.oauth2.as.consent.grant',
    displayMessage: 'User granted consent to application',
    actor: { id: user.id, type: 'User', alternateId: user.login, displayName: user.login },
    target: [
      {
        id: application.client_id,
        type: 'PublicClientApp',
        alternateId: application.client_id,
        displayName: application.label,
      },
    ],
    debugData: { scopes: scopes.join(','), authorizationServerId: server.id },
  });
}
