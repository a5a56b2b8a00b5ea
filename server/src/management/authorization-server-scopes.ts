// Owns the scopes of an authorization server on the management API.
import { z } from 'zod';
import { type AuthorizationServer, getAuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { createScope, deleteScope, getScope, listScopes, type Scope, updateScope } from '../core/scopes.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { scopeInput, scope as scopeShape } from './authorization-servers.schema.ts';
import { link, serverUrl } from './authorization-servers.ts';

export const authorizationServerScopeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/scopes',
    operationId: 'listOAuth2Scopes',
    summary: 'List the scopes of an authorization server',
    tags: ['AuthorizationServerScopes'],
    access: 'okta.authorizationServers.read',
    query: z.object({ q: z.string().optional() }),
    responses: { 200: z.array(scopeShape) },
    async handle({ env, params, query }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      const scopes = (await listScopes(env, server)).filter(({ name }) => name.startsWith(query.q ?? ''));
      return json(scopes.map((scope) => showScope(env, server, scope)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/scopes',
    operationId: 'createOAuth2Scope',
    summary: 'Add a scope to an authorization server',
    tags: ['AuthorizationServerScopes'],
    access: 'okta.authorizationServers.manage',
    body: scopeInput,
    responses: { 201: scopeShape },
    async handle({ env, params, body }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(showScope(env, server, await createScope(env, server, body)), 201);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/scopes/{scopeId}',
    operationId: 'getOAuth2Scope',
    summary: 'Read a scope of an authorization server',
    tags: ['AuthorizationServerScopes'],
    access: 'okta.authorizationServers.read',
    responses: { 200: scopeShape },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(showScope(env, server, await getScope(env, server, params.scopeId)));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/authorizationServers/{authServerId}/scopes/{scopeId}',
    operationId: 'replaceOAuth2Scope',
    summary: 'Replace a scope of an authorization server',
    tags: ['AuthorizationServerScopes'],
    access: 'okta.authorizationServers.manage',
    body: scopeInput,
    responses: { 200: scopeShape },
    async handle({ env, params, body }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(showScope(env, server, await updateScope(env, server, params.scopeId, body)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/authorizationServers/{authServerId}/scopes/{scopeId}',
    operationId: 'deleteOAuth2Scope',
    summary: 'Delete a scope of an authorization server',
    tags: ['AuthorizationServerScopes'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      await deleteScope(env, server, params.scopeId);
      return noContent();
    },
  }),
];

function showScope(env: Env, server: AuthorizationServer, scope: Scope) {
  return {
    id: scope.id,
    name: scope.name,
    displayName: scope.displayName,
    description: scope.description,
    system: scope.system,
    metadataPublish: scope.metadataPublish,
    consent: scope.consent,
    optional: scope.optional,
    apiResourceId: null,
    default: scope.default,
    _links: { self: link(`${serverUrl(env, server)}/scopes/${scope.id}`, 'GET', 'PUT', 'DELETE') },
  };
}
