// An administrator's day in the console, act by act: each page is used as a person uses it, and the API says what came of it.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { followGuide, makeApplication, makeUser, unique } from '../support/guide.ts';
import { startHookService } from '../support/hook-service.ts';
import { type Group, managementApi, type User } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';
import { ensureBuilt, type OpenConsole, openConsole, visit } from './console.ts';

await ensureBuilt();
const server = await serverOfThisFile({ EGRESS_ALLOW: '127.0.0.1' });
const api = managementApi(server);
const browser = await launchBrowser();
afterAll(() => browser.close());

const service = await startHookService();
afterAll(() => service.close());

let opened: OpenConsole;
beforeAll(async () => {
  opened = await openConsole(browser, server, server.admin);
  await opened.page.getByRole('heading', { name: 'Getting Started' }).waitFor();
});

/** The page of the one window that all tests of this file use in turn, at this place. */
async function at(path: string): Promise<Page> {
  await visit(opened.page, path);
  return opened.page;
}
afterAll(() => expect(opened.faults).toEqual([]));

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

/** The question before a harmful act, answered with yes. */
async function confirm(page: Page, title: string, yes: string): Promise<void> {
  await page.getByRole('dialog', { name: title }).getByRole('button', { name: yes, exact: true }).click();
  await page.getByRole('dialog', { name: title }).waitFor({ state: 'detached' });
}

async function pick(page: Page, label: string, text: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).fill(text);
  await page.getByRole('option', { name: text }).click();
}

test('a rule is made by an attribute, put into effect, read while it is, changed when it is not, and deleted with its members', async () => {
  const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Sellers') } });
  const login = `${unique('seller').replace(' ', '.')}@example.com`;
  const profile = { login, email: login, firstName: 'Sam', lastName: 'Seller', department: 'Sales' };
  const seller = await api.post<User>('/api/v1/users', { profile });
  const members = async () => (await api.get<User[]>(`/api/v1/groups/${group.id}/users`)).map(({ id }) => id);
  const page = await at('/groups/rules');
  await page.getByRole('button', { name: 'Add Rule' }).first().click();
  await press(page, 'Save');
  await page.getByText('Give the rule a name').waitFor();
  await page.getByText('Choose at least one group').waitFor();
  await page.getByLabel('Name').fill('Sellers');
  await pick(page, 'User attribute', 'department');
  await page.getByLabel('Value').fill('Sales');
  await pick(page, 'Then assign to', group.profile.name);
  await press(page, 'Save');
  await page.getByText('department equals “Sales”').waitFor();
  expect(await members()).toEqual([]);
  await press(page, 'Activate Sellers');
  await expect.poll(members).toEqual([seller.id]);

  await page.getByRole('link', { name: 'Sellers', exact: true }).click();
  await page.getByText('This rule is in effect').waitFor();
  expect(await page.getByLabel('Name').isDisabled()).toBe(true);
  await press(page, 'Deactivate');
  await page.getByRole('radio', { name: 'An expression' }).check();
  await page.getByLabel('Expression', { exact: true }).fill('user.department==');
  await press(page, 'Save');
  await page.getByText('The expression cannot be read').waitFor();
  await page.getByLabel('Expression', { exact: true }).fill('user.department=="Sales" OR user.title=="Seller"');
  await press(page, 'Save');
  await page.getByRole('table', { name: 'Group rules' }).getByText('OR user.title').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await press(page, 'Delete Sellers');
  await page.getByRole('checkbox', { name: 'Remove from the groups whom the rule put in' }).check();
  await page.getByText('leaves it, and loses').waitFor();
  await confirm(page, 'Delete the rule Sellers?', 'Delete');
  await page.getByText('No rule yet').waitFor();
  expect(await members()).toEqual([]);
});

