import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { codeNow, requireFactorOf } from '../support/factors.ts';
import { followGuide, makeApplication, makeUser } from '../support/guide.ts';
import type { Group } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';
import { ensureBuilt, openConsole, violations, visit } from './console.ts';

await ensureBuilt();
const server = await serverOfThisFile();
const browser = await launchBrowser();
afterAll(() => browser.close());
const guide = await followGuide(server);
const { app, authorizationServer, policy, user } = guide;

const { api } = guide;
const sales = await api.post<Group>('/api/v1/groups', { profile: { name: 'Sales' } });
await api.post('/api/v1/groups/rules', {
  type: 'group_rule',
  name: 'Sales people',
  conditions: { expression: { type: 'urn:okta:expression:1.0', value: 'user.department=="Sales"' } },
  actions: { assignUserToGroups: { groupIds: [sales.id] } },
});
await api.post(
  `/api/v1/groups/${(await api.post<Group>('/api/v1/groups', { profile: { name: 'Help desk' } })).id}/roles`,
  {
    type: 'HELP_DESK_ADMIN',
  },
);

const google = await api.post<{ id: string }>('/api/v1/idps', {
  type: 'GOOGLE',
  name: 'Google for all',
  protocol: { credentials: { client: { client_id: 'gatehouse-at-google', client_secret: 'its-secret' } } },
});

const channel = {
  type: 'HTTP',
  version: '1.0.0',
  config: {
    uri: 'https://hooks.example.com/a-rather-long-path/of-a-service/that-is-told',
    authScheme: { type: 'HEADER', key: 'Authorization', value: 'a-secret' },
  },
};
const eventHook = await api.post<{ id: string }>('/api/v1/eventHooks', {
  name: 'Greeter',
  events: { type: 'EVENT_TYPE', items: ['user.lifecycle.create', 'a.type.of.another.kind'] },
  channel,
});
const inlineHook = await api.post<{ id: string }>('/api/v1/inlineHooks', {
  name: 'Entitlements',
  type: 'com.okta.oauth2.tokens.transform',
  version: '1.0.0',
  channel,
});

const service = await makeApplication(
  api,
  { application_type: 'service', grant_types: ['client_credentials'], response_types: ['token'], redirect_uris: [] },
  { token_endpoint_auth_method: 'private_key_jwt' },
);

const PHONE = { width: 390, height: 844 };
const PICTURES = process.env.CONSOLE_PICTURES;

/** Each page of the console, and what it shows once it has loaded. */
const pages: readonly (readonly [path: string, shows: string])[] = [
  ['', 'Your organization'],
  ['/applications', 'Gatehouse Admin Console'],
  ['/applications/new/web', 'Controlled access'],
  [`/applications/${app.id}`, 'LOGIN'],
  [`/applications/${app.id}/sign-on`, 'Issuer'],
  [`/applications/${app.id}/assignments`, user.login],
  [`/applications/${app.id}/api-scopes`, 'okta.agentPools.read'],
  [`/applications/${app.id}/check-setup`, 'Access policy'],
  [`/applications/${service.id}`, 'No public key yet'],
  ['/api', 'default'],
  ['/api/tokens', 'First start'],
  ['/api/trusted-origins', 'Add Origin'],
  [`/authorization-servers/${authorizationServer.id}`, 'Issuer URL'],
  [`/authorization-servers/${authorizationServer.id}/scopes`, 'catalogue'],
  [`/authorization-servers/${authorizationServer.id}/claims`, 'preferred_username'],
  [`/authorization-servers/${authorizationServer.id}/policies`, 'Everyone who is assigned'],
  [`/authorization-servers/${authorizationServer.id}/preview`, 'Preview Token'],
  [`/authorization-servers/${authorizationServer.id}/keys`, 'RS256'],
  ['/people', user.login],
  [`/people/${user.id}`, 'Reset Password'],
  ['/groups', 'Everyone'],
  ['/groups/rules', 'Sales people'],
  ['/groups/rules/new', 'User attribute'],
  ['/administrators', 'Super Administrator'],
  ['/identity-providers', 'Google for all'],
  ['/identity-providers/new/oidc', 'Where it is asked'],
  [`/identity-providers/${google.id}`, 'gatehouse-at-google'],
  ['/event-hooks', 'Greeter'],
  [`/event-hooks/${eventHook.id}`, 'Verify it'],
  ['/inline-hooks', 'Entitlements'],
  [`/inline-hooks/${inlineHook.id}`, 'Call the service'],
  ['/system-log', 'Outcome'],
  ['/branding', 'Primary colour'],
  ['/organization', 'Help for people who sign in'],
  ['/nowhere', 'There is no page at this address.'],
];

