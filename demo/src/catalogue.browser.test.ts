import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AUDIENCE, CLIENT_ID } from '../../relying-party/test-support/signing-provider.ts';
import { launchBrowser } from '../../test/support/browser.ts';
import { type HttpProvider, startHttpProvider } from '../test-support/http-provider.ts';
import { createCatalogue } from './catalogue.ts';

let browser: Browser;
let context: BrowserContext;
let provider: HttpProvider;
let server: ReturnType<typeof serve>;
let origin: string;
let complaints: string[];

beforeAll(async () => {
  browser = await launchBrowser();
});

afterAll(() => browser.close());

beforeEach(async () => {
  const allowed = { origin: '' };
  provider = await startHttpProvider(allowed);
  const catalogue = createCatalogue({ issuer: provider.issuer, clientId: CLIENT_ID, audience: AUDIENCE });
  origin = await new Promise<string>((resolve) => {
    server = serve({ fetch: catalogue.fetch, hostname: '127.0.0.1', port: 0 }, (info: AddressInfo) =>
      resolve(`http://localhost:${info.port}`),
    );
  });
  allowed.origin = origin;
  context = await browser.newContext();
  complaints = [];
});

afterEach(async () => {
  await context.close();
  await provider.stop();
  server.close();
  expect(complaints).toEqual([]);
});

/** A tab in which every complaint of the browser (a policy violation, an uncaught error) fails the test. */
async function openTab(path = '/'): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Trusted Type|Refused/i.test(message.text()))
      complaints.push(message.text());
  });
  await page.goto(origin + path);
  return page;
}

