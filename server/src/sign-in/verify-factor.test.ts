import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MINUTE } from '../base/time.ts';
import { listAuthenticators, replaceAuthenticator } from '../core/authenticators.ts';
import { keepAuthorizationRequest } from '../core/authorization-requests.ts';
import type { Env } from '../core/env.ts';
import { listFactors } from '../core/factors.ts';
import { ensureEveryone } from '../core/groups.ts';
import { findSession } from '../core/sessions.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { codeNow, enrolledApp, requireEnrollment, requireFactor, withFactors } from '../core/test-factors.ts';
import type { User } from '../core/users.ts';
import {
  type App,
  appOf,
  browserFor,
  linkToken,
  makeUser,
  PASSWORD,
  type Page,
  type TestBrowser,
} from './test-browser.ts';

const LOGIN = 'ada@example.com';
const WRONG = { passCode: '000000' };
const TWO_FACTORS = 'urn:okta:loa:2fa:any';

let world: TestEnv;
let env: Env;
let app: App;
let browser: TestBrowser;
let ada: User;

beforeEach(async () => {
  world = await createTestEnv();
  env = world.env;
  await ensureEveryone(env);
  await withFactors(env);
  ada = await makeUser(env, LOGIN);
  app = appOf(world);
  browser = browserFor(app);
});
afterEach(() => world.close());

const signIn = async (one = browser, login = LOGIN) =>
  one.submit(await one.get('/signin'), { identifier: login, password: PASSWORD });
const sessionOf = (one = browser) => findSession(env, one.cookies.get('idx') ?? null);
const headingOf = (page: Page) => /<h1>(.*?)<\/h1>/.exec(page.text)?.[1];
/** The first form as a browser sends it: a box that is not ticked is not there. */
const answer = (page: Page, typed: Record<string, string>, one = browser) => {
  const { remember: _, ...fields } = page.fields;
  return one.post(/action="([^"]*)"/.exec(page.text)?.[1] ?? '', { ...fields, ...typed });
};

