// Owns the admin console as a test meets it: built if it is not, open in a browser, signed in, and judged by axe. Every violation of
// the content security policy and every error of its script is kept, so that a test can say there was none.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { TestServer } from '../support/server.ts';
import type { Person } from '../support/user-agent.ts';

const ROOT = join(import.meta.dirname, '../..');

export type OpenConsole = { page: Page; faults: readonly string[]; close(): Promise<void> };

/** `npm ci` builds it; a folder from before that has none. */
export async function ensureBuilt(): Promise<void> {
  if (existsSync(join(ROOT, 'console/dist/index.html'))) return;
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  await promisify(execFile)(process.execPath, [vite, 'build'], { cwd: join(ROOT, 'console') });
}

/** The console in a browser window of its own, signed in as this person. */
export async function openConsole(
  browser: Browser,
  server: Pick<TestServer, 'url'>,
  person: Person,
  options: BrowserContextOptions = {},
): Promise<OpenConsole> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of (4\d\d)/.test(message.text())) faults.push(message.text());
  });
  await page.goto(`${server.url}/admin`);
  await page.getByLabel('Username').fill(person.login);
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return { page, faults, close: () => context.close() };
}

/** A place of the console, as a link leads to it: without a new start of the page. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
  }, `/admin${path}`);
}

type AxeResult = {
  violations: { id: string; impact: string; help: string; nodes: { target: unknown; html: string }[] }[];
};

/** What axe finds serious or critical on the page as it stands, in words. */
export async function violations(page: Page): Promise<string[]> {
  // A moving page has colours of its own.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))),
  );
  await page.evaluate(axe.source);
  const result = (await page.evaluate('axe.run()')) as AxeResult;
  return result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ target, html }) => `${id} (${help}) at ${target}: ${html}`));
}
