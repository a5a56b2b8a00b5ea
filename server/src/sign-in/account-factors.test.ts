// A person's own second factors: each change takes the password and, where there is one, a factor that is already theirs.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { totpCode } from '../base/totp.ts';
import { listAuthenticators, replaceAuthenticator } from '../core/authenticators.ts';
import type { Env } from '../core/env.ts';
import { activateAt, enrollFactor, listFactors, secretOf } from '../core/factors.ts';
import { ensureEveryone } from '../core/groups.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { enrolledApp, requireEnrollment, withFactors } from '../core/test-factors.ts';
import type { User } from '../core/users.ts';
import { type App, appOf, browserFor, makeUser, PASSWORD, type Page, type TestBrowser } from './test-browser.ts';

const SET_UP = '/account/factors/set-up';
const ACTIVATE = '/account/factors/activate';
const TAKE_AWAY = '/account/factors/take-away';

let world: TestEnv;
let env: Env;
let app: App;
let ada: User;
let browser: TestBrowser;

async function signedIn(login: string): Promise<TestBrowser> {
  const one = browserFor(app);
  await one.submit(await one.get('/signin'), { identifier: login, password: PASSWORD });
  return one;
}
/** The hidden fields of the page's form that goes to this path. */
function fieldsOf({ text }: Page, path: string): Record<string, string> {
  const body = new RegExp(`<form method="post" action="${path}"[^>]*>([\\s\\S]*?)</form>`).exec(text)?.[1] ?? '';
  const inputs = body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name, value]));
}
const submit = (page: Page, path: string, typed: Record<string, string>) =>
  browser.post(path, { ...fieldsOf(page, path), ...typed });
const setUp = async (kind: string, typed: Record<string, string>) =>
  submit(await browser.get(`${SET_UP}?kind=${kind}`), SET_UP, typed);
const statuses = async (user = ada) =>
  (await listFactors(env, user.id)).map(({ factor_type, status }) => [factor_type, status]);

/** The code of the app that waits for its first one. */
async function firstCode(): Promise<string> {
  const waiting = (await listFactors(env, ada.id)).find(({ status }) => status === 'PENDING_ACTIVATION');
  if (!waiting) throw new Error('No factor waits');
  return totpCode(secretOf(env, waiting), Math.floor(env.now() / 30_000));
}

beforeEach(async () => {
  world = await createTestEnv();
  env = world.env;
  await ensureEveryone(env);
  await withFactors(env);
  await requireEnrollment(env, { google_otp: 'OPTIONAL', security_question: 'OPTIONAL' }, 'NEVER');
  ada = await makeUser(env, 'ada@example.com');
  app = appOf(world);
  browser = await signedIn(ada.login);
});
afterEach(() => world.close());

