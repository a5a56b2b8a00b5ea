// Check setup: break each setting in turn, and the line that is about it says so, and no other. The numbers are those of the twenty
// failures that application owners report; where the cause is the application's own, the nearest setting of this server is broken.
import { describe, expect, test } from 'vitest';
import { policyFor, requireFactorOf } from '../support/factors.ts';
import { followGuide, makeUser, unique } from '../support/guide.ts';
import type { ApiError, AuthorizationServer } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

type Line = {
  id: string;
  result: 'PASS' | 'WARNING' | 'FAILURE';
  says: string;
  fix: string | null;
  step: { number: number; title: string } | null;
  place: string;
};
type Report = {
  authorizationServer: { id: string; name: string; issuer: string };
  user: { id: string; login: string } | null;
  grantType: string;
  scopes: string[] | null;
  outcome: 'ALLOW' | 'DENY';
  lines: Line[];
};
type Undo = () => Promise<unknown>;
type Claim = { id: string; name: string };

const ORIGIN = 'http://127.0.0.1:4555';
const server = await serverOfThisFile();
const guide = await followGuide(server);
const { api, app, authorizationServer, policy, rule, user, clientId, redirectUri } = guide;
const at = `/api/v1/authorizationServers/${authorizationServer.id}`;
const appPath = `/api/v1/apps/${app.id}`;
const policyPath = `${at}/policies/${policy.id}`;
const rulePath = `${policyPath}/rules/${rule.id}`;
const origin = await api.post<{ id: string }>('/api/v1/trustedOrigins', {
  name: unique('Catalogue'),
  origin: ORIGIN,
  scopes: [{ type: 'CORS' }],
});
const groups = {
  name: 'groups',
  claimType: 'IDENTITY',
  valueType: 'GROUPS',
  group_filter_type: 'STARTS_WITH',
  value: 'Every',
  alwaysIncludeInToken: true,
};
const groupsClaim = await api.post<Claim>(`${at}/claims`, groups);
const emailClaim = (await api.get<Claim[]>(`${at}/claims`)).find(({ name }) => name === 'email');

const check = (asked: object = {}) =>
  api.post<Report>(`${appPath}/setup-check`, {
    userId: user.id,
    authorizationServerId: authorizationServer.id,
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    redirectUri,
    origin: ORIGIN,
    issuer: authorizationServer.issuer,
    ...asked,
  });
const troubles = ({ lines }: Report) => lines.filter(({ result }) => result !== 'PASS').map(({ id }) => id);

/** What is at the path with these changes, and back. */
async function change<T extends object>(path: string, changed: (before: T) => object): Promise<Undo> {
  const before = await api.get<T>(path);
  await api.put(path, { ...before, ...changed(before) });
  return () => api.put(path, before);
}

const changeClient = (oauthClient: object) =>
  change<{ settings: { oauthClient: object } }>(appPath, ({ settings }) => ({
    settings: { ...settings, oauthClient: { ...settings.oauthClient, ...oauthClient } },
  }));
async function changeServer(changes: object): Promise<Undo> {
  const undo = await change(at, () => changes);
  const usual = { credentials: { signing: { alg: 'RS256', rotationMode: 'AUTO' } } };
  return () => ('credentials' in changes ? change(at, () => usual) : undo());
}
const changeRule = (conditions: object, token: object = {}) =>
  change<{ conditions: object; actions: { token: object } }>(rulePath, (before) => ({
    conditions: { ...before.conditions, ...conditions },
    actions: { token: { ...before.actions.token, ...token } },
  }));

async function act(path: string, there: string, back: string): Promise<Undo> {
  await api.post(`${path}/lifecycle/${there}`);
  return () => api.post(`${path}/lifecycle/${back}`);
}

test('of a set-up that is right, every line passes, and so does a sign-in', async () => {
  const report = await check();
  expect(troubles(report)).toEqual([]);
  expect(report.outcome).toBe('ALLOW');
  expect(report.lines.map(({ id }) => id)).toEqual([
    'application',
    'grants',
    'clientAuthentication',
    'redirectUris',
    'signOutUris',
    'baseUris',
    'server',
    'issuer',
    'audience',
    'defaultScope',
    'scopes',
    'policy',
    'rule',
    'keys',
    'person',
    'signOnPolicy',
    'secondFactor',
    'assignment',
    'consent',
    'refreshToken',
    'claims',
    'groups',
    'clock',
  ]);
  for (const { says, place } of report.lines) {
    expect(says).toMatch(/\S/);
    expect(place).toMatch(/^(application|server|trusted|person)/);
  }
});

