// RFC 9449: tokens that are worth something only to who holds a key. Contract 1.16.
import { decodeJwt } from 'jose';
import * as oidc from 'openid-client';
import { describe, expect, inject, test } from 'vitest';
import { type Changes, nowSeconds } from '../support/client-keys.ts';
import { type DpopKey, formsOf, newDpopKey, nonceOf, proof, tokenRequest } from '../support/dpop.ts';
import { CALLBACK, followGuide } from '../support/guide.ts';
import {
  authorizeUrl,
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
const STATIC = { refresh_token: { rotation_type: 'STATIC' } };
const guide = await followGuide(server, { oauthClient: { dpop_bound_access_tokens: true, ...STATIC } });
const tokenUrl = `${endpointsOf(guide.issuer)}/token`;
const userinfoUrl = `${endpointsOf(guide.issuer)}/userinfo`;
const agent = newUserAgent(server);
const [key, thief] = [await newDpopKey(), await newDpopKey()];

const { code: codeForm, refresh: refreshForm } = formsOf(agent, guide);
const tokens = async (by: DpopKey = key) => (await tokenRequest(tokenUrl, await codeForm(), by)).body;
const post = (form: Parameters, dpop: string) =>
  postForm<OAuthError & { access_token?: string }>(tokenUrl, form, { dpop });

describe('a token request', () => {
  test('needs a proof, and the proof a nonce', async () => {
    const form = await codeForm();
    const without = await postForm<OAuthError>(tokenUrl, form);
    expect(without.status).toBe(400);
    expect(without.body).toEqual({
      error: 'invalid_dpop_proof',
      error_description: 'The DPoP proof JWT header is missing.',
    });

    const asked = await post(form, await proof(key, { url: tokenUrl }));
    expect(asked.status).toBe(400);
    expect(asked.body).toEqual({
      error: 'use_dpop_nonce',
      error_description: 'Authorization server requires nonce in DPoP proof.',
    });
    const nonce = asked.headers.get('dpop-nonce') ?? '';
    expect(nonce).toMatch(/^[\w-]{20,}$/);

    const { status, body } = await postForm<Record<string, unknown>>(tokenUrl, form, {
      dpop: await proof(key, { url: tokenUrl, nonce }),
    });
    expect(status).toBe(200);
    expect(body.token_type).toBe('DPoP');
    expect(decodeJwt(String(body.access_token)).cnf).toEqual({ jkt: key.thumbprint });
    expect(decodeJwt(String(body.id_token)).cnf).toBeUndefined();
  });

  test('from a page of the application can read the nonce', async () => {
    const origin = new URL(CALLBACK).origin;
    const { headers } = await postForm(tokenUrl, await codeForm(), {
      origin,
      dpop: await proof(key, { url: tokenUrl }),
    });
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-expose-headers')?.toLowerCase()).toContain('dpop-nonce');
  });

  test.each(['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'])('is proven by %s', async (alg) => {
    const other = await newDpopKey(alg);
    const { access_token } = await tokens(other);
    expect(decodeJwt(access_token).cnf).toEqual({ jkt: other.thumbprint });
  });

  const now = nowSeconds();
  test.each<[string, Changes, object, string]>([
    ['of another type', {}, { typ: 'JWT' }, "'typ' must be 'dpop+jwt' in the DPoP proof JWT."],
    ['without a type', {}, { typ: undefined }, "'typ' must be 'dpop+jwt' in the DPoP proof JWT."],
    ['for another method', { htm: 'GET' }, {}, "'htm' claim in the DPoP proof JWT is invalid."],
    ['for a method in small letters', { htm: 'post' }, {}, "'htm' claim in the DPoP proof JWT is invalid."],
    ['for no method', { htm: null }, {}, "'htm' claim in the DPoP proof JWT is invalid."],
    [
      'for another server',
      { htu: 'https://other.example/oauth2/default/v1/token' },
      {},
      "'htu' claim in the DPoP proof JWT is invalid.",
    ],
    ['for another endpoint', { htu: userinfoUrl }, {}, "'htu' claim in the DPoP proof JWT is invalid."],
    ['for a path alone', { htu: new URL(tokenUrl).pathname }, {}, "'htu' claim in the DPoP proof JWT is invalid."],
    ['for nowhere', { htu: null }, {}, "'htu' claim in the DPoP proof JWT is invalid."],
    ['of no time', { iat: null }, {}, "'iat' claim in the DPoP proof JWT is invalid."],
    ['of a time in words', { iat: 'now' }, {}, "'iat' claim in the DPoP proof JWT is invalid."],
    ['of an hour ago', { iat: now - 3600 }, {}, 'The DPoP proof JWT is issued more than five minutes in the past.'],
    ['of the future', { iat: now + 600 }, {}, 'The DPoP proof JWT is issued in the future.'],
    ['that has expired', { exp: now - 1 }, {}, 'The DPoP proof JWT is expired.'],
    ['without a jti', { jti: null }, {}, "'jti' claim in the DPoP proof JWT is invalid."],
    ['with a jti that is a number', { jti: 7 }, {}, "'jti' claim in the DPoP proof JWT is invalid."],
    ['without its key', {}, { jwk: undefined }, 'The DPoP proof JWT is invalid.'],
    ['under the key of another', {}, { jwk: thief.publicJwk }, 'The DPoP proof JWT signature is invalid.'],
    ['that shows a private key', {}, { jwk: { ...key.publicJwk, d: 'x' } }, 'The DPoP proof JWT is invalid.'],
    [
      'that is an HMAC under a key for all to see',
      {},
      { jwk: { kty: 'oct', k: 'x' } },
      'The DPoP proof JWT is invalid.',
    ],
  ])('is refused with a proof %s', async (_, changes, header, text) => {
    const { status, body } = await post(
      refreshForm('any'),
      await proof(key, { url: tokenUrl, nonce: 'x' }, changes, header),
    );
    expect(status).toBe(400);
    expect(body).toEqual({ error: 'invalid_dpop_proof', error_description: text });
  });

  test('is refused with what is no proof, and with two', async () => {
    const right = await proof(key, { url: tokenUrl });
    const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'dpop+jwt', jwk: key.publicJwk })).toString(
      'base64url',
    );
    for (const [header, text] of [
      ['x', 'The DPoP proof JWT cannot be parsed.'],
      ['a.b.c', 'The DPoP proof JWT cannot be parsed.'],
      [`${none}.${right.split('.')[1]}.c2ln`, 'The DPoP proof JWT signature algorithm is invalid.'],
      [`${right.split('.').slice(0, 2).join('.')}.c2ln`, 'The DPoP proof JWT signature is invalid.'],
      [`${right}, ${await proof(key, { url: tokenUrl })}`, 'Multiple DPoP proof JWT headers are not allowed.'],
    ] as const)
      expect((await post(refreshForm('any'), header)).body).toEqual({
        error: 'invalid_dpop_proof',
        error_description: text,
      });
  });

  test('takes a nonce of ours alone', async () => {
    for (const nonce of ['', 'x', 7, null, ['x']])
      expect((await post(refreshForm('any'), await proof(key, { url: tokenUrl }, { nonce }))).body.error).toBe(
        'use_dpop_nonce',
      );
  });

  test('may name its URL with a query, as the RFC has it ignored', async () => {
    const form = await codeForm();
    const nonce = await nonceOf(tokenUrl, form, key);
    expect((await post(form, await proof(key, { url: tokenUrl, nonce }, { htu: `${tokenUrl}?x=1#y` }))).status).toBe(
      200,
    );
  });

  test('uses up no code before the proof is right', async () => {
    const form = await codeForm();
    await postForm(tokenUrl, form);
    await post(form, await proof(key, { url: tokenUrl }, { htm: 'GET' }));
    expect((await tokenRequest(tokenUrl, form, key)).status).toBe(200);
  });
});

