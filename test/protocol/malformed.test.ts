// Requests that no well-behaved client sends: twice the same parameter or header, too much, and bytes that databases choke on.
import { afterEach, describe, expect, test } from 'vitest';
import { CALLBACK, followGuide } from '../support/guide.ts';
import { managementApi, type User } from '../support/management-api.ts';
import {
  authorizeParameters,
  authorizeUrl,
  codeFor,
  endpointsOf,
  newPkce,
  type OAuthError,
  postForm,
  tokensFor,
} from '../support/oauth.ts';
import { sendRaw } from '../support/raw-http.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const agent = newUserAgent(server);
const api = managementApi(server);
const endpoints = endpointsOf(guide.issuer);
const FORM: [string, string] = ['content-type', 'application/x-www-form-urlencoded'];
const JSON_TYPE: [string, string] = ['content-type', 'application/json'];
const RIGHTS: [string, string] = ['authorization', `SSWS ${server.apiToken}`];

afterEach(async () => {
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

describe('a parameter that stands twice', () => {
  const DUPLICATE = 'The request contained multiple parameters with the same name.';

  test.each(['state', 'scope', 'code_challenge', 'response_type', 'prompt', 'nonce'])(
    'is refused at authorize: %s',
    async (name) => {
      const url = `${authorizeUrl(guide, newPkce(), { prompt: 'none' })}&${name}=other`;
      const visit = await agent.open(url);
      expect(visit.left?.searchParams.get('code') ?? null).toBeNull();
      const said = visit.left?.searchParams.get('error_description') ?? visit.html;
      expect(said).toContain(DUPLICATE);
    },
  );

  test.each([
    ['client_id', '0oaOther'],
    ['redirect_uri', 'https://evil.example/'],
  ])('is refused at authorize without a redirect: %s', async (name, value) => {
    for (const order of ['first', 'last']) {
      const right = authorizeParameters(guide, newPkce());
      const extra = new URLSearchParams({ [name]: value });
      const query = order === 'first' ? `${extra}&${right}` : `${right}&${extra}`;
      const visit = await agent.open(`${endpoints}/authorize?${query}`);
      expect(visit.left).toBeNull();
      expect(visit.status).toBe(400);
    }
  });

  test('is refused at token, introspect and revoke', async () => {
    const { code, verifier } = await codeFor(agent, guide, guide.user);
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: guide.clientId,
      redirect_uri: CALLBACK,
      code,
      code_verifier: verifier,
    });
    form.append('code', 'another');
    const answer = await postForm<OAuthError>(`${endpoints}/token`, form);
    expect(answer.status).toBe(400);
    expect(answer.body).toEqual({ error: 'invalid_request', error_description: DUPLICATE });
    for (const path of ['introspect', 'revoke']) {
      const twice = new URLSearchParams([
        ['token', 'a'],
        ['token', 'b'],
        ['client_id', guide.clientId],
      ]);
      expect((await postForm(`${endpoints}/${path}`, twice)).status).toBe(400);
    }
  });
});

describe('a header that stands twice', () => {
  test('gives no rights by the second Authorization', async () => {
    const wrong: [string, string] = ['authorization', 'SSWS made-up'];
    for (const headers of [
      [wrong, RIGHTS],
      [wrong, RIGHTS, wrong],
    ])
      expect((await sendRaw(server, { path: '/api/v1/users', headers })).status).toBeGreaterThanOrEqual(400);
  });

  test('counts as no session when two session cookies come', async () => {
    await tokensFor(agent, guide, guide.user);
    const idx = agent.cookies.get('idx') ?? '';
    for (const cookie of [`idx=planted; idx=${idx}`, `idx=${idx}; idx=planted`]) {
      const answer = await sendRaw(server, { path: '/api/v1/sessions/me', headers: [['cookie', cookie]] });
      expect(answer.status).toBe(404);
    }
    const alone = await sendRaw(server, { path: '/api/v1/sessions/me', headers: [['cookie', `idx=${idx}`]] });
    expect(alone.status).toBe(200);
  });

  test('is refused or ignored when it is Host', async () => {
    const answer = await sendRaw(server, {
      path: '/.well-known/openid-configuration',
      headers: [['host', 'evil.example']],
    });
    expect(answer.status).toBeLessThan(500);
    expect(answer.body).not.toContain('evil.example');
  });

  test('does not smuggle: two lengths, or a length with chunks, are refused', async () => {
    const two = await sendRaw(server, {
      method: 'POST',
      path: '/api/v1/authn',
      headers: [JSON_TYPE, ['content-length', '5']],
      body: '{"username":"a"}',
    }).catch(() => ({ status: 400 }));
    expect(two.status).toBe(400);
  });
});

