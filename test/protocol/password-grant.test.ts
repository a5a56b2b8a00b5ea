// The client hands over what a person typed: contract 1.3, 1.6, 1.15. No answer tells which accounts exist.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { requireFactorOf } from '../support/factors.ts';
import { byPassword, makeGrantClient, PASSWORD } from '../support/grants.ts';
import { makeUser } from '../support/guide.ts';
import { refresh } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const GRANTS = [PASSWORD, 'refresh_token'];
const client = await makeGrantClient(server, GRANTS);
const INVALID = { error: 'invalid_grant', error_description: 'The credentials provided were invalid.' };

describe('the right password', () => {
  test('gives tokens of the person, authenticated by it, now', async () => {
    const { status, headers, body } = await byPassword(client, client.user, {
      scope: 'openid profile offline_access catalogue',
    });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toContain('no-store');
    expect(decodeJwt(body.access_token)).toMatchObject({
      uid: client.user.id,
      sub: client.user.login,
      cid: client.clientId,
      auth_time: expect.any(Number),
    });
    const idToken = decodeJwt(body.id_token);
    expect(idToken).toMatchObject({ sub: client.user.id, aud: client.clientId, amr: ['pwd'] });
    expect(Number(idToken.auth_time)).toBeGreaterThan(Date.now() / 1000 - 60);
    const again = await refresh(client, body.refresh_token, { client_secret: client.secret });
    expect(again.status).toBe(200);
    expect(decodeJwt(again.body.id_token)).toMatchObject({ amr: ['pwd'], auth_time: idToken.auth_time });
  });

  test('without a scope gives the default ones', async () => {
    expect((await byPassword(client, client.user, { scope: null })).body.scope).toBe('catalogue');
  });

  test('of a login in other letters is the same person', async () => {
    const shouted = { ...client.user, login: client.user.login.toUpperCase() };
    expect((await byPassword(client, shouted)).status).toBe(200);
  });

  test('that has expired is named so, and gives nothing', async () => {
    const other = await makeUser(client.api);
    await client.api.post(`/api/v1/apps/${client.app.id}/users`, { id: other.id, scope: 'USER' });
    await client.api.post(`/api/v1/users/${other.id}/lifecycle/expire_password`);
    const { status, body } = await byPassword(client, other);
    expect(status).toBe(400);
    expect(body).toEqual({ error: 'invalid_grant', error_description: 'Password has expired.' });
    expect((await byPassword(client, { ...other, password: 'wrong' })).body).toEqual(INVALID);
  });

  test('of somebody who is not assigned gives nothing', async () => {
    const { status, body } = await byPassword(client, await makeUser(client.api));
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'access_denied',
      error_description: 'User is not assigned to the client application.',
    });
  });
});

describe('everything else is the same refusal', () => {
  test('for a wrong password, an unknown login, a suspended, deactivated or unfinished account', async () => {
    const wrong = await byPassword(client, { ...client.user, password: 'wrong' });
    const unknown = await byPassword(client, { login: 'nobody@example.com', password: client.user.password });
    const answers = [wrong, unknown];
    for (const step of ['suspend', 'deactivate']) {
      const other = await makeUser(client.api);
      await client.api.post(`/api/v1/users/${other.id}/lifecycle/${step}`);
      answers.push(await byPassword(client, other));
    }
    for (const { status, headers, body } of answers) {
      expect(status).toBe(400);
      expect(body).toEqual(INVALID);
      expect([...headers.keys()].sort()).toEqual([...wrong.headers.keys()].sort());
    }
  });

  test('for an account locked by too many guesses, even with the right password', async () => {
    const other = await makeUser(client.api);
    for (let guess = 0; guess < 10; guess++)
      expect((await byPassword(client, { ...other, password: `guess ${guess}` })).body).toEqual(INVALID);
    expect((await byPassword(client, other)).body).toEqual(INVALID);
    expect((await client.api.get<{ status: string }>(`/api/v1/users/${other.id}`)).status).toBe('LOCKED_OUT');
  });

  test.each(['username', 'password'])('but a missing %s, which is named', async (name) => {
    for (const value of [null, '']) {
      const { status, body } = await byPassword(client, client.user, { [name]: value });
      expect(status).toBe(400);
      expect(body).toEqual({
        error: 'invalid_request',
        error_description: `The required parameter '${name}' is missing.`,
      });
    }
  });
});

test('the password may not come in the query', async () => {
  const query = new URLSearchParams({ password: client.user.password, username: client.user.login });
  const response = await fetch(`${client.issuer}/v1/token?${query}`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: PASSWORD, client_id: client.clientId, client_secret: client.secret }),
  });
  expect(response.status).toBe(400);
});

test('an application that runs in a browser has a sign-in page for this', async () => {
  const spa = await makeGrantClient(server, GRANTS, {
    oauthClient: { application_type: 'browser' },
    credentials: { token_endpoint_auth_method: 'none', pkce_required: true },
  });
  const { status, body } = await byPassword(spa, spa.user);
  expect(status).toBe(400);
  expect(body.error).toBe('unauthorized_client');
});

test('an application that needs consent gets what needs none, and is told of the rest', async () => {
  const strict = await makeGrantClient(server, GRANTS, { oauthClient: { consent_method: 'REQUIRED' } });
  const scopes = `/api/v1/authorizationServers/${strict.authorizationServer.id}/scopes`;
  for (const consent of ['REQUIRED', 'FLEXIBLE']) await strict.api.post(scopes, { name: `c-${consent}`, consent });
  for (const scope of ['c-REQUIRED', 'c-FLEXIBLE']) {
    const { status, body } = await byPassword(strict, strict.user, { scope: `catalogue ${scope}` });
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'consent_required',
      error_description: `The following scopes require user consent: [${scope}].`,
    });
  }
  expect((await byPassword(strict, strict.user)).status).toBe(200);
});

test('at the org server it signs a person in to the org', async () => {
  const { status, body } = await byPassword({ ...client, issuer: server.url }, client.user, { scope: 'openid email' });
  expect(status).toBe(200);
  expect(decodeJwt(body.id_token)).toMatchObject({ iss: server.url, email: client.user.login });
});

test('a person of whom policy wants a further factor gets nothing by it', async () => {
  const person = await makeUser(client.api);
  await client.api.post(`/api/v1/apps/${client.app.id}/users`, { id: person.id, scope: 'USER' });
  expect((await byPassword(client, person)).status).toBe(200);
  await requireFactorOf(client.api, person.id);
  const { status, body } = await byPassword(client, person);
  expect([status, body]).toEqual([
    400,
    {
      error: 'invalid_grant',
      error_description: 'Resource owner password credentials cannot be used with MFA enabled.',
    },
  ]);
});

test('no password reaches the log, right or wrong', async () => {
  await byPassword(client, { ...client.user, password: 'a-wrong-password-that-nobody-has' });
  const log = JSON.stringify(await client.api.get('/api/v1/logs?limit=1000'));
  for (const secret of [client.user.password, 'a-wrong-password-that-nobody-has', client.secret])
    for (const text of [log, server.output()]) expect(text.includes(secret)).toBe(false);
});

describe('guessing at many accounts', () => {
  test('from one address ends after a while, also for the right password', async () => {
    for (let guess = 0; guess < 60; guess++)
      await byPassword(client, { login: `nobody-${guess}@example.com`, password: 'Summer-2026' });
    const { status, body } = await byPassword(client, client.user);
    expect(status).toBe(429);
    expect(body).toEqual({
      error: 'invalid_grant',
      error_description: 'API call exceeded rate limit due to too many requests.',
    });
  });
});
