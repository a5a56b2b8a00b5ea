// A foreign library (openid-client) uses the grants without a callback, and a real browser connects a device by keyboard alone.
import * as client from 'openid-client';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { activate, DEVICE_GRANT, type DeviceCodes } from '../support/device.ts';
import { CLIENT_CREDENTIALS, JWT_BEARER, makeGrantClient, PASSWORD, TOKEN_EXCHANGE } from '../support/grants.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const app = await makeGrantClient(server, [CLIENT_CREDENTIALS, DEVICE_GRANT, PASSWORD, TOKEN_EXCHANGE, JWT_BEARER]);
const config = await client.discovery(new URL(app.issuer), app.clientId, app.secret, undefined, {
  execute: [client.allowInsecureRequests],
});

describe('the library', () => {
  test('gets a token for the client itself', async () => {
    const tokens = await client.clientCredentialsGrant(config, { scope: 'catalogue' });
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'catalogue', expires_in: 3600 });
  });

  test('finds the device endpoint, polls, and believes the ID token', async () => {
    const codes = await client.initiateDeviceAuthorization(config, { scope: 'openid catalogue' });
    await activate(newUserAgent(server), codes as DeviceCodes, app.user);
    const tokens = await client.pollDeviceAuthorizationGrant(config, codes);
    expect(tokens.claims()?.sub).toBe(app.user.id);
    await expect(client.pollDeviceAuthorizationGrant(config, codes)).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  test('signs a person in by password and exchanges the token', async () => {
    const { login: username, password } = app.user;
    const signedIn = await client.genericGrantRequest(config, PASSWORD, {
      username,
      password,
      scope: 'openid catalogue',
    });
    expect(signedIn.claims()?.sub).toBe(app.user.id);
    const exchanged = await client.genericGrantRequest(config, TOKEN_EXCHANGE, {
      subject_token: signedIn.access_token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      audience: app.audience,
    });
    expect(exchanged.issued_token_type).toBe('urn:ietf:params:oauth:token-type:access_token');
  });
});

describe('a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  test('connects a device by keyboard alone, without script', async () => {
    const codes = await client.initiateDeviceAuthorization(config, { scope: 'openid profile catalogue' });
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    // The browser puts the cursor there itself, a moment after the page has loaded: what is typed before goes nowhere.
    const cursorIn = (name: string) => page.locator(`[name=${name}]:focus`).waitFor();
    await page.goto(codes.verification_uri);
    expect(await page.title()).toContain('Connect a device');
    await cursorIn('user_code');
    await page.keyboard.type(codes.user_code.toLowerCase());
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/signin/);
    await cursorIn('identifier');
    await page.keyboard.type(app.user.login);
    await page.keyboard.press('Tab');
    await cursorIn('password');
    await page.keyboard.type(app.user.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/activate\/confirm/);
    const text = await page.textContent('main');
    for (const part of [app.app.label, app.user.login, codes.user_code, 'View your profile information.'])
      expect(text).toContain(part);
    await page.getByRole('button', { name: 'Allow access' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your device is connected' }).waitFor();
    expect((await client.pollDeviceAuthorizationGrant(config, codes)).claims()?.sub).toBe(app.user.id);
    await context.close();
  });
});
