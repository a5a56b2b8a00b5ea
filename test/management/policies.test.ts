// The org's policies over HTTP: the system's own, shapes in the recorded order, priorities, rules, refusals. Contract section 4.13.
import { describe, expect, test } from 'vitest';
import { makeWebApplication, unique } from '../support/guide.ts';
import {
  type ApiError,
  type Application,
  type Group,
  type LogEvent,
  managementApi,
} from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const POLICIES = '/api/v1/policies';

type Links = Record<string, { href: string; hints: { allow: string[] } }>;
type Policy = {
  id: string;
  name: string;
  type: string;
  status: string;
  priority: number;
  system: boolean;
  conditions: object | null;
  settings?: { password: { complexity: Record<string, unknown> } };
  _links: Links;
  _embedded?: { rules?: Rule[] };
};
type Rule = {
  id: string;
  name: string;
  status: string;
  priority: number;
  system: boolean;
  conditions: Record<string, unknown> | null;
  actions: Record<string, Record<string, unknown>>;
  _links: Links;
};

const list = (type: string) => api.get<Policy[]>(`${POLICIES}?type=${type}`);
const rulesOf = (policy: Policy) => api.get<Rule[]>(`${POLICIES}/${policy.id}/rules`);
const make = (type: string, changes: object = {}) =>
  api.post<Policy>(POLICIES, { type, name: unique('policy'), ...changes });
const makeGroup = () => api.post<Group>('/api/v1/groups', { profile: { name: unique('group') } });

describe('the system has its own policy of every type', () => {
  test.each([
    ['ACCESS_POLICY', 'rst', 'rul'],
    ['PROFILE_ENROLLMENT', 'rst', 'rul'],
    ['POST_AUTH_SESSION', 'rst', 'rul'],
    ['ENTITY_RISK', 'rst', 'rul'],
    ['OKTA_SIGN_ON', '00p', '0pr'],
    ['PASSWORD', '00p', '0pr'],
    ['MFA_ENROLL', '00p', '0pr'],
    ['IDP_DISCOVERY', '00p', '0pr'],
  ])('%s', async (type, policyPrefix, rulePrefix) => {
    const own = (await list(type)).filter(({ system }) => system);
    const [policy] = own;
    if (!policy) throw new Error('none');
    expect(policy.id.slice(0, 3)).toBe(policyPrefix);
    expect(Object.keys(policy._links)).toEqual(['self', 'rules']);
    expect(policy._links.self?.hints.allow).toEqual(['GET', 'PUT']);
    const [rule, ...more] = await rulesOf(policy);
    expect(more).toEqual([]);
    expect(rule?.system).toBe(true);
    expect(rule?.id.slice(0, 3)).toBe(rulePrefix);
    expect(Object.keys(rule?._links ?? {})).toEqual(['self']);
  });

  test('which can be neither deleted nor deactivated', async () => {
    const [policy] = (await list('OKTA_SIGN_ON')).filter(({ system }) => system);
    const [rule] = policy ? await rulesOf(policy) : [];
    const path = `${POLICIES}/${policy?.id}`;
    for (const [method, target] of [
      ['DELETE', path],
      ['POST', `${path}/lifecycle/deactivate`],
      ['DELETE', `${path}/rules/${rule?.id}`],
      ['POST', `${path}/rules/${rule?.id}/lifecycle/deactivate`],
    ] as const) {
      const { status, body } = await api.request<ApiError>(method, target);
      expect([target, status, body.errorCode]).toEqual([target, 403, 'E0000006']);
    }
  });

  test('and applications link to those that they fall under', async () => {
    const app = await makeWebApplication(api);
    const { _links } = await api.get<Application & { _links: Links }>(`/api/v1/apps/${app.id}`);
    const [access] = (await list('ACCESS_POLICY')).filter(({ system }) => system);
    const [enrollment] = (await list('PROFILE_ENROLLMENT')).filter(({ system }) => system);
    expect(_links.accessPolicy?.href).toBe(`${server.url}${POLICIES}/${access?.id}`);
    expect(_links.profileEnrollment?.href).toBe(`${server.url}${POLICIES}/${enrollment?.id}`);
  });
});

