// Owns the pace at which a table forgets what nobody will ask for again: whoever adds rows also sweeps, once an hour a process.
// Not here: what may be forgotten, which each table's own module knows.
import { HOUR } from '../base/time.ts';
import type { Env } from './env.ts';

/** Does the work unless this process did it less than an hour ago. */
export async function hourly(env: Env, purpose: string, work: () => Promise<void>): Promise<void> {
  const last = env.memory.of(`hourly:${purpose}`, () => ({ at: Number.NEGATIVE_INFINITY }));
  if (env.now() - last.at < HOUR) return;
  last.at = env.now();
  await work();
}
