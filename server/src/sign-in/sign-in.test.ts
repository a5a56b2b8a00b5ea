import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../base/time.ts';
import { keepAuthorizationRequest } from '../core/authorization-requests.ts';
import type { Env } from '../core/env.ts';
import { ensureEveryone } from '../core/groups.ts';
import { findSession } from '../core/sessions.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import type { User } from '../core/users.ts';
import { toJson } from '../storage/schema.ts';
import { type App, appOf, browserFor, makeUser, ORG, PASSWORD, type TestBrowser } from './test-browser.ts';

const LOGIN = 'ada@example.com';
const RIGHT = { identifier: LOGIN, password: PASSWORD };

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
  await trust('https://portal.example.net');
  app = appOf(world);
  browser = browserFor(app);
});
afterEach(() => world.close());

const sessionOf = (one: TestBrowser) => findSession(env, one.cookies.get('idx') ?? null);

describe('signing in to the org itself', () => {
  it('asks for identifier and password, then shows who is signed in', async () => {
    expect((await browser.get('/')).location).toBe('/signin');
    const page = await browser.get('/signin');
    expect(page.status).toBe(200);
    expect(Object.keys(page.fields)).toEqual(['csrf', 'identifier', 'password']);
    const answer = await browser.submit(page, RIGHT);
    expect([answer.status, answer.location]).toEqual([303, '/']);
    expect((await browser.get('/')).text).toContain('Signed in as Ada Lovelace');
  });

  it('a signed-in person is not asked again', async () => {
    await browser.submit(await browser.get('/signin'), RIGHT);
    expect((await browser.get('/signin')).location).toBe('/');
    expect((await browser.get('/signin?fromURI=%2Fapp')).location).toBe('/app');
  });

  it('signs in by the login in another spelling, or its short name', async () => {
    for (const identifier of ['ADA@Example.com', ' ada@example.com ', 'ada']) {
      const one = browserFor(app);
      expect((await one.submit(await one.get('/signin'), { ...RIGHT, identifier })).status).toBe(303);
    }
  });

  it('records the method, the time and the event', async () => {
    await browser.submit(await browser.get('/signin'), RIGHT);
    const found = await sessionOf(browser);
    expect(found?.session).toMatchObject({ amr: ['pwd'], authenticated_at: env.now(), user_id: ada.id });
    expect(found?.user.last_login).toBe(env.now());
    const events = await env.db.selectFrom('system_log').select('event_type').execute();
    expect(events.filter(({ event_type }) => event_type === 'user.session.start')).toHaveLength(1);
  });

  it('the session cookie is host-only, out of scripts’ reach, and ends with the browser', async () => {
    const answer = await browser.submit(await browser.get('/signin'), RIGHT);
    const [cookie] = answer.headers.getSetCookie().filter((line) => line.startsWith('idx='));
    expect(cookie).toMatch(/^idx=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=None$/);
  });
});

