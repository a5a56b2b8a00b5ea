// Network zones over HTTP: shapes in the recorded order, statuses, refusals, events. Contract section 4.1. And behaviors.
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type ApiError, type LogEvent, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile({ TRUSTED_PROXIES: '127.0.0.1' });
const api = managementApi(server);
const ZONES = '/api/v1/zones';

type Zone = { id: string; name: string; status: string; system: boolean; _links: Record<string, unknown> };

const gateways = [
  { type: 'CIDR', value: '1.2.3.4/24' },
  { type: 'RANGE', value: '2.3.4.5-2.3.4.15' },
];
const bodyOf = (changes: object = {}) => ({ type: 'IP', name: unique('zone'), gateways, ...changes });

test('a zone answers 200 with its members in order, is turned off and on, replaced and deleted', async () => {
  const { status, body } = await api.request<Zone>('POST', ZONES, bodyOf());
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual([
    'type',
    'id',
    'name',
    'status',
    'usage',
    'created',
    'lastUpdated',
    'system',
    'gateways',
    'proxies',
    '_links',
  ]);
  expect(body).toMatchObject({ usage: 'POLICY', system: false, gateways, proxies: null });
  const off = await api.post<Zone>(`${ZONES}/${body.id}/lifecycle/deactivate`);
  expect([off.status, Object.keys(off._links)]).toEqual(['INACTIVE', ['activate', 'self']]);
  const on = await api.post<Zone>(`${ZONES}/${body.id}/lifecycle/activate`);
  expect([on.status, Object.keys(on._links)]).toEqual(['ACTIVE', ['self', 'deactivate']]);
  const replaced = await api.put<Zone>(`${ZONES}/${body.id}`, bodyOf({ usage: 'BLOCKLIST', status: 'INACTIVE' }));
  expect(replaced).toMatchObject({ usage: 'BLOCKLIST', status: 'INACTIVE' });
  await api.delete(`${ZONES}/${body.id}`);
  expect((await api.request<ApiError>('GET', `${ZONES}/${body.id}`)).body.errorSummary).toContain('NetworkZone');
  const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`target.id eq "${body.id}"`)}`);
  expect(new Set(events.map(({ eventType }) => eventType))).toEqual(
    new Set(['zone.create', 'zone.deactivate', 'zone.activate', 'zone.update', 'zone.delete']),
  );
});

test('places and services are kept as sets', async () => {
  const made = await api.post<Zone>(ZONES, {
    type: 'DYNAMIC_V2',
    name: unique('zone'),
    locations: { include: [{ country: 'US' }] },
    asns: {},
  });
  expect(made).toMatchObject({
    locations: { include: [{ country: 'US', region: null }], exclude: [] },
    ipServiceCategories: { include: [], exclude: [] },
    asns: { include: [], exclude: [] },
  });
});

test.each([
  { gateways: [{ type: 'CIDR', value: '1.2.3.4/33' }] },
  { gateways: [{ type: 'CIDR', value: 'example.com' }] },
  { gateways: [{ type: 'RANGE', value: '2.3.4.15-2.3.4.5' }] },
  { gateways: [{ type: 'RANGE', value: '1.2.3.4-::1' }] },
  { gateways: [{ type: 'OTHER', value: '1.2.3.4' }] },
  { type: 'OTHER' },
  { name: '' },
])('%j is refused', async (changes) => {
  const { status, body } = await api.request<ApiError>('POST', ZONES, bodyOf(changes));
  expect([status, body.errorCode]).toEqual([400, 'E0000001']);
});

test('of ten zones of one name made at once, one is made', async () => {
  const body = bodyOf();
  const answers = await Promise.all(Array.from({ length: 10 }, () => api.request('POST', ZONES, body)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 400)]);
});

test('the org’s own zones keep their names and stay; the list is paged', async () => {
  const first = await api.request<Zone[]>('GET', `${ZONES}?limit=1`);
  const [own] = first.body;
  expect([own?.name, own?.system]).toEqual(['LegacyIpZone', true]);
  expect(first.headers.get('link')).toContain('rel="next"');
  expect((await api.request('DELETE', `${ZONES}/${own?.id}`)).status).toBe(403);
  expect((await api.put<Zone>(`${ZONES}/${own?.id}`, bodyOf())).name).toBe('LegacyIpZone');
});

test('a zone for blocking shuts its addresses out everywhere, at once, but for exempt ones and this machine', async () => {
  const from = (address: string | null, path: string) =>
    fetch(`${server.url}${path}`, address === null ? {} : { headers: { 'x-forwarded-for': address } });
  const statusesOf = async (address: string | null) => {
    const answers = [
      await from(address, '/.well-known/openid-configuration'),
      await from(address, '/signin'),
      await from(address, '/api/v1/users'),
    ];
    return answers.map(({ status }) => status);
  };
  const open = [200, 200, 401];
  const shut = [403, 403, 403];
  expect(await statusesOf('198.51.100.7')).toEqual(open);
  const zone = await api.post<Zone>(ZONES, {
    ...bodyOf({ usage: 'BLOCKLIST' }),
    gateways: [
      { type: 'CIDR', value: '198.51.100.0/24' },
      { type: 'RANGE', value: '2001:db8::1-2001:db8::ff' },
      { type: 'CIDR', value: '127.0.0.0/8' },
    ],
  });
  expect(await statusesOf('198.51.100.7')).toEqual(shut);
  expect(await statusesOf('2001:db8::7')).toEqual(shut);
  expect(await statusesOf('::ffff:198.51.100.7')).toEqual(shut);
  expect(await statusesOf('198.51.101.7')).toEqual(open);
  expect(await statusesOf(null)).toEqual(open);
  const refused = await from('198.51.100.7', '/api/v1/users');
  expect(await refused.json()).toMatchObject({
    errorCode: 'E0000006',
    errorCauses: [{ errorSummary: expect.stringContaining('network zone') as string }],
  });
  const [exempt] = (await api.get<Zone[]>(ZONES)).filter(({ name }) => name === 'DefaultExemptIpZone');
  const settings = { type: 'IP', name: 'DefaultExemptIpZone', usage: 'POLICY', useAsExemptList: true };
  const own = { ...settings, gateways: [{ type: 'CIDR', value: '198.51.100.7/32' }] };
  await api.put(`${ZONES}/${exempt?.id}`, own);
  expect(await statusesOf('198.51.100.7')).toEqual(open);
  expect(await statusesOf('198.51.100.8')).toEqual(shut);
  await api.post(`${ZONES}/${zone.id}/lifecycle/deactivate`);
  expect(await statusesOf('198.51.100.8')).toEqual(open);
  await api.put(`${ZONES}/${exempt?.id}`, { ...settings, gateways: [] });
});

describe('behaviors', () => {
  const PATH = '/api/v1/behaviors';
  type Behavior = { id: string; name: string; status: string; settings: object; type: string; _links: object };

  test('have the settings of their type, keep it, and are turned on and off', async () => {
    const name = unique('Far away');
    const settings = { granularity: 'LAT_LONG', radiusKilometers: 20 };
    const made = await api.post<Behavior>(PATH, {
      name,
      type: 'ANOMALOUS_LOCATION',
      settings: { ...settings, other: 1 },
    });
    expect(made).toMatchObject({ name, status: 'ACTIVE', type: 'ANOMALOUS_LOCATION' });
    expect(made.id).toMatch(/^bhv/);
    expect(made.settings).toEqual({ minEventsNeededForEvaluation: 0, maxEventsUsedForEvaluation: 20, ...settings });
    expect(Object.keys(made._links)).toEqual(['self', 'deactivate']);
    expect(await api.get<Behavior[]>(PATH)).toContainEqual(made);
    const changed = await api.put<Behavior>(`${PATH}/${made.id}`, {
      name,
      type: 'ANOMALOUS_LOCATION',
      status: 'INACTIVE',
      settings: { granularity: 'CITY' },
    });
    expect(changed.status).toBe('ACTIVE');
    expect(changed.settings).toEqual({
      minEventsNeededForEvaluation: 0,
      maxEventsUsedForEvaluation: 20,
      granularity: 'CITY',
    });
    expect(await api.post(`${PATH}/${made.id}/lifecycle/deactivate`)).toMatchObject({ status: 'INACTIVE' });
    expect((await api.request('POST', PATH, { name, type: 'VELOCITY' })).status).toBe(400);
    expect((await api.request('PUT', `${PATH}/${made.id}`, { name, type: 'VELOCITY' })).status).toBe(400);
    await api.delete(`${PATH}/${made.id}`);
    expect((await api.request('GET', `${PATH}/${made.id}`)).status).toBe(404);
  });

  test.each([
    ['ANOMALOUS_LOCATION', {}],
    ['ANOMALOUS_LOCATION', { granularity: 'LAT_LONG' }],
    ['ANOMALOUS_IP', { maxEventsUsedForEvaluation: 0 }],
    ['ANOMALOUS_DEVICE', { maxEventsUsedForEvaluation: 2, minEventsNeededForEvaluation: 3 }],
    ['VELOCITY', { velocityKph: 'fast' }],
    ['MOOD', {}],
  ])('of type %s with the settings %j are refused', async (type, settings) => {
    const { status, body } = await api.request('POST', PATH, { name: unique('behavior'), type, settings });
    expect([status, body.errorCode]).toEqual([400, 'E0000001']);
  });
});
