import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { calculateJwkThumbprint, type JWK, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { isSignedWithKey, isSignedWithSecret, type PublicJwk, readForeignJwt, thumbprintOf } from './foreign-jwt.ts';

const SECRET = 'a secret of at least thirty-two characters';
const part = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const text = (header: unknown, claims: unknown = {}) => `${part(header)}.${part(claims)}.c2ln`;

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const publicJwk = pair.publicKey.export({ format: 'jwk' }) as PublicJwk;
const signed = (alg: string, key: Parameters<SignJWT['sign']>[0], header: object = {}) =>
  new SignJWT({ hello: 'world' }).setProtectedHeader({ alg, ...header }).sign(key);
const read = (jwt: string) => {
  const found = readForeignJwt(jwt);
  if (!found) throw new Error('It was not read');
  return found;
};

describe('reading', () => {
  test('says what stands there, without judging it', () => {
    expect(read(text({ alg: 'none', kid: 'k', typ: 't', jwk: { kty: 'EC' } }, { iss: 'me' }))).toMatchObject({
      header: { alg: 'none', kid: 'k', typ: 't', jwk: { kty: 'EC' } },
      claims: { iss: 'me' },
    });
  });

  test.each([
    ['', 'nothing'],
    ['a.b', 'two parts'],
    ['a.b.c.d', 'four parts'],
    [`${text({ alg: 'HS256' }).slice(0, -4)}`, 'no signature'],
    [text([]), 'a list for a header'],
    [text({ alg: 'HS256' }, []), 'a list for claims'],
    [text({ alg: 'HS256' }, 'null'), 'null for claims'],
    [text({ alg: 7 }), 'a number for an algorithm'],
    [text({}), 'no algorithm'],
    [text({ alg: 'HS256', crit: ['exp'] }), 'something critical'],
    [text({ alg: 'HS256', b64: false }), 'a payload as it is'],
    [text({ alg: 'HS256' }, { iss: 'a\0b' }), 'a null character'],
    [`${text({ alg: 'HS256' })}=`, 'padding'],
    [` ${text({ alg: 'HS256' })}`, 'a space'],
    [text({ alg: 'HS256' }, { x: 'x'.repeat(70_000) }), 'more than is read'],
  ])('%.20s… is none: %s', (jwt) => {
    expect(readForeignJwt(jwt)).toBeNull();
  });

  test('never throws', () => {
    const json = fc.json({ maxDepth: 4 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.tuple(json, json).map(([header, claims]) => text(header, claims)),
        ),
        (jwt) => {
          const found = readForeignJwt(jwt);
          return found === null || typeof found.header.alg === 'string';
        },
      ),
    );
  });
});

describe('a signature', () => {
  test('is believed of the key or the secret that made it, and of no other', async () => {
    const byKey = read(await signed('ES256', pair.privateKey));
    const bySecret = read(await signed('HS256', new TextEncoder().encode(SECRET)));
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) as PublicJwk;
    expect(await isSignedWithKey(byKey, publicJwk)).toBe(true);
    expect(await isSignedWithKey(byKey, other)).toBe(false);
    expect(await isSignedWithSecret(bySecret, SECRET)).toBe(true);
    expect(await isSignedWithSecret(bySecret, `${SECRET}x`)).toBe(false);
  });

  test('of one kind is never checked by the other: no public key is a secret, no secret a key', async () => {
    const secret = JSON.stringify(publicJwk);
    const forged = read(await signed('HS256', new TextEncoder().encode(secret)));
    expect(await isSignedWithKey(forged, publicJwk)).toBe(false);
    expect(await isSignedWithKey(forged, { kty: 'oct', k: part(secret) })).toBe(false);
    expect(await isSignedWithSecret(read(await signed('ES256', pair.privateKey)), secret)).toBe(false);
  });

  test('counts only under the algorithm that the key is for', async () => {
    const jwt = read(await signed('ES256', pair.privateKey));
    expect(await isSignedWithKey(jwt, { ...publicJwk, alg: 'ES384' })).toBe(false);
    expect(await isSignedWithKey(jwt, { ...publicJwk, alg: 'ES256' })).toBe(true);
    const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
    expect(await isSignedWithKey(jwt, p384.publicKey.export({ format: 'jwk' }) as PublicJwk)).toBe(false);
  });

  test('by a key that is none, is none', async () => {
    const jwt = read(await signed('ES256', pair.privateKey));
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('kty', 'crv', 'x', 'y', 'n', 'e'), fc.anything()),
        async (members) => {
          const key = { kty: 'EC', ...members } as PublicJwk;
          return (await isSignedWithKey(jwt, key)) === false && (await thumbprintOf(key).then(() => true));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('of a small RSA key is not believed', async () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const content = `${part({ alg: 'RS256' })}.${part({})}`;
    const { sign } = await import('node:crypto');
    const jwt = read(`${content}.${sign('sha256', Buffer.from(content), small.privateKey).toString('base64url')}`);
    expect(await isSignedWithKey(jwt, small.publicKey.export({ format: 'jwk' }) as PublicJwk)).toBe(false);
  });
});

test('a thumbprint is that of RFC 7638, whatever else the key says', async () => {
  const expected = await calculateJwkThumbprint(publicJwk as JWK);
  expect(await thumbprintOf({ ...publicJwk, kid: 'k', use: 'sig', d: 'never read' })).toBe(expected);
  expect(await thumbprintOf({ kty: 'EC' })).toBeNull();
});
