import { expect, test } from 'vitest';
import { createTestEnv } from './test-env.ts';

test('a test env has an org, a clock that moves when told, and chance that repeats', async () => {
  const one = await createTestEnv();
  const other = await createTestEnv();
  const before = one.env.now();
  one.advance(5000);
  expect(one.env.now()).toBe(before + 5000);
  expect(await one.env.db.selectFrom('org').select('status').execute()).toEqual([{ status: 'ACTIVE' }]);
  const drawn = one.env.random(40);
  expect(drawn).toEqual(other.env.random(40));
  expect(drawn).not.toEqual(one.env.random(40));
  await one.close();
  await other.close();
});
