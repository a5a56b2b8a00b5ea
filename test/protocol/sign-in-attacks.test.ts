// Attacks on the way from "who are you" to a session: CSRF, fixation, open redirects, two browsers, guessing. Peers 6b.3, 6b.9.
import { describe, expect, test } from 'vitest';
import { enrollCodeApp, requireFactorOf } from '../support/factors.ts';
import { followGuide, makeUser } from '../support/guide.ts';
import { formOf } from '../support/html.ts';
import { type LogEvent, managementApi } from '../support/management-api.ts';
import { authorizeUrl, mustLeave, newPkce } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { asksWhoYouAre, newUserAgent, type UserAgent, type Visit } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const right = { identifier: guide.user.login, password: guide.user.password };

async function atTheForm(changes: Record<string, string> = {}): Promise<{ agent: UserAgent; page: Visit }> {
  const agent = newUserAgent(server);
  const page = await agent.open(authorizeUrl(guide, newPkce(), changes));
  expect(asksWhoYouAre(page)).toBe(true);
  return { agent, page };
}

/** Whether this browser has a session, by the only thing that a session is good for. */
async function isSignedIn(agent: UserAgent): Promise<boolean> {
  const visit = await agent.open(authorizeUrl(guide, newPkce(), { prompt: 'none' }));
  return mustLeave(visit).searchParams.has('code');
}

/** Submits the form as it is, as another site's page would make a browser do it. */
async function submitFrom(agent: UserAgent, page: Visit, headers: Record<string, string>, changes: object = {}) {
  const form = formOf(page.html);
  const body = new URLSearchParams({ ...form?.fields, ...right, ...changes });
  return agent.send(new URL(form?.action || page.url, page.url), { method: 'POST', headers, body });
}

