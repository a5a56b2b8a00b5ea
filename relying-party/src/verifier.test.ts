import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { exportSPKI, importJWK } from 'jose';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  AUDIENCE,
  CLIENT_ID,
  compact,
  createSigningProvider,
  generateSigningKey,
  ISSUER,
  type SigningProvider,
} from '../test-support/signing-provider.ts';
import { VerificationError, type VerificationErrorCode } from './verification-error.ts';
import { createVerifier, type TrustedIssuer } from './verifier.ts';

let provider: SigningProvider;

beforeEach(async () => {
  provider = await createSigningProvider();
});

const trusting = (changes: Partial<TrustedIssuer> = {}, from: SigningProvider = provider) =>
  createVerifier({
    issuer: from.issuer,
    audience: AUDIENCE,
    kind: 'access',
    fetch: from.fetch,
    now: from.now,
    ...changes,
  });

const trustingIdTokens = (changes: Partial<TrustedIssuer> = {}) =>
  trusting({ kind: 'id', audience: CLIENT_ID, ...changes });

async function refusal(verification: Promise<unknown>): Promise<VerificationError> {
  const outcome = await verification.then(
    () => 'accepted',
    (error: unknown) => error,
  );
  if (!(outcome instanceof VerificationError)) throw new Error(`expected a refusal, got ${String(outcome)}`);
  return outcome;
}

async function expectRefusal(verification: Promise<unknown>, code: VerificationErrorCode, saying?: RegExp) {
  const error = await refusal(verification);
  expect(error.code).toBe(code);
  if (saying !== undefined) expect(error.message).toMatch(saying);
}

describe('a good token', () => {
  it('an access token of the trusted issuer for the expected audience is accepted with its claims', async () => {
    const verified = await trusting().verify(await provider.sign(provider.accessClaims()));
    expect(verified).toMatchObject({
      kind: 'access',
      issuer: ISSUER,
      subject: 'ada@example.com',
      clientId: CLIENT_ID,
      scopes: ['openid', 'profile'],
    });
    expect(verified.claims.uid).toBe('00uAda');
    expect(verified.expiresAt).toBe(verified.issuedAt + 3600);
  });

  it('an ID token whose audience is the client ID is accepted, and its nonce is compared when one is expected', async () => {
    const token = await provider.sign(provider.idClaims());
    const verified = await trustingIdTokens().verify(token, { nonce: 'the-nonce' });
    expect(verified).toMatchObject({ kind: 'id', subject: '00uAda', clientId: CLIENT_ID, scopes: [] });
    await expectRefusal(trustingIdTokens().verify(token, { nonce: 'another' }), 'nonce_mismatch');
    await expectRefusal(
      trustingIdTokens().verify(await provider.sign(provider.idClaims({ nonce: undefined })), { nonce: 'the-nonce' }),
      'nonce_mismatch',
    );
  });

  it('ES256 is accepted where it is listed and refused where it is not', async () => {
    const key = await generateSigningKey('ES256');
    provider.state.published.push(key.publicJwk);
    const token = await provider.sign(provider.accessClaims(), {}, key);
    await expect(trusting({ algorithms: ['RS256', 'ES256'] }).verify(token)).resolves.toMatchObject({ kind: 'access' });
    await expectRefusal(trusting().verify(token), 'algorithm_refused', /RS256.*"ES256"/);
  });
});

