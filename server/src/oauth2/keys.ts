// Owns the JWKS endpoint (RFC 7517): the public keys of one authorization server, the next one before it signs.
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { KEYS_MAX_AGE, publishedKeys } from '../core/signing-keys.ts';
import { json } from '../http/reply.ts';

export async function answerKeys(env: Env, server: AuthorizationServer): Promise<Response> {
  return json({ keys: await publishedKeys(env, server.id) }, 200, {
    'cache-control': `max-age=${KEYS_MAX_AGE}, must-revalidate`,
  });
}
