// The two forms of an authorization server, as docs/conformance.md tells them: OKTA, as Okta was recorded, and STRICT, as the
// specifications have it where the two contradict each other.
import { describe, expect, test } from 'vitest';
import { followGuide, type Guide, makeUser } from '../support/guide.ts';
import type { AuthorizationServer } from '../support/management-api.ts';
import {
  authorizeUrl,
  codeFor,
  endpointsOf,
  mustLeave,
  newPkce,
  redeem,
  tokensFor,
  userinfo,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { asksWhoYouAre, newUserAgent, type UserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const okta = await followGuide(server);
const strict = await followGuide(server);
const path = ({ authorizationServer }: Guide) => `/api/v1/authorizationServers/${authorizationServer.id}`;
const shown = await strict.api.get<AuthorizationServer & { conformance?: string }>(path(strict));
await strict.api.put(path(strict), { ...shown, conformance: 'STRICT' });
const forms = [
  { name: 'OKTA', guide: okta },
  { name: 'STRICT', guide: strict },
];
const SIGNED_OUT = 'http://localhost:4555/signed-out';

async function isSignedIn(agent: UserAgent, guide: Guide): Promise<boolean> {
  const visit = await agent.open(authorizeUrl(guide, newPkce(), { prompt: 'none' }));
  return mustLeave(visit).searchParams.has('code');
}

async function discovery({ issuer }: Guide) {
  return (await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()) as Record<string, unknown>;
}

describe('the form of a server', () => {
  test('is OKTA unless it is chosen, stays through replacements that do not name it, and can be given up', async () => {
    expect(shown.conformance).toBeUndefined();
    const { conformance: chosen, ...rest } = await strict.api.get<AuthorizationServer & { conformance?: string }>(
      path(strict),
    );
    expect(chosen).toBe('STRICT');
    await strict.api.put(path(strict), rest);
    expect(await strict.api.get(path(strict))).toMatchObject({ conformance: 'STRICT' });
    const made = await strict.api.post<AuthorizationServer>('/api/v1/authorizationServers', {
      ...rest,
      name: `Strict ${Date.now()}`,
      conformance: 'STRICT',
    });
    expect(made).toMatchObject({ conformance: 'STRICT' });
    const back = await strict.api.put<object>(`/api/v1/authorizationServers/${made.id}`, {
      ...made,
      conformance: 'OKTA',
    });
    expect(back).not.toHaveProperty('conformance');
    expect((await strict.api.request('PUT', path(strict), { ...rest, conformance: 'LAX' })).status).toBe(400);
  });
});

describe('state', () => {
  test('is required at an OKTA server', async () => {
    const agent = newUserAgent(server);
    await tokensFor(agent, okta, okta.user);
    for (const state of [null, 'with space', '<b>']) {
      const callback = mustLeave(await agent.open(authorizeUrl(okta, newPkce(), { state })));
      expect(callback.searchParams.get('error')).toBe('invalid_request');
      expect(callback.searchParams.has('state')).toBe(false);
    }
  });

  test('is optional at a STRICT one, and may be of every visible character', async () => {
    const agent = newUserAgent(server);
    const { callback } = await codeFor(agent, strict, strict.user, { state: null });
    expect([...callback.searchParams.keys()]).toEqual(['code']);
    const state = ' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';
    for (const response_mode of ['query', 'fragment']) {
      const left = mustLeave(await agent.open(authorizeUrl(strict, newPkce(), { state, response_mode })));
      const answer = response_mode === 'query' ? left.searchParams : new URLSearchParams(left.hash.slice(1));
      expect(answer.get('state')).toBe(state);
    }
    const page = await agent.open(authorizeUrl(strict, newPkce(), { state: '"><script>', response_mode: 'form_post' }));
    expect(page.html).not.toContain('<script>');
    for (const bad of ['a\nb', 'é', 'x'.repeat(3000)]) {
      const left = mustLeave(await agent.open(authorizeUrl(strict, newPkce(), { state: bad })));
      expect(left.searchParams.get('error')).toBe('invalid_request');
    }
  });
});

describe('userinfo for a token with the scope openid alone', () => {
  test('is refused by an OKTA server', async () => {
    const { access_token } = await tokensFor(newUserAgent(server), okta, okta.user, { scope: 'openid' });
    const { status, headers } = await userinfo(okta, access_token);
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toContain('insufficient_scope');
  });

  test('is the sub at a STRICT one; a token without openid is refused there too', async () => {
    const agent = newUserAgent(server);
    const { access_token } = await tokensFor(agent, strict, strict.user, { scope: 'openid' });
    expect(await userinfo(strict, access_token)).toMatchObject({ status: 200, body: { sub: strict.user.id } });
    const other = await tokensFor(agent, strict, strict.user, { scope: 'catalogue' });
    expect((await userinfo(strict, other.access_token)).status).toBe(403);
  });

  test('may come in a form at a STRICT server, once and without a header', async () => {
    for (const { name, guide } of forms) {
      const { access_token } = await tokensFor(newUserAgent(server), guide, guide.user);
      const url = `${endpointsOf(guide.issuer)}/userinfo`;
      const ask = async (body: URLSearchParams | null, headers: Record<string, string> = {}, search = '') =>
        (await fetch(`${url}${search}`, { method: 'POST', body, headers })).status;
      const form = new URLSearchParams({ access_token });
      expect(await ask(form)).toBe(name === 'STRICT' ? 200 : 401);
      expect(await ask(new URLSearchParams([...form, ...form]))).toBe(401);
      expect(await ask(form, { authorization: 'Bearer made-up' })).toBe(401);
      expect(await ask(null, {}, `?${form}`)).toBe(401);
    }
  });
});

describe('an id_token_hint at authorize', () => {
  test('of whom is signed in changes nothing', async () => {
    for (const { guide } of forms) {
      const agent = newUserAgent(server);
      const { id_token } = await tokensFor(agent, guide, guide.user);
      const visit = await agent.open(authorizeUrl(guide, newPkce(), { prompt: 'none', id_token_hint: id_token }));
      expect(mustLeave(visit).searchParams.has('code')).toBe(true);
    }
  });

  test('of somebody else is heard at a STRICT server: silently nobody gets in, else that person is asked for', async () => {
    const other = await makeUser(strict.api);
    await strict.api.post(`/api/v1/apps/${strict.app.id}/users`, { id: other.id, scope: 'USER' });
    const hint = (await tokensFor(newUserAgent(server), strict, other)).id_token;
    const agent = newUserAgent(server);
    await tokensFor(agent, strict, strict.user);
    const silent = await agent.open(authorizeUrl(strict, newPkce(), { prompt: 'none', id_token_hint: hint }));
    expect(mustLeave(silent).searchParams.get('error')).toBe('login_required');
    const asked = await agent.open(authorizeUrl(strict, newPkce(), { id_token_hint: hint }));
    expect(asksWhoYouAre(asked)).toBe(true);
    const wrong = await agent.submit(asked, { identifier: strict.user.login, password: strict.user.password });
    expect(mustLeave(wrong).searchParams.get('error')).toBe('login_required');
    const again = await agent.open(authorizeUrl(strict, newPkce(), { id_token_hint: hint }));
    const right = await agent.submit(again, { identifier: other.login, password: other.password });
    expect(mustLeave(right).searchParams.has('code')).toBe(true);
  });

  test('that is none is told to the client of a STRICT server', async () => {
    const agent = newUserAgent(server);
    const { access_token } = await tokensFor(agent, strict, strict.user);
    const foreign = await tokensFor(newUserAgent(server), okta, okta.user);
    for (const id_token_hint of ['made-up', access_token, foreign.id_token]) {
      const visit = await agent.open(authorizeUrl(strict, newPkce(), { id_token_hint }));
      expect(mustLeave(visit).searchParams.get('error')).toBe('invalid_request');
    }
  });
});

describe('logout without an ID token', () => {
  const url = (guide: Guide, parameters: Record<string, string> = {}) =>
    `${endpointsOf(guide.issuer)}/logout?${new URLSearchParams(parameters)}`;

  test('is refused by an OKTA server', async () => {
    const agent = newUserAgent(server);
    await tokensFor(agent, okta, okta.user);
    expect(await agent.open(url(okta, { post_logout_redirect_uri: SIGNED_OUT }))).toMatchObject({
      status: 400,
      left: null,
    });
    expect(await isSignedIn(agent, okta)).toBe(true);
  });

  test('asks the person at a STRICT one, ends the session on yes, and leads to no address that it was given', async () => {
    for (const parameters of [
      {},
      { state: 'x' },
      { post_logout_redirect_uri: SIGNED_OUT, client_id: strict.clientId },
    ]) {
      const agent = newUserAgent(server);
      await tokensFor(agent, strict, strict.user);
      const question = await agent.open(url(strict, parameters));
      expect(question).toMatchObject({ status: 200, left: null });
      expect(question.html).toContain('Sign out?');
      expect(await isSignedIn(agent, strict)).toBe(true);
      const done = await agent.submit(question, {});
      expect(done).toMatchObject({ status: 200, left: null });
      expect(done.html).toContain('You are signed out');
      expect(await isSignedIn(agent, strict)).toBe(false);
    }
  });

  test('takes no yes from a foreign page', async () => {
    const agent = newUserAgent(server);
    await tokensFor(agent, strict, strict.user);
    const question = await newUserAgent(server).open(url(strict));
    const forged = new URLSearchParams({ csrf: 'made-up' });
    expect((await agent.open(url(strict).slice(0, -1), forged)).html).toContain('Sign out?');
    expect(question.html).not.toContain('Sign out?');
    expect(await isSignedIn(agent, strict)).toBe(true);
  });

  test('with a hint a STRICT server goes back at once', async () => {
    const agent = newUserAgent(server);
    const { id_token } = await tokensFor(agent, strict, strict.user);
    const visit = await agent.open(url(strict, { id_token_hint: id_token, post_logout_redirect_uri: SIGNED_OUT }));
    expect(mustLeave(visit).href).toBe(SIGNED_OUT);
  });
});

describe('discovery of a STRICT server', () => {
  test('has every member that OpenID Connect Discovery 1.0 requires or recommends, and says no to the claims parameter', async () => {
    const document = await discovery(strict);
    for (const name of [
      ...[
        'issuer',
        'authorization_endpoint',
        'token_endpoint',
        'userinfo_endpoint',
        'jwks_uri',
        'registration_endpoint',
      ],
      ...['scopes_supported', 'response_types_supported', 'subject_types_supported', 'claims_supported'],
      ...['id_token_signing_alg_values_supported', 'end_session_endpoint', 'grant_types_supported'],
    ])
      expect(document, name).toHaveProperty(name);
    expect(document).toMatchObject({
      issuer: strict.issuer,
      subject_types_supported: ['public'],
      claims_parameter_supported: false,
      request_uri_parameter_supported: false,
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256']),
      scopes_supported: expect.arrayContaining(['openid', 'profile', 'email', 'address', 'phone']),
      response_types_supported: expect.arrayContaining(['code', 'id_token', 'id_token token', 'code id_token']),
      request_object_signing_alg_values_supported: expect.arrayContaining(['RS256']),
    });
    expect(await discovery(okta)).not.toHaveProperty('claims_parameter_supported');
  });

  test('publishes public keys alone', async () => {
    const { jwks_uri } = await discovery(strict);
    const { keys } = (await (await fetch(String(jwks_uri))).json()) as { keys: Record<string, unknown>[] };
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).toMatchObject({ kty: 'RSA', use: 'sig', kid: expect.any(String) });
      for (const secret of ['d', 'p', 'q', 'k']) expect(key).not.toHaveProperty(secret);
    }
  });
});

