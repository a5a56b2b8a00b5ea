// Whatever comes over the wire: no 5xx, no answer after two seconds, no token for a stranger, and the memory comes back.
// FUZZ_RUNS=100000 npx vitest run --project sqlite test/protocol/fuzz.test.ts is the long form; FUZZ_SEED repeats one.
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { fuzz, memoryOf } from '../support/fuzz.ts';
import { serverOfThisFile } from '../support/server.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 4000);
const SEED = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31));
/** MiB above what the process had when it was warm. */
const GROWTH = 150;

const server = await serverOfThisFile({
  LOG_LEVEL: 'error',
  NODE_OPTIONS: '--max-old-space-size=80',
  MALLOC_ARENA_MAX: '2',
});

test(`${RUNS} requests that nobody should send, from every route's list`, { timeout: 60_000 + RUNS * 20 }, async () => {
  const warm = await fuzz(server, Math.min(1000, RUNS), SEED ^ 1);
  const before = await memoryOf(server);
  const begun = performance.now();
  const report = await fuzz(server, RUNS, SEED);
  const seconds = (performance.now() - begun) / 1000;
  const after = await memoryOf(server, before + GROWTH);
  if (RUNS > 10_000)
    process.stdout.write(
      `${JSON.stringify({ ...report, seed: SEED, seconds: Math.round(seconds), before, after }, null, 2)}\n`,
    );
  expect([...warm.problems, ...report.problems], `seed ${SEED}\n${server.output().slice(-6000)}`).toEqual([]);
  expect(after).toBeLessThanOrEqual(before + GROWTH);
  // The requests reach past the front door.
  expect(report.statuses[200] ?? 0).toBeGreaterThan(RUNS / 50);
  expect(
    (await fetch(`${server.url}/api/v1/org`, { headers: { authorization: `SSWS ${server.apiToken}` } })).status,
  ).toBe(200);
});
