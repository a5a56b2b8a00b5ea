import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { ensureEveryone } from '../core/groups.ts';
import { hasAdministrator } from '../core/roles.ts';
import { findSession, startSession } from '../core/sessions.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { expirePassword } from '../core/user-credentials.ts';
import { getUser, type User } from '../core/users.ts';
import { type App, appOf, browserFor, linkToken, makeUser, PASSWORD, type TestBrowser } from './test-browser.ts';

const LOGIN = 'ada@example.com';
const NEW = 'Different-Horse-8';
const TWICE = { newPassword: NEW, confirmPassword: NEW };

let world: TestEnv;
let env: Env;
let app: App;
let browser: TestBrowser;

beforeEach(async () => {
  world = await createTestEnv();
  env = world.env;
  await ensureEveryone(env);
  app = appOf(world);
  browser = browserFor(app);
});
afterEach(() => world.close());

const statusOf = async (user: User) => (await getUser(env, user.id)).status;
const signIn = async (one: TestBrowser, password: string) =>
  one.submit(await one.get('/signin'), { identifier: LOGIN, password });

describe('an activation link', () => {
  const invite = async () => {
    const user = await makeUser(env, LOGIN, { password: null });
    return { user, path: `/welcome/${await linkToken(env, 'activation', user.id)}` };
  };

  it('lets the person choose a password, activates the account and signs in', async () => {
    const { user, path } = await invite();
    const page = await browser.get(path);
    expect(page.text).toContain(LOGIN);
    const answer = await browser.submit(page, TWICE);
    expect([answer.status, answer.location]).toEqual([303, '/']);
    expect(await statusOf(user)).toBe('ACTIVE');
    expect((await browser.get('/')).text).toContain(LOGIN);
  });

  it('can be opened as often as a mail scanner likes, and used once', async () => {
    const { path } = await invite();
    const pages = [await browser.get(path), await browser.get(path), await browser.get(path)];
    for (const page of pages) expect(page.status).toBe(200);
    const [first] = pages;
    if (!first) throw new Error('no page');
    expect((await browser.submit(first, TWICE)).status).toBe(303);
    const again = await browser.submit(first, TWICE);
    expect([again.status, again.text.includes('no longer works')]).toEqual([403, true]);
    expect((await browser.get(path)).status).toBe(403);
  });

  it('of twenty uses at once one succeeds', async () => {
    const { path } = await invite();
    const page = await browser.get(path);
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.submit(page, TWICE)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
  });

  it('says at the field what the policy asks for, and still works', async () => {
    const { path } = await invite();
    const weak = await browser.submit(await browser.get(path), { newPassword: 'short', confirmPassword: 'short' });
    expect(weak.status).toBe(400);
    expect(weak.text).toMatch(/aria-describedby="newPassword-hint newPassword-error" aria-invalid="true"/);
    expect(weak.text).toContain('At least 8 characters');
    expect(weak.text).not.toContain('value="short"');
    const different = await browser.submit(weak, { newPassword: NEW, confirmPassword: `${NEW}x` });
    expect(different.text).toContain('The two passwords are not the same');
    expect((await browser.submit(different, TWICE)).status).toBe(303);
  });

  it('of another kind or none is a page that says so', async () => {
    const { user } = await invite();
    const recovery = await linkToken(env, 'recovery', user.id);
    for (const path of [`/welcome/${recovery}`, '/welcome/x', '/reset_password/x', `/welcome/${'x'.repeat(5000)}`])
      expect((await browser.get(path)).status).toBe(403);
  });

  it('is not accepted with the token of another browser', async () => {
    const { user, path } = await invite();
    const attacker = browserFor(app);
    const theirs = await attacker.get(path);
    await browser.get('/signin');
    expect((await browser.submit(theirs, TWICE)).status).toBe(403);
    expect(await statusOf(user)).toBe('PROVISIONED');
  });
});

describe('a recovery link', () => {
  it('sets a new password, ends every session, and signs in', async () => {
    const user = await makeUser(env, LOGIN);
    const { token } = await startSession(env, { userId: user.id, amr: ['pwd'], authenticatedAt: env.now() });
    const path = `/reset_password/${await linkToken(env, 'recovery', user.id)}`;
    expect((await browser.submit(await browser.get(path), TWICE)).status).toBe(303);
    expect(await findSession(env, token)).toBeNull();
    expect((await browser.get('/')).text).toContain(LOGIN);
    const other = browserFor(app);
    expect((await signIn(other, PASSWORD)).status).toBe(400);
    expect((await signIn(other, NEW)).status).toBe(303);
  });
});

