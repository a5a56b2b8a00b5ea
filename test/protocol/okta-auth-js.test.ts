// The unmodified @okta/okta-auth-js in a real browser: contract section 6. @okta/jwt-verifier judges the tokens that it gets.
import { readFileSync } from 'node:fs';
import OktaJwtVerifier from '@okta/jwt-verifier';
import type { AccessToken, AuthnTransaction, IDToken, OktaAuth, Tokens } from '@okta/okta-auth-js';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { codeNow, requireFactorOf } from '../support/factors.ts';
import { followGuide, makeUser } from '../support/guide.ts';
import { introspect, refresh } from '../support/oauth.ts';
import { servePage } from '../support/page-server.ts';
import { serverOfThisFile } from '../support/server.ts';

declare global {
  interface Window {
    OktaAuth: typeof OktaAuth;
    auth: OktaAuth;
    transaction: AuthnTransaction;
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
  audience: 'api://catalogue',
  oauthClient: { redirect_uris: [`${app.origin}/callback`], post_logout_redirect_uris: [app.origin] },
});

/** Makes `window.auth` in the page, as the application's start does. */
async function startApp(page: Page, path: string, issuer = guide.issuer): Promise<void> {
  await page.goto(`${app.origin}${path}`);
  await configure(page, issuer);
}

async function configure(page: Page, issuer = guide.issuer): Promise<void> {
  await page.evaluate(
    (config) => {
      window.auth = new window.OktaAuth(config);
    },
    {
      issuer,
      clientId: guide.clientId,
      redirectUri: `${app.origin}/callback`,
      scopes: ['openid', 'profile', 'email', 'offline_access'],
      tokenManager: { autoRenew: false },
    },
  );
}

