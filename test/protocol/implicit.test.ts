// Tokens from the front channel: response types with id_token and token (contract 1.2, 1.4, 2.4), which the seed guide switches on.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { followGuide, type Guide } from '../support/guide.ts';
import { formOf } from '../support/html.ts';
import { authorizeUrl, leftHalfHash, mustLeave, newPkce, redeem, userinfo } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();

async function hybridGuide(): Promise<Guide> {
  const made = await followGuide(server, {
    oauthClient: {
      grant_types: ['authorization_code', 'refresh_token', 'implicit'],
      response_types: ['code', 'id_token', 'token'],
    },
  });
  const path = `/api/v1/authorizationServers/${made.authorizationServer.id}/policies/${made.policy.id}/rules/${made.rule.id}`;
  const rule = await made.api.get<{ conditions: object }>(path);
  const grantTypes = { include: ['authorization_code', 'implicit'] };
  await made.api.put(path, { ...rule, conditions: { ...rule.conditions, grantTypes } });
  return made;
}

const guide = await hybridGuide();
const agent = newUserAgent(server);
await agent.signIn(authorizeUrl(guide, newPkce()), guide.user);

async function answerOf(changes: Record<string, string | null>): Promise<Record<string, string>> {
  const callback = mustLeave(
    await agent.open(authorizeUrl(guide, newPkce(), { scope: 'openid profile email', ...changes })),
  );
  expect(callback.search).toBe('');
  return Object.fromEntries(new URLSearchParams(callback.hash.slice(1)));
}

describe('the answer stands behind the #', () => {
  test('id_token alone brings a fat ID token and no other', async () => {
    const answer = await answerOf({ response_type: 'id_token', nonce: 'n1', state: 's1' });
    for (const name of ['code', 'access_token', 'token_type', 'expires_in']) expect(answer).not.toHaveProperty(name);
    expect(answer.state).toBe('s1');
    expect(decodeJwt(answer.id_token ?? '')).toMatchObject({
      nonce: 'n1',
      sub: guide.user.id,
      given_name: 'Ada',
      family_name: 'Lovelace',
      email: guide.user.login,
    });
    expect(decodeJwt(answer.id_token ?? '')).not.toHaveProperty('at_hash');
  });

  test('id_token token brings both, the ID token thin and bound to the access token', async () => {
    const answer = await answerOf({ response_type: 'id_token token' });
    expect(Object.keys(answer).sort()).toEqual([
      'access_token',
      'expires_in',
      'id_token',
      'scope',
      'state',
      'token_type',
    ]);
    expect(answer).toMatchObject({ token_type: 'Bearer', expires_in: '3600', scope: 'openid profile email' });
    const claims = decodeJwt(answer.id_token ?? '');
    expect(claims.at_hash).toBe(leftHalfHash(answer.access_token ?? ''));
    expect(claims).not.toHaveProperty('given_name');
    expect((await userinfo(guide, answer.access_token ?? '')).body.given_name).toBe('Ada');
  });

  test('code id_token brings an ID token bound to the code, which is then redeemed', async () => {
    const pkce = newPkce();
    const url = authorizeUrl(guide, pkce, { response_type: 'code id_token' });
    const answer = new URLSearchParams(mustLeave(await agent.open(url)).hash.slice(1));
    const code = answer.get('code') ?? '';
    expect(decodeJwt(answer.get('id_token') ?? '').c_hash).toBe(leftHalfHash(code));
    const { status, body } = await redeem(guide, { code, verifier: pkce.verifier });
    expect(status).toBe(200);
    expect(decodeJwt(body.id_token).sub).toBe(guide.user.id);
  });

  test('code token and code id_token token bring what they say', async () => {
    expect(Object.keys(await answerOf({ response_type: 'code token' }))).toEqual(
      expect.arrayContaining(['code', 'access_token']),
    );
    expect(Object.keys(await answerOf({ response_type: 'code id_token token' }))).toEqual(
      expect.arrayContaining(['code', 'access_token', 'id_token']),
    );
  });

  test('in another order of the words the same', async () => {
    expect(await answerOf({ response_type: 'token id_token' })).toHaveProperty('id_token');
  });
});

test('the front channel never brings a refresh token: offline_access is dropped', async () => {
  const answer = await answerOf({ response_type: 'id_token token', scope: 'openid offline_access' });
  expect(answer).not.toHaveProperty('refresh_token');
  expect(answer.scope).toBe('openid');
});

describe('is refused', () => {
  test('without a nonce', async () => {
    const answer = await answerOf({ response_type: 'id_token', nonce: null });
    expect(answer).toMatchObject({
      error: 'invalid_request',
      error_description:
        "The 'nonce' parameter is required for authorize requests with either the 'id_token' or 'token' response types..",
    });
  });

  test('in the query, where servers and proxies would log it', async () => {
    const visit = await agent.open(
      authorizeUrl(guide, newPkce(), { response_type: 'id_token', response_mode: 'query' }),
    );
    const callback = mustLeave(visit);
    const said = new URLSearchParams(callback.search || callback.hash.slice(1));
    expect(said.get('error')).toBe('unsupported_response_mode');
    expect(said.get('error_description')).toBe(
      "'query' response mode cannot be used with either the 'id_token' or 'token' response types.",
    );
    expect(callback.href).not.toContain('id_token=');
  });

  test('to a client that has not the implicit grant', async () => {
    const other = await followGuide(server);
    for (const type of ['id_token', 'token', 'id_token token', 'code id_token']) {
      const visit = await newUserAgent(server).signIn(
        authorizeUrl(other, newPkce(), { response_type: type, scope: 'openid' }),
        other.user,
      );
      const href = visit.left?.href ?? '';
      expect(href, type).not.toMatch(/[#&?](id_token|access_token|code)=/);
      expect(href, type).toMatch(/[#&?]error=(unauthorized_client|unsupported_response_type|access_denied)/);
    }
  });

  test('to a client whose policy does not allow the implicit grant', async () => {
    const other = await followGuide(server, {
      oauthClient: {
        grant_types: ['authorization_code', 'refresh_token', 'implicit'],
        response_types: ['code', 'id_token', 'token'],
      },
    });
    const url = authorizeUrl(other, newPkce(), { response_type: 'id_token token', scope: 'openid' });
    const href = mustLeave(await newUserAgent(server).signIn(url, other.user)).href;
    expect(href).toContain('error=access_denied');
    expect(href).not.toContain('access_token=');
  });
});

test('form_post carries tokens to the callback in a form', async () => {
  const url = authorizeUrl(guide, newPkce(), { response_type: 'id_token token', response_mode: 'form_post' });
  const form = formOf((await agent.open(url)).html);
  expect(form?.action).toBe(guide.redirectUri);
  expect(decodeJwt(form?.fields.id_token ?? '').sub).toBe(guide.user.id);
});
