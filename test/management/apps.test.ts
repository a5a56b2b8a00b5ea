// Applications and what hangs on them, over HTTP: shapes in the recorded order, statuses, refusals.
// Contract sections 3, 4.2, 4.4; traps 1, 20, 21, 22.
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type ApiError, type Application, type LogEvent, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const APPS = '/api/v1/apps';

type Links = { _links: Record<string, unknown> };

const bodyOf = (oauthClient: object = {}, credentials: object = {}) => ({
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

async function remove(id: string): Promise<void> {
  await api.post(`${APPS}/${id}/lifecycle/deactivate`);
  await api.delete(`${APPS}/${id}`);
}

describe('an application', () => {
  test('answers 200 with its members in order', async () => {
    const { status, body } = await api.request<Application & Links>('POST', `${APPS}?activate=true`, bodyOf());
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual([
      'id',
      'orn',
      'name',
      'label',
      'status',
      'lastUpdated',
      'created',
      'accessibility',
      'visibility',
      'features',
      'signOnMode',
      'credentials',
      'universalLogout',
      'settings',
      '_links',
    ]);
    expect(Object.keys(body.credentials)).toEqual(['userNameTemplate', 'signing', 'oauthClient']);
    expect(Object.keys(body.credentials.oauthClient)).toEqual([
      'autoKeyRotation',
      'client_id',
      'client_secret',
      'token_endpoint_auth_method',
      'pkce_required',
    ]);
    expect(Object.keys(body.settings)).toEqual([
      'app',
      'notifications',
      'manualProvisioning',
      'implicitAssignment',
      'emOptInStatus',
      'notes',
      'oauthClient',
    ]);
    expect(Object.keys(body.settings.oauthClient)).toEqual([
      'client_uri',
      'logo_uri',
      'redirect_uris',
      'response_types',
      'grant_types',
      'application_type',
      'consent_method',
      'issuer_mode',
      'idp_initiated_login',
      'wildcard_redirect',
      'dpop_bound_access_tokens',
      'participate_slo',
    ]);
  });

  test('links to what can be done with it in its status', async () => {
    const app = await make();
    const self = `${server.url}${APPS}/${app.id}`;
    expect(app._links).toMatchObject({
      users: { href: `${self}/users` },
      groups: { href: `${self}/groups` },
      clientCredentials: [{ name: 'secrets', href: `${self}/credentials/secrets` }],
      deactivate: { href: `${self}/lifecycle/deactivate` },
    });
    expect(app._links).not.toHaveProperty('activate');
    expect(await api.post(`${APPS}/${app.id}/lifecycle/deactivate`)).toEqual({});
    const { status, _links } = await api.get<Application & Links>(`${APPS}/${app.id}`);
    expect(status).toBe('INACTIVE');
    expect(_links).toMatchObject({ activate: { href: `${self}/lifecycle/activate` } });
    expect(_links).not.toHaveProperty('deactivate');
  });

  test('shows its secret when it is made and replaced, and never when it is read', async () => {
    const app = await make();
    const { client_secret: secret, client_id } = app.credentials.oauthClient;
    expect(secret).toMatch(/^[\w-]{64}$/);
    expect(client_id).toBe(app.id);
    expect((await api.get<Application>(`${APPS}/${app.id}`)).credentials.oauthClient).not.toHaveProperty(
      'client_secret',
    );
    const listed = await api.get<Application[]>(`${APPS}?q=${encodeURIComponent(app.label)}`);
    expect(listed.map(({ id }) => id)).toEqual([app.id]);
    expect(JSON.stringify(listed)).not.toContain(secret);
    const replaced = await api.put<Application>(`${APPS}/${app.id}`, { ...bodyOf(), label: app.label });
    expect(replaced.credentials.oauthClient.client_secret).toBe(secret);
  });

  test.each(['none', 'private_key_jwt'])('has no secret with the method %s', async (method) => {
    const app = await make({}, { token_endpoint_auth_method: method });
    expect(app.credentials.oauthClient).not.toHaveProperty('client_secret');
    expect(app.credentials.oauthClient).toMatchObject({ pkce_required: method === 'none' });
  });

  test('is read back as it was written, field by field', async () => {
    const fields = {
      client_uri: 'https://app.example.com',
      logo_uri: 'https://app.example.com/logo.png',
      redirect_uris: ['https://app.example.com/cb', 'https://*.app.example.com/cb'],
      post_logout_redirect_uris: ['https://app.example.com/bye'],
      response_types: ['code', 'id_token'],
      grant_types: ['authorization_code', 'implicit', 'refresh_token'],
      initiate_login_uri: 'https://app.example.com/start',
      application_type: 'web',
      tos_uri: 'https://app.example.com/terms',
      policy_uri: 'https://app.example.com/policy',
      jwks_uri: 'https://app.example.com/jwks',
      consent_method: 'REQUIRED',
      issuer_mode: 'DYNAMIC',
      refresh_token: { rotation_type: 'ROTATE', leeway: 15 },
      idp_initiated_login: { mode: 'SPEC', default_scope: ['openid'] },
      wildcard_redirect: 'SUBDOMAIN',
      dpop_bound_access_tokens: false,
      participate_slo: true,
      frontchannel_logout_uri: 'https://app.example.com/logout',
      frontchannel_logout_session_required: true,
      network: { connection: 'ANYWHERE' },
      subject_type: 'public',
    };
    const app = await make(fields);
    expect(app.settings.oauthClient).toEqual(fields);
    expect((await api.get<Application>(`${APPS}/${app.id}`)).settings.oauthClient).toEqual(fields);
  });

  test('is deleted only when it is inactive, and then gone with what hung on it', async () => {
    const app = await make();
    expect(await refusal('DELETE', `${APPS}/${app.id}`)).toEqual([403, 'E0000056', []]);
    await api.post(`${APPS}/${app.id}/lifecycle/deactivate`);
    expect((await api.request('DELETE', `${APPS}/${app.id}`)).status).toBe(204);
    for (const path of ['', '/users', '/groups', '/grants', '/credentials/secrets', '/credentials/jwks'])
      expect((await refusal('GET', `${APPS}/${app.id}${path}`)).slice(0, 2)).toEqual([404, 'E0000007']);
  });

  test('leaves events of everything that was done to it', async () => {
    const app = await make();
    await remove(app.id);
    const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`target.id eq "${app.id}"`)}`);
    const types = new Set(events.map(({ eventType }) => eventType));
    for (const change of ['create', 'activate', 'deactivate', 'delete']) {
      expect(types).toContain(`application.lifecycle.${change}`);
      expect(types).toContain(`app.oauth2.client.lifecycle.${change}`);
    }
    const secret = app.credentials.oauthClient.client_secret ?? '';
    expect(JSON.stringify(events)).not.toContain(secret);
  });
});

describe('an application that will not do is refused with the field in front', () => {
  test.each<[string, object, object]>([
    ['redirect_uris', { redirect_uris: [] }, {}],
    ['redirect_uris', { redirect_uris: ['/cb'] }, {}],
    ['redirect_uris', { redirect_uris: ['https://app.example.com/cb#x'] }, {}],
    ['redirect_uris', { redirect_uris: ['javascript:alert(1)'] }, {}],
    ['redirect_uris', { application_type: 'native', redirect_uris: ['data:text/html,x'] }, {}],
    ['redirect_uris', { redirect_uris: ['https://*.example.com/cb'] }, {}],
    ['redirect_uris', { redirect_uris: ['https://*.com/cb'], wildcard_redirect: 'SUBDOMAIN' }, {}],
    ['response_types', { grant_types: ['authorization_code'], response_types: ['token'] }, {}],
    ['grant_types', { grant_types: ['authorization_code'], response_types: ['code', 'id_token'] }, {}],
    ['grant_types', { grant_types: ['client_credentials'] }, { token_endpoint_auth_method: 'none' }],
    ['issuer_mode', { issuer_mode: 'CUSTOM_URL' }, {}],
    ['logo_uri', { logo_uri: 'javascript:alert(1)' }, {}],
    ['jwks', { jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, {}],
    ['client_secret', {}, { client_secret: 'too-short' }],
    ['client_id', {}, { client_id: 'ALL_CLIENTS' }],
  ])('%s in %j %j', async (field, oauthClient, credentials) => {
    const [status, code, causes] = await refusal('POST', APPS, bodyOf(oauthClient, credentials));
    expect([status, code]).toEqual([400, 'E0000001']);
    expect(causes[0]).toMatch(new RegExp(`^${field}: `));
  });

  test('and so is one that is malformed or of a sign-on mode that is not here', async () => {
    for (const body of [
      {},
      { ...bodyOf(), label: '' },
      { ...bodyOf(), signOnMode: 'SAML_2_0' },
      bodyOf({ grant_types: ['nonsense'] }),
    ])
      expect((await refusal('POST', APPS, body)).slice(0, 2)).toEqual([400, 'E0000001']);
  });

  test('and a client ID or application type never changes', async () => {
    const app = await make();
    const change = (oauthClient: object, credentials: object) =>
      refusal('PUT', `${APPS}/${app.id}`, bodyOf(oauthClient, credentials));
    expect((await change({}, { client_id: 'another-client' }))[2][0]).toMatch(/^client_id: /);
    expect((await change({ application_type: 'native' }, {}))[2][0]).toMatch(/^application_type: /);
  });

  test('and of ten that want one client ID at once, one gets it', async () => {
    const body = bodyOf({}, { client_id: unique('contested').replace(' ', '-') });
    const answers = await Promise.all(Array.from({ length: 10 }, () => api.request<ApiError>('POST', APPS, body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status !== 200);
    for (const { status, body } of refused) {
      expect([status, body.errorCode]).toEqual([400, 'E0000001']);
      expect(body.errorCauses[0]?.errorSummary).toContain('An object with this field already exists');
    }
  });
});

describe('a list of applications', () => {
  test('is paged with links of rel self and next, and keeps its query', async () => {
    const label = unique('Listed');
    for (const number of [1, 2, 3]) await api.post(APPS, { ...bodyOf(), label: `${label} ${number}` });
    const first = await api.request<Application[]>('GET', `${APPS}?limit=2&q=${encodeURIComponent(label)}`);
    const links = first.headers.get('link') ?? '';
    expect(links).toContain('rel="self"');
    const next = /<([^>]+)>; rel="next"/.exec(links)?.[1] ?? '';
    const second = await api.request<Application[]>('GET', next);
    expect(second.headers.get('link')).toContain('rel="self"');
    expect(second.headers.get('link')).not.toContain('rel="next"');
    const seen = [...first.body, ...second.body].map((app) => app.label);
    expect(seen).toEqual([1, 2, 3].map((number) => `${label} ${number}`));
    expect(
      await api.get(`${APPS}?filter=${encodeURIComponent('status eq "INACTIVE"')}&q=${encodeURIComponent(label)}`),
    ).toEqual([]);
  });

  test('refuses a filter, limit or cursor that will not do', async () => {
    expect((await refusal('GET', `${APPS}?filter=${encodeURIComponent('secret eq "x"')}`)).slice(0, 2)).toEqual([
      400,
      'E0000031',
    ]);
    expect((await refusal('GET', `${APPS}?limit=x`)).slice(0, 2)).toEqual([400, 'E0000029']);
    expect((await refusal('GET', `${APPS}?after=forged`)).slice(0, 2)).toEqual([400, 'E0000029']);
  });
});

describe('how ID tokens of the org server are issued', () => {
  test('is read and set, and 404 for what is no OAuth client', async () => {
    const app = await make();
    const settings = `/api/v1/internal/apps/${app.id}/settings/oauth/idToken`;
    expect(await api.get(settings)).toEqual({
      issuer: server.url,
      orgUrl: null,
      customUrl: null,
      audience: app.id,
      issuerMode: 'ORG_URL',
    });
    const claim = { valueType: 'GROUPS', name: 'groups', groupFilterType: 'REGEX', value: '.*' };
    expect(await api.post(settings, { issuerMode: 'DYNAMIC', ...claim })).toMatchObject({
      issuerMode: 'DYNAMIC',
      ...claim,
    });
    expect((await refusal('POST', settings, { issuerMode: 'CUSTOM_URL' }))[2][0]).toMatch(/^issuerMode/);
    const bookmark = await api.post<Application>(APPS, {
      label: unique('Bookmark'),
      signOnMode: 'BOOKMARK',
      settings: { app: { url: 'https://wiki.example.com' } },
    });
    const { status, body } = await api.request<ApiError>(
      'GET',
      `/api/v1/internal/apps/${bookmark.id}/settings/oauth/idToken`,
    );
    expect(status).toBe(404);
    expect(body.errorSummary).toBe(`Not found: Resource not found: ${bookmark.id} (OAuth2AppInstance)`);
  });
});