describe('a challenge', () => {
  it('stands between the password and the session, and a right code ends it', async () => {
    await requireFactor(env);
    const { code } = await enrolledApp(env, ada);
    const asked = await signIn();
    expect([asked.status, headingOf(asked)]).toEqual([200, 'Verify that it’s you']);
    expect(asked.text).toContain('Enter the code that Google Authenticator shows.');
    expect(await sessionOf()).toBeNull();
    const wrong = await answer(asked, WRONG);
    expect([wrong.status, /role="alert">(.*?)</.exec(wrong.text)?.[1]]).toEqual([
      400,
      'This code is not right. Enter the one that the app shows now.',
    ]);
    expect(await sessionOf()).toBeNull();
    const done = await answer(wrong, { passCode: ` ${code().slice(0, 3)} ${code().slice(3)}` });
    expect([done.status, done.location]).toEqual([303, '/']);
    expect((await sessionOf())?.session).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], factor_verified_at: env.now() });
  });

  it('takes a code once, and its form once', async () => {
    await requireFactor(env);
    const { code } = await enrolledApp(env, ada);
    const [asked, other] = [await signIn(), await signIn(browserFor(app))];
    expect((await answer(asked, { passCode: code() })).status).toBe(303);
    expect((await answer(asked, { passCode: code(1) })).status).toBe(400);
    const second = browserFor(app);
    const replayed = await answer(await signIn(second), { passCode: code() }, second);
    expect([replayed.status, replayed.text.includes('This code has been used')]).toEqual([400, true]);
    // Nor is a form of one browser good in another.
    expect((await answer(other, { passCode: code(1) })).status).toBe(403);
  });

  it('is not passed by the form of somebody else, or by their factor', async () => {
    await requireFactor(env);
    await enrolledApp(env, ada);
    const bob = await makeUser(env, 'bob@example.com');
    const bobs = await enrolledApp(env, bob);
    const asked = await signIn();
    const asBob = await signIn(browser, 'bob@example.com');
    expect((await answer(asked, { passCode: bobs.code(), factor: bobs.id })).status).toBe(400);
    expect((await answer(asked, { passCode: bobs.code(), pending: String(asBob.fields.pending) })).status).toBe(403);
    expect(await sessionOf()).toBeNull();
  });

  it('is not passed by going elsewhere with what there is', async () => {
    await requireFactor(env);
    await enrolledApp(env, ada);
    const asked = await signIn();
    const pending = String(asked.fields.pending);
    browser.cookies.set('idx', pending);
    expect((await browser.get('/')).location).toBe('/signin');
    for (const path of ['/signin/password', '/signin/enroll', '/signin/enroll/activate', '/signin/enroll/question']) {
      const fields = { ...asked.fields, kind: 'okta_otp', question: 'first_award', answer: 'chess', newPassword: 'x' };
      expect([400, 403]).toContain((await browser.post(path, fields)).status);
    }
    expect((await browser.get(`/signin/factor?request=${pending}`)).location).toMatch(/^\/signin\?/);
    expect(await listFactors(env, ada.id)).toHaveLength(1);
  });

  it('follows a password that a link has set, and one that has expired', async () => {
    await requireFactor(env);
    await enrolledApp(env, ada);
    const link = await browser.get(`/reset_password/${await linkToken(env, 'recovery', ada.id)}`);
    const chosen = { newPassword: 'Different-Horse-8', confirmPassword: 'Different-Horse-8' };
    expect(headingOf(await browser.submit(link, chosen))).toBe('Verify that it’s you');
    await env.db.updateTable('users').set({ status: 'PASSWORD_EXPIRED' }).where('id', '=', ada.id).execute();
    const other = browserFor(app);
    const typed = { identifier: LOGIN, password: 'Different-Horse-8' };
    const expired = await other.submit(await other.get('/signin'), typed);
    const renewed = { newPassword: 'Other-Horse-99', confirmPassword: 'Other-Horse-99' };
    expect(headingOf(await other.submit(expired, renewed))).toBe('Verify that it’s you');
    for (const one of [browser, other]) expect(await sessionOf(one)).toBeNull();
  });

  it('ends when codes are guessed, and the account is shut', async () => {
    await requireFactor(env);
    const { code } = await enrolledApp(env, ada);
    const asked = await signIn();
    for (let guess = 0; guess < 10; guess++) await answer(asked, WRONG);
    expect((await answer(asked, { passCode: code() })).status).toBe(400);
    expect((await signIn(browserFor(app))).status).toBe(400);
  });

  it('stops taking guesses from one network, whoever is guessed at', async () => {
    await requireFactor(env);
    let last = 0;
    for (const name of ['a', 'b', 'c', 'd']) {
      const user = await makeUser(env, `${name}@example.com`);
      await enrolledApp(env, user);
      const asked = await signIn(browser, user.login);
      for (let guess = 0; guess < 9; guess++) last = (await answer(asked, WRONG)).status;
    }
    expect(last).toBe(429);
    world.advance(MINUTE);
    expect((await signIn()).status).toBe(200);
  });

  it('offers the person’s other factors', async () => {
    await requireFactor(env);
    await enrolledApp(env, ada);
    world.advance(1);
    const verify = await enrolledApp(env, ada, 'OKTA');
    const asked = await signIn();
    expect(asked.text).toContain('Use Okta Verify instead');
    const other = await browser.post('/signin/factor/choose', { ...asked.fields, other: verify.id });
    expect(other.text).toContain('Enter the code that Okta Verify shows.');
    expect((await answer(other, { passCode: verify.code() })).status).toBe(303);
  });

  it('is left out on a device that the person has had remembered, while the rule lets it', async () => {
    await requireFactor(env, { factorPromptMode: 'DEVICE', factorLifetime: 120, rememberDeviceByDefault: true });
    const { code } = await enrolledApp(env, ada);
    const asked = await signIn();
    expect(asked.text).toMatch(/name="remember" value="yes" checked.*Do not ask again on this device for 2 hours/);
    const done = await answer(asked, { passCode: code(), remember: 'yes' });
    expect(done.headers.getSetCookie().find((line) => line.startsWith('DT='))).toMatch(/HttpOnly; Secure/);
    browser.cookies.delete('idx');
    expect((await signIn()).location).toBe('/');
    expect((await sessionOf())?.session.amr).toEqual(['pwd']);
    const copied = browserFor(app);
    copied.cookies.set('DT', 'x'.repeat(43));
    expect(headingOf(await signIn(copied))).toBe('Verify that it’s you');
    browser.cookies.delete('idx');
    world.advance(120 * MINUTE);
    expect(headingOf(await signIn())).toBe('Verify that it’s you');
  });
});

