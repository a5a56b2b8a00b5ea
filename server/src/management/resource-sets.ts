// Owns /api/v1/iam/resource-sets and the resources in them. Not here: what a resource is (core/resource-sets.ts), and who holds
// roles over a set (role-bindings.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { invalid } from '../core/refusal.ts';
import {
  addResources,
  createResourceSet,
  deleteResourceSet,
  getResource,
  getResourceSet,
  listResourceSets,
  listResources,
  ornOf,
  type ResourceSet,
  type ResourceSetResource,
  removeResource,
  renameResourceSet,
} from '../core/resource-sets.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { embeddedPage, embeddedPageQuery, links, readEmbeddedPage } from './embedded-page.ts';

const SETS = 'resourceSets';
const RESOURCES = 'resourceSetResources';
const tags = ['ResourceSet'];
export const RESOURCE_SETS = '/api/v1/iam/resource-sets';
const ONE = `${RESOURCE_SETS}/{resourceSetId}` as const;

const label = z.string().trim().min(1, 'The field cannot be left blank').max(255);
const names = z.object({ label, description: z.string().max(1000) });

const setShape = z.object({
  id: z.string(),
  label: z.string(),
  description: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  _links: links,
});

const resourceShape = z.object({
  id: z.string(),
  orn: z.string().optional(),
  created: z.string(),
  lastUpdated: z.string(),
  _links: links,
});

export const resourceSetRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: RESOURCE_SETS,
    operationId: 'listResourceSets',
    summary: 'List resource sets',
    tags,
    access: 'okta.roles.read',
    query: embeddedPageQuery,
    responses: { 200: z.object({ 'resource-sets': z.array(setShape), _links: links }) },
    async handle({ env, query, request }) {
      const { page, fetch } = readEmbeddedPage(env, query, SETS);
      const rows = await listResourceSets(env, fetch);
      return embeddedPage(
        env,
        request,
        { list: SETS, member: 'resource-sets', page, rows },
        ({ id }) => id,
        (row) => showSet(env, row),
      );
    },
  }),
  route({
    method: 'POST',
    path: RESOURCE_SETS,
    operationId: 'createResourceSet',
    summary: 'Make a resource set',
    tags,
    access: 'okta.roles.manage',
    body: names.extend({ resources: z.array(z.string()) }),
    responses: { 200: setShape },
    handle: async ({ env, body }) => json(showSet(env, await createResourceSet(env, body))),
  }),
  route({
    method: 'GET',
    path: ONE,
    operationId: 'getResourceSet',
    summary: 'Read a resource set',
    tags,
    access: 'okta.roles.read',
    responses: { 200: setShape },
    handle: async ({ env, params }) => json(showSet(env, await getResourceSet(env, params.resourceSetId))),
  }),
  route({
    method: 'PUT',
    path: ONE,
    operationId: 'replaceResourceSet',
    summary: 'Replace label and description of a resource set',
    tags,
    access: 'okta.roles.manage',
    body: names,
    responses: { 200: setShape },
    handle: async ({ env, params, body }) =>
      json(showSet(env, await renameResourceSet(env, params.resourceSetId, body))),
  }),
  route({
    method: 'DELETE',
    path: ONE,
    operationId: 'deleteResourceSet',
    summary: 'Delete a resource set with all that is held over it',
    tags,
    access: 'okta.roles.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteResourceSet(env, params.resourceSetId);
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: `${ONE}/resources`,
    operationId: 'listResourceSetResources',
    summary: 'List the resources of a set',
    tags,
    access: 'okta.roles.read',
    query: embeddedPageQuery,
    responses: { 200: z.object({ resources: z.array(resourceShape), _links: links }) },
    async handle({ env, params, query, request }) {
      const set = await getResourceSet(env, params.resourceSetId);
      const { page, fetch } = readEmbeddedPage(env, query, RESOURCES);
      const rows = await listResources(env, set.id, fetch);
      const orns = new Map<string, string | null>();
      for (const { id, resource } of rows) orns.set(id, await ornOf(env, resource));
      const more = { 'resource-set': { href: addressOf(env, set.id) } };
      return embeddedPage(
        env,
        request,
        { list: RESOURCES, member: 'resources', page, rows, more },
        ({ id }) => id,
        (row) => showResource(env, row, orns.get(row.id) ?? null),
      );
    },
  }),
  route({
    method: 'POST',
    path: `${ONE}/resources`,
    operationId: 'addResourceSetResource',
    summary: 'Add one resource to a set',
    tags,
    access: 'okta.roles.manage',
    body: z.object({ resourceOrnOrUrl: z.string(), conditions: z.unknown().optional() }),
    responses: { 200: resourceShape },
    async handle({ env, params, body }) {
      if (body.conditions != null)
        throw invalid('conditions', 'conditions: Resources with conditions are not supported');
      const { added } = await addResources(env, params.resourceSetId, [body.resourceOrnOrUrl]);
      const [row] = added;
      if (!row) throw invalid('resourceOrnOrUrl');
      return json(showResource(env, row, await ornOf(env, row.resource)));
    },
  }),
  route({
    method: 'PATCH',
    path: `${ONE}/resources`,
    operationId: 'addResourceSetResources',
    summary: 'Add resources to a set',
    tags,
    access: 'okta.roles.manage',
    body: z.object({ additions: z.array(z.string()) }),
    responses: { 200: z.object({ _links: links }) },
    async handle({ env, params, body }) {
      const { set } = await addResources(env, params.resourceSetId, body.additions);
      const self = addressOf(env, set.id);
      return json({ _links: { resources: { href: `${self}/resources` }, 'resource-set': { href: self } } });
    },
  }),
  route({
    method: 'GET',
    path: `${ONE}/resources/{resourceId}`,
    operationId: 'getResourceSetResource',
    summary: 'Read one resource of a set',
    tags,
    access: 'okta.roles.read',
    responses: { 200: resourceShape },
    async handle({ env, params }) {
      const set = await getResourceSet(env, params.resourceSetId);
      const row = await getResource(env, set.id, params.resourceId);
      return json(showResource(env, row, await ornOf(env, row.resource)));
    },
  }),
  route({
    method: 'DELETE',
    path: `${ONE}/resources/{resourceId}`,
    operationId: 'deleteResourceSetResource',
    summary: 'Take a resource out of a set',
    tags,
    access: 'okta.roles.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await removeResource(env, params.resourceSetId, params.resourceId);
      return noContent();
    },
  }),
];

export function addressOf({ request }: Env, setId: string): string {
  return `${request.origin}${RESOURCE_SETS}/${setId}`;
}

function showSet(env: Env, { id, label, description, created, last_updated }: ResourceSet) {
  const self = addressOf(env, id);
  return {
    id,
    label,
    description,
    created: toIso(created),
    lastUpdated: toIso(last_updated),
    _links: {
      self: { href: self },
      resources: { href: `${self}/resources` },
      bindings: { href: `${self}/bindings` },
    },
  };
}

function showResource({ request }: Env, { id, resource, created }: ResourceSetResource, orn: string | null) {
  const href = resource.startsWith('orn:') ? null : `${request.origin}${resource}`;
  return {
    id,
    ...(orn === null ? {} : { orn }),
    created: toIso(created),
    lastUpdated: toIso(created),
    _links: href === null ? {} : { self: { href } },
  };
}
