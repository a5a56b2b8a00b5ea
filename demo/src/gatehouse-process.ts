// Owns: the Gatehouse server as a child process: starting it, knowing that it serves, ending it.
// Does not own: what is asked of it (guide-steps.ts).
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export type GatehouseProcess = {
  /** Resolves when it answers; rejects with what it said when it does not come to that. */
  ready: Promise<void>;
  /** Resolves when it ended, whoever wanted it. */
  ended: Promise<void>;
  stop: () => Promise<void>;
};

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const END_WITH_PARENT = new URL('end-with-parent.ts', import.meta.url).href;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
// What the shell has set for another Gatehouse is not meant for this one.
const FOREIGN_SETTINGS = /^(GATEHOUSE_.*|TLS_.*|DATABASE_URL|TRUSTED_PROXIES|RATE_LIMIT)$/;

export function startGatehouse(url: string, settings: Record<string, string>, logFile: string): GatehouseProcess {
  const log = openSync(logFile, 'a', 0o600);
  const logged = statSync(logFile).size;
  const inherited = Object.entries(process.env).filter(([name]) => !FOREIGN_SETTINGS.test(name));
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, MAIN], {
    env: { ...Object.fromEntries(inherited), ...settings },
    stdio: ['ignore', log, log, 'ipc'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  process.once('exit', () => child.kill('SIGKILL'));

  const stop = async () => {
    if (isRunning(child)) child.kill('SIGTERM');
    await Promise.race([ended, delay(STOP_LIMIT_MS, undefined, { ref: false })]);
    if (isRunning(child)) child.kill('SIGKILL');
    await ended;
  };
  const ready = untilServing(url, child).catch(async (error: unknown) => {
    await stop();
    const said = readFileSync(logFile).subarray(logged).toString().trim();
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`Gatehouse did not start: ${reason}. It said:\n${said.slice(-2000)}`);
  });
  return { ready, ended, stop };
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function untilServing(url: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    if (!isRunning(child)) throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    const healthy = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (healthy) return;
    await delay(50);
  }
  throw new Error(`it did not answer within ${START_LIMIT_MS / 1000} s`);
}
