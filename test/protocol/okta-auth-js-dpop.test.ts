// The unmodified @okta/okta-auth-js in a real browser, with `dpop: true`: contract sections 1.16 and 6.7.
import { readFileSync } from 'node:fs';
import type { OktaAuth, Tokens } from '@okta/okta-auth-js';
import { decodeJwt } from 'jose';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { followGuide } from '../support/guide.ts';
import { endpointsOf, introspect } from '../support/oauth.ts';
import { servePage } from '../support/page-server.ts';
import { serverOfThisFile } from '../support/server.ts';

declare global {
  interface Window {
    OktaAuth: typeof OktaAuth;
    auth: OktaAuth;
  }
}

const server = await serverOfThisFile();
const sdk = readFileSync(new URL('dist/okta-auth-js.min.js', import.meta.resolve('@okta/okta-auth-js/package.json')));
const app = await servePage('<!doctype html><title>App</title><script src="/sdk.js"></script>', { '/sdk.js': sdk });
const browser = await launchBrowser();
afterAll(async () => {
  await browser.close();
  await app.close();
});

const guide = await followGuide(server, {
  oauthClient: { redirect_uris: [`${app.origin}/callback`], dpop_bound_access_tokens: true },
});

async function configure(page: Page): Promise<void> {
  await page.evaluate(
    (config) => {
      window.auth = new window.OktaAuth(config);
    },
    {
      issuer: guide.issuer,
      clientId: guide.clientId,
      redirectUri: `${app.origin}/callback`,
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      tokenManager: { autoRenew: false },
      dpop: true,
    },
  );
}

let page: Page;
let first: Tokens;

beforeAll(async () => {
  page = await (await browser.newContext()).newPage();
  await page.goto(app.origin);
  await configure(page);
  await page.evaluate(() => window.auth.signInWithRedirect());
  await page.getByLabel('Username').fill(guide.user.login);
  await page.getByLabel('Password').fill(guide.user.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${app.origin}/callback?**`);
  await configure(page);
  first = await page.evaluate(async () => {
    const { tokens } = await window.auth.token.parseFromUrl();
    window.auth.tokenManager.setTokens(tokens);
    return tokens;
  });
});

test('the sign-in brings tokens that are bound to the key that the page made', async () => {
  const token = first.accessToken?.accessToken ?? '';
  expect(first.accessToken?.tokenType).toBe('DPoP');
  expect(decodeJwt(token).cnf).toEqual({ jkt: expect.stringMatching(/^[\w-]{43}$/) });
  expect((await introspect(guide, token)).body).toMatchObject({ active: true, token_type: 'DPoP' });
});

test('the page reads userinfo with it, and nobody without the key does', async () => {
  expect(await page.evaluate(() => window.auth.token.getUserInfo())).toMatchObject({ email: guide.user.login });
  const url = `${endpointsOf(guide.issuer)}/userinfo`;
  const headers = await page.evaluate((url) => window.auth.getDPoPAuthorizationHeaders({ url, method: 'GET' }), url);
  const call = (extra: Record<string, string>) => fetch(url, { headers: extra });
  expect((await call({ authorization: headers.Authorization, dpop: headers.Dpop })).status).toBe(200);
  expect((await call({ authorization: headers.Authorization })).status).toBe(401);
  expect((await call({ authorization: headers.Authorization.replace(/^DPoP/i, 'Bearer') })).status).toBe(401);
});

test('the page renews its tokens, bound to the same key', async () => {
  const renewed = await page.evaluate(() => window.auth.token.renewTokens());
  const bound = (tokens: Tokens) => decodeJwt(tokens.accessToken?.accessToken ?? '').cnf;
  expect(renewed.accessToken?.accessToken).not.toBe(first.accessToken?.accessToken);
  expect(bound(renewed)).toEqual(bound(first));
});
