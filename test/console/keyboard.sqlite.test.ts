// The console without a mouse: places reached by the command palette, orders changed by buttons, and the guide's whole path.
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { unique } from '../support/guide.ts';
import { managementApi } from '../support/management-api.ts';
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
afterAll(() => expect(opened.faults).toEqual([]));

/** The page of the one window that all tests of this file use in turn, at this place. */
async function at(path: string): Promise<Page> {
  await visit(opened.page, path);
  return opened.page;
}

test('policies and rules change places by dragging and by keyboard, which keeps its place', async () => {
  const { id } = await api.post<{ id: string }>('/api/v1/authorizationServers', {
    name: unique('Ordered'),
    description: 'To be put in order',
    audiences: ['api://ordered'],
  });
  const policies = `/api/v1/authorizationServers/${id}/policies`;
  const make = (name: string) =>
    api.post<{ id: string }>(policies, {
      type: 'OAUTH_AUTHORIZATION_POLICY',
      name,
      description: name,
      conditions: { clients: { include: ['ALL_CLIENTS'] } },
    });
  const made = [await make('First'), await make('Second'), await make('Third')];
  const rules = `${policies}/${made[0]?.id}/rules`;
  for (const name of ['Day', 'Night'])
    await api.post(rules, {
      type: 'RESOURCE_ACCESS',
      name,
      conditions: {
        people: { groups: { include: ['EVERYONE'] } },
        grantTypes: { include: ['authorization_code'] },
        scopes: { include: ['*'] },
      },
    });
  const order = async (path: string) => (await api.get<{ name: string }[]>(path)).map(({ name }) => name);
  const page = await at(`/authorization-servers/${id}/policies`);
  const policy = (name: string) => page.getByRole('region', { name: `Policy ${name}`, exact: true });
  // Rules come after their policies and move everything below: a drag that begins before takes hold of another policy.
  await policy('First').getByText('Night').first().waitFor();
  await page.waitForLoadState('networkidle');
  await policy('Third').getByRole('heading').dragTo(policy('First').getByRole('heading'));
  await expect.poll(() => order(policies)).toEqual(['Third', 'First', 'Second']);

  const down = page.getByRole('button', { name: 'Move Third down' });
  await expect.poll(() => policy('Third').getByLabel('Priority 1').isVisible()).toBe(true);
  await down.focus();
  for (const expected of [
    ['First', 'Third', 'Second'],
    ['First', 'Second', 'Third'],
  ]) {
    await expect.poll(() => down.getAttribute('aria-disabled')).toBe('false');
    await page.keyboard.press('Enter');
    await expect.poll(() => order(policies)).toEqual(expected);
  }
  await expect.poll(() => down.getAttribute('aria-disabled')).toBe('true');
  expect(await down.evaluate((button) => button === document.activeElement)).toBe(true);

  const night = policy('First').getByRole('row', { name: /Night/ });
  await night.dragTo(policy('First').getByRole('row', { name: /Day/ }));
  await expect.poll(() => order(rules)).toEqual(['Night', 'Day']);
  await policy('First')
    .getByRole('row', { name: /1\. Night/ })
    .waitFor();
  await policy('First').getByRole('button', { name: 'Move Day up' }).press('Enter');
  await expect.poll(() => order(rules)).toEqual(['Day', 'Night']);
});

/** By the command palette, to the first place that it finds. */
async function goBy(page: Page, typed: string): Promise<void> {
  const palette = page.getByRole('dialog').filter({ has: page.getByRole('textbox', { name: 'Go to' }) });
  await page.keyboard.press('Control+k');
  await palette.getByRole('textbox').fill(typed);
  await palette.getByRole('button').first().waitFor();
  await page.keyboard.press('Enter');
  await palette.waitFor({ state: 'detached' });
}

