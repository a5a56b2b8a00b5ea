// Redirect URIs are compared byte by byte: contract sections 1.2 and 4.4, trap 14; peers 6b.1.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { followGuide, makeApplication } from '../support/guide.ts';
import { authorizeUrl, codeFor, mustLeave, newPkce, redeem } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent, type Visit } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const REGISTERED = 'https://app.example.com/callback';
const guide = await followGuide(server, {
  oauthClient: {
    application_type: 'native',
    redirect_uris: [REGISTERED, 'http://127.0.0.1:4555/callback', 'com.example.app:/callback'],
  },
});
const agent = newUserAgent(server);
await agent.signIn(authorizeUrl(guide, newPkce()), guide.user);

const visitWith = (redirectUri: string, changes = {}): Promise<Visit> =>
  agent.open(authorizeUrl(guide, newPkce(), { redirect_uri: redirectUri, ...changes }));

function expectPage(visit: Visit, uri: string): void {
  expect(visit.left, uri).toBeNull();
  expect(visit.status, uri).toBe(400);
  expect(visit.headers.get('location'), uri).toBeNull();
}

test('the registered URIs are served', async () => {
  for (const uri of [REGISTERED, 'http://127.0.0.1:4555/callback', 'com.example.app:/callback'])
    expect(mustLeave(await visitWith(uri)).href).toMatch(/[?&]code=/);
});

describe('a redirect URI that is not the registered one to the byte is refused, and nobody is sent there', () => {
  test.each([
    ['another case in the path', 'https://app.example.com/Callback'],
    ['another case in the host', 'https://APP.example.com/callback'],
    ['another case in the scheme', 'HTTPS://app.example.com/callback'],
    ['a letter where the dot is', 'https://appxexample.com/callback'],
    ['a dot at the end of the host', 'https://app.example.com./callback'],
    ['a user', 'https://app.example.com@evil.example/callback'],
    ['a user that looks like the host', 'https://evil.example:x@app.example.com/callback'],
    ['a way up', 'https://app.example.com/callback/../callback'],
    ['a way up to elsewhere', 'https://app.example.com/callback/../evil'],
    ['an encoded way up', 'https://app.example.com/callback/%2e%2e/callback'],
    ['the ..;/ of Java', 'https://app.example.com/callback/..;/evil'],
    ['an encoded slash', 'https://app.example.com/%2fcallback'],
    ['an encoded letter', 'https://app.example.com/%63allback'],
    ['a double encoding', 'https://app.example.com/%2563allback'],
    ['a double slash', 'https://app.example.com//callback'],
    ['a slash at the end', 'https://app.example.com/callback/'],
    ['a path below', 'https://app.example.com/callback/more'],
    ['a longer name', 'https://app.example.com/callbackmore'],
    ['a shorter name', 'https://app.example.com/callbac'],
    ['a query', 'https://app.example.com/callback?next=https://evil.example'],
    ['an empty query', 'https://app.example.com/callback?'],
    ['a fragment', 'https://app.example.com/callback#x'],
    ['an empty fragment', 'https://app.example.com/callback#'],
    ['the default port', 'https://app.example.com:443/callback'],
    ['another port', 'https://app.example.com:8443/callback'],
    ['another loopback port', 'http://127.0.0.1:4556/callback'],
    ['another loopback name', 'http://localhost:4555/callback'],
    ['another scheme', 'http://app.example.com/callback'],
    ['a backslash for a slash', 'https://app.example.com\\callback'],
    ['a backslash before a host', 'https://evil.example\\@app.example.com/callback'],
    ['a sub-domain', 'https://evil.app.example.com/callback'],
    ['the name as a sub-domain of another', 'https://app.example.com.evil.example/callback'],
    ['a space at the end', 'https://app.example.com/callback '],
    ['a space at the beginning', ' https://app.example.com/callback'],
    ['a line break', 'https://app.example.com/callback\r\nSet-Cookie: a=b'],
    ['a tab inside', 'https://app.exam\tple.com/callback'],
    ['a null byte', 'https://app.example.com/callback\0'],
    ['a letter that looks alike', 'https://аpp.example.com/callback'],
    ['a wide dot', 'https://app。example.com/callback'],
    ['no scheme', '//app.example.com/callback'],
    ['a script', 'javascript:alert(1)//https://app.example.com/callback'],
    ['a data URI', 'data:text/html,https://app.example.com/callback'],
    ['two slashes more in a custom scheme', 'com.example.app://callback'],
    ['two registered ones', `${REGISTERED} http://127.0.0.1:4555/callback`],
  ])('%s', async (_, uri) => {
    expectPage(await visitWith(uri), uri);
    expectPage(await visitWith(uri, { response_mode: 'form_post' }), uri);
    expectPage(await visitWith(uri, { prompt: 'none', response_mode: 'okta_post_message' }), uri);
  });

  test('any one character put in, taken out or exchanged', async () => {
    const edit = fc.record({
      at: fc.nat(REGISTERED.length),
      cut: fc.constantFrom(0, 1),
      put: fc.constantFrom('', '.', '/', '\\', '@', ':', '#', '?', '%', '%2f', '%00', '*', 'A', ' ', ';', '..', '+'),
    });
    await fc.assert(
      fc.asyncProperty(edit, async ({ at, cut, put }) => {
        const mutated = REGISTERED.slice(0, at) + put + REGISTERED.slice(at + cut);
        fc.pre(mutated !== REGISTERED && mutated !== '');
        expectPage(await visitWith(mutated), mutated);
      }),
      { numRuns: 60 },
    );
  });
});

