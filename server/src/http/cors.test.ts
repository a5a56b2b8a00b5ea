import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { answerPreflight, corsHeaders } from './cors.ts';

const PAGE = 'https://app.example';
const isTrusted = (origin: string) => Promise.resolve(origin === PAGE);

let world: TestEnv;
beforeAll(async () => {
  world = await createTestEnv();
});
afterAll(() => world.close());

const request = (headers: Record<string, string>) => new Request('https://sso.example.com/x', { headers });

describe('an answer', () => {
  test('to a trusted origin may be read, with cookies, and so may its headers', async () => {
    const headers = await corsHeaders(world.env, request({ origin: PAGE }), isTrusted);
    expect(headers).toMatchObject({
      vary: 'Origin',
      'access-control-allow-origin': PAGE,
      'access-control-allow-credentials': 'true',
    });
    for (const name of ['WWW-Authenticate', 'dpop-nonce', 'Link', 'X-Okta-Request-Id', 'X-Rate-Limit-Reset'])
      expect(headers['access-control-expose-headers']).toContain(name);
  });

  test.each(['https://evil.example', 'https://app.example.evil.example', 'http://app.example', 'null'])(
    'to %s may not be read',
    async (origin) => {
      expect(await corsHeaders(world.env, request({ origin }), isTrusted)).toEqual({ vary: 'Origin' });
    },
  );

  test('of a public document may be read by everyone, without cookies', async () => {
    const headers = await corsHeaders(world.env, request({ origin: 'https://any.example' }), isTrusted, 'everyone');
    expect(headers['access-control-allow-origin']).toBe('https://any.example');
    expect(headers).not.toHaveProperty('access-control-allow-credentials');
  });

  test('never trusts the origin `null`, whatever the list says', async () => {
    const headers = await corsHeaders(world.env, request({ origin: 'null' }), () => Promise.resolve(true));
    expect(headers).toEqual({ vary: 'Origin' });
  });

  test('to its own origin and to no origin needs nothing', async () => {
    expect(await corsHeaders(world.env, request({ origin: 'https://sso.example.com' }), isTrusted)).toEqual({});
    expect(await corsHeaders(world.env, request({}), isTrusted)).toEqual({ vary: 'Origin' });
  });
});

describe('a preflight', () => {
  const preflight = (headers: Record<string, string>) =>
    answerPreflight(world.env, request(headers), ['GET', 'POST'], isTrusted);

  test('is answered with the methods, the headers that were asked for, and an hour to remember them', async () => {
    const wanted = 'content-type, x-okta-user-agent-extended';
    const response = await preflight({ origin: PAGE, 'access-control-request-headers': wanted });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': wanted,
      'access-control-max-age': '3600',
      vary: 'Origin',
    });
  });

  test('of a stranger is answered too, and allows nothing', async () => {
    const response = await preflight({
      origin: 'https://evil.example',
      'access-control-request-headers': 'authorization',
    });
    expect(response.status).toBe(204);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('does not echo what is no list of header names', async () => {
    for (const wanted of ['a, b; c', 'a b', `x-${'y'.repeat(2000)}`]) {
      const response = await preflight({ origin: PAGE, 'access-control-request-headers': wanted });
      expect(response.headers.get('access-control-allow-headers')).toBeNull();
    }
  });
});
