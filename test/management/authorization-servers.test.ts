// Authorization servers and what belongs to them, as scripts and the SDK see them: shapes in the recorded order, statuses, refusals.
// Contract sections 4.1, 4.2, 4.5; traps 2, 16, 20, 21, 22.
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { managementApi, type Policy, type Rule } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const SERVERS = '/api/v1/authorizationServers';

type Links = { _links: Record<string, { href: string; hints: { allow: string[] } }> };
type Server = Links & {
  id: string;
  name: string;
  issuer: string;
  status: string;
  credentials: { signing: { kid: string; rotationMode: string; nextRotation?: string } };
};
type Key = Links & { kid: string; status: string };
type Named = Links & { id: string; name: string; system: boolean; priority: number };

function make(changes: object = {}): Promise<Server> {
  return api.post(SERVERS, {
    name: unique('Server'),
    description: 'Made by a test',
    audiences: ['api://test'],
    ...changes,
  });
}

const policyOf = (changes: object = {}) => ({
  type: 'OAUTH_AUTHORIZATION_POLICY',
  name: unique('Policy'),
  description: 'Made by a test',
  conditions: { clients: { include: ['ALL_CLIENTS'] } },
  ...changes,
});

const ruleOf = (changes: object = {}) => ({
  type: 'RESOURCE_ACCESS',
  name: unique('Rule'),
  conditions: { grantTypes: { include: ['authorization_code'] } },
  ...changes,
});

const made = await make();
const own = `${SERVERS}/${made.id}`;

describe('an authorization server', () => {
  test('answers 201 with its members in order', async () => {
    const { status, body } = await api.request<Server>('POST', SERVERS, {
      name: unique('Server'),
      audiences: ['api://test'],
      description: 'Text',
      issuerMode: 'ORG_URL',
      credentials: { signing: { rotationMode: 'AUTO' } },
    });
    expect(status).toBe(201);
    expect(Object.keys(body)).toEqual([
      ...['id', 'name', 'description', 'audiences', 'issuer', 'issuerMode', 'status', 'created', 'lastUpdated'],
      ...['credentials', 'default', '_links'],
    ]);
    expect(body.id).toMatch(/^aus\w{17}$/);
    expect(body.issuer).toBe(`${server.url}/oauth2/${body.id}`);
    expect(Object.keys(body.credentials.signing)).toEqual(['kid', 'rotationMode', 'lastRotated', 'nextRotation']);
    expect(body.credentials.signing.kid).toHaveLength(43);
    expect(Object.keys(body._links)).toEqual([
      ...['rotateKey', 'metadata', 'resourceServerCredentialsKeys', 'keys', 'claims', 'policies', 'self', 'scopes'],
      'deactivate',
    ]);
    expect(body._links.self).toEqual({
      href: `${server.url}${SERVERS}/${body.id}`,
      hints: { allow: ['GET', 'DELETE', 'PUT'] },
    });
  });

  test('with manual rotation has no next rotation', async () => {
    const { credentials } = await make({ credentials: { signing: { rotationMode: 'MANUAL' } } });
    expect(credentials.signing).not.toHaveProperty('nextRotation');
  });

  test('is replaced by PUT, and what was read can be sent back', async () => {
    const before = await make();
    expect(await api.put(`${SERVERS}/${before.id}`, before)).toMatchObject({
      name: before.name,
      issuer: before.issuer,
    });
    const after = await api.put<Server>(`${SERVERS}/${before.id}`, { name: before.name, audiences: ['api://new'] });
    expect(after).toMatchObject({ audiences: ['api://new'], description: null });
  });

  test.each([
    ['without a name', { name: undefined }, 'name'],
    ['with an empty name', { name: ' ' }, 'name'],
    ['without an audience', { audiences: [] }, 'audiences'],
    ['with two audiences', { audiences: ['a', 'b'] }, 'audiences'],
    ['for a custom domain that does not exist', { issuerMode: 'CUSTOM_URL' }, 'issuerMode'],
    ['with the name of another', { name: made.name }, 'name'],
  ])('%s is refused', async (_, changes, field) => {
    const body = { name: unique('Server'), audiences: ['api://test'], ...changes };
    const answer = await api.request('POST', SERVERS, body);
    expect(answer.status).toBe(400);
    expect(answer.body.errorCode).toBe('E0000001');
    expect(answer.body.errorSummary).toContain(field);
  });

  test('that does not exist is E0000007, whatever is asked of it', async () => {
    for (const path of ['', '/scopes', '/claims', '/policies', '/credentials/keys', '/policies/00p0/rules']) {
      const { status, body } = await api.request('GET', `${SERVERS}/ausNone${path}`);
      expect(status).toBe(404);
      expect(body.errorSummary).toBe('Not found: Resource not found: ausNone (AuthorizationServer)');
    }
  });

  test('lives: deactivated, activated, and deleted only when inactive', async () => {
    const { id } = await make();
    const path = `${SERVERS}/${id}`;
    expect((await api.request('DELETE', path)).status).toBe(400);
    expect((await api.request('POST', `${path}/lifecycle/deactivate`)).status).toBe(204);
    const inactive = await api.get<Server>(path);
    expect(inactive.status).toBe('INACTIVE');
    expect(inactive._links).toHaveProperty('activate');
    expect(inactive._links).not.toHaveProperty('deactivate');
    expect((await api.request('POST', `${path}/lifecycle/activate`)).status).toBe(204);
    expect((await api.get<Server>(path)).status).toBe('ACTIVE');
    await api.post(`${path}/lifecycle/deactivate`);
    expect((await api.request('DELETE', path)).status).toBe(204);
    expect((await api.request('GET', path)).status).toBe(404);
    expect((await fetch(`${server.url}/oauth2/${id}/v1/keys`)).status).toBe(404);
  });
});

