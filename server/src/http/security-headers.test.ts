import { expect, test } from 'vitest';
import { createTestEnv } from '../core/test-env.ts';
import { addStandardHeaders } from './security-headers.ts';

test('every answer says who asked for it, and that it is not to be stored, sniffed or told to others', async () => {
  const world = await createTestEnv();
  const response = new Response('{}');
  addStandardHeaders(world.env, response);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'x-okta-request-id': world.env.request.id,
    'cache-control': 'no-store',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'x-content-type-options': 'nosniff',
    'accept-ch': 'Sec-CH-UA-Platform-Version',
    'strict-transport-security': 'max-age=31536000',
  });
  await world.close();
});

test('what the handler chose stays, and plain HTTP promises no HTTPS', async () => {
  const world = await createTestEnv({ settings: { GATEHOUSE_URL: 'http://localhost:8080' } });
  const response = new Response('', { headers: { 'cache-control': 'max-age=60', 'referrer-policy': 'no-referrer' } });
  addStandardHeaders(world.env, response);
  expect(response.headers.get('cache-control')).toBe('max-age=60');
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(response.headers.has('strict-transport-security')).toBe(false);
  await world.close();
});
