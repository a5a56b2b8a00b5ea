// Token exchange: contract 1.6, 1.15, RFC 8693. Casdoor CVE-2026-9094 (unverified subject tokens across organisations) and Logto
// 2026 (an ID token taken for an access token) are tests here.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { newClientKey, sign } from '../support/client-keys.ts';
import { newDpopKey, tokenRequest } from '../support/dpop.ts';
import {
  byClientCredentials,
  byExchange,
  byPassword,
  CLIENT_CREDENTIALS,
  type GrantClient,
  makeGrantClient,
  PASSWORD,
  TOKEN_EXCHANGE,
} from '../support/grants.ts';
import { basic, introspect, revoke } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** What a person signs in to, on a server of its own. */
const front = await makeGrantClient(server, [PASSWORD, 'refresh_token', CLIENT_CREDENTIALS]);
/** The API behind it, whose own server trusts the first. */
const back = await makeBack();
await trust(back, front);

async function makeBack(changes: { oauthClient?: object; credentials?: object } = {}): Promise<GrantClient> {
  const made = await makeGrantClient(server, [TOKEN_EXCHANGE], {
    ...changes,
    oauthClient: { application_type: 'service', ...changes.oauthClient },
  });
  await assign(made, front.user.id);
  return made;
}

async function assign(client: GrantClient, id: string): Promise<void> {
  await client.api.post(`/api/v1/apps/${client.app.id}/users`, { id, scope: 'USER' });
}

async function trust(client: GrantClient, other: GrantClient): Promise<void> {
  await client.api.post(`/api/v1/authorizationServers/${client.authorizationServer.id}/associatedServers`, {
    trusted: [other.authorizationServer.id],
  });
}

async function subjectToken(client: GrantClient = front): Promise<string> {
  const { status, body } = await byPassword(client, client.user, { scope: 'openid catalogue' });
  expect(status).toBe(200);
  return body.access_token;
}

describe('a person’s access token of a trusted server', () => {
  test('gives one of this server for the same person, to the client that asks', async () => {
    const token = await subjectToken();
    const { status, headers, body } = await byExchange(back, token);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toContain('no-store');
    expect(body).toEqual({
      token_type: 'Bearer',
      expires_in: 3600,
      access_token: expect.any(String),
      scope: 'catalogue',
      issued_token_type: ACCESS_TOKEN,
    });
    expect(decodeJwt(body.access_token)).toMatchObject({
      iss: back.issuer,
      aud: back.audience,
      cid: back.clientId,
      uid: front.user.id,
      sub: front.user.login,
      auth_time: decodeJwt(token).auth_time,
      scp: ['catalogue'],
    });
    const told = await introspect(back, body.access_token, { client_secret: back.secret });
    expect(told.body).toMatchObject({ active: true, uid: front.user.id });
  });

  test('without a scope gives the default ones; with the type asked for the same', async () => {
    const token = await subjectToken();
    expect((await byExchange(back, token, { scope: null })).body.scope).toBe('catalogue');
    expect((await byExchange(back, token, { requested_token_type: ACCESS_TOKEN })).status).toBe(200);
  });

  test('can be exchanged as long as it is good, and its scopes bound nothing: policy does', async () => {
    const token = await subjectToken();
    expect((await byExchange(back, token, { scope: 'orders' })).body.scope).toBe('orders');
    expect((await byExchange(back, token, { scope: 'unknown' })).body.error).toBe('invalid_scope');
  });

  test('of this server itself needs no trust', async () => {
    const own = await makeGrantClient(server, [TOKEN_EXCHANGE, PASSWORD]);
    const { body } = await byExchange(own, await subjectToken(own));
    expect(decodeJwt(body.access_token)).toMatchObject({ uid: own.user.id, cid: own.clientId });
  });
});

