// Owns /api/v1/apps/{appId}/users and /groups: who may use an application. Not here: what that means (core/application-assignments.ts).

import { z } from 'zod';
import { patched, readPath } from '../base/json-patch.ts';
import { toIso } from '../base/time.ts';
import {
  type AssignedGroup,
  type AssignedUser,
  assignGroup,
  assignUser,
  getAssignedGroup,
  getAssignedUser,
  listAssignedGroups,
  unassignGroup,
  unassignUser,
  updateAssignedUser,
} from '../core/application-assignments.ts';
import { type AnyApplication, getApplication } from '../core/applications.ts';
import { listAssignedUsers } from '../core/assigned-people.ts';
import type { Env } from '../core/env.ts';
import { invalid } from '../core/refusal.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const record = z.record(z.string(), z.unknown());
const links = record;

const appUser = z.object({
  id: z.string(),
  externalId: z.string().nullable(),
  created: z.string(),
  lastUpdated: z.string(),
  scope: z.enum(['USER', 'GROUP']),
  status: z.string(),
  statusChanged: z.string(),
  passwordChanged: z.string().nullable(),
  syncState: z.string(),
  credentials: z.object({ userName: z.string() }),
  profile: record,
  _links: links,
});

const credentials = z.object({ userName: z.string().max(255).nullish() }).nullish();
const appUserBody = z.object({
  id: z.string(),
  scope: z.enum(['USER', 'GROUP']).nullish(),
  credentials,
  profile: record.nullish(),
});
const appUserChange = z.object({ credentials, profile: record.nullish() });

const appGroup = z.object({
  id: z.string(),
  lastUpdated: z.string(),
  priority: z.number(),
  profile: record,
  _links: links,
});
const appGroupBody = z
  .object({ priority: z.number().int().min(0).max(1_000_000).nullish(), profile: record.nullish() })
  .optional();

const appGroupPatch = z
  .array(
    z.object({ op: z.enum(['add', 'replace', 'remove']), path: z.string().max(1024), value: z.unknown().optional() }),
  )
  .min(1)
  .max(100);

const userTags = ['ApplicationUsers'];
const groupTags = ['ApplicationGroups'];
const USER_LIMITS = { default: 50, most: 500 };
const GROUP_LIMITS = { default: 20, most: 200 };

const userRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/users',
    operationId: 'listApplicationUsers',
    summary: 'List the people assigned to an application, by name or through a group',
    tags: userTags,
    access: 'okta.apps.read',
    query: pagingQuery.extend({ q: z.string().optional() }),
    responses: { 200: z.array(appUser) },
    async handle({ env, params, query, request }) {
      const application = await getApplication(env, params.appId);
      const list = `apps/${params.appId}/users`;
      const page = readPage(env, query, list, USER_LIMITS);
      const rows = await listAssignedUsers(env, application, { q: query.q, ...page });
      return pageOf(
        env,
        request,
        list,
        page,
        rows,
        ({ user }) => user.id,
        (row) => showAppUser(env, application, row),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/users',
    operationId: 'assignUserToApplication',
    summary: 'Assign a person to an application',
    tags: userTags,
    access: 'okta.apps.manage',
    body: appUserBody,
    responses: { 200: appUser },
    async handle({ env, params, body }) {
      if (body.scope === 'GROUP') throw invalid('scope', 'scope: A person is assigned through a group by assigning it');
      const assigned = await assignUser(env, params.appId, { userId: body.id, ...said(body) });
      return json(showAppUser(env, await getApplication(env, params.appId), assigned));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/users/{userId}',
    operationId: 'getApplicationUser',
    summary: 'Read how a person is assigned to an application',
    tags: userTags,
    access: 'okta.apps.read',
    responses: { 200: appUser },
    async handle({ env, params }) {
      const application = await getApplication(env, params.appId);
      return json(showAppUser(env, application, await getAssignedUser(env, application, params.userId)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/users/{userId}',
    operationId: 'updateApplicationUser',
    summary: 'Change what an application knows of a person',
    tags: userTags,
    access: 'okta.apps.manage',
    body: appUserChange,
    responses: { 200: appUser },
    async handle({ env, params, body }) {
      const assigned = await updateAssignedUser(env, params.appId, params.userId, said(body));
      return json(showAppUser(env, await getApplication(env, params.appId), assigned));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/apps/{appId}/users/{userId}',
    operationId: 'unassignUserFromApplication',
    summary: 'End the assignment of a person',
    tags: userTags,
    access: 'okta.apps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await unassignUser(env, params.appId, params.userId);
      return noContent();
    },
  }),
];

const groupRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/groups',
    operationId: 'listApplicationGroupAssignments',
    summary: 'List the groups assigned to an application',
    tags: groupTags,
    access: 'okta.apps.read',
    query: pagingQuery,
    responses: { 200: z.array(appGroup) },
    async handle({ env, params, query, request }) {
      const list = `apps/${params.appId}/groups`;
      const page = readPage(env, query, list, GROUP_LIMITS);
      const rows = await listAssignedGroups(env, params.appId, page);
      return pageOf(
        env,
        request,
        list,
        page,
        rows,
        ({ priority, group_id }) => `${priority}:${group_id}`,
        (row) => showAppGroup(env, row),
      );
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/apps/{appId}/groups/{groupId}',
    operationId: 'assignGroupToApplication',
    summary: 'Assign a group to an application, or change its assignment',
    tags: groupTags,
    access: 'okta.apps.manage',
    body: appGroupBody,
    responses: { 200: appGroup },
    async handle({ env, params, body }) {
      const given = { priority: body?.priority ?? undefined, profile: body?.profile ?? undefined };
      return json(showAppGroup(env, await assignGroup(env, params.appId, params.groupId, given)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/groups/{groupId}',
    operationId: 'getApplicationGroupAssignment',
    summary: 'Read how a group is assigned to an application',
    tags: groupTags,
    access: 'okta.apps.read',
    responses: { 200: appGroup },
    async handle({ env, params }) {
      return json(showAppGroup(env, await getAssignedGroup(env, params.appId, params.groupId)));
    },
  }),
  route({
    method: 'PATCH',
    path: '/api/v1/apps/{appId}/groups/{groupId}',
    operationId: 'updateGroupAssignmentToApplication',
    summary: 'Change the priority or the profile of an assigned group, by operations of JSON Patch',
    tags: groupTags,
    access: 'okta.apps.manage',
    body: appGroupPatch,
    responses: { 200: appGroup },
    async handle({ env, params, body }) {
      const { priority, profile } = await getAssignedGroup(env, params.appId, params.groupId);
      const operations = body.map(({ op, path, value }) => ({ op, path: pathOf(path), value }));
      const changed = appGroupBody.safeParse(patched({ priority, profile }, operations) ?? null);
      if (!changed.success) throw invalid('path', 'path: An operation does not fit the assignment');
      const given = { priority: changed.data?.priority ?? undefined, profile: changed.data?.profile ?? undefined };
      return json(showAppGroup(env, await assignGroup(env, params.appId, params.groupId, given)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/apps/{appId}/groups/{groupId}',
    operationId: 'unassignApplicationFromGroup',
    summary: 'End the assignment of a group',
    tags: groupTags,
    access: 'okta.apps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await unassignGroup(env, params.appId, params.groupId);
      return noContent();
    },
  }),
];

export const appAssignmentRoutes: readonly Route[] = [...userRoutes, ...groupRoutes];

function said(body: z.output<typeof appUserChange>) {
  return { userName: body.credentials?.userName || undefined, profile: body.profile ?? undefined };
}

/** Also embedded in a list of applications that asks for a person (apps.ts). */
export function showAppUser(env: Env, application: AnyApplication, assigned: AssignedUser): z.input<typeof appUser> {
  const { user, scope, groupId, userName } = assigned;
  const base = `${env.request.origin}/api/v1`;
  return {
    id: user.id,
    externalId: null,
    created: toIso(assigned.created),
    lastUpdated: toIso(assigned.last_updated),
    scope,
    status: 'ACTIVE',
    statusChanged: toIso(assigned.created),
    passwordChanged: null,
    syncState: 'DISABLED',
    credentials: { userName },
    profile: { ...assigned.mapped, ...assigned.profile },
    _links: {
      app: { href: `${base}/apps/${application.id}` },
      user: { href: `${base}/users/${user.id}` },
      ...(groupId === null ? {} : { group: { href: `${base}/groups/${groupId}` } }),
    },
  };
}

/** Into the priority or the profile, and nothing else. */
function pathOf(text: string): string[] {
  const path = readPath(text);
  if (!path || (text !== '/priority' && path[0] !== 'profile'))
    throw invalid('path', 'path: The value must be /priority, /profile or a path into it');
  return path;
}

function showAppGroup(env: Env, row: AssignedGroup): z.input<typeof appGroup> {
  const { application_id, group_id, priority, profile } = row;
  const base = `${env.request.origin}/api/v1`;
  return {
    id: group_id,
    lastUpdated: toIso(row.last_updated),
    priority,
    profile,
    _links: {
      app: { href: `${base}/apps/${application_id}` },
      self: { href: `${base}/apps/${application_id}/groups/${group_id}` },
      group: { href: `${base}/groups/${group_id}` },
    },
  };
}
