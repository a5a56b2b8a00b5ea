// What password and sign-on policies do to the people that they are for, and not to others. Contract sections 4.10 and 4.13.
import { describe, expect, test } from 'vitest';
import { makeApplication, makeUser, unique } from '../support/guide.ts';
import { type ApiError, type Group, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const visitor = managementApi(server, null);
const POLICIES = '/api/v1/policies';
const MINUTE = 60_000;

type Made = { id: string };
type Session = { id: string; createdAt: string; expiresAt: string };
type Person = { id: string; login: string; password: string };

async function makeGroupWith(...people: Person[]): Promise<Group> {
  const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('group') } });
  for (const { id } of people) await api.put(`/api/v1/groups/${group.id}/users/${id}`);
  return group;
}

const makePolicy = (type: string, group: Group, more: object = {}) =>
  api.post<Made>(POLICIES, {
    type,
    name: unique('policy'),
    conditions: { people: { groups: { include: [group.id] } } },
    ...more,
  });

const makeRule = (policy: Made, signon: object, conditions: object = {}) =>
  api.post<Made>(`${POLICIES}/${policy.id}/rules`, {
    type: 'SIGN_ON',
    name: unique('rule'),
    conditions,
    actions: { signon },
  });

const signIn = ({ login, password }: Person) =>
  visitor.request<ApiError & { sessionToken: string }>('POST', '/api/v1/authn', { username: login, password });

async function sessionOf(person: Person): Promise<Session> {
  const { sessionToken } = (await signIn(person)).body;
  return api.post<Session>('/api/v1/sessions', { sessionToken });
}

const minutesOf = ({ createdAt, expiresAt }: Session) => (Date.parse(expiresAt) - Date.parse(createdAt)) / MINUTE;

describe('a password policy', () => {
  const settings = { password: { complexity: { minLength: 20 }, lockout: { maxAttempts: 2 } } };

  test('judges the passwords of its groups’ members alone', async () => {
    const [ada, bob] = [await makeUser(api), await makeUser(api)];
    const group = await makeGroupWith(ada);
    const policy = await makePolicy('PASSWORD', group, { settings });
    const change = ({ id }: Person) =>
      api.request<ApiError>('POST', `/api/v1/users/${id}`, { credentials: { password: { value: 'Short-Horse-77' } } });
    expect((await change(ada)).body.errorCode).toBe('E0000001');
    expect((await change(bob)).status).toBe(200);
    const newcomer = await api.request('POST', '/api/v1/users', {
      profile: { firstName: 'C', lastName: 'D', email: 'cd@example.com', login: 'cd@example.com' },
      credentials: { password: { value: 'Short-Horse-77' } },
      groupIds: [group.id],
    });
    expect(newcomer.status).toBe(400);
    await api.post(`${POLICIES}/${policy.id}/lifecycle/deactivate`);
    expect((await change(ada)).status).toBe(200);
  });

  test('locks after as many failures as it says', async () => {
    const ada = await makeUser(api);
    await makePolicy('PASSWORD', await makeGroupWith(ada), { settings });
    for (const _ of [1, 2]) await signIn({ ...ada, password: 'wrong' });
    expect((await api.get<{ status: string }>(`/api/v1/users/${ada.id}`)).status).toBe('LOCKED_OUT');
  });
});

