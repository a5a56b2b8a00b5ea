// Owns /api/v1/groups/{groupId}/owners: list, assign, take away. Not here: members (groups.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import { addGroupOwner, type GroupOwner, listGroupOwners, removeGroupOwner } from '../core/group-owners.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const LIMITS = { default: 1000, most: 1000 };

const kind = z.enum(['USER', 'GROUP']);
const givenOwner = z.object({ id: z.string(), type: kind });
const owner = z.object({
  id: z.string(),
  type: kind,
  resolved: z.boolean(),
  originId: z.string().nullable(),
  originType: z.literal('OKTA_DIRECTORY'),
  displayName: z.string(),
  lastUpdated: z.string(),
});

export const groupOwnerRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/groups/{groupId}/owners',
    operationId: 'listGroupOwners',
    summary: "List a group's owners",
    tags: ['GroupOwner'],
    access: 'okta.groups.read',
    query: pagingQuery.extend({ search: z.string().optional() }),
    responses: { 200: z.array(owner) },
    async handle({ env, params, query, request }) {
      const owners = `owners of ${params.groupId}`;
      const page = readPage(env, query, owners, LIMITS);
      const search = { search: query.search || null, after: page.after, limit: page.limit + 1 };
      const rows = await listGroupOwners(env, params.groupId, search);
      return pageOf(env, request, owners, page, rows, (row) => row.id, showOwner);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/groups/{groupId}/owners',
    operationId: 'assignGroupOwner',
    summary: 'Make a user or a group an owner of a group',
    tags: ['GroupOwner'],
    access: 'okta.groups.manage',
    body: givenOwner,
    responses: { 201: owner },
    handle: async ({ env, params, body }) => json(showOwner(await addGroupOwner(env, params.groupId, body)), 201),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/groups/{groupId}/owners/{ownerId}',
    operationId: 'deleteGroupOwner',
    summary: 'Take a group from an owner',
    tags: ['GroupOwner'],
    access: 'okta.groups.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await removeGroupOwner(env, params.groupId, params.ownerId);
      return noContent();
    },
  }),
];

function showOwner({ id, type, displayName, assigned }: GroupOwner): z.input<typeof owner> {
  return {
    id,
    type,
    resolved: true,
    originId: null,
    originType: 'OKTA_DIRECTORY',
    displayName,
    lastUpdated: toIso(assigned),
  };
}
