import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE } from '../base/time.ts';
import { appLinkPath } from '../core/app-links.ts';
import { assignUser } from '../core/application-assignments.ts';
import { type ApplicationInput, createApplication } from '../core/change-applications.ts';
import type { Env } from '../core/env.ts';
import { ensureEveryone } from '../core/groups.ts';
import { issueSessionToken } from '../core/session-tokens.ts';
import { findSession } from '../core/sessions.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import type { User } from '../core/users.ts';
import { signInRoutes } from './routes.ts';
import { type App, appOf, browserFor, makeUser, PASSWORD, type TestBrowser } from './test-browser.ts';

const LOGIN = 'ada@example.com';

let world: TestEnv;
let env: Env;
let app: App;
let browser: TestBrowser;
let ada: User;

beforeEach(async () => {
  world = await createTestEnv();
  env = world.env;
  await ensureEveryone(env);
  ada = await makeUser(env, LOGIN);
  app = appOf(world);
  browser = browserFor(app);
});
afterEach(() => world.close());

const signIn = async () => browser.submit(await browser.get('/signin'), { identifier: LOGIN, password: PASSWORD });

describe('signing out', () => {
  it('by the button ends the session and clears the cookie', async () => {
    await signIn();
    const token = browser.cookies.get('idx') ?? '';
    const answer = await browser.submit(await browser.get('/'), {});
    expect([answer.status, answer.location]).toEqual([303, '/signin']);
    expect(browser.cookies.has('idx')).toBe(false);
    expect(await findSession(env, token)).toBeNull();
  });

  it('by a foreign form does not happen', async () => {
    await signIn();
    expect((await browser.post('/signout', {})).status).toBe(403);
    const attacker = browserFor(app);
    const { csrf } = (await attacker.get('/signin')).fields;
    expect((await browser.post('/signout', { csrf: csrf ?? '' })).status).toBe(403);
    expect((await browser.get('/')).status).toBe(200);
  });

  it.each([
    ['', '/signin'],
    ['?fromURI=%2Fbye', '/bye'],
    ['?fromURI=https%3A%2F%2Fevil.example', '/signin'],
    ['?fromURI=%2F%2Fevil.example', '/signin'],
    ['?fromURI=%2F%5Cevil.example', '/signin'],
    ['?fromURI=%2Fbye&fromURI=%2Fother', '/signin'],
    ['?fromURI=%2Fbye%0d%0aLocation:%20https://evil.example', '/signin'],
  ])('by link %s goes on to %s', async (query, expected) => {
    await signIn();
    expect((await browser.get(`/login/signout${query}`)).location).toBe(expected);
    expect((await browser.get('/')).location).toBe('/signin');
  });
});

describe('a link to an application', () => {
  const bookmark = async (changes: Partial<ApplicationInput> = {}, status: 'ACTIVE' | 'INACTIVE' = 'ACTIVE') => {
    const settings = { app: { url: 'https://wiki.example.com/a?b=c' } };
    const input: ApplicationInput = { label: '<b>Wiki</b>', signOnMode: 'BOOKMARK', settings, ...changes };
    return (await createApplication(env, input, status)).application;
  };

  it('is shown to whom the application is assigned, and leads there', async () => {
    const { id } = await bookmark();
    await bookmark({ label: 'Not assigned' });
    await assignUser(env, id, { userId: ada.id });
    await signIn();
    const { text } = await browser.get('/');
    expect(text).toContain(`<a href="/home/bookmark/${id}/2557">&lt;b&gt;Wiki&lt;/b&gt;</a>`);
    expect(text).not.toContain('Not assigned');
    const answer = await browser.get(`/home/bookmark/${id}/2557`);
    expect([answer.status, answer.location]).toEqual([303, 'https://wiki.example.com/a?b=c']);
  });

  it('to an OAuth client leads to where it begins a sign-in, if it says so', async () => {
    const oauthClient: ApplicationInput['oauthClient'] = {
      settings: {
        redirect_uris: ['https://app.example.com/cb'],
        initiate_login_uri: 'https://app.example.com/start?x=1',
      },
      credentials: {},
    };
    const everyone = { implicitAssignment: true };
    const visibility = { hide: { web: false } };
    const client = await bookmark({
      label: 'App',
      signOnMode: 'OPENID_CONNECT',
      settings: everyone,
      oauthClient,
      visibility,
    });
    await signIn();
    const href = `/home/oidc_client/${client.id}/aln177a159h7Zf52X0g8`;
    expect((await browser.get('/')).text).toContain(`href="${href}"`);
    expect((await browser.get(href)).location).toBe(
      `https://app.example.com/start?x=1&iss=${encodeURIComponent('https://sso.example.com')}`,
    );
  });

  it('leads nowhere when the application is not assigned, inactive, or one that nobody can be signed in to', async () => {
    const everyone = { app: { url: 'https://wiki.example.com' }, implicitAssignment: true };
    const saml = { signOn: { ssoAcsUrl: 'https://sp.example.com/acs', audience: 'sp' }, implicitAssignment: true };
    await signIn();
    for (const one of [
      await bookmark(),
      await bookmark({ settings: everyone }, 'INACTIVE'),
      await bookmark({ signOnMode: 'SAML_2_0', settings: saml }),
    ])
      expect((await browser.get(appLinkPath(one))).status).toBe(404);
    expect((await browser.get('/')).text).not.toContain('"/home/');
  });

  it('asks a person who is not signed in to sign in first', async () => {
    const { id } = await bookmark();
    const path = `/home/bookmark/${id}/2557`;
    expect((await browser.get(path)).location).toBe(`/signin?fromURI=${encodeURIComponent(path)}`);
  });
});

