// OIDC Core section 6, RFC 9101: an authorization request, or the part that must not be changed on the way, as a JWT of the client.
import { randomBytes, randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, inject, test } from 'vitest';
import { type Changes, newClientKey, nowSeconds, sign } from '../support/client-keys.ts';
import { allow, CALLBACK, followGuide, makeApplication, makeWebApplication } from '../support/guide.ts';
import {
  authorizeUrl,
  basic,
  endpointsOf,
  mustLeave,
  newPkce,
  type OAuthError,
  type Parameters,
  postForm,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const key = await newClientKey();
const app = await makeWebApplication(guide.api, {
  jwks: { keys: [key.publicJwk] },
  redirect_uris: [CALLBACK, 'http://localhost:4555/other'],
});
const { client_id: clientId, client_secret: secret = '' } = app.credentials.oauthClient;
const client = { ...guide, clientId };
await allow(guide.api, guide.authorizationServer.id, [clientId]);
await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
const agent = newUserAgent(server);
await agent.signIn(authorizeUrl(client, newPkce()), guide.user);

function objectClaims(changes: Changes = {}): Changes {
  const iat = nowSeconds();
  return { iss: clientId, aud: guide.issuer, iat, exp: iat + 300, jti: randomUUID(), ...changes };
}
const object = (changes: Changes = {}, header: object = {}) =>
  sign(key.privateKey, { alg: 'ES256', kid: key.publicJwk.kid, ...header }, objectClaims(changes));

/** What the callback is told about a request with this object. */
async function answerTo(request: string, changes: Parameters = {}): Promise<Record<string, string>> {
  const callback = mustLeave(await agent.open(authorizeUrl(client, newPkce(), { ...changes, request })));
  expect(callback.origin).toBe('http://localhost:4555');
  return Object.fromEntries([...callback.searchParams, ['path', callback.pathname]]);
}

const redeem = async (code: string, form: Parameters = {}) =>
  postForm<{ id_token: string } & OAuthError>(
    `${endpointsOf(guide.issuer)}/token`,
    { grant_type: 'authorization_code', redirect_uri: CALLBACK, code, ...form },
    { authorization: basic(clientId, secret) },
  );

describe('what a request object says beats what stands beside it', () => {
  test('state, nonce and the code challenge', async () => {
    const pkce = newPkce();
    const signed = {
      state: 'signed',
      nonce: 'signed-nonce',
      code_challenge: pkce.challenge,
      code_challenge_method: 'S256',
    };
    const { state, code = '' } = await answerTo(await object(signed), { state: 'loose', nonce: 'loose' });
    expect(state).toBe('signed');
    const { status, body } = await redeem(code, { code_verifier: pkce.verifier });
    expect(status).toBe(200);
    expect(decodeJwt(body.id_token).nonce).toBe('signed-nonce');
  });

  test('the code challenge of the query is worth nothing then', async () => {
    const [signed, loose] = [newPkce(), newPkce()];
    const request = await object({ code_challenge: signed.challenge, code_challenge_method: 'S256' });
    const { code = '' } = await answerTo(request, { code_challenge: loose.challenge });
    expect((await redeem(code, { code_verifier: loose.verifier })).body.error_description).toBe(
      'PKCE verification failed.',
    );
  });

  test('every other parameter: scope, redirect_uri, prompt, max_age as a number', async () => {
    const request = await object({ redirect_uri: 'http://localhost:4555/other', scope: 'openid', max_age: 3600 });
    const answer = await answerTo(request, { scope: 'openid profile unknown-scope', max_age: 'soon' });
    expect(answer.path).toBe('/other');
    expect(answer.code).toBeTruthy();
    expect(await answerTo(await object({ prompt: 'none', max_age: 0 }))).toMatchObject({ error: 'invalid_request' });
  });

  test('the whole request may be inside, but for the client_id and the request itself', async () => {
    const inside = {
      client_id: clientId,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid',
      state: 'inside',
    };
    const none = Object.fromEntries(
      ['redirect_uri', 'response_type', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method'].map(
        (name) => [name, null],
      ),
    );
    expect(await answerTo(await object(inside), none)).toMatchObject({ state: 'inside', code: expect.any(String) });
  });

  test('and is kept while the person signs in', async () => {
    const stranger = newUserAgent(server);
    const page = await stranger.open(
      authorizeUrl(client, newPkce(), { request: await object({ state: 'signed' }), state: 'loose' }),
    );
    const callback = mustLeave(await stranger.signIn(page.url, guide.user));
    expect(callback.searchParams.get('state')).toBe('signed');
    expect(callback.searchParams.get('code')).toBeTruthy();
  });
});

describe('a request object is signed', () => {
  test.each(['HS256', 'HS384', 'HS512'])('by the secret, %s', async (alg) => {
    expect((await answerTo(await sign(secret, { alg }, objectClaims({ state: 'hmac' })))).state).toBe('hmac');
  });

  test.each(['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'])('by a key, %s', async (alg) => {
    const other = await newClientKey(alg);
    const keyed = await makeApplication(guide.api, { jwks: { keys: [other.publicJwk] } });
    const { client_id } = keyed.credentials.oauthClient;
    const request = await sign(
      other.privateKey,
      { alg },
      objectClaims({ iss: client_id, prompt: 'none', state: 'keyed' }),
    );
    const url = authorizeUrl({ ...guide, clientId: client_id }, newPkce(), { request });
    const callback = mustLeave(await newUserAgent(server).open(url));
    expect(Object.fromEntries(callback.searchParams)).toMatchObject({ error: 'login_required', state: 'keyed' });
  });

  test('by the one algorithm that was agreed, if one was', async () => {
    const agreed = await makeWebApplication(guide.api, {
      jwks: { keys: [key.publicJwk] },
      request_object_signing_alg: 'HS256',
    });
    const { client_id, client_secret = '' } = agreed.credentials.oauthClient;
    const claims = () => objectClaims({ iss: client_id, prompt: 'none' });
    const answer = async (request: string) => {
      const url = authorizeUrl({ ...guide, clientId: client_id }, newPkce(), { request });
      return Object.fromEntries(mustLeave(await newUserAgent(server).open(url)).searchParams);
    };
    expect((await answer(await sign(client_secret, { alg: 'HS256' }, claims()))).error).toBe('login_required');
    for (const request of [
      await sign(key.privateKey, { alg: 'ES256' }, claims()),
      await sign(client_secret, { alg: 'HS512' }, claims()),
    ])
      expect(await answer(request)).toMatchObject({
        error: 'invalid_request_object',
        error_description: 'The signing algorithm used is not supported by this client.',
      });
  });
});

describe('a request object is refused', () => {
  const now = nowSeconds();
  test.each<[string, Changes, string, string]>([
    ['that has expired', { exp: now - 1 }, 'invalid_request_object', 'The request object is expired.'],
    [
      'for two hours',
      { exp: now + 7200 },
      'invalid_request_object',
      'The request object expires too far in the future.',
    ],
    ['without exp', { exp: null }, 'invalid_request_object', 'The authorize request object is invalid.'],
    ['of tomorrow', { iat: now + 300 }, 'invalid_request_object', 'The request object is issued in the future.'],
    ['that begins later', { nbf: now + 300 }, 'invalid_request_object', 'The request object is issued too early.'],
    [
      'for another server',
      { aud: server.url },
      'invalid_request_object',
      'The audience of the request object is invalid.',
    ],
    ['for nobody', { aud: null }, 'invalid_request_object', 'The audience of the request object is invalid.'],
    ['of another client', { iss: guide.clientId }, 'invalid_client', 'The issuer of the request object is invalid.'],
    ['of nobody', { iss: null }, 'invalid_client', 'The issuer of the request object is invalid.'],
    [
      'with another client_id',
      { client_id: guide.clientId },
      'invalid_request_object',
      'The authorize request object is invalid.',
    ],
    [
      'with another response_type',
      { response_type: 'token' },
      'invalid_request_object',
      'The authorize request object is invalid.',
    ],
    ['in a request object', { request: 'a.b.c' }, 'invalid_request_object', 'The authorize request object is invalid.'],
    [
      'with a request_uri',
      { request_uri: 'urn:okta:x' },
      'invalid_request_object',
      'The authorize request object is invalid.',
    ],
    ['with a secret', { client_secret: secret }, 'invalid_request_object', 'The authorize request object is invalid.'],
    ['with a jti that is no text', { jti: 7 }, 'invalid_request_object', 'The authorize request object is invalid.'],
  ])('%s', async (_, changes, error, text) => {
    const answer = await answerTo(await object(changes), { state: 'outside' });
    expect(answer).toMatchObject({ error, error_description: text, state: 'outside' });
    expect(answer.code).toBeUndefined();
  });

  test('that is none, or that nobody signed', async () => {
    const [head = '', body = ''] = (await object()).split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const [request, text] of [
      ['x', 'The request object cannot be parsed.'],
      [`${none}.${body}.`, 'The request object cannot be parsed.'],
      [`${none}.${body}.c2ln`, 'The JWT signature algorithm of the request object is invalid.'],
      [`${head}.${body}.c2ln`, 'The signature of the request object is invalid.'],
    ] as const)
      expect(await answerTo(request)).toMatchObject({ error: 'invalid_request_object', error_description: text });
  });

  test('signed by a stranger, by a public key as secret, or under a strange kid', async () => {
    const stranger = await newClientKey();
    const claims = objectClaims();
    for (const [request, text] of [
      [await sign(stranger.privateKey, { alg: 'ES256' }, claims), 'The signature of the request object is invalid.'],
      [
        await sign(stranger.privateKey, { alg: 'ES256', jwk: stranger.publicJwk }, claims),
        'The signature of the request object is invalid.',
      ],
      [
        await sign(JSON.stringify(key.publicJwk), { alg: 'HS256' }, claims),
        'The signature of the request object is invalid.',
      ],
      [await object({}, { kid: 'other' }), 'The JWT kid of the request object is invalid.'],
    ] as const)
      expect((await answerTo(request)).error_description).toBe(text);
  });

  test('of a public client without keys', async () => {
    const url = (request: string) => authorizeUrl(guide, newPkce(), { request });
    const by = async (request: string) => Object.fromEntries(mustLeave(await agent.open(url(request))).searchParams);
    expect(await by(await sign(key.privateKey, { alg: 'ES256' }, objectClaims({ iss: guide.clientId })))).toMatchObject(
      {
        error: 'invalid_client',
        error_description: 'The client does not have a JWKSet configured, but the request object requires one.',
      },
    );
    expect(await by(await sign('x'.repeat(40), { alg: 'HS256' }, objectClaims({ iss: guide.clientId })))).toMatchObject(
      {
        error: 'request_not_supported',
      },
    );
  });

  test('and told nowhere but to a registered callback: redirect_uri is not believed before the signature', async () => {
    const stranger = await newClientKey();
    const request = await sign(
      stranger.privateKey,
      { alg: 'ES256' },
      objectClaims({ redirect_uri: 'https://evil.example/' }),
    );
    const visit = await agent.open(authorizeUrl(client, newPkce(), { request, redirect_uri: null }));
    expect([visit.status, visit.left]).toEqual([400, null]);
    const signed = await agent.open(
      authorizeUrl(client, newPkce(), { request: await object({ redirect_uri: 'https://evil.example/' }) }),
    );
    expect(signed.left).toBeNull();
  });
});

