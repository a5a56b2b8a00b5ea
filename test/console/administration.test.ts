// An administrator's day in the console, act by act: each page is used as a person uses it, and the API says what came of it.
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { makeUser, unique } from '../support/guide.ts';
import { type Group, managementApi, type User } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';
import { ensureBuilt, type OpenConsole, openConsole, visit } from './console.ts';

await ensureBuilt();
const server = await serverOfThisFile();
const api = managementApi(server);
const browser = await launchBrowser();
afterAll(() => browser.close());

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
  await page.getByText('OR user.title').waitFor();

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