test('a list asks for a type that is known', async () => {
  for (const query of ['', '?type=', '?type=OAUTH_AUTHORIZATION_POLICY', '?type=nonsense'])
    expect((await api.request(`GET`, `${POLICIES}${query}`)).status).toBe(400);
});

describe('a policy', () => {
  test('is answered 200 with its members in order, completed', async () => {
    const group = await makeGroup();
    const conditions = { people: { groups: { include: [group.id] } } };
    const { status, body } = await api.request<Policy>('POST', POLICIES, {
      type: 'PASSWORD',
      name: unique('strict'),
      description: 'For a few',
      conditions,
      settings: { password: { complexity: { minLength: 12 } } },
    });
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual([
      'id',
      'status',
      'name',
      'description',
      'priority',
      'system',
      'conditions',
      'created',
      'lastUpdated',
      'settings',
      '_links',
      'type',
    ]);
    expect(body.conditions).toEqual({ ...conditions, authProvider: { provider: 'OKTA' } });
    expect(body.settings?.password.complexity).toMatchObject({ minLength: 12, minUpperCase: 1, excludeAttributes: [] });
    expect(Object.keys(body._links)).toEqual(['mappings', 'self', 'rules', 'deactivate']);
    expect((await api.request('POST', `${POLICIES}/${body.id}/lifecycle/deactivate`)).status).toBe(204);
    const off = await api.get<Policy>(`${POLICIES}/${body.id}`);
    expect([off.status, Object.keys(off._links)]).toEqual(['INACTIVE', ['mappings', 'activate', 'self', 'rules']]);
    await api.delete(`${POLICIES}/${body.id}`);
    expect((await api.request<ApiError>('GET', `${POLICIES}/${body.id}`)).body.errorCode).toBe('E0000007');
  });

  test('stands where it is put, before the system’s, without gap or tie', async () => {
    const [one, two, three] = [await make('MFA_ENROLL'), await make('MFA_ENROLL'), await make('MFA_ENROLL')];
    await api.put(`${POLICIES}/${three.id}`, { ...three, priority: 1 });
    const order = await list('MFA_ENROLL');
    expect(order.map(({ priority }) => priority)).toEqual(order.map((_, index) => index + 1));
    expect(order.map(({ id }) => id).slice(0, 3)).toEqual([three.id, one.id, two.id]);
    expect(order.at(-1)?.system).toBe(true);
    await Promise.all([one, two, three].map(({ id }) => api.delete(`${POLICIES}/${id}`)));
    expect((await list('MFA_ENROLL')).map(({ priority }) => priority)).toEqual([1]);
  });

  test('of ten made at once under one name, one is made', async () => {
    const name = unique('once');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.request<ApiError>('POST', POLICIES, { type: 'OKTA_SIGN_ON', name })),
    );
    const made = answers.filter(({ status }) => status === 200);
    expect(made).toHaveLength(1);
    for (const { status, body } of answers.filter((one) => !made.includes(one)))
      expect([status, body.errorCode]).toEqual([400, 'E0000001']);
  });

  test.each([
    ['no name', { type: 'PASSWORD', name: ' ' }],
    ['no known type', { type: 'NONSENSE', name: 'x' }],
    ['a type of which there is one', { type: 'IDP_DISCOVERY', name: 'x' }],
    [
      'an unknown group',
      { type: 'OKTA_SIGN_ON', name: 'y', conditions: { people: { groups: { include: ['00gx'] } } } },
    ],
    ['too short passwords', { type: 'PASSWORD', name: 'z', settings: { password: { complexity: { minLength: 1 } } } }],
    ['text for a number', { type: 'PASSWORD', name: 'z', settings: { password: { lockout: { maxAttempts: '3' } } } }],
  ])('with %s is refused', async (_, body) => {
    const { status } = await api.request<ApiError>('POST', POLICIES, body);
    expect([400, 403]).toContain(status);
  });

  test('of an authorization server is none of the org', async () => {
    const [first] = await api.get<Policy[]>('/api/v1/authorizationServers/default/policies');
    for (const method of ['GET', 'DELETE'])
      expect((await api.request(method, `${POLICIES}/${first?.id}`)).status).toBe(404);
  });

  test('is told of in the System Log', async () => {
    const { id } = await make('OKTA_SIGN_ON');
    const rule = await api.post<Rule>(`${POLICIES}/${id}/rules`, { name: 'a rule', type: 'SIGN_ON' });
    await api.delete(`${POLICIES}/${id}/rules/${rule.id}`);
    await api.delete(`${POLICIES}/${id}`);
    const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`target.id eq "${id}"`)}`);
    expect(events.map(({ eventType }) => eventType).sort()).toEqual([
      'policy.lifecycle.create',
      'policy.lifecycle.delete',
      'policy.rule.add',
      'policy.rule.delete',
    ]);
  });
});

describe('a rule', () => {
  test('of an access policy keeps the priority that it was given, before the catch-all at 99', async () => {
    const policy = await make('ACCESS_POLICY');
    const add = (name: string, priority?: number) =>
      api.post<Rule>(`${POLICIES}/${policy.id}/rules`, { name, type: 'ACCESS_POLICY', priority });
    const [five, second] = [await add('five', 5), await add('also five', 5)];
    expect([five.priority, second.priority, (await add('last')).priority]).toEqual([5, 5, 7]);
    const rules = await rulesOf(policy);
    expect(rules.map(({ name, priority }) => [name, priority])).toEqual([
      ['also five', 5],
      ['five', 6],
      ['last', 7],
      ['Catch-all Rule', 99],
    ]);
    expect(five.conditions).toMatchObject({ people: { users: { exclude: [] } }, network: { connection: 'ANYWHERE' } });
    expect(Object.keys(five.actions.appSignOn ?? {})).toEqual(['access', 'verificationMethod', 'keepMeSignedIn']);
  });

  test('is read, replaced, turned off and on, and deleted', async () => {
    const policy = await make('OKTA_SIGN_ON');
    const path = `${POLICIES}/${policy.id}/rules`;
    const body = { type: 'SIGN_ON', name: 'short', actions: { signon: { session: { maxSessionIdleMinutes: 5 } } } };
    const rule = await api.post<Rule>(path, body);
    expect(rule.actions.signon).toMatchObject({
      access: 'ALLOW',
      primaryFactor: 'PASSWORD_IDP_ANY_FACTOR',
      session: { usePersistentCookie: false, maxSessionIdleMinutes: 5, maxSessionLifetimeMinutes: 0 },
    });
    const off = await api.request('POST', `${path}/${rule.id}/lifecycle/deactivate`);
    expect(off.status).toBe(204);
    expect(await api.put<Rule>(`${path}/${rule.id}`, { ...body, name: 'shorter' })).toMatchObject({
      name: 'shorter',
      status: 'INACTIVE',
    });
    const expanded = await api.get<Policy>(`${POLICIES}/${policy.id}?expand=rules`);
    expect(expanded._embedded?.rules?.map(({ id }) => id)).toEqual([rule.id]);
    await api.delete(`${path}/${rule.id}`);
    expect((await api.request('GET', `${path}/${rule.id}`)).status).toBe(404);
  });

  test('of another type, or for an endless session without use, is refused', async () => {
    const policy = await make('OKTA_SIGN_ON');
    const path = `${POLICIES}/${policy.id}/rules`;
    const actions = { signon: { session: { maxSessionIdleMinutes: 0 } } };
    expect((await api.request('POST', path, { name: 'r', type: 'PASSWORD' })).status).toBe(400);
    expect((await api.request('POST', path, { name: 'r', type: 'SIGN_ON', actions })).status).toBe(400);
  });
});

test('an access policy is assigned to applications, and is copied with its rules', async () => {
  const policy = await make('ACCESS_POLICY');
  const app = await makeWebApplication(api);
  const mapping = await api.post<{ id: string }>(`${POLICIES}/${policy.id}/mappings`, {
    resourceType: 'APP',
    resourceId: app.id,
  });
  const apps = () => api.get<Application[]>(`${POLICIES}/${policy.id}/app`);
  expect((await apps()).map(({ id }) => id)).toEqual([app.id]);
  expect((await api.request<ApiError>('DELETE', `${POLICIES}/${policy.id}`)).body.errorCode).toBe('E0000006');
  await api.delete(`${POLICIES}/${policy.id}/mappings/${mapping.id}`);
  expect(await apps()).toEqual([]);
  const copy = await api.post<Policy>(`${POLICIES}/${policy.id}/clone`);
  expect((await rulesOf(copy)).map(({ name }) => name)).toEqual(['Catch-all Rule']);
});
