import { afterEach, beforeEach, expect, test } from 'vitest';
import { MINUTE } from '../base/time.ts';
import { currentDpopNonce, isDpopNonce } from './dpop-nonces.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
beforeEach(async () => {
  // At the beginning of a window.
  world = await createTestEnv({ org: false, now: Date.UTC(2026, 10, 24, 10, 0, 0) });
});
afterEach(() => world.close());

test('a nonce is good in its window and the next one, and then no more', () => {
  const nonce = currentDpopNonce(world.env);
  world.advance(5 * MINUTE);
  expect(currentDpopNonce(world.env)).not.toBe(nonce);
  expect(isDpopNonce(world.env, nonce)).toBe(true);
  world.advance(5 * MINUTE - 1);
  expect(isDpopNonce(world.env, nonce)).toBe(true);
  world.advance(1);
  expect(isDpopNonce(world.env, nonce)).toBe(false);
});

test("only what this org handed out is a nonce: not a time, not another org's, not a nonce of later", async () => {
  const other = await createTestEnv({ org: false });
  other.env.random(1);
  const stranger = await createTestEnv({ org: false, now: Date.UTC(2027, 1, 1) });
  for (const text of ['', 'x', String(Math.floor(world.env.now() / (5 * MINUTE))), currentDpopNonce(stranger.env)])
    expect(isDpopNonce(world.env, text)).toBe(false);
  await Promise.all([other.close(), stranger.close()]);
});