describe('an answer that is refused', () => {
  it('reads the same for a wrong password, an unknown name, and an account that is shut', async () => {
    const shut = ['SUSPENDED', 'DEPROVISIONED', 'STAGED', 'PROVISIONED', 'LOCKED_OUT', 'RECOVERY'];
    for (const status of shut) {
      const user = await makeUser(env, `${status.toLowerCase()}@example.com`);
      await env.db.updateTable('users').set({ status }).where('id', '=', user.id).execute();
    }
    const attempts = [
      { identifier: LOGIN, password: 'wrong' },
      { identifier: 'nobody@example.com', password: PASSWORD },
      ...shut.map((status) => ({ identifier: `${status.toLowerCase()}@example.com`, password: PASSWORD })),
    ];
    const answers = new Set<string>();
    for (const attempt of attempts) {
      const page = await browser.submit(await browser.get('/signin'), attempt);
      expect(page.status).toBe(400);
      expect(page.fields.identifier).toBe(attempt.identifier);
      answers.add(page.text.replace(attempt.identifier, ''));
    }
    expect([...answers]).toHaveLength(1);
    expect([...answers][0]).toContain('Unable to sign in');
    expect(browser.cookies.has('idx')).toBe(false);
  });

  it('costs one comparison of passwords, whoever is named', async () => {
    for (const identifier of [LOGIN, 'nobody@example.com']) {
      const page = await browser.get('/signin');
      const before = world.verifications();
      await browser.submit(page, { identifier, password: 'wrong' });
      expect(world.verifications() - before).toBe(1);
    }
  });

  it('keeps the name, not the password, and says in the title that something is wrong', async () => {
    const page = await browser.submit(await browser.get('/signin'), { identifier: LOGIN, password: 'my-secret-typo' });
    expect(page.text).not.toContain('my-secret-typo');
    expect(page.text).toContain('<title>Error: Sign in');
    expect(JSON.stringify(world.logged)).not.toContain('my-secret-typo');
  });

  it('locks the account after ten, and still reads the same with the right password', async () => {
    for (let i = 0; i < 10; i++)
      await browser.submit(await browser.get('/signin'), { identifier: LOGIN, password: 'wrong' });
    const page = await browser.submit(await browser.get('/signin'), RIGHT);
    expect(page.text).toContain('Unable to sign in');
    expect(browser.cookies.has('idx')).toBe(false);
  });

  it('asks for both when one is missing, without trying', async () => {
    const before = world.verifications();
    const page = await browser.submit(await browser.get('/signin'), { identifier: LOGIN, password: '' });
    expect(page.status).toBe(400);
    expect(page.text).toContain('Enter your username and your password.');
    expect(world.verifications()).toBe(before);
  });

  it('is a 429 with Retry-After after sixty from one address, and only there', async () => {
    const page = await browser.get('/signin');
    for (let i = 0; i < 60; i++) await browser.submit(page, { identifier: `n${i}@example.com`, password: 'x' });
    const limited = await browser.submit(page, RIGHT);
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '60']);
    const elsewhere = browserFor(appOf(world, '198.51.100.9'));
    expect((await elsewhere.submit(await elsewhere.get('/signin'), RIGHT)).status).toBe(303);
    world.advance(MINUTE);
    expect((await browser.submit(page, RIGHT)).status).toBe(303);
  });
});

describe('CSRF: a form is refused, and nobody is signed in,', () => {
  const refused = async (page: Awaited<ReturnType<TestBrowser['get']>>, one: TestBrowser) => {
    expect(page.status).toBe(403);
    expect(page.text).toContain('could not be accepted');
    expect(one.cookies.has('idx')).toBe(false);
  };

  it('without a token', async () => {
    await browser.get('/signin');
    await refused(await browser.post('/signin', RIGHT), browser);
  });

  it('without the browser’s cookie', async () => {
    const page = await browser.get('/signin');
    browser.cookies.clear();
    await refused(await browser.submit(page, RIGHT), browser);
  });

  it('with the token of another browser', async () => {
    const attacker = browserFor(app);
    const theirs = await attacker.get('/signin');
    await browser.get('/signin');
    await refused(await browser.submit(theirs, RIGHT), browser);
  });

  it('with a token made for another purpose', async () => {
    const one = await waiting(browser);
    const other = await waiting(browser);
    const page = await browser.get(`/signin?request=${one}`);
    await refused(await browser.submit(page, { ...RIGHT, request: other }), browser);
    const { csrf } = page.fields;
    await refused(await browser.post('/signin', { ...RIGHT, csrf: csrf ?? '' }), browser);
  });

  it('with the token given twice', async () => {
    const page = await browser.get('/signin');
    const twice = new URLSearchParams({ ...RIGHT, csrf: page.fields.csrf ?? '' });
    twice.append('csrf', page.fields.csrf ?? '');
    const cookie = `gh_browser=${browser.cookies.get('gh_browser')}`;
    const response = await app.fetch(
      new Request(`${ORG}/signin`, { method: 'POST', body: twice, headers: { cookie } }),
    );
    expect(response.status).toBe(403);
  });

  it.each(['application/json', 'text/plain', 'multipart/form-data; boundary=x'])('as %s', async (type) => {
    const page = await browser.get('/signin');
    await refused(await browser.post('/signin', { ...page.fields, ...RIGHT }, { 'content-type': type }), browser);
  });
});