test('a token is shown once, opens the API, and is refused once it is revoked', async () => {
  const page = await at('/api/tokens');
  await press(page, 'Create token');
  const dialog = page.getByRole('dialog', { name: 'Create token' });
  await dialog.getByLabel('Name').fill('Nightly script');
  await press(page, 'Create');
  const value = await dialog.locator('[data-value="Token value"]').innerText();
  expect(await dialog.getByRole('button', { name: 'Copy Token value' }).isVisible()).toBe(true);
  const call = () => fetch(`${server.url}/api/v1/api-tokens`, { headers: { authorization: `SSWS ${value}` } });
  expect((await call()).status).toBe(200);
  await press(page, 'OK, got it');
  expect(await page.getByRole('main').innerText()).not.toContain(value);
  await press(page, 'Revoke Nightly script');
  await confirm(page, 'Revoke Nightly script?', 'Revoke');
  await expect.poll(async () => (await call()).status).toBe(401);
});

test('roles are given to people and groups; through a group they show and stay; the last super administrator stays too', async () => {
  const person = await makeUser(api);
  const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Keepers') } });
  await api.put(`/api/v1/groups/${group.id}/users/${person.id}`);
  const page = await at('/administrators');
  await press(page, 'Add Administrator');
  await page.getByText('Groups', { exact: true }).last().click();
  await pick(page, 'Groups', group.profile.name);
  await page.getByRole('radio', { name: 'Help Desk Administrator' }).check();
  await press(page, 'Give role');
  await press(page, `1 person through group ${group.profile.name}`);
  await page.getByRole('link', { name: person.login }).click();
  await page.getByRole('region', { name: 'Administrator roles' }).getByText(`through group`).waitFor();
  expect(await page.getByRole('button', { name: /^Revoke Help Desk/ }).count()).toBe(0);
  await press(page, 'Give a role');
  await page.getByRole('radio', { name: 'Read-only Administrator' }).check();
  await press(page, 'Give role');
  await page.getByRole('button', { name: /^Revoke Read-only/ }).click();
  await page.getByRole('button', { name: 'Take away', exact: true }).click();
  await expect.poll(() => page.getByRole('button', { name: /^Revoke Read-only/ }).count()).toBe(0);

  await at('/administrators');
  await page.getByRole('button', { name: /^Revoke Super Administrator/ }).click();
  await page.getByText('Nobody else is a super administrator.').waitFor();
  await page.getByText('This is your own role').waitFor();
  await page.getByRole('button', { name: 'Take away', exact: true }).click();
  await page.getByText('That did not work').waitFor();
  expect((await api.get<{ type: string }[]>(`/api/v1/users/${server.admin.login}/roles`)).length).toBe(1);
});

test('an identity provider is added, each problem at its field, edited with its secret kept, turned off and deleted', async () => {
  type Provider = { id: string; name: string; status: string; protocol: { credentials: { client: object } } };
  const providers = () => api.get<Provider[]>('/api/v1/idps');
  const page = await at('/identity-providers');
  await page.getByRole('button', { name: 'Add identity provider' }).first().click();
  await page.getByRole('radio', { name: 'OpenID Connect' }).check();
  await press(page, 'Next');
  await page.getByRole('heading', { name: 'Add OpenID Connect' }).waitFor();
  expect(await page.locator('[data-value="Redirect URI"]').innerText()).toBe(
    `${server.url}/oauth2/v1/authorize/callback`,
  );
  await press(page, 'Add identity provider');
  await page.getByText('Enter the provider’s issuer URL').waitFor();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Head office');
  await page.getByLabel('Client ID').fill('gatehouse');
  await page.getByLabel('Client secret').fill('a-secret-of-the-provider');
  await page.getByLabel('Issuer').fill('https://id.example.com');
  for (const [label, path] of [
    ['Authorization endpoint', 'authorize'],
    ['JWKS endpoint', 'keys'],
  ] as const)
    await page.getByLabel(label).fill(`https://id.example.com/${path}`);
  await page.getByLabel('Token endpoint').fill('http://id.example.com/token');
  await press(page, 'Add identity provider');
  const token = page.getByLabel('Token endpoint');
  await expect.poll(() => token.getAttribute('aria-invalid')).toBe('true');
  await token.fill('https://id.example.com/token');
  await press(page, 'Add identity provider');
  await page.getByRole('heading', { name: 'Head office' }).waitFor();
  await press(page, 'Edit Settings');
  await page.getByLabel('Client ID').fill('gatehouse-2');
  await page.getByRole('radio', { name: 'Is refused, unless' }).check();
  await press(page, 'Save');
  await page.getByText('Is refused, unless linked').waitFor();
  expect(await page.getByRole('main').innerText()).not.toContain('a-secret-of-the-provider');
  expect(await providers()).toMatchObject([
    {
      name: 'Head office',
      protocol: {
        scopes: ['openid', 'profile', 'email'],
        credentials: { client: { client_id: 'gatehouse-2', client_secret: 'a-secret-of-the-provider' } },
      },
      policy: { accountLink: { action: 'DISABLED' }, provisioning: { action: 'AUTO' } },
    },
  ]);
  await press(page, 'Deactivate Head office');
  await confirm(page, 'Deactivate Head office?', 'Deactivate');
  await press(page, 'Delete Head office');
  await confirm(page, 'Delete Head office?', 'Delete');
  await page.getByText('No identity provider yet').waitFor();
  expect(await providers()).toEqual([]);
});

