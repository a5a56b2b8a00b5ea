// Owns /api/v1/meta/schemas: the schemas of user types, of groups and of application users, read and changed. Not here: types of
// users (user-types.ts), linked objects.
import type { z } from 'zod';
import { toIso } from '../base/time.ts';
import { getApplication } from '../core/applications.ts';
import type { GivenAttribute } from '../core/attribute-definition.ts';
import type { Env } from '../core/env.ts';
import { getOrg } from '../core/org.ts';
import type { ProfileAttributes } from '../core/profile-attributes.ts';
import {
  changeSchema,
  findSchema,
  groupSchemaOwner,
  type ProfileSchema,
  type SchemaChange,
  type SchemaOwner,
} from '../core/profile-schemas.ts';
import type { LogTarget } from '../core/system-log.ts';
import { getUserTypeOfSchema, schemaIdOf, userTypeTarget } from '../core/user-types.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { profileSchema, schemaChange } from './profile-schemas.schema.ts';

/** What a schema says of itself, beside its attributes. */
type Described = {
  owner: SchemaOwner;
  target: LogTarget;
  /** After `/api/v1/meta/schemas/`. */
  path: string;
  /** In `id`, which is a name and not an address. */
  idPath: string;
  name: string;
  title: string;
  description: string | null;
  created: number;
  /** When whose profiles these are changed last, for a schema that never did. */
  lastUpdated: number;
  /** The address of the type, which only users have. */
  type: string | null;
};

async function describeUsers(env: Env, schemaId: string): Promise<Described> {
  const type = await getUserTypeOfSchema(env, schemaId);
  return {
    owner: { kind: 'user', id: type.id },
    target: userTypeTarget(type),
    path: `user/${schemaIdOf(type.id)}`,
    idPath: `user/${schemaId}`,
    name: type.name,
    title: type.display_name,
    description: type.description,
    created: type.created,
    lastUpdated: type.last_updated,
    type: `/api/v1/meta/types/user/${type.id}`,
  };
}

async function describeGroups(env: Env): Promise<Described> {
  const { created } = await getOrg(env);
  return {
    owner: groupSchemaOwner,
    target: { id: 'group', type: 'GroupSchema', alternateId: 'group', displayName: 'Group' },
    path: 'group/default',
    idPath: 'group/default',
    name: 'group',
    title: 'Group',
    description: 'Profile of every group',
    created,
    lastUpdated: created,
    type: null,
  };
}

async function describeApplication(env: Env, appId: string): Promise<Described> {
  const application = await getApplication(env, appId);
  return {
    owner: { kind: 'app', id: application.id, signOnMode: application.sign_on_mode },
    target: { id: application.id, type: 'AppInstance', alternateId: application.label, displayName: application.label },
    path: `apps/${application.id}/default`,
    idPath: `apps/${application.id}/default`,
    name: application.name,
    title: `${application.label} User`,
    description: null,
    created: application.created,
    lastUpdated: application.created,
    type: null,
  };
}

function showAttributes(id: string, attributes: ProfileAttributes): object {
  const required = Object.keys(attributes).filter((name) => attributes[name]?.required === true);
  return { id, type: 'object', properties: attributes, required };
}

function show(env: Env, described: Described, { base, custom, lastUpdated }: ProfileSchema): Response {
  const { origin } = env.request;
  const link = (rel: string, path: string) => ({ [rel]: { rel, href: `${origin}${path}`, method: 'GET' } });
  return json({
    id: `${origin}/meta/schemas/${described.idPath}`,
    $schema: 'http://json-schema.org/draft-04/schema#',
    name: described.name,
    title: described.title,
    ...(described.description === null ? {} : { description: described.description }),
    lastUpdated: toIso(lastUpdated ?? described.lastUpdated),
    created: toIso(described.created),
    definitions: {
      custom: showAttributes('#custom', custom),
      base: showAttributes('#base', base),
    },
    type: 'object',
    properties: { profile: { allOf: [{ $ref: '#/definitions/custom' }, { $ref: '#/definitions/base' }] } },
    _links: {
      ...link('self', `/api/v1/meta/schemas/${described.path}`),
      ...(described.type === null ? {} : link('type', described.type)),
    },
  });
}

function readChange({ definitions }: z.output<typeof schemaChange>): SchemaChange {
  const of = (given: Record<string, GivenAttribute | null> | null | undefined) => given ?? {};
  return { base: of(definitions?.base?.properties), custom: of(definitions?.custom?.properties) };
}

async function read(env: Env, described: Described): Promise<Response> {
  return show(env, described, await findSchema(env, described.owner));
}

async function change(env: Env, described: Described, body: z.output<typeof schemaChange>): Promise<Response> {
  return show(env, described, await changeSchema(env, described.owner, readChange(body), described.target));
}

const tags = ['Schema'];
const responses = { 200: profileSchema };

export const profileSchemaRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/meta/schemas/user/{schemaId}',
    operationId: 'getUserSchema',
    summary: 'Read what profiles of a type of users hold, by the id of the schema or `default`',
    tags,
    access: 'okta.schemas.read',
    responses,
    handle: async ({ env, params }) => read(env, await describeUsers(env, params.schemaId)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/meta/schemas/user/{schemaId}',
    operationId: 'updateUserProfile',
    summary: 'Add, change and with null remove attributes of a type of users',
    tags,
    access: 'okta.schemas.manage',
    body: schemaChange,
    responses,
    handle: async ({ env, params, body }) => change(env, await describeUsers(env, params.schemaId), body),
  }),
  route({
    method: 'GET',
    path: '/api/v1/meta/schemas/group/default',
    operationId: 'getGroupSchema',
    summary: 'Read what profiles of groups hold',
    tags,
    access: 'okta.schemas.read',
    responses,
    handle: async ({ env }) => read(env, await describeGroups(env)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/meta/schemas/group/default',
    operationId: 'updateGroupSchema',
    summary: 'Add, change and with null remove attributes of groups',
    tags,
    access: 'okta.schemas.manage',
    body: schemaChange,
    responses,
    handle: async ({ env, body }) => change(env, await describeGroups(env), body),
  }),
  route({
    method: 'GET',
    path: '/api/v1/meta/schemas/apps/{appId}/default',
    operationId: 'getApplicationUserSchema',
    summary: "Read what profiles of an application's users hold",
    tags,
    access: 'okta.schemas.read',
    responses,
    handle: async ({ env, params }) => read(env, await describeApplication(env, params.appId)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/meta/schemas/apps/{appId}/default',
    operationId: 'updateApplicationUserProfile',
    summary: "Add, change and with null remove attributes of an application's users",
    tags,
    access: 'okta.schemas.manage',
    body: schemaChange,
    responses,
    handle: async ({ env, params, body }) => change(env, await describeApplication(env, params.appId), body),
  }),
];
