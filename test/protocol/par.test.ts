// RFC 9126: what an application will ask is said ahead, in private, by the proven client, and named once at /authorize.
import * as oidc from 'openid-client';
import { describe, expect, inject, test } from 'vitest';
import { asAssertion, assertionClaims, newClientKey, sign } from '../support/client-keys.ts';
import { allow, CALLBACK, followGuide, type Guide, makeApplication, makeWebApplication } from '../support/guide.ts';
import {
  authorizeParameters,
  basic,
  endpointsOf,
  mustLeave,
  newPkce,
  type OAuthError,
  type Parameters,
  postForm,
  redeem,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { asksWhoYouAre, newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const agent = newUserAgent(server);
const INVALID = 'The authorize request_uri is invalid.';

type Pushed = { request_uri: string; expires_in: number } & OAuthError;

/** Pushes a right request of the guide's public client; a null among the changes takes a parameter out. */
function push(
  changes: Parameters = {},
  { client = guide, pkce = newPkce(), headers = {} as Record<string, string> } = {},
) {
  return postForm<Pushed>(`${endpointsOf(client.issuer)}/par`, authorizeParameters(client, pkce, changes), headers);
}

async function pushed(changes: Parameters = {}, pkce = newPkce()): Promise<string> {
  const { status, body } = await push(changes, { pkce });
  if (status !== 201) throw new Error(`Nothing was pushed: ${JSON.stringify(body)}`);
  return body.request_uri;
}

const authorize = (
  requestUri: string,
  changes: Record<string, string> = {},
  client: Pick<Guide, 'issuer' | 'clientId'> = guide,
) =>
  `${endpointsOf(client.issuer)}/authorize?${new URLSearchParams({ client_id: client.clientId, request_uri: requestUri, ...changes })}`;

await agent.signIn(authorize(await pushed()), guide.user);

test('a pushed request signs in, and its code is worth tokens', async () => {
  const pkce = newPkce();
  const { status, headers, body } = await push({ state: 'pushed-state' }, { pkce });
  expect(status).toBe(201);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(body).toEqual({ request_uri: expect.stringMatching(/^urn:okta:[\w-]{43}$/), expires_in: 3600 });
  const callback = mustLeave(await newUserAgent(server).signIn(authorize(body.request_uri), guide.user));
  expect(callback.href.startsWith(`${CALLBACK}?`)).toBe(true);
  expect(callback.searchParams.get('state')).toBe('pushed-state');
  const code = callback.searchParams.get('code') ?? '';
  expect((await redeem(guide, { code, verifier: pkce.verifier })).status).toBe(200);
});

describe('a certified client pushes by discovery alone', async () => {
  const key = await newClientKey();

  test.each<[string, (secret: string) => oidc.ClientAuth]>([
    ['client_secret_basic', (secret) => oidc.ClientSecretBasic(secret)],
    ['client_secret_jwt', (secret) => oidc.ClientSecretJwt(secret)],
    ['private_key_jwt', () => oidc.PrivateKeyJwt({ key: key.privateKey, kid: key.publicJwk.kid })],
  ])('and proves itself by %s', async (method, authenticationBy) => {
    const jwks = { keys: [key.publicJwk] };
    const app = await makeWebApplication(guide.api, { jwks }, { token_endpoint_auth_method: method });
    const { client_id: clientId, client_secret: secret = '' } = app.credentials.oauthClient;
    await allow(guide.api, guide.authorizationServer.id, [clientId]);
    await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
    const config = await oidc.discovery(new URL(guide.issuer), clientId, {}, authenticationBy(secret), {
      execute: [oidc.allowInsecureRequests],
    });
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const url = await oidc.buildAuthorizationUrlWithPAR(config, {
      redirect_uri: CALLBACK,
      scope: 'openid email',
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    expect([...url.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const callback = mustLeave(await newUserAgent(server).signIn(url, guide.user));
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
    const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
    expect(tokens.claims()?.aud).toBe(clientId);
  });
});

describe('a request_uri is used once', () => {
  test('one after the other', async () => {
    const url = authorize(await pushed());
    expect(mustLeave(await agent.open(url)).searchParams.get('code')).toBeTruthy();
    const again = await agent.open(url);
    expect([again.status, again.left]).toEqual([400, null]);
    expect(again.html).toContain(INVALID);
  });

  test('by fifty at a time, on two processes over one database', async () => {
    const other = inject('database') === 'postgres' ? await server.startAnother() : null;
    const requestUri = await pushed();
    const urls = [authorize(requestUri), authorize(requestUri).replace(server.url, (other ?? server).url)];
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => agent.send(urls[index % 2] ?? '')));
    const codes = answers.filter((answer) => answer.headers.get('location')?.startsWith(CALLBACK));
    expect(codes).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(49);
    await other?.stop();
  });

  test('while the person signs in, pages may be loaded again', async () => {
    const stranger = newUserAgent(server);
    const page = await stranger.open(authorize(await pushed({ state: 'reload' })));
    expect(asksWhoYouAre(page)).toBe(true);
    const again = await stranger.open(page.url);
    expect(asksWhoYouAre(again)).toBe(true);
    const wrong = await stranger.submit(again, { identifier: guide.user.login, password: 'wrong' });
    expect(asksWhoYouAre(wrong)).toBe(true);
    const right = await stranger.submit(await stranger.open(page.url), {
      identifier: guide.user.login,
      password: guide.user.password,
    });
    expect(mustLeave(right).searchParams.get('state')).toBe('reload');
  });

  test('another browser cannot take over where this one is', async () => {
    const page = await newUserAgent(server).open(authorize(await pushed()));
    const thief = await newUserAgent(server).open(page.url);
    expect(asksWhoYouAre(thief)).toBe(false);
  });
});

describe('a request_uri belongs', async () => {
  const other = await makeApplication(guide.api);
  const otherId = other.credentials.oauthClient.client_id;

  test('to its client', async () => {
    const requestUri = await pushed();
    const stolen = await agent.open(authorize(requestUri, {}, { ...guide, clientId: otherId }));
    expect(stolen.left).toBeNull();
    expect(stolen.html).toContain('parameter does not match the expected value for the provided request_uri.');
    expect(mustLeave(await agent.open(authorize(requestUri))).searchParams.get('code')).toBeTruthy();
  });

  test('to its authorization server', async () => {
    const requestUri = await pushed();
    const elsewhere = await agent.open(authorize(requestUri, {}, { ...guide, issuer: server.url }));
    expect(elsewhere.left).toBeNull();
    expect(elsewhere.html).toContain('The request_uri was issued for another authorization server.');
    expect(mustLeave(await agent.open(authorize(requestUri))).searchParams.get('code')).toBeTruthy();
  });

  test.each(['urn:okta:made-up', 'urn:ietf:params:oauth:request_uri:x', 'https://client.example/request.jwt', 'x'])(
    'to somebody: %s does not',
    async (requestUri) => {
      const visit = await agent.open(authorize(requestUri, { redirect_uri: CALLBACK, response_type: 'code' }));
      expect([visit.status, visit.left]).toEqual([400, null]);
      expect(visit.html).toContain(INVALID);
    },
  );

  test('to nobody without a client_id', async () => {
    const url = new URL(authorize(await pushed()));
    url.searchParams.delete('client_id');
    expect((await agent.open(url)).status).toBe(400);
  });
});

test('what stands beside a request_uri changes nothing', async () => {
  const url = authorize(await pushed({ state: 'mine', scope: 'openid' }), {
    redirect_uri: 'https://evil.example/',
    response_type: 'token',
    response_mode: 'fragment',
    state: 'theirs',
    scope: 'openid profile email offline_access',
    prompt: 'login',
    code_challenge: 'x',
  });
  const callback = mustLeave(await agent.open(url));
  expect(callback.href.startsWith(CALLBACK)).toBe(true);
  expect(callback.searchParams.get('state')).toBe('mine');
});

test('a request object and a request_uri exclude each other', async () => {
  const visit = await agent.open(authorize(await pushed(), { request: 'a.b.c' }));
  expect(visit.html).toContain('must not contain both a request object and a request uri');
});

describe('at /par is refused', () => {
  test.each<[string, Parameters, number, string, string | RegExp]>([
    [
      'a request_uri',
      { request_uri: 'urn:okta:x' },
      400,
      'invalid_request',
      "The 'request_uri' parameter must not be present in the request.",
    ],
    [
      'a redirect URI that is not registered',
      { redirect_uri: 'https://evil.example/' },
      400,
      'invalid_request',
      /must be a Login redirect URI/,
    ],
    [
      'a request without one',
      { redirect_uri: null },
      400,
      'invalid_request',
      "The required parameter 'redirect_uri' is missing.",
    ],
    [
      'a request without a response type',
      { response_type: null },
      400,
      'invalid_request',
      "The required parameter 'response_type' is missing.",
    ],
    [
      'a response type that is not configured',
      { response_type: 'token' },
      400,
      'unsupported_response_type',
      /not supported/,
    ],
    [
      'a request without PKCE',
      { code_challenge: null, code_challenge_method: null },
      400,
      'invalid_request',
      'PKCE code challenge is required by the application.',
    ],
    ['a request without state', { state: null }, 400, 'invalid_request', /invalid 'state' parameter/],
    ['a request of nobody', { client_id: null }, 401, 'invalid_client', 'No client credentials found.'],
    [
      'a request of an unknown client',
      { client_id: 'nobody' },
      401,
      'invalid_client',
      "Invalid value for 'client_id' parameter.",
    ],
  ])('%s', async (_, changes, status, error, text) => {
    const answer = await push(changes);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toBe(error);
    expect(answer.body.error_description).toMatch(text);
    expect(answer.body.request_uri).toBeUndefined();
  });

  test('a parameter that stands twice', async () => {
    const form = authorizeParameters(guide, newPkce());
    form.append('scope', 'openid');
    expect((await postForm<OAuthError>(`${endpointsOf(guide.issuer)}/par`, form)).body.error_description).toBe(
      'The request contained multiple parameters with the same name.',
    );
  });

  test('a service', async () => {
    const service = await makeWebApplication(guide.api, {
      application_type: 'service',
      grant_types: ['client_credentials'],
      response_types: ['token'],
    });
    const { client_id: clientId, client_secret: secret = '' } = service.credentials.oauthClient;
    const client = { ...guide, clientId };
    const { body } = await push({ client_id: null }, { client, headers: { authorization: basic(clientId, secret) } });
    expect(body.error_description).toMatch(/^Clients with 'application_type' of 'service' are not allowed/);
  });

  test('a client that should prove itself and does not, or cannot', async () => {
    const app = await makeWebApplication(guide.api);
    const { client_id: clientId, client_secret: secret = '' } = app.credentials.oauthClient;
    const client = { ...guide, clientId };
    expect((await push({}, { client })).status).toBe(401);
    expect((await push({ client_secret: 'wrong' }, { client })).status).toBe(401);
    expect((await push({ client_secret: secret }, { client })).status).toBe(201);
    expect(
      (await push({ client_id: null }, { client, headers: { authorization: basic(clientId, secret) } })).status,
    ).toBe(201);
  });

  test('a page of a foreign origin', async () => {
    const answer = await push({}, { headers: { origin: 'https://evil.example' } });
    expect(answer.body.error).toBe('invalid_request');
    expect((await push({}, { headers: { origin: new URL(CALLBACK).origin } })).status).toBe(201);
  });
});

test('an assertion whose audience is /par proves the client there', async () => {
  const key = await newClientKey();
  const app = await makeWebApplication(
    guide.api,
    { jwks: { keys: [key.publicJwk] } },
    { token_endpoint_auth_method: 'private_key_jwt' },
  );
  const client = { ...guide, clientId: app.credentials.oauthClient.client_id };
  const claims = assertionClaims(client.clientId, `${endpointsOf(guide.issuer)}/par`);
  const form = asAssertion(await sign(key.privateKey, { alg: 'ES256' }, claims));
  expect((await push({ client_id: null, ...form }, { client })).status).toBe(201);
  expect((await push({ client_id: null, ...form }, { client })).body.error_description).toBe(
    'The client_assertion token has already been used.',
  );
});

test('discovery names the endpoint, and any page may ask whether it may call it', async () => {
  for (const issuer of [guide.issuer, server.url]) {
    const document = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    expect(document.pushed_authorization_request_endpoint).toBe(`${endpointsOf(issuer)}/par`);
  }
  const preflight = await fetch(`${endpointsOf(guide.issuer)}/par`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://any.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'dpop',
    },
  });
  expect(preflight.status).toBe(204);
  expect(Object.fromEntries(preflight.headers)).toMatchObject({
    'access-control-allow-origin': 'https://any.example',
    'access-control-allow-methods': 'POST',
    'access-control-max-age': '3600',
    'access-control-allow-headers': 'dpop',
    vary: 'Origin',
  });
});

test('an inactive client gets no further', async () => {
  const requestUri = await pushed();
  await guide.api.post(`/api/v1/apps/${guide.app.id}/lifecycle/deactivate`);
  expect((await push()).status).toBe(401);
  const visit = await agent.open(authorize(requestUri));
  expect([visit.status, visit.left]).toEqual([400, null]);
  await guide.api.post(`/api/v1/apps/${guide.app.id}/lifecycle/activate`);
});
