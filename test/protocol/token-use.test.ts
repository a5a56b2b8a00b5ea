// What resource servers and clients do with tokens: userinfo, introspect, revoke (contract 1.8, 1.9, 1.12, 6.6).
import { describe, expect, test } from 'vitest';
import { CALLBACK, followGuide, makeWebApplication } from '../support/guide.ts';
import { basic, endpointsOf, introspect, postForm, refresh, revoke, tokensFor, userinfo } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server, { audience: 'api://catalogue' });
const agent = newUserAgent(server);
const begin = (scope = guide.scope) => tokensFor(agent, guide, guide.user, { scope });

describe('introspection', () => {
  test('describes an active access token', async () => {
    const { access_token } = await begin();
    const { status, body } = await introspect(guide, access_token, { token_type_hint: 'access_token' });
    expect(status).toBe(200);
    expect(body).toEqual({
      active: true,
      scope: 'openid profile email offline_access',
      username: guide.user.login,
      exp: expect.any(Number),
      iat: expect.any(Number),
      sub: guide.user.login,
      aud: 'api://catalogue',
      iss: guide.issuer,
      jti: expect.stringMatching(/^AT\./),
      token_type: 'Bearer',
      client_id: guide.clientId,
      uid: guide.user.id,
    });
  });

  test('describes an active refresh token', async () => {
    const { refresh_token } = await begin();
    const { body } = await introspect(guide, refresh_token, { token_type_hint: 'refresh_token' });
    expect(body).toMatchObject({
      active: true,
      scope: 'openid profile email offline_access',
      client_id: guide.clientId,
      username: guide.user.login,
    });
  });

  test('describes an ID token by its claims', async () => {
    const { id_token } = await begin();
    const { body } = await introspect(guide, id_token, { token_type_hint: 'id_token' });
    expect(body).toMatchObject({ active: true, sub: guide.user.id, aud: guide.clientId, iss: guide.issuer });
  });

  test('does not need the hint, nor a right one', async () => {
    const tokens = await begin();
    expect((await introspect(guide, tokens.refresh_token)).body.active).toBe(true);
    expect((await introspect(guide, tokens.access_token, { token_type_hint: 'refresh_token' })).body.active).toBe(true);
  });

  test('says of anything else only that it is not active', async () => {
    const { access_token } = await begin();
    const tampered = `${access_token.slice(0, -6)}AAAAAA`;
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${access_token.split('.')[1]}.`;
    for (const token of ['made-up', tampered, unsigned, 'a.b.c', server.apiToken]) {
      const { status, body } = await introspect(guide, token);
      expect(status).toBe(200);
      expect(body).toEqual({ active: false });
    }
  });

  test('knows only the tokens of its own server', async () => {
    const { access_token, refresh_token, id_token } = await begin();
    const elsewhere = await followGuide(server);
    for (const token of [access_token, refresh_token, id_token])
      expect((await introspect(elsewhere, token)).body).toEqual({ active: false });
    for (const token of [access_token, refresh_token, id_token])
      expect((await introspect({ ...guide, issuer: server.url }, token)).body).toEqual({ active: false });
  });

  test('calls the tokens of a user who is not active inactive', async () => {
    const other = await followGuide(server);
    const tokens = await tokensFor(newUserAgent(server), other, other.user);
    await other.api.post(`/api/v1/users/${other.user.id}/lifecycle/suspend`);
    expect((await introspect(other, tokens.access_token)).body).toEqual({ active: false });
    expect((await introspect(other, tokens.refresh_token)).body).toEqual({ active: false });
  });

  test('needs a token and a client', async () => {
    const endpoint = `${endpointsOf(guide.issuer)}/introspect`;
    const noToken = await postForm(endpoint, { client_id: guide.clientId });
    expect(noToken.status).toBe(400);
    expect(noToken.body).toEqual({ error: 'invalid_request', error_description: "The 'token' parameter is required." });
    const { access_token } = await begin();
    const noClient = await postForm<{ error: string }>(endpoint, { token: access_token });
    expect(noClient.status).toBe(401);
    expect(noClient.body.error).toBe('invalid_client');
  });

  test('by a confidential client needs its secret', async () => {
    const app = await makeWebApplication(guide.api);
    const { client_id: clientId, client_secret: secret = '' } = app.credentials.oauthClient;
    const { access_token: token } = await begin();
    const endpoint = `${endpointsOf(guide.issuer)}/introspect`;
    expect((await postForm(endpoint, { token, client_id: clientId })).status).toBe(401);
    const right = await postForm(endpoint, { token }, { authorization: basic(clientId, secret) });
    expect(right.status).toBe(200);
  });
});

describe('revocation', () => {
  test('of an access token ends it and leaves the refresh token', async () => {
    const tokens = await begin();
    const answer = await revoke(guide, tokens.access_token, { token_type_hint: 'access_token' });
    expect(answer.status).toBe(200);
    expect(answer.body).toBe('');
    expect((await introspect(guide, tokens.access_token)).body).toEqual({ active: false });
    expect((await userinfo(guide, tokens.access_token)).status).toBe(401);
    expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
  });

  test('of a refresh token ends the access tokens that came with it', async () => {
    const tokens = await begin();
    const renewed = (await refresh(guide, tokens.refresh_token)).body;
    expect((await revoke(guide, renewed.refresh_token)).status).toBe(200);
    for (const token of [tokens.access_token, renewed.access_token, renewed.refresh_token])
      expect((await introspect(guide, token)).body).toEqual({ active: false });
    expect((await refresh(guide, renewed.refresh_token)).status).toBe(400);
  });

  test('answers 200 for tokens that it does not know', async () => {
    for (const token of ['made-up', 'a.b.c']) expect((await revoke(guide, token)).status).toBe(200);
  });

  test('leaves the tokens of another client alone, and answers 200', async () => {
    const tokens = await begin();
    const other = await followGuide(server);
    const sameServer = { ...guide, clientId: other.clientId };
    for (const token of [tokens.access_token, tokens.refresh_token])
      expect((await revoke(sameServer, token)).status).toBe(200);
    expect((await introspect(guide, tokens.access_token)).body.active).toBe(true);
    expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
  });

  test('needs a token and a client', async () => {
    const endpoint = `${endpointsOf(guide.issuer)}/revoke`;
    expect((await postForm(endpoint, { client_id: guide.clientId })).status).toBe(400);
    expect((await postForm(endpoint, { token: 'made-up' })).status).toBe(401);
  });

  test('takes a Basic header with the client id alone, without a colon, from a public client', async () => {
    const tokens = await begin();
    const headers = { authorization: `Basic ${Buffer.from(guide.clientId).toString('base64')}` };
    const endpoints = endpointsOf(guide.issuer);
    const token = tokens.access_token;
    const asked = await postForm<{ active: boolean }>(`${endpoints}/introspect`, { token }, headers);
    expect(asked.body.active).toBe(true);
    expect((await postForm(`${endpoints}/revoke`, { token }, headers)).status).toBe(200);
    expect((await introspect(guide, token)).body.active).toBe(false);
  });

  test('does not take that header from a client that has a secret', async () => {
    const app = await makeWebApplication(guide.api, { redirect_uris: [CALLBACK] });
    const id = app.credentials.oauthClient.client_id;
    const headers = { authorization: `Basic ${Buffer.from(id).toString('base64')}` };
    const answer = await postForm(`${endpointsOf(guide.issuer)}/revoke`, { token: 'made-up' }, headers);
    expect(answer.status).toBe(401);
  });
});

describe('userinfo', () => {
  test.each([
    ['no token', null],
    ['a made-up token', 'made-up'],
    ['a token with a broken signature', 'a.b.c'],
  ])('with %s is a 401 that says why in its header', async (_, token) => {
    const { status, headers } = await userinfo(guide, token);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer\b/);
    if (token !== null)
      expect(headers.get('www-authenticate')).toContain(
        'error="invalid_token", error_description="The access token is invalid"',
      );
  });

  test('with a token of openid alone is a 403 that names the missing scopes', async () => {
    const { access_token } = await begin('openid');
    const { status, headers } = await userinfo(guide, access_token);
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"');
    expect(headers.get('www-authenticate')).toContain(
      'The access token must provide access to at least one of these scopes - profile, email, address or phone',
    );
  });

  test('with a token without openid is refused', async () => {
    const { access_token } = await begin('catalogue');
    expect([401, 403]).toContain((await userinfo(guide, access_token)).status);
  });

  test('does not take an ID token or a refresh token', async () => {
    const tokens = await begin();
    expect((await userinfo(guide, tokens.id_token)).status).toBe(401);
    expect((await userinfo(guide, tokens.refresh_token)).status).toBe(401);
  });

  test('does not take the token of another authorization server', async () => {
    const tokens = await begin();
    const elsewhere = await followGuide(server);
    expect((await userinfo(elsewhere, tokens.access_token)).status).toBe(401);
    expect((await userinfo({ ...guide, issuer: server.url }, tokens.access_token)).status).toBe(401);
  });

  test('does not take a token in the query', async () => {
    const { access_token } = await begin();
    const response = await fetch(`${endpointsOf(guide.issuer)}/userinfo?access_token=${access_token}`);
    expect(response.status).toBeGreaterThanOrEqual(400);
  });

  test('at the org server serves tokens of the org server', async () => {
    const atOrg = { ...guide, issuer: server.url };
    const tokens = await tokensFor(agent, atOrg, guide.user);
    const { status, body } = await userinfo(atOrg, tokens.access_token);
    expect(status).toBe(200);
    expect(body.sub).toBe(guide.user.id);
  });
});