test('an event hook is made, verified, told, edited with its secret kept, and ended', async () => {
  type Hook = { id: string; verificationStatus: string };
  const page = await at('/event-hooks');
  await page.getByRole('button', { name: 'Create Event Hook' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Create Event Hook' });
  await press(page, 'Create');
  await page.getByText('Choose at least one event').waitFor();
  await page.getByText('Give the secret by which').waitFor();
  await dialog.getByLabel('Name').fill('Greeter');
  await dialog.getByLabel('Events').fill('group.lifecycle.create');
  await page.getByRole('option', { name: 'A group was added' }).click();
  await dialog.getByLabel('URL').fill('ftp://nowhere');
  await dialog.getByRole('textbox', { name: 'Authentication secret' }).fill('what-the-service-knows');
  await press(page, 'Create');
  await expect.poll(() => dialog.getByLabel('URL').getAttribute('aria-invalid')).toBe('true');
  await dialog.getByLabel('URL').fill(service.url);
  await press(page, 'Create');
  await page.getByRole('heading', { name: 'Greeter' }).waitFor();
  await press(page, 'Verify');
  await page.getByText('did not answer with the verification challenge').waitFor();
  service.echoChallenge();
  await press(page, 'Verify');
  await page.getByText('Verified', { exact: true }).waitFor();
  service.answer({});

  await press(page, 'Edit Settings');
  await press(page, 'Add header');
  await page.getByLabel('Name of header 1').fill('x-from');
  await page.getByLabel('Value of header 1').fill('console');
  await press(page, 'Save');
  await page.getByText('x-from: console').waitFor();
  const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Told') } });
  const told = () => service.received.find(({ body }) => body.includes(group.id));
  await expect.poll(told, { timeout: 15_000 }).toBeDefined();
  expect(told()?.headers).toMatchObject({ authorization: 'what-the-service-knows', 'x-from': 'console' });
  await press(page, 'Deactivate Greeter');
  await confirm(page, 'Deactivate Greeter?', 'Deactivate');
  await press(page, 'Delete Greeter');
  await confirm(page, 'Delete Greeter?', 'Delete');
  await page.getByText('No event hook yet').waitFor();
  expect(await api.get<Hook[]>('/api/v1/eventHooks')).toEqual([]);
});

test('an inline hook is made, called for a try, chosen in a rule, and its failures are said in words', async () => {
  const page = await at('/inline-hooks');
  await page.getByRole('button', { name: 'Create Inline Hook' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Create Token Inline Hook' });
  await dialog.getByLabel('Name').fill('Entitlements');
  await dialog.getByLabel('URL').fill(service.url);
  await dialog.getByLabel('Authentication field').fill('');
  await dialog.getByText('Without a secret').waitFor();
  await press(page, 'Create');
  await page.getByRole('heading', { name: 'Entitlements' }).waitFor();
  service.answer({ body: { commands: [] } });
  await press(page, 'Call the service');
  await expect.poll(() => page.getByLabel('What it answered').innerText()).toContain('"commands"');
  expect(JSON.parse(service.received.at(-1)?.body ?? '')).toMatchObject({
    eventType: 'com.okta.oauth2.tokens.transform',
  });
  service.answer({ status: 418 });
  await press(page, 'Call the service');
  await page.getByText('It answered with status 418').waitFor();

  const [hook] = await api.get<{ id: string }[]>('/api/v1/inlineHooks');
  const [policy] = await api.get<{ id: string }[]>('/api/v1/authorizationServers/default/policies');
  await at('/authorization-servers/default/policies');
  await page
    .getByRole('button', { name: /^Edit .*Default Policy Rule/ })
    .first()
    .click();
  await pick(page, 'AND use this inline hook', 'Entitlements');
  await press(page, 'Update Rule');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const rules = await api.get<{ actions: { token: { inlineHook?: { id: string } } } }[]>(
    `/api/v1/authorizationServers/default/policies/${policy?.id}/rules`,
  );
  expect(rules[0]?.actions.token.inlineHook?.id).toBe(hook?.id);
});

test('a client that signs gets its keys: one made in the browser, one pasted, one put to sleep and deleted', async () => {
  const app = await makeApplication(
    api,
    { application_type: 'service', grant_types: ['client_credentials'], response_types: ['token'], redirect_uris: [] },
    { token_endpoint_auth_method: 'private_key_jwt' },
  );
  type Key = { id: string; kid: string; status: string; n: string };
  const keys = async () => (await api.get<{ keys: Key[] }>(`/api/v1/apps/${app.id}/credentials/jwks`)).keys;
  const page = await at(`/applications/${app.id}`);
  await press(page, 'Add key');
  const dialog = page.getByRole('dialog', { name: 'Add a public key' });
  const text = dialog.getByLabel('Public key');
  await text.fill('{ "kty": "RSA", "d": "private" }');
  await press(page, 'Save');
  await page.getByText('must not contain private key material').waitFor();
  await press(page, 'Generate new key');
  await expect.poll(() => text.inputValue()).toContain('"RS256"');
  await press(page, 'Save');
  await dialog.getByText('JWK', { exact: true }).click();
  const pair = JSON.parse(await dialog.locator('[data-value="Private key"]').innerText()) as Key & { d: string };
  const [known] = await keys();
  expect(known).toMatchObject({ kid: pair.kid, n: pair.n, status: 'ACTIVE' });
  expect(JSON.stringify(known)).not.toContain(pair.d);
  await press(page, 'OK, got it');

  await press(page, `Deactivate the key ${pair.kid}`);
  await confirm(page, `Deactivate the key ${pair.kid}?`, 'Deactivate');
  await press(page, `Delete the key ${pair.kid}`);
  await confirm(page, `Delete the key ${pair.kid}?`, 'Delete');
  await page.getByText('No public key yet').waitFor();
  expect(await keys()).toEqual([]);
  await press(page, 'Edit PUBLIC KEYS');
  await page.getByRole('radio', { name: 'Use a URL' }).check();
  await press(page, 'Save');
  await page.getByText('Say where the application shows its keys').waitFor();
  await page.getByLabel('Public keys URL').fill('https://app.example.com/jwks');
  await press(page, 'Save');
  await page.getByText('Fetched from an address').waitFor();
});

test('the organization is renamed, and its help page must be an address', async () => {
  const page = await at('/organization');
  await press(page, 'Edit Help for people who sign in');
  await page.getByLabel('Help page').fill('ask Ada');
  await press(page, 'Save');
  await page.getByText('Enter a web address').waitFor();
  await page.getByLabel('Help page').fill('https://help.example.com');
  await press(page, 'Save');
  await page.getByText('https://help.example.com').waitFor();
  await press(page, 'Edit Organization');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Analytical Engines');
  await press(page, 'Save');
  await page.getByRole('banner').getByText('Analytical Engines').waitFor();
  await press(page, 'Edit Contacts');
  await pick(page, 'Technical contact', server.admin.login);
  await press(page, 'Save');
  const contacts = page.getByRole('region', { name: 'Contacts' });
  await contacts.getByRole('link', { name: server.admin.login }).waitFor();
  expect(await api.get('/api/v1/org')).toMatchObject({
    companyName: 'Analytical Engines',
    endUserSupportHelpURL: 'https://help.example.com',
  });
});

test('a second factor of a person is taken away', async () => {
  const person = await makeUser(api);
  const path = `/api/v1/users/${person.id}/factors`;
  await api.post(path, { factorType: 'token:software:totp', provider: 'OKTA' });
  const page = await at(`/people/${person.id}`);
  await press(page, 'Remove Code app');
  await confirm(page, `Remove this factor of ${person.login}?`, 'Remove');
  await page.getByText('None enrolled').waitFor();
  expect(await api.get(path)).toEqual([]);
});

/** The smallest picture: one pixel. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

test('the sign-in page is branded: seen before it is saved, refused what it cannot show, and shown to people', async () => {
  const page = await at('/branding');
  const preview = page.getByRole('region', { name: 'Preview of the sign-in page' });
  const button = preview.locator('[data-preview-button]');
  await page.getByRole('radio', { name: 'Our colours', exact: true }).check();
  await page.getByRole('textbox', { name: 'Primary colour' }).fill('#7a1fa2');
  await page.getByLabel('Heading').fill('Welcome to the engine');
  await preview.getByText('Welcome to the engine').waitFor();
  expect(await button.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe('rgb(122, 31, 162)');
  await page.getByLabel('Help: address').fill('javascript:alert(1)');
  await press(page, 'Save');
  await expect.poll(() => page.getByLabel('Help: address').getAttribute('aria-invalid')).toBe('true');
  expect(await (await fetch(`${server.url}/brand/sign-in/theme.css`)).text()).not.toContain('#7a1fa2');
  await page.getByLabel('Help: address').fill('https://help.example.com');
  await press(page, 'Save');
  await page.getByText('Saved: people see it').waitFor();
  const look = async () => (await fetch(`${server.url}/brand/sign-in/theme.css`)).text();
  await expect.poll(look).toContain('--accent: #7a1fa2');

  const logo = page.getByLabel('File of Logo');
  await logo.setInputFiles({ name: 'a.txt', mimeType: 'image/png', buffer: Buffer.from('no picture') });
  await page.getByText('The picture must be PNG').waitFor();
  await logo.setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: Buffer.from(PIXEL, 'base64') });
  await page.getByRole('img', { name: 'Logo in use' }).waitFor();
  const visitor = await browser.newPage();
  await visitor.goto(`${server.url}/`);
  await visitor.getByRole('heading', { name: 'Welcome to the engine' }).waitFor();
  expect(await visitor.getByRole('link', { name: 'Help' }).getAttribute('href')).toBe('https://help.example.com');
  await visitor.close();
  await press(page, 'Take back');
  await confirm(page, 'Take back all words and links?', 'Take back');
  await expect.poll(() => page.getByLabel('Heading').inputValue()).toBe('');
  await press(page, 'Remove Logo');
  await confirm(page, 'Logo: remove it?', 'Remove');
  await expect.poll(() => page.getByRole('img', { name: 'Logo in use' }).count()).toBe(0);
});

test('before a scope goes, the rules and applications that name it are told', async () => {
  const guide = await followGuide(server);
  const { authorizationServer, policy, rule, app } = guide;
  const rules = `/api/v1/authorizationServers/${authorizationServer.id}/policies/${policy.id}/rules`;
  const before = await api.get<{ conditions: object }>(`${rules}/${rule.id}`);
  const conditions = { ...before.conditions, scopes: { include: ['openid', 'catalogue'] } };
  await api.put(`${rules}/${rule.id}`, { ...before, conditions });
  const page = await at(`/authorization-servers/${authorizationServer.id}/scopes`);
  await page.getByRole('button', { name: 'Delete catalogue' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText(`The rule “${rule.name}” of the policy “${policy.name}” names it`).waitFor();
  await dialog.getByText(app.label).waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  expect(
    await api.get<{ name: string }[]>(`/api/v1/authorizationServers/${authorizationServer.id}/scopes`),
  ).toContainEqual(expect.objectContaining({ name: 'catalogue' }));
});
