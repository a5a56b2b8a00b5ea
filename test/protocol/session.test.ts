// Sessions at the authorize endpoint: prompt, max_age, login_hint, sessionToken (contract 1.2, 1.3) and /sessions/me (4.10).
import { describe, expect, test } from 'vitest';
import { followGuide, makeUser } from '../support/guide.ts';
import { formOf } from '../support/html.ts';
import type { ApiError } from '../support/management-api.ts';
import { authorizeUrl, codeFor, mustLeave, newPkce, redeem } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { asksWhoYouAre, newUserAgent, type UserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);

async function signedIn(): Promise<UserAgent> {
  const agent = newUserAgent(server);
  mustLeave(await agent.signIn(authorizeUrl(guide, newPkce()), guide.user));
  return agent;
}

const open = (agent: UserAgent, changes: Record<string, string | null>) =>
  agent.open(authorizeUrl(guide, newPkce(), changes));

async function claimsAfter(agent: UserAgent, changes: Record<string, string | null>): Promise<Record<string, unknown>> {
  const { body } = await redeem(guide, await codeFor(agent, guide, guide.user, changes));
  return JSON.parse(Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString());
}

async function sessionTokenFor(person: { login: string; password: string }): Promise<string> {
  const response = await fetch(`${server.url}/api/v1/authn`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ username: person.login, password: person.password }),
  });
  const body = (await response.json()) as { status: string; sessionToken: string };
  expect(body.status).toBe('SUCCESS');
  return body.sessionToken;
}

describe('prompt=none', () => {
  test('never shows a page: without a session the callback hears login_required', async () => {
    const callback = mustLeave(await open(newUserAgent(server), { prompt: 'none', state: 'xyz' }));
    expect(Object.fromEntries(callback.searchParams)).toEqual({
      state: 'xyz',
      error: 'login_required',
      error_description: 'The client specified not to prompt, but the user is not logged in.',
    });
  });

  test('with a session gives a code', async () => {
    const callback = mustLeave(await open(await signedIn(), { prompt: 'none' }));
    expect(callback.searchParams.get('code')).toBeTruthy();
  });

  test('delivers its error through okta_post_message, as a hidden frame expects', async () => {
    const visit = await open(newUserAgent(server), {
      prompt: 'none',
      response_mode: 'okta_post_message',
      state: 'xyz',
    });
    expect(visit.status).toBe(200);
    expect(visit.html).toContain('login_required');
    expect(visit.html).toContain('xyz');
  });

  test('does not take the session of a user who is no longer active', async () => {
    const person = await makeUser(guide.api);
    await guide.api.post(`/api/v1/apps/${guide.app.id}/users`, { id: person.id, scope: 'USER' });
    const agent = newUserAgent(server);
    mustLeave(await agent.signIn(authorizeUrl(guide, newPkce()), person));
    await guide.api.post(`/api/v1/users/${person.id}/lifecycle/suspend`);
    const callback = mustLeave(await open(agent, { prompt: 'none' }));
    expect(callback.searchParams.get('error')).toBe('login_required');
  });
});

describe('prompt=login', () => {
  test('asks for the password even with a session, and then gives a code', async () => {
    const agent = await signedIn();
    const visit = await open(agent, { prompt: 'login' });
    expect(asksWhoYouAre(visit)).toBe(true);
    const after = await agent.signIn(visit.url, guide.user);
    expect(mustLeave(after).searchParams.get('code')).toBeTruthy();
  });

  test('cannot be dodged by going back to the authorize request without answering', async () => {
    const agent = await signedIn();
    const first = await open(agent, { prompt: 'login' });
    const again = await agent.open(first.url);
    expect(again.left).toBeNull();
    expect(asksWhoYouAre(again)).toBe(true);
  });
});

