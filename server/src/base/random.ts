// Owns the source of chance: node:crypto's generator, asked for a pool at a time, since a request wants a few bytes a dozen times.
// A byte is handed out once and then wiped from the pool.
import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 8192;

export function createRandom(): (bytes: number) => Uint8Array {
  const pool = new Uint8Array(POOL_BYTES);
  let used = POOL_BYTES;
  return (bytes) => {
    if (bytes > POOL_BYTES / 4) return randomFillSync(new Uint8Array(bytes));
    if (used + bytes > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const taken = pool.slice(used, used + bytes);
    pool.fill(0, used, used + bytes);
    used += bytes;
    return taken;
  };
}
