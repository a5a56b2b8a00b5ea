import { afterEach, beforeEach, expect, it } from 'vitest';
import { HOUR, SECOND } from '../base/time.ts';
import { deliverLogoutNotices } from './single-logout.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

async function waiting(): Promise<number[]> {
  const rows = await world.env.db.selectFrom('logout_notices').select('attempts').execute();
  return rows.map(({ attempts }) => attempts);
}

it('a notice for a client that is gone leaves the outbox, by one process of many', async () => {
  const { env } = world;
  await env.db
    .insertInto('logout_notices')
    .values({
      id: 'one',
      client_id: '0oaGone',
      authorization_server_id: 'org',
      user_id: '00u1',
      session_id: '102one',
      issuer: env.config.url,
      attempts: 0,
      created: env.now(),
      next_attempt: env.now() + 20 * SECOND,
    })
    .execute();
  await deliverLogoutNotices(env);
  expect(await waiting()).toEqual([0]);
  world.advance(HOUR);
  await Promise.all([1, 2, 3].map(() => deliverLogoutNotices(env)));
  expect(await waiting()).toEqual([]);
});
