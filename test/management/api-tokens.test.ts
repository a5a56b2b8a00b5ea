// API tokens as they are listed and revoked: contract 4.15.
import { expect, test } from 'vitest';
import { managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);

type ApiToken = { id: string; created: string; expiresAt: string };

test('tokens are listed and read without their value', async () => {
  const answer = await api.request<ApiToken[]>('GET', '/api/v1/api-tokens');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('link')).toBeNull();
  const [token] = answer.body;
  expect(Object.keys(token ?? {})).toEqual([
    ...[
      'id',
      'name',
      'userId',
      'clientName',
      'tokenWindow',
      'network',
      'created',
      'lastUpdated',
      'expiresAt',
      '_links',
    ],
  ]);
  expect(token).toMatchObject({ clientName: 'Okta API', tokenWindow: 'P30D', network: { connection: 'ANYWHERE' } });
  const lives = Date.parse(token?.expiresAt ?? '') - Date.parse(token?.created ?? '');
  expect(lives).toBe(30 * 24 * 60 * 60 * 1000);
  expect(JSON.stringify(answer.body)).not.toContain(server.apiToken);
  expect(await api.get(`/api/v1/api-tokens/${token?.id}`)).toEqual(token);
});

test('an unknown token is not found', async () => {
  for (const method of ['GET', 'DELETE']) {
    const { status, body } = await api.request(method, '/api/v1/api-tokens/00T00000000000000000');
    expect([status, body.errorCode]).toEqual([404, 'E0000007']);
  }
});

test('nobody makes a token by another token, nor by an application that was given the scope', async () => {
  const answer = await api.request('POST', '/api/v1/api-tokens', { name: 'Another' });
  expect([answer.status, answer.body.errorCode]).toEqual([403, 'E0000006']);
  expect((await api.get<ApiToken[]>('/api/v1/api-tokens')).length).toBe(1);
});

test('a token that revokes itself is refused from then on, and is not made again by a restart', async () => {
  expect((await api.request('DELETE', '/api/v1/api-tokens/current')).status).toBe(204);
  expect((await api.request('GET', '/api/v1/api-tokens')).status).toBe(401);
  await server.restart();
  expect((await api.request('GET', '/api/v1/api-tokens')).status).toBe(401);
});
