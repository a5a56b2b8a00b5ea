// Owns telling clients that a session is over: which of them it signed a person in to, where each wants to hear of it, and the outbox
// of logout tokens (OIDC Back-Channel Logout 1.0). Not here: ending sessions (sessions.ts), the page of the front channel (http/).
import { idPrefixes, newId } from '../base/id.ts';
import { newOpaqueToken } from '../base/opaque-token.ts';
import { MINUTE, SECOND, toSeconds } from '../base/time.ts';
import type { Row } from '../storage/tables.ts';
import { type Application, findClient } from './applications.ts';
import type { Authorization } from './authorization.ts';
import { EgressError, guardedFetch } from './egress.ts';
import { type Env, transact } from './env.ts';
import { issuerOf } from './issuers.ts';
import { signJwtWith } from './json-web-tokens.ts';
import { activeSigningKey } from './signing-keys.ts';
import { record } from './system-log.ts';

type Notice = Row<'logout_notices'>;

const EVENT = 'http://schemas.openid.net/event/backchannel-logout';
const TOKEN_LIFETIME = 2 * MINUTE;
const TIMEOUT = 5 * SECOND;
/** An answer means nothing but its status. */
const MOST_BYTES = 16 * 1024;
const AT_ONCE = 20;
/** The waits double: the last attempt is about three hours after the first. */
const MOST_ATTEMPTS = 10;
const FIRST_WAIT = 20 * SECOND;
/** How often deliverSoon looks after something was put into the outbox: its transaction may not have ended at the first look. */
const LOOKS = 12;

/** Whether ID tokens of this application name the session (`sid`), so that it can be told of the session's end. */
export function takesPartInLogout({ settings }: Application): boolean {
  return frontChannelUri(settings.oauthClient) !== null || settings.oauthClient.backchannel_logout_uri !== undefined;
}

type Settings = Application['settings']['oauthClient'];

function frontChannelUri({ participate_slo, frontchannel_logout_uri: uri }: Settings): URL | null {
  // A wildcard names no place that could be called.
  return participate_slo && uri !== undefined && !uri.includes('*') ? URL.parse(uri) : null;
}

