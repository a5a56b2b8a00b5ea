// Owns authorization requests that wait for a person: what the client asked, kept while the sign-in pages do their work. The
// handle in the URL is a secret of one browser: the row opens only for the browser that began it.
// Not here: the meaning of the parameters (oauth2/authorize.ts) and any page.
import { hashToken, newOpaqueToken } from '../base/opaque-token.ts';
import { HOUR } from '../base/time.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import type { Env } from './env.ts';

export type AuthorizationRequest = Row<'authorization_requests'>;

const LIFETIME = HOUR;

/** Keeps the request and returns its handle, 43 characters. `browserId` is the value of the browser's own cookie. */
export async function keepAuthorizationRequest(
  env: Env,
  facts: { serverId: string; clientId: string; parameters: Record<string, unknown>; browserId: string },
): Promise<string> {
  const handle = newOpaqueToken(env.random);
  const created = env.now();
  await env.db
    .insertInto('authorization_requests')
    .values({
      handle_hash: hashToken(handle),
      authorization_server_id: facts.serverId,
      client_id: facts.clientId,
      parameters: toJson(facts.parameters),
      browser_hash: hashToken(facts.browserId),
      created,
      expires_at: created + LIFETIME,
    })
    .execute();
  return handle;
}

/** The request, if this browser began it and it is neither finished nor too old. */
export async function findAuthorizationRequest(
  env: Env,
  handle: string,
  browserId: string,
): Promise<AuthorizationRequest | null> {
  const row = await env.db
    .selectFrom('authorization_requests')
    .selectAll()
    .where('handle_hash', '=', hashToken(handle))
    .where('browser_hash', '=', hashToken(browserId))
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', env.now())
    .executeTakeFirst();
  return row ?? null;
}

/** Notes that the person of this session agreed to what the request asks. */
export async function noteConsent(env: Env, request: AuthorizationRequest, sessionId: string): Promise<void> {
  await env.db
    .updateTable('authorization_requests')
    .set({ consented_session_id: sessionId })
    .where('handle_hash', '=', request.handle_hash)
    .execute();
}

/** Ends the request; true for the one caller who did. */
export async function consumeAuthorizationRequest(env: Env, request: AuthorizationRequest): Promise<boolean> {
  const row = await env.db
    .updateTable('authorization_requests')
    .set({ consumed_at: env.now() })
    .where('handle_hash', '=', request.handle_hash)
    .where('consumed_at', 'is', null)
    .returning('handle_hash')
    .executeTakeFirst();
  return row !== undefined;
}