describe('a subject token is refused', () => {
  test('of a server that is not trusted, and of one that is trusted no more', async () => {
    const other = await makeBack();
    const token = await subjectToken();
    const untrusted = await byExchange(other, token);
    expect(untrusted.status).toBe(403);
    expect(untrusted.body).toEqual({
      error: 'access_denied',
      error_description: "The 'subject_token' issuer isn't a trusted authorization server.",
    });
    await trust(other, front);
    expect((await byExchange(other, token)).status).toBe(200);
    await other.api.delete(
      `/api/v1/authorizationServers/${other.authorizationServer.id}/associatedServers/${front.authorizationServer.id}`,
    );
    expect((await byExchange(other, token)).status).toBe(403);
  });

  test('of a server that trusts this one: trust has a direction', async () => {
    const own = await makeGrantClient(server, [TOKEN_EXCHANGE, PASSWORD]);
    await assign(front, own.user.id);
    await trust(own, front);
    const exchanging = await makeBack();
    await trust(exchanging, front);
    const { status } = await byExchange(exchanging, await subjectToken(own));
    expect(status).toBe(403);
  });

  test('that is an ID token, a refresh token, a code, or nonsense', async () => {
    const { body } = await byPassword(front, front.user, { scope: 'openid offline_access catalogue' });
    for (const token of [body.id_token, body.refresh_token, 'nonsense', 'a.b.c', `${body.access_token}x`, '..']) {
      const answer = await byExchange(back, token);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({ error: 'invalid_request', error_description: "'subject_token' is invalid." });
    }
  });

  test('that nobody or somebody else signed', async () => {
    const token = await subjectToken();
    const [header = '', payload = ''] = token.split('.');
    const stranger = await newClientKey('RS256');
    const claims = decodeJwt(token);
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    const forged = [
      `${none}.${payload}.`,
      `${header}.${payload}.`,
      await sign(stranger.privateKey, { alg: 'RS256', kid }, claims),
      await sign(stranger.privateKey, { alg: 'RS256', kid }, { ...claims, iss: back.issuer, aud: back.audience }),
      await sign('a-secret-that-is-long-enough-to-be-one', { alg: 'HS256', kid }, claims),
    ];
    for (const one of forged) expect((await byExchange(back, one)).body.error).toBe('invalid_request');
  });

  test('of the org server: those are for this server’s own API', async () => {
    const { body } = await byPassword({ ...front, issuer: server.url }, front.user, { scope: 'openid' });
    expect((await byExchange(back, body.access_token)).body.error_description).toBe("'subject_token' is invalid.");
  });

  test('of a client that acts for itself: it stands for no person', async () => {
    const { body } = await byClientCredentials(front);
    expect((await byExchange(back, body.access_token)).body.error_description).toBe("'subject_token' is invalid.");
  });

  test('that is bound to a key which the client cannot show (RFC 9449)', async () => {
    const bound = await makeGrantClient(server, [PASSWORD], { oauthClient: { dpop_bound_access_tokens: true } });
    await trust(back, bound);
    await assign(back, bound.user.id);
    const { login: username, password } = bound.user;
    const form = { grant_type: PASSWORD, username, password, scope: 'catalogue' };
    const headers = { authorization: basic(bound.clientId, bound.secret) };
    const { body } = await tokenRequest(`${bound.issuer}/v1/token`, form, await newDpopKey(), headers);
    expect(decodeJwt(body.access_token)).toHaveProperty('cnf');
    expect((await byExchange(back, body.access_token)).body.error_description).toBe("'subject_token' is invalid.");
  });

  test('that was revoked, or whose family was', async () => {
    const { body } = await byPassword(front, front.user, { scope: 'openid offline_access catalogue' });
    await revoke(front, body.refresh_token, { client_secret: front.secret });
    const plain = await subjectToken();
    await revoke(front, plain, { client_secret: front.secret });
    for (const token of [body.access_token, plain]) {
      const answer = await byExchange(back, token);
      expect(answer.status).toBe(400);
      expect(answer.body).toEqual({
        error: 'invalid_grant',
        error_description: "The 'subject_token' either expired or the session associated with it was terminated.",
      });
    }
  });

  test('of a person who was suspended, a client or a server that is inactive', async () => {
    const own = await makeGrantClient(server, [PASSWORD]);
    await trust(back, own);
    await assign(back, own.user.id);
    const token = await subjectToken(own);
    expect((await byExchange(back, token)).status).toBe(200);
    for (const path of [
      `/api/v1/authorizationServers/${own.authorizationServer.id}/lifecycle`,
      `/api/v1/apps/${own.app.id}/lifecycle`,
    ]) {
      await own.api.post(`${path}/deactivate`);
      expect((await byExchange(back, token)).body.error).toBe('invalid_grant');
      await own.api.post(`${path}/activate`);
    }
    await own.api.post(`/api/v1/users/${own.user.id}/lifecycle/suspend`);
    expect((await byExchange(back, token)).body.error).toBe('invalid_grant');
  });

  test('of a person who is not assigned to the client that asks', async () => {
    const own = await makeGrantClient(server, [PASSWORD]);
    await trust(back, own);
    const { body } = await byExchange(back, await subjectToken(own));
    expect(body.error_description).toBe('User is not assigned to the client application.');
  });
});

