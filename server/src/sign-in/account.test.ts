// A person's own account: theirs alone, changed by their own forms alone, and never more than the schema leaves to them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Env } from '../core/env.ts';
import { ensureEveryone } from '../core/groups.ts';
import { assignRole } from '../core/roles.ts';
import { findSession, listSessionsOfUser } from '../core/sessions.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { getUser, type User } from '../core/users.ts';
import { type App, appOf, browserFor, makeUser, PASSWORD, type Page, type TestBrowser } from './test-browser.ts';

let world: TestEnv;
let env: Env;
let app: App;
let ada: User;
let eve: User;
let mine: TestBrowser;
let hers: TestBrowser;

const NEW = 'Another-Battery-9';
const PATHS = [
  '/',
  '/account/profile',
  '/account/password',
  '/account/sessions',
  '/account/factors',
  '/account/history',
];

async function signedIn(login: string): Promise<TestBrowser> {
  const browser = browserFor(app);
  await browser.submit(await browser.get('/signin'), { identifier: login, password: PASSWORD });
  return browser;
}

/** The hidden fields of each form that goes to this path. */
function formsOf({ text }: Page, path: string): Record<string, string>[] {
  const forms = [...text.matchAll(/<form method="post" action="([^"]*)"[^>]*>([\s\S]*?)<\/form>/g)];
  return forms
    .filter(([, action]) => action === path)
    .map(([, , body = '']) =>
      Object.fromEntries(
        [...body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [
          name,
          value,
        ]),
      ),
    );
}

const formOf = async (browser: TestBrowser, path: string) => formsOf(await browser.get(path), path)[0] ?? {};
const sessionOf = async (browser: TestBrowser) => (await findSession(env, browser.cookies.get('idx') ?? ''))?.session;

beforeEach(async () => {
  world = await createTestEnv();
  env = world.env;
  await ensureEveryone(env);
  app = appOf(world);
  ada = await makeUser(env, 'ada@example.com');
  eve = await makeUser(env, 'eve@example.com');
  mine = await signedIn(ada.login);
  hers = await signedIn(eve.login);
});
afterEach(() => world.close());

describe('nobody else', () => {
  it('sees any of it without signing in, and comes back to the page afterwards', async () => {
    const stranger = browserFor(app);
    for (const path of PATHS.slice(1)) {
      const { status, location } = await stranger.get(path);
      expect([status, location], path).toEqual([303, `/signin?${new URLSearchParams({ fromURI: path })}`]);
      expect([(await stranger.post(path, { csrf: 'x' })).status, path]).not.toEqual([200, path]);
    }
  });

  it('is shown: pages speak of whoever is signed in, whatever the request names', async () => {
    for (const path of PATHS)
      for (const query of [`?userId=${ada.id}`, `?login=${ada.login}`, `?user=${ada.id}`]) {
        const { text } = await hers.get(`${path}${query}`);
        expect(text, path).toContain(eve.login);
        expect(text, path).not.toContain(ada.login);
      }
  });

  it('can change it: a form without its token, of another browser, session, purpose or person is refused', async () => {
    const password = { password: PASSWORD, newPassword: NEW, confirmPassword: NEW };
    const profile = await formOf(mine, '/account/profile');
    const forged: [TestBrowser, Record<string, string>][] = [
      [mine, {}],
      [mine, { csrf: 'x' }],
      [mine, { csrf: profile.csrf ?? '' }],
      [mine, { csrf: (await formOf(hers, '/account/password')).csrf ?? '' }],
      [browserFor(app), { csrf: (await formOf(mine, '/account/password')).csrf ?? '' }],
    ];
    for (const [browser, fields] of forged) {
      const { status } = await browser.post('/account/password', { ...fields, ...password });
      expect([403, 303]).toContain(status);
    }
    expect((await getUser(env, ada.id)).password_hash).toBe(ada.password_hash);
    expect((await mine.post('/account/profile', { csrf: 'x', 'profile.firstName': 'Mallory' })).status).toBe(403);
    expect((await getUser(env, ada.id)).profile.firstName).toBe('Ada');
  });

  it('keeps a form of an earlier session', async () => {
    const { csrf = '' } = await formOf(mine, '/account/profile');
    await mine.submit(await mine.get('/'), {});
    await mine.submit(await mine.get('/signin'), { identifier: ada.login, password: PASSWORD });
    expect((await mine.post('/account/profile', { csrf, 'profile.firstName': 'Mallory' })).status).toBe(403);
  });

  it('can end a session that is not theirs, even with a form of their own', async () => {
    const other = await signedIn(eve.login);
    const [form] = formsOf(await hers.get('/account/sessions'), '/account/sessions');
    const victim = (await sessionOf(mine))?.id ?? '';
    expect((await hers.post('/account/sessions', { ...form, session: victim })).status).toBe(403);
    expect(await sessionOf(mine)).toBeDefined();
    expect(await sessionOf(other)).toBeDefined();
  });
});

