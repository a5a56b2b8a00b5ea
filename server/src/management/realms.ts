// Owns /api/v1/realms: the parts that people are divided into. Not here: who is in which (users.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import {
  createRealm,
  defaultRealmId,
  deleteRealm,
  getRealm,
  listRealms,
  type Realm,
  type RealmInput,
  replaceRealm,
} from '../core/realms.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const tags = ['Realm'];
const LIST = 'realms';
const LIMITS = { default: 200, most: 200 };

const domain = z.string().regex(/^[\w-]+(\.[\w-]+)+$/, 'The field must be a domain name');
const profile = z.object({
  name: z.string().trim().min(1, 'The field cannot be left blank').max(255),
  realmType: z.enum(['DEFAULT', 'PARTNER']),
  domains: z.array(domain).max(1000).optional(),
});
const realm = z.object({
  id: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  isDefault: z.boolean(),
  profile,
  _links: z.record(z.string(), z.unknown()),
});
const givenRealm = z.object({
  profile: profile.extend({ realmType: profile.shape.realmType.nullish(), domains: profile.shape.domains.nullish() }),
});

export const realmRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/realms',
    operationId: 'listRealms',
    summary: 'List realms, all or those that a search finds',
    tags,
    access: 'okta.realms.read',
    query: pagingQuery.extend({
      search: z.string().optional(),
      sortBy: z.string().optional(),
      sortOrder: z.string().optional(),
    }),
    responses: { 200: z.array(realm) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, LIST, LIMITS);
      const rows = await listRealms(env, { ...query, after: page.after, limit: page.limit + 1 });
      const byDefault = await defaultRealmId(env);
      return pageOf(
        env,
        request,
        LIST,
        page,
        rows,
        (row) => row.position,
        (row) => showRealm(env, row, byDefault),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/realms',
    operationId: 'createRealm',
    summary: 'Create a realm',
    tags,
    access: 'okta.realms.manage',
    body: givenRealm,
    responses: { 200: realm },
    handle: async ({ env, body }) => answer(env, await createRealm(env, inputOf(body))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/realms/{realmId}',
    operationId: 'getRealm',
    summary: 'Read a realm',
    tags,
    access: 'okta.realms.read',
    responses: { 200: realm },
    handle: async ({ env, params }) => answer(env, await getRealm(env, params.realmId)),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/realms/{realmId}',
    operationId: 'replaceRealm',
    summary: "Replace a realm's name, type and domains",
    tags,
    access: 'okta.realms.manage',
    body: givenRealm,
    responses: { 200: realm },
    handle: async ({ env, params, body }) => answer(env, await replaceRealm(env, params.realmId, inputOf(body))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/realms/{realmId}',
    operationId: 'deleteRealm',
    summary: 'Delete a realm that no user is in',
    tags,
    access: 'okta.realms.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteRealm(env, params.realmId);
      return noContent();
    },
  }),
];

function inputOf({ profile: { name, realmType, domains } }: z.output<typeof givenRealm>): RealmInput {
  return { name, realmType: realmType ?? 'DEFAULT', domains: domains ?? [] };
}

async function answer(env: Env, row: Realm): Promise<Response> {
  return json(showRealm(env, row, await defaultRealmId(env)));
}

function showRealm(env: Env, row: Realm, defaultId: string): z.input<typeof realm> {
  return {
    id: row.id,
    created: toIso(row.created),
    lastUpdated: toIso(row.last_updated),
    isDefault: row.id === defaultId,
    profile: {
      name: row.name,
      realmType: row.realm_type as RealmInput['realmType'],
      ...(row.domains.length > 0 ? { domains: row.domains } : {}),
    },
    _links: { self: { rel: 'self', href: `${env.request.origin}/api/v1/realms/${row.id}`, method: 'GET' } },
  };
}
