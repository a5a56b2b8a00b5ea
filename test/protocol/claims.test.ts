// Exactly which claims access and ID tokens carry: contract section 2.
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, type JWTPayload, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { allow, followGuide, makeApplication } from '../support/guide.ts';
import {
  authorizeUrl,
  endpointsOf,
  leftHalfHash,
  mustLeave,
  newPkce,
  refresh,
  tokensFor,
  userinfo,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server, { audience: 'api://catalogue' });
const agent = newUserAgent(server);
const org = await guide.api.get<{ id: string }>('/api/v1/org');

const profile = {
  firstName: 'Ada',
  lastName: 'Lovelace',
  middleName: 'King',
  displayName: 'Ada, Countess of Lovelace',
  nickName: 'Ada',
  profileUrl: 'https://people.example/ada',
  locale: 'en_US',
  timezone: 'Europe/London',
  primaryPhone: '+44 20 7946 0000',
  streetAddress: '12 St James’s Square',
  city: 'London',
  state: 'London',
  zipCode: 'SW1Y 4JH',
  countryCode: 'GB',
};
await guide.api.post(`/api/v1/users/${guide.user.id}`, { profile });
const accessToken = decodeJwt((await tokensFor(agent, guide, guide.user)).access_token);

function isNow(time: unknown): boolean {
  return typeof time === 'number' && Math.abs(time - Date.now() / 1000) < 120;
}

async function verified(token: string): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(`${endpointsOf(guide.issuer)}/keys`));
  return (await jwtVerify(token, keys, { issuer: guide.issuer, algorithms: ['RS256'] })).payload;
}

describe('the header of every token', () => {
  test('holds kid and alg and nothing else', async () => {
    const tokens = await tokensFor(agent, guide, guide.user);
    for (const token of [tokens.access_token, tokens.id_token]) {
      const header = decodeProtectedHeader(token);
      expect(Object.keys(header)).toEqual(['kid', 'alg']);
      expect(header.alg).toBe('RS256');
    }
  });

  test('names a key that is published', async () => {
    const tokens = await tokensFor(agent, guide, guide.user);
    await expect(verified(tokens.access_token)).resolves.toBeTruthy();
    await expect(verified(tokens.id_token)).resolves.toBeTruthy();
  });
});

describe('an access token of a custom server', () => {
  test('has exactly the claims of the contract', () => {
    expect(Object.keys(accessToken)).toEqual([
      'ver',
      'jti',
      'iss',
      'aud',
      'iat',
      'exp',
      'cid',
      'uid',
      'scp',
      'auth_time',
      'sub',
    ]);
    expect(accessToken).toMatchObject({
      ver: 1,
      jti: expect.stringMatching(/^AT\.[\w-]{20,}/),
      iss: guide.issuer,
      aud: 'api://catalogue',
      cid: guide.clientId,
      uid: guide.user.id,
      sub: guide.user.login,
      scp: ['openid', 'profile', 'email', 'offline_access'],
    });
    expect(isNow(accessToken.iat)).toBe(true);
    expect(isNow(accessToken.auth_time)).toBe(true);
    expect(accessToken.exp).toBe((accessToken.iat ?? 0) + 3600);
  });

  test('lives as long as the rule says, and expires_in says so too', async () => {
    const brief = await followGuide(server, { token: { accessTokenLifetimeMinutes: 5 } });
    const tokens = await tokensFor(newUserAgent(server), brief, brief.user);
    const { iat = 0, exp = 0 } = decodeJwt(tokens.access_token);
    expect(exp - iat).toBe(300);
    expect(tokens.expires_in).toBe(300);
    const idToken = decodeJwt(tokens.id_token);
    expect((idToken.exp ?? 0) - (idToken.iat ?? 0)).toBe(3600);
  });

  test('grants the scopes of the answer, in the same order', async () => {
    const tokens = await tokensFor(agent, guide, guide.user, { scope: 'email openid catalogue' });
    expect(decodeJwt(tokens.access_token).scp).toEqual(tokens.scope.split(' '));
  });
});