describe('a waiting authorization request', () => {
  it('names the application, and leads back to it', async () => {
    const handle = await waiting(browser);
    const page = await browser.get(`/signin?request=${handle}`);
    expect(page.text).toContain('to continue to <strong>Data &lt;Catalogue&gt;</strong>');
    const answer = await browser.submit(page, RIGHT);
    expect([answer.status, answer.location]).toEqual([303, `/oauth2/resume?request=${handle}`]);
  });

  it('fills in the login hint', async () => {
    const handle = await waiting(browser, { login_hint: 'ada"@example.com' });
    const page = await browser.get(`/signin?request=${handle}`);
    expect(page.text).toContain('value="ada&quot;@example.com"');
  });

  it('is asked even of a signed-in person, whose name is filled in', async () => {
    await browser.submit(await browser.get('/signin'), RIGHT);
    const page = await browser.get(`/signin?request=${await waiting(browser)}`);
    expect([page.status, page.fields.identifier]).toEqual([200, LOGIN]);
  });

  it('survives a wrong password', async () => {
    const handle = await waiting(browser);
    const wrong = await browser.submit(await browser.get(`/signin?request=${handle}`), { ...RIGHT, password: 'wrong' });
    expect((await browser.submit(wrong, RIGHT)).location).toBe(`/oauth2/resume?request=${handle}`);
  });

  it('lets its form lead to the application by scheme, since browsers hold redirects to the policy too', async () => {
    const page = await browser.get(`/signin?request=${await waiting(browser)}`);
    expect(page.headers.get('content-security-policy')).toContain("form-action 'self' https:;");
    const own = await browser.get('/signin');
    expect(own.headers.get('content-security-policy')).toContain("form-action 'self';");
  });

  it('begun in one browser is neither shown nor finished in another', async () => {
    const handle = await waiting(browser);
    const page = await browser.get(`/signin?request=${handle}`);
    const other = browserFor(app);
    expect((await other.get(`/signin?request=${handle}`)).status).toBe(400);
    await other.get('/signin');
    const shown = await other.get(`/signin?request=${handle}`);
    expect(shown.status).toBe(400);
    expect(shown.text).not.toContain('<form');
    expect((await other.submit(page, RIGHT)).status).toBe(403);
    const { csrf } = (await other.get('/signin')).fields;
    expect((await other.post('/signin', { ...RIGHT, csrf: csrf ?? '', request: handle })).status).toBe(403);
    expect(other.cookies.has('idx')).toBe(false);
  });

  it.each(['', 'x', 'x'.repeat(10_000)])('that does not exist is an error page (%#)', async (handle) => {
    await browser.get('/signin');
    const page = await browser.get(`/signin?request=${handle}`);
    expect(page.status).toBe(400);
    expect(page.text).toContain('Request ID');
  });

  it('named twice is an error page', async () => {
    const handle = await waiting(browser);
    expect((await browser.get(`/signin?request=${handle}&request=${handle}`)).status).toBe(400);
  });

  it('that waited too long is an error page', async () => {
    const handle = await waiting(browser);
    world.advance(HOUR);
    expect((await browser.get(`/signin?request=${handle}`)).status).toBe(400);
  });
});

describe('session fixation', () => {
  it('a cookie that was there before is never the session after', async () => {
    const planted = 'A'.repeat(43);
    browser.cookies.set('idx', planted);
    await browser.submit(await browser.get('/signin'), RIGHT);
    expect(browser.cookies.get('idx')).not.toBe(planted);
    expect(await findSession(env, planted)).toBeNull();
  });

  it('a session of somebody else that was planted ends, and the new one is another', async () => {
    await makeUser(env, 'mallory@example.com');
    const attacker = browserFor(app);
    await attacker.submit(await attacker.get('/signin'), { identifier: 'mallory@example.com', password: PASSWORD });
    const planted = attacker.cookies.get('idx') ?? '';
    browser.cookies.set('idx', planted);
    const handle = await waiting(browser);
    await browser.submit(await browser.get(`/signin?request=${handle}`), RIGHT);
    expect(browser.cookies.get('idx')).not.toBe(planted);
    expect(await findSession(env, planted)).toBeNull();
    expect((await sessionOf(browser))?.user.id).toBe(ada.id);
  });

  it('signing in again gives the same session a fresh token and kills the old one', async () => {
    await browser.submit(await browser.get('/signin'), RIGHT);
    const before = await sessionOf(browser);
    const old = browser.cookies.get('idx') ?? '';
    world.advance(MINUTE);
    await browser.submit(await browser.get(`/signin?request=${await waiting(browser)}`), RIGHT);
    const after = await sessionOf(browser);
    expect(await findSession(env, old)).toBeNull();
    expect(after?.session).toMatchObject({ id: before?.session.id, authenticated_at: env.now() });
  });

  it('two session cookies count as none', async () => {
    await browser.submit(await browser.get('/signin'), RIGHT);
    const idx = browser.cookies.get('idx');
    const response = await app.fetch(new Request(`${ORG}/`, { headers: { cookie: `idx=${idx}; idx=planted` } }));
    expect(response.headers.get('location')).toBe('/signin');
  });
});

