// The System Log as it is read: contract 4.14.
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type Group, type LogEvent, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);

const makeGroup = () => api.post<Group>('/api/v1/groups', { profile: { name: unique('Watched') } });
const created = (id: string) => encodeURIComponent(`eventType eq "group.lifecycle.create" and target.id eq "${id}"`);

async function page(path: string) {
  const answer = await api.request<LogEvent[]>('GET', path);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  const links = (answer.headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g);
  return { events: answer.body, links: Object.fromEntries([...links].map(([, url, rel]) => [rel, url])) };
}

test('a change is an event at once, with every member that clients read', async () => {
  const group = await makeGroup();
  const { events } = await page(`/api/v1/logs?filter=${created(group.id)}`);
  expect(events).toHaveLength(1);
  expect(Object.keys(events[0] ?? {})).toEqual([
    ...['actor', 'client', 'device', 'authenticationContext', 'displayMessage', 'eventType', 'outcome', 'published'],
    ...['securityContext', 'severity', 'debugContext', 'legacyEventType', 'transaction', 'uuid', 'version', 'request'],
    'target',
  ]);
  expect(events[0]).toMatchObject({
    actor: { type: 'User', alternateId: server.admin.login },
    client: { ipAddress: '127.0.0.1' },
    outcome: { result: 'SUCCESS' },
    target: [{ id: group.id, type: 'UserGroup' }],
  });
});

test('a refused change leaves no event', async () => {
  const name = unique('Taken');
  await api.post('/api/v1/groups', { profile: { name } });
  expect((await api.request('POST', '/api/v1/groups', { profile: { name } })).status).toBe(400);
  const { events } = await page(`/api/v1/logs?q=${encodeURIComponent(name.split(' ')[1] ?? '')}`);
  expect(events.map(({ eventType }) => eventType)).toEqual(['group.lifecycle.create']);
});

test('polling: there is always a next page, an empty one too, and each event comes once', async () => {
  const since = new Date(Date.now() - 1000).toISOString();
  const first = await makeGroup();
  const second = await makeGroup();
  const filter = encodeURIComponent('eventType eq "group.lifecycle.create"');
  const seen: string[] = [];
  let next = `/api/v1/logs?since=${since}&limit=1&filter=${filter}`;
  for (let round = 0; round < 20 && !seen.includes(second.id); round++) {
    const { events, links } = await page(next);
    seen.push(...events.map(({ target }) => target[0]?.id ?? ''));
    next = links.next ?? '';
  }
  expect(seen.slice(-2)).toEqual([first.id, second.id]);
  const idle = await page(next);
  expect(idle.events).toEqual([]);
  expect(new URL(idle.links.next ?? '').searchParams.has('since')).toBe(false);
  const third = await makeGroup();
  const { events } = await page(idle.links.next ?? '');
  expect(events.map(({ target }) => target[0]?.id)).toEqual([third.id]);
  expect(new Set(seen).size).toBe(seen.length);
});

test('a bounded query ends without a next page', async () => {
  await makeGroup();
  await makeGroup();
  const until = new Date().toISOString();
  const walk = await page(`/api/v1/logs?until=${until}&limit=1000`);
  expect(walk.links).toMatchObject({ self: expect.stringContaining('/api/v1/logs?') });
  expect(walk.links.next).toBeUndefined();
  const one = await page(`/api/v1/logs?until=${until}&limit=1&sortOrder=DESCENDING`);
  expect(one.events).toHaveLength(1);
  const two = await page(one.links.next ?? '');
  expect(two.events).toHaveLength(1);
  expect(two.events[0]?.uuid).not.toBe(one.events[0]?.uuid);
});

test('the newest come first where the query says so', async () => {
  const group = await makeGroup();
  const { events } = await page('/api/v1/logs?sortOrder=DESCENDING&limit=1');
  expect(events[0]?.target[0]?.id).toBe(group.id);
});

test('a limit of 0 is a page without events', async () => {
  expect((await page('/api/v1/logs?limit=0')).events).toEqual([]);
});

describe('a bad query is refused', () => {
  test.each([
    ['until=yesterday', 'E0000001', /^Api validation failed: 'until': /],
    ['since=2026-13-45', 'E0000001', /^Api validation failed: 'since': /],
    ['since=2020-01-01T00:00:00Z', 'E0000001', /^Api validation failed: 'since': /],
    ['limit=1001', 'E0000001', /^Api validation failed: 'limit': /],
    ['limit=-1', 'E0000001', /^Api validation failed: 'limit': /],
    ['sortOrder=SIDEWAYS', 'E0000001', /^Api validation failed: 'sortOrder': /],
    [`q=${'x'.repeat(41)}`, 'E0000001', /^Api validation failed: 'q': /],
    [`q=${'x+'.repeat(11)}`, 'E0000001', /^Api validation failed: 'q': /],
    ['filter=eventType+is+%22x%22', 'E0000031', /^Invalid search criteria\.$/],
    ['filter=published+gt+%222026-01-01T00:00:00.000Z%22', 'E0000031', /^Invalid search criteria\.$/],
    ['after=made-up', 'E0000029', /^Invalid paging request\.$/],
  ])('%s', async (query, code, summary) => {
    const { status, body } = await api.request('GET', `/api/v1/logs?${query}`);
    expect([status, body.errorCode]).toEqual([400, code]);
    expect(body.errorSummary).toMatch(summary);
  });

  test('`after` and `since` exclude each other', async () => {
    const { links } = await page('/api/v1/logs?limit=1');
    const since = new Date().toISOString();
    const { status, body } = await api.request('GET', `${links.next}&since=${since}`);
    expect([status, body.errorCode]).toEqual([400, 'E0000001']);
  });
});