describe('an expired password', () => {
  const expire = async () => {
    const user = await makeUser(env, LOGIN);
    await expirePassword(env, user.id, { temporary: false });
    return user;
  };

  it('must be replaced before a session begins', async () => {
    const user = await expire();
    const asked = await signIn(browser, PASSWORD);
    expect([asked.status, browser.cookies.has('idx')]).toEqual([200, false]);
    expect(asked.text).toContain('Choose a new password');
    const answer = await browser.submit(asked, TWICE);
    expect([answer.status, answer.location, browser.cookies.has('idx')]).toEqual([303, '/', true]);
    expect(await statusOf(user)).toBe('ACTIVE');
    expect((await signIn(browserFor(app), PASSWORD)).status).toBe(400);
  });

  it('leads on to where the person was going', async () => {
    await expire();
    const page = await browser.get('/signin?fromURI=%2Fapp');
    const asked = await browser.submit(page, { identifier: LOGIN, password: PASSWORD });
    expect((await browser.submit(asked, TWICE)).location).toBe('/app');
  });

  it('is not replaced by itself, nor by a weak one', async () => {
    const user = await expire();
    const asked = await signIn(browser, PASSWORD);
    const same = await browser.submit(asked, { newPassword: PASSWORD, confirmPassword: PASSWORD });
    expect(same.text).toContain('This is your present password');
    expect((await browser.submit(same, { newPassword: 'weak', confirmPassword: 'weak' })).status).toBe(400);
    expect(await statusOf(user)).toBe('PASSWORD_EXPIRED');
  });

  it('is asked of nobody who does not know it', async () => {
    await expire();
    const asked = await signIn(browser, 'wrong');
    expect([asked.status, asked.text.includes('Choose a new password')]).toEqual([400, false]);
  });

  it('cannot be replaced from another browser, twice, or after a quarter of an hour', async () => {
    const user = await expire();
    const asked = await signIn(browser, PASSWORD);
    const other = browserFor(app);
    await other.get('/signin');
    expect((await other.submit(asked, TWICE)).status).toBe(403);
    const answers = await Promise.all([1, 2, 3].map(() => browser.submit(asked, TWICE)));
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    await expirePassword(env, user.id, { temporary: false });
    const late = browserFor(app);
    const lateAsked = await late.submit(await late.get('/signin'), { identifier: LOGIN, password: NEW });
    world.advance(15 * MINUTE);
    expect(
      (await late.submit(lateAsked, { newPassword: 'Third-Horse-9', confirmPassword: 'Third-Horse-9' })).status,
    ).toBe(400);
  });

  it('a proof by a password that was replaced meanwhile is worth nothing', async () => {
    const user = await expire();
    const asked = await signIn(browser, PASSWORD);
    world.advance(MINUTE);
    await expirePassword(env, user.id, { temporary: true });
    const answer = await browser.submit(asked, TWICE);
    expect([answer.status, browser.cookies.has('idx')]).toEqual([400, false]);
  });
});

describe('the set-up link', () => {
  const WHO = { firstName: 'Grace', lastName: 'Hopper', email: 'grace@example.com', ...TWICE };
  const link = async () => `/set-up/${await linkToken(env, 'set-up', null)}`;

  it('makes the first administrator and signs in', async () => {
    const answer = await browser.submit(await browser.get(await link()), WHO);
    expect([answer.status, answer.location]).toEqual([303, '/']);
    expect(await hasAdministrator(env)).toBe(true);
    expect((await browser.get('/')).text).toContain('Grace Hopper');
    expect(await getUser(env, 'grace@example.com')).toMatchObject({ status: 'ACTIVE' });
  });

  it('works once, even by twenty at a time', async () => {
    const page = await browser.get(await link());
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => browser.submit(page, { ...WHO, email: `admin${i}@example.com` })),
    );
    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(await env.db.selectFrom('users').select('id').execute()).toHaveLength(1);
  });

  it('of two that are out, the second is dead once the first was used', async () => {
    const [one, two] = [await link(), await link()];
    const second = await browser.get(two);
    await browser.submit(await browser.get(one), WHO);
    expect((await browser.submit(second, { ...WHO, email: 'mallory@example.com' })).status).toBe(403);
    expect((await browser.get(two)).status).toBe(403);
  });

  it('is dead after fifteen minutes', async () => {
    const path = await link();
    world.advance(15 * MINUTE);
    const page = await browser.get(path);
    expect([page.status, page.text.includes('prints a new link')]).toEqual([403, true]);
  });

  it('says at each field what is wrong, keeps what was typed, and still works', async () => {
    const page = await browser.get(await link());
    const bad = await browser.submit(page, { ...WHO, email: 'nonsense', firstName: '<b>Grace' });
    expect(bad.status).toBe(400);
    expect(bad.text).toContain('id="email-error"');
    expect(bad.text).toContain('value="&lt;b&gt;Grace"');
    const weak = await browser.submit(bad, { ...WHO, newPassword: 'weak', confirmPassword: 'weak' });
    expect(weak.text).toContain('id="newPassword-error"');
    expect((await browser.submit(weak, WHO)).status).toBe(303);
  });

  it('is not accepted from another browser', async () => {
    const page = await browser.get(await link());
    const other = browserFor(app);
    await other.get('/signin');
    expect((await other.submit(page, WHO)).status).toBe(403);
    expect(await hasAdministrator(env)).toBe(false);
  });
});
