// What hangs on an application, over HTTP: who is assigned, secrets, keys, grants. Shapes in the recorded order, statuses,
// refusals, races. Contract section 4.4.
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type ApiError, type Application, type Group, managementApi, type User } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const APPS = '/api/v1/apps';

type Links = { _links: Record<string, unknown> };
type AppUser = Links & {
  id: string;
  scope: string;
  credentials: { userName: string };
  profile: Record<string, unknown>;
};
type Secret = Links & { id: string; status: string; client_secret: string };
type Grant = Links & { id: string; scopeId: string };

const bodyOf = (oauthClient: object, credentials: object) => ({
  name: 'oidc_client',
  label: unique('Application'),
  signOnMode: 'OPENID_CONNECT',
  credentials: { oauthClient: credentials },
  settings: { oauthClient: { application_type: 'web', redirect_uris: ['https://app.example.com/cb'], ...oauthClient } },
});

function make(oauthClient: object = {}, credentials: object = {}): Promise<Application & Links> {
  return api.post(APPS, bodyOf(oauthClient, credentials));
}

async function refusal(method: string, path: string, body?: unknown): Promise<[number, string, string[]]> {
  const answer = await api.request<ApiError>(method, path, body);
  return [answer.status, answer.body.errorCode, answer.body.errorCauses.map(({ errorSummary }) => errorSummary)];
}

async function makeUser(profile: object = {}): Promise<User> {
  const login = `${unique('jo').replace(' ', '-')}@example.com`;
  return api.post('/api/v1/users', { profile: { login, email: login, firstName: 'Jo', lastName: 'Doe', ...profile } });
}

describe('assignments', () => {
  test('of a group are changed by JSON Patch, as a whole or not at all', async () => {
    const app = await make();
    const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Group'), description: '' } });
    const path = `${APPS}/${app.id}/groups/${group.id}`;
    await api.put(path, { priority: 3, profile: { team: 'a' } });
    const patch = (...operations: object[]) => api.request<Record<string, unknown>>('PATCH', path, operations);
    const changed = await patch(
      { op: 'replace', path: '/priority', value: 1 },
      { op: 'add', path: '/profile/desk', value: 'b' },
      { op: 'remove', path: '/profile/team' },
    );
    expect([changed.status, changed.body.priority, changed.body.profile]).toEqual([200, 1, { desk: 'b' }]);
    for (const operation of [
      { op: 'replace', path: '/id', value: 'x' },
      { op: 'replace', path: '/priority', value: 'first' },
      { op: 'remove', path: '/profile/none' },
      { op: 'add', path: '/profile/__proto__/x', value: 1 },
      { op: 'move', path: '/priority' },
    ])
      expect((await patch({ op: 'add', path: '/profile/lost', value: 1 }, operation)).status).toBe(400);
    expect(await api.get(path)).toMatchObject({ priority: 1, profile: { desk: 'b' } });
  });

  test('of a person, by name and through a group', async () => {
    const [app, user] = [await make(), await makeUser()];
    const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Group'), description: '' } });
    await api.put(`/api/v1/groups/${group.id}/users/${user.id}`);
    const users = `${APPS}/${app.id}/users`;
    const { status, body } = await api.request<Record<string, unknown>>(
      'PUT',
      `${APPS}/${app.id}/groups/${group.id}`,
      {},
    );
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(['id', 'lastUpdated', 'priority', 'profile', '_links']);
    expect(body.priority).toBe(0);
    const [through] = await api.get<AppUser[]>(users);
    expect(through).toMatchObject({ id: user.id, scope: 'GROUP', credentials: { userName: user.profile.login } });
    expect(Object.keys(through?._links ?? {})).toEqual(['app', 'user', 'group']);
    for (const q of ['jo', 'DOE', user.profile.login]) expect(await api.get(`${users}?q=${q}`)).toHaveLength(1);
    expect(await api.get(`${users}?q=nobody`)).toEqual([]);
    expect((await refusal('DELETE', `${users}/${user.id}`)).slice(0, 2)).toEqual([400, 'E0000001']);

    const named = await api.post<AppUser>(users, { id: user.id, scope: 'USER', credentials: { userName: 'jdoe' } });
    expect(Object.keys(named)).toEqual([
      'id',
      'externalId',
      'created',
      'lastUpdated',
      'scope',
      'status',
      'statusChanged',
      'passwordChanged',
      'syncState',
      'credentials',
      'profile',
      '_links',
    ]);
    expect(named).toMatchObject({
      scope: 'USER',
      credentials: { userName: 'jdoe' },
      profile: { given_name: 'Jo', name: 'Jo Doe' },
    });
    expect(await refusal('POST', users, { id: user.id })).toEqual([409, 'E0000062', []]);
    expect(await api.post(`${users}/${user.id}`, { credentials: { userName: 'jo' } })).toMatchObject({
      credentials: { userName: 'jo' },
    });
    expect((await api.request('DELETE', `${users}/${user.id}`)).status).toBe(204);
    expect(await api.get(`${users}/${user.id}`)).toMatchObject({ scope: 'GROUP' });
    expect((await api.request('DELETE', `${APPS}/${app.id}/groups/${group.id}`)).status).toBe(204);
    expect((await refusal('GET', `${users}/${user.id}`)).slice(0, 2)).toEqual([404, 'E0000007']);
  });

  test('of groups are listed by priority, page by page', async () => {
    const app = await make();
    const ids: string[] = [];
    for (const priority of [7, 3, 5]) {
      const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Group'), description: '' } });
      await api.put(`${APPS}/${app.id}/groups/${group.id}`, { priority });
      ids.push(group.id);
    }
    const first = await api.request<{ id: string }[]>('GET', `${APPS}/${app.id}/groups?limit=2`);
    const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await api.get<{ id: string }[]>(next);
    expect([...first.body, ...second].map(({ id }) => id)).toEqual([ids[1], ids[2], ids[0]]);
  });

  test('of one person by ten at once give one success', async () => {
    const [app, user] = [await make(), await makeUser()];
    const assign = () => api.request('POST', `${APPS}/${app.id}/users`, { id: user.id });
    const answers = await Promise.all(Array.from({ length: 10 }, assign));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(409)]);
  });
});

