// The management API's own description: made of the routes, so that nothing is advertised that is not there.
import { expect, test } from 'vitest';
import { managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();

type Operation = { operationId: string; summary: string; security: object[]; responses: Record<string, unknown> };
type Document = { openapi: string; paths: Record<string, Record<string, Operation>> };

const document = await managementApi(server, null).get<Document>('/openapi.json');
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
);

test('it is an OpenAPI 3.1 document with every operation named once', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(operations.length).toBeGreaterThan(60);
  const names = operations.map(({ operationId }) => operationId);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

test('every operation that it names is there', async () => {
  const api = managementApi(server);
  for (const { path, method } of operations.filter(({ method }) => method === 'get')) {
    const { body } = await api.request(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, 'made-up'));
    expect(body, `${method} ${path}`).not.toMatchObject({ errorCode: 'E0000008' });
    expect(body, `${method} ${path}`).not.toMatchObject({ errorCode: 'E0000022' });
    expect(body, `${method} ${path}`).not.toMatchObject({ errorCode: 'E0000009' });
  }
});