describe('a request object is used once', () => {
  const USED = { error: 'invalid_request_object', error_description: 'The request object has already been used.' };

  test('one after the other', async () => {
    const request = await object({ state: 'once' });
    expect((await answerTo(request)).code).toBeTruthy();
    expect(await answerTo(request)).toMatchObject(USED);
  });

  test('by fifty at a time, at /authorize and /par, on two processes over one database', async () => {
    const other = inject('database') === 'postgres' ? await server.startAnother() : null;
    const request = await object({ state: randomBytes(4).toString('hex') });
    const urls = [server.url, (other ?? server).url];
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const url = authorizeUrl(client, newPkce(), { request }).replace(server.url, urls[index % 2] ?? '');
        if (index % 3) {
          const response = await agent.send(url);
          return new URL(response.headers.get('location') ?? '', server.url).searchParams.has('code');
        }
        const [endpoint = '', query = ''] = url.split('?');
        const form = new URLSearchParams(query);
        form.delete('client_id');
        const pushed = await postForm(endpoint.replace('authorize', 'par'), form, {
          authorization: basic(clientId, secret),
        });
        return pushed.status === 201;
      }),
    );
    expect(answers.filter(Boolean)).toHaveLength(1);
    await other?.stop();
  });

  test('a refused one is not used up', async () => {
    const jti = randomUUID();
    const stranger = await newClientKey();
    await answerTo(await sign(stranger.privateKey, { alg: 'ES256' }, objectClaims({ jti })));
    expect((await answerTo(await object({ jti }))).code).toBeTruthy();
  });
});

