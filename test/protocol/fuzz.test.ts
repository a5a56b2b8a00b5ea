// Whatever comes over the wire: no 5xx, no answer after two seconds, no token for a stranger, and the memory comes back.
// FUZZ_RUNS=100000 npx vitest run --project sqlite test/protocol/fuzz.test.ts is the long form; FUZZ_SEED repeats one.
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { fuzz, memoryOf } from '../support/fuzz.ts';
import { serverOfThisFile } from '../support/server.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 3000);
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 30));
/** MiB. The second half of the work needs no more than the first: caches are full by then, and only a leak grows on. */
const GROWTH = RUNS > 10_000 ? 50 : 150;

// A leak of objects would burst a heap of this size.
const server = await serverOfThisFile({ LOG_LEVEL: 'error', NODE_OPTIONS: '--max-old-space-size=96' });

test(`${RUNS} requests that nobody should send, from every route's list`, { timeout: 60_000 + RUNS * 20 }, async () => {
  const first = await fuzz(server, RUNS / 2, SEED);
  const before = await memoryOf(server);
  const second = await fuzz(server, RUNS / 2, SEED + RUNS);
  const after = await memoryOf(server, before + GROWTH);
  const report = { seed: SEED, before, after, first, second };
  if (RUNS > 10_000) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  const problems = [...first.problems, ...second.problems];
  expect(problems, `seed ${SEED}\n${server.output().slice(-6000)}`).toEqual([]);
  expect(first.sent + second.sent).toBe(RUNS);
  expect(after).toBeLessThanOrEqual(before + GROWTH);
  // The requests reach past the front door, and have not shut it for everybody.
  expect(second.statuses[200] ?? 0).toBeGreaterThan(RUNS / 100);
  const authorization = `SSWS ${server.apiToken}`;
  expect((await fetch(`${server.url}/api/v1/org`, { headers: { authorization } })).status).toBe(200);
});
