import { join } from 'node:path';
import * as client from 'openid-client';
import type { Page } from 'playwright-core';
import { afterAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { servePage } from '../support/page-server.ts';
import { serverOfThisFile } from '../support/server.ts';
import { ensureBuilt, openConsole, violations } from './console.ts';

await ensureBuilt();
const server = await serverOfThisFile();
const browser = await launchBrowser();
afterAll(() => browser.close());

const catalogue = await servePage('<title>Data catalogue</title>', {});
afterAll(() => catalogue.close());
const CALLBACK = `${catalogue.origin}/callback`;
const PICTURES = join(import.meta.dirname, '../../docs/guide');

/** Pictures are taken where they are wanted; otherwise a run of the tests leaves the working tree as it was. */
async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {}))));
  if (process.env.GUIDE_PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

/** A place of the left navigation, as guides write it: `Applications > Applications`. */
async function goTo(page: Page, section: string, place: string): Promise<void> {
  const navigation = page.getByRole('navigation', { name: 'Main' });
  const link = navigation.getByRole('link', { name: place, exact: true });
  if (!(await link.isVisible())) await navigation.getByRole('button', { name: section, exact: true }).click();
  await link.click();
}

test('the eight steps of the guide, by their labels, lead to an issuer and a client that work', {
  timeout: 180_000,
}, async () => {
  const { page, faults, close } = await openConsole(browser, server, server.admin);
  const click = (name: string) => page.getByRole('button', { name, exact: true }).click();
  const tab = (name: string) => page.getByRole('tab', { name, exact: true }).click();
  const copied = (label: string) => page.locator(`[data-value="${label}"]`).first().innerText();
  const accessible = async () => expect.soft(await violations(page)).toEqual([]);

  // Steps 1 and 2
  await page.getByRole('heading', { name: 'Getting Started' }).waitFor();
  await picture(page, '01-getting-started');
  await accessible();
  await goTo(page, 'Applications', 'Applications');
  await page.getByRole('table', { name: 'Applications' }).waitFor();
  await picture(page, '02-applications');
  await accessible();
  await click('Create App Integration');

  // Step 3
  await page.getByRole('dialog', { name: 'Create a new app integration' }).waitFor();
  await page.getByRole('radio', { name: 'OIDC - OpenID Connect' }).check();
  await page.getByRole('radio', { name: 'Single-Page Application' }).check();
  await picture(page, '03-create-app-integration');
  await accessible();
  await click('Next');
  await page.getByRole('heading', { name: 'New Single-Page App Integration' }).waitFor();
  await page.getByLabel('App integration name').fill('Data catalogue');
  expect(await page.getByRole('checkbox', { name: 'Authorization Code' }).isChecked()).toBe(true);
  await page.getByRole('checkbox', { name: 'Refresh Token' }).check();
  await page.getByRole('radio', { name: 'Rotate token after every use' }).check();
  await page.getByRole('checkbox', { name: 'Implicit (hybrid)' }).check();
  await page.getByRole('checkbox', { name: 'Allow ID Token with implicit grant type' }).check();
  await page.getByRole('checkbox', { name: 'Allow Access Token with implicit grant type' }).check();
  await page.getByRole('textbox', { name: 'Sign-in redirect URIs' }).fill(CALLBACK);
  await click('Add URI to Sign-in redirect URIs');
  await page.getByRole('textbox', { name: 'Sign-in redirect URIs 2' }).fill(`${catalogue.origin}/silent-callback`);
  await page.getByRole('textbox', { name: 'Sign-out redirect URIs' }).fill(catalogue.origin);
  await page.getByRole('textbox', { name: 'Base URIs' }).fill(catalogue.origin);
  await picture(page, '04-general-settings');
  await page.getByRole('radio', { name: 'Allow everyone in your organization to access' }).check();
  await picture(page, '05-controlled-access');
  await accessible();
  await click('Save');
  await page.getByRole('heading', { name: 'Data catalogue' }).waitFor();
  await picture(page, '06-app-is-configured');
  await accessible();
  const clientId = await copied('Client ID');

  // Step 4
  await goTo(page, 'Security', 'API');
  await page.getByRole('table', { name: 'Authorization servers' }).waitFor();
  await picture(page, '07-security-api');
  await accessible();
  await click('Add Authorization Server');
  await page.getByLabel('Name').fill('Catalogue');
  await page.getByLabel('Audience').fill(clientId);
  await page.getByLabel('Description').fill('Tokens for the data catalogue');
  await picture(page, '08-add-authorization-server');
  await accessible();
  await click('Save');

  // Step 5
  await page.getByRole('heading', { name: 'Catalogue', exact: true }).waitFor();
  await page.getByText('Dynamic (based on request domain)').waitFor();
  await click('Edit Settings');
  await page.getByRole('radio', { name: 'Okta URL' }).check();
  await picture(page, '09-issuer-okta-url');
  await accessible();
  await click('Save');
  await page.getByText(`Okta URL (${server.url})`).waitFor();
  const issuer = await copied('Issuer URL');
  expect(issuer).toMatch(new RegExp(`^${server.url}/oauth2/aus`));

  // Step 6
  await tab('Scopes');
  await click('Add Scope');
  await page.getByLabel('Name').fill('catalogue');
  await page.getByRole('checkbox', { name: 'Set as a default scope' }).check();
  await picture(page, '10-default-scope');
  await accessible();
  await click('Create');
  await page.getByRole('cell', { name: 'catalogue Default' }).waitFor();
  await accessible();

  // Step 7
  await tab('Access Policies');
  await click('Add New Access Policy');
  await page.getByLabel('Name').fill('Catalogue policy');
  await page.getByLabel('Description').fill('Whom the catalogue may sign in');
  await page.getByRole('radio', { name: 'The following clients:' }).check();
  await page.getByRole('combobox', { name: 'Clients' }).fill('Data');
  await page.getByRole('option', { name: 'Data catalogue' }).click();
  await picture(page, '11-add-access-policy');
  await accessible();
  await click('Create Policy');
  await page.getByRole('heading', { name: 'Catalogue policy' }).waitFor();
  await click('Add Rule');
  await page.getByLabel('Rule Name').fill('Everyone who is assigned');
  expect(await page.getByRole('checkbox', { name: 'Authorization Code' }).isChecked()).toBe(true);
  await picture(page, '12-add-rule');
  await accessible();
  await click('Create Rule');
  await page.getByText('1. Everyone who is assigned').waitFor();
  await picture(page, '13-access-policies');
  await accessible();

  // Step 8
  await goTo(page, 'Applications', 'Applications');
  await page.getByRole('link', { name: 'Data catalogue' }).click();
  await page.getByRole('heading', { name: 'Data catalogue' }).waitFor();
  expect(await copied('Client ID')).toBe(clientId);
  expect(await copied('Okta domain')).toBe(server.url);
  await click('Edit General Settings');
  await page.getByRole('checkbox', { name: 'User consent' }).uncheck();
  await picture(page, '14-user-consent');
  await accessible();
  await click('Save');
  await page.getByText('Not required', { exact: true }).waitFor();
  await tab('Sign On');
  await click('Edit OpenID Connect ID Token');
  await page.getByRole('radio', { name: 'Okta URL' }).check();
  expect(await page.getByLabel('Audience').inputValue()).toBe(clientId);
  await picture(page, '15-sign-on');
  await accessible();
  await click('Save');
  await page.getByText(`Okta URL (${server.url})`).waitFor();
  expect(faults).toEqual([]);

  // With these two values, and nothing else, an application signs somebody in.
  const claims = await signInWith(page, issuer, clientId);
  expect(claims).toMatchObject({ iss: issuer, aud: clientId, preferred_username: server.admin.login });
  await close();
});

async function signInWith(page: Page, issuer: string, clientId: string) {
  const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), {
    execute: [client.allowInsecureRequests],
  });
  const pkceCodeVerifier = client.randomPKCECodeVerifier();
  const expectedState = client.randomState();
  const expectedNonce = client.randomNonce();
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: 'S256',
    state: expectedState,
    nonce: expectedNonce,
  });
  await page.goto(url.href);
  await page.waitForURL(`${catalogue.origin}/**`);
  const tokens = await client.authorizationCodeGrant(config, new URL(page.url()), {
    pkceCodeVerifier,
    expectedState,
    expectedNonce,
  });
  return tokens.claims();
}