test('a list for one person shows how that person is assigned to each application', async () => {
  const [app, user] = [await make(), await makeUser()];
  await api.post(`${APPS}/${app.id}/users`, { id: user.id, credentials: { userName: 'jdoe' } });
  const filter = encodeURIComponent(`user.id eq "${user.id}"`);
  type Expanded = Application & { _embedded: { user: AppUser } };
  const [listed] = await api.get<Expanded[]>(`${APPS}?filter=${filter}&expand=user/${user.id}`);
  expect(listed).toMatchObject({ id: app.id, _embedded: { user: { id: user.id, credentials: { userName: 'jdoe' } } } });
  expect((await api.get<Expanded[]>(`${APPS}?filter=${filter}`))[0]).not.toHaveProperty('_embedded');
});

describe('client secrets', () => {
  test('are two at most, and one of them stays active', async () => {
    const app = await make();
    const secrets = `${APPS}/${app.id}/credentials/secrets`;
    const [first] = await api.get<Secret[]>(secrets);
    expect(Object.keys(first ?? {})).toEqual([
      'id',
      'created',
      'lastUpdated',
      'status',
      'client_secret',
      'secret_hash',
      '_links',
    ]);
    expect(first?.client_secret).toBe(app.credentials.oauthClient.client_secret);
    const deactivate = (id: string | undefined) => `${secrets}/${id}/lifecycle/deactivate`;
    expect((await refusal('POST', deactivate(first?.id)))[2][0]).toContain('only active');

    const added = await api.request<Secret>('POST', secrets, {});
    expect(added.status).toBe(201);
    expect((await refusal('POST', secrets, {}))[2][0]).toContain('at most 2');
    expect(await api.post(deactivate(first?.id))).toMatchObject({ status: 'INACTIVE' });
    expect((await refusal('DELETE', `${secrets}/${added.body.id}`))[2][0]).toContain('cannot be deleted');
    await api.delete(`${secrets}/${first?.id}`);
    expect((await api.get<Secret[]>(secrets)).map(({ id }) => id)).toEqual([added.body.id]);
  });

  test('are added by eight at once at most twice', async () => {
    const app = await make();
    const secrets = `${APPS}/${app.id}/credentials/secrets`;
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.request('POST', secrets, {})));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(await api.get<Secret[]>(secrets)).toHaveLength(2);
  });
});

describe('public keys', () => {
  const modulus = Buffer.alloc(256, 0xab).toString('base64url');
  const key = { kty: 'RSA', kid: 'one', use: 'sig', alg: 'RS256', e: 'AQAB', n: modulus };

  test('are added, put out of use and deleted', async () => {
    const app = await make({}, { token_endpoint_auth_method: 'private_key_jwt' });
    expect(app._links.clientCredentials).toEqual([
      { name: 'jwks', href: `${server.url}${APPS}/${app.id}/credentials/jwks` },
    ]);
    const keys = `${APPS}/${app.id}/credentials/jwks`;
    const added = await api.request<{ id: string; status: string }>('POST', keys, key);
    expect([added.status, added.body.status]).toEqual([201, 'ACTIVE']);
    expect((await refusal('POST', keys, key))[2][0]).toContain("'kid'");
    expect((await refusal('POST', keys, { ...key, kid: 'two', d: 'c2VjcmV0' }))[2][0]).toContain('private');
    expect((await refusal('DELETE', `${keys}/${added.body.id}`))[1]).toBe('E0000001');
    await api.post(`${keys}/${added.body.id}/lifecycle/deactivate`);
    await api.delete(`${keys}/${added.body.id}`);
    expect(await api.get(keys)).toEqual({ keys: [] });
  });
});

