// Owns reading an ID token of this server that a client shows again, at logout or as a hint of who should be signed in (OIDC Core
// 3.1.2.1). One that has expired is fine. Not here: what follows from it.
import { type Application, findClient } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { verifyOwnJwt } from '../core/json-web-tokens.ts';

export type IdTokenHint = { subject: string; client: Application };

/** Null: it is no ID token that this server gave to a client that is still there. */
export async function readIdTokenHint(
  env: Env,
  server: AuthorizationServer,
  hint: string,
): Promise<IdTokenHint | null> {
  const claims = await verifyOwnJwt(env, server.id, ['sig'], hint);
  // Access tokens are signed by the same key.
  const isIdToken = typeof claims?.jti === 'string' && claims.jti.startsWith('ID.');
  if (!isIdToken || typeof claims.aud !== 'string' || typeof claims.sub !== 'string') return null;
  const client = await findClient(env, claims.aud);
  return client && { subject: claims.sub, client };
}
