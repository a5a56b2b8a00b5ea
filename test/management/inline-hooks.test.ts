// Inline hooks on the management API: their life, their secret, and trying one out. Okta's inline hooks reference.
import { afterAll, describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { startHookService } from '../support/hook-service.ts';
import { type ApiError, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile({ EGRESS_ALLOW: '127.0.0.1' });
const api = managementApi(server);
const service = await startHookService();
afterAll(() => service.close());

type Hook = { id: string; status: string; channel: { config: { uri: string; headers: object[]; authScheme: object } } };

const path = '/api/v1/inlineHooks';
const body = (changes: object = {}, config: object = {}) => ({
  name: unique('Hook'),
  type: 'com.okta.oauth2.tokens.transform',
  version: '1.0.0',
  channel: {
    type: 'HTTP',
    version: '1.0.0',
    config: {
      uri: 'https://hooks.example.com/tokens',
      authScheme: { type: 'HEADER', key: 'Authorization', value: 'the-secret' },
      ...config,
    },
  },
  ...changes,
});
const make = (changes: object = {}, config: object = {}) => api.post<Hook>(path, body(changes, config));

test('a hook is made active, shown without its secret, replaced, put to sleep and deleted', async () => {
  const made = await make({ status: 'INACTIVE' });
  expect(made).toMatchObject({
    id: expect.stringMatching(/^cal\w{17}$/),
    status: 'ACTIVE',
    channel: { config: { method: 'POST', headers: [], authScheme: { type: 'HEADER', key: 'Authorization' } } },
    _links: { execute: { hints: { allow: ['POST'] } }, deactivate: { hints: { allow: ['POST'] } } },
  });
  const own = `${path}/${made.id}`;
  expect(JSON.stringify([made, await api.get(own), await api.get(path)])).not.toContain('the-secret');
  const replaced = await api.put<Hook>(own, body({}, { uri: 'https://other.example.com/', authScheme: null }));
  expect(replaced.channel.config).toMatchObject({ uri: 'https://other.example.com/', authScheme: null });
  const early = await api.request('DELETE', own);
  expect([early.status, early.body.errorCode]).toEqual([403, 'E0000006']);
  expect(await api.post(`${own}/lifecycle/deactivate`)).toMatchObject({
    status: 'INACTIVE',
    _links: { activate: {}, delete: { hints: { allow: ['DELETE'] } } },
  });
  expect((await api.request('DELETE', own)).status).toBe(204);
  expect((await api.request('GET', own)).body).toMatchObject({
    errorCode: 'E0000007',
    errorSummary: `Not found: Resource not found: ${made.id} (InlineHook)`,
  });
});

test('a change in part leaves the rest, and the secret, as they were', async () => {
  const headers = [{ key: 'X-A', value: 'a' }];
  const { id } = await make({}, { uri: service.url, headers });
  const name = unique('Hook');
  const renamed = await api.post<Hook>(`${path}/${id}`, { name });
  const { channel } = await api.post<Hook>(`${path}/${id}`, { channel: { config: { uri: `${service.url}/moved` } } });
  expect(renamed).toMatchObject({ name, channel: { config: { uri: service.url, headers } } });
  expect(channel.config).toMatchObject({
    uri: `${service.url}/moved`,
    headers,
    authScheme: { type: 'HEADER', key: 'Authorization' },
  });
  service.answer({});
  await api.post(`${path}/${id}/execute`, {});
  expect(service.received.at(-1)?.headers).toMatchObject({ authorization: 'the-secret', 'x-a': 'a' });
  const cleared = await api.post<Hook>(`${path}/${id}`, { channel: { config: { headers: null, authScheme: null } } });
  expect(cleared.channel.config).toMatchObject({ uri: `${service.url}/moved`, headers: [], authScheme: null });
  const filter = encodeURIComponent(`target.id eq "${id}" and eventType eq "inline_hook.updated"`);
  expect(await api.get<object[]>(`/api/v1/logs?filter=${filter}`)).toHaveLength(3);
});

test('changes at once of one hook all arrive', async () => {
  const hooks = await Promise.all(Array.from({ length: 4 }, () => make()));
  const changes = { name: unique('Hook'), version: '1.0.1', uri: 'https://moved.example.com/', key: 'X-Key' };
  for (const [index, { id }] of hooks.entries()) {
    const own = `${path}/${id}`;
    const name = `${changes.name} ${index}`;
    await Promise.all([
      api.post(own, { name }),
      api.post(own, { version: changes.version }),
      api.post(own, { channel: { config: { uri: changes.uri } } }),
      api.post(own, { channel: { config: { authScheme: { key: changes.key } } } }),
      api.post(own, { channel: { config: { headers: [{ key: 'X-A', value: 'a' }] } } }),
      api.post(`${own}/lifecycle/deactivate`),
    ]);
    expect(await api.get(own)).toMatchObject({
      name,
      version: changes.version,
      status: 'INACTIVE',
      channel: {
        config: { uri: changes.uri, headers: [{ key: 'X-A', value: 'a' }], authScheme: { key: changes.key } },
      },
    });
  }
});

test('hooks are listed by type', async () => {
  const token = await make();
  const import_ = await make({ type: 'com.okta.import.transform' });
  const ids = async (query: string) => (await api.get<Hook[]>(`${path}${query}`)).map(({ id }) => id);
  expect(await ids('')).toEqual(expect.arrayContaining([token.id, import_.id]));
  const listed = await ids('?type=com.okta.import.transform');
  expect(listed).toContain(import_.id);
  expect(listed).not.toContain(token.id);
});

describe('a hook is refused', () => {
  test.each<[what: string, changes: object, config: object]>([
    ['without a name', { name: '' }, {}],
    ['of an unknown type', { type: 'com.okta.unknown' }, {}],
    ['of a channel that this server does not speak', { channel: { type: 'OAUTH', version: '1.0.0', config: {} } }, {}],
    ['without encryption', {}, { uri: 'http://hooks.example.com/' }],
    ['of another scheme', {}, { uri: 'file:///etc/passwd' }],
    ['that names a user', {}, { uri: 'https://user:password@hooks.example.com/' }],
    ['with a header that says where it goes', {}, { headers: [{ key: 'Host', value: 'x' }] }],
    ['with a header of two lines', {}, { headers: [{ key: 'X-A', value: 'a\r\nX-B: b' }] }],
    ['with a header that is none', {}, { headers: [{ key: 'X A', value: 'a' }] }],
    ['with a scheme without its secret', {}, { authScheme: { type: 'HEADER', key: 'Authorization' } }],
    ['with a secret of two lines', {}, { authScheme: { key: 'Authorization', value: 'a\nX: b' } }],
  ])('%s', async (_, changes, config) => {
    const answer = await api.request<ApiError>('POST', path, body(changes, config));
    expect([answer.status, answer.body.errorCode]).toEqual([400, 'E0000001']);
    expect(answer.body.errorCauses.length).toBeGreaterThan(0);
  });

  test('under a name that another has', async () => {
    const name = unique('Hook');
    await make({ name });
    const answer = await api.request('POST', path, body({ name: name.toUpperCase() }));
    expect(answer.body).toMatchObject({ errorCode: 'E0000001', errorSummary: 'Api validation failed: name' });
  });

  test('when it would become of another type', async () => {
    const { id } = await make();
    const answer = await api.request('PUT', `${path}/${id}`, body({ type: 'com.okta.import.transform' }));
    expect(answer.body).toMatchObject({ errorCode: 'E0000001', errorSummary: 'Api validation failed: type' });
  });

  test.each<[what: string, changes: object]>([
    ['of another type', { type: 'com.okta.import.transform' }],
    ['without a name', { name: '' }],
    ['without encryption', { channel: { config: { uri: 'http://hooks.example.com/' } } }],
    ['of another channel', { channel: { type: 'OAUTH' } }],
  ])('when a change in part would make it one %s', async (_, changes) => {
    const { id } = await make();
    const answer = await api.request<ApiError>('POST', `${path}/${id}`, changes);
    expect([answer.status, answer.body.errorCode]).toEqual([400, 'E0000001']);
  });
});

describe('a hook is tried out', () => {
  test('with a payload of one’s own, and its answer comes back', async () => {
    const { id } = await make({}, { uri: service.url });
    service.answer({ body: { commands: [], debugContext: { a: 1 } } });
    service.received.length = 0;
    expect(await api.post(`${path}/${id}/execute`, { eventType: 'x', data: { b: 2 } })).toEqual({
      commands: [],
      debugContext: { a: 1 },
    });
    expect(service.received).toMatchObject([
      { headers: { authorization: 'the-secret' }, body: '{"eventType":"x","data":{"b":2}}' },
    ]);
  });

  test('keeps its secret when it is replaced without one', async () => {
    const { id } = await make({}, { uri: service.url });
    await api.put(`${path}/${id}`, body({}, { uri: service.url, authScheme: { type: 'HEADER', key: 'X-Key' } }));
    service.answer({});
    await api.post(`${path}/${id}/execute`, {});
    expect(service.received.at(-1)?.headers['x-key']).toBe('the-secret');
  });

  test('and its failure is told without what the network says', async () => {
    const { id } = await make({}, { uri: 'https://localhost:9/' });
    const answer = await api.request('POST', `${path}/${id}/execute`, {});
    expect([answer.status, answer.body.errorCode]).toEqual([400, 'E0000001']);
    expect(JSON.stringify(answer.body)).not.toMatch(/127\.0\.0\.1|::1|ECONN/);
  });

  test('but not while it sleeps', async () => {
    const { id } = await make({}, { uri: service.url });
    await api.post(`${path}/${id}/lifecycle/deactivate`);
    expect((await api.request('POST', `${path}/${id}/execute`, {})).status).toBe(400);
  });
});
