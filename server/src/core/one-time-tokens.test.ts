import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MINUTE } from '../base/time.ts';
import { cancelOneTimeTokens, findOneTimeToken, issueOneTimeToken, redeemOneTimeToken } from './one-time-tokens.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;

beforeEach(async () => {
  world = await createTestEnv();
});

afterEach(() => world.close());

const issue = (userId: string | null = '00uAda') =>
  issueOneTimeToken(world.env, { purpose: 'recovery', userId, lifetime: 5 * MINUTE, data: { a: 1 } });

describe('a one-time token', () => {
  test('is redeemed once, even by twenty at a time', async () => {
    const token = await issue();
    const results = await Promise.all(
      Array.from({ length: 20 }, () => redeemOneTimeToken(world.env, 'recovery', token)),
    );
    const rows = results.filter((row) => row !== null);
    expect(rows).toMatchObject([{ user_id: '00uAda', data: { a: 1 } }]);
    expect(await findOneTimeToken(world.env, 'recovery', token)).toBeNull();
  });

  test('is good for its own purpose only', async () => {
    const token = await issue();
    expect(await redeemOneTimeToken(world.env, 'activation', token)).toBeNull();
    expect(await redeemOneTimeToken(world.env, 'recovery', `${token}x`)).toBeNull();
    expect(await redeemOneTimeToken(world.env, 'recovery', token)).not.toBeNull();
  });

  test('is good until the end of its life, not beyond', async () => {
    const token = await issue();
    world.advance(5 * MINUTE - 1);
    expect(await findOneTimeToken(world.env, 'recovery', token)).not.toBeNull();
    world.advance(1);
    expect(await redeemOneTimeToken(world.env, 'recovery', token)).toBeNull();
  });

  test('is cancelled with all others of its person and purpose, and with nobody else’s', async () => {
    const [mine, another] = [await issue(), await issue('00uGrace')];
    await cancelOneTimeTokens(world.env, '00uAda', ['recovery']);
    expect(await redeemOneTimeToken(world.env, 'recovery', mine)).toBeNull();
    expect(await redeemOneTimeToken(world.env, 'recovery', another)).not.toBeNull();
  });

  test('is kept as a hash', async () => {
    const token = await issue();
    expect(JSON.stringify(await world.env.db.selectFrom('one_time_tokens').selectAll().execute())).not.toContain(token);
  });
});