describe('the profile', () => {
  it('is changed as far as the schema lets the person, and no further', async () => {
    const form = await formOf(mine, '/account/profile');
    const answer = await mine.post('/account/profile', {
      ...form,
      'profile.firstName': ' Augusta ',
      'profile.mobilePhone': '+44 1',
      'profile.login': 'root@example.com',
      'profile.email': 'root@example.com',
      'profile.department': 'Board',
      'profile.city': 'London',
      'profile.__proto__': 'x',
      userId: eve.id,
      status: 'SUSPENDED',
    });
    expect(answer.status).toBe(303);
    const { login, profile, status } = await getUser(env, ada.id);
    expect({ login, status }).toEqual({ login: ada.login, status: 'ACTIVE' });
    expect(profile).toEqual({ ...ada.profile, firstName: 'Augusta', mobilePhone: '+44 1' });
    expect((await getUser(env, eve.id)).profile).toEqual(eve.profile);
    expect((await mine.get(answer.location ?? '')).text).toContain('Your profile is saved.');
    expect((await mine.get('/account/profile?done=x')).text).not.toContain('Your profile is saved.');
  });

  it('says what is wrong at its field, and keeps what was typed', async () => {
    const form = await formOf(mine, '/account/profile');
    const page = await mine.post('/account/profile', {
      ...form,
      'profile.firstName': 'x'.repeat(51),
      'profile.secondEmail': '"><b>no',
    });
    expect(page.text).toContain('The field must have 1 to 50 characters.');
    expect(page.text).toContain('Does not match required pattern.');
    expect(page.text).toContain('value="&quot;&gt;&lt;b&gt;no"');
    expect((await getUser(env, ada.id)).profile).toEqual(ada.profile);
  });

  it('hides what is hidden from people', async () => {
    await env.db
      .updateTable('users')
      .set({ profile: JSON.stringify({ ...ada.profile, city: 'Hidden City', department: 'Shown' }) })
      .where('id', '=', ada.id)
      .execute();
    const { text } = await mine.get('/account/profile');
    expect(text).toContain('Shown');
    expect(text).not.toContain('Hidden City');
  });
});

