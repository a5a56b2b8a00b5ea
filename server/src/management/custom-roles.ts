// Owns /api/v1/iam/roles: custom administrator roles and their permissions. Not here: what a role is (core/custom-roles.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import {
  addPermission,
  type CustomRole,
  createCustomRole,
  deleteCustomRole,
  getCustomRole,
  getPermission,
  listCustomRoles,
  type RolePermission,
  removePermission,
  renameCustomRole,
} from '../core/custom-roles.ts';
import type { Env } from '../core/env.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { embeddedPage, embeddedPageQuery, links, readEmbeddedPage } from './embedded-page.ts';

const LIST = 'customRoles';
const tags = ['CustomRole'];
const PATH = '/api/v1/iam/roles';

const label = z.string().trim().min(1, 'The field cannot be left blank').max(255);
const description = z.string().max(1000);
const roleBody = z.object({ label, description, permissions: z.array(z.string()) });
const roleNames = z.object({ label, description });

const roleShape = z.object({
  id: z.string(),
  label: z.string(),
  isCloneable: z.boolean(),
  description: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  _links: links,
});

const permissionShape = z.object({
  label: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  conditions: z.null(),
  _links: links,
});

export const customRoleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'listRoles',
    summary: 'List custom roles',
    tags,
    access: 'okta.roles.read',
    query: embeddedPageQuery,
    responses: { 200: z.object({ roles: z.array(roleShape), _links: links }) },
    async handle({ env, query, request }) {
      const { page, fetch } = readEmbeddedPage(env, query, LIST);
      const rows = await listCustomRoles(env, fetch);
      return embeddedPage(
        env,
        request,
        { list: LIST, member: 'roles', page, rows },
        ({ id }) => id,
        (row) => showRole(env, row),
      );
    },
  }),
  route({
    method: 'POST',
    path: PATH,
    operationId: 'createRole',
    summary: 'Make a custom role',
    tags,
    access: 'okta.roles.manage',
    body: roleBody,
    responses: { 200: roleShape },
    handle: async ({ env, body }) => json(showRole(env, await createCustomRole(env, body))),
  }),
  route({
    method: 'GET',
    path: `${PATH}/{roleIdOrLabel}`,
    operationId: 'getRole',
    summary: 'Read a custom role',
    tags,
    access: 'okta.roles.read',
    responses: { 200: roleShape },
    handle: async ({ env, params }) => json(showRole(env, await getCustomRole(env, params.roleIdOrLabel))),
  }),
  route({
    method: 'PUT',
    path: `${PATH}/{roleIdOrLabel}`,
    operationId: 'replaceRole',
    summary: 'Replace label and description of a custom role',
    tags,
    access: 'okta.roles.manage',
    body: roleNames,
    responses: { 200: roleShape },
    handle: async ({ env, params, body }) =>
      json(showRole(env, await renameCustomRole(env, params.roleIdOrLabel, body))),
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/{roleIdOrLabel}`,
    operationId: 'deleteRole',
    summary: 'Delete a custom role that nobody holds',
    tags,
    access: 'okta.roles.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteCustomRole(env, params.roleIdOrLabel);
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/{roleIdOrLabel}/permissions`,
    operationId: 'listRolePermissions',
    summary: 'List the permissions of a custom role',
    tags,
    access: 'okta.roles.read',
    responses: { 200: z.object({ permissions: z.array(permissionShape) }) },
    async handle({ env, params }) {
      const role = await getCustomRole(env, params.roleIdOrLabel);
      return json({ permissions: role.permissions.map((one) => showPermission(env, role, one)) });
    },
  }),
  route({
    method: 'POST',
    path: `${PATH}/{roleIdOrLabel}/permissions/{permissionType}`,
    operationId: 'createRolePermission',
    summary: 'Add a permission to a custom role',
    tags,
    access: 'okta.roles.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await addPermission(env, params.roleIdOrLabel, params.permissionType);
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/{roleIdOrLabel}/permissions/{permissionType}`,
    operationId: 'getRolePermission',
    summary: 'Read a permission of a custom role',
    tags,
    access: 'okta.roles.read',
    responses: { 200: permissionShape },
    async handle({ env, params }) {
      const { role, permission } = await getPermission(env, params.roleIdOrLabel, params.permissionType);
      return json(showPermission(env, role, permission));
    },
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/{roleIdOrLabel}/permissions/{permissionType}`,
    operationId: 'deleteRolePermission',
    summary: 'Take a permission from a custom role',
    tags,
    access: 'okta.roles.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await removePermission(env, params.roleIdOrLabel, params.permissionType);
      return noContent();
    },
  }),
];

function showRole({ request }: Env, { id, label, description, created, last_updated }: CustomRole) {
  const self = `${request.origin}${PATH}/${id}`;
  return {
    id,
    label,
    isCloneable: false,
    description,
    created: toIso(created),
    lastUpdated: toIso(last_updated),
    _links: { permissions: { href: `${self}/permissions` }, self: { href: self } },
  };
}

function showPermission({ request }: Env, { id }: CustomRole, { label, created }: RolePermission) {
  const role = `${request.origin}${PATH}/${id}`;
  return {
    label,
    created: toIso(created),
    lastUpdated: toIso(created),
    conditions: null,
    _links: { role: { href: role }, self: { href: `${role}/permissions/${label}` } },
  };
}