describe('too much', () => {
  test('of a JSON body is refused, announced or not', async () => {
    const body = JSON.stringify({ profile: { name: 'x'.repeat(1_100_000) } });
    const announced = await sendRaw(server, {
      method: 'POST',
      path: '/api/v1/groups',
      headers: [RIGHTS, JSON_TYPE],
      body,
    }).catch(() => ({ status: 413 }));
    expect([400, 413]).toContain(announced.status);
    const streamed = await fetch(`${server.url}/api/v1/groups`, {
      method: 'POST',
      headers: [RIGHTS, JSON_TYPE],
      body: new Blob([body]).stream(),
      duplex: 'half',
    } as RequestInit).catch(() => ({ status: 413 }));
    expect([400, 413]).toContain(streamed.status);
  });

  test('of a form is refused', async () => {
    const form = { grant_type: 'authorization_code', code: 'x'.repeat(140_000), client_id: guide.clientId };
    const answer = await postForm<OAuthError>(`${endpoints}/token`, form);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('invalid_request');
  });

  test('of a URL or a header is refused', async () => {
    expect((await sendRaw(server, { path: `/?${'x'.repeat(20_000)}` })).status).toBe(431);
    expect((await sendRaw(server, { path: '/', headers: [['x-much', 'x'.repeat(20_000)]] })).status).toBe(431);
  });

  test('of a password costs no more than a long one', async () => {
    const body = JSON.stringify({ username: guide.user.login, password: 'x'.repeat(500_000) });
    const start = performance.now();
    const answer = await sendRaw(server, { method: 'POST', path: '/api/v1/authn', headers: [JSON_TYPE], body });
    expect([400, 401]).toContain(answer.status);
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('of a login, a name or a description is an answer, not a failure', async () => {
    const long = 'x'.repeat(10_000);
    const answers = await Promise.all([
      api.request('POST', '/api/v1/groups', { profile: { name: long } }),
      api.request('POST', '/api/v1/users', {
        profile: { firstName: long, lastName: long, login: `${long}@example.com`, email: 'a@example.com' },
      }),
      api.request('GET', `/api/v1/users/${long.slice(0, 5000)}`),
      api.request(
        'GET',
        `/api/v1/users?search=${encodeURIComponent(`${'('.repeat(500)}status eq "ACTIVE"${')'.repeat(500)}`)}`,
      ),
    ]);
    for (const { status } of answers) expect(status).toBeLessThan(500);
  });

  test('of nesting is an answer, not a failure', async () => {
    const body = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const answer = await sendRaw(server, {
      method: 'POST',
      path: '/api/v1/groups',
      headers: [RIGHTS, JSON_TYPE],
      body,
    });
    expect(answer.status).toBe(400);
  });
});

describe('bytes that databases choke on', () => {
  const strange = {
    'a null character': 'a\u0000b',
    'half a surrogate pair': 'a\ud800b',
    'a letter beyond the basic plane': 'a\u{1f600}b',
    'a change of direction': 'a\u202eb',
    'quotes and comments': `a'; drop table users; -- "b`,
    'a percent sign and an underscore': 'a%_b',
  };

  test.each(Object.entries(strange))('%s in a name is kept or refused, never a failure', async (_, text) => {
    const made = await api.request<{ id: string; profile: { name: string } }>('POST', '/api/v1/groups', {
      profile: { name: `${text} ${Date.now()}`, description: text },
    });
    expect([200, 400]).toContain(made.status);
    if (made.status !== 200) return;
    const shown = await api.get<{ profile: { description: string } }>(`/api/v1/groups/${made.body.id}`);
    expect(shown.profile.description.toWellFormed()).toBe(text.toWellFormed());
  });

  test.each(Object.entries(strange))('%s in a query is an answer', async (_, text) => {
    const query = encodeURIComponent(text.toWellFormed());
    for (const path of [
      `/api/v1/users?q=${query}`,
      `/api/v1/groups?q=${query}`,
      `/api/v1/apps?q=${query}`,
      `/api/v1/users/${query}`,
      `/api/v1/groups/${query}`,
      `/api/v1/users?search=${encodeURIComponent(`profile.login eq "${text.toWellFormed().replaceAll('"', '')}"`)}`,
      `/api/v1/logs?q=${query}`,
    ]) {
      const { status } = await api.request('GET', path);
      expect(status, path).toBeLessThan(500);
    }
  });

  test.each(Object.entries(strange))('%s at the OAuth endpoints is an answer', async (_, text) => {
    const value = text.toWellFormed();
    const forms: [string, Record<string, string>][] = [
      ['token', { grant_type: 'authorization_code', code: value, client_id: guide.clientId, redirect_uri: CALLBACK }],
      ['token', { grant_type: 'refresh_token', refresh_token: value, client_id: guide.clientId }],
      ['token', { grant_type: value, client_id: value }],
      ['introspect', { token: value, client_id: guide.clientId }],
      ['revoke', { token: value, client_id: guide.clientId }],
    ];
    for (const [path, form] of forms)
      expect((await postForm(`${endpoints}/${path}`, form)).status, path).toBeLessThan(500);
    for (const changes of [
      { nonce: value },
      { login_hint: value },
      { scope: value },
      { client_id: value },
      { idp: value },
    ]) {
      const visit = await newUserAgent(server).open(authorizeUrl(guide, newPkce(), changes));
      expect(visit.status, JSON.stringify(changes)).toBeLessThan(500);
    }
    const answer = await fetch(`${server.url}/api/v1/authn`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: text, password: text }),
    });
    expect(answer.status).toBeLessThan(500);
  });

  test('an address that is not UTF-8 is an answer', async () => {
    for (const path of ['/api/v1/users/%ff%fe', '/%', '/%zz', '/oauth2/%ff/v1/keys', '/api/v1/users/..%2f..%2fhealth'])
      expect((await sendRaw(server, { path, headers: [RIGHTS] })).status, path).toBeLessThan(500);
  });
});