const visits = [
  { name: 'light-wide', options: { colorScheme: 'light' } },
  { name: 'dark-phone', options: { colorScheme: 'dark', viewport: PHONE } },
] as const;

test.each(visits)('axe finds nothing serious on any page: $name', { timeout: 300_000 }, async ({ name, options }) => {
  const { page, faults, close } = await openConsole(browser, server, server.admin, options);
  await page.getByRole('heading', { name: 'Getting Started' }).waitFor();
  for (const [path, shows] of pages) {
    await visit(page, path);
    // A dialog that stands in the address hides the rest of the page.
    await page.locator('main, [role=dialog]').getByText(shows).filter({ visible: true }).first().waitFor();
    expect.soft(await violations(page), path).toEqual([]);
    expect.soft(await isWiderThanItsWindow(page), `${path} scrolls sideways`).toBe(false);
    if (PICTURES)
      await page.screenshot({ path: join(PICTURES, `${name}${path.replaceAll(/\W+/g, '-')}.png`), fullPage: true });
  }
  expect(faults).toEqual([]);
  await close();
});

test.each(visits)(
  'the pages of the API are read without a fault: $name',
  { timeout: 90_000 },
  async ({ name, options }) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    await page.goto(`${server.url}/openapi`);
    expect.soft(await isWiderThanItsWindow(page), 'it scrolls sideways').toBe(false);
    await page.getByRole('searchbox').fill('rotate keys');
    await page.getByRole('button', { name: 'Find' }).click();
    await page.getByText('with “rotate keys”').waitFor();
    expect.soft(await violations(page)).toEqual([]);
    await page
      .getByRole('link', { name: /keyRotate/ })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Answers' }).waitFor();
    expect.soft(await violations(page)).toEqual([]);
    expect.soft(await isWiderThanItsWindow(page), 'an operation scrolls sideways').toBe(false);
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}-openapi.png`), fullPage: true });
    await context.close();
  },
);

test.each(visits)('axe finds nothing serious where a sign-in asks for more: $name', async ({ name, options }) => {
  const person = await makeUser(api);
  await requireFactorOf(api, person.id);
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const look = async (heading: string) => {
    await page.getByRole('heading', { name: heading }).waitFor();
    expect.soft(await violations(page), heading).toEqual([]);
    expect.soft(await isWiderThanItsWindow(page), `${heading} scrolls sideways`).toBe(false);
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}-${heading.replaceAll(/\W+/g, '-')}.png`) });
  };
  const signIn = async () => {
    await page.goto(`${server.url}/signin`);
    await page.getByLabel('Username').fill(person.login);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  await signIn();
  await look('Set up a second step');
  await page.getByRole('button', { name: 'Google Authenticator' }).click();
  await look('Set up Google Authenticator');
  const picture = page.getByRole('img', { name: 'QR code' });
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  const secret = (await page.locator('code').innerText()).replaceAll(' ', '');
  await page.getByLabel('Code').fill(codeNow(secret));
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Your applications' }).waitFor();
  await context.clearCookies();
  await signIn();
  await look('Verify that it’s you');
  await context.close();
});

