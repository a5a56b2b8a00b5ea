import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestEnv, type TestEnv } from './test-env.ts';
import {
  createTrustedOrigin,
  deleteTrustedOrigin,
  isTrustedOrigin,
  listTrustedOrigins,
  normalOrigin,
  replaceTrustedOrigin,
  setTrustedOriginStatus,
  type TrustedOriginInput,
} from './trusted-origins.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

const input: TrustedOriginInput = { name: 'Catalogue', origin: 'https://app.example.com', scopes: [{ type: 'CORS' }] };

describe('an origin', () => {
  it.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['HTTPS://App.Example.com', 'https://app.example.com'],
    ['https://app.example.com:443', 'https://app.example.com'],
    ['http://localhost:8080', 'http://localhost:8080'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['https://b\u00fccher.example', 'https://xn--bcher-kva.example'],
  ])('is written as browsers write it: %s', (text, normal) => {
    expect(normalOrigin(text)).toBe(normal);
  });

  it.each([
    '',
    '*',
    'null',
    'app.example.com',
    '//app.example.com',
    'https://',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://app.example.com?x',
    'https://app.example.com#x',
    'https://user@app.example.com',
    'https://*.example.com',
    'https://app.example.com\\@evil.example',
    ' https://app.example.com',
    'https://app.example.com\n',
    'https://app.exa\tmple.com',
    'https://app.example.com:99999',
    'ftp://app.example.com',
    'javascript:alert(1)',
    'file:///etc',
  ])('is not %j', async (origin) => {
    expect(normalOrigin(origin)).toBe(null);
    await expect(createTrustedOrigin(world.env, { ...input, origin })).rejects.toMatchObject({
      code: 'E0000001',
      causes: ['origin: Origin value is not valid'],
    });
  });
});

describe('trust in an origin', () => {
  it('is for the named purposes, exactly this origin, while it is active', async () => {
    const made = await createTrustedOrigin(world.env, input);
    expect(await isTrustedOrigin(world.env, 'https://app.example.com', 'CORS')).toBe(true);
    expect(await isTrustedOrigin(world.env, 'https://app.example.com', 'REDIRECT')).toBe(false);
    for (const other of [
      'http://app.example.com',
      'https://app.example.com:8443',
      'https://a.app.example.com',
      'null',
      '',
    ])
      expect(await isTrustedOrigin(world.env, other, 'CORS')).toBe(false);
    await setTrustedOriginStatus(world.env, made.id, 'INACTIVE');
    expect(await isTrustedOrigin(world.env, 'https://app.example.com', 'CORS')).toBe(false);
    await setTrustedOriginStatus(world.env, made.id, 'ACTIVE');
    expect(await isTrustedOrigin(world.env, 'https://app.example.com', 'CORS')).toBe(true);
    await replaceTrustedOrigin(world.env, made.id, { ...input, scopes: [{ type: 'REDIRECT' }] });
    expect(await isTrustedOrigin(world.env, 'https://app.example.com', 'CORS')).toBe(false);
    expect(await isTrustedOrigin(world.env, 'https://app.example.com', 'REDIRECT')).toBe(true);
    await deleteTrustedOrigin(world.env, made.id);
    expect(await isTrustedOrigin(world.env, 'https://app.example.com', 'REDIRECT')).toBe(false);
  });

  it('is given once for an origin and a name, even by two at the same time', async () => {
    const outcomes = await Promise.allSettled([
      createTrustedOrigin(world.env, input),
      createTrustedOrigin(world.env, { ...input, name: 'Other' }),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await expect(createTrustedOrigin(world.env, { ...input, name: 'Third' })).rejects.toThrow(/E0000001 origin/);
    const other = { ...input, origin: 'https://b.example' };
    const { name } = (await listTrustedOrigins(world.env, { after: null, limit: 20 }))[0] ?? { name: '' };
    await expect(createTrustedOrigin(world.env, { ...other, name })).rejects.toThrow(/E0000001 name/);
  });

  it('needs a purpose, each named once', async () => {
    await expect(createTrustedOrigin(world.env, { ...input, scopes: [] })).rejects.toThrow(/E0000001 scopes/);
    const twice: TrustedOriginInput['scopes'] = [{ type: 'CORS' }, { type: 'CORS' }];
    await expect(createTrustedOrigin(world.env, { ...input, scopes: twice })).rejects.toThrow(/E0000001 scopes/);
  });

  it('is found by a part of name or origin, filtered and paged', async () => {
    const ids: string[] = [];
    for (const name of ['One', 'Two', 'Three']) {
      world.advance(5);
      ids.push((await createTrustedOrigin(world.env, { ...input, name, origin: `https://${name}.example` })).id);
    }
    const list = async (search: { q?: string; filter?: string; after?: string }) =>
      (await listTrustedOrigins(world.env, { after: null, limit: 20, ...search })).map(({ name }) => name);
    expect(await list({})).toEqual(['One', 'Two', 'Three']);
    expect(await list({ q: 'TWO.ex' })).toEqual(['Two']);
    expect(await list({ filter: 'name eq "three"' })).toEqual(['Three']);
    expect(await list({ filter: 'status eq "INACTIVE"' })).toEqual([]);
    expect(await list({ after: ids[1] ?? '' })).toEqual(['Three']);
  });
});
