import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { importPublicKey, type Jwk, signBytes, verifyBytes } from '../../base/key-pair.ts';
import type { NetworkRequest } from '../../base/network.ts';
import { SECOND } from '../../base/time.ts';
import type { ProviderType } from '../identity-provider-types.ts';
import { createIdentityProvider } from '../identity-providers.ts';
import { createTestEnv, type TestEnv } from '../test-env.ts';
import { authorizationAddress, identityFor } from './ask-provider.ts';
import { type ProviderTerms, termsOf } from './provider-terms.ts';

const CLIENT = 'client-there';
const NONCE = 'n'.repeat(43);
const TENANT = '9188040d-6c67-4c5b-b112-36a304b66dad';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const apple = generateKeyPairSync('ec', { namedCurve: 'P-256' });

let world: TestEnv;
/** URL without its query → status and body. */
let answers: Record<string, { status?: number; body: unknown }>;
let asked: NetworkRequest[];

beforeEach(async () => {
  asked = [];
  answers = {};
  world = await createTestEnv({
    network: {
      async request(request) {
        asked.push(request);
        const { status = 200, body } = answers[request.url.href] ?? { status: 404, body: {} };
        return { status, contentType: 'application/json', text: JSON.stringify(body) };
      },
    },
  });
});
afterEach(() => world.close());

async function termsFor(type: ProviderType, signing: object = {}): Promise<ProviderTerms> {
  const provider = await createIdentityProvider(world.env, {
    name: type,
    type,
    issuerMode: 'ORG_URL',
    protocol: { credentials: { client: { client_id: CLIENT, client_secret: 'secret' }, signing } },
    policy: {},
    status: undefined,
  });
  const terms = termsOf(provider);
  if (!terms) throw new Error(`Nobody can sign in by ${type}`);
  return terms;
}

async function idToken(claims: object, key: KeyObject = privateKey): Promise<string> {
  const now = world.env.now() / SECOND;
  const all = { aud: CLIENT, iat: now, exp: now + 300, nonce: NONCE, sub: 'there', ...claims };
  const content = [{ alg: 'RS256', kid: 'k' }, all]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${content}.${(await signBytes('RS256', key, Buffer.from(content))).toString('base64url')}`;
}

const keySet = { body: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }] } };

function identity(terms: ProviderTerms) {
  const answer = {
    code: 'c',
    verifier: 'v',
    nonce: NONCE,
    redirectUri: 'https://sso.example.com/cb',
    freshSince: null,
  };
  return identityFor(world.env, terms, answer);
}

test('Google is believed by its own keys', async () => {
  const terms = await termsFor('GOOGLE');
  const claims = {
    iss: 'https://accounts.google.com',
    email: 'ada@example.com',
    email_verified: true,
    given_name: 'Ada',
  };
  answers = {
    [terms.token]: { body: { id_token: await idToken(claims), access_token: 't' } },
    'https://www.googleapis.com/oauth2/v3/certs': keySet,
    'https://openidconnect.googleapis.com/v1/userinfo': { body: { sub: 'there', family_name: 'Lovelace' } },
  };
  expect(await identity(terms)).toMatchObject({
    identity: {
      externalId: 'there',
      emailVerified: true,
      profile: { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' },
    },
  });
  const form = new URLSearchParams(asked.find(({ url }) => url.href === terms.token)?.body ?? '');
  expect(Object.fromEntries(form)).toMatchObject({ client_id: CLIENT, client_secret: 'secret', code_verifier: 'v' });
});

describe('Microsoft', () => {
  const claims = { tid: TENANT, email: 'ada@example.com', email_verified: true, given_name: 'Ada', family_name: 'L' };
  const say = async (terms: ProviderTerms, changes: object) => {
    answers = {
      [terms.token]: { body: { id_token: await idToken({ ...claims, ...changes }) } },
      'https://login.microsoftonline.com/common/discovery/v2.0/keys': keySet,
    };
    return identity(terms);
  };
  const issuer = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`;

  test('speaks for the tenant that it names', async () => {
    const terms = await termsFor('MICROSOFT');
    expect(await say(terms, { iss: issuer(TENANT) })).toHaveProperty('identity');
    expect(await say(terms, { iss: issuer('00000000-0000-0000-0000-000000000000') })).toEqual({
      problem: 'ID_TOKEN_ISSUER',
    });
    expect(await say(terms, { iss: issuer('x/../y'), tid: 'x/../y' })).toEqual({ problem: 'ID_TOKEN_ISSUER' });
  });

  test('vouches for an address only where the domain is the tenant’s', async () => {
    const terms = await termsFor('MICROSOFT');
    expect(await say(terms, { iss: issuer(TENANT) })).toMatchObject({ identity: { emailVerified: false } });
    expect(await say(terms, { iss: issuer(TENANT), xms_edov: true })).toMatchObject({
      identity: { emailVerified: true },
    });
  });
});