describe('where signing in leads', () => {
  it.each([
    ['/app?x=1', '/app?x=1'],
    ['https://portal.example.net/home', 'https://portal.example.net/home'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['https:evil.example', '/'],
    ['https://evil.example', '/'],
    ['/\r\nSet-Cookie: idx=x', '/'],
    ['javascript:alert(1)', '/'],
    ['https://portal.example.net@evil.example', '/'],
  ])('fromURI %j leads to %s', async (fromURI, expected) => {
    const page = await browser.get(`/signin?${new URLSearchParams({ fromURI })}`);
    // Whoever alters the hidden field gets no further than whoever wrote the link.
    const answer = await browser.submit(page, { ...RIGHT, fromURI });
    expect(answer.location).toBe(expected);
    expect((await browser.get(`/signin?${new URLSearchParams({ fromURI })}`)).location).toBe(expected);
  });

  it('the older address of the page passes a trusted place on', async () => {
    expect((await browser.get('/login/login.htm?fromURI=%2Fapp')).location).toBe('/signin?fromURI=%2Fapp');
    expect((await browser.get('/login/login.htm?fromURI=%2F%2Fevil.example')).location).toBe('/signin');
  });
});

it('a hostile Host or X-Forwarded-Host reaches no page, redirect or cookie', async () => {
  const hostile = { host: 'evil.example', 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' };
  const page = await browser.get('/signin', hostile);
  const answers = [page, await browser.post('/signin', { ...page.fields, ...RIGHT }, hostile)];
  answers.push(
    await browser.get('/', hostile),
    await browser.get('/signin?request=x', hostile),
    await browser.get('/welcome/x', hostile),
  );
  for (const { text, headers } of answers)
    expect(`${text}${JSON.stringify([...headers])}`).not.toContain('evil.example');
});

async function waiting(one: TestBrowser, parameters: Record<string, string> = {}): Promise<string> {
  // Whichever of the two shows a page and not a redirect gives the browser its cookie.
  for (const path of ['/signin', '/']) if (!one.cookies.has('gh_browser')) await one.get(path);
  await insertClient();
  return keepAuthorizationRequest(env, {
    serverId: 'aus1',
    clientId: '0oaCLIENT',
    parameters: { redirect_uri: 'https://app.example/callback', ...parameters },
    browserId: one.cookies.get('gh_browser') ?? '',
  });
}

async function insertClient(): Promise<void> {
  await env.db
    .insertInto('applications')
    .values({
      id: '0oaCLIENT',
      client_id: '0oaCLIENT',
      name: 'oidc_client',
      label: 'Data <Catalogue>',
      label_key: 'data',
      status: 'ACTIVE',
      sign_on_mode: 'OPENID_CONNECT',
      features: toJson([]),
      accessibility: toJson({}),
      visibility: toJson({}),
      credentials: toJson({}),
      settings: toJson({}),
      created: env.now(),
      last_updated: env.now(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

async function trust(origin: string): Promise<void> {
  await env.db
    .insertInto('trusted_origins')
    .values({
      id: 'tos1',
      name: origin,
      origin,
      scopes: toJson([{ type: 'REDIRECT' }]),
      status: 'ACTIVE',
      created: env.now(),
      created_by: 'x',
      last_updated: env.now(),
      last_updated_by: 'x',
    })
    .execute();
}