describe('a proof is used once', () => {
  const USED = { error: 'invalid_dpop_proof', error_description: 'The DPoP proof JWT has already been used.' };

  test("by fifty refreshes at a time, on two processes over one database, which know each other's nonces", async () => {
    const other = inject('database') === 'postgres' ? await server.startAnother() : null;
    const form = refreshForm((await tokens()).refresh_token);
    const nonce = await nonceOf(tokenUrl, form, key);
    const dpop = await proof(key, { url: tokenUrl, nonce });
    const urls = [tokenUrl, tokenUrl.replace(server.url, (other ?? server).url)];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => postForm<OAuthError>(urls[index % 2] ?? '', form, { dpop })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { body } of answers.filter(({ status }) => status !== 200)) expect(body).toEqual(USED);
    await other?.stop();
  });

  test('at a resource too', async () => {
    const { access_token: token } = await tokens();
    const dpop = await proof(key, { url: userinfoUrl, method: 'GET', token });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => fetch(userinfoUrl, { headers: { authorization: `DPoP ${token}`, dpop } })),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.find(({ status }) => status === 401);
    expect(refused?.headers.get('www-authenticate')).toContain('The DPoP proof JWT has already been used.');
  });
});

describe('a code', () => {
  test('is bound to the key that dpop_jkt names', async () => {
    const form = await codeForm({ dpop_jkt: key.thumbprint });
    const stolen = await tokenRequest(tokenUrl, form, thief);
    expect(stolen.body).toMatchObject({ error: 'invalid_dpop_proof' });
    expect((await tokenRequest(tokenUrl, form, key)).status).toBe(200);
  });

  test('is bound to the key that proved the pushed request', async () => {
    const url = `${endpointsOf(guide.issuer)}/par`;
    const pkce = newPkce();
    const parameters = Object.fromEntries(new URL(authorizeUrl(guide, pkce)).searchParams);
    const asked = await postForm<OAuthError>(url, parameters, { dpop: await proof(key, { url }) });
    expect(asked.body.error).toBe('use_dpop_nonce');
    const nonce = asked.headers.get('dpop-nonce') ?? '';
    const disagreeing = { ...parameters, dpop_jkt: thief.thumbprint };
    expect((await postForm<OAuthError>(url, disagreeing, { dpop: await proof(key, { url, nonce }) })).body.error).toBe(
      'invalid_dpop_proof',
    );
    const pushed = await postForm<{ request_uri: string }>(url, parameters, { dpop: await proof(key, { url, nonce }) });
    expect(pushed.status).toBe(201);
    const query = new URLSearchParams({ client_id: guide.clientId, request_uri: pushed.body.request_uri });
    const callback = mustLeave(await agent.open(`${endpointsOf(guide.issuer)}/authorize?${query}`));
    const code = callback.searchParams.get('code');
    const form = {
      grant_type: 'authorization_code',
      client_id: guide.clientId,
      redirect_uri: guide.redirectUri,
      code,
      code_verifier: pkce.verifier,
    };
    expect((await tokenRequest(tokenUrl, form, thief)).status).toBe(400);
    expect((await tokenRequest(tokenUrl, form, key)).status).toBe(200);
  });
});

