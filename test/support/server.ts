// Owns a Gatehouse server as a test meets it: a child process started from its settings alone, on a free port, with a database
// of its own. Not here: what is asked of it (management-api.ts, user-agent.ts, oauth.ts).
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, inject } from 'vitest';
import { freePort } from './free-port.ts';
import { createDatabase } from './postgres.ts';

export type DatabaseKind = 'sqlite' | 'postgres';

export type TestServer = {
  /** The org's origin, without a slash at its end. */
  url: string;
  port: number;
  /** Of the process that runs now. */
  pid(): number;
  apiToken: string;
  admin: { login: string; password: string };
  /** Everything that the process has printed since its first start. */
  output(): string;
  /** Ends it as an operator does, and its data with it. */
  stop(): Promise<void>;
  /** Ends the process in the middle of whatever it does; the data stay for `restart`. */
  kill9(): Promise<void>;
  /** Starts it again on the same data, port and settings, ending it first if it still runs. */
  restart(): Promise<void>;
  /** Another process of the same org on the same database, as behind a load balancer. End it before this one. */
  startAnother(): Promise<{ url: string; port: number; stop(): Promise<void> }>;
};

type Options = { database: DatabaseKind; settings?: Record<string, string> };

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const START_LIMIT_MS = 30_000;
const PORT_ATTEMPTS = 3;

/** The server that one test file shares, on the database that this run of the file is for. It ends with the file. */
export async function serverOfThisFile(settings: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ database: inject('database'), settings });
  afterAll(() => server.stop());
  return server;
}

export async function startServer({ database, settings = {} }: Options): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  const store = await openStore(database, folder);
  const apiToken = `00${randomBytes(30).toString('base64url')}`;
  const admin = {
    login: `admin-${randomBytes(4).toString('hex')}@example.com`,
    password: `Aa1-${randomBytes(12).toString('base64url')}`,
  };
  const fixed = {
    ...store.settings,
    GATEHOUSE_ADMIN_LOGIN: admin.login,
    GATEHOUSE_ADMIN_PASSWORD: admin.password,
    GATEHOUSE_API_TOKEN: apiToken,
    ...settings,
  };
  let output = '';
  const hear = (text: string) => {
    output += text;
  };
  const cleanUp = async () => {
    await store.drop();
    rmSync(folder, { recursive: true, force: true });
  };
  const first = await startOnFreePort(fixed, folder, hear).catch(async (error: unknown) => {
    await cleanUp();
    throw error;
  });
  const { port } = first;
  let { child } = first;
  return {
    url: `http://localhost:${port}`,
    port,
    pid: () => child.pid ?? 0,
    apiToken,
    admin,
    output: () => output,
    async stop() {
      await end(child, 'SIGTERM');
      await cleanUp();
    },
    kill9: () => end(child, 'SIGKILL'),
    async startAnother() {
      const other = await startOnFreePort({ ...fixed, GATEHOUSE_URL: `http://localhost:${port}` }, folder, hear);
      return {
        url: `http://localhost:${other.port}`,
        port: other.port,
        stop: () => end(other.child, 'SIGTERM'),
      };
    },
    async restart() {
      await end(child, 'SIGTERM');
      ({ child } = await start(fixed, folder, port, hear));
    },
  };
}

async function openStore(database: DatabaseKind, folder: string) {
  if (database === 'sqlite')
    return { settings: { DATABASE_URL: `sqlite:${join(folder, 'data', 'gatehouse.db')}` }, drop: async () => {} };
  const serverUrl = process.env.TEST_DATABASE_URL;
  if (!serverUrl) throw new Error('TEST_DATABASE_URL is unset: test/support/global-setup.ts sets it');
  const { url, drop } = await createDatabase(serverUrl);
  return { settings: { DATABASE_URL: url, GATEHOUSE_MASTER_KEY: randomBytes(32).toString('hex') }, drop };
}

/** Another process may take a port between our finding it and the server's listening on it: then another one. */
async function startOnFreePort(settings: Record<string, string>, folder: string, hear: (text: string) => void) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(settings, folder, await freePort(), hear);
    } catch (error) {
      if (attempt === PORT_ATTEMPTS || !String(error).includes('EADDRINUSE')) throw error;
    }
  }
}

async function start(settings: Record<string, string>, folder: string, port: number, hear: (text: string) => void) {
  const child = spawn(process.execPath, [MAIN], {
    cwd: folder,
    env: {
      ...inherited(),
      HOST: '127.0.0.1',
      PORT: String(port),
      GATEHOUSE_URL: `http://localhost:${port}`,
      LOG_LEVEL: 'info',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('exit', () => process.off('exit', killWithUs));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      hear(text);
    });
  }
  await untilHealthy(`http://127.0.0.1:${port}/health`, child, () => said);
  return { child, port };
}

/** The test's own settings must not reach the server by accident. */
function inherited(): Record<string, string | undefined> {
  const { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE };
}

async function untilHealthy(url: string, child: ChildProcess, said: () => string): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`Gatehouse ended with ${child.exitCode ?? child.signalCode} at its start:\n${said()}`);
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`Gatehouse did not get healthy:\n${said()}`);
    }
    try {
      if ((await fetch(url)).status === 200) return;
    } catch {
      // Nobody listens yet.
    }
    await delay(25);
  }
}

function end(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const insist = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(insist);
      resolve();
    });
    child.kill(signal);
  });
}
