// Owns /api/v1/authorizationServers: making, showing, changing and ending authorization servers.
// Not here: what belongs to a server (authorization-server-*.ts), each a list of routes of its own.
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import {
  type AuthorizationServer,
  type AuthorizationServerInput,
  activateAuthorizationServer,
  createAuthorizationServer,
  deactivateAuthorizationServer,
  deleteAuthorizationServer,
  getAuthorizationServer,
  listAuthorizationServers,
  updateAuthorizationServer,
} from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { issuerOf } from '../core/issuers.ts';
import { ROTATION_PERIOD } from '../core/key-rotation.ts';
import { DEFAULT_ALGORITHM, listPublishedKeys } from '../core/signing-keys.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { authorizationServer, authorizationServerInput } from './authorization-servers.schema.ts';

const LIST = 'authorization-servers';

export const authorizationServerRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers',
    operationId: 'listAuthorizationServers',
    summary: 'List authorization servers',
    tags: ['AuthorizationServer'],
    access: 'okta.authorizationServers.read',
    query: pagingQuery.extend({ q: z.string().optional() }),
    responses: { 200: z.array(authorizationServer) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, LIST, { default: 200, most: 200 });
      const wanted = { q: query.q || null, after: page.after, limit: page.limit + 1 };
      const servers = await listAuthorizationServers(env, wanted);
      const shown = await Promise.all(servers.map((server) => showServer(env, server)));
      return pageOf(
        env,
        request,
        LIST,
        page,
        shown,
        ({ id }) => id,
        (server) => server,
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers',
    operationId: 'createAuthorizationServer',
    summary: 'Create an authorization server',
    tags: ['AuthorizationServer'],
    access: 'okta.authorizationServers.manage',
    body: authorizationServerInput,
    responses: { 201: authorizationServer },
    handle: async ({ env, body }) =>
      json(await showServer(env, await createAuthorizationServer(env, inputOf(body))), 201),
  }),
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}',
    operationId: 'getAuthorizationServer',
    summary: 'Read an authorization server',
    tags: ['AuthorizationServer'],
    access: 'okta.authorizationServers.read',
    responses: { 200: authorizationServer },
    handle: async ({ env, params }) =>
      json(await showServer(env, await getAuthorizationServer(env, params.authServerId))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/authorizationServers/{authServerId}',
    operationId: 'replaceAuthorizationServer',
    summary: 'Replace an authorization server',
    tags: ['AuthorizationServer'],
    access: 'okta.authorizationServers.manage',
    body: authorizationServerInput,
    responses: { 200: authorizationServer },
    handle: async ({ env, params, body }) =>
      json(await showServer(env, await updateAuthorizationServer(env, params.authServerId, inputOf(body)))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/authorizationServers/{authServerId}',
    operationId: 'deleteAuthorizationServer',
    summary: 'Delete an authorization server',
    tags: ['AuthorizationServer'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteAuthorizationServer(env, params.authServerId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/lifecycle/activate',
    operationId: 'activateAuthorizationServer',
    summary: 'Activate an authorization server',
    tags: ['AuthorizationServer'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await activateAuthorizationServer(env, params.authServerId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/lifecycle/deactivate',
    operationId: 'deactivateAuthorizationServer',
    summary: 'Deactivate an authorization server',
    tags: ['AuthorizationServer'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deactivateAuthorizationServer(env, params.authServerId);
      return noContent();
    },
  }),
];

/** The URL of a server on this API; the default server is named `default` in it. */
export function serverUrl(env: Env, { pathId }: AuthorizationServer): string {
  return `${env.request.origin}/api/v1/authorizationServers/${pathId}`;
}

/** A link with the methods that it takes. */
export function link(href: string, ...allow: string[]) {
  return { href, hints: { allow } };
}

/** The link that turns a thing off, or on again. */
export function lifecycleLink(url: string, status: 'ACTIVE' | 'INACTIVE') {
  const action = status === 'ACTIVE' ? 'deactivate' : 'activate';
  return { [action]: link(`${url}/lifecycle/${action}`, 'POST') };
}

function inputOf(body: z.output<typeof authorizationServerInput>): AuthorizationServerInput {
  return {
    name: body.name,
    description: body.description,
    audience: body.audiences[0],
    issuerMode: body.issuerMode,
    rotationMode: body.credentials?.signing?.rotationMode,
    signingAlg: body.credentials?.signing?.alg,
    conformance: body.conformance,
  };
}

/** A server as this API shows it. */
export async function showServer(env: Env, server: AuthorizationServer) {
  const url = serverUrl(env, server);
  const issuer = issuerOf(env, server);
  const metadata = (name: string) => ({ name, ...link(`${issuer}/.well-known/${name}`, 'GET') });
  const [active] = await listPublishedKeys(env, server.id);
  const next = server.lastRotated + ROTATION_PERIOD;
  return {
    id: server.id,
    name: server.name,
    description: server.description,
    audiences: [server.audience],
    issuer,
    issuerMode: server.issuerMode,
    status: server.status,
    created: toIso(server.created),
    lastUpdated: toIso(server.lastUpdated),
    credentials: {
      signing: {
        kid: active?.kid,
        rotationMode: server.rotationMode,
        lastRotated: toIso(server.lastRotated),
        ...(server.rotationMode === 'AUTO' ? { nextRotation: toIso(next) } : {}),
        // A choice of ours, told where it was made.
        ...(server.signingAlg === DEFAULT_ALGORITHM ? {} : { alg: server.signingAlg }),
      },
    },
    // A choice of ours, told where it was made.
    ...(server.conformance === 'OKTA' ? {} : { conformance: server.conformance }),
    default: server.isDefault,
    _links: {
      rotateKey: link(`${url}/credentials/lifecycle/keyRotate`, 'POST'),
      metadata: [metadata('oauth-authorization-server'), metadata('openid-configuration')],
      resourceServerCredentialsKeys: link(`${url}/resourceservercredentials/keys`, 'GET'),
      keys: link(`${url}/credentials/keys`, 'GET'),
      claims: link(`${url}/claims`, 'GET', 'POST'),
      policies: link(`${url}/policies`, 'GET', 'POST'),
      self: link(url, 'GET', 'DELETE', 'PUT'),
      scopes: link(`${url}/scopes`, 'GET', 'POST'),
      ...lifecycleLink(url, server.status),
    },
  };
}