describe('the sign-in form', () => {
  test('does not work without its hidden value', async () => {
    const { agent, page } = await atTheForm();
    const hidden = Object.keys(formOf(page.html)?.fields ?? {}).filter(
      (name) => name !== 'identifier' && name !== 'password',
    );
    expect(hidden.length).toBeGreaterThan(0);
    for (const name of hidden)
      for (const value of ['', 'made-up']) {
        await submitFrom(agent, page, { origin: server.url }, { [name]: value });
        expect(await isSignedIn(agent), `${name}=${value}`).toBe(false);
      }
  });

  test('does not work with the hidden value of another browser', async () => {
    const attacker = await atTheForm();
    const victim = await atTheForm();
    await submitFrom(victim.agent, attacker.page, { origin: server.url });
    expect(await isSignedIn(victim.agent)).toBe(false);
  });

  test('does not work in a browser without cookies, as a foreign page would submit it', async () => {
    const attacker = await atTheForm();
    const victim = newUserAgent(server);
    await submitFrom(victim, attacker.page, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' });
    expect(await isSignedIn(victim)).toBe(false);
  });

  test('works once it is used as meant', async () => {
    const { agent, page } = await atTheForm();
    expect(mustLeave(await agent.submit(page, right)).searchParams.get('code')).toBeTruthy();
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('is a page that no site may frame, no script may enter and no cache may keep', async () => {
    const { page } = await atTheForm();
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toMatch(/default-src 'none'|default-src 'self'/);
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'/);
    expect(page.html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/i);
    expect(page.html).not.toMatch(/\son\w+=/i);
    expect(page.headers.get('cache-control')).toContain('no-store');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect(page.headers.get('referrer-policy')).toBeTruthy();
  });

  test('never shows a typed password again', async () => {
    const { agent, page } = await atTheForm();
    const visit = await agent.submit(page, { identifier: guide.user.login, password: 'Wrong-password-1' });
    expect(visit.html).not.toContain('Wrong-password-1');
    expect(formOf(visit.html)?.fields.identifier).toBe(guide.user.login);
  });
});

describe('a session', () => {
  test('never takes an id that was planted before the sign-in', async () => {
    const { agent, page } = await atTheForm();
    agent.cookies.set('idx', 'planted-by-the-attacker');
    await agent.submit(page, right);
    expect(agent.cookies.get('idx')).not.toBe('planted-by-the-attacker');
    const attacker = newUserAgent(server);
    attacker.cookies.set('idx', 'planted-by-the-attacker');
    expect(await isSignedIn(attacker)).toBe(false);
  });

  test('gets a new id when the user signs in again, and the old one is dead', async () => {
    const { agent, page } = await atTheForm();
    await agent.submit(page, right);
    const before = agent.cookies.get('idx') ?? '';
    const again = await agent.open(authorizeUrl(guide, newPkce(), { prompt: 'login' }));
    await agent.submit(again, right);
    expect(agent.cookies.get('idx')).not.toBe(before);
    const thief = newUserAgent(server);
    thief.cookies.set('idx', before);
    expect(await isSignedIn(thief)).toBe(false);
  });

  test('of one user is not handed to whoever signs in next in the same browser', async () => {
    const { agent, page } = await atTheForm();
    await agent.submit(page, right);
    const other = await followGuide(server);
    const visit = await agent.open(authorizeUrl(other, newPkce(), { prompt: 'login' }));
    mustLeave(await agent.submit(visit, { identifier: other.user.login, password: other.user.password }));
    const me = await agent.send(`${server.url}/api/v1/sessions/me`);
    expect(await me.json()).toMatchObject({ login: other.user.login });
  });
});

describe('two browsers', () => {
  test('cannot share a sign-in: its address opens only where it began', async () => {
    const attacker = await atTheForm({ state: 'of-the-attacker' });
    const newcomer = newUserAgent(server);
    const { agent: regular } = await atTheForm();
    const { agent: signedIn, page } = await atTheForm();
    await signedIn.submit(page, right);
    for (const victim of [newcomer, regular, signedIn]) {
      const visit = await victim.open(attacker.page.url);
      expect(visit.left).toBeNull();
      expect(visit.status).toBe(400);
      expect(asksWhoYouAre(visit)).toBe(false);
    }
  });

  test('cannot share what comes after it: the attacker’s request does not go on in the victim’s browser', async () => {
    const attacker = await atTheForm({ state: 'of-the-attacker' });
    const handle = attacker.page.url.searchParams.get('request') ?? '';
    expect(handle).toHaveLength(43);
    const victim = await atTheForm();
    await victim.agent.submit(victim.page, right);
    for (const path of ['/oauth2/resume', '/oauth2/consent', '/signin']) {
      const visit = await victim.agent.open(`${path}?request=${handle}`);
      expect(visit.left, path).toBeNull();
      expect(visit.status, path).toBe(400);
    }
  });

  test('cannot be crossed: the attacker does not get on with what the victim finished', async () => {
    const attacker = await atTheForm();
    const victim = await atTheForm();
    await victim.agent.submit(victim.page, right);
    const visit = await attacker.agent.open(victim.page.url);
    expect(visit.left?.searchParams.get('code') ?? null).toBeNull();
    expect(await isSignedIn(attacker.agent)).toBe(false);
  });

  test('do not disturb two windows of one browser: each gets its own answer', async () => {
    const agent = newUserAgent(server);
    const first = await agent.open(authorizeUrl(guide, newPkce(), { state: 'first' }));
    const second = await agent.open(authorizeUrl(guide, newPkce(), { state: 'second' }));
    expect(mustLeave(await agent.submit(second, right)).searchParams.get('state')).toBe('second');
    expect(mustLeave(await agent.signIn(first.url, guide.user)).searchParams.get('state')).toBe('first');
  });

  test('a finished sign-in cannot be finished again with the back button', async () => {
    const { agent, page } = await atTheForm();
    const code = mustLeave(await agent.submit(page, right)).searchParams.get('code');
    const again = await agent.submit(page, right);
    expect(again.left?.searchParams.get('code') ?? null).not.toBe(code);
    if (again.left === null) expect(again.status).toBe(400);
  });
});

describe('a redirect never leaves for a place that nobody registered', () => {
  const targets = [
    'https://evil.example/',
    '//evil.example/',
    '/\\evil.example',
    '\\\\evil.example',
    'https:evil.example',
    '/%2f%2fevil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://localhost@evil.example/',
  ];
  const names = [
    'fromURI',
    'redirectUrl',
    'redirect_uri',
    'returnTo',
    'next',
    'RelayState',
    'target',
    'post_logout_redirect_uri',
  ];

  test.each(['/', '/login', '/login/login.htm', '/signin', '/login/signout', '/login/default'])(
    'from %s',
    async (path) => {
      for (const target of targets)
        for (const name of names) {
          const visit = await newUserAgent(server).open(`${path}?${new URLSearchParams({ [name]: target })}`);
          expect(visit.left?.href ?? null, `${path}?${name}=${target}`).toBeNull();
          expect(visit.html).not.toMatch(/href="(https:\/\/evil|\/\/evil|javascript:)/);
        }
    },
  );

  test('nor after signing in there', async () => {
    for (const target of targets) {
      const agent = newUserAgent(server);
      const visit = await agent.signIn(`/login/login.htm?${new URLSearchParams({ fromURI: target })}`, guide.user);
      expect(visit.left?.href ?? null, target).toBeNull();
    }
  });

  test('from /login/sessionCookieRedirect, which also keeps its session for trusted targets', async () => {
    for (const redirectUrl of targets) {
      const answer = await fetch(`${server.url}/api/v1/authn`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: guide.user.login, password: guide.user.password }),
      });
      const { sessionToken: token } = (await answer.json()) as { sessionToken: string };
      const agent = newUserAgent(server);
      const query = new URLSearchParams({ checkAccountSetupComplete: 'true', token, redirectUrl });
      const visit = await agent.open(`/login/sessionCookieRedirect?${query}`);
      expect(visit.left?.href ?? null, redirectUrl).toBeNull();
    }
  });

  test('but /login/sessionCookieRedirect serves an origin that is trusted for redirects', async () => {
    const origin = 'https://portal.example';
    await guide.api.post('/api/v1/trustedOrigins', { name: 'Portal', origin, scopes: [{ type: 'REDIRECT' }] });
    const answer = await fetch(`${server.url}/api/v1/authn`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: guide.user.login, password: guide.user.password }),
    });
    const { sessionToken: token } = (await answer.json()) as { sessionToken: string };
    const agent = newUserAgent(server);
    const query = new URLSearchParams({ token, redirectUrl: `${origin}/home?a=b` });
    const visit = await agent.open(`/login/sessionCookieRedirect?${query}`);
    expect(mustLeave(visit).href).toBe(`${origin}/home?a=b`);
    expect(await isSignedIn(agent)).toBe(true);
  });
});