async function signIn(page: Page, issuer = guide.issuer): Promise<Tokens> {
  await startApp(page, '/', issuer);
  await page.evaluate(() => window.auth.signInWithRedirect({ originalUri: '/home' }));
  await page.getByLabel('Username').fill(guide.user.login);
  await page.getByLabel('Password').fill(guide.user.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${app.origin}/callback?**`);
  await configure(page, issuer);
  return page.evaluate(async () => {
    const { tokens } = await window.auth.token.parseFromUrl();
    window.auth.tokenManager.setTokens(tokens);
    return tokens;
  });
}

describe.each([
  ['a custom server', guide.issuer],
  ['the org server', server.url],
])('with %s', (_, issuer) => {
  let page: Page;
  let first: Tokens;

  beforeAll(async () => {
    page = await (await browser.newContext()).newPage();
    first = await signIn(page, issuer);
  });
  afterAll(() => page.context().close());

  test('signInWithRedirect brings tokens that the SDK believes', () => {
    expect(first.idToken?.claims).toMatchObject({ sub: guide.user.id, aud: guide.clientId, iss: issuer });
    expect(first.accessToken?.scopes).toEqual(['openid', 'profile', 'email', 'offline_access']);
    expect(first.refreshToken?.refreshToken).toBeTruthy();
  });

  test('getUserInfo', async () => {
    const person = await page.evaluate(() => window.auth.token.getUserInfo());
    expect(person).toMatchObject({ sub: guide.user.id, email: guide.user.login, given_name: 'Ada' });
  });

  test('renewal by refresh token', async () => {
    const renewed = await page.evaluate(async () => {
      const tokens = await window.auth.token.renewTokens();
      window.auth.tokenManager.setTokens(tokens);
      return tokens;
    });
    expect(renewed.accessToken?.accessToken).not.toBe(first.accessToken?.accessToken);
    expect(renewed.refreshToken?.refreshToken).not.toBe(first.refreshToken?.refreshToken);
    expect(renewed.idToken?.claims.sub).toBe(guide.user.id);
  });

  test('getWithoutPrompt in a hidden frame', async () => {
    const { tokens } = await page.evaluate(() => window.auth.token.getWithoutPrompt({ scopes: ['openid', 'email'] }));
    expect(tokens.idToken?.claims.sub).toBe(guide.user.id);
    expect(tokens.accessToken?.scopes).toEqual(['openid', 'email']);
  });

  test('session.exists and session.get see the session by its cookie', async () => {
    await guide.api.request('POST', '/api/v1/trustedOrigins', {
      name: `App ${app.origin}`,
      origin: app.origin,
      scopes: [{ type: 'CORS' }, { type: 'REDIRECT' }],
    });
    expect(await page.evaluate(() => window.auth.session.exists())).toBe(true);
    expect(await page.evaluate(() => window.auth.session.get())).toMatchObject({
      status: 'ACTIVE',
      login: guide.user.login,
    });
  });

  test('revokeAccessToken', async () => {
    const { accessToken } = await page.evaluate(() => window.auth.tokenManager.getTokens());
    await page.evaluate(() => window.auth.revokeAccessToken());
    const client = { ...guide, issuer };
    expect((await introspect(client, accessToken?.accessToken ?? '')).body).toEqual({ active: false });
  });

  test('signOut revokes the refresh token, ends the session here and comes back', async () => {
    const { refreshToken } = await page.evaluate(() => window.auth.tokenManager.getTokens());
    await page.evaluate(() => {
      void window.auth.signOut();
    });
    await page.waitForURL(`${app.origin}/`);
    const client = { ...guide, issuer };
    expect((await refresh(client, refreshToken?.refreshToken ?? '')).status).toBe(400);
    await startApp(page, '/', issuer);
    const refusal = await page.evaluate(() =>
      window.auth.token.getWithoutPrompt({ scopes: ['openid'] }).then(
        () => 'signed in',
        (error: { errorCode: string }) => error.errorCode,
      ),
    );
    expect(refusal).toBe('login_required');
  });
});

test('an SDK whose refresh token is no good forgets it, because the error has the words that it compares', async () => {
  const page = await (await browser.newContext()).newPage();
  const tokens = await signIn(page);
  await refresh(guide, tokens.refreshToken?.refreshToken ?? '');
  await guide.api.delete(`/api/v1/users/${guide.user.id}/sessions?oauthTokens=true`);
  const after = await page.evaluate(async () => {
    await window.auth.token.renewTokens().catch(() => {});
    return window.auth.tokenManager.getTokens();
  });
  expect(after.refreshToken).toBeUndefined();
  await page.context().close();
});

test('getWithPopup gets its answer by message from the popup', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await startApp(page, '/');
  const popup = page.waitForEvent('popup');
  const answer = page.evaluate(() => window.auth.token.getWithPopup({ scopes: ['openid', 'email'] }));
  const window_ = await popup;
  await window_.getByLabel('Username').fill(guide.user.login);
  await window_.getByLabel('Password').fill(guide.user.password);
  await window_.getByRole('button', { name: 'Sign in' }).click();
  expect((await answer).tokens.idToken?.claims.sub).toBe(guide.user.id);
  await context.close();
});

test('signInWithCredentials and a session token sign in without our pages', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await startApp(page, '/');
  const tokens = await page.evaluate(async ({ login, password }) => {
    const transaction = await window.auth.signInWithCredentials({ username: login, password });
    const { sessionToken = '' } = transaction;
    return (await window.auth.token.getWithoutPrompt({ sessionToken })).tokens;
  }, guide.user);
  expect(tokens.idToken?.claims.sub).toBe(guide.user.id);
  await context.close();
});

test('signInWithCredentials is led through the set-up of a further factor, and asked for it from then on', async () => {
  const person = await makeUser(guide.api);
  await guide.api.post(`/api/v1/apps/${guide.app.id}/users`, { id: person.id, scope: 'USER' });
  await requireFactorOf(guide.api, person.id);
  const context = await browser.newContext();
  const page = await context.newPage();
  await startApp(page, '/');
  const secret = await page.evaluate(async ({ login, password }) => {
    const begun = await window.auth.signInWithCredentials({ username: login, password });
    if (begun.status !== 'MFA_ENROLL') throw new Error(begun.status);
    const factor = begun.factors?.find(({ provider }) => provider === 'GOOGLE');
    window.transaction = (await factor?.enroll()) ?? begun;
    return String(window.transaction.factor?.activation.sharedSecret);
  }, person);
  const set = await page.evaluate(async (passCode) => {
    const { status, sessionToken = '' } = (await window.transaction.activate?.({ passCode })) ?? window.transaction;
    const { tokens } = await window.auth.token.getWithoutPrompt({ sessionToken });
    return { status, amr: tokens.idToken?.claims.amr };
  }, codeNow(secret));
  expect(set).toEqual({ status: 'SUCCESS', amr: ['pwd', 'otp', 'mfa'] });
  const asked = await page.evaluate(async ({ login, password }) => {
    const begun = await window.auth.signInWithCredentials({ username: login, password });
    const refused = await begun.factors?.[0]
      ?.verify({ passCode: '000000' })
      .catch((error: { errorCode: string }) => error.errorCode);
    return [begun.status, refused];
  }, person);
  expect(asked).toEqual(['MFA_REQUIRED', 'E0000068']);
  await context.close();
});

describe('@okta/jwt-verifier', () => {
  const verifier = new OktaJwtVerifier({
    issuer: guide.issuer,
    clientId: guide.clientId,
    testing: { disableHttpsCheck: true },
  });
  let tokens: { accessToken: AccessToken; idToken: IDToken };

  beforeAll(async () => {
    const page = await (await browser.newContext()).newPage();
    const { accessToken, idToken } = await signIn(page);
    if (!accessToken || !idToken) throw new Error('The SDK brought no tokens');
    tokens = { accessToken, idToken };
    await page.context().close();
  });

  test('accepts the access token for its audience, and for no other', async () => {
    const { claims } = await verifier.verifyAccessToken(tokens.accessToken.accessToken, 'api://catalogue');
    expect(claims).toMatchObject({ cid: guide.clientId, uid: guide.user.id, sub: guide.user.login });
    await expect(verifier.verifyAccessToken(tokens.accessToken.accessToken, 'api://other')).rejects.toThrow();
  });

  test('accepts the ID token with its nonce', async () => {
    const { idToken, claims } = tokens.idToken;
    const verified = await verifier.verifyIdToken(idToken, guide.clientId, String(claims.nonce));
    expect(verified.claims.sub).toBe(guide.user.id);
  });

  test('refuses a token whose last character was changed', async () => {
    const token = tokens.accessToken.accessToken;
    const tampered = `${token.slice(0, -10)}${token.slice(-10) === 'AAAAAAAAAA' ? 'BBBBBBBBBB' : 'AAAAAAAAAA'}`;
    await expect(verifier.verifyAccessToken(tampered, 'api://catalogue')).rejects.toThrow();
  });
});
