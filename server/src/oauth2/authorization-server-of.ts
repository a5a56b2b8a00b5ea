// Owns finding the authorization server that a path or a stored request names. Not here: the servers (core/authorization-servers.ts).
import {
  type AuthorizationServer,
  findAuthorizationServer,
  orgAuthorizationServer,
} from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { notFound } from '../core/refusal.ts';
import { oauthError } from './oauth-error.ts';

/** `id` as in the path (`default` or an id), or null for the org server. Unknown: E0000007; inactive: invalid_request. */
export async function authorizationServerOf(env: Env, id: string | null): Promise<AuthorizationServer> {
  if (id === null) return orgAuthorizationServer(env);
  const server = await findAuthorizationServer(env, id);
  if (!server) throw notFound(id, 'AuthorizationServer');
  if (server.status !== 'ACTIVE') throw oauthError('invalid_authorization_server');
  return server;
}

/** By the id that rows hold, where `org` is the org server. */
export async function authorizationServerById(env: Env, id: string): Promise<AuthorizationServer> {
  return authorizationServerOf(env, id === orgAuthorizationServer(env).id ? null : id);
}