describe('each of twenty failures is named by its line', () => {
  test.each<
    [number: number, what: string, line: string, result: Line['result'], breaking: () => Promise<Undo>, asked?: object]
  >([
    [
      1,
      'keys that the application’s verifier cannot use',
      'keys',
      'WARNING',
      () => changeServer({ credentials: { signing: { alg: 'ES256' } } }),
    ],
    [2, 'an issuer at which there is no server', 'server', 'FAILURE', () => act(at, 'deactivate', 'activate')],
    [
      3,
      'a redirect URI that is off by a slash',
      'redirectUris',
      'FAILURE',
      () => changeClient({ redirect_uris: [`${redirectUri}/`] }),
    ],
    [
      4,
      'http sent where https is registered',
      'redirectUris',
      'FAILURE',
      () => changeClient({ redirect_uris: ['https://catalogue.example.com/callback'] }),
      { redirectUri: 'http://catalogue.example.com/callback' },
    ],
    [5, 'no policy for the application', 'policy', 'FAILURE', () => act(policyPath, 'deactivate', 'activate')],
    [6, 'an issuer that follows the address', 'issuer', 'WARNING', () => changeServer({ issuerMode: 'DYNAMIC' })],
    [
      7,
      'no groups claim',
      'groups',
      'WARNING',
      () => change(`${at}/claims/${groupsClaim.id}`, () => ({ status: 'INACTIVE' })),
    ],
    [
      8,
      'a scope outside of the rule',
      'rule',
      'FAILURE',
      () => changeRule({ scopes: { include: ['openid', 'profile', 'email'] } }),
    ],
    [
      9,
      'the grant by which the application asks is not ticked',
      'grants',
      'FAILURE',
      () => changeClient({ grant_types: ['implicit', 'refresh_token'], response_types: ['token', 'id_token'] }),
    ],
    [
      10,
      'tokens that only the instance with the key can use',
      'clientAuthentication',
      'WARNING',
      () => changeClient({ dpop_bound_access_tokens: true }),
    ],
    [
      11,
      'an address at which browsers lose cookies',
      'redirectUris',
      'WARNING',
      () => changeClient({ redirect_uris: ['http://catalogue.example.com/callback'] }),
      { redirectUri: null },
    ],
    [
      12,
      'no grace for two refreshes at once',
      'refreshToken',
      'WARNING',
      () => changeClient({ refresh_token: { rotation_type: 'ROTATE', leeway: 0 } }),
    ],
    [
      13,
      'renewal that depends on third-party cookies',
      'refreshToken',
      'WARNING',
      () => changeClient({ grant_types: ['authorization_code'], refresh_token: null }),
    ],
    [
      14,
      'no trusted origin',
      'baseUris',
      'FAILURE',
      () => act(`/api/v1/trustedOrigins/${origin.id}`, 'deactivate', 'activate'),
    ],
    [
      15,
      'nowhere to go after sign-out',
      'signOutUris',
      'WARNING',
      () => changeClient({ post_logout_redirect_uris: [] }),
    ],
    [
      16,
      'no claim by which the application knows people',
      'claims',
      'WARNING',
      () => change(`${at}/claims/${emailClaim?.id}`, () => ({ status: 'INACTIVE' })),
    ],
    [
      17,
      'groups of which the person has none',
      'groups',
      'WARNING',
      () => change(`${at}/claims/${groupsClaim.id}`, () => ({ ...groups, value: 'Administrators of' })),
    ],
    [
      18,
      'somebody who lost their assignment',
      'assignment',
      'FAILURE',
      async () => {
        await api.delete(`${appPath}/users/${user.id}`);
        return () => api.post(`${appPath}/users`, { id: user.id, scope: 'USER' });
      },
    ],
    [19, 'tokens that live no longer than clocks differ', 'clock', 'WARNING', () => changeRule({}, SHORT_LIFE)],
    [
      20,
      'an issuer that every application may use',
      'policy',
      'WARNING',
      () => change(policyPath, () => ({ conditions: { clients: { include: ['ALL_CLIENTS'] } } })),
    ],
  ])('%i: %s', async (_number, _what, line, result, breaking, asked = {}) => {
    const undo = await breaking();
    const report = await check(asked);
    await undo();
    expect(troubles(report)).toEqual([line]);
    const told = report.lines.find(({ id }) => id === line);
    expect(told?.result).toBe(result);
    expect(told?.fix).toMatch(/^[A-Z].{10,}\.$/);
    if (report.outcome === 'DENY') expect(result).toBe('FAILURE');
  });
});