describe('setting one up', () => {
  it('takes the password, then the first code of the app', async () => {
    expect((await browser.get('/account/factors')).text).toContain('Google Authenticator');
    const wrong = await setUp('google_otp', { password: 'wrong' });
    expect(wrong.text).toContain('This is not your password.');
    expect(await statuses()).toEqual([]);
    const page = await setUp('google_otp', { password: PASSWORD });
    expect(page.text).toContain('QR code');
    expect(await statuses()).toEqual([['token:software:totp', 'PENDING_ACTIVATION']]);
    const mistaken = await submit(page, ACTIVATE, { passCode: '000000' });
    expect(mistaken.text).toContain('This code is not right.');
    const answer = await submit(mistaken, ACTIVATE, { passCode: await firstCode() });
    expect((await browser.get(answer.location ?? '')).text).toContain('Your second factors have changed.');
    expect(await statuses()).toEqual([['token:software:totp', 'ACTIVE']]);
    const event = await env.db
      .selectFrom('system_log')
      .select('actor_id')
      .where('event_type', '=', 'user.mfa.factor.activate')
      .executeTakeFirstOrThrow();
    expect(event.actor_id).toBe(ada.id);
  });

  it('takes a factor too, of who has one: a password is not enough to add another', async () => {
    const { code } = await enrolledApp(env, ada);
    const found = (await listAuthenticators(env)).find(({ key }) => key === 'security_question');
    await replaceAuthenticator(env, String(found?.id), { key: undefined, settings: { allowedFor: 'any' } });
    const question = { question: 'first_award', answer: 'chess' };
    for (const proof of ['', '000000']) {
      const page = await setUp('okta_question', { password: PASSWORD, proof, ...question });
      expect(page.text).toMatch(/This is needed too\.|This is not right\./);
      expect(await statuses()).toHaveLength(1);
    }
    const vague = await setUp('okta_question', { password: PASSWORD, proof: code(), ...question, answer: 'x' });
    expect(vague.text).toContain('The answer needs four characters or more');
    const done = await setUp('okta_question', { password: PASSWORD, proof: code(1), ...question });
    expect(done.status).toBe(303);
    expect(await statuses()).toContainEqual(['question', 'ACTIVE']);
  });

  it('is for what policy allows, and not for what is there', async () => {
    await enrolledApp(env, ada);
    for (const kind of ['google_otp', 'okta_otp', 'nothing', ''])
      expect([kind, (await browser.get(`${SET_UP}?kind=${kind}`)).location]).toEqual([kind, '/account/factors']);
  });

  it('cannot be forged, nor its secret asked for', async () => {
    const eve = await makeUser(env, 'eve@example.com');
    const hers = await signedIn(eve.login);
    const theirs = fieldsOf(await hers.get(`${SET_UP}?kind=google_otp`), SET_UP);
    for (const fields of [{}, { csrf: 'x' }, theirs])
      expect((await browser.post(SET_UP, { kind: 'google_otp', ...fields, password: PASSWORD })).status).toBe(403);
    const waiting = await enrollFactor(env, ada, {
      factorType: 'token:software:totp',
      provider: 'GOOGLE',
      profile: {},
    });
    const own = fieldsOf(await browser.get(`${SET_UP}?kind=google_otp`), SET_UP);
    const passCode = await firstCode();
    for (const [one, csrf] of [
      [browser, own.csrf ?? ''],
      [hers, theirs.csrf ?? ''],
    ] as const)
      expect((await one.post(ACTIVATE, { csrf, factor: waiting.id, passCode })).status).toBe(403);
    expect(await statuses()).toEqual([['token:software:totp', 'PENDING_ACTIVATION']]);
  });
});

describe('taking one away', () => {
  it('takes the password and the factor', async () => {
    const { id, code } = await enrolledApp(env, ada);
    const page = await browser.get(`${TAKE_AWAY}?factor=${id}`);
    for (const typed of [{}, { password: PASSWORD }, { password: PASSWORD, proof: '000000' }, { proof: code() }]) {
      expect((await submit(page, TAKE_AWAY, typed)).status).toBe(200);
      expect(await statuses()).toHaveLength(1);
    }
    expect((await submit(page, TAKE_AWAY, { password: PASSWORD, proof: code() })).status).toBe(303);
    expect(await statuses()).toEqual([]);
  });

  it('is for one’s own', async () => {
    const eve = await makeUser(env, 'eve@example.com');
    const hers = await enrollFactor(env, eve, { factorType: 'token:software:totp', provider: 'GOOGLE', profile: {} });
    await activateAt(env, eve, hers, 1);
    expect((await browser.get(`${TAKE_AWAY}?factor=${hers.id}`)).location).toBe('/account/factors');
    const { id, code } = await enrolledApp(env, ada);
    const own = fieldsOf(await browser.get(`${TAKE_AWAY}?factor=${id}`), TAKE_AWAY);
    const forged = await browser.post(TAKE_AWAY, { ...own, factor: hers.id, password: PASSWORD, proof: code() });
    expect(forged.status).toBe(403);
    expect(await statuses(eve)).toHaveLength(1);
  });
});
