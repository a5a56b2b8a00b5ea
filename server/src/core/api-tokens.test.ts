import { afterEach, beforeEach, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../base/time.ts';
import { createApiToken, findApiToken, getApiToken, listApiTokens, revokeApiToken } from './api-tokens.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

const create = () => createApiToken(world.env, { name: 'Automation', userId: '00u1' });

test('a token is 42 characters that begin with 00, and only its hash is kept', async () => {
  const { row, value } = await create();
  expect(value).toMatch(/^00[\w-]{40}$/);
  const stored = await world.env.db.selectFrom('api_tokens').selectAll().execute();
  expect(stored).toEqual([row]);
  expect(JSON.stringify(stored)).not.toContain(value);
  expect(JSON.stringify(await world.env.db.selectFrom('system_log').selectAll().execute())).not.toContain(value);
});

test('a token is found by its value and nothing near it', async () => {
  const { row, value } = await create();
  expect(await findApiToken(world.env, value)).toEqual(row);
  for (const other of [value.slice(0, -1), `${value}a`, value.toLowerCase(), '', row.id, row.token_hash])
    expect(await findApiToken(world.env, other)).toBeNull();
});

test('thirty days without use end a token; each use begins them again', async () => {
  const { value } = await create();
  for (let month = 0; month < 3; month++) {
    world.advance(30 * DAY - MINUTE);
    expect(await findApiToken(world.env, value)).not.toBeNull();
  }
  world.advance(30 * DAY);
  expect(await findApiToken(world.env, value)).toBeNull();
  expect(await listApiTokens(world.env)).toEqual([]);
});

test('using a token writes at most once an hour', async () => {
  const { row, value } = await create();
  world.advance(HOUR - MINUTE);
  await findApiToken(world.env, value);
  expect((await getApiToken(world.env, row.id))?.expires_at).toBe(row.expires_at);
  world.advance(2 * MINUTE);
  await findApiToken(world.env, value);
  expect((await getApiToken(world.env, row.id))?.expires_at).toBe(world.env.now() + 30 * DAY);
});

test('a revoked token is gone at once', async () => {
  const { row, value } = await create();
  expect(await revokeApiToken(world.env, row.id)).toBe(true);
  expect(await findApiToken(world.env, value)).toBeNull();
  expect(await revokeApiToken(world.env, row.id)).toBe(false);
});