test('a certified client does it all by discovery', async () => {
  const config = await oidc.discovery(new URL(guide.issuer), guide.clientId, {}, oidc.None(), {
    execute: [oidc.allowInsecureRequests],
  });
  expect(config.serverMetadata().dpop_signing_alg_values_supported).toEqual([
    'RS256',
    'RS384',
    'RS512',
    'ES256',
    'ES384',
    'ES512',
  ]);
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair('ES256'));
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const url = await oidc.buildAuthorizationUrlWithPAR(
    config,
    {
      redirect_uri: CALLBACK,
      scope: 'openid email offline_access',
      state,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    },
    { DPoP },
  );
  const callback = mustLeave(await newUserAgent(server).signIn(url, guide.user));
  const answer = await oidc.authorizationCodeGrant(
    config,
    callback,
    { pkceCodeVerifier: verifier, expectedState: state },
    undefined,
    { DPoP },
  );
  expect(answer.token_type).toBe('dpop');
  const claims = await oidc.fetchUserInfo(config, answer.access_token, answer.claims()?.sub ?? '', { DPoP });
  expect(claims.email).toBe(guide.user.login);
  const renewed = await oidc.refreshTokenGrant(config, answer.refresh_token ?? '', undefined, { DPoP });
  expect(renewed.token_type).toBe('dpop');
});
