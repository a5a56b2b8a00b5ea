// The token endpoint and client authentication: contract sections 1.6, 1.7 and 1.15. Refresh is in refresh.test.ts.
import { describe, expect, test } from 'vitest';
import { allow, CALLBACK, followGuide, makeWebApplication } from '../support/guide.ts';
import { basic, codeFor, endpointsOf, type OAuthClient, postForm, redeem } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const agent = newUserAgent(server);
const tokenUrl = `${endpointsOf(guide.issuer)}/token`;

/** A web application on the guide's authorization server, assigned to the guide's user. */
async function webClient(credentials: object = {}): Promise<OAuthClient & { id: string; secret: string }> {
  const app = await makeWebApplication(guide.api, {}, credentials);
  const { client_id: clientId, client_secret: secret = '' } = app.credentials.oauthClient;
  await allow(guide.api, guide.authorizationServer.id, [clientId]);
  await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
  return { issuer: guide.issuer, clientId, secret, redirectUri: CALLBACK, scope: 'openid', id: app.id };
}

describe('redeeming a code', () => {
  test('gives exactly the members of the contract, in JSON that no cache keeps', async () => {
    const grant = await codeFor(agent, guide, guide.user);
    const answer = await redeem(guide, grant);
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body)).toEqual([
      'token_type',
      'expires_in',
      'access_token',
      'scope',
      'refresh_token',
      'id_token',
    ]);
    expect(answer.body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 3600,
      scope: 'openid profile email offline_access',
    });
    expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(answer.headers.get('cache-control')).toContain('no-store');
  });

  test('without openid gives no ID token, without offline_access no refresh token', async () => {
    const { body } = await redeem(guide, await codeFor(agent, guide, guide.user, { scope: 'catalogue' }));
    expect(Object.keys(body)).toEqual(['token_type', 'expires_in', 'access_token', 'scope']);
  });

  test('works once', async () => {
    const grant = await codeFor(agent, guide, guide.user);
    expect((await redeem(guide, grant)).status).toBe(200);
    const second = await redeem(guide, grant);
    expect(second.status).toBe(400);
    expect(second.body).toEqual({
      error: 'invalid_grant',
      error_description: 'The authorization code is invalid or has expired.',
    });
  });

  test.each([
    { wrong: 'a made-up code', changes: { code: 'made-up' }, error: 'invalid_grant' },
    { wrong: 'no code', changes: { code: null }, error: 'invalid_request' },
    { wrong: 'another redirect_uri', changes: { redirect_uri: `${CALLBACK}/` }, error: 'invalid_grant' },
    { wrong: 'no redirect_uri', changes: { redirect_uri: null }, error: 'invalid_grant' },
    { wrong: 'no grant_type', changes: { grant_type: null }, error: 'invalid_request' },
    { wrong: 'an unknown grant_type', changes: { grant_type: 'magic' }, error: 'unsupported_grant_type' },
    { wrong: 'no client', changes: { client_id: null }, error: 'invalid_client' },
    { wrong: 'an unknown client', changes: { client_id: '0oaNotThere' }, error: 'invalid_client' },
  ])('with $wrong is refused, with a description', async ({ changes, error }) => {
    const answer = await redeem(guide, await codeFor(agent, guide, guide.user), changes);
    expect(answer.status).toBe(error === 'invalid_client' ? 401 : 400);
    if (error === 'invalid_grant') expect(['invalid_grant', 'invalid_request']).toContain(answer.body.error);
    else expect(answer.body.error).toBe(error);
    expect(answer.body.error_description.length).toBeGreaterThan(10);
    expect(Object.keys(answer.body)).toEqual(['error', 'error_description']);
  });

  test('of a user who was suspended meanwhile gives nothing', async () => {
    const other = await followGuide(server);
    const grant = await codeFor(newUserAgent(server), other, other.user);
    await guide.api.post(`/api/v1/users/${other.user.id}/lifecycle/suspend`);
    expect((await redeem(other, grant)).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('of an application that was deactivated meanwhile gives nothing', async () => {
    const other = await followGuide(server);
    const grant = await codeFor(newUserAgent(server), other, other.user);
    await guide.api.post(`/api/v1/apps/${other.app.id}/lifecycle/deactivate`);
    expect((await redeem(other, grant)).status).toBe(401);
  });

  test('ignores the state that some clients send along', async () => {
    const { status, body } = await redeem(guide, await codeFor(agent, guide, guide.user), { state: 'xyz' });
    expect(status).toBe(200);
    expect(body).not.toHaveProperty('state');
  });
});

describe('a grant that the client does not have', () => {
  test('is refused as unauthorized_client', async () => {
    const other = await followGuide(server, {
      oauthClient: { grant_types: ['authorization_code'], refresh_token: undefined },
    });
    const answer = await postForm<{ error: string; error_description: string }>(`${endpointsOf(other.issuer)}/token`, {
      grant_type: 'refresh_token',
      refresh_token: 'made-up',
      client_id: other.clientId,
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({
      error: 'unauthorized_client',
      error_description:
        'The client is not authorized to use the provided grant type. Configured grant types: [authorization_code].',
    });
  });

  test('offline_access without the refresh grant brings no refresh token', async () => {
    const other = await followGuide(server, {
      oauthClient: { grant_types: ['authorization_code'], refresh_token: undefined },
    });
    const person = newUserAgent(server);
    const visit = await codeFor(person, other, other.user).then((grant) => redeem(other, grant));
    expect(visit.body).not.toHaveProperty('refresh_token');
  });
});

describe('a client with a secret', () => {
  test('authenticates by header or by form', async () => {
    const client = await webClient();
    const byHeader = await redeemWith(client, {}, { authorization: basic(client.clientId, client.secret) });
    expect(byHeader.status).toBe(200);
    const byForm = await redeemWith(client, { client_secret: client.secret, client_id: client.clientId });
    expect(byForm.status).toBe(200);
  });

  test.each([
    { wrong: 'no secret', form: {}, header: null },
    { wrong: 'a wrong secret in the form', form: { client_secret: 'wrong' }, header: null },
    { wrong: 'a wrong secret in the header', form: {}, header: 'wrong' },
    { wrong: 'an empty secret in the header', form: {}, header: '' },
  ])('with $wrong is refused', async ({ form, header }) => {
    const client = await webClient();
    const headers = header === null ? undefined : { authorization: basic(client.clientId, header) };
    const answer = await redeemWith(client, { ...form, client_id: client.clientId }, headers);
    expect(answer.status).toBe(401);
    expect(answer.body.error).toBe('invalid_client');
  });

  test('may not present two credentials at once', async () => {
    const client = await webClient();
    const authorization = basic(client.clientId, client.secret);
    const answer = await redeemWith(client, { client_secret: client.secret }, { authorization });
    expect(answer.status).toBe(401);
    expect(answer.body.error).toBe('invalid_request');
    expect(answer.body.error_description).toMatch(/^Cannot supply multiple client credentials\./);
  });

  test('may not put its secret in the query', async () => {
    const client = await webClient();
    const { code, verifier } = await codeFor(agent, client, guide.user);
    const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: CALLBACK };
    const query = new URLSearchParams({ client_id: client.clientId, client_secret: client.secret });
    const answer = await postForm<{ error_description: string }>(`${tokenUrl}?${query}`, form);
    expect(answer.status).toBe(400);
    expect(answer.body.error_description).toBe('Client credentials cannot be supplied via query parameters.');
  });

  test('has two secrets at most, and both work until one is deactivated', async () => {
    type Secret = { id: string; client_secret: string; status: string };
    const client = await webClient();
    const secrets = `/api/v1/apps/${client.id}/credentials/secrets`;
    const second = await guide.api.post<Secret>(secrets, {});
    expect((await guide.api.request('POST', secrets, {})).status).toBe(400);
    for (const secret of [client.secret, second.client_secret])
      expect((await redeemWith(client, {}, { authorization: basic(client.clientId, secret) })).status).toBe(200);
    await guide.api.post(`${secrets}/${second.id}/lifecycle/deactivate`);
    const refused = await redeemWith(client, {}, { authorization: basic(client.clientId, second.client_secret) });
    expect(refused.status).toBe(401);
  });

  test('cannot be played by a public client of the same name', async () => {
    const client = await webClient({ pkce_required: true });
    const answer = await redeem(client, await codeFor(agent, client, guide.user));
    expect(answer.status).toBe(401);
  });

  async function redeemWith(client: OAuthClient, form: Record<string, string>, headers?: Record<string, string>) {
    const { code, verifier } = await codeFor(agent, client, guide.user);
    const all = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: CALLBACK, ...form };
    return postForm<{ error: string; error_description: string }>(tokenUrl, all, headers);
  }
});

describe('a malformed request', () => {
  test.each([
    { what: 'JSON', headers: { 'content-type': 'application/json' }, body: '{"grant_type":"authorization_code"}' },
    { what: 'no body at all', headers: {}, body: '' },
    {
      what: 'a Basic header that is not base64',
      headers: { authorization: 'Basic %%%' },
      body: 'grant_type=refresh_token',
    },
  ])('of $what is refused in the shape of OAuth', async ({ headers, body }) => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await fetch(tokenUrl, { method: 'POST', headers: { ...type, ...headers }, body });
    expect([400, 401]).toContain(response.status);
    expect(await response.json()).toEqual({ error: expect.any(String), error_description: expect.any(String) });
  });

  test('by GET is not served', async () => {
    const response = await fetch(`${tokenUrl}?grant_type=authorization_code`);
    expect([404, 405]).toContain(response.status);
  });
});

test('no token, code, secret or password has reached the log', async () => {
  const client = await webClient();
  const { code, verifier } = await codeFor(newUserAgent(server), client, guide.user);
  const form = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: CALLBACK };
  const headers = { authorization: basic(client.clientId, client.secret) };
  const { body } = await postForm<{ access_token: string }>(tokenUrl, form, headers);
  await postForm(tokenUrl, form, headers);
  const log = server.output();
  expect(log.length).toBeGreaterThan(0);
  for (const secret of [code, verifier, client.secret, body.access_token, guide.user.password, server.apiToken])
    expect(log.includes(secret)).toBe(false);
  expect(log.includes(server.admin.password)).toBe(false);
});
