// Owns what administrator roles of users, groups and clients are limited to: …/roles/{roleId}/targets, and the list of the people who
// hold a role (/api/v1/iam/assignees/users). Not here: roles themselves (roles.ts), and what targets do (core/role-targets.ts).
import { z } from 'zod';
import type { Env } from '../core/env.ts';
import { orgId } from '../core/org.ts';
import { notFound } from '../core/refusal.ts';
import {
  type AppTarget,
  addRoleTarget,
  listAppTargets,
  listGroupTargets,
  type RoleTarget,
  removeAppTargets,
  removeRoleTarget,
} from '../core/role-targets.ts';
import { listRoleHolders, type RoleAssignment, type RoleHolder, rolesOf } from '../core/roles.ts';
import { linkTo, pageOf, pagingQuery, readPage, sealCursor } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Call, type Route, route } from '../http/route.ts';
import { groupBody } from './group-body.ts';
import { group } from './groups.schema.ts';
import { type Holders, holders, idOf } from './roles.ts';

const LIMITS = { default: 20, most: 200 };
const HOLDER_LIMITS = { default: 100, most: 200 };
const tags = ['RoleTarget'];
const READ = 'okta.roles.read';
const MANAGE = 'okta.roles.manage';

const appsQuery = pagingQuery.extend({ q: z.string().optional(), status: z.string().optional() });
const links = z.record(z.string(), z.unknown());
const appTarget = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  status: z.string(),
  id: z.string().optional(),
  _links: links,
});
const anyTarget = z.object({
  assignmentType: z.enum(['USER', 'GROUP', 'CLIENT']),
  expiration: z.string().nullable(),
  orn: z.string(),
  _links: links,
});
const roleHolders = z.object({
  value: z.array(z.object({ id: z.string(), orn: z.string(), _links: links })),
  _links: links.optional(),
});

type Params = Record<string, string>;

type Verb = 'assign' | 'unassign';
type Operation =
  | 'listGroups'
  | 'addGroup'
  | 'dropGroup'
  | 'listApps'
  | 'addApp'
  | 'dropApp'
  | 'addInstance'
  | 'dropInstance';

/** How Okta calls the operations, which follows no rule. By the suffix of the holder's own operations. */
const operationIds: Readonly<Record<string, Record<Operation, string>>> = {
  ForUser: {
    listGroups: 'listGroupTargetsForRole',
    addGroup: 'assignGroupTargetToUserRole',
    dropGroup: 'unassignGroupTargetFromUserAdminRole',
    listApps: 'listApplicationTargetsForApplicationAdministratorRoleForUser',
    addApp: 'assignAppTargetToAdminRoleForUser',
    dropApp: 'unassignAppTargetFromAppAdminRoleForUser',
    addInstance: 'assignAppInstanceTargetToAppAdminRoleForUser',
    dropInstance: 'unassignAppInstanceTargetFromAdminRoleForUser',
  },
  ForGroup: {
    listGroups: 'listGroupTargetsForGroupRole',
    addGroup: 'assignGroupTargetToGroupAdminRole',
    dropGroup: 'unassignGroupTargetFromGroupAdminRole',
    listApps: 'listApplicationTargetsForApplicationAdministratorRoleForGroup',
    addApp: 'assignAppTargetToAdminRoleForGroup',
    dropApp: 'unassignAppTargetToAdminRoleForGroup',
    addInstance: 'assignAppInstanceTargetToAppAdminRoleForGroup',
    dropInstance: 'unassignAppInstanceTargetToAppAdminRoleForGroup',
  },
  ForClient: {
    listGroups: 'listGroupTargetRoleForClient',
    addGroup: 'assignGroupTargetRoleForClient',
    dropGroup: 'removeGroupTargetRoleFromClient',
    listApps: 'listAppTargetRoleToClient',
    addApp: 'assignAppTargetRoleToClient',
    dropApp: 'removeAppTargetRoleFromClient',
    addInstance: 'assignAppTargetInstanceRoleForClient',
    dropInstance: 'removeAppTargetInstanceRoleForClient',
  },
};