describe('whose token it is', () => {
  it('a token for another audience is refused, and the sentence names both', async () => {
    const token = await provider.sign(provider.accessClaims({ aud: 'api://payroll' }));
    await expectRefusal(trusting().verify(token), 'audience_mismatch', /api:\/\/catalogue.*api:\/\/payroll/);
  });

  it('an audience that only contains or resembles the expected one is refused', async () => {
    for (const aud of [`${AUDIENCE}/`, AUDIENCE.toUpperCase(), `${AUDIENCE} x`, [`${AUDIENCE}.evil`], [], '', 7, null])
      await expectRefusal(trusting().verify(await provider.sign(provider.accessClaims({ aud }))), 'audience_mismatch');
  });

  it('an ID token with further audiences needs azp to be this client', async () => {
    const aud = [CLIENT_ID, '0oaOther'];
    await expectRefusal(
      trustingIdTokens().verify(await provider.sign(provider.idClaims({ aud }))),
      'audience_mismatch',
      /azp/,
    );
    await expectRefusal(
      trustingIdTokens().verify(await provider.sign(provider.idClaims({ aud, azp: '0oaOther' }))),
      'audience_mismatch',
    );
    await expect(
      trustingIdTokens().verify(await provider.sign(provider.idClaims({ aud, azp: CLIENT_ID }))),
    ).resolves.toMatchObject({ clientId: CLIENT_ID });
  });

  it('a token of an untrusted issuer is refused before anything is fetched', async () => {
    const other = await createSigningProvider('https://sso.example/oauth2/aus2');
    await expectRefusal(trusting().verify(await other.sign(other.accessClaims())), 'issuer_untrusted', /aus1.*aus2/);
    expect(provider.state.discoveryFetches + other.state.discoveryFetches).toBe(0);
  });

  it('an issuer that differs in case, slash, port or percent-encoding is another issuer', async () => {
    for (const iss of [`${ISSUER}/`, ISSUER.toUpperCase(), ISSUER.replace('example', 'example:443'), ` ${ISSUER}`, 3])
      await expectRefusal(trusting().verify(await provider.sign(provider.accessClaims({ iss }))), 'issuer_untrusted');
  });

  it('of several trusted issuers each is verified with its own keys, audience and kind', async () => {
    const other = await createSigningProvider('https://sso.example/oauth2/aus2');
    const verifier = createVerifier([
      { issuer: ISSUER, audience: AUDIENCE, kind: 'access', fetch: provider.fetch, now: provider.now },
      { issuer: other.issuer, audience: 'api://other', kind: 'access', fetch: other.fetch, now: other.now },
    ]);
    await expect(verifier.verify(await provider.sign(provider.accessClaims()))).resolves.toMatchObject({
      issuer: ISSUER,
    });
    await expect(verifier.verify(await other.sign(other.accessClaims({ aud: 'api://other' })))).resolves.toMatchObject({
      issuer: other.issuer,
    });
    await expectRefusal(verifier.verify(await other.sign(other.accessClaims())), 'audience_mismatch');
    // The second issuer cannot speak for the first, even with a key of the same kid.
    await expectRefusal(
      verifier.verify(
        await provider.sign(provider.accessClaims(), {}, { ...other.activeKey(), kid: provider.activeKey().kid }),
      ),
      'signature_invalid',
    );
  });

  it('a token issued to a client that is not listed is refused', async () => {
    const token = await provider.sign(provider.accessClaims({ cid: '0oaOther' }));
    await expectRefusal(trusting({ clientIds: [CLIENT_ID] }).verify(token), 'client_refused', /0oaOther/);
    await expect(trusting().verify(token)).resolves.toMatchObject({ clientId: '0oaOther' });
  });

  it('a token without a required scope is refused, and the missing one is named', async () => {
    const token = await provider.sign(provider.accessClaims());
    await expectRefusal(trusting({ scopes: ['profile', 'tables:edit'] }).verify(token), 'scope_missing', /tables:edit/);
    await expect(trusting({ scopes: ['profile'] }).verify(token)).resolves.toBeDefined();
  });
});