describe('max_age', () => {
  test('that the session satisfies asks for nothing, and auth_time is the time of the sign-in', async () => {
    const agent = await signedIn();
    const before = await claimsAfter(agent, {});
    const claims = await claimsAfter(agent, { max_age: '10000' });
    expect(claims.auth_time).toBe(before.auth_time);
  });

  test('0 asks for the password again, once', async () => {
    const agent = await signedIn();
    const visit = await open(agent, { max_age: '0' });
    expect(asksWhoYouAre(visit)).toBe(true);
    const callback = mustLeave(await agent.signIn(visit.url, guide.user));
    expect(callback.searchParams.get('code')).toBeTruthy();
  });
});

describe('login_hint', () => {
  test('stands in the identifier field', async () => {
    const visit = await open(newUserAgent(server), { login_hint: guide.user.login });
    expect(formOf(visit.html)?.fields.identifier).toBe(guide.user.login);
  });

  test('is text, never markup', async () => {
    const visit = await open(newUserAgent(server), { login_hint: '"><script>alert(1)</script>' });
    expect(visit.html).not.toContain('<script>alert');
    expect(formOf(visit.html)?.fields.identifier).toBe('"><script>alert(1)</script>');
  });
});

describe('sessionToken', () => {
  test('signs in without a page and begins a session', async () => {
    const agent = newUserAgent(server);
    const sessionToken = await sessionTokenFor(guide.user);
    const callback = mustLeave(await open(agent, { prompt: 'none', sessionToken }));
    expect(callback.searchParams.get('code')).toBeTruthy();
    const again = mustLeave(await open(agent, { prompt: 'none' }));
    expect(again.searchParams.get('code')).toBeTruthy();
  });

  test('works once', async () => {
    const sessionToken = await sessionTokenFor(guide.user);
    mustLeave(await open(newUserAgent(server), { prompt: 'none', sessionToken }));
    const second = mustLeave(await open(newUserAgent(server), { prompt: 'none', sessionToken }));
    expect(second.searchParams.get('error')).toBe('login_required');
  });

  test('works once, even when fifty browsers bring it at the same time', async () => {
    const sessionToken = await sessionTokenFor(guide.user);
    const callbacks = await Promise.all(
      Array.from({ length: 50 }, async () =>
        mustLeave(await open(newUserAgent(server), { prompt: 'none', sessionToken })),
      ),
    );
    expect(callbacks.filter((callback) => callback.searchParams.has('code'))).toHaveLength(1);
  });

  test('of another person ends the session that the browser had', async () => {
    const agent = await signedIn();
    const former = agent.cookies.get('idx') ?? '';
    const other = await makeUser(guide.api);
    mustLeave(await open(agent, { prompt: 'none', sessionToken: await sessionTokenFor(other) }));
    expect(agent.cookies.get('idx')).not.toBe(former);
    const thief = newUserAgent(server);
    thief.cookies.set('idx', former);
    const callback = mustLeave(await open(thief, { prompt: 'none' }));
    expect(callback.searchParams.get('error')).toBe('login_required');
  });

  test('that was made up is no session', async () => {
    const callback = mustLeave(await open(newUserAgent(server), { prompt: 'none', sessionToken: 'made-up' }));
    expect(callback.searchParams.get('error')).toBe('login_required');
  });

  test('is not given for a wrong password, and an unknown user gets the same answer', async () => {
    const answers = await Promise.all(
      [guide.user.login, 'nobody@example.com'].map(async (username) => {
        const response = await fetch(`${server.url}/api/v1/authn`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ username, password: 'Wrong-password-1' }),
        });
        const { errorId: _, ...body } = (await response.json()) as ApiError;
        return { status: response.status, body };
      }),
    );
    expect(answers[0]).toMatchObject({
      status: 401,
      body: { errorCode: 'E0000004', errorSummary: 'Authentication failed', errorCauses: [] },
    });
    expect(answers[1]).toEqual(answers[0]);
  });
});

