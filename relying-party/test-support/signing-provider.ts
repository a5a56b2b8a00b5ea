// Owns: a provider made of functions, for tests: it signs tokens of Gatehouse's shape and answers discovery and keys
// through a fetch that counts, fails and rotates on demand. Does not own: any network; nothing listens.
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { Fetch } from '../src/discovery.ts';

export type Claims = Record<string, unknown>;

type SigningKey = { kid: string; alg: string; privateKey: Parameters<SignJWT['sign']>[0]; publicJwk: JWK };

export type SigningProvider = Awaited<ReturnType<typeof createSigningProvider>>;

export const ISSUER = 'https://sso.example/oauth2/aus1';
export const CLIENT_ID = '0oaCatalogue';
export const AUDIENCE = 'api://catalogue';
export const START = Date.UTC(2026, 5, 1, 12, 0, 0);

export async function generateSigningKey(alg = 'RS256'): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(jwk);
  return { kid, alg, privateKey, publicJwk: { ...jwk, kid, alg, use: 'sig' } };
}

/** With a clock of its own it keeps the real time, otherwise the test's. */
export async function createSigningProvider(issuer = ISSUER, clock?: () => number) {
  let active = await generateSigningKey();
  const state = {
    now: START,
    published: [active.publicJwk] as JWK[],
    announcedIssuer: issuer,
    down: false,
    discoveryFetches: 0,
    keyFetches: 0,
  };

  const fetch: Fetch = async (url) => {
    if (url === `${issuer}/.well-known/openid-configuration`) {
      state.discoveryFetches++;
      if (state.down) throw new TypeError('fetch failed');
      return Response.json({ issuer: state.announcedIssuer, jwks_uri: `${issuer}/v1/keys` });
    }
    if (url === `${issuer}/v1/keys`) {
      state.keyFetches++;
      if (state.down) throw new TypeError('fetch failed');
      return Response.json({ keys: state.published });
    }
    return new Response('not found', { status: 404 });
  };

  return {
    issuer,
    state,
    fetch,
    now: () => clock?.() ?? state.now,
    advance: (seconds: number) => {
      state.now += seconds * 1000;
    },
    activeKey: () => active,
    /** Replaces the signing key; the key set follows only if told to. */
    rotate: async ({ publish }: { publish: boolean }) => {
      active = await generateSigningKey();
      if (publish) state.published = [...state.published, active.publicJwk];
      return active;
    },
    publishActive: () => {
      state.published = [...state.published, active.publicJwk];
    },
    accessClaims: (changes: Claims = {}): Claims => ({ ...accessClaims(issuer, clock?.() ?? state.now), ...changes }),
    idClaims: (changes: Claims = {}): Claims => ({ ...idClaims(issuer, clock?.() ?? state.now), ...changes }),
    sign: (claims: Claims, header: Claims = {}, key = active) =>
      new SignJWT(claims).setProtectedHeader({ kid: key.kid, alg: key.alg, ...header }).sign(key.privateKey),
  };
}

function accessClaims(issuer: string, now: number): Claims {
  const iat = Math.floor(now / 1000);
  return {
    ver: 1,
    jti: 'AT.x8Tq',
    iss: issuer,
    aud: AUDIENCE,
    iat,
    exp: iat + 3600,
    cid: CLIENT_ID,
    uid: '00uAda',
    scp: ['openid', 'profile'],
    auth_time: iat,
    sub: 'ada@example.com',
  };
}

function idClaims(issuer: string, now: number): Claims {
  const iat = Math.floor(now / 1000);
  return {
    sub: '00uAda',
    name: 'Ada Lovelace',
    ver: 1,
    iss: issuer,
    aud: CLIENT_ID,
    iat,
    exp: iat + 3600,
    jti: 'ID.p2Kd',
    amr: ['pwd'],
    idp: '00oOrg',
    auth_time: iat,
    nonce: 'the-nonce',
  };
}

/** A compact token with exactly these three parts, however wrong they are. */
export function compact(header: unknown, payload: unknown, signature = ''): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.${signature}`;
}
