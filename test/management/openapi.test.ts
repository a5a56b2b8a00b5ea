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

const read = async (path: string) => {
  const response = await fetch(`${server.url}${path}`);
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const linked = (text: string) => [...text.matchAll(/href="\/openapi\/(\w+)"/g)].map(([, name]) => name);

test('it can be read in a browser, every operation of it, without a script or anything from elsewhere', async () => {
  const { status, headers, text } = await read('/openapi');
  expect(status).toBe(200);
  expect(headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'self'; img-src 'self'; form-action/,
  );
  expect(text).not.toMatch(/<script|style="|https?:\/\/(?!localhost)/);
  expect(new Set(linked(text))).toEqual(new Set(operations.map(({ operationId }) => operationId)));
});

test('an operation is found by its words, and told with what it takes and answers', async () => {
  const { text } = await read('/openapi?q=GROUPS+rules+delete');
  expect(linked(text)).toEqual(['deleteGroupRule']);
  expect((await read('/openapi?q=%3Cb%3E')).text).toContain('&lt;b&gt;');
  const one = await read('/openapi/createUser');
  for (const said of ['okta.users.manage', 'nextLogin', 'credentials.password.hash.algorithm', '>200<'])
    expect(one.text).toContain(said);
  expect((await read('/openapi/deleteEverything')).status).toBe(404);
});
