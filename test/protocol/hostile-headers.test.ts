// A Host or X-Forwarded-* header from anyone but a trusted proxy reaches nothing that we say: peers 6b.7, contract section 3.
import { describe, expect, test } from 'vitest';
import { followGuide } from '../support/guide.ts';
import type { LogEvent } from '../support/management-api.ts';
import { authorizeParameters, authorizeUrl, newPkce, tokensFor } from '../support/oauth.ts';
import { type RawRequest, sendRaw } from '../support/raw-http.ts';
import { everyRoute } from '../support/routes.ts';
import { serverOfThisFile, startServer } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const agent = newUserAgent(server);
const tokens = await tokensFor(agent, guide, guide.user);

const EVIL = 'evil.example';
const hostile: [string, string][] = [
  ['x-forwarded-host', EVIL],
  ['x-forwarded-proto', 'https'],
  ['x-forwarded-port', '443'],
  ['x-forwarded-prefix', `//${EVIL}`],
  ['x-forwarded-server', EVIL],
  ['x-original-url', `//${EVIL}/`],
  ['x-rewrite-url', `//${EVIL}/`],
  ['x-host', EVIL],
  ['forwarded', `host=${EVIL};proto=https`],
];

const routes = await everyRoute(server, guide.authorizationServer.id);

async function expectClean(request: RawRequest): Promise<void> {
  const answer = await sendRaw(server, request);
  const said = `${answer.status} ${JSON.stringify(answer.headers)} ${answer.body}`;
  const name = `${request.method ?? 'GET'} ${request.path}`;
  expect(said.toLowerCase().includes(EVIL), `${name}: ${said.slice(0, 500)}`).toBe(false);
  expect(said, name).not.toMatch(/https:\/\/localhost/);
  expect(answer.status, name).not.toBe(500);
}

describe('a hostile host', () => {
  test('is in no answer of any route, with and without rights', async () => {
    expect(routes.length).toBeGreaterThan(60);
    for (const { method, path } of routes) {
      const body = method === 'POST' || method === 'PUT' ? { body: '' } : {};
      await expectClean({ method, path, host: EVIL, headers: hostile, ...body });
      await expectClean({ method, path, headers: hostile, ...body });
    }
  });

  test('is in no list and no object of the management API', async () => {
    const headers: [string, string][] = [...hostile, ['authorization', `SSWS ${server.apiToken}`]];
    for (const path of [
      '/api/v1/users',
      `/api/v1/users/${guide.user.id}`,
      '/api/v1/groups',
      '/api/v1/apps',
      `/api/v1/apps/${guide.app.id}`,
      '/api/v1/authorizationServers',
      `/api/v1/authorizationServers/${guide.authorizationServer.id}`,
      '/api/v1/trustedOrigins',
      '/api/v1/org',
      '/api/v1/logs?limit=2',
      '/.well-known/okta-organization',
    ])
      await expectClean({ path, host: EVIL, headers });
  });

  test('is in no page, redirect, cookie, discovery document or token', async () => {
    const cookie: [string, string] = [
      'cookie',
      [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
    ];
    const authorize = new URL(authorizeUrl(guide, newPkce()));
    const issuerPath = new URL(guide.issuer).pathname;
    for (const headers of [hostile, [...hostile, cookie]])
      for (const path of [
        `${authorize.pathname}${authorize.search}`,
        `${authorize.pathname}${authorize.search}&response_mode=form_post`,
        `${authorize.pathname}?client_id=nobody`,
        `${issuerPath}/.well-known/openid-configuration`,
        '/.well-known/openid-configuration',
        '/.well-known/oauth-authorization-server',
        '/',
        '/login/login.htm',
      ])
        await expectClean({ path, host: EVIL, headers });
  });

  test('does not change the issuer of a token', async () => {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: guide.clientId,
      refresh_token: tokens.refresh_token,
    });
    const answer = await sendRaw(server, {
      method: 'POST',
      path: `${new URL(guide.issuer).pathname}/v1/token`,
      host: EVIL,
      headers: [...hostile, ['content-type', 'application/x-www-form-urlencoded']],
      body: form.toString(),
    });
    expect(answer.status).toBe(200);
    const { access_token } = JSON.parse(answer.body) as { access_token: string };
    const claims = Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString();
    expect(JSON.parse(claims).iss).toBe(guide.issuer);
  });

  test('does not make cookies Secure or of another domain', async () => {
    const path = `${new URL(guide.issuer).pathname}/v1/authorize?${authorizeParameters(guide, newPkce())}`;
    const answer = await sendRaw(server, { path, headers: hostile });
    const cookies = answer.headers.filter(([name]) => name.toLowerCase() === 'set-cookie').map(([, value]) => value);
    expect(cookies.length).toBeGreaterThan(0);
    for (const cookie of cookies) expect(cookie).not.toMatch(/; (Domain|Secure)/i);
  });

  test('may be anything, however malformed', async () => {
    for (const host of [
      '',
      ' ',
      '[::1',
      'a b',
      'localhost:99999',
      '%00',
      'x'.repeat(5000),
      `localhost:${server.port}@${EVIL}`,
    ]) {
      const answer = await sendRaw(server, { path: '/.well-known/openid-configuration', host });
      expect(answer.status, host.slice(0, 30)).toBeLessThan(500);
      expect(answer.body).not.toContain(EVIL);
    }
  });
});

describe('the address of a caller', () => {
  const lastAddress = async (of: typeof server, apiToken: string, headers: [string, string][]) => {
    const name = `Address ${Math.random().toString(36).slice(2)}`;
    const created = await sendRaw(of, {
      method: 'POST',
      path: '/api/v1/groups',
      headers: [...headers, ['authorization', `SSWS ${apiToken}`], ['content-type', 'application/json']],
      body: JSON.stringify({ profile: { name } }),
    });
    expect(created.status).toBe(200);
    const response = await fetch(`${of.url}/api/v1/logs?sortOrder=DESCENDING&limit=20`, {
      headers: { authorization: `SSWS ${apiToken}` },
    });
    const events = (await response.json()) as (LogEvent & { client: { ipAddress: string } })[];
    return events.find((event) => event.target.some((target) => target.displayName === name))?.client.ipAddress;
  };

  test('is that of the connection, whatever X-Forwarded-For says', async () => {
    const headers: [string, string][] = [['x-forwarded-for', '203.0.113.9']];
    expect(await lastAddress(server, server.apiToken, headers)).toBe('127.0.0.1');
  });

  test('is what a trusted proxy says of its caller, and not what that caller says of itself', async () => {
    const behind = await startServer({ database: 'sqlite', settings: { TRUSTED_PROXIES: '127.0.0.1, 10.0.0.0/8' } });
    try {
      const headers: [string, string][] = [['x-forwarded-for', '198.51.100.1, 203.0.113.9, 10.1.2.3']];
      expect(await lastAddress(behind, behind.apiToken, headers)).toBe('203.0.113.9');
      expect(await lastAddress(behind, behind.apiToken, [['x-forwarded-for', 'not an address']])).toBe('127.0.0.1');
    } finally {
      await behind.stop();
    }
  });
});
