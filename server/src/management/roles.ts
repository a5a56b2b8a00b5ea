// Owns the administrator roles of users, groups and clients: /api/v1/users/{userId}/roles, /api/v1/groups/{groupId}/roles and
// /oauth2/v1/clients/{clientId}/roles. The three differ only in who holds the role.
// Not here: what a role opens (core/roles.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import { findClient } from '../core/applications.ts';
import type { Env } from '../core/env.ts';
import { getGroup } from '../core/groups.ts';
import { notFound } from '../core/refusal.ts';
import { mayHaveTargets } from '../core/role-targets.ts';
import {
  assignRole,
  isRoleType,
  type RoleAssignment,
  type RoleHolder,
  roles,
  rolesOf,
  rolesOfUser,
  unassignRole,
} from '../core/roles.ts';
import { getUser } from '../core/users.ts';
import { json, noContent } from '../http/reply.ts';
import { type Call, type Route, route } from '../http/route.ts';
import {
  customAssignment,
  findCustomAssignment,
  giveCustomRole,
  listCustomAssignments,
  takeCustomRole,
} from './custom-role-assignments.ts';

export const role = z.object({
  id: z.string(),
  label: z.string(),
  type: z.string(),
  status: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  assignmentType: z.enum(['USER', 'GROUP', 'CLIENT']),
  role: z.string().optional(),
  'resource-set': z.string().optional(),
  _links: z.record(z.string(), z.unknown()),
});

const assignment = z.object({ type: z.string(), ...customAssignment });
const assignmentQuery = z.object({ disableNotifications: z.string().optional() });

/** One kind of holder: where its roles are, and how the operations are called. */
export type Holders = {
  path: string;
  /** `ForUser`, as the operations' names end. */
  suffix: string;
  words: string;
  tag: string;
  /** Throws E0000007 when there is none. */
  holderOf(env: Env, params: Record<string, string>): Promise<RoleHolder>;
  /** Every role that the holder has, also those it has through others. */
  list(env: Env, holder: RoleHolder): Promise<RoleAssignment[]>;
};

function rolesAt({ path, suffix, words, tag, holderOf, list }: Holders): readonly Route[] {
  const find = async (env: Env, params: Record<string, string>) => {
    const wanted = params.roleAssignmentId ?? '';
    const holder = await holderOf(env, params);
    // A person may have by a group what they have themselves: their own is meant.
    const rows = [...(await rolesOf(env, holder)), ...(await list(env, holder))];
    const found = rows.find((row) => idOf(row) === wanted);
    if (!found) throw notFound(wanted, 'RoleAssignment');
    return found;
  };
  return [
    route({
      method: 'GET',
      path: `${path}/roles`,
      operationId: `listAssignedRoles${suffix}`,
      summary: `List the administrator roles of a ${words}`,
      tags: [tag],
      access: 'okta.roles.read',
      responses: { 200: z.array(role) },
      async handle({ env, params }: Call) {
        const holder = await holderOf(env, params);
        const rows = await list(env, holder);
        return json([...rows.map((row) => showRole(env, row)), ...(await listCustomAssignments(env, holder))]);
      },
    }),
    route({
      method: 'POST',
      path: `${path}/roles`,
      operationId: `assignRoleTo${suffix.replace('For', '')}`,
      summary: `Give a ${words} an administrator role`,
      tags: [tag],
      access: 'okta.roles.manage',
      query: assignmentQuery,
      body: assignment,
      responses: { 201: role },
      async handle({ env, params, body }: Call<Record<string, string>, unknown, z.output<typeof assignment>>) {
        const holder = await holderOf(env, params);
        if (body.type === 'CUSTOM') return json(await giveCustomRole(env, holder, body), 201);
        return json(showRole(env, await assignRole(env, { ...holder, type: body.type })), 201);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/roles/{roleAssignmentId}`,
      operationId: `getAssignedRole${suffix}`,
      summary: `Read one administrator role of a ${words}`,
      tags: [tag],
      access: 'okta.roles.read',
      responses: { 200: role },
      async handle({ env, params }: Call) {
        const custom = await findCustomAssignment(env, await holderOf(env, params), params.roleAssignmentId ?? '');
        return json(custom ?? showRole(env, await find(env, params)));
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/roles/{roleAssignmentId}`,
      operationId: `unassignRoleFrom${suffix.replace('For', '')}`,
      summary: `Take an administrator role away from a ${words}`,
      tags: [tag],
      access: 'okta.roles.manage',
      responses: { 204: null },
      async handle({ env, params }: Call) {
        if (await takeCustomRole(env, await holderOf(env, params), params.roleAssignmentId ?? '')) return noContent();
        const { id } = await find(env, params);
        if (!(await unassignRole(env, await holderOf(env, params), id)))
          throw notFound(params.roleAssignmentId ?? '', 'RoleAssignment');
        return noContent();
      },
    }),
  ];
}

export const holders: readonly Holders[] = [
  {
    path: '/api/v1/users/{userId}',
    suffix: 'ForUser',
    words: 'user',
    tag: 'RoleAssignmentAUser',
    holderOf: async (env, { userId = '' }) => ({ userId: (await getUser(env, userId)).id }),
    list: (env, holder) => ('userId' in holder ? rolesOfUser(env, holder.userId) : rolesOf(env, holder)),
  },
  {
    path: '/api/v1/groups/{groupId}',
    suffix: 'ForGroup',
    words: 'group',
    tag: 'RoleAssignmentBGroup',
    holderOf: async (env, { groupId = '' }) => ({ groupId: (await getGroup(env, groupId)).id }),
    list: rolesOf,
  },
  {
    path: '/oauth2/v1/clients/{clientId}',
    suffix: 'ForClient',
    words: 'client',
    tag: 'RoleAssignmentClient',
    holderOf: async (env, { clientId = '' }) => {
      if (!(await findClient(env, clientId))) throw notFound(clientId, 'PublicClientApp');
      return { clientId };
    },
    list: rolesOf,
  },
];

export const roleRoutes: readonly Route[] = holders.flatMap(rolesAt);

export function showRole(env: Env, row: RoleAssignment) {
  return {
    id: idOf(row),
    label: isRoleType(row.type) ? roles[row.type] : row.type,
    type: row.type,
    status: 'ACTIVE',
    created: toIso(row.created),
    lastUpdated: toIso(row.last_updated),
    assignmentType: row.user_id !== null ? 'USER' : row.group_id !== null ? 'GROUP' : 'CLIENT',
    _links: { assignee: { href: `${env.request.origin}${assigneePath(row)}` } },
  };
}

function assigneePath(row: RoleAssignment): string {
  if (row.user_id !== null) return `/api/v1/users/${row.user_id}`;
  return row.group_id !== null ? `/api/v1/groups/${row.group_id}` : `/oauth2/v1/clients/${row.client_id}`;
}

/**
 * A user's standard role is known by its type in base 32, the same for every user, and so is a group's that may have targets; other
 * assignments by their own id.
 */
export function idOf(row: RoleAssignment): string {
  const byType = row.user_id !== null || (row.group_id !== null && mayHaveTargets(row.type));
  return byType ? base32(row.type) : row.id;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(text: string): string {
  const bits = [...Buffer.from(text, 'ascii')].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => BASE32.charAt(Number.parseInt(group.padEnd(5, '0'), 2))).join('');
}