describe('what both forms have alike', () => {
  test.each(forms)(
    'a request that says what nobody knows, or how to show itself, succeeds: $name',
    async ({ guide }) => {
      const agent = newUserAgent(server);
      const changes = {
        display: 'popup',
        ui_locales: 'fr-CA fr en',
        claims_locales: 'de',
        extra: 'foobar',
        login_hint: guide.user.login,
        acr_values: 'urn:example:unknown',
        claims: '{"userinfo":{"name":{"essential":true}}}',
        nonce: null,
      };
      const url = authorizeUrl(guide, newPkce(), changes);
      expect(mustLeave(await agent.signIn(url, guide.user)).searchParams.get('error_description')).toBeNull();
    },
  );

  test.each(forms)('scopes in another order succeed, and a POST is as good as a GET: $name', async ({ guide }) => {
    const agent = newUserAgent(server);
    const grant = await codeFor(agent, guide, guide.user, { scope: 'email openid profile' });
    expect((await redeem(guide, grant)).status).toBe(200);
    const { searchParams } = new URL(authorizeUrl(guide, newPkce()));
    const posted = await agent.open(`${endpointsOf(guide.issuer)}/authorize`, searchParams);
    expect(mustLeave(posted).searchParams.has('code')).toBe(true);
  });
});
