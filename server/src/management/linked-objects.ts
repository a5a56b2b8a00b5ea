// Owns /api/v1/meta/schemas/user/linkedObjects and /api/v1/users/{userId}/linkedObjects: which relationships between two people
// there are, and who is linked to whom. Not here: what a link is (core/linked-objects.ts).
import { z } from 'zod';
import type { Env } from '../core/env.ts';
import {
  createLinkedObjectDefinition,
  deleteLinkedObjectDefinition,
  getLinkedObjectDefinition,
  type LinkEnd,
  type LinkedObjectDefinition,
  listLinked,
  listLinkedObjectDefinitions,
  removeLink,
  setLink,
} from '../core/linked-objects.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { userOfPath } from './users.ts';

const PATH = '/api/v1/meta/schemas/user/linkedObjects';
const BLANK = 'The field cannot be left blank';

const end = z.object({
  name: z.string().min(1, BLANK),
  title: z.string().trim().min(1, BLANK).max(255),
  description: z.string().max(1024).optional(),
  type: z.literal('USER'),
});
const links = z.record(z.string(), z.unknown());
const definition = z.object({ primary: end, associated: end, _links: links });
const givenEnd = end.extend({ description: end.shape.description.nullish(), type: end.shape.type.default('USER') });
const givenDefinition = z.object({ primary: givenEnd, associated: givenEnd });
const linked = z.object({ _links: z.object({ self: z.object({ href: z.string() }) }) });

export const linkedObjectRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'listLinkedObjectDefinitions',
    summary: 'List the relationships that there can be between two users',
    tags: ['LinkedObject'],
    access: 'okta.linkedObjects.read',
    responses: { 200: z.array(definition) },
    handle: async ({ env }) => json((await listLinkedObjectDefinitions(env)).map((one) => showDefinition(env, one))),
  }),
  route({
    method: 'POST',
    path: PATH,
    operationId: 'createLinkedObjectDefinition',
    summary: 'Define a relationship between two users',
    tags: ['LinkedObject'],
    access: 'okta.linkedObjects.manage',
    body: givenDefinition,
    responses: { 201: definition },
    async handle({ env, body: { primary, associated } }) {
      const given = { primary: readEnd(primary), associated: readEnd(associated) };
      return json(showDefinition(env, await createLinkedObjectDefinition(env, given)), 201);
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/{linkedObjectName}`,
    operationId: 'getLinkedObjectDefinition',
    summary: 'Read a relationship by the name of one of its ends',
    tags: ['LinkedObject'],
    access: 'okta.linkedObjects.read',
    responses: { 200: definition },
    handle: async ({ env, params }) =>
      json(showDefinition(env, await getLinkedObjectDefinition(env, params.linkedObjectName))),
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/{linkedObjectName}`,
    operationId: 'deleteLinkedObjectDefinition',
    summary: 'Delete a relationship with every link of it',
    tags: ['LinkedObject'],
    access: 'okta.linkedObjects.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteLinkedObjectDefinition(env, params.linkedObjectName);
      return noContent();
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/users/{associatedUserId}/linkedObjects/{primaryRelationshipName}/{primaryUserId}',
    operationId: 'setLinkedObjectForUser',
    summary: 'Link a user to another, instead of to whom they are linked so far',
    tags: ['User'],
    access: 'okta.users.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const associated = await userOfPath(env, params.associatedUserId);
      const primary = await userOfPath(env, params.primaryUserId);
      const primaryName = params.primaryRelationshipName;
      await setLink(env, { associatedId: associated.id, primaryName, primaryId: primary.id });
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/linkedObjects/{relationshipName}',
    operationId: 'listLinkedObjectsForUser',
    summary: 'List whom a user is linked to',
    tags: ['User'],
    access: 'okta.users.read',
    responses: { 200: z.array(linked) },
    async handle({ env, params }) {
      const { id } = await userOfPath(env, params.userId);
      const ids = await listLinked(env, id, params.relationshipName);
      return json(ids.map((other) => ({ _links: { self: { href: `${env.request.origin}/api/v1/users/${other}` } } })));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/users/{userId}/linkedObjects/{relationshipName}',
    operationId: 'deleteLinkedObjectForUser',
    summary: "End a user's link to another",
    tags: ['User'],
    access: 'okta.users.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await removeLink(env, (await userOfPath(env, params.userId)).id, params.relationshipName);
      return noContent();
    },
  }),
];

function readEnd({ name, title, description }: z.output<typeof givenEnd>): LinkEnd {
  return { name, title, description: description ?? null };
}

function showDefinition(env: Env, { primary, associated }: LinkedObjectDefinition): z.input<typeof definition> {
  return {
    primary: showEnd(primary),
    associated: showEnd(associated),
    _links: { self: { href: `${env.request.origin}${PATH}/${primary.name}` } },
  };
}

function showEnd({ name, title, description }: LinkEnd): z.input<typeof end> {
  return { name, title, ...(description === null ? {} : { description }), type: 'USER' };
}