describe('a sign-on policy', () => {
  test('says how long a session lives without use, and altogether', async () => {
    const [ada, bob] = [await makeUser(api), await makeUser(api)];
    const policy = await makePolicy('OKTA_SIGN_ON', await makeGroupWith(ada));
    await makeRule(policy, { session: { maxSessionIdleMinutes: 7 } });
    expect(minutesOf(await sessionOf(ada))).toBeCloseTo(7, 0);
    expect(minutesOf(await sessionOf(bob))).toBeCloseTo(120, 0);
    await makeRule(policy, { session: { maxSessionIdleMinutes: 50, maxSessionLifetimeMinutes: 3 } });
    // The first rule still answers.
    expect(minutesOf(await sessionOf(ada))).toBeCloseTo(7, 0);
    const rules = await api.get<Made[]>(`${POLICIES}/${policy.id}/rules`);
    await api.delete(`${POLICIES}/${policy.id}/rules/${rules[0]?.id}`);
    expect(minutesOf(await sessionOf(ada))).toBeCloseTo(3, 0);
  });

  test('keeps its people out where it denies, and nobody else', async () => {
    const [ada, bob] = [await makeUser(api), await makeUser(api)];
    const policy = await makePolicy('OKTA_SIGN_ON', await makeGroupWith(ada));
    const rule = await makeRule(policy, { access: 'DENY' });
    const refused = await signIn(ada);
    expect([refused.status, refused.body.errorCode]).toEqual([401, 'E0000004']);
    expect((await signIn(bob)).status).toBe(200);
    await api.post(`${POLICIES}/${policy.id}/rules/${rule.id}/lifecycle/deactivate`);
    expect((await signIn(ada)).status).toBe(200);
  });

  test('passes over somebody whom its rule excludes', async () => {
    const ada = await makeUser(api);
    const policy = await makePolicy('OKTA_SIGN_ON', await makeGroupWith(ada));
    await makeRule(policy, { access: 'DENY' }, { people: { users: { exclude: [ada.id] } } });
    expect((await signIn(ada)).status).toBe(200);
  });

  test.each([
    { riskScore: { level: 'HIGH' } },
    { risk: { behaviors: ['New City'] } },
    { authContext: { authType: 'RADIUS' } },
  ])('whose rule asks for what nobody measures, %j, is passed over', async (conditions) => {
    const ada = await makeUser(api);
    const policy = await makePolicy('OKTA_SIGN_ON', await makeGroupWith(ada));
    await makeRule(policy, { access: 'DENY' }, conditions);
    expect((await signIn(ada)).status).toBe(200);
  });

  test('is simulated as it is carried out', async () => {
    const [ada, bob] = [await makeUser(api), await makeUser(api)];
    const policy = await makePolicy('OKTA_SIGN_ON', await makeGroupWith(ada));
    const zone = await api.post<Made>('/api/v1/zones', {
      type: 'IP',
      name: unique('simulated'),
      gateways: [{ type: 'CIDR', value: '198.51.100.0/24' }],
    });
    const network = { connection: 'ZONE', include: [zone.id] };
    const [near, any] = [await makeRule(policy, {}, { network }), await makeRule(policy, {})];
    const { id: appInstance } = await makeApplication(api);
    type Verdict = { id: string; status: string };
    type Evaluation = {
      result: { policies: (Verdict & { rules: Verdict[] })[] };
      evaluated: { policies: (Verdict & { rules: Verdict[] })[] };
    };
    const simulated = async (user: Person, ip: string) => {
      const body = [{ appInstance, policyTypes: ['OKTA_SIGN_ON'], policyContext: { user: { id: user.id }, ip } }];
      const [answer] = await api.post<Evaluation[]>(`${POLICIES}/simulate?expand=EVALUATED,RULE`, body);
      return answer;
    };
    const decided = (answer: Evaluation | undefined) => answer?.result.policies[0]?.rules[0]?.id;
    expect(decided(await simulated(ada, '198.51.100.7'))).toBe(near.id);
    const elsewhere = await simulated(ada, '203.0.113.7');
    expect(decided(elsewhere)).toBe(any.id);
    expect(elsewhere?.evaluated.policies.find(({ id }) => id === policy.id)?.rules).toMatchObject([
      { id: near.id, status: 'NOT_MATCH' },
      { id: any.id, status: 'MATCH' },
    ]);
    const ofBob = await simulated(bob, '198.51.100.7');
    expect(ofBob?.evaluated.policies.find(({ id }) => id === policy.id)?.status).toBe('NOT_MATCH');
    const body = [{ appInstance, policyTypes: ['ACCESS_POLICY'], policyContext: { user: { id: ada.id } } }];
    expect((await api.request('POST', `${POLICIES}/simulate`, body)).status).toBe(400);
  });

  test('notices an address from which the person has not signed in lately', async () => {
    const [ada, name] = [await makeUser(api), unique('New address')];
    const behavior = await api.post<Made>('/api/v1/behaviors', { name, type: 'ANOMALOUS_IP' });
    const turn = (to: string) => api.post<Made>(`/api/v1/behaviors/${behavior.id}/lifecycle/${to}`);
    const policy = await makePolicy('OKTA_SIGN_ON', await makeGroupWith(ada));
    const rule = await makeRule(policy, { access: 'DENY' }, { risk: { behaviors: [behavior.id] } });
    expect((await signIn(ada)).status).toBe(401);
    await turn('deactivate');
    await sessionOf(ada);
    await turn('activate');
    expect((await signIn(ada)).status).toBe(200);
    expect((await api.request('DELETE', `/api/v1/behaviors/${behavior.id}`)).status).toBe(400);
    await api.delete(`${POLICIES}/${policy.id}/rules/${rule.id}`);
    await api.delete(`/api/v1/behaviors/${behavior.id}`);
  });

  test('asks from which zone a request comes', async () => {
    const ada = await makeUser(api);
    const policy = await makePolicy('OKTA_SIGN_ON', await makeGroupWith(ada));
    const zone = (name: string, value: string) =>
      api.post<Made>('/api/v1/zones', { type: 'IP', name: unique(name), gateways: [{ type: 'CIDR', value }] });
    const elsewhere = await zone('elsewhere', '198.51.100.0/24');
    const here = await api.post<Made>('/api/v1/zones', {
      type: 'IP',
      name: unique('here'),
      gateways: [
        { type: 'RANGE', value: '127.0.0.1-127.0.0.9' },
        { type: 'CIDR', value: '::1/128' },
      ],
    });
    const inZone = (include: Made) => ({ network: { connection: 'ZONE', include: [include.id] } });
    const rule = await makeRule(policy, { access: 'DENY' }, inZone(elsewhere));
    expect((await signIn(ada)).status).toBe(200);
    await api.put(`${POLICIES}/${policy.id}/rules/${rule.id}`, {
      type: 'SIGN_ON',
      name: unique('rule'),
      conditions: inZone(here),
      actions: { signon: { access: 'DENY' } },
    });
    expect((await signIn(ada)).status).toBe(401);
  });

  test('lets the cookie outlive the browser where it says so', async () => {
    const [ada, bob] = [await makeUser(api), await makeUser(api)];
    const policy = await makePolicy('OKTA_SIGN_ON', await makeGroupWith(ada));
    await makeRule(policy, { session: { usePersistentCookie: true, maxSessionLifetimeMinutes: 60 } });
    const app = await makeApplication(api);
    const cookieOf = async (person: Person) => {
      const { sessionToken } = (await signIn(person)).body;
      const query = new URLSearchParams({
        client_id: app.credentials.oauthClient.client_id,
        redirect_uri: app.settings.oauthClient.redirect_uris[0] ?? '',
        response_type: 'code',
        scope: 'openid',
        state: 's',
        code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
        code_challenge_method: 'S256',
        sessionToken,
      });
      const { headers } = await fetch(`${server.url}/oauth2/v1/authorize?${query}`, { redirect: 'manual' });
      return headers.getSetCookie().find((cookie) => cookie.startsWith('idx=')) ?? '';
    };
    expect(await cookieOf(ada)).toMatch(/Max-Age=3(600|59\d)/);
    expect(await cookieOf(bob)).not.toContain('Max-Age');
  });
});
