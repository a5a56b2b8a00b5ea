import { decodeProtectedHeader, importJWK, jwtVerify, SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../base/time.ts';
import { createAuthorizationServer, ensureDefaultServers, updateAuthorizationServer } from './authorization-servers.ts';
import { runChores } from './chores.ts';
import { signJwt, verifyOwnJwt } from './json-web-tokens.ts';
import { revokeSigningKey, rotateSigningKeys } from './key-rotation.ts';
import { activeSigningKey, listPublishedKeys, ORG_OWNER, publishedAlgorithms, publishedKeys } from './signing-keys.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

type Choice = { signingAlg?: 'RS256' | 'ES256' | 'EdDSA'; rotationMode?: 'AUTO' | 'MANUAL' };

const inputOf = (name: string, { signingAlg, rotationMode }: Choice = {}) => ({
  name,
  description: null,
  audience: `api://${name}`,
  issuerMode: undefined,
  rotationMode,
  signingAlg,
});

const newServer = (name = 'one', choice: Choice = {}) => createAuthorizationServer(world.env, inputOf(name, choice));

const statusesOf = async (owner: string) => (await listPublishedKeys(world.env, owner)).map(({ status }) => status);
const signerOf = async (owner: string) => (await activeSigningKey(world.env, sig(owner))).kid;

const sig = (owner: string) => ({ owner, purpose: 'sig' }) as const;

describe('the keys of an authorization server', () => {
  it('are an active one and the next one, both published, as RFC 7517 writes them', async () => {
    const server = await newServer();
    const keys = await publishedKeys(world.env, server.id);
    expect(keys.map((key) => Object.keys(key))).toEqual([
      ['kty', 'alg', 'kid', 'use', 'e', 'n'],
      ['kty', 'alg', 'kid', 'use', 'e', 'n'],
    ]);
    expect(keys[0]).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', e: 'AQAB' });
    const listed = await listPublishedKeys(world.env, server.id);
    expect(listed.map(({ status }) => status)).toEqual(['ACTIVE', 'NEXT']);
  });

  it('are sealed at rest: the row holds no private member in the clear', async () => {
    await newServer();
    const rows = await world.env.db.selectFrom('signing_keys').selectAll().execute();
    for (const row of rows) {
      expect(row.sealed_private_jwk).toMatch(/^v1\./);
      expect(JSON.stringify(row.public_jwk)).not.toContain('"d"');
    }
  });

  it('change places when rotated: NEXT signs, what signed is still published', async () => {
    const server = await newServer();
    const before = await publishedKeys(world.env, server.id);
    await rotateSigningKeys(world.env, server.id);
    const after = await listPublishedKeys(world.env, server.id);
    expect(after.map(({ status }) => status)).toEqual(['ACTIVE', 'NEXT', 'EXPIRED']);
    expect(after[0]?.kid).toBe(before[1]?.kid);
    expect(after[2]?.kid).toBe(before[0]?.kid);
    expect((await activeSigningKey(world.env, sig(server.id))).kid).toBe(before[1]?.kid);
  });

  it('leave the published set when the last token that they signed is dead', async () => {
    const server = await newServer();
    await rotateSigningKeys(world.env, server.id);
    world.advance(25 * HOUR);
    expect(await publishedKeys(world.env, server.id)).toHaveLength(3);
    world.advance(2 * HOUR);
    expect(await publishedKeys(world.env, server.id)).toHaveLength(2);
  });

  it('stay one ACTIVE and one NEXT when rotated many times at once', async () => {
    const server = await newServer();
    await Promise.all(Array.from({ length: 5 }, () => rotateSigningKeys(world.env, server.id)));
    const statuses = (await listPublishedKeys(world.env, server.id)).map(({ status }) => status);
    expect(statuses).toEqual(['ACTIVE', 'NEXT', 'EXPIRED', 'EXPIRED', 'EXPIRED', 'EXPIRED', 'EXPIRED']);
  });
});

describe('rotation', () => {
  it('by hand, again and again, lets a key sign only when every cache has it', async () => {
    const server = await newServer();
    await rotateSigningKeys(world.env, server.id);
    const first = await signerOf(server.id);
    world.advance(1000);
    await rotateSigningKeys(world.env, server.id);
    const [second] = await publishedKeys(world.env, server.id);
    expect(second?.kid).not.toBe(first);
    expect(await signerOf(server.id)).toBe(first);
    world.advance(HOUR);
    expect(await signerOf(server.id)).toBe(first);
    world.advance(2 * 60_000);
    expect(await signerOf(server.id)).toBe(second?.kid);
  });

  it('comes by itself after 90 days, once, however many processes look, and not for MANUAL', async () => {
    const [auto, manual] = [await newServer('auto'), await newServer('manual', { rotationMode: 'MANUAL' })];
    await ensureDefaultServers(world.env);
    const owners = [auto.id, manual.id, ORG_OWNER];
    const before = await Promise.all(owners.map((owner) => publishedKeys(world.env, owner)));
    const own = { owner: ORG_OWNER, purpose: 'org-access-token' } as const;
    const { kid } = await activeSigningKey(world.env, own);
    world.advance(90 * DAY - 1);
    await runChores(world.env);
    expect(await Promise.all(owners.map((owner) => publishedKeys(world.env, owner)))).toEqual(before);
    world.advance(1);
    await Promise.all([1, 2, 3].map(() => runChores(world.env)));
    expect(await statusesOf(auto.id)).toEqual(['ACTIVE', 'NEXT', 'EXPIRED']);
    expect(await signerOf(auto.id)).toBe(before[0]?.[1]?.kid);
    expect(await statusesOf(manual.id)).toEqual(['ACTIVE', 'NEXT']);
    expect(await statusesOf(ORG_OWNER)).toEqual(['ACTIVE', 'NEXT', 'EXPIRED']);
    expect((await activeSigningKey(world.env, own)).kid).not.toBe(kid);
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('leaves no row of a key that is long of no use', async () => {
    const server = await newServer('one', { rotationMode: 'MANUAL' });
    await rotateSigningKeys(world.env, server.id);
    world.advance(91 * DAY);
    await runChores(world.env);
    const rows = await world.env.db
      .selectFrom('signing_keys')
      .select('status')
      .where('owner', '=', server.id)
      .execute();
    expect(rows.map(({ status }) => status).sort()).toEqual(['ACTIVE', 'NEXT']);
  });
});

describe('a revoked key', () => {
  it('disappears with what it signed, and the next one signs at once', async () => {
    const server = await newServer();
    const jwt = await signJwt(world.env, sig(server.id), { sub: 'someone' });
    const [bad, next] = await publishedKeys(world.env, server.id);
    await revokeSigningKey(world.env, server.id, bad?.kid ?? '');
    expect(await verifyOwnJwt(world.env, server.id, ['sig'], jwt)).toBeNull();
    expect(await signerOf(server.id)).toBe(next?.kid);
    const left = await publishedKeys(world.env, server.id);
    expect(left.map(({ kid }) => kid)).not.toContain(bad?.kid);
    expect(await statusesOf(server.id)).toEqual(['ACTIVE', 'NEXT']);
  });

  it('that signs still after a rotation by hand gives way at once, too, to a key that no cache knows', async () => {
    const server = await newServer();
    await rotateSigningKeys(world.env, server.id);
    world.advance(1000);
    await rotateSigningKeys(world.env, server.id);
    const bad = await signerOf(server.id);
    await revokeSigningKey(world.env, server.id, bad);
    const [active] = await publishedKeys(world.env, server.id);
    expect(await signerOf(server.id)).toBe(active?.kid);
    expect(active?.kid).not.toBe(bad);
  });

  it('is one of this server: another is not found', async () => {
    const [one, two] = [await newServer('one'), await newServer('two')];
    const [key] = await publishedKeys(world.env, two.id);
    await expect(revokeSigningKey(world.env, one.id, key?.kid ?? '')).rejects.toMatchObject({ code: 'E0000007' });
  });
});

describe('the algorithm of a server', () => {
  it.each(['ES256', 'EdDSA'] as const)('%s signs what another implementation verifies', async (signingAlg) => {
    const server = await newServer('one', { signingAlg });
    const jwt = await signJwt(world.env, sig(server.id), { sub: 'someone' });
    const key = (await publishedKeys(world.env, server.id)).find(({ kid }) => kid === decodeProtectedHeader(jwt).kid);
    expect(key).toMatchObject({ alg: signingAlg, use: 'sig' });
    expect(key).not.toHaveProperty('d');
    expect((await jwtVerify(jwt, await importJWK(key ?? {}, signingAlg))).payload).toEqual({ sub: 'someone' });
    expect(await verifyOwnJwt(world.env, server.id, ['sig'], jwt)).toEqual({ sub: 'someone' });
    await rotateSigningKeys(world.env, server.id);
    expect((await listPublishedKeys(world.env, server.id)).map(({ alg }) => alg)).toEqual(Array(3).fill(signingAlg));
  });

  it('changes when caches know the new keys; until then both are named', async () => {
    const server = await newServer();
    await updateAuthorizationServer(world.env, server.id, inputOf('one', { signingAlg: 'ES256' }));
    expect((await activeSigningKey(world.env, sig(server.id))).alg).toBe('RS256');
    expect(await publishedAlgorithms(world.env, server.id)).toEqual(['ES256', 'RS256']);
    world.advance(2 * HOUR);
    expect((await activeSigningKey(world.env, sig(server.id))).alg).toBe('ES256');
    expect(await publishedAlgorithms(world.env, server.id)).toEqual(['ES256']);
  });
});

describe('the org server', () => {
  it('publishes the keys of its ID tokens, and not the one of its access tokens', async () => {
    await ensureDefaultServers(world.env);
    const published = (await publishedKeys(world.env, ORG_OWNER)).map(({ kid }) => kid);
    const own = await activeSigningKey(world.env, { owner: ORG_OWNER, purpose: 'org-access-token' });
    expect(published).toHaveLength(2);
    expect(published).not.toContain(own.kid);
  });

  it('has one set of keys, however many start it at once', async () => {
    await Promise.all([1, 2, 3].map(() => ensureDefaultServers(world.env)));
    const rows = await world.env.db
      .selectFrom('signing_keys')
      .select('purpose')
      .where('owner', '=', ORG_OWNER)
      .execute();
    expect(rows.map(({ purpose }) => purpose).sort()).toEqual(['org-access-token', 'sig', 'sig']);
  });
});

describe('a token that this server signs', () => {
  it('has a header of kid and alg and nothing else, in that order', async () => {
    const server = await newServer();
    const jwt = await signJwt(world.env, sig(server.id), { sub: 'someone' });
    const [header = ''] = jwt.split('.');
    const { kid } = await activeSigningKey(world.env, sig(server.id));
    expect(Buffer.from(header, 'base64url').toString()).toBe(JSON.stringify({ kid, alg: 'RS256' }));
  });

  it('is verified by another implementation with the published key', async () => {
    const server = await newServer();
    const jwt = await signJwt(world.env, sig(server.id), { sub: 'jürgen', scp: ['a'] });
    const key = (await publishedKeys(world.env, server.id)).find(({ kid }) => kid === decodeProtectedHeader(jwt).kid);
    const { payload } = await jwtVerify(jwt, await importJWK(key ?? {}, 'RS256'));
    expect(payload).toEqual({ sub: 'jürgen', scp: ['a'] });
  });

  it('is known as its own, also by a key that signs no more, and long after it is not published', async () => {
    const server = await newServer();
    const jwt = await signJwt(world.env, sig(server.id), { sub: 'someone', exp: 1 });
    await rotateSigningKeys(world.env, server.id);
    world.advance(30 * DAY);
    expect(await verifyOwnJwt(world.env, server.id, ['sig'], jwt)).toEqual({ sub: 'someone', exp: 1 });
  });
});

describe('a token is not its own', () => {
  it('for another server, or for another purpose', async () => {
    await ensureDefaultServers(world.env);
    const [one, two] = [await newServer('one'), await newServer('two')];
    const jwt = await signJwt(world.env, sig(one.id), {});
    expect(await verifyOwnJwt(world.env, two.id, ['sig'], jwt)).toBeNull();
    const secret = await signJwt(world.env, { owner: ORG_OWNER, purpose: 'org-access-token' }, {});
    expect(await verifyOwnJwt(world.env, ORG_OWNER, ['sig'], secret)).toBeNull();
    expect(await verifyOwnJwt(world.env, ORG_OWNER, ['sig', 'org-access-token'], secret)).toEqual({});
  });

  it('with another algorithm in its header, none and the HMAC of the public key among them', async () => {
    const server = await newServer();
    const [key] = await publishedKeys(world.env, server.id);
    const good = await signJwt(world.env, sig(server.id), { sub: 'someone' });
    const [, payload, signature] = good.split('.');
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const secret = Buffer.from(key?.n ?? '', 'base64url');
    const mac = await new SignJWT({ sub: 'someone' })
      .setProtectedHeader({ alg: 'HS256', kid: key?.kid ?? '' })
      .sign(secret);
    const forged = [
      mac,
      `${header({ kid: key?.kid, alg: 'none' })}.${payload}.`,
      `${header({ kid: key?.kid, alg: 'none' })}.${payload}.${signature}`,
      `${header({ kid: key?.kid, alg: 'PS256' })}.${payload}.${signature}`,
      `${header({ kid: key?.kid, alg: 'RS256', crit: ['b64'] })}.${payload}.${signature}`,
      `${header({ alg: 'RS256' })}.${payload}.${signature}`,
    ];
    for (const jwt of forged) expect(await verifyOwnJwt(world.env, server.id, ['sig'], jwt)).toBeNull();
  });

  it('with a changed payload, a changed signature, or anything that is no JWT', async () => {
    const server = await newServer();
    const jwt = await signJwt(world.env, sig(server.id), { sub: 'someone' });
    const [header = '', payload = '', signature = ''] = jwt.split('.');
    const other = Buffer.from(JSON.stringify({ sub: 'admin' })).toString('base64url');
    // The last of 342 characters carries two bits of the signature and four of nothing.
    const respelt =
      signature.slice(0, -1) + (signature.endsWith('A') ? 'B' : String.fromCharCode(signature.charCodeAt(341) + 1));
    const wrong = [
      `${header}.${other}.${signature}`,
      `${header}.${payload}.${signature.slice(4)}`,
      `${header}.${payload}.${respelt}`,
      `${header}.${payload}`,
      `${jwt}.x`,
      `${jwt}=`,
      ` ${jwt}`,
      `${Buffer.from('[]').toString('base64url')}.${payload}.${signature}`,
      `${Buffer.from('null').toString('base64url')}.${payload}.${signature}`,
      `${'a'.repeat(70_000)}.${payload}.${signature}`,
      '',
      '..',
      'opaque',
    ];
    for (const text of wrong) expect(await verifyOwnJwt(world.env, server.id, ['sig'], text)).toBeNull();
  });
});