function targetsAt({ path, suffix, words, holderOf }: Holders): readonly Route[] {
  const named = (operation: Operation): string => operationIds[suffix]?.[operation] ?? operation;
  const at = `${path}/roles/{roleId}/targets`;
  const find = async (env: Env, params: Params): Promise<{ holder: RoleHolder; row: RoleAssignment }> => {
    const holder = await holderOf(env, params);
    const wanted = params.roleId ?? '';
    const row = (await rolesOf(env, holder)).find((one) => idOf(one) === wanted);
    if (!row) throw notFound(wanted, 'RoleAssignment');
    return { holder, row };
  };
  const change = (verb: Verb, target: string, operationId: string, read: (params: Params) => RoleTarget): Route =>
    route({
      method: verb === 'assign' ? 'PUT' : 'DELETE',
      path: `${at}${target}`,
      operationId,
      summary: `${verb === 'assign' ? 'Add a target to' : 'Remove a target from'} an administrator role of a ${words}`,
      tags,
      access: MANAGE,
      responses: { 204: null },
      async handle({ env, params }: Call) {
        const { holder, row } = await find(env, params);
        const work = verb === 'assign' ? addRoleTarget : removeRoleTarget;
        await work(env, holder, row.id, read(params));
        return noContent();
      },
    });
  const groupOf = (params: Params): RoleTarget => ({ kind: 'GROUP', target: params.targetGroupId ?? '' });
  const nameOf = (params: Params): RoleTarget => ({ kind: 'APP', target: params.appName ?? '' });
  const instanceOf = (params: Params): RoleTarget => ({
    kind: 'APP_INSTANCE',
    target: params.applicationId ?? '',
    name: params.appName ?? '',
  });
  return [
    route({
      method: 'GET',
      path: `${at}/groups`,
      operationId: named('listGroups'),
      summary: `List the groups that a role of a ${words} is limited to`,
      tags,
      access: READ,
      query: pagingQuery,
      responses: { 200: z.array(group) },
      async handle({ env, params, query, request }: Call<Params, z.output<typeof pagingQuery>>) {
        const { row } = await find(env, params);
        const list = `group targets of ${row.id}`;
        const page = readPage(env, query, list, LIMITS);
        const rows = await listGroupTargets(env, row.id, { after: page.after, limit: page.limit + 1 });
        return pageOf(
          env,
          request,
          list,
          page,
          rows,
          (one) => one.id,
          (one) => groupBody(env, one),
        );
      },
    }),
    change('assign', '/groups/{targetGroupId}', named('addGroup'), groupOf),
    change('unassign', '/groups/{targetGroupId}', named('dropGroup'), groupOf),
    route({
      method: 'GET',
      path: `${at}/catalog/apps`,
      operationId: named('listApps'),
      summary: `List the applications that a role of a ${words} is limited to`,
      tags,
      access: READ,
      query: appsQuery,
      responses: { 200: z.array(appTarget) },
      async handle({ env, params, query, request }: Call<Params, z.output<typeof appsQuery>>) {
        const { row } = await find(env, params);
        const list = `application targets of ${row.id}`;
        const page = readPage(env, query, list, LIMITS);
        const from = page.after === null ? 0 : Number(page.after) + 1;
        const rows = (await listAppTargets(env, row.id))
          .filter(({ instance }) => !query.status || (instance?.status ?? 'ACTIVE') === query.status)
          .filter(({ name, instance }) => (instance?.label ?? name).startsWith(query.q ?? ''))
          .map((target, index) => ({ target, index }))
          .slice(from, from + page.limit + 1);
        return pageOf(
          env,
          request,
          list,
          page,
          rows,
          ({ index }) => String(index),
          ({ target }) => showAppTarget(env, target),
        );
      },
    }),
    change('assign', '/catalog/apps/{appName}', named('addApp'), nameOf),
    change('unassign', '/catalog/apps/{appName}', named('dropApp'), nameOf),
    change('assign', '/catalog/apps/{appName}/{applicationId}', named('addInstance'), instanceOf),
    change('unassign', '/catalog/apps/{appName}/{applicationId}', named('dropInstance'), instanceOf),
    ...(suffix === 'ForUser' ? [everyApp(at, find), allTargets(at, find)] : []),
  ];
}

