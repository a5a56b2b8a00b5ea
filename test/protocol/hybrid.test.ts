// Code and tokens in one answer, and each response type by itself: OIDC Core 3.2 and 3.3, contract 1.2, 1.4 and 2.4.
// Where the answer stands and who is refused is in implicit.test.ts too.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { allow, followGuide, type Guide } from '../support/guide.ts';
import { formOf, unescapeHtml } from '../support/html.ts';
import {
  authorizeUrl,
  introspect,
  leftHalfHash,
  mustLeave,
  newPkce,
  type Parameters,
  redeem,
  refresh,
  userinfo,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const TYPES = ['id_token', 'token', 'id_token token', 'code id_token', 'code token', 'code id_token token'];
const ALL = {
  grant_types: ['authorization_code', 'refresh_token', 'implicit'],
  response_types: ['code', 'id_token', 'token'],
};

/** A client whose tokens from the front channel live five minutes, and those from a code an hour. */
async function makeClient(oauthClient: object = {}): Promise<Guide> {
  const made = await followGuide(server, { oauthClient: { ...ALL, ...oauthClient } });
  const short = { accessTokenLifetimeMinutes: 5 };
  await allow(made.api, made.authorizationServer.id, [made.clientId], short, ['implicit']);
  return made;
}

const guide = await makeClient();
const agent = newUserAgent(server);
await agent.signIn(authorizeUrl(guide, newPkce()), guide.user);

async function answerTo(changes: Parameters, client = guide): Promise<Record<string, string>> {
  const callback = mustLeave(await agent.open(authorizeUrl(client, newPkce(), changes)));
  expect(callback.search).toBe('');
  return Object.fromEntries(new URLSearchParams(callback.hash.slice(1)));
}

describe('each response type brings exactly what it names', () => {
  test.each(TYPES)('%s', async (type) => {
    const answer = await answerTo({ response_type: type, state: 's1', nonce: 'n1' });
    const types = type.split(' ');
    expect('code' in answer).toBe(types.includes('code'));
    for (const name of ['access_token', 'token_type', 'expires_in'])
      expect(name in answer, name).toBe(types.includes('token'));
    expect('id_token' in answer).toBe(types.includes('id_token'));
    expect(answer.state).toBe('s1');
    expect(answer).not.toHaveProperty('refresh_token');
    expect(answer).not.toHaveProperty('error');
  });

  test.each(TYPES.filter((type) => type.includes('id_token')))('%s binds its ID token to the rest', async (type) => {
    const answer = await answerTo({ response_type: type, nonce: 'n1' });
    const claims = decodeJwt(answer.id_token ?? '');
    expect(claims).toMatchObject({
      iss: guide.issuer,
      aud: guide.clientId,
      sub: guide.user.id,
      nonce: 'n1',
      amr: ['pwd'],
      auth_time: expect.any(Number),
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3600);
    expect(claims.c_hash).toBe(answer.code === undefined ? undefined : leftHalfHash(answer.code));
    expect(claims.at_hash).toBe(answer.access_token === undefined ? undefined : leftHalfHash(answer.access_token));
    // Fat exactly when there is no access token to ask userinfo with.
    expect('given_name' in claims).toBe(answer.access_token === undefined);
    expect('name' in claims).toBe(true);
  });

  test.each(TYPES.filter((type) => /(^| )token/.test(type)))('%s brings an access token that works', async (type) => {
    const answer = await answerTo({ response_type: type, scope: 'openid profile' });
    const token = answer.access_token ?? '';
    expect(decodeJwt(token)).toMatchObject({ uid: guide.user.id, cid: guide.clientId, scp: ['openid', 'profile'] });
    expect(answer).toMatchObject({ token_type: 'Bearer', scope: 'openid profile' });
    expect((await userinfo(guide, token)).body).toMatchObject({ sub: guide.user.id, given_name: 'Ada' });
    expect((await introspect(guide, token)).body.active).toBe(true);
  });

  test('token needs no openid, and id_token does', async () => {
    const plain = await answerTo({ response_type: 'token', scope: 'catalogue' });
    expect(decodeJwt(plain.access_token ?? '').scp).toEqual(['catalogue']);
    for (const type of TYPES.filter((one) => one.includes('id_token')))
      expect((await answerTo({ response_type: type, scope: 'catalogue' })).error).toBe('invalid_scope');
  });
});

describe('of a hybrid answer', () => {
  async function hybrid(changes: Parameters = {}) {
    const pkce = newPkce();
    const url = authorizeUrl(guide, pkce, { response_type: 'code id_token token', nonce: 'n1', ...changes });
    const answer = Object.fromEntries(new URLSearchParams(mustLeave(await agent.open(url)).hash.slice(1)));
    return { answer, grant: { code: answer.code ?? '', verifier: pkce.verifier } };
  }

  test('the two ID tokens name the same issuer, person, nonce and sign-in', async () => {
    const { answer, grant } = await hybrid();
    const { body } = await redeem(guide, grant);
    const [front, back] = [decodeJwt(answer.id_token ?? ''), decodeJwt(body.id_token)];
    for (const claim of ['iss', 'sub', 'aud', 'nonce', 'auth_time', 'amr', 'name'])
      expect(back[claim], claim).toEqual(front[claim]);
  });

  test('the refresh token comes out of the code alone', async () => {
    const { answer, grant } = await hybrid({ scope: 'openid offline_access' });
    expect(answer.scope).toBe('openid');
    expect(decodeJwt(answer.access_token ?? '').scp).toEqual(['openid']);
    const { body } = await redeem(guide, grant);
    expect(body.scope).toBe('openid offline_access');
    expect((await refresh(guide, body.refresh_token)).status).toBe(200);
  });

  test('each token lives as long as the rule of its own grant says', async () => {
    const { answer, grant } = await hybrid();
    expect(answer.expires_in).toBe('300');
    const front = decodeJwt(answer.access_token ?? '');
    expect(Number(front.exp) - Number(front.iat)).toBe(300);
    expect((await redeem(guide, grant)).body.expires_in).toBe(3600);
  });

  test('the code is redeemed once, with its verifier', async () => {
    const { grant } = await hybrid();
    expect((await redeem(guide, { ...grant, verifier: newPkce().verifier })).body.error).toBe('invalid_grant');
    expect((await redeem(guide, grant)).status).toBe(200);
    expect((await redeem(guide, grant)).body.error).toBe('invalid_grant');
  });

  test('nothing comes without a challenge where the client must send one', async () => {
    const answer = await answerTo({
      response_type: 'code id_token token',
      code_challenge: null,
      code_challenge_method: null,
    });
    expect(answer.error).toBe('invalid_request');
    expect(Object.keys(answer).sort()).toEqual(['error', 'error_description', 'state']);
  });

  test('nothing comes when policy refuses either half', async () => {
    for (const grantTypes of [['authorization_code'], ['implicit']]) {
      const other = await followGuide(server, { oauthClient: ALL });
      const path = `/api/v1/authorizationServers/${other.authorizationServer.id}/policies/${other.policy.id}/rules/${other.rule.id}`;
      const rule = await other.api.get<{ conditions: object }>(path);
      await other.api.put(path, { ...rule, conditions: { ...rule.conditions, grantTypes: { include: grantTypes } } });
      for (const type of ['code token', 'code id_token', 'code id_token token']) {
        const url = authorizeUrl(other, newPkce(), { response_type: type });
        const { hash } = mustLeave(await newUserAgent(server).signIn(url, other.user));
        const answer = new URLSearchParams(hash.slice(1));
        expect(answer.get('error')).toBe('access_denied');
        expect([...answer.keys()].sort()).toEqual(['error', 'error_description', 'state']);
      }
    }
  });
});

describe('the way of the answer', () => {
  test.each(TYPES)('of %s is the fragment, kept from caches and referrers', async (type) => {
    const response = await agent.send(authorizeUrl(guide, newPkce(), { response_type: type }));
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toMatch(/^http:\/\/localhost:4555\/callback#/);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toContain('no-store');
  });

  test.each(TYPES)('of %s may not be the query', async (type) => {
    const answer = await answerTo({ response_type: type, response_mode: 'query' });
    expect(answer.error).toBe('unsupported_response_mode');
    expect(Object.keys(answer).sort()).toEqual(['error', 'error_description', 'state']);
  });

  test('may be a form, with every value in it', async () => {
    const url = authorizeUrl(guide, newPkce(), {
      response_type: 'code id_token token',
      response_mode: 'form_post',
      state: 's1',
    });
    const page = await agent.open(url);
    expect(page.headers.get('cache-control')).toContain('no-store');
    const form = formOf(page.html);
    expect(form).toMatchObject({ action: guide.redirectUri, method: 'post' });
    expect(Object.keys(form?.fields ?? {}).sort()).toEqual(
      ['access_token', 'code', 'expires_in', 'id_token', 'scope', 'state', 'token_type'].sort(),
    );
  });

  test('may be a message to the origin of the redirect URI', async () => {
    const url = authorizeUrl(guide, newPkce(), {
      response_type: 'id_token token',
      response_mode: 'okta_post_message',
      prompt: 'none',
    });
    const { html } = await agent.open(url);
    expect(/data-target-origin="([^"]*)"/.exec(html)?.[1]).toBe('http://localhost:4555');
    const message = JSON.parse(unescapeHtml(/data-message="([^"]*)"/.exec(html)?.[1] ?? ''));
    expect(Object.keys(message).sort()).toEqual([
      'access_token',
      'expires_in',
      'id_token',
      'scope',
      'state',
      'token_type',
    ]);
  });

  test.each(TYPES)('of an error to %s is the same', async (type) => {
    const stranger = newUserAgent(server);
    const silent = authorizeUrl(guide, newPkce(), { response_type: type, prompt: 'none', state: 's1' });
    const { search, hash } = mustLeave(await stranger.open(silent));
    expect(search).toBe('');
    expect(Object.fromEntries(new URLSearchParams(hash.slice(1)))).toEqual({
      error: 'login_required',
      error_description: 'The client specified not to prompt, but the user is not logged in.',
      state: 's1',
    });
    expect((await answerTo({ response_type: type, scope: 'openid unknown' })).error).toBe('invalid_scope');
  });
});

describe('is refused', () => {
  test.each(TYPES)('%s without a nonce', async (type) => {
    const answer = await answerTo({ response_type: type, nonce: null });
    expect(answer.error).toBe('invalid_request');
    expect(answer.error_description).toContain("The 'nonce' parameter is required");
  });

  test.each(['token token', 'code code', 'id_token token id_token', 'token none', 'code magic', 'Token', 'token,code'])(
    'the response type %s',
    async (type) => {
      const callback = mustLeave(await agent.open(authorizeUrl(guide, newPkce(), { response_type: type })));
      expect(callback.href).toContain('error=unsupported_response_type');
      expect(callback.href).not.toMatch(/[#&?](code|id_token|access_token)=/);
    },
  );

  test('token to a client that has the response type without the grant', async () => {
    const machine = await followGuide(server, {
      oauthClient: {
        application_type: 'native',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
        response_types: ['token'],
      },
    });
    await allow(machine.api, machine.authorizationServer.id, [machine.clientId], {}, ['implicit']);
    const url = authorizeUrl(machine, newPkce(), { response_type: 'token', scope: 'catalogue' });
    const answer = new URLSearchParams(mustLeave(await newUserAgent(server).signIn(url, machine.user)).hash.slice(1));
    expect(answer.get('error')).toBe('unauthorized_client');
    expect(answer.has('access_token')).toBe(false);
  });
});

test('a person who is suspended afterwards has a token from the front channel that is worth nothing', async () => {
  const other = await makeClient();
  const url = authorizeUrl(other, newPkce(), { response_type: 'token', scope: 'openid profile' });
  const { hash } = mustLeave(await newUserAgent(server).signIn(url, other.user));
  const token = new URLSearchParams(hash.slice(1)).get('access_token') ?? '';
  expect((await introspect(other, token)).body.active).toBe(true);
  await other.api.post(`/api/v1/users/${other.user.id}/lifecycle/suspend`);
  expect((await introspect(other, token)).body).toEqual({ active: false });
  expect((await userinfo(other, token)).status).toBe(401);
});

test('at the org server the front channel serves the same types', async () => {
  const atOrg = { ...guide, issuer: server.url };
  for (const type of TYPES) {
    const answer = await answerTo({ response_type: type, scope: 'openid email' }, atOrg);
    if (answer.id_token) expect(decodeJwt(answer.id_token)).toMatchObject({ iss: server.url, email: guide.user.login });
    expect('error' in answer).toBe(false);
  }
});