test('the command palette leads to every page, and to the parts of pages', async () => {
  const page = await at('/');
  for (const [typed, heading, address] of [
    ['tokens', 'API', '/api/tokens'],
    ['rules', 'Groups', '/groups/rules'],
    ['event', 'Event Hooks', '/event-hooks'],
    ['organ', 'Organization', '/organization'],
  ] as const) {
    await goBy(page, typed);
    await page.getByRole('heading', { name: heading, exact: true, level: 1 }).waitFor();
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/admin${address}`);
  }
});

const MOST_STEPS = 120;

/** Presses Tab until this has the focus, as somebody does who sees where it is. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${target} is not reached by ${MOST_STEPS} steps`);
}

test('the guide’s path is walked by keyboard alone', { timeout: 120_000 }, async () => {
  const page = await at('/');
  const press = async (name: string) => {
    await tabTo(page, page.getByRole('button', { name, exact: true }));
    await page.keyboard.press('Enter');
  };
  const write = async (name: string, text: string) => {
    await tabTo(page, page.getByRole('textbox', { name, exact: true }));
    await page.keyboard.press('Control+a');
    await page.keyboard.type(text);
  };
  const tick = async (name: string) => {
    await tabTo(page, page.getByRole('checkbox', { name }));
    await page.keyboard.press('Space');
  };
  /** Of a group of choices, Tab reaches the chosen one, and arrows go on from there. */
  const choose = async (group: string, name: string) => {
    const choice = page.getByRole('radiogroup', { name: group }).getByRole('radio', { name });
    const within = page.getByRole('radiogroup', { name: group }).locator('input:focus');
    await choice.waitFor();
    for (let steps = 0; steps < MOST_STEPS && (await within.count()) === 0; steps++) await page.keyboard.press('Tab');
    if (!(await choice.isChecked())) await page.keyboard.press('Space');
    for (let steps = 0; steps < 10 && !(await choice.isChecked()); steps++) await page.keyboard.press('ArrowDown');
    expect(await choice.isChecked(), `${group}: ${name}`).toBe(true);
  };
  const goTo = (typed: string) => goBy(page, typed);
  const tab = async (name: string) => {
    const wanted = page.getByRole('tab', { name, exact: true });
    const here = page.locator('[role=tab][aria-selected=true]');
    await tabTo(page, here);
    for (let steps = 0; steps < 10 && (await wanted.getAttribute('aria-selected')) !== 'true'; steps++) {
      await page.keyboard.press('ArrowRight');
      // The tab follows the focus, by way of the address.
      await expect.poll(() => here.evaluate((tab) => tab === document.activeElement)).toBe(true);
    }
  };
  const label = unique('Keyboard catalogue');

  await goTo('Applications');
  await press('Create App Integration');
  await choose('Sign-in method', 'OIDC - OpenID Connect');
  await choose('Application type', 'Single-Page Application');
  await press('Next');
  await write('App integration name', label);
  await tick('Refresh Token');
  await write('Sign-in redirect URIs', 'http://localhost:4555/callback');
  await choose('Controlled access', 'Allow everyone in your organization to access');
  await press('Save');
  await page.getByRole('heading', { name: label }).waitFor();
  const clientId = await page.locator('[data-value="Client ID"]').first().innerText();

  await goTo('Security > API');
  await press('Add Authorization Server');
  await write('Name', label);
  await write('Audience', clientId);
  await write('Description', 'By keyboard');
  await press('Save');
  await page.getByRole('heading', { name: label }).waitFor();
  await press('Edit Settings');
  await choose('Issuer', 'Okta URL');
  await press('Save');
  await page.getByText(`Okta URL (${server.url})`).waitFor();
  await tab('Scopes');
  await press('Add Scope');
  await write('Name', 'catalogue');
  await tick('Set as a default scope');
  await press('Create');
  await page.getByRole('cell', { name: 'catalogue Default' }).waitFor();
  await tab('Access Policies');
  await press('Add New Access Policy');
  await write('Name', 'Keyboard policy');
  await write('Description', 'For the keyboard catalogue');
  await press('Create Policy');
  await page.getByRole('heading', { name: 'Keyboard policy' }).waitFor();
  await press('Add Rule');
  await write('Rule Name', 'Everybody');
  await press('Create Rule');
  await page.getByText('1. Everybody').waitFor();

  const servers = await api.get<{ id: string; name: string; issuerMode: string }[]>('/api/v1/authorizationServers');
  const made = servers.find(({ name }) => name === label);
  expect(made?.issuerMode).toBe('ORG_URL');
  const policies = await api.get<{ id: string }[]>(`/api/v1/authorizationServers/${made?.id}/policies`);
  const rules = await api.get(`/api/v1/authorizationServers/${made?.id}/policies/${policies[0]?.id}/rules`);
  expect(rules).toMatchObject([{ name: 'Everybody', status: 'ACTIVE' }]);
});
