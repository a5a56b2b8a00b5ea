import { expect, test } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from './openapi.ts';
import { noContent } from './reply.ts';
import { type Route, route } from './route.ts';

const thing = z.object(Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`member${index}`, z.string()])));
const handle = () => Promise.resolve(noContent());

const routes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/things',
    operationId: 'listThings',
    summary: 'List things',
    tags: ['Thing'],
    access: 'okta.things.read' as const,
    query: z.object({ limit: z.string().optional(), q: z.string() }),
    responses: { 200: z.array(thing) },
    handle,
  }),
  route({
    method: 'PUT',
    path: '/api/v1/things/{thingId}',
    operationId: 'replaceThing',
    summary: 'Replace a thing',
    tags: ['Thing'],
    access: 'okta.things.manage' as const,
    body: z.object({ name: z.string() }),
    responses: { 200: thing },
    handle,
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/things/{thingId}',
    operationId: 'deleteThing',
    summary: 'Delete a thing',
    tags: ['Thing'],
    access: 'public',
    responses: { 204: null },
    handle,
  }),
];

type Document = { paths: Record<string, Record<string, Record<string, unknown>>>; components: { schemas: object } };
const document = openApiDocument(routes, 'https://sso.example.com') as Document;

test('a path has its methods, and each its parameters', () => {
  expect(Object.keys(document.paths['/api/v1/things/{thingId}'] ?? {})).toEqual(['put', 'delete']);
  expect(document.paths['/api/v1/things']?.get?.parameters).toEqual([
    { name: 'limit', in: 'query', required: false, schema: { type: 'string' } },
    { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
  ]);
  expect(document.paths['/api/v1/things/{thingId}']?.put?.parameters).toEqual([
    { name: 'thingId', in: 'path', required: true, schema: { type: 'string' } },
  ]);
});

test('a large shape stands once, under its noun', () => {
  const reference = { $ref: '#/components/schemas/Thing' };
  expect(Object.keys(document.components.schemas)).toEqual(['Error', 'Thing']);
  expect(document.paths['/api/v1/things']?.get?.responses).toMatchObject({
    200: { content: { 'application/json': { schema: { type: 'array', items: reference } } } },
    default: { $ref: '#/components/responses/Error' },
  });
  expect(document.paths['/api/v1/things/{thingId}']?.put?.responses).toMatchObject({
    200: { content: { 'application/json': { schema: reference } } },
  });
});

test('a body is required when the route cannot do without', () => {
  expect(document.paths['/api/v1/things/{thingId}']?.put?.requestBody).toMatchObject({ required: true });
  expect(document.paths['/api/v1/things']?.get).not.toHaveProperty('requestBody');
});

test('access says which token and scope are needed', () => {
  expect(document.paths['/api/v1/things']?.get?.security).toEqual([{ apiToken: [] }, { oauth2: ['okta.things.read'] }]);
  expect(document.paths['/api/v1/things/{thingId}']?.delete?.security).toEqual([]);
});