describe('the list of authorization servers', () => {
  test('is searched by name or audience and comes in pages', async () => {
    const tag = unique('Paged').replaceAll(' ', '-');
    for (const n of [1, 2, 3]) await make({ name: `${tag} ${n}`, audiences: [`api://${tag}/${n}`] });
    const first = await api.request<Server[]>('GET', `${SERVERS}?limit=2&q=${tag}`);
    expect(first.body.map(({ name }) => name)).toEqual([`${tag} 1`, `${tag} 2`]);
    const link = first.headers.get('link') ?? '';
    expect(link).toContain('rel="self"');
    const next = /<([^>]+)>; rel="next"/.exec(link)?.[1] ?? '';
    const second = await api.request<Server[]>('GET', next);
    expect(second.body.map(({ name }) => name)).toEqual([`${tag} 3`]);
    expect(second.headers.get('link')).not.toContain('rel="next"');
    expect(await api.get(`${SERVERS}?q=${encodeURIComponent(`api://${tag}/3`)}`)).toHaveLength(1);
  });
});

describe('the default server', () => {
  test('is named default in its links and its issuer, under both its names', async () => {
    const byName = await api.get<Server & { default: boolean }>(`${SERVERS}/default`);
    expect(byName.default).toBe(true);
    expect(byName.id).toMatch(/^aus/);
    expect(byName.issuer).toBe(`${server.url}/oauth2/default`);
    expect(byName._links.self?.href).toBe(`${server.url}${SERVERS}/default`);
    expect(await api.get(`${SERVERS}/${byName.id}`)).toEqual(byName);
  });

  test('cannot be deleted', async () => {
    expect((await api.request('DELETE', `${SERVERS}/default`)).status).toBe(400);
  });
});

describe('keys', () => {
  test('are rotated by use sig alone, and the published set agrees', async () => {
    const { id } = await make();
    const path = `${SERVERS}/${id}/credentials`;
    const before = await api.get<Key[]>(`${path}/keys`);
    expect(before.map(({ status }) => status)).toEqual(['ACTIVE', 'NEXT']);
    expect(Object.keys(before[0] ?? {})).toEqual(['kty', 'status', 'alg', 'kid', 'use', '_links', 'e', 'n']);

    const refused = await api.request('POST', `${path}/lifecycle/keyRotate`, { use: 'enc' });
    expect(refused.body.errorCauses).toEqual([
      { errorSummary: "rotateKeys: Invalid value specified for key 'use' parameter." },
    ]);
    const { status, body: after } = await api.request<Key[]>('POST', `${path}/lifecycle/keyRotate`, { use: 'sig' });
    expect(status).toBe(200);
    expect(after.map(({ status, kid }) => [status, kid])).toMatchObject([
      ['ACTIVE', before[1]?.kid],
      ['NEXT', expect.any(String)],
      ['EXPIRED', before[0]?.kid],
    ]);
    const published = (await (await fetch(`${server.url}/oauth2/${id}/v1/keys`)).json()) as { keys: Key[] };
    expect(published.keys.map(({ kid }) => kid)).toEqual(after.map(({ kid }) => kid));
    expect(JSON.stringify([published, after])).not.toMatch(/"(d|p|q|dp|dq|qi)":/);
    expect(await api.get(`${path}/keys/${before[0]?.kid}`)).toMatchObject({ status: 'EXPIRED' });
    expect((await api.request('GET', `${path}/keys/none`)).status).toBe(404);
  });
});

describe('scopes', () => {
  test('are seven at first, without paging, and more when made', async () => {
    const list = await api.request<Named[]>('GET', `${own}/scopes`);
    expect(list.headers.get('link')).toBeNull();
    expect(list.body.filter(({ system }) => system)).toHaveLength(7);
    const { status, body } = await api.request<Named>('POST', `${own}/scopes`, { name: 'test:something' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'test:something',
      displayName: null,
      description: null,
      system: false,
      metadataPublish: 'NO_CLIENTS',
      consent: 'IMPLICIT',
      optional: false,
      apiResourceId: null,
      default: false,
    });
    expect(body._links.self).toEqual({
      href: `${server.url}${own}/scopes/${body.id}`,
      hints: { allow: ['GET', 'PUT', 'DELETE'] },
    });
    const path = `${own}/scopes/${body.id}`;
    expect(await api.put(path, { ...body, consent: 'REQUIRED' })).toMatchObject({ consent: 'REQUIRED' });
    expect((await api.request('DELETE', path)).status).toBe(204);
    expect((await api.request('GET', path)).status).toBe(404);
  });

  test('cannot be taken from the system', async () => {
    const openid = (await api.get<Named[]>(`${own}/scopes`)).find(({ name }) => name === 'openid');
    expect((await api.request('DELETE', `${own}/scopes/${openid?.id}`)).status).toBe(400);
  });
});

describe('claims', () => {
  test('show an empty list of scopes though none was sent, and no value where there is none', async () => {
    const claims = `${own}/claims`;
    const body = { name: 'test', claimType: 'RESOURCE', valueType: 'EXPRESSION', value: 'cool', conditions: {} };
    const { status, body: made } = await api.request<Named>('POST', claims, body);
    expect(status).toBe(201);
    expect(made).toMatchObject({ status: 'ACTIVE', conditions: { scopes: [] }, alwaysIncludeInToken: true });
    expect(made).not.toHaveProperty('group_filter_type');
    const groups = { ...body, name: 'groups', valueType: 'GROUPS', group_filter_type: 'EQUALS', value: 'Everyone' };
    expect(Object.keys(await api.post<Named>(claims, groups))).toEqual([
      ...['id', 'name', 'status', 'claimType', 'valueType', 'value', 'conditions', 'system', 'alwaysIncludeInToken'],
      ...['apiResourceId', 'group_filter_type', '_links'],
    ]);
    const address = (await api.get<Named[]>(claims)).find(({ name }) => name === 'address');
    expect(address).not.toHaveProperty('value');
    expect(await api.put(`${claims}/${address?.id}`, { ...address, alwaysIncludeInToken: true })).toMatchObject({
      alwaysIncludeInToken: true,
    });
    expect((await api.request('DELETE', `${claims}/${address?.id}`)).status).toBe(400);
    expect((await api.request('DELETE', `${claims}/${made.id}`)).status).toBe(204);
  });
});

describe('policies and rules', () => {
  test('answer 201 with their members in order, and say what was not given', async () => {
    const { status, body: policy } = await api.request<Named>('POST', `${own}/policies`, policyOf());
    expect(status).toBe(201);
    expect(Object.keys(policy)).toEqual([
      ...[
        'id',
        'status',
        'name',
        'description',
        'priority',
        'system',
        'conditions',
        'created',
        'lastUpdated',
        '_links',
      ],
      'type',
    ]);
    expect(Object.keys(policy._links)).toEqual(['self', 'rules', 'deactivate']);
    const rules = `${own}/policies/${policy.id}/rules`;
    const people = { groups: { include: ['00g00000000000000000'] }, users: {} };
    const conditions = { people, grantTypes: { include: ['implicit'] }, scopes: {} };
    const answer = await api.request<Named>('POST', rules, ruleOf({ conditions }));
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.body)).toEqual([
      ...[
        'id',
        'status',
        'name',
        'priority',
        'created',
        'lastUpdated',
        'system',
        'conditions',
        'actions',
        '_links',
        'type',
      ],
    ]);
    expect(answer.body).toMatchObject({
      conditions: {
        people: { users: { exclude: [] }, groups: { include: ['00g00000000000000000'] } },
        grantTypes: { include: ['implicit'] },
        scopes: { include: [] },
      },
      actions: {
        token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 0, refreshTokenWindowMinutes: 10_080 },
      },
    });
    for (const path of [`${rules}/${answer.body.id}`, `${own}/policies/${policy.id}`]) {
      expect((await api.request('POST', `${path}/lifecycle/deactivate`)).status).toBe(204);
      expect(await api.get<Links>(path)).toMatchObject({ status: 'INACTIVE', _links: { activate: expect.anything() } });
      expect((await api.request('POST', `${path}/lifecycle/activate`)).status).toBe(204);
      expect((await api.request('DELETE', path)).status).toBe(204);
      expect((await api.request('GET', path)).status).toBe(404);
    }
  });

  test.each([
    ['no grant type', { conditions: { grantTypes: { include: [] } } }],
    ['a grant type that there is not', { conditions: { grantTypes: { include: ['wishing'] } } }],
    ['an access token that lives too short', { actions: { token: { accessTokenLifetimeMinutes: 4 } } }],
    ['an access token that lives too long', { actions: { token: { accessTokenLifetimeMinutes: 1441 } } }],
    [
      'a refresh token that dies before the access token',
      { actions: { token: { accessTokenLifetimeMinutes: 60, refreshTokenLifetimeMinutes: 59 } } },
    ],
    ['an idle window that is too short', { actions: { token: { refreshTokenWindowMinutes: 9 } } }],
    ['an inline hook that there is not', { actions: { token: { inlineHook: { id: 'cal00000000000000000' } } } }],
    [
      'a group where users stand',
      { conditions: { people: { users: { include: ['00g1'] } }, grantTypes: { include: ['implicit'] } } },
    ],
  ])('a rule with %s is refused', async (_, changes) => {
    const policy = await api.post<Policy>(`${own}/policies`, policyOf());
    const answer = await api.request('POST', `${own}/policies/${policy.id}/rules`, ruleOf(changes));
    expect(answer.status).toBe(400);
    expect(answer.body.errorCode).toBe('E0000001');
  });

  test('keep priorities 1, 2, 3 … when many write at once', async () => {
    const { id } = await make();
    const path = `${SERVERS}/${id}/policies`;
    const policies = await together(15, (n) => api.post<Policy>(path, policyOf({ priority: (n % 3) + 1 })));
    const [first] = policies;
    const rules = `${path}/${first?.id}/rules`;
    await together(15, (n) => api.post<Rule>(rules, ruleOf({ priority: (n % 3) + 1 })));
    await Promise.all([
      ...policies.slice(1, 5).map(({ id }) => api.delete(`${path}/${id}`)),
      ...policies.slice(5).map((policy, n) => api.put(`${path}/${policy.id}`, policyOf({ priority: n + 1 }))),
      ...(await api.get<Rule[]>(rules)).slice(0, 5).map(({ id }) => api.delete(`${rules}/${id}`)),
      ...(await api.get<Rule[]>(rules)).slice(5).map(({ id }) => api.put(`${rules}/${id}`, ruleOf({ priority: 2 }))),
    ]);
    const priorities = async (list: string) => (await api.get<Policy[]>(list)).map(({ priority }) => priority);
    expect(await priorities(path)).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
    expect(await priorities(rules)).toEqual(Array.from({ length: 10 }, (_, i) => i + 1));
  });

  function together<T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => act(index)));
  }
});
