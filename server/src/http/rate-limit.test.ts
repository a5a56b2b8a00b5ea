import { afterEach, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../base/time.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { countRequest, rateLimitHeaders } from './rate-limit.ts';

let world: TestEnv;
afterEach(() => world.close());

const from = (ip: string) => countRequest({ ...world.env, request: { ...world.env.request, ip } });

test('an address may send as many requests in a minute as RATE_LIMIT says, and not one more', async () => {
  world = await createTestEnv({ settings: { RATE_LIMIT: '3' } });
  expect([1, 2, 3, 4].map(() => from('203.0.113.7').exceeded)).toEqual([false, false, false, true]);
  expect(from('203.0.113.8')).toMatchObject({ exceeded: false, limit: 3, remaining: 2 });
});

test('the next minute begins anew, at the time that the header told', async () => {
  world = await createTestEnv({ settings: { RATE_LIMIT: '1' } });
  world.advance(20 * SECOND);
  from('203.0.113.7');
  const refused = from('203.0.113.7');
  expect(refused).toMatchObject({ exceeded: true, remaining: 0 });
  expect(rateLimitHeaders(refused)).toEqual({
    'x-rate-limit-limit': '1',
    'x-rate-limit-remaining': '0',
    'x-rate-limit-reset': String((world.env.now() + 40 * SECOND) / SECOND),
  });
  world.advance(MINUTE - 20 * SECOND);
  expect(from('203.0.113.7').exceeded).toBe(false);
});

test('without RATE_LIMIT nobody is refused, and the headers are there all the same', async () => {
  world = await createTestEnv();
  for (let i = 0; i < 100; i++) expect(from('203.0.113.7').exceeded).toBe(false);
  expect(Number(rateLimitHeaders(from('203.0.113.7'))['x-rate-limit-remaining'])).toBeGreaterThan(0);
});
