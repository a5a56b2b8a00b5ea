// Dynamic client registration: RFC 7591, RFC 7592, contract 1.13. Each client is an application, seen flat.
import * as oidc from 'openid-client';
import { describe, expect, test } from 'vitest';
import { newClientKey } from '../support/client-keys.ts';
import { CALLBACK, followGuide, makeUser, unique } from '../support/guide.ts';
import { type ApiError, type Application, type LogEvent, managementApi } from '../support/management-api.ts';
import { authorizeUrl, basic, newPkce, type OAuthError, postForm } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { makeService, serviceToken } from '../support/service.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const { api } = guide;
const PATH = '/oauth2/v1/clients';

type Client = {
  client_id: string;
  client_secret?: string;
  client_id_issued_at: number;
  client_secret_expires_at?: number;
  client_name: string;
  redirect_uris: string[];
  response_types: string[];
  grant_types: string[];
  token_endpoint_auth_method: string;
  application_type: string;
  [member: string]: unknown;
};
const register = (body: object) =>
  api.request<Client & OAuthError>('POST', PATH, {
    client_name: unique('Registered'),
    redirect_uris: [CALLBACK],
    ...body,
  });
const registered = async (body: object = {}) => {
  const answer = await register(body);
  if (answer.status !== 201) throw new Error(`Not registered: ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const bearer = (token: string) => managementApi(server, `Bearer ${token}`);

describe('a registration', () => {
  test('answers the client with its secret, and what was left open filled in', async () => {
    const name = unique('Registered');
    const { status, headers, body } = await register({ client_name: name });
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      client_id: expect.stringMatching(/^0oa\w{17}$/),
      client_secret: expect.stringMatching(/^[\w-]{64}$/),
      client_id_issued_at: expect.any(Number),
      client_secret_expires_at: 0,
      client_name: name,
      client_uri: null,
      logo_uri: null,
      redirect_uris: [CALLBACK],
      response_types: ['code'],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'client_secret_basic',
      application_type: 'web',
      dpop_bound_access_tokens: false,
    });
    expect(Math.abs(body.client_id_issued_at - Date.now() / 1000)).toBeLessThan(60);
  });

  test('makes an application that asks for consent', async () => {
    const client = await registered();
    const app = await api.get<Application>(`/api/v1/apps/${client.client_id}`);
    expect(app).toMatchObject({
      name: 'oidc_client',
      label: client.client_name,
      status: 'ACTIVE',
      signOnMode: 'OPENID_CONNECT',
    });
    expect(app.settings.oauthClient.consent_method).toBe('REQUIRED');
  });

  test('makes a client that can be used at once', async () => {
    const { client_id: clientId, client_secret: secret = '' } = await registered();
    const answer = await postForm(
      `${server.url}/oauth2/v1/introspect`,
      { token: 'x' },
      { authorization: basic(clientId, secret) },
    );
    expect(answer.body).toEqual({ active: false });
    const visit = await newUserAgent(server).open(
      authorizeUrl({ ...guide, issuer: server.url, clientId, scope: 'openid' }, newPkce()),
    );
    expect(visit.html).toContain('identifier');
  });

  test('keeps what is said, and ignores what is not known', async () => {
    const key = await newClientKey();
    const said = {
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'private_key_jwt',
      redirect_uris: ['com.example.app:/callback', CALLBACK],
      post_logout_redirect_uris: ['com.example.app:/bye'],
      client_uri: 'https://app.example/',
      logo_uri: 'https://app.example/logo.png',
      tos_uri: 'https://app.example/terms',
      policy_uri: 'https://app.example/privacy',
      initiate_login_uri: 'https://app.example/begin',
      request_object_signing_alg: 'ES256',
      jwks: { keys: [key.publicJwk] },
    };
    const client = await registered({ ...said, software_id: 'x', client_id_issued_at: 1, something_else: {} });
    expect(client).toMatchObject({ ...said, jwks: { keys: [expect.objectContaining({ kid: key.publicJwk.kid })] } });
    expect(client).not.toHaveProperty('client_secret');
    expect(client).not.toHaveProperty('client_secret_expires_at');
    expect(client).not.toHaveProperty('software_id');
  });

  test('of a service needs no redirect URI', async () => {
    const service = {
      redirect_uris: [],
      application_type: 'service',
      grant_types: ['client_credentials'],
      response_types: ['token'],
    };
    expect(await registered(service)).toMatchObject(service);
  });

  test.each<[string, object, string | RegExp]>([
    ['without a name', { client_name: undefined }, 'client_name: The field cannot be left blank'],
    ['without redirect URIs', { redirect_uris: [] }, 'redirect_uris: The field cannot be left blank'],
    ['with a redirect URI that is none', { redirect_uris: ['x'] }, /^redirect_uris: /],
    ['with a dangerous redirect URI', { redirect_uris: ['javascript:alert(1)'] }, /^redirect_uris: /],
    ['with an unknown grant type', { grant_types: ['mind_reading'] }, /^grant_types/],
    ['with types that do not go together', { response_types: ['id_token'] }, /^(response_types|grant_types): /],
    ['with keys in two places', { jwks: { keys: [] }, jwks_uri: 'https://x.example/keys' }, /^jwks/],
    ['with a private key', { jwks: { keys: [{ kty: 'EC', d: 'x' }] } }, /^jwks: /],
    ['with an unknown method', { token_endpoint_auth_method: 'tls_client_auth' }, /^token_endpoint_auth_method/],
  ])('%s is invalid metadata', async (_, body, text) => {
    const answer = await register(body);
    expect(answer.status).toBe(400);
    expect(Object.keys(answer.body).sort()).toEqual(['error', 'error_description']);
    expect(answer.body.error).toBe('invalid_client_metadata');
    expect(answer.body.error_description).toMatch(text);
  });

  test('that is no JSON object is invalid metadata', async () => {
    const send = (body: string, type: string) =>
      fetch(`${server.url}${PATH}`, {
        method: 'POST',
        body,
        headers: { 'content-type': type, authorization: `SSWS ${server.apiToken}` },
      });
    for (const [body, type] of [
      ['{', 'application/json'],
      ['client_name=x', 'application/x-www-form-urlencoded'],
      ['[]', 'application/json'],
    ] as const) {
      const response = await send(body, type);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: 'invalid_client_metadata' });
    }
  });
});

test('a certified client registers itself by discovery, and signs in', async () => {
  for (const issuer of [server.url, guide.issuer]) {
    const { registration_endpoint: endpoint } = await (
      await fetch(`${issuer}/.well-known/openid-configuration`)
    ).json();
    expect(endpoint).toBe(`${server.url}${PATH}`);
  }
  const service = await makeService(api, server, { scopes: ['okta.clients.register'], role: 'APP_ADMIN' });
  const { body } = await serviceToken(server, service, 'okta.clients.register');
  const config = await oidc.dynamicClientRegistration(
    new URL(server.url),
    { client_name: unique('Certified'), redirect_uris: [CALLBACK] },
    undefined,
    { execute: [oidc.allowInsecureRequests], initialAccessToken: body.access_token },
  );
  const { client_id: clientId } = config.clientMetadata();
  const person = await makeUser(api);
  await api.post(`/api/v1/apps/${clientId}/users`, { id: person.id, scope: 'USER' });
  const state = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, { redirect_uri: CALLBACK, scope: 'openid', state });
  const { left } = await newUserAgent(server).signIn(url, person);
  const tokens = await oidc.authorizationCodeGrant(config, left ?? url, { expectedState: state });
  expect(tokens.claims()?.aud).toBe(clientId);
});

describe('a client', async () => {
  test('is read without its secret', async () => {
    const { client_secret: _, ...rest } = await registered();
    expect(await api.get(`${PATH}/${rest.client_id}`)).toEqual(rest);
  });

  test('made elsewhere is read too', async () => {
    const client = await api.get<Client>(`${PATH}/${guide.clientId}`);
    expect(client).toMatchObject({
      client_name: guide.app.label,
      application_type: 'browser',
      token_endpoint_auth_method: 'none',
    });
  });

  test('is replaced: what is not said takes its default, and what metadata have no word for stays', async () => {
    const client = await registered({
      tos_uri: 'https://app.example/terms',
      grant_types: ['authorization_code', 'refresh_token'],
    });
    const before = await api.get<Application & { visibility: object }>(`/api/v1/apps/${client.client_id}`);
    await api.put(`/api/v1/apps/${client.client_id}`, {
      ...before,
      visibility: { ...before.visibility, autoLaunch: true },
      settings: {
        ...before.settings,
        notes: { admin: 'kept', enduser: null },
        oauthClient: { ...before.settings.oauthClient, consent_method: 'TRUSTED' },
      },
    });
    const name = unique('Renamed');
    const answer = await api.request<Client>('PUT', `${PATH}/${client.client_id}`, {
      client_name: name,
      redirect_uris: [CALLBACK],
      client_id: client.client_id,
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      client_name: name,
      grant_types: ['authorization_code'],
      client_secret: client.client_secret,
    });
    expect(answer.body).not.toHaveProperty('tos_uri');
    expect(await api.get(`/api/v1/apps/${client.client_id}`)).toMatchObject({
      visibility: { autoLaunch: true },
      settings: { notes: { admin: 'kept' }, oauthClient: { consent_method: 'TRUSTED' } },
    });
  });

  test('keeps its id, its type and the way it proves itself', async () => {
    const { client_id: id } = await registered({ token_endpoint_auth_method: 'client_secret_post' });
    const put = (body: object) =>
      api.request<Client & OAuthError>('PUT', `${PATH}/${id}`, {
        client_name: 'x',
        redirect_uris: [CALLBACK],
        ...body,
      });
    expect((await put({})).body.token_endpoint_auth_method).toBe('client_secret_post');
    expect((await put({ client_id: 'other' })).body.error).toBe('invalid_client_metadata');
    expect((await put({ application_type: 'native' })).body.error).toBe('invalid_client_metadata');
    expect((await put({ client_name: '' })).body.error).toBe('invalid_client_metadata');
  });

  test('is deleted, active as it is, and cannot be used from then on', async () => {
    const { client_id: clientId, client_secret: secret = '' } = await registered();
    expect((await api.request('DELETE', `${PATH}/${clientId}`)).status).toBe(204);
    expect((await api.request('GET', `/api/v1/apps/${clientId}`)).status).toBe(404);
    const answer = await postForm(
      `${server.url}/oauth2/v1/introspect`,
      { token: 'x' },
      { authorization: basic(clientId, secret) },
    );
    expect(answer.status).toBe(401);
  });

  test('gets a new secret, and the old ones are worth nothing at once', async () => {
    const { client_id: clientId, client_secret: first = '' } = await registered();
    const { client_secret: second } = await api.post<{ client_secret: string }>(
      `/api/v1/apps/${clientId}/credentials/secrets`,
    );
    const renewed = await api.post<Client>(`${PATH}/${clientId}/lifecycle/newSecret`);
    expect(renewed.client_secret).toMatch(/^[\w-]{64}$/);
    const proves = async (secret: string) =>
      (await postForm(`${server.url}/oauth2/v1/introspect`, { token: 'x' }, { authorization: basic(clientId, secret) }))
        .status;
    expect([await proves(first), await proves(second), await proves(renewed.client_secret ?? '')]).toEqual([
      401, 401, 200,
    ]);
    const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`target.id eq "${clientId}"`)}`);
    expect(events.map(({ eventType }) => eventType)).toContain('app.oauth2.credentials.lifecycle.create');
    expect(JSON.stringify(events)).not.toContain(renewed.client_secret);
  });

  test('without a secret gets none', async () => {
    const { body } = await api.request<OAuthError>('POST', `${PATH}/${guide.clientId}/lifecycle/newSecret`);
    expect(body.error).toBe('invalid_client_metadata');
  });

  test('that is not there is said so: invalid_client, or to PUT by the management API', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/lifecycle/newSecret'],
    ] as const) {
      const answer = await api.request<OAuthError>(method, `${PATH}/nobody${path}`);
      expect([answer.status, answer.body]).toEqual([
        401,
        { error: 'invalid_client', error_description: "Invalid value for 'client_id' parameter." },
      ]);
    }
    const put = await api.request<ApiError>('PUT', `${PATH}/nobody`, { client_name: 'x', redirect_uris: [CALLBACK] });
    expect(put.status).toBe(404);
    expect(put.body).toMatchObject({
      errorCode: 'E0000007',
      errorSummary: 'Not found: Resource not found: nobody (PublicClientApp)',
    });
  });
});

