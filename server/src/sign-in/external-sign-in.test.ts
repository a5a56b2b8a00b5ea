import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { signBytes } from '../base/key-pair.ts';
import { MINUTE, SECOND } from '../base/time.ts';
import { ensureEveryone } from '../core/groups.ts';
import { createIdentityProvider } from '../core/identity-providers.ts';
import { createTestEnv, type TestEnv } from '../core/test-env.ts';
import { appOf, browserFor, ORG, type TestBrowser } from './test-browser.ts';

const OTHER_HOST = 'login.example.org';
const CALLBACK = '/oauth2/v1/authorize/callback';
const THERE = 'https://id.example.net';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

let world: TestEnv;
let browser: TestBrowser;
let start: string;
/** Of the authorization request that the next code belongs to. */
let nonce: string;

beforeEach(async () => {
  world = await createTestEnv({
    settings: { GATEHOUSE_DOMAINS: `https://${OTHER_HOST}` },
    network: {
      async request({ url }) {
        const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }];
        const body = url.pathname === '/keys' ? { keys } : { id_token: await idToken() };
        return { status: 200, contentType: 'application/json', text: JSON.stringify(body) };
      },
    },
  });
  await ensureEveryone(world.env);
  const { id } = await createIdentityProvider(world.env, {
    name: 'Partner',
    type: 'OIDC',
    issuerMode: 'ORG_URL',
    protocol: {
      issuer: { url: THERE },
      endpoints: Object.fromEntries(
        ['authorization', 'token', 'jwks'].map((name) => [
          name,
          { url: `${THERE}/${name === 'jwks' ? 'keys' : name}` },
        ]),
      ),
      credentials: { client: { client_id: 'us', client_secret: 'secret' } },
    },
    policy: {},
    status: undefined,
  });
  start = `/sso/idps/${id}`;
  browser = browserFor(appOf(world));
});
afterEach(() => world.close());

async function idToken(): Promise<string> {
  const iat = world.env.now() / SECOND;
  const claims = {
    iss: THERE,
    aud: 'us',
    sub: '7',
    iat,
    exp: iat + 60,
    nonce,
    email: 'ada@example.com',
    email_verified: true,
  };
  const content = [{ alg: 'RS256', kid: 'k' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${content}.${(await signBytes('RS256', privateKey, Buffer.from(content))).toString('base64url')}`;
}

async function away(headers: Record<string, string> = {}): Promise<URLSearchParams> {
  const { searchParams } = new URL((await browser.get(start, headers)).location ?? '');
  nonce = searchParams.get('nonce') ?? '';
  return searchParams;
}

const back = (sent: URLSearchParams, code = 'c') => new URLSearchParams({ state: sent.get('state') ?? '', code });

it('takes an answer by a form as well', async () => {
  const answer = await browser.post(CALLBACK, Object.fromEntries(back(await away())), { origin: THERE });
  expect([answer.status, answer.location]).toEqual([303, '/']);
  expect((await browser.get('/')).text).toContain('ada@example.com');
});

it('leads back to the host at which the browser began, where its cookie is', async () => {
  const sent = await away({ host: OTHER_HOST });
  expect(sent.get('redirect_uri')).toBe(`${ORG}${CALLBACK}`);
  const query = back(sent);
  const answer = await browserFor(appOf(world)).get(`${CALLBACK}?${query}`);
  expect([answer.status, answer.location]).toEqual([303, `https://${OTHER_HOST}${CALLBACK}?${query}`]);
  expect((await browser.get(`${CALLBACK}?${query}`, { host: OTHER_HOST })).location).toBe('/');
});

it('waits ten minutes', async () => {
  const [late, inTime] = [await away(), await away()];
  world.advance(9 * MINUTE);
  expect((await browser.get(`${CALLBACK}?${back(inTime)}`)).location).toBe('/');
  world.advance(2 * MINUTE);
  expect((await browser.get(`${CALLBACK}?${back(late)}`)).status).toBe(400);
});

it('takes no parameter twice', async () => {
  const query = back(await away());
  for (const doubled of ['state', 'code'])
    expect((await browser.get(`${CALLBACK}?${query}&${doubled}=x`)).status).toBe(400);
});

it('calls the provider so many times a minute for one address, and no more', async () => {
  let asked = 0;
  const { request } = world.env.network;
  world.env.network = {
    request(one) {
      if (one.url.pathname === '/token') asked++;
      return request(one);
    },
  };
  for (let attempt = 0; attempt < 65; attempt++) {
    const sent = await away();
    nonce = 'wrong';
    expect((await browser.get(`${CALLBACK}?${back(sent)}`)).status).toBe(400);
  }
  expect(asked).toBe(60);
});
