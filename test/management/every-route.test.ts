// Every route of the management API is shut by default: to no token, to a wrong one, to a token without its scope. Peers 6b.8.
import { describe, expect, test } from 'vitest';
import { followGuide, makeUser } from '../support/guide.ts';
import type { ApiError } from '../support/management-api.ts';
import { tokensFor } from '../support/oauth.ts';
import { sendRaw } from '../support/raw-http.ts';
import { documentedRoutes } from '../support/routes.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const routes = await documentedRoutes(server);
const closed = routes.filter((route) => !route.isPublic);
const agent = newUserAgent(server);
const atOrg = { ...guide, issuer: server.url };
const userToken = (await tokensFor(agent, guide, guide.user)).access_token;
const orgToken = (await tokensFor(agent, atOrg, guide.user)).access_token;

async function call({ method, path }: { method: string; path: string }, authorization: string | null, cookie = '') {
  const headers: [string, string][] = [['content-type', 'application/json']];
  if (authorization !== null) headers.push(['authorization', authorization]);
  if (cookie !== '') headers.push(['cookie', cookie]);
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
  const answer = await sendRaw(server, { method, path, headers, ...body });
  return { status: answer.status, body: answer.body === '' ? null : (JSON.parse(answer.body) as ApiError) };
}

test('the document knows the resources of the API, and only these are open to anyone', () => {
  expect(closed.length).toBeGreaterThan(60);
  for (const resource of [
    'users',
    'groups',
    'apps',
    'authorizationServers',
    'trustedOrigins',
    'sessions',
    'org',
    'logs',
  ])
    expect(
      closed.some(({ path }) => path.startsWith(`/api/v1/${resource}`)),
      resource,
    ).toBe(true);
  const open = routes.filter((route) => route.isPublic).map(({ path }) => path);
  for (const path of open)
    expect(path).toMatch(
      /^\/(health|\.well-known\/|openapi\.json|api\/v1\/(authn|sessions$|sessions\/me|users\/[^/]+\/factors\/(questions$|[^/]+\/qr\/)))/,
    );
});

describe('every closed route refuses', () => {
  const wrong: [name: string, authorization: string | null][] = [
    ['no token', null],
    ['a made-up API token', 'SSWS 00made-up-token-of-the-right-length-0123456789'],
    ['an empty API token', 'SSWS '],
    ['the API token under another scheme', `Bearer ${server.apiToken}`],
    ['the API token without a scheme', server.apiToken],
    ['the API token with its last character cut', `SSWS ${server.apiToken.slice(0, -1)}`],
    [
      'the administrator’s password as Basic',
      `Basic ${Buffer.from(`${server.admin.login}:${server.admin.password}`).toString('base64')}`,
    ],
    ['an access token of a custom server', `Bearer ${userToken}`],
    [
      'an unsigned access token',
      `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${orgToken.split('.')[1]}.`,
    ],
  ];

  test.each(wrong)('%s', async (_, authorization) => {
    for (const route of closed) {
      const { status, body } = await call(route, authorization);
      const name = `${route.method} ${route.path}`;
      expect([401, 403, 404], `${name}: ${status}`).toContain(status);
      // Routes of a session's own cookie say that there is none.
      if (status === 404) expect(name).toContain('/me');
      expect(body?.errorCode, name).toMatch(/^E00000(05|07|11|15)$/);
      expect(body?.errorCauses, name).toEqual([]);
    }
  });

  test('an access token of the org server without okta scopes', async () => {
    for (const route of closed) {
      const { status } = await call(route, `Bearer ${orgToken}`);
      expect([401, 403, 404], `${route.method} ${route.path}: ${status}`).toContain(status);
    }
  });

  test('a signed-in user without a role, by cookie', async () => {
    const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    for (const route of closed.filter(({ path }) => !path.includes('/me'))) {
      const { status } = await call(route, null, cookie);
      expect([401, 403], `${route.method} ${route.path}: ${status}`).toContain(status);
    }
  });
});

describe('a path in another spelling', () => {
  test.each([
    '/api/v1/%75sers',
    '/api//v1/users',
    '//api/v1/users',
    '/api/v1/users/',
    '/api/v1/users//',
    '/API/v1/users',
    '/api/v1/./users',
    '/api/v1/authn/../users',
    '/api/v1/authn/..%2fusers',
    '/api/v1/users;x=y',
    '/api/v1/users%00',
    '/.well-known/..%2fapi/v1/users',
    '/.well-known/../api/v1/users',
  ])('opens nothing: %s', async (path) => {
    const answer = await sendRaw(server, { path });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toContain(server.admin.login);
  });

  test('nor does a method that another header claims', async () => {
    const person = await makeUser(guide.api);
    for (const name of ['x-http-method-override', 'x-method-override', 'x-http-method'])
      await sendRaw(server, { method: 'GET', path: `/api/v1/users/${person.id}`, headers: [[name, 'DELETE']] });
    expect((await guide.api.request('GET', `/api/v1/users/${person.id}`)).status).toBe(200);
  });
});

test('an API token is not shown by any answer, log or error', async () => {
  const listed = JSON.stringify(await guide.api.get('/api/v1/api-tokens'));
  expect(listed.includes(server.apiToken)).toBe(false);
  expect(JSON.stringify(await guide.api.get('/api/v1/logs?limit=1000')).includes(server.apiToken)).toBe(false);
  expect(server.output().includes(server.apiToken)).toBe(false);
});

test('every answer carries a request id and what is left of the rate limit', async () => {
  for (const path of ['/api/v1/users', '/api/v1/users/nobody-here', '/api/v1/nothing-here']) {
    const { headers } = await guide.api.request('GET', path);
    expect(headers.get('x-okta-request-id')).toMatch(/^[\w-]{16,}$/);
    for (const name of ['x-rate-limit-limit', 'x-rate-limit-remaining', 'x-rate-limit-reset'])
      expect(headers.get(name), `${path} ${name}`).toMatch(/^\d+$/);
    expect(headers.get('date')).toBeTruthy();
  }
});