test('a redirect URI of another application is not this one’s', async () => {
  const uri = 'https://other.example.com/callback';
  await makeApplication(guide.api, { redirect_uris: [uri] });
  expectPage(await visitWith(uri), uri);
});

test('a code for one registered URI is not redeemed with another', async () => {
  const grant = await codeFor(agent, guide, guide.user);
  const answer = await redeem(guide, grant, { redirect_uri: 'http://127.0.0.1:4555/callback' });
  expect(answer.body.error).toBe('invalid_grant');
});

test('a URI that was taken off the list is refused from then on', async () => {
  const other = await followGuide(server, { oauthClient: { redirect_uris: [REGISTERED, 'https://old.example/cb'] } });
  const app = await other.api.get<Record<string, unknown> & { settings: { oauthClient: object } }>(
    `/api/v1/apps/${other.app.id}`,
  );
  const settings = { ...app.settings, oauthClient: { ...app.settings.oauthClient, redirect_uris: [REGISTERED] } };
  await other.api.put(`/api/v1/apps/${other.app.id}`, { ...app, settings });
  expectPage(
    await agent.open(authorizeUrl(other, newPkce(), { redirect_uri: 'https://old.example/cb' })),
    'https://old.example/cb',
  );
});

describe('a wildcard sub-domain', async () => {
  const wild = await followGuide(server, {
    oauthClient: { wildcard_redirect: 'SUBDOMAIN', redirect_uris: ['https://preview-*.example.com/cb'] },
  });
  const person = newUserAgent(server);
  const open = (uri: string) => person.open(authorizeUrl(wild, newPkce(), { redirect_uri: uri }));
  await person.signIn(authorizeUrl(wild, newPkce(), { redirect_uri: 'https://preview-1.example.com/cb' }), wild.user);

  test('stands for the characters of one label', async () => {
    for (const uri of ['https://preview-7.example.com/cb', 'https://preview-a-b.example.com/cb'])
      expect(mustLeave(await open(uri)).href.startsWith(`${uri}?`)).toBe(true);
  });

  test.each([
    'https://preview-a.b.example.com/cb',
    'https://preview-a.evil.example/cb',
    'https://preview-a@evil.example/.example.com/cb',
    'https://preview-evil.example/.example.com/cb',
    'https://preview-evil.example#.example.com/cb',
    'https://preview-evil.example?.example.com/cb',
    'https://preview-evil.example%2f.example.com/cb',
    'https://preview-evil.example\\.example.com/cb',
    'https://other.example.com/cb',
    'https://preview-a.example.com/cb/more',
    'https://preview-a.example.com:444/cb',
    'http://preview-a.example.com/cb',
    'https://preview-*.example.com/cb',
  ])('does not stand for %s', async (uri) => {
    expectPage(await open(uri), uri);
  });

  test('is not read as one where the application does not allow it', async () => {
    const answer = await guide.api.request('POST', '/api/v1/apps', {
      name: 'oidc_client',
      label: `No wildcard ${Date.now()}`,
      signOnMode: 'OPENID_CONNECT',
      credentials: { oauthClient: { token_endpoint_auth_method: 'none' } },
      settings: {
        oauthClient: {
          application_type: 'browser',
          grant_types: ['authorization_code'],
          response_types: ['code'],
          redirect_uris: ['https://*.example.com/cb'],
        },
      },
    });
    if (answer.status === 200) {
      const { client_id } = (answer.body as unknown as typeof wild.app).credentials.oauthClient;
      const changes = { client_id, redirect_uri: 'https://a.example.com/cb' };
      expectPage(await agent.open(authorizeUrl(guide, newPkce(), changes)), changes.redirect_uri);
    } else expect(answer.status).toBe(400);
  });
});