const SHORT_LIFE = { accessTokenLifetimeMinutes: 5 };

describe('and so are the others', () => {
  test.each<[what: string, line: string, result: Line['result'], breaking: () => Promise<Undo>, asked?: object]>([
    ['an application that is off', 'application', 'FAILURE', () => act(appPath, 'deactivate', 'activate')],
    ['somebody suspended', 'person', 'FAILURE', () => act(`/api/v1/users/${user.id}`, 'suspend', 'unsuspend')],
    [
      'an audience that is not the Client ID',
      'audience',
      'WARNING',
      () => changeServer({ audiences: ['https://api.example.com'] }),
    ],
    [
      'no default scope',
      'defaultScope',
      'WARNING',
      () => change(`${at}/scopes/${guide.defaultScope.id}`, () => ({ default: false })),
    ],
    [
      'no default scope for a request without scopes',
      'defaultScope',
      'FAILURE',
      () => change(`${at}/scopes/${guide.defaultScope.id}`, () => ({ default: false })),
      { scopes: null },
    ],
    [
      'a rule for other grants',
      'rule',
      'FAILURE',
      () => changeRule({ grantTypes: { include: ['client_credentials'] } }),
    ],
    ['a rule that is off', 'rule', 'FAILURE', () => act(rulePath, 'deactivate', 'activate')],
    [
      'keys that nobody changes',
      'keys',
      'WARNING',
      () => changeServer({ credentials: { signing: { rotationMode: 'MANUAL' } } }),
    ],
    [
      'a claim that cannot be evaluated',
      'claims',
      'FAILURE',
      () => change(`${at}/claims/${groupsClaim.id}`, () => ({ ...BROKEN, name: 'groups' })),
    ],
    [
      'a refresh token that stays',
      'refreshToken',
      'WARNING',
      () => changeClient({ refresh_token: { rotation_type: 'STATIC' } }),
    ],
  ])('%s', async (_what, line, result, breaking, asked = {}) => {
    const undo = await breaking();
    const report = await check(asked);
    await undo();
    const expected = asked && 'scopes' in asked ? expect.arrayContaining([line]) : [line];
    expect(troubles(report)).toEqual(expected);
    expect(report.lines.find(({ id }) => id === line)?.result).toBe(result);
  });

  test('what the application was given, sends or asks, held against the settings', async () => {
    for (const [asked, line, says] of [
      [{ issuer: server.url }, 'issuer', authorizationServer.issuer],
      [{ redirectUri: `${redirectUri}/` }, 'redirectUris', 'the slash at its end'],
      [{ redirectUri: redirectUri.replace('/callback', '/CALLBACK') }, 'redirectUris', 'capital letters'],
      [{ postLogoutRedirectUri: 'https://elsewhere.example.com/' }, 'signOutUris', 'not registered'],
      [{ origin: 'https://elsewhere.example.com' }, 'baseUris', 'CORS'],
      [{ origin: `${ORIGIN}/` }, 'baseUris', 'not an origin'],
      [{ scopes: ['openid', 'profile', 'email', 'offline_access', 'nowhere'] }, 'scopes', 'nowhere'],
      [{ clock: 0 }, 'clock', 'seconds apart'],
    ] as const) {
      const report = await check(asked);
      expect(troubles(report)).toEqual([line]);
      const told = report.lines.find(({ id }) => id === line);
      expect(told).toMatchObject({ result: 'FAILURE', says: expect.stringContaining(says) });
    }
  });

  test('several at once: an earlier failure hides no later one', async () => {
    const undo = await changeClient({ redirect_uris: ['https://elsewhere.example.com/callback'] });
    const undoRule = await changeRule({ people: { groups: { include: ['00gNotTheirGroup00000'] } } });
    await api.delete(`${appPath}/users/${user.id}`);
    const report = await check();
    await api.post(`${appPath}/users`, { id: user.id, scope: 'USER' });
    await undoRule();
    await undo();
    expect(troubles(report)).toEqual(['redirectUris', 'rule', 'assignment']);
    expect(report.outcome).toBe('DENY');
  });

  test('a sign-on policy that keeps somebody out, or wants what they have not and may not set up', async () => {
    const told = async (userId: string) => {
      const { lines } = await check({ userId, grantType: 'authorization_code' });
      return lines.filter(({ id, result }) => result === 'FAILURE' && id !== 'assignment').map(({ id }) => id);
    };
    const [shut, factorless] = [await makeUser(api), await makeUser(api)];
    const deny = { signon: { access: 'DENY' } };
    await policyFor(api, shut.id, { type: 'OKTA_SIGN_ON', rule: { type: 'SIGN_ON', actions: deny } });
    expect(await told(shut.id)).toEqual(['signOnPolicy']);
    await requireFactorOf(api, factorless.id);
    expect(await told(factorless.id)).toEqual([]);
    await policyFor(api, factorless.id, {
      type: 'MFA_ENROLL',
      settings: { type: 'AUTHENTICATORS', authenticators: [] },
      rule: { type: 'MFA_ENROLL' },
    });
    expect(await told(factorless.id)).toEqual(['secondFactor']);
  });

  test('consent that is still to be given', async () => {
    const undo = await changeClient({ consent_method: 'REQUIRED' });
    const orders = await api.post<{ id: string }>(`${at}/scopes`, { name: 'orders', consent: 'REQUIRED' });
    const report = await check({ scopes: ['openid', 'profile', 'email', 'offline_access', 'orders'] });
    await api.delete(`${at}/scopes/${orders.id}`);
    await undo();
    expect(troubles(report)).toEqual(['consent']);
    expect(report).toMatchObject({ outcome: 'ALLOW' });
  });
});

