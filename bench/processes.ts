// Owns starting the servers under measurement, each pinned to the same core, and this process to another.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

export const SERVER_CORE = '0';
export const LOAD_CORE = '1';

const canPin = spawnSync('taskset', ['--version']).status === 0;

/** Keeps the load's own work away from the servers' core, where the system lets us. */
export function pinSelf(): boolean {
  if (canPin)
    execFileSync('taskset', ['-apc', LOAD_CORE, String(process.pid)], { stdio: ['ignore', 'ignore', 'inherit'] });
  return canPin;
}

/** Starts `node FILE` pinned to `cores` (all of them: null) and waits until `url` answers 200. */
export async function startNode(
  file: string,
  url: string,
  env: Record<string, string>,
  cores: string | null = SERVER_CORE,
): Promise<{ child: ChildProcess; readyAfter: number }> {
  const began = performance.now();
  const [command, args] =
    canPin && cores !== null ? ['taskset', ['-c', cores, process.execPath, file]] : [process.execPath, [file]];
  const child = spawn(command, args as string[], {
    env: { PATH: process.env.PATH ?? '', NODE_OPTIONS: process.env.BENCH_NODE_OPTIONS ?? '', ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`);
    const answer = await fetch(url).catch(() => null);
    if (answer?.status === 200) {
      await answer.arrayBuffer();
      return { child, readyAfter: performance.now() - began };
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
