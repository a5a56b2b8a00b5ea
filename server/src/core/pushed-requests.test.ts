import { afterEach, beforeEach, expect, test } from 'vitest';
import { HOUR } from '../base/time.ts';
import { consumePushedRequest, findPushedRequest, keepPushedRequest } from './pushed-requests.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv({ org: false });
});
afterEach(() => world.close());

const keep = () => keepPushedRequest(world.env, { serverId: 'aus1', clientId: '0oa1', parameters: { state: 'x' } });

test('a pushed request is found under its request_uri alone, until an hour has passed', async () => {
  const requestUri = await keep();
  world.advance(HOUR - 1);
  expect((await findPushedRequest(world.env, requestUri))?.parameters).toEqual({ state: 'x' });
  expect(await findPushedRequest(world.env, `${requestUri}x`)).toBeNull();
  world.advance(1);
  expect(await findPushedRequest(world.env, requestUri)).toBeNull();
});

test('it is used once, and not when it expired between look and use', async () => {
  const request = await findPushedRequest(world.env, await keep());
  if (!request) throw new Error('It was not found');
  const uses = await Promise.all(Array.from({ length: 10 }, () => consumePushedRequest(world.env, request)));
  expect(uses.filter(Boolean)).toHaveLength(1);
  const late = await findPushedRequest(world.env, await keep());
  world.advance(HOUR);
  expect(late && (await consumePushedRequest(world.env, late))).toBe(false);
});

test('the database holds no request_uri in the clear', async () => {
  const requestUri = await keep();
  const rows = await world.env.db.selectFrom('pushed_authorization_requests').selectAll().execute();
  expect(JSON.stringify(rows)).not.toContain(requestUri.slice('urn:okta:'.length));
});