type Find = (env: Env, params: Params) => Promise<{ holder: RoleHolder; row: RoleAssignment }>;

function everyApp(at: string, find: Find): Route {
  return route({
    method: 'PUT',
    path: `${at}/catalog/apps`,
    operationId: 'assignAllAppsAsTargetToRoleForUser',
    summary: 'Make an administrator role of a user one for all applications',
    tags,
    access: MANAGE,
    responses: { 200: null },
    async handle({ env, params }: Call) {
      const { holder, row } = await find(env, params);
      await removeAppTargets(env, holder, row.id);
      return new Response(null, { status: 200 });
    },
  });
}

function allTargets(at: string, find: Find): Route {
  return route({
    method: 'GET',
    path: at,
    operationId: 'getRoleTargetsByUserIdAndRoleId',
    summary: 'List everything that an administrator role of a user is limited to',
    tags,
    access: READ,
    responses: { 200: z.array(anyTarget) },
    async handle({ env, params }: Call) {
      const { row } = await find(env, params);
      const groups = await listGroupTargets(env, row.id, { after: null, limit: 1000 });
      const apps = await listAppTargets(env, row.id);
      const show = (orn: string, path: string) => ({
        assignmentType: 'USER',
        expiration: null,
        orn,
        _links: { self: { href: `${env.request.origin}${path}` } },
      });
      const org = await orgId(env);
      return json([
        ...groups.map(({ id }) => show(`orn:okta:directory:${org}:groups:${id}`, `/api/v1/groups/${id}`)),
        ...apps.map(({ name, instance }) =>
          instance
            ? show(`orn:okta:idp:${org}:apps:${name}:${instance.id}`, `/api/v1/apps/${instance.id}`)
            : show(
                `orn:okta:idp:${org}:apps:${name}`,
                `/api/v1/apps?filter=${encodeURIComponent(`name eq "${name}"`)}`,
              ),
        ),
      ]);
    },
  });
}

export const roleTargetRoutes: readonly Route[] = [
  ...holders.flatMap(targetsAt),
  route({
    method: 'GET',
    path: '/api/v1/iam/assignees/users',
    operationId: 'listUsersWithRoleAssignments',
    summary: 'List the users who have an administrator role, by themselves or by a group',
    tags: ['RoleAssignmentAUser'],
    access: READ,
    query: pagingQuery,
    responses: { 200: roleHolders },
    async handle({ env, query, request }) {
      const page = readPage(env, query, 'role holders', HOLDER_LIMITS);
      const found = await listRoleHolders(env, { after: page.after, limit: page.limit + 1 });
      const ids = found.slice(0, page.limit);
      const org = await orgId(env);
      const value = ids.map((id) => {
        const self = `${env.request.origin}/api/v1/users/${id}`;
        const orn = `orn:okta:directory:${org}:users:${id}`;
        return { id, orn, _links: { roles: { href: `${self}/roles` }, self: { href: self } } };
      });
      const last = ids.at(-1);
      if (found.length <= page.limit || last === undefined) return json({ value });
      const next = linkTo(env, request, 'next', page.limit, sealCursor(env, last, 'role holders'));
      return json({ value, _links: { next: { href: /<(.+)>/.exec(next)?.[1] } } });
    },
  }),
];

function showAppTarget(env: Env, { name, instance }: AppTarget): z.input<typeof appTarget> {
  if (instance === null) return { name, displayName: name, status: 'ACTIVE', _links: {} };
  const { id, label, status } = instance;
  return { name: label, status, id, _links: { self: { href: `${env.request.origin}/api/v1/apps/${id}` } } };
}
