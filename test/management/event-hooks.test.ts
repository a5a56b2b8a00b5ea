// Event hooks over HTTP: shapes in the recorded order, verification, delivery with retries, refusals, secrets.
import { afterAll, describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type HookService, startHookService } from '../support/hook-service.ts';
import { type ApiError, type Group, type LogEvent, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile({ EGRESS_ALLOW: '127.0.0.1' });
const api = managementApi(server);
const HOOKS = '/api/v1/eventHooks';
const SECRET = 'a-secret-that-nobody-sees';

type Hook = {
  id: string;
  status: string;
  verificationStatus: string;
  channel: { config: { uri: string; authScheme: object } };
  _links: Record<string, unknown>;
};
type Told = {
  eventType: string;
  source: string;
  data: { events: (LogEvent & { debugContext: unknown })[] };
};

const service = await startHookService();
afterAll(() => service.close());

const bodyOf = (changes: object = {}, config: object = {}) => ({
  name: unique('hook'),
  events: { type: 'EVENT_TYPE', items: ['group.lifecycle.create'] },
  channel: {
    type: 'HTTP',
    version: '1.0.0',
    config: { uri: service.url, authScheme: { type: 'HEADER', key: 'X-Key', value: SECRET }, ...config },
  },
  ...changes,
});

/** Answers a challenge with its word, as a service must that means to be told. */
async function verify(hook: Hook, at: HookService): Promise<Hook> {
  at.echoChallenge();
  const verified = await api.post<Hook>(`${HOOKS}/${hook.id}/lifecycle/verify`);
  at.answer({});
  return verified;
}

async function remove({ id }: Hook): Promise<void> {
  await api.post(`${HOOKS}/${id}/lifecycle/deactivate`);
  await api.delete(`${HOOKS}/${id}`);
}

const makeGroup = () => api.post<Group>('/api/v1/groups', { profile: { name: unique('group') } });
const toldOf = (at: HookService, group: Group) =>
  at.received
    .filter(({ method, body }) => method === 'POST' && body.includes(group.id))
    .map(({ body }) => JSON.parse(body) as Told);

test('a hook answers 200 with its members in order, and never with its secret', async () => {
  const { status, body } = await api.request<Hook>('POST', HOOKS, bodyOf());
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual([
    'id',
    'status',
    'verificationStatus',
    'name',
    'description',
    'created',
    'createdBy',
    'lastUpdated',
    'events',
    'channel',
    '_links',
  ]);
  expect(JSON.stringify(body)).not.toContain(SECRET);
  expect(Object.keys(body._links)).toEqual(['self', 'verify', 'deactivate']);
  expect((await api.request<ApiError>('DELETE', `${HOOKS}/${body.id}`)).body.errorCode).toBe('E0000006');
  const off = await api.post<Hook>(`${HOOKS}/${body.id}/lifecycle/deactivate`);
  expect(Object.keys(off._links)).toEqual(['activate', 'self', 'delete']);
  await api.delete(`${HOOKS}/${body.id}`);
  expect((await api.request('GET', `${HOOKS}/${body.id}`)).status).toBe(404);
});

describe('delivery', () => {
  test('goes to a verified hook, with its secret and the event as the System Log has it', async () => {
    const hook = await verify(await api.post<Hook>(HOOKS, bodyOf()), service);
    expect(hook.verificationStatus).toBe('VERIFIED');
    const group = await makeGroup();
    await expect.poll(() => toldOf(service, group).length, { timeout: 10_000 }).toBe(1);
    const [told] = toldOf(service, group);
    expect(told).toMatchObject({ eventType: 'com.okta.event_hook', source: `${server.url}${HOOKS}/${hook.id}` });
    const filter = encodeURIComponent(`target.id eq "${group.id}"`);
    expect(told?.data.events).toEqual(await api.get<LogEvent[]>(`/api/v1/logs?filter=${filter}`));
    expect(service.received.at(-1)?.headers['x-key']).toBe(SECRET);
    await remove(hook);
  });

  test('is tried again after a failure', async () => {
    const hook = await verify(await api.post<Hook>(HOOKS, bodyOf()), service);
    service.answer({ status: 500 }, {});
    const group = await makeGroup();
    await expect.poll(() => toldOf(service, group).length, { timeout: 20_000 }).toBe(2);
    await remove(hook);
  }, 30_000);

  test('does not happen before the hook is verified, nor when its address has changed', async () => {
    const silent = await startHookService();
    const quiet = await api.post<Hook>(HOOKS, bodyOf({}, { uri: silent.url }));
    const moved = await verify(await api.post<Hook>(HOOKS, bodyOf({}, { uri: silent.url })), silent);
    const witness = await verify(await api.post<Hook>(HOOKS, bodyOf()), service);
    const after = await api.put<Hook>(`${HOOKS}/${moved.id}`, bodyOf({}, { uri: `${silent.url}/elsewhere` }));
    expect(after.verificationStatus).toBe('UNVERIFIED');
    const group = await makeGroup();
    await expect.poll(() => toldOf(service, group).length, { timeout: 10_000 }).toBe(1);
    expect(toldOf(silent, group)).toEqual([]);
    await Promise.all([quiet, moved, witness].map(remove));
    await silent.close();
  });
});

test('a service that does not repeat the word is not verified', async () => {
  const hook = await api.post<Hook>(HOOKS, bodyOf());
  service.answer({ body: { verification: 'something else' } });
  const { status, body } = await api.request<ApiError>('POST', `${HOOKS}/${hook.id}/lifecycle/verify`);
  expect([status, body.errorCode]).toEqual([400, 'E0000001']);
  service.answer({});
  await remove(hook);
});

test.each([
  ['plain http elsewhere', {}, { uri: 'http://example.com/' }],
  ['a user in its address', {}, { uri: 'https://a:b@example.com/' }],
  ['no events', { events: { type: 'EVENT_TYPE', items: [] } }, {}],
  ['a filter', { events: { type: 'EVENT_TYPE', items: ['a.b'], filter: { type: 'EXPRESSION_LANGUAGE' } } }, {}],
  ['a reserved header', {}, { headers: [{ key: 'Host', value: 'x' }] }],
  ['no name', { name: '' }, {}],
])('a hook with %s is refused', async (_, changes, config) => {
  const { status, body } = await api.request<ApiError>('POST', HOOKS, bodyOf(changes, config));
  expect([status, body.errorCode]).toEqual([400, 'E0000001']);
});
