import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Env } from '../core/env.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { toJson } from '../storage/schema.ts';
import { safeTarget } from './safe-target.ts';

let world: TestEnv;
let env: Env;

beforeAll(async () => {
  world = await createTestEnv();
  env = world.env;
  await trust('https://portal.example.net', ['REDIRECT']);
  await trust('https://script.example.net', ['CORS']);
});
afterAll(() => world.close());

describe('allowed', () => {
  it.each([
    ['/', '/'],
    ['/app?x=1#part', '/app?x=1#part'],
    [
      '/oauth2/v1/authorize?redirect_uri=https%3A%2F%2Fevil.example',
      '/oauth2/v1/authorize?redirect_uri=https%3A%2F%2Fevil.example',
    ],
    ['/a/../b', '/b'],
    ['https://sso.example.com/app', 'https://sso.example.com/app'],
    ['https://SSO.example.com', 'https://sso.example.com/'],
    ['https://portal.example.net/home?tab=1', 'https://portal.example.net/home?tab=1'],
    ['https://portal.example.net:443/', 'https://portal.example.net/'],
  ])('%s', async (wanted, expected) => {
    expect(await safeTarget(env, wanted)).toBe(expected);
  });
});

describe('refused', () => {
  it.each([
    null,
    '',
    'app',
    './app',
    '?x',
    '#x',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '\\/evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    '/\r\nSet-Cookie: idx=x',
    '/app\r\nLocation: https://evil.example',
    ' //evil.example',
    ' /app',
    '/app ',
    '\u0000/app',
    '/\u00a0/evil.example',
    '／／evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    '/%2e%2e//evil.example',
    'https:evil.example',
    'https:/evil.example',
    'https:///evil.example',
    'https:\\\\evil.example',
    'https:sso.example.com',
    'https:/sso.example.com',
    'https://evil.example',
    'https://sso.example.com.evil.example',
    'https://sso.example.com@evil.example',
    'https://user@sso.example.com/',
    'https://portal.example.net@evil.example',
    'https://portal.example.net:8443/',
    'http://portal.example.net/',
    'https://PORTAL.example.net.evil.example/',
    'https://evil.example\\@portal.example.net/',
    'https://evil.example#@portal.example.net/',
    'https://script.example.net/',
    'http://sso.example.com/',
    'javascript:alert(1)',
    'JaVaScRiPt://sso.example.com/%0aalert(1)',
    'data:text/html,x',
    'blob:https://sso.example.com/x',
    'ftp://sso.example.com/',
    'https://',
    'https://?',
    `/${'a'.repeat(5000)}`,
  ])('%j', async (wanted) => {
    expect(await safeTarget(env, wanted)).toBeNull();
  });
});

it('whatever is asked, a browser that follows the answer stays on a trusted origin', async () => {
  const pieces = fc.constantFrom(
    '/',
    '\\',
    '//',
    'https:',
    'evil.example',
    '@',
    '.',
    '..',
    '%2f',
    '%5c',
    '#',
    '?',
    ':',
    '\t',
    'sso.example.com',
    'a',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(pieces, { maxLength: 8 }), async (parts) => {
      const target = await safeTarget(env, parts.join(''));
      if (target === null) return;
      expect(new URL(target, 'https://sso.example.com/signin').origin).toBe('https://sso.example.com');
    }),
    { numRuns: 2000 },
  );
});

async function trust(origin: string, scopes: string[]): Promise<void> {
  await env.db
    .insertInto('trusted_origins')
    .values({
      id: `tos${origin}`,
      name: origin,
      origin,
      scopes: toJson(scopes.map((type) => ({ type }))),
      status: 'ACTIVE',
      created: env.now(),
      created_by: 'x',
      last_updated: env.now(),
      last_updated_by: 'x',
    })
    .execute();
}
