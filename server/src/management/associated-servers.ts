// Owns the trusted servers of an authorization server on the management API: whose access tokens it exchanges.
import { z } from 'zod';
import { getAuthorizationServer } from '../core/authorization-servers.ts';
import { distrustServer, listAssociatedServers, trustServers } from '../core/trusted-servers.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { associatedServers, authorizationServer } from './authorization-servers.schema.ts';
import { showServer } from './authorization-servers.ts';

const LIST = 'associated-servers';

export const associatedServerRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/associatedServers',
    operationId: 'listAssociatedServersByTrustedType',
    summary: 'List the servers that an authorization server trusts, or with `trusted=false` those that it does not',
    tags: ['AuthorizationServerAssoc'],
    access: 'okta.authorizationServers.read',
    query: pagingQuery.extend({ trusted: z.enum(['true', 'false']).optional(), q: z.string().optional() }),
    responses: { 200: z.array(authorizationServer) },
    async handle({ env, params, query, request }) {
      const page = readPage(env, query, LIST, { default: 200, most: 200 });
      const server = await getAuthorizationServer(env, params.authServerId);
      const wanted = { trusted: query.trusted !== 'false', q: query.q || null, after: page.after };
      const found = await listAssociatedServers(env, server, { ...wanted, limit: page.limit + 1 });
      const shown = await Promise.all(found.map((one) => showServer(env, one)));
      return pageOf(
        env,
        request,
        LIST,
        page,
        shown,
        ({ id }) => id,
        (one) => one,
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/associatedServers',
    operationId: 'createAssociatedServers',
    summary: 'Trust further authorization servers',
    tags: ['AuthorizationServerAssoc'],
    access: 'okta.authorizationServers.manage',
    body: associatedServers,
    responses: { 200: z.array(authorizationServer) },
    async handle({ env, params, body }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      const trusted = await trustServers(env, server, body.trusted);
      return json(await Promise.all(trusted.map((one) => showServer(env, one))));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/authorizationServers/{authServerId}/associatedServers/{associatedServerId}',
    operationId: 'deleteAssociatedServer',
    summary: 'Trust an authorization server no more',
    tags: ['AuthorizationServerAssoc'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      await distrustServer(env, server, params.associatedServerId);
      return noContent();
    },
  }),
];
