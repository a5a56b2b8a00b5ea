// Owns the process: settings → database → first start → listen, and a clean end. Nothing imports it, and it alone reads
// process.env, the clock, chance and the network. Not here: what a request meets (server.ts).
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https';
import { enableCompileCache, flushCompileCache } from 'node:module';
import type { AddressInfo, Socket } from 'node:net';
import { dirname } from 'node:path';
import { Server as TlsServer } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Certificate } from './certificate.ts';
import type { Terminal } from './cli/terminal.ts';
import type { Config } from './config.ts';
import type { Env } from './core/env.ts';
import type { Server } from './server.ts';
import type { Database } from './storage/database.ts';

// Before everything else is loaded, so that the next start finds it compiled.
enableCompileCache(
  process.env.NODE_COMPILE_CACHE ?? new URL('../node_modules/.cache/compiled', import.meta.url).pathname,
);

const [
  { default: pino },
  { createNetwork },
  { createPasswordHashing },
  { createRandom },
  { createSealer },
  { readCertificate, watchCertificate },
  { ConfigError, readConfig },
  { runChores },
  { deliverSoon },
  { deliverEvents },
  { createMemory },
  { firstStart, furnishOrg },
  { Refusal },
  { createListener },
  { createServer },
  { openDatabase },
  { migrate },
] = await Promise.all([
  import('pino'),
  import('./base/network.ts'),
  import('./base/password-hash.ts'),
  import('./base/random.ts'),
  import('./base/seal.ts'),
  import('./certificate.ts'),
  import('./config.ts'),
  import('./core/chores.ts'),
  import('./core/single-logout.ts'),
  import('./core/deliver-events.ts'),
  import('./core/env.ts'),
  import('./core/first-start.ts'),
  import('./core/refusal.ts'),
  import('./http/listener.ts'),
  import('./server.ts'),
  import('./storage/database.ts'),
  import('./storage/migrate.ts'),
]);

/** EX_CONFIG of sysexits.h: a setting is wrong, starting again will not help. */
const WRONG_SETTING = 78;
const DRAIN_MS = 10_000;
const SETTLED_MS = 1000;
const CHORES_MS = 60_000;
const DELIVERY_MS = 250;
const EVENTS_MS = 500;
/** Longer than the idle time of common proxies, so that it is they who close an idle connection. */
const KEEP_ALIVE_MS = 65_000;

type World = Omit<Env, 'request' | 'actor'>;
type Listener = HttpServer | HttpsServer;

/** Answers once the server is ready; until then requests wait. */
type Gate = { open(server: Server): void; fetch: Server['fetch']; isEnding: boolean };

try {
  const args = process.argv.slice(2);
  const settings = readConfig(process.env);
  if (args.length === 0 || (args.length === 1 && args[0] === 'serve')) await run(settings);
  else await command(settings, args);
} catch (error) {
  process.stderr.write(`${sentenceOf(error)}\n`);
  process.exit(error instanceof ConfigError ? WRONG_SETTING : 1);
}

async function run(settings: Config): Promise<void> {
  const lines = pino.destination({ dest: 2, sync: false });
  const log = pino({ level: settings.logLevel }, lines);
  const gate = createGate();
  const certificate = settings.tls ? readCertificate(settings.tls) : undefined;
  // First the port: a second start by mistake ends before it touches the database.
  const listener = await listen(settings, certificate, gate, log);
  const { port } = listener.address() as AddressInfo;
  const config = {
    ...settings,
    port,
    url: process.env.GATEHOUSE_URL?.trim() ? settings.url : withPort(settings.url, port),
  };

  const { database, world } = await openWorld(config, log);
  const { setUpLink } = await firstStart({ ...world, request: factsOfTheStart(config), actor: null }).catch(
    explainFirstStart,
  );
  gate.open(createServer(world));
  if (config.tls && certificate) watchCertificate(listener as HttpsServer, config.tls, certificate, log);
  keepHouse(world, config);
  endOnSignal(listener, gate, async () => {
    await database.close();
    lines.flushSync();
  });
  // By itself it is written at a clean end only.
  setTimeout(settle, SETTLED_MS).unref();
  console.log(`Gatehouse is ready at ${config.url}`);
  if (setUpLink !== null) console.log(`There is no administrator yet. Within 15 minutes, open ${setUpLink}`);
}

/** The database, and the world without a request. */
async function openWorld(config: Config, log: Env['log']): Promise<{ database: Database; world: World }> {
  const masterKey = masterKeyOf(config);
  const database = openDatabase(config.databaseUrl);
  await migrate(database, Date.now());
  const random = createRandom();
  const world = {
    config,
    db: database.db,
    now: Date.now,
    random,
    sealer: createSealer(masterKey, random),
    passwords: createPasswordHashing(random),
    network: createNetwork(),
    log,
    memory: createMemory(),
  };
  return { database, world };
}

/** A command beside the server or without it: it furnishes a new database as a first start does, but makes no set-up link. */
async function command(config: Config, args: readonly string[]): Promise<void> {
  // Loaded where it is used: the server starts faster and smaller without it.
  const { runCommand } = await import('./cli/commands.ts');
  const { database, world } = await openWorld(config, pino({ level: config.logLevel }, pino.destination(2)));
  const facts = { ...factsOfTheStart(config), id: `command-${randomBytes(6).toString('hex')}`, userAgent: 'gatehouse' };
  const env = { ...world, request: facts, actor: null };
  try {
    await furnishOrg(env).catch(explainFirstStart);
    await runCommand(env, terminalOf(), args);
  } finally {
    await database.close();
  }
  // Spare keys may still be in the making, and nobody waits for them.
  process.exit(0);
}