describe('what kind of token it is', () => {
  it('an ID token presented as an access token is refused, also when the audience is the client ID', async () => {
    const token = await provider.sign(provider.idClaims());
    await expectRefusal(trusting({ audience: CLIENT_ID }).verify(token), 'wrong_kind', /access token.*ID token/);
  });

  it('an access token presented as an ID token is refused, also when the audience is the client ID', async () => {
    const token = await provider.sign(provider.accessClaims({ aud: CLIENT_ID }));
    await expectRefusal(trustingIdTokens().verify(token), 'wrong_kind', /ID token.*access token/);
  });

  it('a token that mixes the marks of both kinds is neither', async () => {
    const mixtures = [
      provider.accessClaims({ jti: 'ID.x' }),
      provider.accessClaims({ scp: undefined }),
      provider.accessClaims({ cid: undefined }),
      provider.accessClaims({ scp: 'openid profile' }),
      provider.accessClaims({ scp: ['openid', 3] }),
      provider.accessClaims({ nonce: 'n' }),
      provider.accessClaims({ jti: undefined }),
    ];
    for (const claims of mixtures) await expectRefusal(trusting().verify(await provider.sign(claims)), 'wrong_kind');
    for (const claims of [provider.idClaims({ scp: ['openid'] }), provider.idClaims({ jti: 'AT.x' })])
      await expectRefusal(trustingIdTokens().verify(await provider.sign(claims)), 'wrong_kind');
  });

  it('a token whose header names another type is refused', async () => {
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt'])
      await expectRefusal(trusting().verify(await provider.sign(provider.accessClaims(), { typ })), 'wrong_kind');
  });
});