describe('Apple', () => {
  test('gets a secret that our key signs, and answers by a form', async () => {
    const pem = apple.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const terms = await termsFor('APPLE', { privateKey: pem, teamId: 'TEAM', kid: 'KEY' });
    answers = {
      [terms.token]: {
        body: {
          id_token: await idToken({ iss: 'https://appleid.apple.com', email: 'a@b.example', email_verified: 'true' }),
        },
      },
      'https://appleid.apple.com/auth/keys': keySet,
    };
    expect(await identity(terms)).toMatchObject({ identity: { emailVerified: true } });
    const secret = new URLSearchParams(asked[0]?.body ?? '').get('client_secret') ?? '';
    const [header = '', claims = '', signature = ''] = secret.split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(header)).toEqual({ alg: 'ES256', kid: 'KEY' });
    expect(read(claims)).toMatchObject({ iss: 'TEAM', sub: CLIENT, aud: 'https://appleid.apple.com' });
    const key = importPublicKey(apple.publicKey.export({ format: 'jwk' }) as Jwk);
    expect(verifyBytes('ES256', key, Buffer.from(`${header}.${claims}`), Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
    const challenge = { state: 's', nonce: NONCE, codeChallenge: 'c' };
    const address = authorizationAddress(terms, challenge, {
      redirectUri: 'https://x.example',
      loginHint: null,
      fresh: false,
    });
    expect(new URL(address).searchParams.get('response_mode')).toBe('form_post');
  });

  test('is not asked with a key that is none', async () => {
    const terms = await termsFor('APPLE', { privateKey: 'AAAA', teamId: 'TEAM', kid: 'KEY' });
    expect(await identity(terms)).toEqual({ problem: 'NO_KEY' });
    expect(asked).toEqual([]);
  });
});

describe('GitHub', () => {
  const say = async (
    emails: unknown,
    user: object = { id: 7, login: 'ada', name: 'Ada', email: 'shown@example.com' },
  ) => {
    const terms = await termsFor('GITHUB');
    answers = {
      [terms.token]: { body: { access_token: 't' } },
      'https://api.github.com/user': { body: user },
      ...(emails === null ? {} : { 'https://api.github.com/user/emails': { body: emails } }),
    };
    return identity(terms);
  };

  test('names a person by the number of the account, and the address that it verified', async () => {
    const emails = [
      { email: 'other@example.com', primary: false, verified: true },
      { email: 'ada@example.com', primary: true, verified: true },
    ];
    expect(await say(emails)).toMatchObject({
      identity: { externalId: '7', email: 'ada@example.com', emailVerified: true },
    });
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([undefined, 'Bearer t', 'Bearer t']);
  });

  test('vouches for no address that it did not verify, or does not tell of', async () => {
    expect(await say([{ email: 'ada@example.com', primary: true, verified: false }])).toMatchObject({
      identity: { emailVerified: false },
    });
  });

  test('vouches for no address that only the profile shows', async () => {
    expect(await say(null)).toMatchObject({ identity: { email: 'shown@example.com', emailVerified: false } });
  });

  test('that does not say who it is, is nobody', async () => {
    expect(await say([], { login: 'ada' })).toEqual({ problem: 'USERINFO_FAILED' });
  });

  test('answers errors with the status 200', async () => {
    const terms = await termsFor('GITHUB');
    answers = { [terms.token]: { body: { error: 'bad_verification_code' } } };
    expect(await identity(terms)).toEqual({ problem: 'TOKEN_ENDPOINT_REFUSED' });
  });
});
