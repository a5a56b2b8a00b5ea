import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { objectionsToKeys, objectionToKey, toClientKey } from './client-keys.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsaJwk = { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig' };
const ecJwk = { ...generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }), kid: 'two' };

describe('a public key of an application', () => {
  let world: TestEnv;
  beforeAll(async () => {
    world = await createTestEnv();
  });
  afterAll(() => world.close());

  it('is RSA of at least 2048 bits or EC on a curve of JOSE', () => {
    expect(objectionToKey(rsaJwk)).toBe(null);
    expect(objectionToKey(ecJwk)).toBe(null);
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    expect(objectionToKey({ ...short })).toContain('2048');
    expect(objectionToKey({ kty: 'oct' })).toContain('kty');
    expect(objectionToKey({ ...ecJwk, crv: 'P-256' })).toContain('curve');
    expect(objectionToKey({ kty: 'RSA', e: 'AQAB' })).toContain("'n'");
    expect(objectionToKey({ kty: 'RSA', e: 'AQAB', n: '<not base64url>' })).toContain("'n'");
  });

  it('never brings its private half, nor a symmetric key', () => {
    const secret = rsa.privateKey.export({ format: 'jwk' });
    expect(objectionToKey({ ...secret })).toContain('private');
    expect(objectionToKey({ ...rsaJwk, k: 'AAAA' })).toContain('private');
    expect(JSON.stringify(objectionsToKeys([{ ...secret }]))).not.toContain(String(secret.d));
  });

  it('is understood on the curve that its length tells when it names none', () => {
    const { crv: _, ...nameless } = ecJwk;
    expect(objectionToKey(nameless)).toBe(null);
    expect(toClientKey(world.env, nameless, [])).toMatchObject({ crv: 'P-384' });
  });

  it('has a kid of its own among several', () => {
    expect(objectionsToKeys([rsaJwk, ecJwk])).toEqual([]);
    expect(objectionsToKeys([rsaJwk, { ...ecJwk, kid: 'one' }])).toHaveLength(1);
    const { kid: _, ...nameless } = ecJwk;
    expect(objectionsToKeys([rsaJwk, nameless])).toHaveLength(1);
  });

  it('gets an id and a status, and keeps them when it is sent again', () => {
    const first = toClientKey(world.env, rsaJwk, []);
    expect(Object.keys(first)).toEqual(['kty', 'id', 'status', 'kid', 'use', 'e', 'n']);
    expect(first.id).toMatch(/^pks\w{17}$/);
    expect(first.status).toBe('ACTIVE');
    const again = toClientKey(world.env, rsaJwk, [{ ...first, status: 'INACTIVE' }]);
    expect(again).toEqual({ ...first, status: 'INACTIVE' });
    expect(toClientKey(world.env, { ...rsaJwk, kid: 'other' }, [first]).id).not.toBe(first.id);
  });
});