describe('/api/v1/users/me/lifecycle/delete_sessions', () => {
  const path = `${server.url}/api/v1/users/me/lifecycle/delete_sessions`;
  const send = (agent: UserAgent, body: object, origin = server.url) =>
    agent.send(path, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const isSignedIn = async (agent: UserAgent) => (await agent.send(`${server.url}/api/v1/sessions/me`)).status === 200;

  test("ends the person's other sessions, and their own when asked to", async () => {
    const [here, there] = [await signedIn(), await signedIn()];
    expect((await send(newUserAgent(server), {})).status).toBe(403);
    expect((await send(here, {}, 'https://evil.example')).status).toBe(403);
    expect([await isSignedIn(here), await isSignedIn(there)]).toEqual([true, true]);
    expect((await send(here, {})).status).toBe(204);
    expect([await isSignedIn(here), await isSignedIn(there)]).toEqual([true, false]);
    expect((await send(here, { keepCurrent: false })).status).toBe(204);
    expect(await isSignedIn(here)).toBe(false);
  });
});

describe('/api/v1/sessions/me', () => {
  test('shows the session of the cookie, and its end ends it everywhere', async () => {
    const agent = await signedIn();
    const shown = await agent.send(`${server.url}/api/v1/sessions/me`);
    expect(shown.status).toBe(200);
    expect(await shown.json()).toMatchObject({ status: 'ACTIVE', login: guide.user.login, userId: guide.user.id });
    const headers = { origin: server.url };
    const cookie = new Map(agent.cookies);
    const ended = await agent.send(`${server.url}/api/v1/sessions/me`, { method: 'DELETE', headers });
    expect(ended.status).toBe(204);
    const thief = newUserAgent(server);
    for (const [name, value] of cookie) thief.cookies.set(name, value);
    expect((await thief.send(`${server.url}/api/v1/sessions/me`)).status).toBe(404);
    expect(mustLeave(await open(thief, { prompt: 'none' })).searchParams.get('error')).toBe('login_required');
  });

  test('without a session is a 404', async () => {
    const response = await newUserAgent(server).send(`${server.url}/api/v1/sessions/me`);
    expect(response.status).toBe(404);
    expect(((await response.json()) as ApiError).errorCode).toBe('E0000007');
  });

  test('is readable with credentials by a page of a trusted origin, and by no other', async () => {
    await guide.api.post('/api/v1/trustedOrigins', {
      name: 'Portal',
      origin: 'http://portal.example:8088',
      scopes: [{ type: 'CORS' }],
    });
    const agent = await signedIn();
    const from = async (origin: string) =>
      (await agent.send(`${server.url}/api/v1/sessions/me`, { headers: { origin } })).headers;
    const trusted = await from('http://portal.example:8088');
    expect(trusted.get('access-control-allow-origin')).toBe('http://portal.example:8088');
    expect(trusted.get('access-control-allow-credentials')).toBe('true');
    const foreign = await from('http://evil.example:8088');
    expect(foreign.get('access-control-allow-origin')).toBeNull();
    expect(foreign.get('access-control-allow-credentials')).toBeNull();
  });
});

describe('the session cookie', () => {
  test('is out of reach of scripts and of other hosts', async () => {
    const agent = newUserAgent(server);
    const page = await agent.open(authorizeUrl(guide, newPkce()));
    const form = formOf(page.html);
    const body = new URLSearchParams({
      ...form?.fields,
      identifier: guide.user.login,
      password: guide.user.password,
    });
    const action = new URL(form?.action || page.url, page.url);
    const response = await agent.send(action, { method: 'POST', body, headers: { origin: server.url } });
    const line = response.headers.getSetCookie().find((cookie) => cookie.startsWith('idx='));
    expect(line).toMatch(/; HttpOnly/i);
    expect(line).toMatch(/; Path=\//i);
    expect(line).toMatch(/; SameSite=/i);
    expect(line).not.toMatch(/; Domain=/i);
  });
});