describe('an ID token that comes with an access token', () => {
  test('is thin: of the profile only name, preferred_username and email', async () => {
    const tokens = await tokensFor(agent, guide, guide.user, { nonce: 'n-0S6_WzA2Mj' });
    const claims = decodeJwt(tokens.id_token);
    expect(Object.keys(claims).sort()).toEqual([
      'amr',
      'at_hash',
      'aud',
      'auth_time',
      'email',
      'exp',
      'iat',
      'idp',
      'iss',
      'jti',
      'name',
      'nonce',
      'preferred_username',
      'sub',
      'ver',
    ]);
    expect(claims).toMatchObject({
      sub: guide.user.id,
      name: 'Ada, Countess of Lovelace',
      email: guide.user.login,
      preferred_username: guide.user.login,
      ver: 1,
      iss: guide.issuer,
      aud: guide.clientId,
      jti: expect.stringMatching(/^ID\.[\w-]{20,}/),
      amr: ['pwd'],
      idp: org.id,
      nonce: 'n-0S6_WzA2Mj',
      at_hash: leftHalfHash(tokens.access_token),
    });
    expect(claims.exp).toBe((claims.iat ?? 0) + 3600);
  });

  test('has no nonce when none was sent, and only the claims of its scopes', async () => {
    const tokens = await tokensFor(agent, guide, guide.user, { nonce: null, scope: 'openid' });
    const claims = decodeJwt(tokens.id_token);
    for (const name of ['nonce', 'name', 'email', 'preferred_username']) expect(claims).not.toHaveProperty(name);
  });

  test('of a refresh has no nonce either, and the hash of its own access token', async () => {
    const first = await tokensFor(agent, guide, guide.user);
    const { body } = await refresh(guide, first.refresh_token);
    expect(decodeJwt(body.id_token).at_hash).toBe(leftHalfHash(body.access_token));
  });

  test('keeps auth_time when the session is used again', async () => {
    const one = decodeJwt((await tokensFor(agent, guide, guide.user)).id_token);
    const two = decodeJwt((await tokensFor(agent, guide, guide.user)).id_token);
    expect(two.auth_time).toBe(one.auth_time);
    expect(two.jti).not.toBe(one.jti);
  });
});

describe('userinfo', () => {
  test('has every claim of the scopes, in the protocol’s forms', async () => {
    const tokens = await tokensFor(agent, guide, guide.user, { scope: 'openid profile email address phone' });
    const { status, body } = await userinfo(guide, tokens.access_token);
    expect(status).toBe(200);
    expect(body).toEqual({
      sub: guide.user.id,
      name: 'Ada, Countess of Lovelace',
      nickname: 'Ada',
      given_name: 'Ada',
      middle_name: 'King',
      family_name: 'Lovelace',
      profile: 'https://people.example/ada',
      preferred_username: guide.user.login,
      zoneinfo: 'Europe/London',
      locale: 'en-US',
      updated_at: expect.any(Number),
      email: guide.user.login,
      email_verified: expect.any(Boolean),
      address: {
        street_address: '12 St James’s Square',
        locality: 'London',
        region: 'London',
        postal_code: 'SW1Y 4JH',
        country: 'GB',
      },
      phone_number: '+44 20 7946 0000',
    });
    expect(isNow(body.updated_at)).toBe(true);
  });

  test('leaves out what the person has not got', async () => {
    const other = await followGuide(server);
    const tokens = await tokensFor(newUserAgent(server), other, other.user, { scope: 'openid profile phone address' });
    const { body } = await userinfo(other, tokens.access_token);
    expect(body).toMatchObject({ name: 'Ada Lovelace', given_name: 'Ada', family_name: 'Lovelace' });
    for (const name of ['middle_name', 'nickname', 'phone_number', 'address', 'profile', 'email'])
      expect(body).not.toHaveProperty(name);
  });
});

describe('the org server', () => {
  const atOrg = { ...guide, issuer: server.url };

  test('issues ID tokens that its published keys verify', async () => {
    const tokens = await tokensFor(agent, atOrg, guide.user);
    const keys = createRemoteJWKSet(new URL(`${server.url}/oauth2/v1/keys`));
    const { payload } = await jwtVerify(tokens.id_token, keys, { issuer: server.url, audience: guide.clientId });
    expect(payload.sub).toBe(guide.user.id);
  });

  test('issues access tokens for itself, of an hour, which only it can read', async () => {
    const tokens = await tokensFor(agent, atOrg, guide.user);
    const claims = decodeJwt(tokens.access_token);
    expect(claims).toMatchObject({ iss: server.url, aud: server.url, cid: guide.clientId, sub: guide.user.login });
    expect(tokens.expires_in).toBe(3600);
    const keys = createRemoteJWKSet(new URL(`${server.url}/oauth2/v1/keys`));
    await expect(jwtVerify(tokens.access_token, keys)).rejects.toThrow();
  });

  test('needs no policy of ours', async () => {
    const app = await makeApplication(guide.api);
    await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
    const client = { ...atOrg, clientId: app.credentials.oauthClient.client_id };
    const callback = mustLeave(await agent.open(authorizeUrl(client, newPkce())));
    expect(callback.searchParams.get('code')).toBeTruthy();
  });
});

test('a server by itself gives nobody tokens: every client needs a policy', async () => {
  const app = await makeApplication(guide.api);
  await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
  const client = { ...guide, clientId: app.credentials.oauthClient.client_id };
  const before = mustLeave(await agent.open(authorizeUrl(client, newPkce())));
  expect(before.searchParams.get('error')).toBe('access_denied');
  await allow(guide.api, guide.authorizationServer.id, [client.clientId]);
  const after = mustLeave(await agent.open(authorizeUrl(client, newPkce())));
  expect(after.searchParams.get('code')).toBeTruthy();
});
