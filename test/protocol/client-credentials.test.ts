// The client acts for itself: contract 1.3, 1.6, 1.15, 2.2; authentik CVE-2024-52287 (scopes beyond what policy gives).
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { asAssertion, assertionClaims, newClientKey, sign } from '../support/client-keys.ts';
import { byClientCredentials, CLIENT_CREDENTIALS, makeGrantClient } from '../support/grants.ts';
import { type Application, type LogEvent, managementApi } from '../support/management-api.ts';
import { introspect, type OAuthError, postForm, type TokenAnswer, userinfo } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const client = await makeGrantClient(server, [CLIENT_CREDENTIALS]);
const scopes = `/api/v1/authorizationServers/${client.authorizationServer.id}/scopes`;
const rules = `/api/v1/authorizationServers/${client.authorizationServer.id}/policies/${client.policy.id}/rules/${client.rule.id}`;

describe('at a custom server', () => {
  test('gives an access token of the client and nothing else', async () => {
    const { status, headers, body } = await byClientCredentials(client);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toContain('no-store');
    expect(Object.keys(body)).toEqual(['token_type', 'expires_in', 'access_token', 'scope']);
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: 'catalogue' });
    const claims = decodeJwt(body.access_token);
    expect(Object.keys(claims)).toEqual(['ver', 'jti', 'iss', 'aud', 'iat', 'exp', 'cid', 'scp', 'sub']);
    expect(claims).toMatchObject({
      iss: client.issuer,
      aud: client.audience,
      cid: client.clientId,
      sub: client.clientId,
      scp: ['catalogue'],
    });
  });

  test('without a scope gives the default ones', async () => {
    expect((await byClientCredentials(client, { scope: null })).body.scope).toBe('catalogue');
  });

  test.each(['openid', 'catalogue profile openid', 'email', 'address', 'phone', 'offline_access', 'device_sso'])(
    'refuses %s: nobody has signed in',
    async (scope) => {
      const { status, body } = await byClientCredentials(client, { scope });
      expect(status).toBe(400);
      expect(body).toEqual({
        error: 'invalid_scope',
        error_description: "Cannot request 'openid' scopes using client credentials.",
      });
    },
  );

  test('refuses a scope that only a person can consent to, and gives one that is flexible', async () => {
    await client.api.post(scopes, { name: 'secrets', consent: 'REQUIRED' });
    await client.api.post(scopes, { name: 'reports', consent: 'FLEXIBLE' });
    const { status, body } = await byClientCredentials(client, { scope: 'secrets reports' });
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'consent_required',
      error_description:
        'The following scopes require user consent and cannot be granted for the client credentials grant type: [secrets].',
    });
    expect((await byClientCredentials(client, { scope: 'reports' })).body.scope).toBe('reports');
  });

  test('refuses a default scope that only a person can consent to', async () => {
    const other = await makeGrantClient(server, [CLIENT_CREDENTIALS]);
    await other.api.post(`/api/v1/authorizationServers/${other.authorizationServer.id}/scopes`, {
      name: 'secrets',
      consent: 'REQUIRED',
      default: true,
    });
    expect((await byClientCredentials(other, { scope: null })).body.error).toBe('consent_required');
  });

  test('is not judged as a member of any group', async () => {
    const rule = await client.api.get<{ conditions: object }>(rules);
    const group = await client.api.post<{ id: string }>('/api/v1/groups', { profile: { name: `Some ${Date.now()}` } });
    await client.api.put(rules, {
      ...rule,
      conditions: { ...rule.conditions, people: { groups: { include: [group.id] } } },
    });
    const { status, body } = await byClientCredentials(client);
    await client.api.put(rules, rule);
    expect(status).toBe(401);
    expect(body.error_description).toBe(
      'Policy evaluation failed for this request, please check the policy configurations.',
    );
    expect((await byClientCredentials(client)).status).toBe(200);
  });

  test('gives a token that introspection knows and userinfo does not answer', async () => {
    const { access_token } = (await byClientCredentials(client)).body;
    const told = await introspect(client, access_token, { client_secret: client.secret });
    expect(told.body).toMatchObject({ active: true, client_id: client.clientId, sub: client.clientId });
    expect(told.body).not.toHaveProperty('uid');
    expect((await userinfo(client, access_token)).status).toBe(401);
  });

  test('is heard by the System Log, success and refusal, with the policy’s trace', async () => {
    await byClientCredentials(client);
    await byClientCredentials(client, { scope: 'unknown' });
    const events = await client.api.get<LogEvent[]>(
      `/api/v1/logs?limit=1000&sortOrder=DESCENDING&filter=actor.id%20eq%20%22${client.clientId}%22`,
    );
    expect(events.map(({ eventType }) => eventType)).toContain('app.oauth2.as.token.grant.access_token');
    expect(events[0]).toMatchObject({
      eventType: 'app.oauth2.as.token.grant',
      outcome: { result: 'FAILURE', reason: 'no_matching_scope' },
      debugContext: { debugData: { grantType: 'client_credentials', requestedScopes: 'unknown' } },
    });
  });

  test('is not for a client without credentials', async () => {
    const refused = await client.api.request('POST', '/api/v1/apps', {
      name: 'oidc_client',
      label: 'Public',
      signOnMode: 'OPENID_CONNECT',
      credentials: { oauthClient: { token_endpoint_auth_method: 'none' } },
      settings: {
        oauthClient: { application_type: 'native', grant_types: [CLIENT_CREDENTIALS], response_types: ['token'] },
      },
    });
    expect(refused.status).toBe(400);
  });
});

