import { afterEach, beforeEach, expect, it } from 'vitest';
import { MINUTE } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { giveAttemptBack, secondsToWait, takeAttempt, USER_CODES } from './sign-in-throttle.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

const from = (ip: string): Env => ({ ...world.env, request: { ...world.env.request, ip } });
const exhaust = (env: Env) => {
  let taken = 0;
  while (taken < 1000 && takeAttempt(env)) taken++;
  return taken;
};

it('sixty failed attempts a minute are heard from one address', () => {
  const env = from('192.0.2.1');
  expect(exhaust(env)).toBe(60);
  expect(takeAttempt(env)).toBe(false);
  expect(secondsToWait(env)).toBe(60);
  world.advance(MINUTE);
  expect(exhaust(env)).toBe(60);
});

it('one address does not silence another', () => {
  exhaust(from('192.0.2.1'));
  expect(takeAttempt(from('192.0.2.2'))).toBe(true);
});

it('attempts that succeed are not counted', () => {
  const env = from('192.0.2.1');
  for (let i = 0; i < 500; i++) {
    expect(takeAttempt(env)).toBe(true);
    giveAttemptBack(env);
  }
});

it.each([
  ['2001:db8:1:2::1', '2001:0db8:0001:0002:ffff:0:0:9', true],
  ['2001:db8::1', '2001:db8:0:0:5::', true],
  ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
  ['::ffff:192.0.2.1', '192.0.2.1', true],
  ['::1', '::2', true],
])('%s and %s are one caller: %s', (one, other, same) => {
  exhaust(from(one));
  expect(takeAttempt(from(other))).toBe(!same);
});

it('user codes have a brake of their own, which holds sooner', async () => {
  const env = from('192.0.2.1');
  for (let attempt = 0; attempt < 20; attempt++) expect(takeAttempt(env, USER_CODES)).toBe(true);
  expect(takeAttempt(env, USER_CODES)).toBe(false);
  expect(secondsToWait(env, USER_CODES)).toBe(60);
  expect(takeAttempt(env)).toBe(true);
});