test('what is not said is taken from the application: its server, its grant, its scopes', async () => {
  const report = await api.post<Report>(`${appPath}/setup-check`, { userId: user.login });
  expect(report).toMatchObject({
    authorizationServer: { id: authorizationServer.id, issuer: authorizationServer.issuer },
    user: { id: user.id },
    grantType: 'authorization_code',
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    outcome: 'ALLOW',
  });
  const org = await api.post<Report>(`${appPath}/setup-check`, { userId: user.id, authorizationServerId: 'org' });
  expect(org.authorizationServer.issuer).toBe(server.url);
  expect(org.lines.find(({ id }) => id === 'server')).toMatchObject({ result: 'WARNING' });
  const other = await api.post<AuthorizationServer>('/api/v1/authorizationServers', {
    name: unique('Other'),
    description: '',
    audiences: [`${clientId}-other`],
  });
  const elsewhere = await api.post<Report>(`${appPath}/setup-check`, {
    userId: user.id,
    authorizationServerId: other.id,
  });
  expect(elsewhere.lines.find(({ id }) => id === 'policy')).toMatchObject({ result: 'FAILURE', step: { number: 7 } });
});

test('nobody named: it is checked for who asks', async () => {
  const report = await api.post<Report>(`${appPath}/setup-check`, {});
  expect(report.user?.login).toBe(server.admin.login);
  expect(report.lines.find(({ id }) => id === 'assignment')).toMatchObject({ result: 'FAILURE' });
});

test('a person who does not exist, and an application or server that is none, are not found', async () => {
  const post = (path: string, body: object) => api.request<ApiError>('POST', path, body);
  expect(await post(`${appPath}/setup-check`, { userId: 'nobody@example.com' })).toMatchObject({ status: 404 });
  expect(await post('/api/v1/apps/0oaNowhere/setup-check', { userId: user.id })).toMatchObject({ status: 404 });
  expect(await post(`${appPath}/setup-check`, { userId: user.id, authorizationServerId: 'x' })).toMatchObject({
    status: 404,
  });
});

const BROKEN = {
  claimType: 'IDENTITY',
  valueType: 'EXPRESSION',
  value: 'cool',
  alwaysIncludeInToken: true,
  group_filter_type: null,
};