describe('at the org server', async () => {
  const api = managementApi(server);
  const key = await newClientKey();

  async function serviceApp(changes: object = {}, credentials: object = {}): Promise<Application> {
    return api.post('/api/v1/apps', {
      name: 'oidc_client',
      label: `Service ${key.publicJwk.kid} ${Math.random()}`,
      signOnMode: 'OPENID_CONNECT',
      credentials: { oauthClient: { token_endpoint_auth_method: 'private_key_jwt', ...credentials } },
      settings: {
        oauthClient: {
          application_type: 'service',
          grant_types: [CLIENT_CREDENTIALS],
          response_types: ['token'],
          jwks: { keys: [key.publicJwk] },
          ...changes,
        },
      },
    });
  }
  const service = await serviceApp();
  for (const scopeId of ['okta.users.read', 'okta.groups.read'])
    await api.post(`/api/v1/apps/${service.id}/grants`, { scopeId, issuer: server.url });
  const clientId = service.credentials.oauthClient.client_id;
  const url = `${server.url}/oauth2/v1/token`;

  async function ask(scope: string | null, id = clientId) {
    const assertion = await sign(key.privateKey, { alg: 'ES256', kid: key.publicJwk.kid }, assertionClaims(id, url));
    const form = { grant_type: CLIENT_CREDENTIALS, ...(scope === null ? {} : { scope }), ...asAssertion(assertion) };
    return postForm<TokenAnswer & OAuthError>(url, form);
  }

  test('gives what was granted to the application, and drops the rest without a word', async () => {
    const { status, body } = await ask('okta.users.read okta.apps.manage okta.groups.read');
    expect(status).toBe(200);
    expect(body.scope).toBe('okta.users.read okta.groups.read');
    expect(body.expires_in).toBe(3600);
    expect(decodeJwt(body.access_token)).toMatchObject({
      iss: server.url,
      cid: clientId,
      sub: clientId,
      scp: ['okta.users.read', 'okta.groups.read'],
    });
  });

  test('gives nothing when nothing of it was granted', async () => {
    const { status, body } = await ask('okta.apps.manage okta.logs.read');
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'consent_required',
      error_description: 'You are not allowed any of the requested scopes.',
    });
  });

  test.each([
    { scope: 'catalogue', error: 'invalid_scope' },
    { scope: 'okta.users.read okta.nonsense.read', error: 'invalid_scope' },
    { scope: 'openid', error: 'invalid_scope' },
    { scope: 'okta.users.read.self', error: 'invalid_scope' },
    { scope: null, error: 'invalid_request' },
  ])('refuses the scope $scope', async ({ scope, error }) => {
    const { status, body } = await ask(scope);
    expect(status).toBe(400);
    expect(body.error).toBe(error);
  });

  test('serves service applications alone, and of them those that sign', async () => {
    const web = await serviceApp({ application_type: 'web' });
    const unfit = await ask('okta.users.read', web.credentials.oauthClient.client_id);
    expect(unfit.status).toBe(401);
    expect(unfit.body.error_description).toBe(
      "Only clients with 'application_type' of 'service' may use the client_credentials 'grant_type' with the Org Authorization Server.",
    );
    const secretive = await serviceApp({ jwks: null }, { token_endpoint_auth_method: 'client_secret_post' });
    const { client_id, client_secret = '' } = secretive.credentials.oauthClient;
    const bySecret = await postForm<OAuthError>(url, {
      grant_type: CLIENT_CREDENTIALS,
      scope: 'okta.users.read',
      client_id,
      client_secret,
    });
    expect(bySecret.status).toBe(401);
    expect(bySecret.body.error_description).toBe(
      'Client Credentials requests to the Org Authorization Server must use the private_key_jwt token_endpoint_auth_method.',
    );
  });

  test('gives a token that the management API serves within its scopes, once the application has a role', async () => {
    const { access_token } = (await ask('okta.users.read')).body;
    const asService = managementApi(server, `Bearer ${access_token}`);
    expect((await asService.request('GET', '/api/v1/users')).status).toBe(403);
    await api.post(`/oauth2/v1/clients/${clientId}/roles`, { type: 'READ_ONLY_ADMIN' });
    expect((await asService.request('GET', '/api/v1/users')).status).toBe(200);
    for (const [method, path] of [
      ['GET', '/api/v1/groups'],
      ['DELETE', `/api/v1/apps/${service.id}`],
    ] as const)
      expect((await asService.request(method, path)).status).toBe(403);
  });
});
