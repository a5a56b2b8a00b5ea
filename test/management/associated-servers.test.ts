// Trusted servers on the management API: contract 4.5. Also as the unmodified SDK asks.
import sdk from '@okta/okta-sdk-nodejs';
import { describe, expect, test } from 'vitest';
import { makeAuthorizationServer, unique } from '../support/guide.ts';
import { type AuthorizationServer, type LogEvent, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const make = () => makeAuthorizationServer(api, unique('api://trust').replace(' ', '-'));
const pathOf = ({ id }: AuthorizationServer) => `/api/v1/authorizationServers/${id}/associatedServers`;
const idsOf = (servers: AuthorizationServer[]) => servers.map(({ id }) => id);
const listed = async (of: AuthorizationServer, query = '?trusted=true') =>
  idsOf(await api.get<AuthorizationServer[]>(`${pathOf(of)}${query}`));

const [one, two, three] = [await make(), await make(), await make()];

test('a new server trusts nobody', async () => {
  expect(await listed(one)).toEqual([]);
  expect(await listed(one, '?trusted=false')).toEqual(expect.arrayContaining([two.id, three.id]));
  expect(await listed(one, '?trusted=false')).not.toContain(one.id);
});

test('trust is given, listed, given again without effect, and taken back', async () => {
  const given = await api.request<AuthorizationServer[]>('POST', pathOf(one), { trusted: [two.id, three.id, two.id] });
  expect(given.status).toBe(200);
  expect(idsOf(given.body)).toEqual([two.id, three.id]);
  expect(given.body[0]).toEqual(await api.get(`/api/v1/authorizationServers/${two.id}`));
  await api.post(pathOf(one), { trusted: [two.id] });
  expect(await listed(one)).toEqual([two.id, three.id]);
  expect(await listed(one, '')).toEqual([two.id, three.id]);
  expect(await listed(two)).toEqual([]);
  expect((await api.request('DELETE', `${pathOf(one)}/${two.id}`)).status).toBe(204);
  expect(await listed(one)).toEqual([three.id]);
  expect((await api.request('DELETE', `${pathOf(one)}/${two.id}`)).status).toBe(404);
});

test('a search narrows the list by name or audience; a limit pages it', async () => {
  await api.post(pathOf(one), { trusted: [two.id, three.id] });
  expect(await listed(one, `?trusted=true&q=${encodeURIComponent(two.audiences[0] ?? '')}`)).toEqual([two.id]);
  const first = await api.request<AuthorizationServer[]>('GET', `${pathOf(one)}?trusted=true&limit=1`);
  expect(idsOf(first.body)).toEqual([two.id]);
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  expect(idsOf((await api.request<AuthorizationServer[]>('GET', next)).body)).toEqual([three.id]);
});

describe('is refused', () => {
  test.each([
    { what: 'an unknown server', trusted: ['ausNotThere'], status: 404, code: 'E0000007' },
    { what: 'the server itself', trusted: [one.id], status: 400, code: 'E0000001' },
    { what: 'nobody', trusted: [], status: 400, code: 'E0000001' },
  ])('$what', async ({ trusted, status, code }) => {
    const answer = await api.request('POST', pathOf(one), { trusted });
    expect(answer.status).toBe(status);
    expect(answer.body.errorCode).toBe(code);
  });

  test('one unknown server among known ones, and none is trusted', async () => {
    const fresh = await make();
    expect((await api.request('POST', pathOf(fresh), { trusted: [two.id, 'ausNotThere'] })).status).toBe(404);
    expect(await listed(fresh)).toEqual([]);
  });

  test('at an unknown server', async () => {
    const path = '/api/v1/authorizationServers/ausNotThere/associatedServers';
    expect((await api.request('GET', path)).status).toBe(404);
    expect((await api.request('POST', path, { trusted: [two.id] })).status).toBe(404);
  });
});

test('a deleted server is trusted by nobody', async () => {
  const short = await make();
  await api.post(pathOf(two), { trusted: [short.id] });
  await api.post(`/api/v1/authorizationServers/${short.id}/lifecycle/deactivate`);
  await api.delete(`/api/v1/authorizationServers/${short.id}`);
  expect(await listed(two)).toEqual([]);
});

test('both changes are events', async () => {
  const [from, to] = [await make(), await make()];
  await api.post(pathOf(from), { trusted: [to.id] });
  await api.delete(`${pathOf(from)}/${to.id}`);
  const events = await api.get<LogEvent[]>('/api/v1/logs?sortOrder=DESCENDING&limit=2');
  expect(events.map(({ eventType }) => eventType)).toEqual([
    'app.oauth2.trusted_server.delete',
    'app.oauth2.trusted_server.add',
  ]);
  for (const { target } of events) expect(target.map(({ id }) => id)).toEqual([from.id, to.id]);
});

test('the SDK gives, lists and takes back trust', async () => {
  const { authorizationServerApi } = new sdk.Client({ orgUrl: server.url, token: server.apiToken });
  const from = await make();
  const associatedServerMediated = { trusted: [two.id] };
  // The answer is a list: the SDK sends the request when somebody reads it.
  const added = await authorizationServerApi.createAssociatedServers({
    authServerId: from.id,
    associatedServerMediated,
  });
  expect(await idsIn(added)).toEqual([two.id]);
  const trusted = await authorizationServerApi.listAssociatedServersByTrustedType({
    authServerId: from.id,
    trusted: true,
  });
  expect(await idsIn(trusted)).toEqual([two.id]);
  await authorizationServerApi.deleteAssociatedServer({ authServerId: from.id, associatedServerId: two.id });
  expect(await listed(from)).toEqual([]);
});

async function idsIn(list: { each(visit: (one: { id?: string }) => void): Promise<unknown> }): Promise<unknown[]> {
  const found: unknown[] = [];
  await list.each(({ id }) => void found.push(id));
  return found;
}