describe('guessing', () => {
  const plain = (html: string, login: string) =>
    html
      .replaceAll(login, 'LOGIN')
      .replaceAll(/value="[\w-]{20,}"/g, '')
      .replaceAll(/[\w-]{20,}/g, '');

  async function guess(login: string, times: number): Promise<string[]> {
    const { agent, page } = await atTheForm();
    const pages: string[] = [];
    let visit = page;
    for (let turn = 0; turn < times; turn++) {
      visit = await agent.submit(visit, { identifier: login, password: `Wrong-password-${turn}` });
      expect(visit.left).toBeNull();
      expect(asksWhoYouAre(visit)).toBe(true);
      pages.push(`${visit.status} ${plain(visit.html, login)}`);
    }
    return pages;
  }

  test('a name meets the same pages whether or not it exists, also past the lock-out', async () => {
    const person = await makeUser(guide.api);
    const known = await guess(person.login, 12);
    const unknown = await guess('ada-000000000000@example.com', 12);
    expect(unknown).toEqual(known);
  });

  test('ten wrong passwords lock the account: the right one is then refused in the same words', async () => {
    const person = await makeUser(guide.api);
    const [first] = await guess(person.login, 10);
    const { agent, page } = await atTheForm();
    const visit = await agent.submit(page, { identifier: person.login, password: person.password });
    expect(visit.left).toBeNull();
    expect(`${visit.status} ${plain(visit.html, person.login)}`).toBe(first);
    const { status } = await guide.api.get<{ status: string }>(`/api/v1/users/${person.id}`);
    expect(status).toBe('LOCKED_OUT');
    await guide.api.post(`/api/v1/users/${person.id}/lifecycle/unlock`);
    const after = newUserAgent(server);
    await after.signIn('/login/login.htm', person);
    expect((await after.send(`${server.url}/api/v1/sessions/me`)).status).toBe(200);
  });

  test('another spelling of a login counts for the same account', async () => {
    const person = await makeUser(guide.api);
    await guess(person.login.toUpperCase(), 5);
    await guess(` ${person.login} `, 5);
    const { status } = await guide.api.get<{ status: string }>(`/api/v1/users/${person.id}`);
    expect(status).toBe('LOCKED_OUT');
  });

  test('every failed sign-in is an event that names the account and holds no password', async () => {
    const person = await makeUser(guide.api);
    await guess(person.login, 1);
    const events = await guide.api.get<LogEvent[]>(
      `/api/v1/logs?filter=${encodeURIComponent('eventType eq "user.session.start" and outcome.result eq "FAILURE"')}&limit=1000`,
    );
    expect(events.filter((event) => event.actor.alternateId === person.login)).toHaveLength(1);
    expect(JSON.stringify(events)).not.toContain('Wrong-password');
  });
});

