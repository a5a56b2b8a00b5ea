import { afterEach, beforeEach, expect, test } from 'vitest';
import { MINUTE } from '../base/time.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { rememberJti } from './used-jtis.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

const use = (issuer: string, jti: string) =>
  rememberJti(world.env, { issuer, jti, expiresAt: world.env.now() + MINUTE });

test('an id is new once, even to fifty who ask at a time', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => use('client', 'one')));
  expect(answers.filter((isNew) => isNew)).toHaveLength(1);
});

test("an issuer cannot use up another's ids, not even by a name that runs into the id", async () => {
  expect(await use('client', 'one')).toBe(true);
  expect(await use('other', 'one')).toBe(true);
  expect(await use('client"', ',"one')).toBe(true);
  expect(await use('clientone', '')).toBe(true);
});

test('an id of any length takes the same room', async () => {
  expect(await use('client', 'x'.repeat(50_000))).toBe(true);
  expect(await use('client', 'x'.repeat(50_000))).toBe(false);
  const { id_hash } = await world.env.db.selectFrom('used_jtis').selectAll().executeTakeFirstOrThrow();
  expect(id_hash.length).toBeLessThan(70);
});