async function signIn(page: Page, identifier = 'ada') {
  await page
    .getByRole('main')
    .getByRole('button', { name: /Sign in/ })
    .click();
  await page.locator('[name=identifier]').fill(identifier);
  await page.locator('[name=password]').fill('secret');
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

describe('the catalogue in a browser', () => {
  it('signs in, shows the tables, edits one, tells who is signed in, and signs out', async () => {
    const page = await openTab();
    await heading(page, 'Know your data');
    await signIn(page);
    await heading(page, 'Tables');
    expect(page.url()).toBe(`${origin}/`);

    await page.getByRole('link', { name: 'sales.orders' }).click();
    await heading(page, 'orders');
    await page.getByLabel('Owner').fill('Ada Lovelace');
    await page.getByLabel('Description').fill('Every order, once.');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved.').waitFor();
    await page.getByText('by ada@example.com').waitFor();
    await page.getByRole('link', { name: 'Tables' }).first().click();
    await page.getByRole('cell', { name: 'Every order, once.' }).waitFor();

    await page.getByRole('link', { name: 'Who am I' }).click();
    await heading(page, 'Ada Lovelace');
    await page.getByText('by signing in').first().waitFor();
    expect(await page.getByRole('row', { name: /uid/ }).innerText()).toContain('00uAda');

    await page.getByRole('button', { name: 'Sign out' }).click();
    await heading(page, 'Know your data');
    expect(provider.state.revoked).toEqual(['refresh_token', 'access_token']);
    expect(provider.seen.logouts[0]?.get('post_logout_redirect_uri')).toBe(origin);
    expect(provider.seen.logouts[0]?.get('id_token_hint')).toMatch(/^eyJ/);
    await page.reload();
    await heading(page, 'Know your data');
  });

  it('a link into the catalogue is come back to after signing in', async () => {
    const page = await openTab('/tables/customers?from=mail');
    await heading(page, 'Know your data');
    await signIn(page);
    await heading(page, 'customers');
    expect(page.url()).toBe(`${origin}/tables/customers?from=mail`);
  });

  it('a reload restores the session through the hidden frame', async () => {
    const page = await openTab();
    await signIn(page);
    await heading(page, 'Tables');
    await page.goto(`${origin}/me`);
    await heading(page, 'Ada Lovelace');
    await page.locator('[data-obtained-by="hidden-frame"]').waitFor();
    expect(await page.locator('iframe').count()).toBe(0);
  });

  it('no token is in any storage, any cookie or any address', async () => {
    const page = await openTab();
    await signIn(page);
    await heading(page, 'Tables');
    const stored = await page.evaluate(() =>
      JSON.stringify([{ ...sessionStorage }, { ...localStorage }, document.cookie]),
    );
    expect(stored).not.toContain('eyJ');
    expect(page.url()).not.toMatch(/eyJ|code=/);
  });

  it('renews by refresh token before the end, while the page is open', async () => {
    provider.state.lifetime = 3;
    const page = await openTab('/me');
    await signIn(page);
    await page.locator('[data-obtained-by="refresh-token"]').waitFor();
    const refreshes = provider.state.tokenRequests.filter((body) => body.has('refresh_token'));
    expect(refreshes.length).toBeGreaterThan(0);
  });

  it('renews through the hidden frame when there is no refresh token, and on demand', async () => {
    const page = await openTab('/me');
    await signIn(page);
    await heading(page, 'Ada Lovelace');
    await page.getByRole('button', { name: 'Renew through a hidden frame' }).click();
    await page.locator('[data-obtained-by="hidden-frame"]').waitFor();
    await page.getByRole('button', { name: 'Renew by refresh token' }).click();
    await page.locator('[data-obtained-by="refresh-token"]').waitFor();

    provider.state.refreshable = false;
    provider.state.lifetime = 3;
    await page.reload();
    await page.locator('.renewals li').nth(1).waitFor();
    expect(await page.locator('.renewals li').nth(1).innerText()).toContain('hidden frame');
  });

  it('a second tab takes over the session, both live on one renewal, and one sign-out ends both', async () => {
    const first = await openTab('/me');
    await signIn(first);
    await heading(first, 'Ada Lovelace');
    const second = await openTab('/me');
    await heading(second, 'Ada Lovelace');
    await second.locator('[data-obtained-by="other-tab"]').waitFor();
    // The first renewal is held back until the second tab waits for it: a machine under load may not run them as one.
    let release = () => {};
    provider.state.tokenGate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const waiting = async () => (await second.evaluate(() => navigator.locks.query())).pending?.length;
    await first.getByRole('button', { name: 'Renew by refresh token' }).click();
    await expect.poll(() => provider.state.tokenRequests.filter((body) => body.has('refresh_token')).length).toBe(1);
    await second.getByRole('button', { name: 'Renew by refresh token' }).click();
    await expect.poll(waiting).toBe(1);
    release();
    await Promise.all([first, second].map((page) => page.getByText('Renewed.').waitFor()));
    expect(provider.state.tokenRequests.filter((body) => body.has('refresh_token'))).toHaveLength(1);
    await first.getByRole('button', { name: 'Sign out' }).click();
    await heading(second, 'Know your data');
  });

  it('a dead refresh token and a dead session sign the person out and say why', async () => {
    const page = await openTab('/me');
    await signIn(page);
    await heading(page, 'Ada Lovelace');
    provider.killRefreshTokens();
    await context.clearCookies();
    await page.getByRole('button', { name: 'Renew by refresh token' }).click();
    await heading(page, 'Know your data');
    await page.getByText('The refresh token is invalid or expired.').waitFor();
  });

  it('a refusal at the callback shows the provider’s error, its description, what to check and the step', async () => {
    const page = await openTab();
    await heading(page, 'Know your data');
    provider.state.refuseAuthorize = {
      error: 'access_denied',
      error_description: 'Policy evaluation failed for this request, please check the <b>policy</b> configurations.',
    };
    await page
      .getByRole('main')
      .getByRole('button', { name: /Sign in/ })
      .click();
    await heading(page, 'Signing in did not work');
    const alert = await page.getByRole('alert').innerText();
    expect(alert).toContain('access_denied');
    expect(alert).toContain('check the <b>policy</b> configurations.');
    expect(alert).toMatch(/access polic/i);
    expect(alert).toMatch(/guide\s+7/);
    provider.state.refuseAuthorize = undefined;
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[name=identifier]').waitFor();
  });

  it('an error that a stranger put into the address is not shown', async () => {
    const page = await openTab('/callback?error=access_denied&error_description=Call+0800&state=guess');
    await heading(page, 'Signing in did not work');
    expect(await page.getByRole('main').innerText()).not.toContain('0800');
  });

  it('a provider whose answers this page may not read is told as such', async () => {
    const page = await openTab();
    await heading(page, 'Know your data');
    await page.route(`${provider.issuer}/v1/token`, (route) => route.abort());
    await signIn(page);
    await heading(page, 'Signing in did not work');
    expect(await page.getByRole('alert').innerText()).toContain('Base URIs');
  });

  it('works by keyboard alone', async () => {
    const page = await openTab();
    await heading(page, 'Know your data');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    await page
      .getByRole('main')
      .getByRole('button', { name: /Sign in/ })
      .focus();
    await page.keyboard.press('Enter');
    await page.locator('[name=identifier]').fill('ada');
    await page.keyboard.press('Enter');
    await heading(page, 'Tables');
    await page.getByRole('link', { name: 'sales.orders' }).focus();
    await page.keyboard.press('Enter');
    await heading(page, 'orders');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main');
    await page.goBack();
    await heading(page, 'Tables');
  });
});