describe('grants', () => {
  test('give an application scopes of this org', async () => {
    const app = await make({ application_type: 'service', grant_types: ['client_credentials'], redirect_uris: [] });
    const grants = `${APPS}/${app.id}/grants`;
    const granted = await api.request<Grant>('POST', grants, { scopeId: 'okta.users.read', issuer: server.url });
    expect(granted.status).toBe(201);
    expect(Object.keys(granted.body)).toEqual([
      'id',
      'status',
      'created',
      'createdBy',
      'lastUpdated',
      'issuer',
      'clientId',
      'scopeId',
      'source',
      '_links',
    ]);
    expect((await refusal('POST', grants, { scopeId: 'okta.users.read', issuer: server.url })).slice(0, 2)).toEqual([
      400,
      'E0000001',
    ]);
    expect(
      (await refusal('POST', grants, { scopeId: 'okta.users.read', issuer: 'https://evil.example' }))[2][0],
    ).toMatch(/^issuer/);
    await api.delete(`${grants}/${granted.body.id}`);
    expect(await api.get(grants)).toEqual([]);
  });
});

describe('profile mappings', () => {
  type Mapping = {
    id: string;
    source: { id: string; type: string };
    target: { id: string; type: string };
    properties?: Record<string, { expression: string; pushStatus: string }>;
  };
  const of = (query: string) => api.get<Mapping[]>(`/api/v1/mappings?${query}`);

  test('to an application are one, which says by default what is', async () => {
    const app = await make();
    const [listed, ...more] = await of(`targetId=${app.id}`);
    expect([more, listed?.source.type, listed?.target]).toMatchObject([[], 'user', { id: app.id, type: 'appuser' }]);
    expect(listed).not.toHaveProperty('properties');
    const read = await api.get<Mapping>(`/api/v1/mappings/${listed?.id}`);
    expect(read.properties?.given_name).toEqual({ expression: 'user.firstName', pushStatus: 'PUSH' });
    expect(await of(`sourceId=${listed?.source.id}&limit=200`)).toContainEqual(listed);
    expect(await of(`sourceId=${app.id}`)).toEqual([]);
    expect((await api.request('GET', '/api/v1/mappings/prmNOWHERE')).status).toBe(404);
  });

  test('decide what an application sees of a person, also of attributes that it alone has', async () => {
    const app = await make();
    await api.post(`/api/v1/meta/schemas/apps/${app.id}/default`, {
      definitions: {
        custom: { id: '#custom', type: 'object', properties: { unit: { title: 'Unit', type: 'string' } } },
      },
    });
    const { id } = await makeUser({ department: 'Optics', nickName: 'Ada' });
    await api.post(`/api/v1/apps/${app.id}/users`, { id, scope: 'USER' });
    const seen = async () =>
      (await api.get<{ profile: Record<string, unknown> }>(`/api/v1/apps/${app.id}/users/${id}`)).profile;
    const [mapping] = await of(`targetId=${app.id}`);
    const path = `/api/v1/mappings/${mapping?.id}`;
    expect(await seen()).toMatchObject({ nickname: 'Ada' });
    const changed = await api.post<Mapping>(path, {
      properties: {
        unit: { expression: 'String.toUpperCase(user.department)', pushStatus: 'PUSH' },
        nickname: null,
      },
    });
    expect(changed.properties?.unit?.expression).toBe('String.toUpperCase(user.department)');
    expect(changed.properties).not.toHaveProperty('nickname');
    expect(changed.properties).toHaveProperty('family_name');
    expect(await seen()).toMatchObject({ unit: 'OPTICS', nickname: null });
    await api.post(`/api/v1/apps/${app.id}/users/${id}`, { profile: { unit: 'Own' } });
    expect(await seen()).toMatchObject({ unit: 'Own' });
    await api.post(`/api/v1/meta/schemas/apps/${app.id}/default`, {
      definitions: { custom: { id: '#custom', type: 'object', properties: { unit: null } } },
    });
    expect((await api.get<Mapping>(path)).properties).not.toHaveProperty('unit');
  });

  test.each([
    [{ nobody: { expression: 'user.login', pushStatus: 'PUSH' } }],
    [{ nickname: { expression: 'user.', pushStatus: 'PUSH' } }],
    [{ nickname: { expression: 'app.name', pushStatus: 'PUSH' } }],
    [{ nickname: { expression: 'isMemberOfGroupName("x") ? "a" : "b"', pushStatus: 'PUSH' } }],
    [{ nickname: { expression: 'user.login', pushStatus: 'DONT_PUSH' } }],
    [{ userName: { expression: 'user.email', pushStatus: 'PUSH' } }],
  ])('with %j are refused', async (properties) => {
    const app = await make();
    const [mapping] = await of(`targetId=${app.id}`);
    const { status, body } = await api.request('POST', `/api/v1/mappings/${mapping?.id}`, { properties });
    expect([status, body.errorCode]).toEqual([400, 'E0000001']);
  });
});