describe('a further factor that policy requires', () => {
  /** A person of a group whose sign-on policy wants one, with a code app. */
  async function guarded() {
    const person = await makeUser(guide.api);
    await guide.api.post(`/api/v1/apps/${guide.app.id}/users`, { id: person.id, scope: 'USER' });
    const app = await enrollCodeApp(guide.api, person.id);
    await requireFactorOf(guide.api, person.id);
    return { person, app };
  }

  const authn = (path: string, body: object) =>
    managementApi(server, null).request<{ status: string; stateToken: string }>('POST', `/api/v1/authn${path}`, body);

  test('is asked before there is a session, and no half of a sign-in stands for one', async () => {
    const { person, app } = await guarded();
    const agent = newUserAgent(server);
    const challenge = await agent.signIn(authorizeUrl(guide, newPkce()), person);
    const pending = formOf(challenge.html)?.fields.pending ?? '';
    expect(pending).not.toBe('');
    expect(await isSignedIn(agent)).toBe(false);
    const { stateToken } = (await authn('', { username: person.login, password: person.password })).body;
    for (const token of [pending, stateToken]) {
      const thief = newUserAgent(server);
      thief.cookies.set('idx', token);
      expect(await isSignedIn(thief)).toBe(false);
      const visit = await thief.open(authorizeUrl(guide, newPkce(), { sessionToken: token, prompt: 'none' }));
      expect(mustLeave(visit).searchParams.get('error')).toBe('login_required');
      const bought = await guide.api.request('POST', '/api/v1/sessions', { sessionToken: token });
      expect(bought.status).toBe(401);
    }
    const wrong = await agent.submit(challenge, { passCode: '000000' });
    expect([wrong.status, await isSignedIn(agent)]).toEqual([400, false]);
    expect(mustLeave(await agent.submit(wrong, { passCode: app.code() })).searchParams.has('code')).toBe(true);
    expect(await isSignedIn(agent)).toBe(true);
  });

  test('takes a code once, by pages and API together', async () => {
    const { person, app } = await guarded();
    const passCode = app.code();
    const path = `/factors/${app.id}/verify`;
    const states = await Promise.all(
      [1, 2, 3, 4].map(async () => (await authn('', { username: person.login, password: person.password })).body),
    );
    const agent = newUserAgent(server);
    const challenge = await agent.signIn(authorizeUrl(guide, newPkce()), person);
    const answers = await Promise.all(states.map(({ stateToken }) => authn(path, { stateToken, passCode })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403]);
    expect((await agent.submit(challenge, { passCode })).left).toBeNull();
    expect(await isSignedIn(agent)).toBe(false);
  });

  test('shuts the account when it is guessed, from however many sign-ins at once', async () => {
    const { person, app } = await guarded();
    const states = await Promise.all(
      [1, 2, 3].map(async () => (await authn('', { username: person.login, password: person.password })).body),
    );
    const path = `/factors/${app.id}/verify`;
    const guesses = Array.from({ length: 12 }, (_, guess) => states[guess % states.length]?.stateToken);
    await Promise.all(guesses.map((stateToken) => authn(path, { stateToken, passCode: '000000' })));
    expect((await guide.api.get<{ status: string }>(`/api/v1/users/${person.id}`)).status).toBe('LOCKED_OUT');
    for (const { stateToken } of states)
      expect((await authn(path, { stateToken, passCode: app.code() })).status).toBeGreaterThanOrEqual(400);
  });
});