describe('a session token', () => {
  const issue = () => issueSessionToken(env, ada, { amr: ['pwd'], authenticatedAt: env.now() });
  const redirectUrl = 'https://sso.example.com/app';
  const redeem = (token: string, url: string = redirectUrl) =>
    browser.get(
      `/login/sessionCookieRedirect?${new URLSearchParams({ checkAccountSetupComplete: 'true', token, redirectUrl: url })}`,
    );

  it('becomes the cookie, and the browser goes on', async () => {
    const { token } = await issue();
    expect((await redeem(token)).location).toBe(redirectUrl);
    expect((await browser.get('/')).text).toContain(LOGIN);
  });

  it('is good once', async () => {
    const { token } = await issue();
    await redeem(token);
    browser.cookies.delete('idx');
    expect((await redeem(token)).location).toBe(`/signin?${new URLSearchParams({ fromURI: redirectUrl })}`);
    expect(browser.cookies.has('idx')).toBe(false);
  });

  it('is good for five minutes', async () => {
    const { token } = await issue();
    world.advance(5 * MINUTE);
    await redeem(token);
    expect(browser.cookies.has('idx')).toBe(false);
  });

  it('of a person who was suspended meanwhile is worth nothing', async () => {
    const { token } = await issue();
    await env.db.updateTable('users').set({ status: 'SUSPENDED' }).where('id', '=', ada.id).execute();
    await redeem(token);
    expect(browser.cookies.has('idx')).toBe(false);
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    '',
  ])('is not used up on the way to %j', async (url) => {
    const { token } = await issue();
    const page = await redeem(token, url);
    expect([page.status, page.location]).toEqual([400, null]);
    expect(page.text).toContain('Trusted Origins');
    expect((await redeem(token)).location).toBe(redirectUrl);
  });

  it('ends the session of whoever was signed in before', async () => {
    await makeUser(env, 'bob@example.com');
    await browser.submit(await browser.get('/signin'), { identifier: 'bob@example.com', password: PASSWORD });
    const bobs = browser.cookies.get('idx') ?? '';
    await redeem((await issue()).token);
    expect(await findSession(env, bobs)).toBeNull();
  });
});

it('every page shuts out frames, scripts and caches, whatever is asked', async () => {
  for (const { method, path } of signInRoutes) {
    const filled = path.replaceAll(/\{\w+\}/g, 'x');
    const page = method === 'POST' ? await browser.post(filled, { csrf: 'x' }) : await browser.get(filled);
    expect(page.status, `${method} ${path}`).toBeLessThan(500);
    expect(page.headers.get('cache-control'), path).toBe('no-store');
    if (page.location !== null) continue;
    expect(page.headers.get('x-frame-options'), path).toBe('DENY');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).toContain("frame-ancestors 'none'");
    expect(policy, path).not.toContain('script-src');
    expect(page.text, path).not.toMatch(/<script|<style|\sstyle=|\son[a-z]+=/i);
  }
});

it('a form that is larger than any form is a page, and nothing is tried', async () => {
  await browser.get('/signin');
  const page = await browser.post('/signin', { identifier: 'x'.repeat(200_000) });
  expect([page.status, page.text.includes('Too much was sent')]).toEqual([413, true]);
});
