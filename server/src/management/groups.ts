// Owns /api/v1/groups: list, create, read, replace, delete, members, and the applications that members get. Not here: group rules,
// roles (roles.ts), and how a group looks (group-body.ts).
import { z } from 'zod';
import { listApplications } from '../core/application-search.ts';
import { deleteGroup } from '../core/delete-groups.ts';
import { addUserToGroup, listGroupMembers, removeUserFromGroup } from '../core/group-memberships.ts';
import { groupStats, listGroups } from '../core/group-search.ts';
import { createGroup, getGroup, updateGroup } from '../core/groups.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Call, type Route, route } from '../http/route.ts';
import { requireScope } from './access.ts';
import { application } from './apps.schema.ts';
import { showApplications } from './apps.ts';
import { groupBody } from './group-body.ts';
import { givenGroup, group, groupListQuery } from './groups.schema.ts';
import { listedUserBody } from './user-body.ts';
import { user } from './users.schema.ts';
import { userOfPath } from './users.ts';

const LIMITS = { default: 200, most: 10_000 };
const APP_LIMITS = { default: 20, most: 200 };
const MEMBER_LIMITS = { default: 1000, most: 1000 };

async function list({ env, query, request }: Call<object, z.output<typeof groupListQuery>>): Promise<Response> {
  const page = readPage(env, query, 'groups', LIMITS);
  const rows = await listGroups(env, { ...query, after: page.after, limit: page.limit + 1 });
  const wantsStats = (query.expand ?? '').split(',').includes('stats');
  const stats = wantsStats
    ? await groupStats(
        env,
        rows.map(({ id }) => id),
      )
    : null;
  return pageOf(
    env,
    request,
    'groups',
    page,
    rows,
    (row) => row.position,
    (row) => groupBody(env, row, stats?.get(row.id)),
  );
}

export const groupRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/groups',
    operationId: 'listGroups',
    summary: 'List groups, all or those that a search, a filter or a beginning of a name finds',
    tags: ['Group'],
    access: 'okta.groups.read',
    query: groupListQuery,
    responses: { 200: z.array(group) },
    handle: list,
  }),
  route({
    method: 'POST',
    path: '/api/v1/groups',
    operationId: 'addGroup',
    summary: 'Create a group',
    tags: ['Group'],
    access: 'okta.groups.manage',
    body: givenGroup,
    responses: { 200: group },
    async handle({ env, body }) {
      return json(groupBody(env, await createGroup(env, body.profile)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/groups/{groupId}',
    operationId: 'getGroup',
    summary: 'Read a group',
    tags: ['Group'],
    access: 'okta.groups.read',
    responses: { 200: group },
    async handle({ env, params }) {
      return json(groupBody(env, await getGroup(env, params.groupId)));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/groups/{groupId}',
    operationId: 'replaceGroup',
    summary: "Replace a group's name and description",
    tags: ['Group'],
    access: 'okta.groups.manage',
    body: givenGroup,
    responses: { 200: group },
    async handle({ env, params, body }) {
      return json(groupBody(env, await updateGroup(env, params.groupId, body.profile)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/groups/{groupId}',
    operationId: 'deleteGroup',
    summary: 'Delete a group',
    tags: ['Group'],
    access: 'okta.groups.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteGroup(env, params.groupId);
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/groups/{groupId}/users',
    operationId: 'listGroupUsers',
    summary: "List a group's members",
    tags: ['Group'],
    access: 'okta.groups.read',
    query: pagingQuery,
    responses: { 200: z.array(user) },
    async handle({ env, params, query, request }) {
      const members = `members of ${params.groupId}`;
      const page = readPage(env, query, members, MEMBER_LIMITS);
      const rows = await listGroupMembers(env, params.groupId, { after: page.after, limit: page.limit + 1 });
      return pageOf(
        env,
        request,
        members,
        page,
        rows,
        (row) => row.id,
        (row) => listedUserBody(env, row),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/groups/{groupId}/apps',
    operationId: 'listAssignedApplicationsForGroup',
    summary: 'List the applications that a group is assigned',
    tags: ['Group'],
    access: 'okta.groups.read',
    query: pagingQuery,
    responses: { 200: z.array(application) },
    async handle({ env, params, query, request }) {
      await requireScope(env, 'okta.apps.read', request);
      const { id: groupId } = await getGroup(env, params.groupId);
      const apps = `apps of ${groupId}`;
      const page = readPage(env, query, apps, APP_LIMITS);
      const rows = await showApplications(env, await listApplications(env, { groupId, ...page }));
      return pageOf(
        env,
        request,
        apps,
        page,
        rows,
        (row) => row.id,
        (row) => row,
      );
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/groups/{groupId}/users/{userId}',
    operationId: 'assignUserToGroup',
    summary: 'Make a user a member',
    tags: ['Group'],
    access: 'okta.groups.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await addUserToGroup(env, params.groupId, (await userOfPath(env, params.userId)).id);
      return noContent();
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/groups/{groupId}/users/{userId}',
    operationId: 'unassignUserFromGroup',
    summary: "End a user's membership",
    tags: ['Group'],
    access: 'okta.groups.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await removeUserFromGroup(env, params.groupId, (await userOfPath(env, params.userId)).id);
      return noContent();
    },
  }),
];
