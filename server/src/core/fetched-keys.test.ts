import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NetworkError } from '../base/network.ts';
import { MINUTE, SECOND } from '../base/time.ts';
import { fetchedKeys } from './fetched-keys.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

const URI = 'https://client.example/keys';
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = (kid?: string) => ({ ...publicKey.export({ format: 'jwk' }), ...(kid === undefined ? {} : { kid }) });
const named = (kid: string) => (one: { kid?: unknown }) => one.kid === kid;

let world: TestEnv;
let published: unknown;
let fetches: number;

beforeEach(async () => {
  fetches = 0;
  world = await createTestEnv({
    org: false,
    network: {
      async request() {
        fetches++;
        if (published instanceof Error) throw published;
        const text = typeof published === 'string' ? published : JSON.stringify({ keys: published });
        return { status: 200, contentType: 'application/json', text };
      },
    },
  });
});
afterEach(() => world.close());

const ask = async (kid: string) => {
  const found = await fetchedKeys(world.env, URI, named(kid));
  return typeof found === 'string' ? found : found.map((one) => one.kid);
};

test('keys are fetched once for many askers, and again when they are no longer fresh', async () => {
  published = [key('a')];
  await Promise.all(Array.from({ length: 20 }, () => ask('a')));
  world.advance(9 * MINUTE);
  expect(await ask('a')).toEqual(['a']);
  expect(fetches).toBe(1);
  world.advance(2 * MINUTE);
  published = [key('b')];
  expect(await ask('a')).toEqual(['b']);
  expect(fetches).toBe(2);
});

describe('an unknown kid', () => {
  test('fetches anew, so that a rotated key works at once', async () => {
    published = [key('a')];
    await ask('a');
    world.advance(30 * SECOND);
    published = [key('a'), key('b')];
    expect(await ask('b')).toEqual(['a', 'b']);
    expect(fetches).toBe(2);
  });

  test('fetches no oftener than every thirty seconds, however often it is asked for', async () => {
    published = [key('a')];
    await ask('a');
    for (let second = 0; second < 60; second++) {
      await Promise.all([ask('x'), ask(`y${second}`)]);
      world.advance(SECOND);
    }
    expect(fetches).toBeLessThanOrEqual(3);
  });
});

describe("while the client's server is down", () => {
  test('its last known keys serve for an hour, and no longer', async () => {
    published = [key('a')];
    await ask('a');
    published = new NetworkError('No answer');
    world.advance(59 * MINUTE);
    expect(await ask('a')).toEqual(['a']);
    world.advance(2 * MINUTE);
    expect(await ask('a')).toBe('jwks_uri_error');
  });

  test('it is not asked more than once in thirty seconds', async () => {
    published = new NetworkError('No answer');
    for (let second = 0; second < 29; second++) {
      expect(await ask('a')).toBe('jwks_uri_error');
      world.advance(SECOND);
    }
    expect(fetches).toBe(1);
    published = [key('a')];
    world.advance(SECOND);
    expect(await ask('a')).toEqual(['a']);
  });
});

describe('what is published', () => {
  test.each([
    ['no JSON', '<html>'],
    ['no set', '{"keys":7}'],
    ['a list', '[]'],
    ['null', 'null'],
    ['too many keys', JSON.stringify({ keys: Array.from({ length: 51 }, (_, index) => key(`k${index}`)) })],
  ])('and is %s, is no key set', async (_, text) => {
    published = text;
    expect(await ask('a')).toBe('jwks_uri_error');
  });

  test('and holds nothing usable, is empty: private keys and unknown kinds are passed over', async () => {
    published = [{ ...key('a'), d: 'x' }, { kty: 'oct', k: 'x' }, { kty: 'OKP' }, null, 7, []];
    expect(await ask('a')).toBe('jwks_uri_no_key');
  });

  test('needs a kid of its own for each of several keys', async () => {
    published = [key('a'), key('a')];
    expect(await ask('a')).toBe('jwks_uri_ambiguous_keys');
    world.advance(MINUTE);
    published = [key(), key()];
    expect(await ask('a')).toBe('jwks_uri_ambiguous_keys');
    world.advance(MINUTE);
    published = [key()];
    expect(await ask('a')).toEqual([undefined]);
  });
});

test('thousands of clients fill no memory', async () => {
  published = [key('a')];
  for (let index = 0; index < 1100; index++) await fetchedKeys(world.env, `${URI}/${index}`, named('a'));
  expect(world.env.memory.of('fetched-keys', () => new Map()).size).toBe(1000);
});
