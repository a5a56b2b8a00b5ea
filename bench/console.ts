// The console at size: `node bench/console.ts [rounds]`. With 100,000 people, 10,000 applications and 1,000 authorization servers, how
// long from a click until its page can be used, in a real browser on this machine; and how much script the first load brings.
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../test/support/browser.ts';
import { gatehouseSettings, prepare } from './gatehouse.ts';
import { enlarge } from './large-org.ts';
import { freePort, startNode, stop } from './processes.ts';

const rounds = Number(process.argv[2] ?? 10);
const SIZE = { users: 100_000, applications: 10_000, servers: 1_000 };
const main = new URL('../server/src/main.ts', import.meta.url).pathname;

/** Where to, and what is there when it can be used. */
const pages: readonly (readonly [path: string, shows: RegExp])[] = [
  ['', /Your organization/],
  ['/applications', /Application 0/],
  ['/people', /person0/],
  ['/groups', /Everyone/],
  ['/api', /Server 0/],
  ['/api/tokens', /First start/],
  ['/api/trusted-origins', /Add Origin/],
  ['/administrators', /Super Administrator/],
  ['/identity-providers', /Identity/],
  ['/system-log', /Outcome/],
];

const settings = gatehouseSettings(await freePort());
const first = await startNode(main, `${settings.url}/health`, settings.env, null);
await prepare(settings);
await stop(first.child);
const file = settings.env.DATABASE_URL?.slice('sqlite:'.length) ?? '';
enlarge(file, SIZE, { login: 'person@example.com', label: 'Bench browser', server: 'Bench' });
const { child } = await startNode(main, `${settings.url}/health`, settings.env, null);
const browser = await launchBrowser();
try {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 860 } })).newPage();
  const script = countScript(page);
  await page.goto(`${settings.url}/admin`);
  await page.getByLabel('Username').fill('admin@example.com');
  await page.getByLabel('Password').fill(settings.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Getting Started' }).waitFor();
  console.log(`first load: ${(await script()).toFixed(0)} kB of compressed script`);
  const { applications, users } = await linksOf(page);
  const all = [
    ...pages,
    [`/applications/${applications}`, /LOGIN/],
    [`/applications/${applications}/assignments`, /Assign/],
    [`/people/${users}`, /Reset Password/],
  ] as const;
  const every: number[] = [];
  console.log(`${SIZE.users} people, ${SIZE.applications} applications, ${SIZE.servers} servers; ${rounds} rounds`);
  for (const [path, shows] of all) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await timed(page, path, shows));
    every.push(...times);
    console.log(`${path.padEnd(44) || 'home'} p50 ${at(times, 0.5)} ms, p95 ${at(times, 0.95)} ms`);
  }
  console.log(`all: p95 ${at(every, 0.95)} ms`);
} finally {
  await browser.close();
  await stop(child);
}

async function timed(page: Page, path: string, shows: RegExp): Promise<number> {
  await page.evaluate(go, '/admin/nowhere');
  await page.getByText('There is no page at this address.').waitFor();
  const began = performance.now();
  await page.evaluate(go, `/admin${path}`);
  await page.locator('main').getByText(shows).first().waitFor();
  return performance.now() - began;
}

function go(to: string): void {
  history.pushState(null, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Ids to open: of an application and of a person in the middle of their lists. */
async function linksOf(page: Page): Promise<{ applications: string; users: string }> {
  const ids = { applications: '', users: '' };
  for (const [key, path, name] of [
    ['applications', '/applications', /Application 0/],
    ['users', '/people', /First/],
  ] as const) {
    await page.evaluate(go, `/admin${path}`);
    const link = page.locator('main').getByRole('link', { name }).first();
    ids[key] = ((await link.getAttribute('href')) ?? '').split('/').at(-1) ?? '';
  }
  return ids;
}

/** Counts what scripts weigh when compressed, each once, whether or not this server compressed them. */
function countScript(page: Page): () => Promise<number> {
  const bodies = new Map<string, Promise<number>>();
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (!pathname.endsWith('.js') || bodies.has(pathname)) return;
    const size = response.body().then((body) => gzipSync(body).length);
    // A response that a navigation has cut short is loaded again.
    bodies.set(pathname, size);
    size.catch(() => bodies.delete(pathname));
  });
  return async () => {
    const sizes = await Promise.allSettled(bodies.values());
    return sizes.reduce((sum, size) => sum + (size.status === 'fulfilled' ? size.value : 0), 0) / 1000;
  };
}

function at(times: readonly number[], part: number): string {
  const sorted = times.toSorted((left, right) => left - right);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN).toFixed(0);
}