describe('the password', () => {
  const change = async (browser: TestBrowser, typed: Record<string, string>) =>
    browser.post('/account/password', {
      ...(await formOf(browser, '/account/password')),
      password: PASSWORD,
      newPassword: NEW,
      confirmPassword: NEW,
      ...typed,
    });

  it('is changed with the present one; every other session ends, and this one goes on under another cookie', async () => {
    const elsewhere = await signedIn(ada.login);
    const before = mine.cookies.get('idx');
    const session = await sessionOf(mine);
    world.advance(1000);
    const { status, location } = await change(mine, {});
    expect(status).toBe(303);
    expect((await mine.get(location ?? '')).text).toContain('Your password is changed.');
    // The session proves no more than it did.
    expect({ ...(await sessionOf(mine)), token_hash: '' }).toEqual({ ...session, token_hash: '' });
    expect(await findSession(env, before ?? '')).toBeNull();
    expect(await sessionOf(elsewhere)).toBeUndefined();
    expect(await sessionOf(hers)).toBeDefined();
    expect(await env.passwords.verify(NEW, (await getUser(env, ada.id)).password_hash)).toBe(true);
  });

  it.each([
    [{ password: 'wrong' }, 'This is not your present password.'],
    [{ password: '' }, 'Enter your present password.'],
    [{ newPassword: 'short', confirmPassword: 'short' }, 'Password requirements were not met.'],
    [{ confirmPassword: 'Something-else-3' }, 'The two passwords are not the same.'],
    [{ newPassword: PASSWORD, confirmPassword: PASSWORD }, 'This is your present password.'],
  ])('is not changed by %j', async (typed, says) => {
    const elsewhere = await signedIn(ada.login);
    const page = await change(mine, typed as Record<string, string>);
    expect(page.text).toContain(says);
    expect(page.text).not.toContain(NEW);
    expect((await getUser(env, ada.id)).password_hash).toBe(ada.password_hash);
    expect(await sessionOf(elsewhere)).toBeDefined();
  });

  it('cannot be guessed here: wrong ones count as at the sign-in page', async () => {
    for (let count = 0; count < 10; count++) await change(mine, { password: `wrong-${count}` });
    const page = await change(mine, {});
    expect(page.status).toBe(200);
    expect((await getUser(env, ada.id)).password_hash).toBe(ada.password_hash);
    expect((await getUser(env, ada.id)).status).toBe('LOCKED_OUT');
  });
});

describe('sessions', () => {
  it('are listed, and each of the others can be ended', async () => {
    const phone = await signedIn(ada.login);
    const page = await mine.get('/account/sessions');
    expect(page.text.match(/This browser/g)).toHaveLength(1);
    const forms = formsOf(page, '/account/sessions');
    const id = (await sessionOf(phone))?.id ?? '';
    const form = forms.find(({ session }) => session === id);
    expect((await mine.post('/account/sessions', form ?? {})).status).toBe(303);
    expect(await sessionOf(phone)).toBeUndefined();
    expect((await listSessionsOfUser(env, ada.id)).map((one) => one.id)).toEqual([(await sessionOf(mine))?.id]);
  });

  it('all others end at once, with what lets their applications renew tokens', async () => {
    const others = [await signedIn(ada.login), await signedIn(ada.login)];
    const family = async (sessionId: string | null) => {
      const id = `oar${sessionId}`;
      const row = {
        id,
        authorization_server_id: 'default',
        client_id: 'client',
        user_id: ada.id,
        session_id: sessionId,
        scopes: '[]',
        grant: '{}',
        status: 'ACTIVE',
        created: env.now(),
        last_updated: env.now(),
      };
      await env.db.insertInto('refresh_tokens').values(row).execute();
      return async () =>
        (await env.db.selectFrom('refresh_tokens').select('status').where('id', '=', id).executeTakeFirst())?.status;
    };
    const kept = await family((await sessionOf(mine))?.id ?? '');
    const [lost, alsoLost] = [await family((await sessionOf(others[0] ?? mine))?.id ?? ''), await family(null)];
    const form = formsOf(await mine.get('/account/sessions'), '/account/sessions').find(
      ({ session }) => session === 'others',
    );
    await mine.post('/account/sessions', form ?? {});
    for (const browser of others) expect(await sessionOf(browser)).toBeUndefined();
    expect(await sessionOf(mine)).toBeDefined();
    expect([await kept(), await lost(), await alsoLost()]).toEqual(['ACTIVE', 'REVOKED', 'REVOKED']);
  });
});

it('the history tells sign-ins in words, and no cursor breaks it', async () => {
  const stranger = browserFor(app);
  await stranger.submit(await stranger.get('/signin'), { identifier: ada.login, password: 'wrong' });
  const { text } = await mine.get('/account/history');
  expect(text).toContain('Signed in');
  expect(text).toContain('Sign-in with a wrong password');
  for (const cursor of ['', '0', "'", '%00', 'x'.repeat(500), '9'.repeat(30)])
    expect((await mine.get(`/account/history?before=${cursor}`)).status).toBe(200);
});

it('who administers something is led to the console, and nobody else', async () => {
  await assignRole(env, { userId: eve.id, type: 'HELP_DESK_ADMIN' });
  expect((await hers.get('/')).text).toContain('href="/admin"');
  expect((await mine.get('/')).text).not.toContain('/admin');
});
