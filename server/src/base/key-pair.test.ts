import { calculateJwkThumbprint, importJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  importPrivateKey,
  importPublicKey,
  makeKeyPair,
  type SignatureAlgorithm,
  signBytes,
  verifyBytes,
} from './key-pair.ts';

const algorithms: SignatureAlgorithm[] = ['RS256', 'ES256', 'EdDSA'];

describe.each(algorithms)('a key pair for %s', (alg) => {
  it('is named by its RFC 7638 thumbprint and keeps its private members out of the public half', async () => {
    const pair = await makeKeyPair(alg);
    expect(pair.kid).toBe(await calculateJwkThumbprint(pair.publicJwk));
    expect(pair.kid).toMatch(/^[\w-]{43}$/);
    expect(Object.keys(pair.publicJwk)).not.toContain('d');
    expect(pair.privateJwk.d).toBeTypeOf('string');
  });

  it('signs what another JOSE implementation verifies, and verifies what it signs', async () => {
    const pair = await makeKeyPair(alg);
    const head = Buffer.from(JSON.stringify({ alg })).toString('base64url');
    const body = Buffer.from(JSON.stringify({ sub: 'someone' })).toString('base64url');
    const signature = await signBytes(alg, importPrivateKey(pair.privateJwk), Buffer.from(`${head}.${body}`));
    const foreign = await jwtVerify(
      `${head}.${body}.${signature.toString('base64url')}`,
      await importJWK(pair.publicJwk, alg),
    );
    expect(foreign.payload).toEqual({ sub: 'someone' });

    const [h, b, s] = (
      await new SignJWT({}).setProtectedHeader({ alg }).sign(await importJWK(pair.privateJwk, alg))
    ).split('.');
    const bytes = Buffer.from(`${h}.${b}`);
    const given = Buffer.from(s ?? '', 'base64url');
    expect(verifyBytes(alg, importPublicKey(pair.publicJwk), bytes, given)).toBe(true);
    expect(verifyBytes(alg, importPublicKey(pair.publicJwk), Buffer.from(`${h}.${b}x`), given)).toBe(false);
    expect(verifyBytes(alg, importPublicKey((await makeKeyPair(alg)).publicJwk), bytes, given)).toBe(false);
  });

  it('refuses a signature of any other length without throwing', async () => {
    const key = importPublicKey((await makeKeyPair(alg)).publicJwk);
    for (const length of [0, 1, 63, 64, 65, 256, 300])
      expect(verifyBytes(alg, key, Buffer.from('x'), Buffer.alloc(length, 1))).toBe(false);
  });
});
