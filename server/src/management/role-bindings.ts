// Owns /api/v1/iam/resource-sets/{id}/bindings: who holds which custom role over a resource set. Not here: sets (resource-sets.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { invalid } from '../core/refusal.ts';
import { getResourceSet } from '../core/resource-sets.ts';
import {
  type Binding,
  type BindingMember,
  bindMembers,
  deleteBinding,
  getBinding,
  getMember,
  listBoundRoles,
  listMembers,
  type Member,
  unbindMember,
} from '../core/role-bindings.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { embeddedPage, embeddedPageQuery, links, readEmbeddedPage } from './embedded-page.ts';
import { addressOf, RESOURCE_SETS } from './resource-sets.ts';

const BINDINGS = 'roleBindings';
const MEMBERS = 'roleBindingMembers';
const tags = ['ResourceSet'];
const ALL = `${RESOURCE_SETS}/{resourceSetId}/bindings` as const;
const ONE = `${ALL}/{roleIdOrLabel}` as const;

const edited = z.object({ _links: links });
const bindingShape = z.object({ id: z.string(), _links: links });
const memberShape = z.object({ id: z.string(), created: z.string(), lastUpdated: z.string(), _links: links });

export const roleBindingRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: ALL,
    operationId: 'listBindings',
    summary: 'List the custom roles that are held over a resource set',
    tags,
    access: 'okta.roles.read',
    query: embeddedPageQuery,
    responses: { 200: z.object({ roles: z.array(bindingShape), _links: links }) },
    async handle({ env, params, query, request }) {
      const set = await getResourceSet(env, params.resourceSetId);
      const { page, fetch } = readEmbeddedPage(env, query, BINDINGS);
      const rows = await listBoundRoles(env, set.id, fetch);
      const self = addressOf(env, set.id);
      return embeddedPage(
        env,
        request,
        {
          list: BINDINGS,
          member: 'roles',
          page,
          rows,
          more: { self: { href: `${self}/bindings` }, 'resource-set': { href: self } },
        },
        (id) => id,
        (id) => ({
          id,
          _links: {
            self: { href: `${env.request.origin}/api/v1/iam/roles/${id}` },
            members: { href: `${self}/bindings/${id}/members` },
          },
        }),
      );
    },
  }),
  route({
    method: 'POST',
    path: ALL,
    operationId: 'createResourceSetBinding',
    summary: 'Give people and groups a custom role over a resource set',
    tags,
    access: 'okta.roles.manage',
    body: z.object({ role: z.string(), members: z.array(z.string()) }),
    responses: { 200: edited },
    handle: async ({ env, params, body }) =>
      showEdited(env, await bindMembers(env, params.resourceSetId, body.role, readMembers(env, body.members))),
  }),
  route({
    method: 'GET',
    path: ONE,
    operationId: 'getBinding',
    summary: 'Read the binding of a custom role over a resource set',
    tags,
    access: 'okta.roles.read',
    responses: { 200: bindingShape },
    async handle({ env, params }) {
      const binding = await getBinding(env, params.resourceSetId, params.roleIdOrLabel);
      const self = bindingAddress(env, binding);
      return json({
        id: binding.role.id,
        _links: {
          self: { href: self },
          members: { href: `${self}/members` },
          'resource-set': { href: addressOf(env, binding.set.id) },
        },
      });
    },
  }),
  route({
    method: 'DELETE',
    path: ONE,
    operationId: 'deleteBinding',
    summary: 'Take a custom role over a resource set away from everybody',
    tags,
    access: 'okta.roles.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteBinding(env, params.resourceSetId, params.roleIdOrLabel);
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: `${ONE}/members`,
    operationId: 'listMembersOfBinding',
    summary: 'List who holds a custom role over a resource set',
    tags,
    access: 'okta.roles.read',
    query: embeddedPageQuery,
    responses: { 200: z.object({ members: z.array(memberShape), _links: links }) },
    async handle({ env, params, query, request }) {
      const binding = await getBinding(env, params.resourceSetId, params.roleIdOrLabel);
      const { page, fetch } = readEmbeddedPage(env, query, MEMBERS);
      const rows = await listMembers(env, binding, fetch);
      return embeddedPage(
        env,
        request,
        { list: MEMBERS, member: 'members', page, rows, more: { binding: { href: bindingAddress(env, binding) } } },
        ({ id }) => id,
        (row) => showMember(env, row),
      );
    },
  }),
  route({
    method: 'PATCH',
    path: `${ONE}/members`,
    operationId: 'addMembersToBinding',
    summary: 'Give more people and groups a custom role over a resource set',
    tags,
    access: 'okta.roles.manage',
    body: z.object({ additions: z.array(z.string()) }),
    responses: { 200: edited },
    async handle({ env, params, body }) {
      const { set, role } = await getBinding(env, params.resourceSetId, params.roleIdOrLabel);
      return showEdited(env, await bindMembers(env, set.id, role.id, readMembers(env, body.additions)));
    },
  }),
  route({
    method: 'GET',
    path: `${ONE}/members/{memberId}`,
    operationId: 'getMemberOfBinding',
    summary: 'Read one who holds a custom role over a resource set',
    tags,
    access: 'okta.roles.read',
    responses: { 200: memberShape },
    async handle({ env, params }) {
      const binding = await getBinding(env, params.resourceSetId, params.roleIdOrLabel);
      return json(showMember(env, await getMember(env, binding, params.memberId)));
    },
  }),
  route({
    method: 'DELETE',
    path: `${ONE}/members/{memberId}`,
    operationId: 'unassignMemberFromBinding',
    summary: 'Take a custom role over a resource set away from one',
    tags,
    access: 'okta.roles.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await unbindMember(env, params.resourceSetId, params.roleIdOrLabel, params.memberId);
      return noContent();
    },
  }),
];

/** Addresses (or names) of people and groups of this org. */
function readMembers({ request, config }: Env, given: readonly string[]): Member[] {
  const origins = [request.origin, new URL(config.url).origin];
  return given.map((one) => {
    const url = URL.parse(one);
    const [, path, id = ''] = /^\/api\/v1\/(users|groups)\/([A-Za-z0-9]+)$/.exec(url?.pathname ?? '') ?? [];
    const [, orn, ornId = ''] = /^orn:okta:directory:\w+:(users|groups):([A-Za-z0-9]+)$/.exec(one) ?? [];
    if (url && path !== undefined && origins.includes(url.origin)) return memberOf(path, id);
    if (orn !== undefined) return memberOf(orn, ornId);
    throw invalid('members', `members: ${one.slice(0, 200)} is not a user or group of this organization`);
  });
}

function memberOf(kind: string, id: string): Member {
  return kind === 'users' ? { userId: id } : { groupId: id };
}

function bindingAddress(env: Env, { set, role }: Binding): string {
  return `${addressOf(env, set.id)}/bindings/${role.id}`;
}

function showEdited(env: Env, binding: Binding): Response {
  const set = addressOf(env, binding.set.id);
  return json({
    _links: {
      self: { href: bindingAddress(env, binding) },
      bindings: { href: `${set}/bindings` },
      'resource-set': { href: set },
    },
  });
}

function showMember({ request }: Env, { id, user_id, group_id, created }: BindingMember) {
  const path = user_id !== null ? `/api/v1/users/${user_id}` : `/api/v1/groups/${group_id}`;
  return {
    id,
    created: toIso(created),
    lastUpdated: toIso(created),
    _links: { self: { href: `${request.origin}${path}` } },
  };
}