test("it may be pushed, and what stands beside it then is the client's word too", async () => {
  const form = Object.fromEntries(new URL(authorizeUrl(client, newPkce())).searchParams);
  const pushed = await postForm<{ request_uri: string } & OAuthError>(
    `${endpointsOf(guide.issuer)}/par`,
    { ...form, client_id: null, request: await object({ state: 'signed' }) },
    { authorization: basic(clientId, secret) },
  );
  expect(pushed.status).toBe(201);
  const url = `${endpointsOf(guide.issuer)}/authorize?${new URLSearchParams({ client_id: clientId, request_uri: pushed.body.request_uri })}`;
  expect(mustLeave(await agent.open(url)).searchParams.get('state')).toBe('signed');
  const refused = await postForm<OAuthError>(
    `${endpointsOf(guide.issuer)}/par`,
    { ...form, client_id: null, request: await object({ exp: 1 }) },
    { authorization: basic(clientId, secret) },
  );
  expect([refused.status, refused.body.error]).toEqual([400, 'invalid_request_object']);
});

test('discovery says so', async () => {
  const algorithms = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];
  for (const name of ['openid-configuration', 'oauth-authorization-server'])
    expect(await (await fetch(`${guide.issuer}/.well-known/${name}`)).json()).toMatchObject({
      request_parameter_supported: true,
      request_object_signing_alg_values_supported: algorithms,
    });
});