function terminalOf(): Terminal {
  return {
    print: (text) => void process.stdout.write(text),
    note: (text) => void process.stderr.write(text),
    read: async (file) => readFileSync(file === '-' ? 0 : file, 'utf8'),
    variable: (name) => process.env[name],
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

/** The chores every minute, and what others are to be told; a run that takes longer is not overtaken by the next. */
function keepHouse(world: World, config: Config): void {
  const request = { ...factsOfTheStart(config), id: 'chores' };
  const again = () =>
    setTimeout(() => void runChores({ ...world, request, actor: null }).finally(again), CHORES_MS).unref();
  again();
  const env = { ...world, request, actor: null };
  const deliver = () =>
    deliverSoon(env).catch((error) => world.log.error({ err: error }, 'Logout tokens wait for the next run'));
  setInterval(deliver, DELIVERY_MS).unref();
  const tell = () => setTimeout(() => void deliverEvents(env).finally(tell), EVENTS_MS).unref();
  tell();
}

/** Once the start is over: its compiled code is kept for the next one, and the memory that loading took is given back. */
function settle(): void {
  flushCompileCache();
  setFlagsFromString('--expose-gc');
  const collect: (options: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void = runInNewContext('gc');
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}

function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<Server>();
  const gate: Gate = {
    open(server) {
      gate.fetch = server.fetch;
      resolve(server);
    },
    fetch: async (request, peerAddress) => (await promise).fetch(request, peerAddress),
    isEnding: false,
  };
  return gate;
}

async function listen(
  { host, port }: Config,
  certificate: Certificate | undefined,
  gate: Gate,
  log: Env['log'],
): Promise<Listener> {
  const answer = createListener((request, peerAddress) => gate.fetch(request, peerAddress), {
    // While the server ends, a connection is not kept for a next request.
    isEnding: () => gate.isEnding,
    onBug: (error) => log.error({ err: error }, 'A request got no answer'),
  });
  const listener: Listener = certificate ? createHttpsServer(certificate, answer) : createHttpServer(answer);
  listener.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(port, host, resolve);
  });
  return listener;
}

/** The settings' master key; for the embedded database one is made beside its file when both are new. */
function masterKeyOf({ masterKey, databaseUrl }: Config): Uint8Array {
  if (masterKey) return masterKey;
  if (!databaseUrl.startsWith('sqlite:'))
    throw new ConfigError('GATEHOUSE_MASTER_KEY is required with PostgreSQL, the same on every process');
  const path = databaseUrl.slice('sqlite:'.length);
  if (path === ':memory:') return randomBytes(32);
  const file = `${path}.key`;
  if (!existsSync(file)) {
    if (existsSync(path))
      throw new ConfigError(`The master key of ${path} is missing: restore ${file}, or set GATEHOUSE_MASTER_KEY`);
    mkdirSync(dirname(path), { recursive: true });
    createKeyFile(file);
  }
  const key = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
  if (key.length < 32) throw new ConfigError(`${file} does not hold a master key of 32 bytes in base64`);
  return key;
}

/** A link appears whole or not at all, and never replaces the key of a process that was faster. */
function createKeyFile(file: string): void {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** The account that the settings name is refused like any other; here it is a wrong setting. */
function explainFirstStart(error: unknown): never {
  if (!(error instanceof Refusal)) throw error;
  const why = error.causes.join(' ') || error.message;
  throw new ConfigError(`GATEHOUSE_ADMIN_LOGIN and GATEHOUSE_ADMIN_PASSWORD cannot make an administrator. ${why}`);
}

function factsOfTheStart({ url }: Config): Env['request'] {
  return { id: 'first-start', ip: '127.0.0.1', userAgent: 'Gatehouse', origin: url, path: '/' };
}

function withPort(url: string, port: number): string {
  const changed = new URL(url);
  changed.port = String(port);
  return changed.origin;
}

function endOnSignal(listener: Listener, gate: Gate, close: () => Promise<void>): void {
  const silent = silentConnections(listener);
  const end = () => {
    if (gate.isEnding) return;
    gate.isEnding = true;
    const insist = setTimeout(() => listener.closeAllConnections(), DRAIN_MS);
    // Stops accepting, closes idle connections, and waits for the answers that are under way.
    listener.close(async () => {
      clearTimeout(insist);
      await close();
      process.exit(0);
    });
    for (const socket of silent) socket.destroy();
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
}

/** Connections on which no request has come yet: to node they are busy, though nobody waits for an answer. */
function silentConnections(listener: Listener): ReadonlySet<Socket> {
  const silent = new Set<Socket>();
  listener.on(listener instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  listener.on('request', ({ socket }: IncomingMessage) => silent.delete(socket));
  return silent;
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `Port ${port} is taken (EADDRINUSE): choose another with PORT`;
  // A refused connection has no message of its own; at the start only the database is connected to.
  return error.message || `The database of DATABASE_URL does not answer (${code})`;
}
