// Owns one run of the server's command as an operator sees it: settings in, lines out, an exit code.
// Not here: a server that tests talk to (test/support/server.ts).
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, inject } from 'vitest';
import { createDatabase } from '../support/postgres.ts';

export type Run = {
  stdout(): string;
  stderr(): string;
  /** The match, as soon as stdout has it; an error when the process ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  signal(signal: NodeJS.Signals): void;
  /** Its exit code, when it has ended. */
  ended: Promise<number | null>;
};

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-start-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The settings of an empty database of the kind that this run of the file is for; the embedded one needs none. */
export async function emptyDatabase(): Promise<Record<string, string>> {
  if (inject('database') === 'sqlite') return {};
  const { url, drop } = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
  ends.push(drop);
  return { DATABASE_URL: url, GATEHOUSE_MASTER_KEY: randomBytes(32).toString('base64') };
}

/**
 * Starts the command in this folder with these settings and no others; without arguments it is the server. It ends with the test
 * at the latest.
 */
export function run(folder: string, settings: Record<string, string>, args: readonly string[] = []): Run {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { PATH, HOME, TMPDIR, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  ends.push(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return {
    stdout: () => out,
    stderr: () => err,
    signal: (signal) => void child.kill(signal),
    ended,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(out);
          if (match) resolve(match);
        };
        look();
        child.stdout.on('data', look);
        void ended.then(() => reject(new Error(`It ended without saying ${pattern}:\n${out}\n${err}`)));
      }),
  };
}