/** In the transaction that gives an ID token: remembers that the client knows of the session. */
export async function noteSessionClient(env: Env, authorization: Authorization): Promise<void> {
  const { server, application, user, authentication } = authorization;
  const sessionId = authentication?.sessionId ?? null;
  if (user === null || sessionId === null || !takesPartInLogout(application)) return;
  // Waits for whoever is ending the session, and they for this: none of them misses the other.
  const running = await env.db
    .updateTable('sessions')
    .set((eb) => ({ id: eb.ref('id') }))
    .where('id', '=', sessionId)
    .where('ended_at', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (!running) return;
  await env.db
    .insertInto('session_clients')
    .values({
      session_id: sessionId,
      client_id: application.client_id,
      authorization_server_id: server.id,
      user_id: user.id,
      issuer: idTokenIssuer(env, authorization),
      created: env.now(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** On the org server an application chooses the issuer of its ID tokens; on a custom server the server does. */
export function idTokenIssuer(
  env: Env,
  { server, application }: Pick<Authorization, 'server' | 'application'>,
): string {
  if (server.kind === 'custom') return issuerOf(env, server);
  return issuerOf(env, { ...server, issuerMode: application.settings.oauthClient.issuer_mode });
}

/** What a browser has to open, in frames, so that the clients of this session forget it (OIDC Front-Channel Logout 1.0 section 3). */
export async function frontChannelUris(env: Env, sessionId: string): Promise<string[]> {
  const uris: string[] = [];
  for (const { client_id: clientId, issuer } of await clientsOf(env, [sessionId])) {
    const client = await findClient(env, clientId);
    const uri = client?.status === 'ACTIVE' ? frontChannelUri(client.settings.oauthClient) : null;
    if (!client || !uri) continue;
    if (client.settings.oauthClient.frontchannel_logout_session_required) {
      uri.searchParams.set('iss', issuer);
      uri.searchParams.set('sid', sessionId);
    }
    uris.push(uri.href);
  }
  return uris;
}

/** In the transaction that ends these sessions: puts a notice for every client that wants one into the outbox. */
export async function enqueueLogoutNotices(env: Env, sessionIds: readonly string[]): Promise<void> {
  const concerned = await clientsOf(env, sessionIds);
  const now = env.now();
  for (const { session_id, client_id, authorization_server_id, user_id, issuer } of concerned) {
    const client = await findClient(env, client_id);
    if (client?.status !== 'ACTIVE' || client.settings.oauthClient.backchannel_logout_uri === undefined) continue;
    const id = newId(env, idPrefixes.session);
    const facts = { id, client_id, authorization_server_id, user_id, session_id, issuer };
    await env.db
      .insertInto('logout_notices')
      .values({ ...facts, attempts: 0, created: now, next_attempt: now })
      .execute();
    looks(env).left = LOOKS;
  }
}

async function clientsOf(env: Env, sessionIds: readonly string[]): Promise<Row<'session_clients'>[]> {
  if (sessionIds.length === 0) return [];
  return env.db.selectFrom('session_clients').selectAll().where('session_id', 'in', sessionIds).execute();
}

/** Called several times a second: asks the database only when this process put something into the outbox a moment ago. */
export async function deliverSoon(env: Env): Promise<void> {
  if (looks(env).left === 0) return;
  looks(env).left--;
  await deliverLogoutNotices(env);
}

function looks(env: Env): { left: number } {
  return env.memory.of('logout-notices', () => ({ left: 0 }));
}

/** Sends what is due. Each attempt is one process's; one that dies meanwhile leaves it to the next attempt. */
export async function deliverLogoutNotices(env: Env): Promise<void> {
  const due = await env.db
    .selectFrom('logout_notices')
    .select(['id', 'attempts'])
    .where('next_attempt', '<=', env.now())
    .orderBy('next_attempt')
    .limit(AT_ONCE)
    .execute();
  await Promise.all(due.map((notice) => attempt(env, notice)));
}

async function attempt(env: Env, { id, attempts }: Pick<Notice, 'id' | 'attempts'>): Promise<void> {
  const notice = await env.db
    .updateTable('logout_notices')
    .set({ attempts: attempts + 1, next_attempt: env.now() + FIRST_WAIT * 2 ** attempts })
    .where('id', '=', id)
    .where('attempts', '=', attempts)
    .returningAll()
    .executeTakeFirst();
  if (!notice) return;
  const client = await findClient(env, notice.client_id);
  const uri = client?.settings.oauthClient.backchannel_logout_uri;
  const problem = client?.status === 'ACTIVE' && uri !== undefined ? await send(env, uri, notice) : null;
  if (problem !== null && notice.attempts < MOST_ATTEMPTS) return;
  await transact(env, async (env) => {
    await env.db.deleteFrom('logout_notices').where('id', '=', id).execute();
    if (problem !== null && client) await recordGivenUp(env, client, notice, problem);
  });
}

/** Null: the client has understood. */
async function send(env: Env, uri: string, notice: Notice): Promise<string | null> {
  const body = new URLSearchParams({ logout_token: await logoutToken(env, notice) }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  try {
    const { status } = await guardedFetch(env, uri, {
      method: 'POST',
      headers,
      body,
      timeout: TIMEOUT,
      maxBytes: MOST_BYTES,
    });
    return status >= 200 && status < 300 ? null : `It answered with status ${status}`;
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    env.log.warn({ err: error, clientId: notice.client_id }, 'A logout token was not delivered');
    return 'It could not be reached, or did not answer in time';
  }
}

// Section 2.4. Its typ keeps it from being taken for an ID token, and it has no nonce.
async function logoutToken(env: Env, notice: Notice): Promise<string> {
  const key = await activeSigningKey(env, { owner: notice.authorization_server_id, purpose: 'sig' });
  const iat = toSeconds(env.now());
  const claims = {
    iss: notice.issuer,
    sub: notice.user_id,
    aud: notice.client_id,
    iat,
    exp: iat + toSeconds(TOKEN_LIFETIME),
    jti: newOpaqueToken(env.random),
    events: { [EVENT]: {} },
    ...(notice.session_id === null ? {} : { sid: notice.session_id }),
  };
  return signJwtWith(key, claims, 'logout+jwt');
}

function recordGivenUp(env: Env, { client_id, label }: Application, notice: Notice, reason: string): Promise<void> {
  return record(env, {
    eventType: 'app.oauth2.backchannel_logout',
    displayMessage: 'A client was not reached with a logout token',
    outcome: { result: 'FAILURE', reason },
    target: [{ id: client_id, type: 'PublicClientApp', alternateId: client_id, displayName: label }],
    debugData: { attempts: notice.attempts, userId: notice.user_id },
    ...(notice.session_id === null ? {} : { externalSessionId: notice.session_id }),
  });
}