describe('JSON that is not what was expected', () => {
  test.each(['', 'null', '[]', '"text"', '1', '{', '{"profile":null}', '{"profile":[]}', '{"profile":{"name":{}}}'])(
    'as %s is a 400 of the management API',
    async (body) => {
      for (const path of ['/api/v1/groups', '/api/v1/users', '/api/v1/apps', '/api/v1/authorizationServers']) {
        const answer = await sendRaw(server, { method: 'POST', path, headers: [RIGHTS, JSON_TYPE], body });
        expect(answer.status, `${path} ${answer.body}`).toBe(400);
        expect(JSON.parse(answer.body)).toMatchObject({
          errorCode: expect.stringMatching(/^E\d{7}$/),
          errorCauses: expect.any(Array),
        });
      }
    },
  );

  test('of another type is refused', async () => {
    const answer = await sendRaw(server, {
      method: 'POST',
      path: '/api/v1/groups',
      headers: [RIGHTS, FORM],
      body: '{"profile":{"name":"x"}}',
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  test('cannot reach the prototype of anything', async () => {
    const login = `proto-${Date.now()}@example.com`;
    const body = `{"profile":{"firstName":"A","lastName":"B","email":"${login}","login":"${login}","__proto__":{"title":"polluted"}},"__proto__":{"status":"polluted"}}`;
    const answer = await sendRaw(server, { method: 'POST', path: '/api/v1/users', headers: [RIGHTS, JSON_TYPE], body });
    expect(answer.status).toBeLessThan(500);
    const users = await api.get<User[]>('/api/v1/users?limit=200');
    for (const user of users) {
      expect(user.status).not.toBe('polluted');
      expect(user.profile.title ?? null).toBeNull();
    }
  });
});

test('an unknown path is the 404 of the management API, a wrong method its 405', async () => {
  const unknown = await api.request('GET', '/api/v1/nothing-here');
  expect(unknown).toMatchObject({ status: 404, body: { errorCode: 'E0000008' } });
  const wrong = await api.request('PATCH', '/api/v1/users');
  expect(wrong).toMatchObject({ status: 405, body: { errorCode: 'E0000022' } });
  expect(wrong.headers.get('allow')).toContain('GET');
});
