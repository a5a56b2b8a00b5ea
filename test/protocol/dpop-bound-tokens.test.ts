// What a key is worth: access and refresh tokens that are bound to one (RFC 9449 sections 5 to 7), beside those that are not.
import { decodeJwt } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { nowSeconds } from '../support/client-keys.ts';
import { type DpopKey, formsOf, newDpopKey, proof, tokenRequest } from '../support/dpop.ts';
import { allow, CALLBACK, followGuide, type Guide, makeWebApplication } from '../support/guide.ts';
import {
  basic,
  codeFor,
  endpointsOf,
  introspect,
  type OAuthError,
  postForm,
  redeem,
  refresh,
  tokensFor,
  userinfo,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const STATIC = { refresh_token: { rotation_type: 'STATIC' } };
const guide = await followGuide(server, { oauthClient: { dpop_bound_access_tokens: true, ...STATIC } });
const plain = await followGuide(server);
const tokenUrl = `${endpointsOf(guide.issuer)}/token`;
const userinfoUrl = `${endpointsOf(guide.issuer)}/userinfo`;
const agent = newUserAgent(server);
const [key, thief] = [await newDpopKey(), await newDpopKey()];

const { code: codeForm, refresh: refreshForm } = formsOf(agent, guide);
const tokens = async (by: DpopKey = key) => (await tokenRequest(tokenUrl, await codeForm(), by)).body;

describe('the refresh token', () => {
  test('of a public client is for the holder of the key', async () => {
    const first = await tokens();
    const stolen = await tokenRequest(tokenUrl, refreshForm(first.refresh_token), thief);
    expect(stolen.status).toBe(400);
    expect(stolen.body).toEqual({
      error: 'invalid_dpop_proof',
      error_description: 'Invalid DPoP Public Key binding in refresh token',
    });
    const { status, body } = await tokenRequest(tokenUrl, refreshForm(first.refresh_token), key);
    expect(status).toBe(200);
    expect(body.token_type).toBe('DPoP');
    expect(decodeJwt(body.access_token).cnf).toEqual({ jkt: key.thumbprint });
  });

  test('of a public client is worth nothing without a proof, even once the application needs none any more', async () => {
    const once = await followGuide(server, { oauthClient: { dpop_bound_access_tokens: true } });
    const url = `${endpointsOf(once.issuer)}/token`;
    const { code, verifier } = await codeFor(newUserAgent(server), once, once.user);
    const form = {
      grant_type: 'authorization_code',
      client_id: once.clientId,
      redirect_uri: once.redirectUri,
      code,
      code_verifier: verifier,
    };
    const first = await tokenRequest(url, form, key);
    const current = await once.api.get<Guide['app']>(`/api/v1/apps/${once.app.id}`);
    const oauthClient = { ...current.settings.oauthClient, dpop_bound_access_tokens: false };
    await once.api.put(`/api/v1/apps/${once.app.id}`, { ...current, settings: { ...current.settings, oauthClient } });
    const { status, body } = await refresh(once, first.body.refresh_token);
    expect([status, body.error]).toEqual([400, 'invalid_dpop_proof']);
  });

  test('of a client with a secret may be used with a new key: the secret binds it', async () => {
    const app = await makeWebApplication(guide.api, { dpop_bound_access_tokens: true });
    const { client_id: clientId, client_secret: secret = '' } = app.credentials.oauthClient;
    await allow(guide.api, guide.authorizationServer.id, [clientId]);
    await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
    const client = { ...guide, clientId };
    const { code, verifier } = await codeFor(newUserAgent(server), client, guide.user);
    const authorization = { authorization: basic(clientId, secret) };
    const form = { grant_type: 'authorization_code', redirect_uri: CALLBACK, code, code_verifier: verifier };
    const first = await tokenRequest(tokenUrl, form, key, authorization);
    const next = { grant_type: 'refresh_token', refresh_token: first.body.refresh_token };
    const { body } = await tokenRequest(tokenUrl, next, thief, authorization);
    expect(decodeJwt(body.access_token).cnf).toEqual({ jkt: thief.thumbprint });
    expect((await postForm<OAuthError>(tokenUrl, next, authorization)).body.error).toBe('invalid_dpop_proof');
  });
});

describe('a bound access token', () => {
  let token: string;
  beforeAll(async () => {
    token = (await tokens()).access_token;
  });
  const call = async (headers: Record<string, string>, method = 'GET') => {
    const response = await fetch(userinfoUrl, { method, headers });
    return { status: response.status, challenge: response.headers.get('www-authenticate') };
  };

  test('with a proof by its key reads userinfo', async () => {
    const dpop = await proof(key, { url: userinfoUrl, method: 'GET', token });
    expect((await call({ authorization: `DPoP ${token}`, dpop })).status).toBe(200);
    expect(
      (await call({ authorization: `dpop ${token}`, dpop: await proof(key, { url: userinfoUrl, token }) }, 'POST'))
        .status,
    ).toBe(200);
  });

  test('as a mere Bearer token is refused, with or without a proof', async () => {
    const dpop = await proof(key, { url: userinfoUrl, method: 'GET', token });
    for (const headers of [{}, { dpop }]) {
      const { status, challenge } = await call({ authorization: `Bearer ${token}`, ...headers });
      expect(status).toBe(401);
      expect(challenge).toMatch(/^DPoP algs="RS256 RS384 RS512 ES256 ES384 ES512", error="invalid_token"/);
    }
    expect((await userinfo(guide, token)).body).toEqual({});
  });

  test.each<[string, () => Promise<string | null>, string]>([
    ['no proof', async () => null, 'The DPoP proof JWT header is missing.'],
    [
      'a proof by another key',
      () => proof(thief, { url: userinfoUrl, method: 'GET', token }),
      'The access_token is not bound to the provided DPoP proof.',
    ],
    [
      'a proof for another token',
      () => proof(key, { url: userinfoUrl, method: 'GET', token: `${token}x` }),
      "'ath' claim in the DPoP proof does not match the presented access_token.",
    ],
    [
      'a proof for no token',
      () => proof(key, { url: userinfoUrl, method: 'GET' }),
      "'ath' claim in the DPoP proof does not match the presented access_token.",
    ],
    [
      'a proof for another method',
      () => proof(key, { url: userinfoUrl, method: 'POST', token }),
      "'htm' claim in the DPoP proof JWT is invalid.",
    ],
    [
      'a proof for another place',
      () => proof(key, { url: tokenUrl, method: 'GET', token }),
      "'htu' claim in the DPoP proof JWT is invalid.",
    ],
    [
      'an old proof',
      () => proof(key, { url: userinfoUrl, method: 'GET', token }, { iat: nowSeconds() - 400 }),
      'The DPoP proof JWT is issued more than five minutes in the past.',
    ],
  ])('is refused with %s', async (_, make, text) => {
    const dpop = await make();
    const { status, challenge } = await call({ authorization: `DPoP ${token}`, ...(dpop === null ? {} : { dpop }) });
    expect(status).toBe(401);
    expect(challenge).toContain(`error="invalid_dpop_proof", error_description="${text}"`);
  });

  test('says at introspection to which key it is bound', async () => {
    expect((await introspect(guide, token)).body).toMatchObject({
      active: true,
      token_type: 'DPoP',
      cnf: { jkt: key.thumbprint },
    });
  });
});

describe('an application that needs no proof', () => {
  test('gets Bearer tokens, whatever proof it sends', async () => {
    const url = `${endpointsOf(plain.issuer)}/token`;
    for (const dpop of [await proof(key, { url }), 'rubbish', await proof(thief, { url }, { iat: 1 })]) {
      const { code, verifier } = await codeFor(newUserAgent(server), plain, plain.user);
      const form = {
        grant_type: 'authorization_code',
        client_id: plain.clientId,
        redirect_uri: plain.redirectUri,
        code,
        code_verifier: verifier,
      };
      const { status, body } = await postForm<{ token_type: string; access_token: string }>(url, form, { dpop });
      expect([status, body.token_type]).toEqual([200, 'Bearer']);
      expect(decodeJwt(body.access_token).cnf).toBeUndefined();
    }
  });

  test('cannot pass its token off as bound', async () => {
    const { access_token: token } = await tokensFor(newUserAgent(server), plain, plain.user);
    const url = `${endpointsOf(plain.issuer)}/userinfo`;
    const dpop = await proof(key, { url, method: 'GET', token });
    const response = await fetch(url, { headers: { authorization: `DPoP ${token}`, dpop } });
    expect(response.status).toBe(401);
  });

  test('may say dpop_jkt, which then means nothing', async () => {
    const grant = await codeFor(newUserAgent(server), plain, plain.user, { dpop_jkt: key.thumbprint });
    expect((await redeem(plain, grant)).status).toBe(200);
  });
});

test('an application whose tokens are bound may have no implicit grant, through which no proof comes', async () => {
  const settings = (oauthClient: object) =>
    makeWebApplication(guide.api, { dpop_bound_access_tokens: true, ...oauthClient });
  const implicit = { grant_types: ['authorization_code', 'implicit'], response_types: ['code', 'token', 'id_token'] };
  await expect(settings(implicit)).rejects.toThrow('dpop_bound_access_tokens');
});