function isWiderThanItsWindow(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

test('a reload continues the session without asking, and no token is kept where a script could find it later', async () => {
  const { page, close } = await openConsole(browser, server, server.admin);
  await page.getByRole('heading', { name: 'Getting Started' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { name: 'Getting Started' }).waitFor();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toMatch(/eyJ/);
  await close();
});

test('a person without a role is told so kindly, and led home', async () => {
  const { page, close } = await openConsole(browser, server, user);
  await page.getByRole('heading', { name: 'This console is for administrators' }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await page.getByRole('link', { name: 'Go to your home page' }).getAttribute('href')).toBe('/');
  await close();
});

test('each problem of a form stands at its field', async () => {
  const { page, close } = await openConsole(browser, server, server.admin);
  await page.getByRole('heading', { name: 'Getting Started' }).waitFor();
  await visit(page, '/applications/new/browser');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Give the app integration a name').waitFor();
  await page.getByText('Say who may use the application').waitFor();
  await page.getByLabel('App integration name').fill('Wrong');
  await page.getByRole('textbox', { name: 'Sign-in redirect URIs' }).fill('not a URI');
  await page.getByRole('radio', { name: 'Skip group assignment for now' }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  const field = page.getByRole('textbox', { name: 'Sign-in redirect URIs' });
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
  await close();
});

test('the token preview shows the tokens, and for a denial what would let it through', async () => {
  const { page, close } = await openConsole(browser, server, server.admin);
  await page.getByRole('heading', { name: 'Getting Started' }).waitFor();
  await visit(page, `/authorization-servers/${authorizationServer.id}/preview`);
  await page.getByRole('combobox', { name: 'OAuth/OIDC client' }).fill(app.label);
  await page.getByRole('option', { name: app.label }).click();
  await page.getByRole('combobox', { name: 'User' }).fill(user.login);
  await page.getByRole('option', { name: user.login }).click();
  await page.getByRole('button', { name: 'Preview Token' }).click();
  await page.getByText('Allowed', { exact: true }).waitFor();
  expect(await page.getByLabel('ID token payload').innerText()).toContain(authorizationServer.issuer);
  await close();
});

test('Check Setup names what is broken, leads to its setting, and sees it mended', async () => {
  const { page, close } = await openConsole(browser, server, server.admin);
  await page.getByRole('heading', { name: 'Getting Started' }).waitFor();
  const policyPath = `/api/v1/authorizationServers/${authorizationServer.id}/policies/${policy.id}`;
  await guide.api.post(`${policyPath}/lifecycle/deactivate`);
  await visit(page, `/applications/${app.id}/check-setup`);
  const line = (name: string) =>
    page.getByRole('listitem').filter({ has: page.getByRole('heading', { name, exact: true }) });
  // The administrator asks about themselves first, and is not assigned.
  await line('Assignment').getByLabel('Failed').waitFor();
  await page.getByRole('combobox', { name: 'Person' }).fill(user.login);
  await page.getByRole('option', { name: user.login }).click();
  await page.getByRole('button', { name: 'Check Setup' }).click();
  await line('Assignment').getByLabel('Passed').waitFor();
  await page.getByText('One thing is broken').waitFor();
  await line('Access policy').getByLabel('Failed').waitFor();
  const told = await line('Access policy').innerText();
  expect(told).toContain('Guide, step 7');
  expect(told).toContain('is for this application, but it is not active');
  await page.getByRole('link', { name: 'Access policy: open Access Policies' }).click();
  await page.getByRole('heading', { name: policy.name }).waitFor();
  expect(page.url()).toContain(`/authorization-servers/${authorizationServer.id}/policies`);
  await guide.api.post(`${policyPath}/lifecycle/activate`);
  await page.goBack();
  await line('Access policy').getByLabel('Passed').waitFor();
  await line('Assignment').getByText(user.login).waitFor();
  await close();
});

test('the console’s own application is refused every change', async () => {
  const apps =
    await api.get<{ id: string; label: string; credentials: { oauthClient: { client_id: string } } }[]>(
      '/api/v1/apps?limit=200',
    );
  const own = apps.find(({ credentials }) => credentials.oauthClient.client_id === 'gatehouse-console');
  const headers = { authorization: `SSWS ${server.apiToken}`, 'content-type': 'application/json' };
  const url = `${server.url}/api/v1/apps/${own?.id}`;
  const changed = JSON.stringify({ ...own, label: 'Mine' });
  expect((await fetch(url, { method: 'PUT', headers, body: changed })).status).toBe(403);
  expect((await fetch(`${url}/lifecycle/deactivate`, { method: 'POST', headers })).status).toBe(403);
  expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(403);
  const client = `${server.url}/oauth2/v1/clients/gatehouse-console`;
  expect((await fetch(client, { method: 'DELETE', headers })).status).toBe(403);
});

test('the first page loads less than 300 kB of compressed script, kept by the browser for ever', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  const scripts = new Set<string>();
  page.on('response', (response) => {
    if (response.url().includes('/admin/assets/') && response.url().endsWith('.js')) scripts.add(response.url());
  });
  await page.goto(`${server.url}/admin`);
  await page.getByLabel('Username').fill(server.admin.login);
  await page.getByLabel('Password').fill(server.admin.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Getting Started' }).waitFor();
  expect(scripts.size).toBeGreaterThan(1);
  let size = 0;
  for (const url of scripts) {
    const response = await fetch(url, { headers: { 'accept-encoding': 'br' } });
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-encoding')).toBe('br');
    size += Number(response.headers.get('content-length'));
  }
  expect(size).toBeGreaterThan(50_000);
  expect(size).toBeLessThan(300_000);
  await context.close();
});

/** What people have of their own, and what each page shows. */
const ownPages: readonly (readonly [path: string, shows: string])[] = [
  ['/', 'Your applications'],
  ['/account/profile', 'First name'],
  ['/account/password', 'Present password'],
  ['/account/factors', 'Google Authenticator'],
  ['/account/factors/set-up?kind=google_otp', 'First prove that it is you.'],
  ['/account/sessions', 'This browser'],
  ['/oauth2/consents', 'You have agreed to nothing yet.'],
  ['/account/history', 'Signed in'],
];

/** For the eye alone. */
const furtherLooks = [
  { name: 'dark-wide', options: { colorScheme: 'dark' } },
  { name: 'light-phone', options: { colorScheme: 'light', viewport: PHONE } },
] as const;

test.each([...visits, ...(PICTURES ? furtherLooks : [])])(
  'a person’s own pages, without script, by a browser: $name',
  { timeout: 60_000 },
  async ({ name, options }) => {
    const person = await makeUser(api);
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await api.post('/api/v1/apps', {
      name: 'bookmark',
      label: `Wiki of ${name}`,
      signOnMode: 'BOOKMARK',
      settings: { app: { url: `${server.url}/openapi.json` }, implicitAssignment: true },
    });
    await page.goto(server.url);
    await page.getByLabel('Username').fill(person.login);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    for (const [path, shows] of ownPages) {
      await page.goto(`${server.url}${path}`);
      await page.getByRole('main').getByText(shows).first().waitFor();
      expect.soft(await violations(page), path).toEqual([]);
      expect.soft(await isWiderThanItsWindow(page), `${path} scrolls sideways`).toBe(false);
      expect(await page.getByRole('link', { name: 'Applications', exact: true }).isVisible()).toBe(true);
      if (PICTURES)
        await page.screenshot({
          path: join(PICTURES, `own-${name}${path.replaceAll(/\W+/g, '-')}.png`),
          fullPage: true,
        });
    }
    await page.getByRole('link', { name: 'Second factors' }).click();
    await page.getByRole('link', { name: 'Set up Google Authenticator' }).click();
    await page.getByLabel('Your password').fill(person.password);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('img', { name: 'QR code' }).waitFor();
    expect.soft(await violations(page), 'first code').toEqual([]);
    if (PICTURES) await page.screenshot({ path: join(PICTURES, `own-${name}-first-code.png`), fullPage: true });
    await page.getByRole('link', { name: 'Profile' }).click();
    await page.getByLabel('First name').fill('Augusta');
    await page.getByLabel('First name').press('Enter');
    await page.getByText('Your profile is saved.').waitFor();
    await page.getByRole('link', { name: 'Applications', exact: true }).click();
    await page.getByText('Signed in as Augusta Lovelace').waitFor();
    await page.getByRole('link', { name: `Wiki of ${name}` }).click();
    await page.waitForURL('**/openapi.json');
    await context.close();
  },
);
