// Owns the lists of consents and refresh tokens, wherever they are looked at from: a person, an application, an authorization server.
// One description of a list makes its four routes: all, one, revoke one, revoke all. Not here: what revoking means (core/).
import { z } from 'zod';
import { type Application, findClient, getOAuthClient } from '../core/applications.ts';
import { getAuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { type Consent, clientsWithConsent, getConsent, listConsents, revokeConsents } from '../core/given-consents.ts';
import { notFound } from '../core/refusal.ts';
import { findScopePlace } from '../core/scopes.ts';
import {
  clientsWithTokens,
  type FamilyFilter,
  getFamily,
  listFamilies,
  revokeFamilies,
  type TokenFamily,
} from '../core/token-families.ts';
import { getUser } from '../core/users.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { consentGrant, grantedClient, refreshToken } from './grants-and-tokens.schema.ts';
import { showConsent, showToken } from './show-grants-and-tokens.ts';

type Params = Record<string, string>;
type Filter = FamilyFilter & { scope?: string | undefined };

type List<Row> = {
  /** Such as `/api/v1/users/{userId}/grants`. */
  path: string;
  /** The parameter that names one of them. */
  id: string;
  resource: 'users' | 'apps' | 'authorizationServers';
  noun: string;
  shape: z.ZodType;
  limit: number;
  operations: { list: string; get: string | null; revoke: string | null; revokeAll: string };
  filterOf(env: Env, params: Params): Promise<Filter>;
  kind: Kind<Row>;
};

type Kind<Row> = {
  list(env: Env, filter: Filter, page: { after: string | null; limit: number }): Promise<Row[]>;
  get(env: Env, filter: Filter, id: string): Promise<Row>;
  revoke(env: Env, filter: Filter, id?: string): Promise<void>;
  show(env: Env, row: Row, self: string, expand: boolean): Promise<object>;
};

const tokens: Kind<TokenFamily> = { list: listFamilies, get: getFamily, revoke: revokeFamilies, show: showToken };
const consents: Kind<Consent> = { list: listConsents, get: getConsent, revoke: revokeConsents, show: showConsent };

const listQuery = pagingQuery.extend({ expand: z.string().optional(), scopeId: z.string().optional() });
const oneQuery = z.object({ expand: z.string().optional() });

function routesOf<Row extends { id: string; authorization_server_id: string }>(one: List<Row>): Route[] {
  const { path, id, resource, noun, shape, operations, kind } = one;
  const item = `${path}/{${id}}`;
  const tags = ['OAuth2Grants'];
  const [read, manage] = [`okta.${resource}.read`, `okta.${resource}.manage`] as const;
  const paramsOf = (params: unknown) => params as Params;
  const selfOf = (env: Env, params: Params, row: Row) =>
    `${env.request.origin}${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))}/${row.id}`;
  const wants = (expand: string | undefined) => expand === 'scope';
  const routes: Route[] = [
    route({
      method: 'GET',
      path,
      operationId: operations.list,
      summary: `List ${noun}s`,
      tags,
      access: read,
      query: listQuery,
      responses: { 200: z.array(shape) },
      async handle({ env, params: given, query, request }) {
        const params = paramsOf(given);
        const page = readPage(env, query, operations.list, { default: one.limit, most: 200 });
        const filter = { ...(await one.filterOf(env, params)), ...(await scopeFilter(env, query.scopeId)) };
        const rows = await kind.list(env, filter, { after: page.after, limit: page.limit + 1 });
        const shown = new Map<string, object>();
        for (const row of rows)
          shown.set(row.id, await kind.show(env, row, selfOf(env, params, row), wants(query.expand)));
        return pageOf(
          env,
          request,
          operations.list,
          page,
          rows,
          (row) => row.id,
          (row) => shown.get(row.id),
        );
      },
    }),
    route({
      method: 'DELETE',
      path,
      operationId: operations.revokeAll,
      summary: `Revoke all ${noun}s`,
      tags,
      access: manage,
      responses: { 204: null },
      async handle({ env, params }) {
        await kind.revoke(env, await one.filterOf(env, paramsOf(params)));
        return noContent();
      },
    }),
  ];
  if (operations.get !== null)
    routes.push(
      route({
        method: 'GET',
        path: item,
        operationId: operations.get,
        summary: `Read a ${noun}`,
        tags,
        access: read,
        query: oneQuery,
        responses: { 200: shape },
        async handle({ env, params: given, query }) {
          const params = paramsOf(given);
          const row = await kind.get(env, await one.filterOf(env, params), params[id] ?? '');
          return json(await kind.show(env, row, selfOf(env, params, row), wants(query.expand)));
        },
      }),
    );
  if (operations.revoke !== null)
    routes.push(
      route({
        method: 'DELETE',
        path: item,
        operationId: operations.revoke,
        summary: `Revoke a ${noun}`,
        tags,
        access: manage,
        responses: { 204: null },
        async handle({ env, params: given }) {
          const params = paramsOf(given);
          await kind.revoke(env, await one.filterOf(env, params), params[id] ?? '');
          return noContent();
        },
      }),
    );
  return routes;
}

// A scope is named by its id from outside, by its name in a consent.
async function scopeFilter(env: Env, scopeId: string | undefined): Promise<Filter> {
  if (scopeId === undefined) return {};
  return (await findScopePlace(env, scopeId)) ?? { scope: '', serverId: '' };
}

async function clientOf(env: Env, clientId: string): Promise<Application> {
  const client = await findClient(env, clientId);
  if (!client) throw notFound(clientId, 'PublicClientApp');
  return client;
}

const ofUser = async (env: Env, { userId = '' }: Params) => ({ userId: (await getUser(env, userId)).id });
const ofUserAndClient = async (env: Env, params: Params) => ({
  ...(await ofUser(env, params)),
  clientId: (await clientOf(env, params.clientId ?? '')).client_id,
});
const ofApp = async (env: Env, { appId = '' }: Params) => ({ clientId: (await getOAuthClient(env, appId)).client_id });
const ofServerAndClient = async (env: Env, { authServerId = '', clientId = '' }: Params) => ({
  serverId: (await getAuthorizationServer(env, authServerId)).id,
  clientId: (await clientOf(env, clientId)).client_id,
});

const grantList = {
  id: 'grantId',
  resource: 'users',
  noun: 'consent',
  shape: consentGrant,
  limit: 20,
  kind: consents,
} as const;
const tokenList = { id: 'tokenId', noun: 'refresh token', shape: refreshToken, kind: tokens } as const;

export const grantAndTokenRoutes: readonly Route[] = [
  ...routesOf({
    ...grantList,
    path: '/api/v1/users/{userId}/grants',
    operations: {
      list: 'listUserGrants',
      get: 'getUserGrant',
      revoke: 'revokeUserGrant',
      revokeAll: 'revokeUserGrants',
    },
    filterOf: ofUser,
  }),
  ...routesOf({
    ...grantList,
    path: '/api/v1/users/{userId}/clients/{clientId}/grants',
    operations: {
      list: 'listGrantsForUserAndClient',
      get: null,
      revoke: null,
      revokeAll: 'revokeGrantsForUserAndClient',
    },
    filterOf: ofUserAndClient,
  }),
  ...routesOf({
    ...tokenList,
    path: '/api/v1/users/{userId}/clients/{clientId}/tokens',
    resource: 'users',
    limit: 20,
    operations: {
      list: 'listRefreshTokensForUserAndClient',
      get: 'getRefreshTokenForUserAndClient',
      revoke: 'revokeTokenForUserAndClient',
      revokeAll: 'revokeTokensForUserAndClient',
    },
    filterOf: ofUserAndClient,
  }),
  ...routesOf({
    ...tokenList,
    path: '/api/v1/apps/{appId}/tokens',
    resource: 'apps',
    limit: 20,
    operations: {
      list: 'listOAuth2TokensForApplication',
      get: 'getOAuth2TokenForApplication',
      revoke: 'revokeOAuth2TokenForApplication',
      revokeAll: 'revokeOAuth2TokensForApplication',
    },
    filterOf: ofApp,
  }),
  ...routesOf({
    ...tokenList,
    path: '/api/v1/authorizationServers/{authServerId}/clients/{clientId}/tokens',
    resource: 'authorizationServers',
    limit: 200,
    operations: {
      list: 'listRefreshTokensForAuthorizationServerAndClient',
      get: 'getRefreshTokenForAuthorizationServerAndClient',
      revoke: 'revokeRefreshTokenForAuthorizationServerAndClient',
      revokeAll: 'revokeRefreshTokensForAuthorizationServerAndClient',
    },
    filterOf: ofServerAndClient,
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/clients',
    operationId: 'listUserClients',
    summary: 'List the clients that a person gave consents or refresh tokens',
    tags: ['OAuth2Grants'],
    access: 'okta.users.read',
    responses: { 200: z.array(grantedClient) },
    async handle({ env, params }) {
      const { id: userId } = await getUser(env, params.userId);
      const ids = [...(await clientsWithTokens(env, { userId })), ...(await clientsWithConsent(env, { userId }))];
      const base = `${env.request.origin}/api/v1/users/${userId}/clients`;
      return json(await showClients(env, ids, base, ['grants', 'tokens']));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/clients',
    operationId: 'listOAuth2ClientsForAuthorizationServer',
    summary: 'List the clients that hold refresh tokens of an authorization server',
    tags: ['OAuth2Grants'],
    access: 'okta.authorizationServers.read',
    responses: { 200: z.array(grantedClient) },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      const ids = await clientsWithTokens(env, { serverId: server.id });
      return json(
        await showClients(env, ids, `${env.request.origin}/api/v1/authorizationServers/${server.pathId}/clients`, [
          'tokens',
        ]),
      );
    },
  }),
];

async function showClients(env: Env, clientIds: readonly string[], base: string, lists: readonly string[]) {
  const clients = await Promise.all([...new Set(clientIds)].sort().map((id) => findClient(env, id)));
  return clients.flatMap((client) => {
    if (!client) return [];
    const links = lists.map((name) => [name, { href: `${base}/${client.client_id}/${name}` }]);
    return {
      client_id: client.client_id,
      client_name: client.label,
      client_uri: client.settings.oauthClient.client_uri,
      logo_uri: client.settings.oauthClient.logo_uri,
      _links: Object.fromEntries(links),
    };
  });
}
