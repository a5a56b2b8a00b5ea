// Owns /api/v1/meta/types/user: types of user. Not here: the schema of a type (profile-schemas.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import {
  createUserType,
  defaultUserTypeId,
  deleteUserType,
  getUserType,
  listUserTypes,
  schemaIdOf,
  type UserType,
  updateUserType,
} from '../core/user-types.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { newUserType, userTypeChange, userTypeReplacement, userType as userTypeShape } from './user-types.schema.ts';

const tags = ['UserType'];

export const userTypeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/meta/types/user',
    operationId: 'listUserTypes',
    summary: 'List types of user',
    tags,
    access: 'okta.userTypes.read',
    responses: { 200: z.array(userTypeShape) },
    async handle({ env }) {
      const known = await defaultUserTypeId(env);
      return json((await listUserTypes(env)).map((type) => showUserType(env, type, known)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/meta/types/user',
    operationId: 'createUserType',
    summary: 'Create a type of user',
    tags,
    access: 'okta.userTypes.manage',
    body: newUserType,
    responses: { 200: userTypeShape },
    async handle({ env, body: { name, displayName, description } }) {
      return answer(env, await createUserType(env, { name, displayName, description }));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/meta/types/user/{typeId}',
    operationId: 'getUserType',
    summary: 'Read a type of user by id or `default`',
    tags,
    access: 'okta.userTypes.read',
    responses: { 200: userTypeShape },
    handle: async ({ env, params }) => answer(env, await getUserType(env, params.typeId)),
  }),
  route({
    method: 'POST',
    path: '/api/v1/meta/types/user/{typeId}',
    operationId: 'updateUserType',
    summary: 'Change some of a type of user',
    tags,
    access: 'okta.userTypes.manage',
    body: userTypeChange,
    responses: { 200: userTypeShape },
    handle: async ({ env, params, body }) => answer(env, await updateUserType(env, params.typeId, body)),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/meta/types/user/{typeId}',
    operationId: 'replaceUserType',
    summary: "Replace a type's display name and description",
    tags,
    access: 'okta.userTypes.manage',
    body: userTypeReplacement,
    responses: { 200: userTypeShape },
    handle: async ({ env, params, body }) =>
      answer(env, await updateUserType(env, params.typeId, { ...body, description: body.description ?? null })),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/meta/types/user/{typeId}',
    operationId: 'deleteUserType',
    summary: 'Delete a type that no user has',
    tags,
    access: 'okta.userTypes.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteUserType(env, params.typeId);
      return noContent();
    },
  }),
];

async function answer(env: Env, type: UserType): Promise<Response> {
  return json(showUserType(env, type, await defaultUserTypeId(env)));
}

function showUserType(env: Env, type: UserType, defaultId: string) {
  const { origin } = env.request;
  return {
    id: type.id,
    displayName: type.display_name,
    name: type.name,
    description: type.description,
    createdBy: type.created_by,
    lastUpdatedBy: type.last_updated_by,
    created: toIso(type.created),
    lastUpdated: toIso(type.last_updated),
    default: type.id === defaultId,
    _links: {
      schema: { rel: 'schema', href: `${origin}/api/v1/meta/schemas/user/${schemaIdOf(type.id)}`, method: 'GET' },
      self: { rel: 'self', href: `${origin}/api/v1/meta/types/user/${type.id}`, method: 'GET' },
    },
  };
}
