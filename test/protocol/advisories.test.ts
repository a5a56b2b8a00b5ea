// Failures of other servers, each as the attack that it was (peers 6b). A test that takes an attack further is named beside it.
// Not here: the less instructive ones (advisories-further.test.ts).
import { describe, expect, test } from 'vitest';
import { asAssertion, assertionClaims, newClientKey, nowSeconds, sign } from '../support/client-keys.ts';
import { activate, askForCodes, poll } from '../support/device.ts';
import { newDpopKey, proof } from '../support/dpop.ts';
import {
  askToken,
  byClientCredentials,
  byExchange,
  CLIENT_CREDENTIALS,
  makeGrantClient,
  TOKEN_EXCHANGE,
  together,
} from '../support/grants.ts';
import { followGuide, makeUser, makeWebApplication } from '../support/guide.ts';
import { type ApiError, managementApi, type User } from '../support/management-api.ts';
import {
  authorizeUrl,
  codeFor,
  endpointsOf,
  mustLeave,
  newPkce,
  type OAuthError,
  postForm,
  redeem,
  refresh,
  tokensFor,
} from '../support/oauth.ts';
import { sendRaw } from '../support/raw-http.ts';
import { serverOfThisFile } from '../support/server.ts';
import { asksWhoYouAre, newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const api = managementApi(server);

/** Someone with a good session whom an attacker wants to use. */
async function signedInVictim() {
  const agent = newUserAgent(server);
  await tokensFor(agent, guide, guide.user);
  return agent;
}

async function codeAt(redirectUri: string | null, client = guide): Promise<string | null> {
  const visit = await (await signedInVictim()).open(authorizeUrl(client, newPkce(), { redirect_uri: redirectUri }));
  return visit.left === null ? null : visit.left.href;
}

describe('redirect URIs (redirect-uri.test.ts)', () => {
  test('CVE-2024-52289 authentik: a dot of a registered host stands for a dot', async () => {
    const registered = 'https://foo.example.com/callback';
    const app = await followGuide(server, { oauthClient: { redirect_uris: [registered] } });
    const agent = newUserAgent(server);
    await agent.signIn(authorizeUrl(app, newPkce()), app.user);
    for (const uri of [
      'https://fooaexample.com/callback',
      'https://foo.exampleXcom/callback',
      'https://foo.example.com.evil.example/callback',
    ])
      expect((await agent.open(authorizeUrl(app, newPkce(), { redirect_uri: uri }))).left, uri).toBeNull();
    expect((await agent.open(authorizeUrl(app, newPkce()))).left?.origin).toBe('https://foo.example.com');
  });

  test('CVE-2024-52289 authentik: an application without redirect URIs learns none at first use', async () => {
    const bare = await api.request<ApiError>('POST', '/api/v1/apps', {
      name: 'oidc_client',
      label: `Bare ${Date.now()}`,
      signOnMode: 'OPENID_CONNECT',
      credentials: { oauthClient: { token_endpoint_auth_method: 'none', pkce_required: true } },
      settings: {
        oauthClient: {
          application_type: 'browser',
          grant_types: ['authorization_code'],
          response_types: ['code'],
          redirect_uris: [],
        },
      },
    });
    expect(bare.status).toBe(400);
    expect(await codeAt(null)).toBeNull();
  });

  test.each([
    ['CVE-2023-6291 Keycloak: user information', 'http://localhost:4555@evil.example/callback'],
    ['CVE-2024-1132 Keycloak: a way up in double encoding', `${guide.redirectUri}/%252e%252e/%252e%252e/evil`],
    ['CVE-2024-8883 Keycloak: another loopback host', 'http://127.0.0.1:4555/callback'],
    ['CVE-2026-3872 Keycloak: ..;/', `${guide.redirectUri}/..;/evil`],
    ['CVE-2020-15234 fosite: letter case', guide.redirectUri.replace('callback', 'CALLBACK')],
    ['CVE-2020-15233 fosite: a query at a loopback address', `${guide.redirectUri}?x=y`],
    ['CVE-2020-15233 fosite: another loopback port', guide.redirectUri.replace('4555', '4556')],
  ])('%s', async (_, uri) => {
    expect(await codeAt(uri)).toBeNull();
  });
});

describe('PKCE downgrade (pkce.test.ts)', () => {
  test('CVE-2024-23647 authentik: no verifier where a challenge was sent, and none sent where one is demanded', async () => {
    const agent = await signedInVictim();
    const grant = await codeFor(agent, guide, guide.user);
    expect((await redeem(guide, grant, { code_verifier: null })).status).toBe(400);
    const none = { code_challenge: null, code_challenge_method: null };
    expect(mustLeave(await agent.open(authorizeUrl(guide, newPkce(), none))).searchParams.get('code')).toBeNull();
  });

  test('CVE-2025-4144 workers-oauth-provider: a verifier where no challenge was sent', async () => {
    const client = await makeGrantClient(server, ['authorization_code']);
    const agent = newUserAgent(server);
    const url = authorizeUrl(client, newPkce(), { code_challenge: null, code_challenge_method: null });
    const code = mustLeave(await agent.signIn(url, client.user)).searchParams.get('code');
    const form = { grant_type: 'authorization_code', code, redirect_uri: client.redirectUri };
    expect((await askToken(client, { ...form, code_verifier: newPkce().verifier })).status).toBe(400);
  });
});

test('CVE-2022-39222 Dex: no step of a sign-in is done in another browser (sign-in-attacks.test.ts)', async () => {
  const attacker = newUserAgent(server);
  const page = await attacker.open(authorizeUrl(guide, newPkce()));
  expect(asksWhoYouAre(page)).toBe(true);
  const handle = page.url.searchParams.get('request') ?? '';
  const victim = await signedInVictim();
  for (const path of ['/signin', '/oauth2/resume', '/oauth2/consent'])
    expect(await victim.open(`${path}?request=${handle}`)).toMatchObject({ left: null, status: 400 });
  // What the victim did has not finished it for the attacker either.
  expect((await attacker.open(`/oauth2/resume?request=${handle}`)).left).toBeNull();
});

describe('whatever was signed to be used once (client-assertion, dpop, request-object, jwt-bearer .test.ts)', async () => {
  const key = await newClientKey();
  const app = await makeWebApplication(
    api,
    { jwks: { keys: [key.publicJwk] } },
    { token_endpoint_auth_method: 'private_key_jwt' },
  );
  const clientId = app.credentials.oauthClient.client_id;
  const header = { alg: 'ES256', kid: key.publicJwk.kid };

  test('CVE-2020-15222 fosite, CVE-2020-5300 Hydra: a client assertion proves once, of fifty at a time', async () => {
    const url = `${endpointsOf(guide.issuer)}/introspect`;
    const assertion = await sign(key.privateKey, header, assertionClaims(clientId, url));
    const answers = await together(50, () => postForm(url, { token: 'x', ...asAssertion(assertion) }));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('the same of a request object', async () => {
    const claims = {
      iss: clientId,
      aud: guide.issuer,
      iat: nowSeconds(),
      exp: nowSeconds() + 60,
      jti: `once-${clientId}`,
    };
    const request = await sign(key.privateKey, header, claims);
    const url = authorizeUrl({ ...guide, clientId }, newPkce(), { request, prompt: 'none' });
    const answers = await together(50, () => newUserAgent(server).open(url));
    const errors = answers.map((answer) => mustLeave(answer).searchParams.get('error'));
    expect(errors.filter((error) => error === 'login_required')).toHaveLength(1);
  });

  test('the same of a DPoP proof', async () => {
    const dpop = await followGuide(server, { oauthClient: { dpop_bound_access_tokens: true } });
    const dpopKey = await newDpopKey();
    const url = `${endpointsOf(dpop.issuer)}/token`;
    const form = { grant_type: 'refresh_token', client_id: dpop.clientId, refresh_token: 'none' };
    const asked = await postForm(url, form, { dpop: await proof(dpopKey, { url }) });
    const proven = await proof(dpopKey, { url, nonce: asked.headers.get('dpop-nonce') ?? '' });
    const answers = await together(50, () => postForm<OAuthError>(url, form, { dpop: proven }));
    expect(answers.filter(({ body }) => body.error === 'invalid_grant')).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_dpop_proof')).toHaveLength(49);
  });
});

describe('single use under concurrency (races, device, par .test.ts)', () => {
  test('CVE-2026-53517, CVE-2026-53518 Better Auth: a code gives tokens once, of fifty at a time', async () => {
    const grant = await codeFor(newUserAgent(server), guide, guide.user);
    const answers = await together(50, () => redeem(guide, grant));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('CVE-2026-1035 Keycloak: a refresh token without leeway is rotated once at most, and theft ends the family', async () => {
    const strict = await followGuide(server, {
      oauthClient: { refresh_token: { rotation_type: 'ROTATE', leeway: 0 } },
    });
    const tokens = await tokensFor(newUserAgent(server), strict, strict.user);
    const answers = await together(50, () => refresh(strict, tokens.refresh_token));
    const successes = answers.filter(({ status }) => status === 200);
    expect(successes.length).toBeLessThanOrEqual(1);
    for (const { body } of successes) expect((await refresh(strict, body.refresh_token)).status).toBe(400);
  });
});

describe('every grant passes the same gate (every-grant.test.ts)', () => {
  test('CVE-2024-38371 authentik: a device does not get round the access policy', async () => {
    const device = await followGuide(server, {
      oauthClient: {
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
        response_types: [],
        redirect_uris: [],
      },
    });
    const { body: codes } = await askForCodes(device);
    // The rule allows the code flow alone.
    await activate(newUserAgent(server), codes, device.user).catch(() => null);
    const { status, body } = await poll(device, codes.device_code);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toHaveProperty('access_token');
  });

  test('CVE-2024-52287 authentik: client credentials bring no scope that the policy does not allow', async () => {
    const client = await makeGrantClient(server, [CLIENT_CREDENTIALS]);
    for (const scope of ['catalogue everything', 'openid', 'offline_access', 'okta.users.manage'])
      expect((await byClientCredentials(client, { scope })).status, scope).toBeGreaterThanOrEqual(400);
    expect((await byClientCredentials(client)).body.scope).toBe('catalogue');
  });

  test('CVE-2026-9094 Casdoor: token exchange checks the signature, and whose token it is', async () => {
    const client = await makeGrantClient(server, [TOKEN_EXCHANGE, 'password']);
    const { username, password } = { username: client.user.login, password: client.user.password };
    const own = await askToken(client, { grant_type: 'password', username, password, scope: 'catalogue' });
    const [head, payload, signature] = own.body.access_token.split('.');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    const foreign = await tokensFor(newUserAgent(server), guide, guide.user);
    for (const token of [unsigned, `${head}.${payload}.${signature?.slice(0, -6)}AAAAAA`, foreign.access_token])
      expect((await byExchange(client, token)).status).toBeGreaterThanOrEqual(400);
    expect((await byExchange(client, own.body.access_token)).status).toBe(200);
  });

  test('Logto 2026: an ID token is no subject token', async () => {
    const client = await makeGrantClient(server, [TOKEN_EXCHANGE, 'authorization_code']);
    const { body } = await codeTokens(client);
    for (const type of ['access_token', 'id_token'])
      expect(
        (await byExchange(client, body.id_token, { subject_token_type: `urn:ietf:params:oauth:token-type:${type}` }))
          .status,
        type,
      ).toBeGreaterThanOrEqual(400);
  });

  async function codeTokens(client: Awaited<ReturnType<typeof makeGrantClient>>) {
    const grant = await codeFor(newUserAgent(server), { ...client, scope: 'openid catalogue' }, client.user);
    const form = { grant_type: 'authorization_code', code: grant.code, code_verifier: grant.verifier };
    return askToken(client, { ...form, redirect_uri: client.redirectUri });
  }
});

test('CVE-2023-49097 ZITADEL: a foreign Host is in no link to set a password (hostile-headers.test.ts)', async () => {
  const person = await makeUser(api);
  const answer = await sendRaw(server, {
    method: 'POST',
    path: `/api/v1/users/${person.id}/lifecycle/reset_password?sendEmail=false`,
    host: 'evil.example',
    headers: [
      ['authorization', `SSWS ${server.apiToken}`],
      ['x-forwarded-host', 'evil.example'],
      ['forwarded', 'host=evil.example'],
    ],
  });
  expect(answer.status).toBe(200);
  expect((JSON.parse(answer.body) as { resetPasswordUrl: string }).resetPasswordUrl).toContain(`${server.url}/`);
  expect(answer.body).not.toContain('evil.example');
});

describe('who is asked is the caller, and every route asks (every-route.test.ts)', () => {
  test('CVE-2025-61928 Better Auth: an API token comes to nobody for naming a user', async () => {
    for (const [path, body] of [
      ['/api/v1/api-tokens', { name: 'x', userId: guide.user.id }],
      ['/api/v1/sessions', { userId: guide.user.id }],
      ['/api/v1/users', { profile: {}, userId: guide.user.id }],
    ] as const) {
      const answer = await managementApi(server, null).request('POST', path, body);
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(JSON.stringify(answer.body)).not.toContain('token"');
    }
  });

  test('CVE-2025-4210 Casdoor: no route makes people without rights', async () => {
    const login = `intruder-${Date.now()}@example.com`;
    const profile = { firstName: 'I', lastName: 'N', login, email: login };
    for (const path of ['/api/v1/users', '/api/v1/users?activate=true', '/scim/v2/Users', '/api/v1/scim/Users'])
      expect(
        (await managementApi(server, null).request('POST', path, { profile })).status,
        path,
      ).toBeGreaterThanOrEqual(401);
    expect((await api.request('GET', `/api/v1/users/${login}`)).status).toBe(404);
  });

  test('CVE-2026-32130 ZITADEL: an encoded letter in the path opens nothing', async () => {
    for (const path of [
      '/api/v1/%75sers',
      '/%61pi/v1/users',
      '/api/v1/users%2f',
      '/api%2fv1%2fusers',
      '/api/v1/authn/%2e%2e/users',
    ]) {
      const answer = await sendRaw(server, { path });
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.body).not.toContain(server.admin.login);
    }
  });
});

describe('one person under two spellings (sign-in-attacks.test.ts)', () => {
  test('CVE-2025-24806 Authelia: wrong passwords under another spelling count for the same account', async () => {
    const person = await makeUser(api);
    const spellings = [person.login.toUpperCase(), ` ${person.login} `, person.login, person.login.replace('a', 'A')];
    for (let turn = 0; turn < 10; turn++)
      await api.request('POST', '/api/v1/authn', { username: spellings[turn % 4], password: `wrong-${turn}` });
    expect((await api.get<User>(`/api/v1/users/${person.id}`)).status).toBe('LOCKED_OUT');
  });

  test('CVE-2026-47203, CVE-2026-48794 Authelia, CVE-2025-31124 ZITADEL: another spelling is no second person', async () => {
    const { login } = await makeUser(api);
    for (const other of [login.toUpperCase(), login.replace('a', 'A')]) {
      const profile = { firstName: 'A', lastName: 'B', login: other, email: other };
      expect((await api.request('POST', '/api/v1/users', { profile })).status, other).toBe(400);
    }
  });
});

describe('Okta, October 2024 (no CVE): no byte of a password falls off', () => {
  test.each([52, 71, 72, 73, 100, 127])('at %i bytes', async (length) => {
    const profile = {
      firstName: 'L',
      lastName: 'P',
      login: `long-${length}-${Date.now()}@example.com`,
      email: 'l@example.com',
    };
    const password = `Aa1-${'correct horse battery staple '.repeat(9)}`.slice(0, length - 1);
    const value = `${password}Z`;
    const made = await api.request('POST', '/api/v1/users?activate=true', {
      profile,
      credentials: { password: { value } },
    });
    // A password may be too long for the policy; then it is refused, never cut.
    if (made.status !== 200) return expect(made.status).toBe(400);
    const signIn = async (attempt: string) =>
      (await api.request('POST', '/api/v1/authn', { username: profile.login, password: attempt })).status;
    expect(await signIn(value)).toBe(200);
    for (const attempt of [password, `${password}Y`, `${value} `, `b${value.slice(1)}`])
      expect(await signIn(attempt)).toBe(401);
  });

  test('nor of a long login: its neighbour is somebody else', async () => {
    const stem = 'x'.repeat(60);
    const password = 'Correct-horse-7-battery';
    const logins = ['a', 'b'].map((letter) => `${stem}${letter}${Date.now()}@example.com`);
    for (const [index, login] of logins.entries())
      await api.post('/api/v1/users?activate=true', {
        profile: { firstName: 'L', lastName: 'L', login, email: 'l@example.com' },
        credentials: { password: { value: `${password}-${index}` } },
      });
    const signIn = async (username: string | undefined, index: number) =>
      (await api.request('POST', '/api/v1/authn', { username, password: `${password}-${index}` })).status;
    expect([await signIn(logins[0], 0), await signIn(logins[1], 1)]).toEqual([200, 200]);
    expect([await signIn(logins[0], 1), await signIn(logins[1], 0)]).toEqual([401, 401]);
  });
});
