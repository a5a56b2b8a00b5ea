// Owns remembering what the database said, for a moment: the hot paths ask the same few questions thousands of times a second.
// Several processes share one database, so what another process changed is believed stale for at most STALE_MS; a change made
// by this process is seen at once. Not here: anything that a security decision must see at its newest (codes, tokens, sessions).
import { SECOND } from '../base/time.ts';
import type { Env } from './env.ts';

const STALE_MS = 2 * SECOND;
const MOST_ENTRIES = 2000;

type Entry = { value: unknown; until: number };
type Shelf = { entries: Map<string, Entry>; generation: number };

/**
 * The remembered value for this key, or what `read` finds. Null is never remembered, so guessing at keys fills no memory.
 * Inside a transaction it always reads, since it may see what is not committed.
 */
export async function remembered<T>(
  env: Env,
  purpose: string,
  key: string,
  read: () => Promise<T | null>,
): Promise<T | null> {
  if (env.db.isTransaction) return read();
  const shelf = shelfOf(env, purpose);
  const known = shelf.entries.get(key);
  if (known && known.until > env.now()) return known.value as T;
  const { generation } = shelf;
  const value = await read();
  // A change that came while the database was asked makes the answer suspect.
  if (value === null || shelf.generation !== generation) return value;
  if (shelf.entries.size >= MOST_ENTRIES) shelf.entries.clear();
  shelf.entries.set(key, { value, until: env.now() + STALE_MS });
  return value;
}

/** Forgets everything of these purposes. Call it after the transaction that changed them has committed. */
export function forget(env: Env, ...purposes: string[]): void {
  for (const purpose of purposes) {
    const shelf = shelfOf(env, purpose);
    shelf.entries.clear();
    shelf.generation++;
  }
}

function shelfOf(env: Env, purpose: string): Shelf {
  return env.memory.of(`brief:${purpose}`, (): Shelf => ({ entries: new Map(), generation: 0 }));
}