test('clients are listed by the beginning of their names, page by page', async () => {
  const prefix = unique('Listed');
  const made = [];
  for (let index = 0; index < 3; index++)
    made.push((await registered({ client_name: `${prefix} ${index}` })).client_id);
  const query = `${PATH}?q=${encodeURIComponent(prefix.toLowerCase())}&limit=2`;
  const first = await api.request<Client[]>('GET', query);
  expect(first.body.map(({ client_id }) => client_id)).toEqual(made.slice(0, 2));
  expect(first.body[0]).not.toHaveProperty('client_secret');
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
  expect((await api.get<Client[]>(next)).map(({ client_id }) => client_id)).toEqual(made.slice(2));
  await api.post('/api/v1/apps', {
    label: `${prefix} bookmark`,
    signOnMode: 'BOOKMARK',
    settings: { app: { url: 'https://x.example' } },
  });
  expect(await api.get<Client[]>(query.replace('limit=2', 'limit=200'))).toHaveLength(3);
});

describe('who may', () => {
  const { client_id: someone } = { client_id: guide.clientId };
  const attempts = async (token: string) => {
    const with_ = bearer(token);
    return {
      register: (await with_.request('POST', PATH, { client_name: unique('X'), redirect_uris: [CALLBACK] })).status,
      read: (await with_.request('GET', `${PATH}/${someone}`)).status,
      list: (await with_.request('GET', PATH)).status,
      change: (await with_.request('PUT', `${PATH}/${someone}`, {})).status,
    };
  };

  test.each([
    ['okta.clients.register', { register: 201, read: 403, list: 403, change: 403 }],
    ['okta.clients.read', { register: 403, read: 200, list: 200, change: 403 }],
    ['okta.clients.manage', { register: 201, read: 200, list: 200, change: 400 }],
    ['okta.apps.read', { register: 403, read: 403, list: 403, change: 403 }],
  ])('a service with %s', async (scope, statuses) => {
    const service = await makeService(api, server, { scopes: [scope], role: 'APP_ADMIN' });
    const { body } = await serviceToken(server, service, scope);
    expect(await attempts(body.access_token)).toEqual(statuses);
  });

  test('not a service with the scope and no role', async () => {
    const service = await makeService(api, server, { scopes: ['okta.clients.manage'] });
    const { body } = await serviceToken(server, service, 'okta.clients.manage');
    expect(await attempts(body.access_token)).toEqual({ register: 403, read: 403, list: 403, change: 403 });
  });

  test('not anyone', async () => {
    for (const authorization of [null, 'Bearer x', 'SSWS 00nobody', basic('a', 'b')]) {
      const answer = await managementApi(server, authorization).request('POST', PATH, {
        client_name: 'x',
        redirect_uris: [CALLBACK],
      });
      expect(answer.status).toBe(401);
      expect(answer.body.errorCode).toBe('E0000011');
    }
  });

  test('no one below it may read, change, delete or give a secret to a client that holds a role', async () => {
    const mighty = await makeService(api, server, { scopes: ['okta.clients.manage'], role: 'SUPER_ADMIN' });
    const lowly = await makeService(api, server, { scopes: ['okta.clients.manage'], role: 'APP_ADMIN' });
    const { body } = await serviceToken(server, lowly, 'okta.clients.manage');
    const with_ = bearer(body.access_token);
    const path = `${PATH}/${mighty.clientId}`;
    const replacement = {
      client_name: 'Mine',
      application_type: 'service',
      grant_types: ['client_credentials'],
      response_types: ['token'],
    };
    expect((await with_.request('PUT', path, replacement)).status).toBe(403);
    expect((await with_.request('DELETE', path)).status).toBe(403);
    expect((await with_.request('POST', `${path}/lifecycle/newSecret`)).status).toBe(403);
    expect((await api.request('GET', path)).status).toBe(200);
  });
});
