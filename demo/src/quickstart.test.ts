import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchBrowser } from '../../test/support/browser.ts';
import { freePort } from './ports.ts';

const QUICKSTART = fileURLToPath(new URL('quickstart.ts', import.meta.url));
const START_LIMIT_MS = 60_000;

type Run = {
  child: ChildProcess;
  output: () => string;
  /** What stands behind a label of the list that is printed at the end. */
  value: (label: string) => string;
  end: (signal: 'SIGINT' | 'SIGTERM') => Promise<number | null>;
};

let folder: string;
let port: number;
let demoPort: number;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quickstart-'));
  // Below the ports that the system hands out by itself: between two starts nobody else comes to listen on them.
  port = await freePort(randomInt(20_000, 31_000));
  demoPort = await freePort(port + 100);
});

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function start(): Promise<Run> {
  const child = spawn(process.execPath, [QUICKSTART], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      DATA_DIR: join(folder, 'data'),
      PORT: `${port}`,
      DEMO_PORT: `${demoPort}`,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let output = '';
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const run: Run = {
    child,
    output: () => output,
    value: (label) => new RegExp(`^ +${label} +(.+)$`, 'm').exec(output)?.[1] ?? '',
    end: (signal) => {
      child.kill(signal);
      return exited;
    },
  };
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error(`nothing to open yet:\n${output}`)), START_LIMIT_MS);
    const hear = (text: string) => {
      output += text;
      if (output.includes('Ctrl-C ends both')) settle(() => resolve(run));
    };
    const settle = (outcome: () => void) => {
      clearTimeout(limit);
      outcome();
    };
    child.stdout?.setEncoding('utf8').on('data', hear);
    child.stderr?.setEncoding('utf8').on('data', hear);
    void exited.then((code) => settle(() => reject(new Error(`it ended with ${code}:\n${output}`))));
  });
}

async function occupy(taken: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(taken, '127.0.0.1', resolve);
  });
  return server;
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();

describe('one command', () => {
  let first: { issuer: string; clientId: string; login: string; password: string };

  it('takes the eight steps, prints what to open, and a newcomer signs in, stays signed in, and signs out', async () => {
    const run = await start();
    for (const step of [1, 2, 3, 4, 5, 6, 7, 8]) expect(run.output()).toMatch(new RegExp(`^ +${step}  `, 'm'));
    const [login = '', password = ''] = run.value('Sign in as').split(/\s+/);
    first = { issuer: run.value('Issuer URL'), clientId: run.value('Client ID'), login, password };
    expect(run.value('Open')).toBe(`http://localhost:${demoPort}`);
    expect(first.issuer).toMatch(new RegExp(`^http://localhost:${port}/oauth2/aus\\w+$`));
    expect(first.clientId).toMatch(/^0oa\w+$/);

    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.clock.install();
      await page.goto(run.value('Open'));
      await page.getByRole('button', { name: 'Sign in with Gatehouse' }).click();
      await page.locator('[name=identifier]').fill(login);
      await page.locator('[name=password]').fill(password);
      await page.locator('[name=password]').press('Enter');
      await heading(page, 'Tables');

      await page.getByRole('link', { name: 'Who am I' }).click();
      await heading(page, 'Ada Lovelace');
      const renewals = page.locator('.renewals li').filter({ hasText: 'refresh token' });
      for (const renewed of [1, 2]) {
        // Access tokens live for five minutes; a minute before that the page renews by itself.
        await page.clock.fastForward('04:10');
        await renewals.nth(renewed - 1).waitFor();
      }
      await page.getByRole('button', { name: 'Renew through a hidden frame' }).click();
      await page.locator('[data-obtained-by="hidden-frame"]').waitFor();
      await page.reload();
      await heading(page, 'Ada Lovelace');

      await page.getByRole('button', { name: 'Sign out' }).click();
      await heading(page, 'Know your data');
      expect(page.url()).toBe(`${run.value('Open')}/`);
      await page.getByRole('button', { name: 'Sign in with Gatehouse' }).click();
      await page.locator('[name=identifier]').waitFor();
    } finally {
      await browser.close();
    }
    expect(await run.end('SIGINT')).toBe(0);
  }, 120_000);

  it('keeps its secrets in files for their owner alone, and nowhere else', () => {
    const data = join(folder, 'data');
    for (const file of ['demo-credentials.txt', 'demo-api-token'])
      expect(statSync(join(data, file)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(data, 'demo-credentials.txt'), 'utf8')).toContain(first.password);
    for (const file of ['gatehouse.db', 'gatehouse.log'])
      expect(readFileSync(join(data, file)).includes(first.password)).toBe(false);
  });

  it('a second start changes nothing, shows no password, and ends as cleanly by SIGTERM', async () => {
    const run = await start();
    expect(run.output()).not.toMatch(/: (done|changed)$/m);
    expect(run.output()).not.toContain(first.password);
    expect(run.value('Sign in as')).toContain('demo-credentials.txt');
    expect(run.value('Issuer URL')).toBe(first.issuer);
    expect(run.value('Client ID')).toBe(first.clientId);
    expect(await run.end('SIGTERM')).toBe(0);
    await expect(fetch(`http://localhost:${port}/health`)).rejects.toThrow();
  }, 60_000);

  it('killed outright, it takes Gatehouse with it, and the next start is as any other', async () => {
    const run = await start();
    run.child.kill('SIGKILL');
    await vi.waitFor(() => expect(fetch(run.value('Gatehouse'))).rejects.toThrow(), { timeout: 10_000 });
    const next = await start();
    expect(next.value('Issuer URL')).toBe(first.issuer);
    expect(await next.end('SIGINT')).toBe(0);
  }, 60_000);

  it('takes other ports when these are taken, and tells the application so', async () => {
    const others = [await occupy(port), await occupy(demoPort)];
    try {
      const run = await start();
      const moved = run.value('Open');
      expect(moved).not.toBe(`http://localhost:${demoPort}`);
      expect(run.value('Client ID')).toBe(first.clientId);
      const issuer = run.value('Issuer URL');
      expect(issuer).not.toBe(first.issuer);
      const authorize = (redirectUri: string) =>
        fetch(
          `${issuer}/v1/authorize?${new URLSearchParams({
            client_id: first.clientId,
            redirect_uri: redirectUri,
            response_type: 'code',
            scope: 'openid',
            state: 'state',
            prompt: 'none',
            code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
            code_challenge_method: 'S256',
          })}`,
          { redirect: 'manual' },
        );
      const answer = await authorize(`${moved}/callback`);
      expect(answer.headers.get('location')).toMatch(new RegExp(`^${moved}/callback\\?.*login_required`));
      expect((await authorize(`http://localhost:${demoPort}/callback`)).status).toBe(400);

      const again = await start().catch((error: unknown) => String(error));
      expect(again).toContain('ended with 0');
      expect(again).toContain(`open ${moved}`);
      expect(await run.end('SIGINT')).toBe(0);
    } finally {
      for (const server of others) server.close();
    }
  }, 120_000);
});
