import { beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  createSigningProvider,
  generateSigningKey,
  type SigningProvider,
} from '../test-support/signing-provider.ts';
import { VerificationError } from './verification-error.ts';
import { createVerifier, type Verifier } from './verifier.ts';

let provider: SigningProvider;
let verifier: Verifier;

beforeEach(async () => {
  provider = await createSigningProvider();
  verifier = createVerifier({
    issuer: provider.issuer,
    audience: AUDIENCE,
    kind: 'access',
    fetch: provider.fetch,
    now: provider.now,
  });
});

const verifyFresh = async () => verifier.verify(await provider.sign(provider.accessClaims()));

const outcome = (verification: Promise<unknown>) =>
  verification.then(
    () => 'accepted',
    (error: unknown) => (error instanceof VerificationError ? error.code : `bug: ${String(error)}`),
  );

describe('the keys of an issuer', () => {
  it('are fetched once, even by fifty first verifications at a time', async () => {
    const token = await provider.sign(provider.accessClaims());
    await Promise.all(Array.from({ length: 50 }, () => verifier.verify(token)));
    expect(provider.state).toMatchObject({ discoveryFetches: 1, keyFetches: 1 });
  });

  it('are fetched again for an unknown kid, so that a rotated key is accepted at once', async () => {
    await verifyFresh();
    provider.advance(31);
    await provider.rotate({ publish: true });
    expect(await outcome(verifyFresh())).toBe('accepted');
    expect(provider.state.keyFetches).toBe(2);
  });

  it('a key that left the set is no longer accepted once the set was read again', async () => {
    const old = await provider.sign(provider.accessClaims());
    await verifier.verify(old);
    await provider.rotate({ publish: false });
    provider.state.published = [provider.activeKey().publicJwk];
    provider.advance(601);
    await verifyFresh();
    expect(await outcome(verifier.verify(old))).toBe('key_unknown');
  });

  it('a storm of a hundred unknown kids costs one fetch per cooldown', async () => {
    await verifyFresh();
    const strangers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => provider.sign(provider.accessClaims(), { kid: `stranger-${i}` })),
    );
    const storm = async () => {
      const results = await Promise.all(strangers.map((token) => outcome(verifier.verify(token))));
      expect(new Set(results)).toEqual(new Set(['key_unknown']));
    };
    await storm();
    expect(provider.state.keyFetches).toBe(1);
    provider.advance(31);
    await storm();
    await storm();
    expect(provider.state.keyFetches).toBe(2);
    provider.advance(29);
    await storm();
    expect(provider.state.keyFetches).toBe(2);
  });

  it('a kid that was looked for and not found is not looked for again for a while', async () => {
    const stranger = await provider.sign(provider.accessClaims(), { kid: 'stranger' });
    await verifyFresh();
    provider.advance(31);
    expect(await outcome(verifier.verify(stranger))).toBe('key_unknown');
    expect(provider.state.keyFetches).toBe(2);
    provider.advance(31);
    expect(await outcome(verifier.verify(stranger))).toBe('key_unknown');
    expect(provider.state.keyFetches).toBe(2);
    provider.advance(300);
    expect(await outcome(verifier.verify(stranger))).toBe('key_unknown');
    expect(provider.state.keyFetches).toBe(3);
  });

  it('a key published after it was missed is accepted when the set is next read, whatever the reason', async () => {
    await verifyFresh();
    provider.advance(31);
    await provider.rotate({ publish: false });
    expect(await outcome(verifyFresh())).toBe('key_unknown');
    provider.publishActive();
    provider.advance(31);
    await outcome(verifier.verify(await provider.sign(provider.accessClaims(), { kid: 'another' })));
    expect(await outcome(verifyFresh())).toBe('accepted');
  });

  it('good tokens keep being accepted from the known keys for an hour while the provider is down', async () => {
    await verifyFresh();
    provider.state.down = true;
    provider.advance(1200);
    expect(await outcome(verifyFresh())).toBe('accepted');
    provider.advance(2399);
    expect(await outcome(verifyFresh())).toBe('accepted');
    provider.advance(2);
    expect(await outcome(verifyFresh())).toBe('keys_unavailable');
    provider.state.down = false;
    provider.advance(31);
    expect(await outcome(verifyFresh())).toBe('accepted');
  });

  it('an unknown kid while the provider is down is the provider’s failure, not the token’s', async () => {
    await verifyFresh();
    provider.state.down = true;
    provider.advance(31);
    await provider.rotate({ publish: true });
    const error = await verifyFresh().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'keys_unavailable', concerns: 'provider' });
    provider.state.down = false;
    provider.advance(31);
    expect(await outcome(verifyFresh())).toBe('accepted');
  });

  it('a provider that is down at first is asked again after a short pause, not at every call', async () => {
    provider.state.down = true;
    for (let i = 0; i < 20; i++) expect(await outcome(verifyFresh())).toBe('keys_unavailable');
    expect(provider.state.discoveryFetches).toBe(1);
    provider.state.down = false;
    provider.advance(3);
    expect(await outcome(verifyFresh())).toBe('accepted');
  });

  it('a discovery document that names another issuer is not believed', async () => {
    provider.state.announcedIssuer = `${provider.issuer}/`;
    const error = await verifyFresh().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'issuer_mismatch', concerns: 'provider' });
    expect(provider.state.keyFetches).toBe(0);
  });

  it('are found again through discovery when the provider moved them', async () => {
    let moved = false;
    const fetch = async (url: string) => {
      if (moved && url === `${provider.issuer}/v1/keys`) return new Response('gone', { status: 404 });
      if (url === `${provider.issuer}/v2/keys`) return provider.fetch(`${provider.issuer}/v1/keys`);
      if (moved) return Response.json({ issuer: provider.issuer, jwks_uri: `${provider.issuer}/v2/keys` });
      return provider.fetch(url);
    };
    verifier = createVerifier({
      issuer: provider.issuer,
      audience: AUDIENCE,
      kind: 'access',
      fetch,
      now: provider.now,
    });
    await verifyFresh();
    moved = true;
    provider.advance(601);
    expect(await outcome(verifyFresh())).toBe('accepted');
    await provider.rotate({ publish: true });
    provider.advance(31);
    expect(await outcome(verifyFresh())).toBe('accepted');
  });

  it('symmetric keys and encryption keys in the set are never used', async () => {
    const encryption = await generateSigningKey();
    provider.state.published.push({ kty: 'oct', kid: 'shared', k: 'c2VjcmV0', alg: 'HS256' });
    provider.state.published.push({ ...encryption.publicJwk, use: 'enc' });
    expect(await outcome(verifyFresh())).toBe('accepted');
    expect(await outcome(verifier.verify(await provider.sign(provider.accessClaims(), {}, encryption)))).toBe(
      'key_unknown',
    );
    expect(await outcome(verifier.verify(await provider.sign(provider.accessClaims(), { kid: 'shared' })))).toBe(
      'key_unknown',
    );
  });

  it('an answer that is no key set is a failure of the provider', async () => {
    for (const answer of [{}, { keys: 'x' }, { keys: [1] }, []]) {
      const fetch = async (url: string) => (url.endsWith('/v1/keys') ? Response.json(answer) : provider.fetch(url));
      const fresh = createVerifier({
        issuer: provider.issuer,
        audience: AUDIENCE,
        kind: 'access',
        fetch,
        now: provider.now,
      });
      expect(await outcome(fresh.verify(await provider.sign(provider.accessClaims())))).toBe('keys_unavailable');
    }
  });
});
