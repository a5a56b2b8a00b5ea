// Owns /api/v1/trustedOrigins. Not here: what an origin is (core/trusted-origins.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import {
  createTrustedOrigin,
  deleteTrustedOrigin,
  getTrustedOrigin,
  listTrustedOrigins,
  replaceTrustedOrigin,
  setTrustedOriginStatus,
  type TrustedOrigin,
} from '../core/trusted-origins.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { trustedOriginBody, trustedOrigin as trustedOriginShape } from './trusted-origins.schema.ts';

const LIST = 'trustedOrigins';
const LIMITS = { default: 20, most: 200 };
const tags = ['TrustedOrigin'];

export const trustedOriginRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/trustedOrigins',
    operationId: 'listTrustedOrigins',
    summary: 'List trusted origins',
    tags,
    access: 'okta.trustedOrigins.read',
    query: pagingQuery.extend({ q: z.string().optional(), filter: z.string().optional() }),
    responses: { 200: z.array(trustedOriginShape) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, LIST, LIMITS);
      const rows = await listTrustedOrigins(env, { q: query.q, filter: query.filter, ...page });
      return pageOf(
        env,
        request,
        LIST,
        page,
        rows,
        ({ id }) => id,
        (row) => showTrustedOrigin(env, row),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/trustedOrigins',
    operationId: 'createTrustedOrigin',
    summary: 'Trust an origin',
    tags,
    access: 'okta.trustedOrigins.manage',
    body: trustedOriginBody,
    responses: { 200: trustedOriginShape },
    handle: async ({ env, body }) => json(showTrustedOrigin(env, await createTrustedOrigin(env, body))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/trustedOrigins/{trustedOriginId}',
    operationId: 'getTrustedOrigin',
    summary: 'Read a trusted origin',
    tags,
    access: 'okta.trustedOrigins.read',
    responses: { 200: trustedOriginShape },
    handle: async ({ env, params }) =>
      json(showTrustedOrigin(env, await getTrustedOrigin(env, params.trustedOriginId))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/trustedOrigins/{trustedOriginId}',
    operationId: 'replaceTrustedOrigin',
    summary: 'Replace a trusted origin',
    tags,
    access: 'okta.trustedOrigins.manage',
    body: trustedOriginBody,
    responses: { 200: trustedOriginShape },
    handle: async ({ env, params, body }) =>
      json(showTrustedOrigin(env, await replaceTrustedOrigin(env, params.trustedOriginId, body))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/trustedOrigins/{trustedOriginId}',
    operationId: 'deleteTrustedOrigin',
    summary: 'Trust an origin no longer',
    tags,
    access: 'okta.trustedOrigins.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteTrustedOrigin(env, params.trustedOriginId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/trustedOrigins/{trustedOriginId}/lifecycle/${change}`,
      operationId: `${change}TrustedOrigin`,
      summary: change === 'activate' ? 'Activate a trusted origin' : 'Deactivate a trusted origin',
      tags,
      access: 'okta.trustedOrigins.manage',
      responses: { 200: trustedOriginShape },
      async handle({ env, params }) {
        const status = change === 'activate' ? 'ACTIVE' : 'INACTIVE';
        return json(showTrustedOrigin(env, await setTrustedOriginStatus(env, params.trustedOriginId, status)));
      },
    }),
  ),
];

function showTrustedOrigin(env: Env, row: TrustedOrigin): z.input<typeof trustedOriginShape> {
  const self = `${env.request.origin}/api/v1/trustedOrigins/${row.id}`;
  const lifecycle = (change: string) => ({ href: `${self}/lifecycle/${change}`, hints: { allow: ['POST'] } });
  const own = { self: { href: self, hints: { allow: ['GET', 'PUT', 'DELETE'] } } };
  return {
    id: row.id,
    name: row.name,
    origin: row.origin,
    scopes: row.scopes,
    status: row.status,
    created: toIso(row.created),
    createdBy: row.created_by,
    lastUpdated: toIso(row.last_updated),
    lastUpdatedBy: row.last_updated_by,
    _links:
      row.status === 'ACTIVE'
        ? { ...own, deactivate: lifecycle('deactivate') }
        : { activate: lifecycle('activate'), ...own },
  };
}