describe('when it is valid', () => {
  const at = (seconds: number) => Math.floor(provider.state.now / 1000) + seconds;

  it('an expired token is refused once the skew is used up', async () => {
    const token = async (exp: number) => provider.sign(provider.accessClaims({ iat: exp - 600, exp }));
    await expect(trusting().verify(await token(at(-59)))).resolves.toBeDefined();
    await expectRefusal(trusting().verify(await token(at(-60))), 'expired', /60 s/);
    await expectRefusal(trusting({ clockSkewSeconds: 0 }).verify(await token(at(0))), 'expired');
  });

  it('a token issued in the future is refused beyond the skew', async () => {
    const token = async (iat: number) => provider.sign(provider.accessClaims({ iat, exp: iat + 600 }));
    await expect(trusting().verify(await token(at(60)))).resolves.toBeDefined();
    await expectRefusal(trusting().verify(await token(at(61))), 'issued_in_future', /clock/);
  });

  it('a token is refused before its nbf, beyond the skew', async () => {
    const token = async (nbf: number) => provider.sign(provider.accessClaims({ nbf }));
    await expect(trusting().verify(await token(at(60)))).resolves.toBeDefined();
    await expectRefusal(trusting().verify(await token(at(61))), 'not_yet_valid');
  });

  it('a token without exp, iat or sub, or with one of the wrong type, is refused', async () => {
    for (const claim of ['exp', 'iat', 'sub'])
      for (const value of [undefined, null, '1', {}, '']) {
        if (claim === 'sub' && value === '1') continue;
        await expectRefusal(
          trusting().verify(await provider.sign(provider.accessClaims({ [claim]: value }))),
          'claim_invalid',
          new RegExp(`"${claim}"`),
        );
      }
    await expectRefusal(
      trusting().verify(await provider.sign(provider.accessClaims({ nbf: 'soon' }))),
      'claim_invalid',
      /"nbf"/,
    );
  });

  it('skew is bounded: more than five minutes, or less than none, is a configuration error', () => {
    for (const clockSkewSeconds of [301, -1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => trusting({ clockSkewSeconds })).toThrow(/clockSkewSeconds/);
  });
});

describe('who signed it', () => {
  it('alg none is refused in every spelling, signed or not', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', ''])
      for (const signature of ['', 'AAAA'])
        await expectRefusal(
          trusting().verify(compact({ kid: provider.activeKey().kid, alg }, provider.accessClaims(), signature)),
          'algorithm_refused',
        );
  });

  it('HS256 signed with the public key as its secret is refused', async () => {
    const jwk = provider.activeKey().publicJwk;
    const publicKey = await importJWK(jwk);
    if (publicKey instanceof Uint8Array) throw new Error('not a public key');
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(jwk), jwk.n ?? '']) {
      const unsigned = compact({ kid: jwk.kid, alg: 'HS256' }, provider.accessClaims()).slice(0, -1);
      const signature = createHmac('sha256', secret).update(unsigned).digest('base64url');
      await expectRefusal(trusting().verify(`${unsigned}.${signature}`), 'algorithm_refused', /HS256/);
    }
  });

  it('none and the HMAC family cannot even be configured', () => {
    for (const algorithm of ['none', 'HS256', 'HS384', 'HS512'])
      expect(() => trusting({ algorithms: [algorithm as 'RS256'] })).toThrow(/algorithm/);
    expect(() => trusting({ algorithms: [] })).toThrow(/algorithm/);
  });

  it('a key that the token brings along is never used', async () => {
    const attacker = await generateSigningKey();
    for (const header of [
      { jwk: attacker.publicJwk },
      { jku: 'https://evil.example/keys' },
      { x5u: 'https://evil.example/x' },
    ])
      await expectRefusal(
        trusting().verify(
          await provider.sign(provider.accessClaims(), header, { ...attacker, kid: provider.activeKey().kid }),
        ),
        'signature_invalid',
      );
  });

  it('a token that names no key is refused', async () => {
    await expectRefusal(
      trusting().verify(await provider.sign(provider.accessClaims(), { kid: undefined })),
      'token_malformed',
      /kid/,
    );
  });

  it('a token that demands an unknown extension (crit) is refused', async () => {
    const token = await provider.sign(provider.accessClaims());
    const [, payload, signature] = token.split('.');
    const header = Buffer.from(
      JSON.stringify({ kid: provider.activeKey().kid, alg: 'RS256', crit: ['exp'], exp: 1 }),
    ).toString('base64url');
    await expectRefusal(trusting().verify(`${header}.${payload}.${signature}`), 'token_malformed');
  });

  it('any change of one character of a good token is refused', async () => {
    const token = await provider.sign(provider.accessClaims());
    const verifier = trusting();
    await verifier.verify(token);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: token.length - 2 }), fc.constantFrom(...alphabet), async (position, character) => {
        fc.pre(token[position] !== character && token[position] !== '.');
        await refusal(verifier.verify(token.slice(0, position) + character + token.slice(position + 1)));
      }),
      { numRuns: 300 },
    );
  });

  it('whatever is not a token is refused as a value, never with a crash', async () => {
    const verifier = trusting();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.tuple(fc.json(), fc.json(), fc.string()).map(([h, p, s]) => {
            const part = (value: string) => Buffer.from(value).toString('base64url');
            return `${part(h)}.${part(p)}.${s}`;
          }),
        ),
        async (text) => {
          await refusal(verifier.verify(text));
        },
      ),
      { numRuns: 300 },
    );
    for (const odd of [undefined, null, 7, {}, ['a.b.c']])
      await expectRefusal(verifier.verify(odd as unknown as string), 'token_malformed');
    expect(provider.state.keyFetches).toBe(0);
  });

  it('whatever claims an attacker signs with his own key, none is accepted', async () => {
    const attacker = await generateSigningKey();
    const verifier = trusting();
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom('aud', 'cid', 'scp', 'jti', 'exp', 'nbf', 'admin', 'sub'), fc.jsonValue()),
        async (changes) => {
          const claims = provider.accessClaims(changes);
          await refusal(
            verifier.verify(await provider.sign(claims, {}, { ...attacker, kid: provider.activeKey().kid })),
          );
        },
      ),
      { numRuns: 100 },
    );
  });

  it('an oversized token is refused unread', async () => {
    await expectRefusal(trusting().verify(`${'a'.repeat(20_000)}.b.c`), 'token_malformed', /longer/);
  });
});

describe('what an error says', () => {
  it('no error carries the token, any of its parts, or control characters from its claims', async () => {
    const hostile = await provider.sign(
      provider.accessClaims({ aud: `x\n2026 INFO accepted\u001b[31m${'y'.repeat(9000)}` }),
    );
    const error = await refusal(trusting().verify(hostile));
    const told = `${error.message} ${JSON.stringify(error)} ${String(error.cause)}`;
    for (const part of hostile.split('.')) expect(told).not.toContain(part);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is what is tested
    expect(error.message).not.toMatch(/[\u0000-\u001f]/);
    expect(error.message.length).toBeLessThan(500);
  });
});
