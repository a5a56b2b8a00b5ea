// Owns how a consent and a refresh token look on the management API, with links to all that they are about.
import { toIso } from '../base/time.ts';
import { findClient } from '../core/applications.ts';
import {
  type AuthorizationServer,
  findAuthorizationServer,
  orgAuthorizationServer,
} from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import type { Consent } from '../core/given-consents.ts';
import { issuerOf } from '../core/issuers.ts';
import { listScopes, type Scope } from '../core/scopes.ts';
import { ORG_OWNER } from '../core/signing-keys.ts';
import type { TokenFamily } from '../core/token-families.ts';
import { findUser } from '../core/users.ts';

type Owned = { user_id: string; client_id: string; authorization_server_id: string };

export async function showConsent(env: Env, consent: Consent, self: string, expand: boolean) {
  const server = await serverOf(env, consent);
  const scope = (await listScopes(env, server)).find(({ name }) => name === consent.scope);
  const { links, issuer } = await about(env, server, consent);
  return {
    id: consent.id,
    status: consent.status,
    created: toIso(consent.created),
    lastUpdated: toIso(consent.last_updated),
    issuer,
    clientId: consent.client_id,
    userId: consent.user_id,
    scopeId: scope?.id ?? consent.scope,
    source: 'END_USER',
    ...(expand && scope ? { _embedded: { scope: showScope(env, server, scope) } } : {}),
    _links: {
      app: links.app,
      scope: { href: `${serverUrl(env, server)}/scopes/${scope?.id}`, title: consent.scope },
      client: links.client,
      self: { href: self, hints: { allow: ['GET', 'DELETE'] } },
      user: links.user,
      authorizationServer: links.authorizationServer,
    },
  };
}

export async function showToken(env: Env, family: TokenFamily, self: string, expand: boolean) {
  const server = await serverOf(env, family);
  const scopes = (await listScopes(env, server)).filter(({ name }) => family.scopes.includes(name));
  const { links, issuer } = await about(env, server, family);
  return {
    id: family.id,
    status: family.status,
    created: toIso(family.created),
    lastUpdated: toIso(family.last_updated),
    expiresAt: family.idle_expires_at === null ? null : toIso(family.idle_expires_at),
    issuer,
    clientId: family.client_id,
    userId: family.user_id,
    scopes: family.scopes,
    ...(expand ? { _embedded: { scopes: scopes.map((scope) => showScope(env, server, scope)) } } : {}),
    _links: {
      app: links.app,
      authorizationServer: links.authorizationServer,
      self: { href: self, hints: { allow: ['GET', 'DELETE'] } },
      revoke: { href: self, hints: { allow: ['DELETE'] } },
      client: links.client,
      user: links.user,
    },
  };
}

async function serverOf(env: Env, { authorization_server_id: id }: Owned): Promise<AuthorizationServer> {
  const server = id === ORG_OWNER ? null : await findAuthorizationServer(env, id);
  return server ?? orgAuthorizationServer(env);
}

async function about(env: Env, server: AuthorizationServer, { user_id: userId, client_id: clientId }: Owned) {
  const { origin } = env.request;
  const client = await findClient(env, clientId);
  const user = await findUser(env, userId);
  const title = client?.label ?? clientId;
  return {
    issuer: issuerOf(env, server),
    links: {
      app: { href: `${origin}/api/v1/apps/${client?.id ?? clientId}`, title },
      authorizationServer: { href: serverUrl(env, server), title: server.name },
      client: { href: `${origin}/oauth2/v1/clients/${clientId}`, title },
      user: { href: `${origin}/api/v1/users/${userId}`, title: user?.login ?? userId },
    },
  };
}

function showScope(env: Env, server: AuthorizationServer, { id, name, displayName, description }: Scope) {
  return {
    id,
    name,
    displayName,
    description,
    _links: { scope: { href: `${serverUrl(env, server)}/scopes/${id}`, title: displayName ?? name } },
  };
}

function serverUrl(env: Env, { pathId }: AuthorizationServer): string {
  return `${env.request.origin}/api/v1/authorizationServers/${pathId ?? ORG_OWNER}`;
}
