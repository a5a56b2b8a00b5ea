// Owns authorization requests that clients pushed ahead (RFC 9126): kept under a request_uri that only the client was told, for an
// hour and one use. Not here: the meaning of the parameters (oauth2/), and the request once it waits for a person
// (authorization-requests.ts).
import { hashToken, newOpaqueToken } from '../base/opaque-token.ts';
import { HOUR } from '../base/time.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import type { Env } from './env.ts';

export type PushedRequest = Omit<Row<'pushed_authorization_requests'>, 'parameters'> & {
  parameters: Record<string, string>;
};

export const PUSHED_REQUEST_LIFETIME = HOUR;
const PREFIX = 'urn:okta:';

/** Keeps the parameters and returns their request_uri. */
export async function keepPushedRequest(
  env: Env,
  facts: { serverId: string; clientId: string; parameters: Record<string, string> },
): Promise<string> {
  const requestUri = PREFIX + newOpaqueToken(env.random);
  const created = env.now();
  await env.db
    .insertInto('pushed_authorization_requests')
    .values({
      request_uri_hash: hashToken(requestUri),
      authorization_server_id: facts.serverId,
      client_id: facts.clientId,
      parameters: toJson<Record<string, unknown>>(facts.parameters),
      created,
      expires_at: created + PUSHED_REQUEST_LIFETIME,
    })
    .execute();
  return requestUri;
}

/** The request of that URI while it can be used; null for any other. */
export async function findPushedRequest(env: Env, requestUri: string): Promise<PushedRequest | null> {
  const row = await env.db
    .selectFrom('pushed_authorization_requests')
    .selectAll()
    .where('request_uri_hash', '=', hashToken(requestUri))
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', env.now())
    .executeTakeFirst();
  return row ? (row as unknown as PushedRequest) : null;
}

/** Uses it up; true for the one caller who did, while it was alive. */
export async function consumePushedRequest(env: Env, request: PushedRequest): Promise<boolean> {
  const now = env.now();
  const row = await env.db
    .updateTable('pushed_authorization_requests')
    .set({ consumed_at: now })
    .where('request_uri_hash', '=', request.request_uri_hash)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('request_uri_hash')
    .executeTakeFirst();
  return row !== undefined;
}
