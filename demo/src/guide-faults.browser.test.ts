import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../../test/support/browser.ts';
import { createCatalogue } from './catalogue.ts';
import { type GatehouseProcess, startGatehouse } from './gatehouse-process.ts';
import { followGuide, type GuideResult } from './guide-steps.ts';
import { randomApiToken, randomPassword } from './installation.ts';
import { createManagementApi, type ManagementApi } from './management-api.ts';
import { freePort } from './ports.ts';

const PERSON = { login: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace' };

let folder: string;
let browser: Browser;
let context: BrowserContext;
let gatehouse: GatehouseProcess;
let api: ManagementApi;
let url: string;
let origin: string;
let guide: GuideResult;
let password: string;
let show: (options: { issuer?: string; clientId?: string }) => void;
let server: ReturnType<typeof serve>;

const follow = (passwordIsKept: boolean) =>
  followGuide(api, { demoOrigin: origin, person: PERSON, newPassword: randomPassword, passwordIsKept }, () => {});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'guide-faults-'));
  const port = await freePort(randomInt(20_000, 31_000));
  const demoPort = await freePort(port + 100);
  url = `http://localhost:${port}`;
  origin = `http://localhost:${demoPort}`;
  const apiToken = randomApiToken();
  const settings = {
    GATEHOUSE_URL: url,
    PORT: `${port}`,
    DATABASE_URL: `sqlite:${join(folder, 'gatehouse.db')}`,
    GATEHOUSE_ADMIN_LOGIN: 'admin@example.com',
    GATEHOUSE_ADMIN_PASSWORD: randomPassword(),
    GATEHOUSE_API_TOKEN: apiToken,
  };
  gatehouse = startGatehouse(url, settings, join(folder, 'log'));
  await gatehouse.ready;
  api = createManagementApi({ url, apiToken });
  guide = await follow(false);
  password = guide.password ?? '';
  let catalogue: ReturnType<typeof createCatalogue>;
  show = (options) => {
    catalogue = createCatalogue({ issuer: guide.issuer, clientId: guide.clientId, ...options });
  };
  server = serve({ fetch: (request) => catalogue.fetch(request), hostname: '127.0.0.1', port: demoPort });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  server.close();
  await gatehouse.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  show({});
  context = await browser.newContext();
});

afterEach(async () => {
  await context.close();
  // Taking the steps again mends what a test has broken, except for what they do not look at.
  await follow(true);
});

async function changeApp(change: Record<string, unknown>): Promise<void> {
  const app = await api.get<{ settings: { oauthClient: object } }>(`/apps/${guide.clientId}`);
  const settings = { ...app.settings, oauthClient: { ...app.settings.oauthClient, ...change } };
  await api.put(`/apps/${guide.clientId}`, { ...app, settings });
}

const serverPath = () => `/authorizationServers/${guide.issuer.split('/').at(-1)}`;

async function firstOf<Thing>(path: string): Promise<Thing & { id: string }> {
  const [thing] = await api.get<(Thing & { id: string })[]>(path);
  if (thing === undefined) throw new Error(`${path} is empty`);
  return thing;
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

async function trySignIn(): Promise<Page> {
  const page = await context.newPage();
  await page.goto(origin);
  await page.getByRole('button', { name: 'Sign in with Gatehouse' }).click();
  return page;
}

async function signIn(): Promise<Page> {
  const page = await trySignIn();
  await page.locator('[name=identifier]').fill(PERSON.login);
  await page.locator('[name=password]').fill(password);
  await page.locator('[name=password]').press('Enter');
  return page;
}

async function explanation(page: Page): Promise<string> {
  await heading(page, 'Signing in did not work');
  return page.getByRole('alert').innerText();
}

describe('a step of the guide that was left out is named by the page', () => {
  it('3: nobody is assigned', async () => {
    const groups = await api.get<{ id: string; profile: { name: string } }[]>('/groups?q=Everyone');
    const everyone = groups.find((group) => group.profile.name === 'Everyone');
    await api.delete(`/apps/${guide.clientId}/groups/${everyone?.id}`);
    const told = await explanation(await signIn());
    expect(told).toContain('User is not assigned to the client application.');
    expect(told).toMatch(/guide\s+3/);
  });

  it('3: the grant type Authorization Code is not ticked', async () => {
    await changeApp({ grant_types: ['implicit'], response_types: ['token', 'id_token'], refresh_token: undefined });
    const page = await context.newPage();
    await page.goto(origin);
    const told = await explanation(page);
    expect(told).toContain('unsupported_response_type');
    expect(told).toContain('Authorization Code');
    expect(told).toMatch(/guide\s+3/);
  });

  it('3: the callback is not listed: Gatehouse itself says so, and sends nobody back', async () => {
    await changeApp({ redirect_uris: [`${origin}/callback/`, `${origin}/silent-callback`] });
    const page = await trySignIn();
    await page.getByText('must be a Login redirect URI').first().waitFor();
    expect(new URL(page.url()).origin).toBe(url);
  });

  it('3: the silent callback is not listed: a reload asks to sign in, and says what to check', async () => {
    const page = await signIn();
    await heading(page, 'Tables');
    await changeApp({ redirect_uris: [`${origin}/callback`] });
    await page.reload();
    await heading(page, 'Know your data');
    const told = await page.getByRole('status').first().innerText();
    expect(told).toContain('silent callback is listed');
  });

  it('4: the audience is not the client ID: the API says what it expected and what came', async () => {
    const own = await api.get<object>(serverPath());
    await api.put(serverPath(), { ...own, audiences: ['api://elsewhere'] });
    const page = await signIn();
    await page.getByText(`for the audience "${guide.clientId}", but this one is for "api://elsewhere"`).waitFor();
  });

  it('7: the policy is not active', async () => {
    const policy = await firstOf<object>(`${serverPath()}/policies`);
    await api.put(`${serverPath()}/policies/${policy.id}`, { ...policy, status: 'INACTIVE' });
    const told = await explanation(await signIn());
    expect(told).toContain('Policy evaluation failed');
    expect(told).toMatch(/guide\s+7/);
  });

  it('7: the rule lacks a scope that is asked for', async () => {
    const policy = await firstOf<object>(`${serverPath()}/policies`);
    const rules = `${serverPath()}/policies/${policy.id}/rules`;
    const rule = await firstOf<{ conditions: object }>(rules);
    const conditions = { ...rule.conditions, scopes: { include: ['openid', 'profile'] } };
    await api.put(`${rules}/${rule.id}`, { ...rule, conditions });
    const told = await explanation(await signIn());
    expect(told).toContain('access_denied');
    expect(told).toMatch(/guide\s+7/);
  });

  it('8: the client ID is another one: Gatehouse itself says so', async () => {
    show({ clientId: '0oaNobody' });
    const page = await trySignIn();
    await page.getByText('client_id').first().waitFor();
    expect(new URL(page.url()).origin).toBe(url);
  });

  it('8: the issuer is nobody’s, or off by a slash', async () => {
    for (const [issuer, step] of [
      [`${url}/oauth2/ausNobody`, 8],
      [`${guide.issuer}/`, 5],
    ] as const) {
      show({ issuer });
      const page = await context.newPage();
      await page.goto(origin);
      if (step === 8) await page.getByRole('button', { name: 'Sign in with Gatehouse' }).click();
      expect(await explanation(page)).toMatch(new RegExp(`guide\\s+${step}`));
    }
  });
});
