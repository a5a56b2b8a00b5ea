// Identity providers over HTTP: shapes in the recorded order, secrets, refusals, users, keys. Contract section 4.9.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makeUser, unique } from '../support/guide.ts';
import { type ApiError, type LogEvent, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const IDPS = '/api/v1/idps';
const SECRET = 'a-client-secret-of-thirty-two-characters';

type Provider = {
  id: string;
  name: string;
  status: string;
  protocol: {
    scopes: string[];
    endpoints: Record<string, { url: string; binding: string }>;
    credentials: { client: { client_secret?: string } };
  };
  policy: object;
  _links: Record<string, { href: string }>;
};

const endpoint = (path: string) => ({ url: `https://idp.example.com/${path}` });
const oidc = (changes: object = {}, protocol: object = {}) => ({
  type: 'OIDC',
  name: unique('oidc_one').replace(' ', '_'),
  protocol: {
    type: 'OIDC',
    scopes: ['openid'],
    issuer: { url: 'https://id.example.com' },
    endpoints: { authorization: endpoint('authorize'), token: endpoint('token'), jwks: endpoint('keys') },
    credentials: { client: { client_id: 'abc', client_secret: SECRET, pkce_required: null } },
    ...protocol,
  },
  policy: {},
  ...changes,
});
const social = (type: string) => ({
  type,
  name: unique(type.toLowerCase()),
  protocol: { credentials: { client: { client_id: 'abc', client_secret: SECRET } } },
});

test('an OpenID provider answers 200 with its members in order, completed', async () => {
  const { status, body } = await api.request<Provider>('POST', IDPS, oidc());
  expect(status).toBe(200);
  expect(body.id).toMatch(/^0oa/);
  expect(Object.keys(body)).toEqual([
    'id',
    'issuerMode',
    'name',
    'status',
    'created',
    'lastUpdated',
    'protocol',
    'policy',
    'type',
    '_links',
  ]);
  expect(Object.keys(body.protocol)).toEqual(['type', 'endpoints', 'settings', 'scopes', 'issuer', 'credentials']);
  expect(body.protocol.endpoints.token).toEqual({ url: 'https://idp.example.com/token', binding: 'HTTP-POST' });
  expect(body.protocol.credentials.client).toEqual({ client_id: 'abc', client_secret: SECRET });
  expect(body.policy).toMatchObject({
    provisioning: { action: 'AUTO', groups: { action: 'NONE' } },
    accountLink: { filter: null, action: 'AUTO' },
    subject: { matchType: 'USERNAME', matchAttribute: null },
    maxClockSkew: 0,
  });
  expect(body._links.authorize?.href).toContain(`/oauth2/v1/authorize?idp=${body.id}&client_id={clientId}`);
});

test.each([
  ['GOOGLE', 'https://accounts.google.com/o/oauth2/auth', ['openid', 'profile', 'email']],
  ['GITHUB', 'https://github.com/login/oauth/authorize', ['user']],
  ['MICROSOFT', 'https://login.microsoftonline.com/common/oauth2/v2.0/authorize', undefined],
  ['FACEBOOK', 'https://www.facebook.com/dialog/oauth', ['public_profile', 'email']],
])('%s needs nothing but its client', async (type, authorization, scopes) => {
  const made = await api.post<Provider>(IDPS, social(type));
  expect(made.protocol.endpoints.authorization?.url).toBe(authorization);
  if (scopes) expect(made.protocol.scopes).toEqual(scopes);
});

test('Apple’s private key goes in and does not come out', async () => {
  const made = await api.post<Provider>(IDPS, {
    type: 'APPLE',
    name: unique('apple'),
    protocol: {
      credentials: { client: { client_id: 'abc' }, signing: { privateKey: 'KEY-MATERIAL', teamId: 't', kid: 'k' } },
    },
  });
  expect(made.protocol.credentials).toMatchObject({ signing: { teamId: 't', kid: 'k' } });
  expect(JSON.stringify(await api.get(`${IDPS}/${made.id}`))).not.toContain('KEY-MATERIAL');
});

test('a provider is replaced, keeping its secret, turned off and on, found, and deleted, as the log tells', async () => {
  const made = await api.post<Provider>(IDPS, oidc());
  const body = oidc(
    { name: unique('renamed_100%').replace(' ', '_') },
    { credentials: { client: { client_id: 'other' } } },
  );
  const replaced = await api.put<Provider>(`${IDPS}/${made.id}`, body);
  expect(replaced.protocol.credentials.client).toEqual({ client_id: 'other', client_secret: SECRET });
  expect((await api.post<Provider>(`${IDPS}/${made.id}/lifecycle/deactivate`)).status).toBe('INACTIVE');
  expect((await api.post<Provider>(`${IDPS}/${made.id}/lifecycle/activate`)).status).toBe('ACTIVE');
  const found = async (query: string) => (await api.get<Provider[]>(`${IDPS}?${query}`)).map(({ id }) => id);
  expect(await found(`q=${encodeURIComponent(body.name.toUpperCase())}&type=OIDC`)).toEqual([made.id]);
  expect(await found(`q=${encodeURIComponent(body.name)}&type=GOOGLE`)).toEqual([]);
  await api.delete(`${IDPS}/${made.id}`);
  expect((await api.request('GET', `${IDPS}/${made.id}`)).status).toBe(404);
  const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`target.id eq "${made.id}"`)}`);
  expect(new Set(events.map(({ eventType }) => eventType.split('.').at(-1)))).toEqual(
    new Set(['create', 'update', 'deactivate', 'activate', 'delete']),
  );
  expect(JSON.stringify(events) + server.output()).not.toContain(SECRET);
});

test.each([
  ['an unknown type', oidc({ type: 'SAML2' })],
  ['no name', oidc({ name: '' })],
  ['no issuer', oidc({}, { issuer: null })],
  ['no endpoints', oidc({}, { endpoints: {} })],
  ['an endpoint without encryption', oidc({}, { endpoints: { authorization: { url: 'http://idp.example.com' } } })],
  ['no scope openid', oidc({}, { scopes: ['email'] })],
  ['no client', oidc({}, { credentials: {} })],
  ['no secret', oidc({}, { credentials: { client: { client_id: 'abc' } } })],
  ['a filter that cannot be read', oidc({ policy: { subject: { filter: '(' } } })],
  ['a name that is no expression', oidc({ policy: { subject: { userNameTemplate: { template: 'idpuser.' } } } })],
  ['a comparison that is none', oidc({ policy: { subject: { matchType: 'PHONE' } } })],
  ['no attribute to compare', oidc({ policy: { subject: { matchType: 'CUSTOM_ATTRIBUTE' } } })],
  ['another protocol', { ...social('GOOGLE'), protocol: { ...social('GOOGLE').protocol, type: 'OAUTH2' } }],
])('a provider with %s is refused', async (_, body) => {
  const { status, body: answer } = await api.request<ApiError>('POST', IDPS, body);
  expect([status, answer.errorCode]).toEqual([400, 'E0000001']);
});

test('of ten of one name made at once, one is made', async () => {
  const body = oidc();
  const answers = await Promise.all(Array.from({ length: 10 }, () => api.request('POST', IDPS, body)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 400)]);
});

describe('people', () => {
  test('are linked by the provider’s name for them, once, and unlinked', async () => {
    const [ada, bob] = [await makeUser(api), await makeUser(api)];
    const { id } = await api.post<Provider>(IDPS, oidc());
    const linked = await api.post<{ id: string }>(`${IDPS}/${id}/users/${ada.id}`, { externalId: 'ada-there' });
    expect(linked).toMatchObject({ id: ada.id, externalId: 'ada-there' });
    for (const [userId, externalId] of [
      [ada.id, 'another'],
      [bob.id, 'ada-there'],
    ]) {
      const again = await api.request<ApiError>('POST', `${IDPS}/${id}/users/${userId}`, { externalId });
      expect([again.status, again.body.errorCode]).toEqual([400, 'E0000001']);
    }
    expect((await api.get<{ id: string }[]>(`${IDPS}/${id}/users`)).map((one) => one.id)).toEqual([ada.id]);
    for (const [q, found] of [
      ['ada-', [ada.id]],
      [ada.login.toUpperCase(), [ada.id]],
      ['bob', []],
    ] as const)
      expect(
        (await api.get<{ id: string }[]>(`${IDPS}/${id}/users?q=${encodeURIComponent(q)}`)).map((one) => one.id),
      ).toEqual(found);
    const known = await api.get<Provider[]>(`/api/v1/users/${ada.id}/idps`);
    expect(known.map((one) => one.id)).toEqual([id]);
    expect(JSON.stringify(known)).not.toContain(SECRET);
    await api.delete(`${IDPS}/${id}/users/${ada.id}`);
    expect((await api.request('GET', `${IDPS}/${id}/users/${ada.id}`)).status).toBe(404);
  });
});

describe('keys', () => {
  const [certificate = ''] = readFileSync(new URL('./idp-certificate.txt', import.meta.url), 'utf8').split('\n');

  test('are kept as certificates, read and forgotten', async () => {
    const key = await api.post<{ kid: string }>(`${IDPS}/credentials/keys`, { x5c: [certificate] });
    expect(key).toMatchObject({ kty: 'RSA', use: 'sig', x5c: [certificate] });
    expect(await api.get(`${IDPS}/credentials/keys/${key.kid}`)).toEqual(key);
    expect(await api.get(`${IDPS}/credentials/keys`)).toEqual([key]);
    await api.delete(`${IDPS}/credentials/keys/${key.kid}`);
    expect((await api.request('GET', `${IDPS}/credentials/keys/${key.kid}`)).status).toBe(404);
  });

  test('take another certificate', async () => {
    const key = await api.post<{ kid: string }>(`${IDPS}/credentials/keys`, { x5c: [certificate] });
    const path = `${IDPS}/credentials/keys/${key.kid}`;
    expect(await api.put(path, { ...key, x5c: [certificate] })).toMatchObject({ kid: key.kid, x5c: [certificate] });
    expect((await api.request('PUT', path, { x5c: ['AAAA'] })).status).toBe(400);
    await api.delete(path);
    expect((await api.request('PUT', path, { x5c: [certificate] })).status).toBe(404);
  });

  test('must be certificates', async () => {
    expect((await api.request('POST', `${IDPS}/credentials/keys`, { x5c: ['AAAA'] })).status).toBe(400);
  });
});

describe('keys by which this server is known to a provider', () => {
  type Key = { kid: string; kty: string; use: string; x5c: string[]; expiresAt: string };

  test('are made for some years, shared with another provider, and go with it', async () => {
    const [one, other] = [await api.post<Provider>(IDPS, oidc()), await api.post<Provider>(IDPS, oidc())];
    const keys = `${IDPS}/${one.id}/credentials/keys`;
    expect(await api.get(`${keys}/active`)).toEqual([]);
    for (const query of ['', '?validityYears=1', '?validityYears=11'])
      expect((await api.request('POST', `${keys}/generate${query}`)).status).toBe(400);
    const { status, body: key } = await api.request<Key>('POST', `${keys}/generate?validityYears=2`);
    expect([status, key.kty, key.use, key.x5c.length]).toEqual([200, 'RSA', 'sig', 1]);
    expect(JSON.stringify(key)).not.toMatch(/"(d|p|q)":/);
    expect(await api.get(keys)).toEqual([key]);
    expect(await api.get(`${keys}/${key.kid}`)).toEqual(key);
    expect(await api.get(`${keys}/active`)).toEqual([key]);
    const clone = `${keys}/${key.kid}/clone?targetIdpId=${other.id}`;
    expect((await api.request('POST', clone)).status).toBe(201);
    expect((await api.request('POST', clone)).status).toBe(400);
    expect((await api.get<Key[]>(`${IDPS}/${other.id}/credentials/keys`)).map(({ kid }) => kid)).toEqual([key.kid]);
    await api.delete(`${IDPS}/${one.id}`);
    expect((await api.request('GET', keys)).status).toBe(404);
  });

  test('may be certified by an authority, by a request that is revoked or answered', async () => {
    const { id } = await api.post<Provider>(IDPS, oidc());
    const csrs = `${IDPS}/${id}/credentials/csrs`;
    const body = {
      subject: { countryName: 'DE', organizationName: 'Example' },
      subjectAltNames: { dnsNames: ['sso.example.com'] },
    };
    const made = await api.request<{ id: string; kty: string; csr: string }>('POST', csrs, body);
    expect([made.status, made.body.kty]).toEqual([201, 'RSA']);
    expect(await api.get(`${csrs}/${made.body.id}`)).toEqual(made.body);
    const [certificate = ''] = readFileSync(new URL('./idp-certificate.txt', import.meta.url), 'utf8').split('\n');
    const publish = await fetch(`${server.url}${csrs}/${made.body.id}/lifecycle/publish`, {
      method: 'POST',
      headers: { authorization: `SSWS ${server.apiToken}`, 'content-type': 'application/x-pem-file' },
      body: `-----BEGIN CERTIFICATE-----\n${certificate}\n-----END CERTIFICATE-----`,
    });
    // It is about another key.
    expect(publish.status).toBe(400);
    await api.delete(`${csrs}/${made.body.id}`);
    expect(await api.get(csrs)).toEqual([]);
  });
});