describe('setting up a factor', () => {
  const keyOf = (page: Page) => (/<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1] ?? '').replaceAll(' ', '');

  it('happens at the sign-in of who has none, and proves by its first code', async () => {
    await requireFactor(env);
    const choice = await signIn();
    expect(headingOf(choice)).toBe('Set up a second step');
    const setUp = await answer(choice, { kind: 'google_otp' });
    expect([setUp.status, headingOf(setUp)]).toEqual([200, 'Set up Google Authenticator']);
    expect(setUp.text).toMatch(/<img src="\/api\/v1\/users\/00u\w+\/factors\/uft\w+\/qr\/[\w-]+" alt="QR code/);
    const wrong = await answer(setUp, WRONG);
    expect([wrong.status, keyOf(wrong)]).toEqual([400, keyOf(setUp)]);
    expect(await sessionOf()).toBeNull();
    const done = await answer(wrong, { passCode: codeNow(env, keyOf(setUp)) });
    expect([done.status, done.location]).toEqual([303, '/']);
    expect((await sessionOf())?.session.amr).toEqual(['pwd', 'otp', 'mfa']);
    // From now on it is asked for.
    expect(headingOf(await signIn(browserFor(app)))).toBe('Verify that it’s you');
  });

  it('may be a question, where the org lets one prove', async () => {
    await requireFactor(env);
    const found = (await listAuthenticators(env)).find(({ key }) => key === 'security_question');
    await replaceAuthenticator(env, String(found?.id), { key: undefined, settings: { allowedFor: 'any' } });
    const form = await answer(await signIn(), { kind: 'okta_question' });
    expect(headingOf(form)).toBe('Set up a security question');
    const short = await answer(form, { question: 'first_award', answer: 'ab' });
    expect([short.status, short.text.includes('four characters or more')]).toEqual([400, true]);
    expect((await answer(short, { question: 'first_award', answer: 'Chess club' })).status).toBe(303);
    const asked = await signIn(browserFor(app));
    expect(asked.text).toContain('What did you earn your first medal or award for?');
  });

  it('is a policy’s wish before anything asks for it, and then what is required alone is shown', async () => {
    await requireEnrollment(env, { google_otp: 'REQUIRED', okta_verify: 'OPTIONAL' }, 'LOGIN');
    const choice = await signIn();
    expect(headingOf(choice)).toBe('Set up a second step');
    expect([choice.text.includes('google_otp'), choice.text.includes('okta_otp')]).toEqual([true, false]);
  });

  it('that is not allowed is refused, also to who asks for it by name', async () => {
    await requireFactor(env);
    await requireEnrollment(env, { google_otp: 'OPTIONAL' }, 'CHALLENGE');
    expect((await answer(await signIn(), { kind: 'okta_otp' })).status).toBe(400);
    expect(await listFactors(env, ada.id)).toEqual([]);
  });
});

describe('an application that asks for two factors', () => {
  const ask = async (acr: string): Promise<string> => {
    await browser.get('/signin');
    const parameters = { acr_values: acr, redirect_uri: 'https://app.example.net/cb' };
    const facts = { serverId: 'org', clientId: '0oa-missing', parameters };
    return keepAuthorizationRequest(env, { ...facts, browserId: browser.cookies.get('gh_browser') ?? '' });
  };
  const signInFor = async (handle: string) =>
    browser.submit(await browser.get(`/signin?request=${handle}`), { identifier: LOGIN, password: PASSWORD });

  it('gets them, without the password again where there is a session', async () => {
    const { code } = await enrolledApp(env, ada);
    await signIn();
    const before = await sessionOf();
    const handle = await ask(TWO_FACTORS);
    const asked = await browser.get(`/signin/factor?request=${handle}`);
    expect(headingOf(asked)).toBe('Verify that it’s you');
    expect((await sessionOf())?.session.amr).toEqual(['pwd']);
    const done = await answer(asked, { passCode: code() });
    expect(done.location).toBe(`/oauth2/resume?request=${handle}`);
    const after = (await sessionOf())?.session;
    expect(after).toMatchObject({ id: before?.session.id, amr: ['pwd', 'otp', 'mfa'] });
    expect(after?.authenticated_at).toBe(before?.session.authenticated_at);
  });

  it('gets them at the sign-in, remembered device or not', async () => {
    await requireFactor(env, { factorPromptMode: 'DEVICE' });
    const { code } = await enrolledApp(env, ada);
    await answer(await signIn(), { passCode: code(), remember: 'yes' });
    browser.cookies.delete('idx');
    expect(headingOf(await signInFor(await ask(TWO_FACTORS)))).toBe('Verify that it’s you');
    expect((await signInFor(await ask(''))).status).toBe(303);
  });

  it('gets what there is of who may have no second one, to judge by itself', async () => {
    await requireEnrollment(env, {}, 'NEVER');
    const handle = await ask(TWO_FACTORS);
    expect((await signInFor(handle)).location).toBe(`/oauth2/resume?request=${handle}`);
    expect((await sessionOf())?.session.amr).toEqual(['pwd']);
  });

  it('has a factor set up only by who has just shown the password', async () => {
    await signIn();
    const handle = await ask(TWO_FACTORS);
    expect(headingOf(await browser.get(`/signin/factor?request=${handle}`))).toBe('Set up a second step');
    world.advance(16 * MINUTE);
    expect((await browser.get(`/signin/factor?request=${handle}`)).location).toBe(`/signin?request=${handle}`);
  });
});