describe('a request is refused', async () => {
  const token = await subjectToken();

  test.each([
    { with: 'no subject token', changes: { subject_token: null }, error: 'invalid_request' },
    { with: 'no subject token type', changes: { subject_token_type: null }, error: 'invalid_request' },
    {
      with: 'an ID token type',
      changes: { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
      error: 'invalid_request',
    },
    { with: 'no audience', changes: { audience: null }, error: 'invalid_target' },
    { with: 'the audience of another server', changes: { audience: front.audience }, error: 'invalid_target' },
    { with: 'the issuer as its audience', changes: { audience: back.issuer }, error: 'invalid_target' },
    { with: 'a resource', changes: { resource: 'https://api.example.com' }, error: 'invalid_target' },
    { with: 'an actor', changes: { actor_token: 'x', actor_token_type: ACCESS_TOKEN }, error: 'invalid_request' },
    {
      with: 'a wish for an ID token',
      changes: { requested_token_type: 'urn:ietf:params:oauth:token-type:id_token' },
      error: 'invalid_request',
    },
    { with: 'openid', changes: { scope: 'openid' }, error: 'invalid_scope' },
    { with: 'offline_access', changes: { scope: 'catalogue offline_access' }, error: 'invalid_scope' },
  ])('with $with', async ({ changes, error }) => {
    const { status, body } = await byExchange(back, token, changes);
    expect(status).toBe(400);
    expect(body.error).toBe(error);
    expect(body).not.toHaveProperty('access_token');
  });

  test('with openid, in the words that service applications know', async () => {
    expect((await byExchange(back, token, { scope: 'openid' })).body.error_description).toBe(
      "Can't request 'openid' scopes using the Token Exchange flow for a service app.",
    );
  });

  test('with an ID token in either costume', async () => {
    const { body } = await byPassword(front, front.user, { scope: 'openid' });
    for (const subject_token of [body.id_token, body.access_token]) {
      const answer = await byExchange(back, subject_token, {
        subject_token_type: 'urn:ietf:params:oauth:token-type:id_token',
      });
      expect(answer.body.error_description).toBe("'subject_token_type' is invalid or not supported.");
    }
  });

  test('of a client without credentials', async () => {
    const open = await makeBack({
      oauthClient: { application_type: 'native' },
      credentials: { token_endpoint_auth_method: 'none', pkce_required: true },
    });
    await trust(open, front);
    const { status, body } = await byExchange(open, token);
    expect(status).toBe(400);
    expect(body.error_description).toBe('Confidential client is required to make this request.');
  });

  test('at the org server, which does not offer it', async () => {
    const { body } = await byExchange({ ...back, issuer: server.url, audience: server.url }, token);
    expect(body.error).toBe('unsupported_grant_type');
  });
});

test('an application that needs consent has no place to ask for it', async () => {
  const strict = await makeBack({ oauthClient: { consent_method: 'REQUIRED' } });
  await trust(strict, front);
  await strict.api.post(`/api/v1/authorizationServers/${strict.authorizationServer.id}/scopes`, {
    name: 'letters',
    consent: 'FLEXIBLE',
  });
  const token = await subjectToken();
  expect((await byExchange(strict, token, { scope: 'letters' })).body.error).toBe('consent_required');
  expect((await byExchange(strict, token)).status).toBe(200);
});
