// Whatever a client signs or registers, odd as it may be, is taken or refused: no 5xx, and nothing that takes long.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asAssertion, assertionClaims, newClientKey, nowSeconds, sign } from '../support/client-keys.ts';
import { newDpopKey, proof } from '../support/dpop.ts';
import { CALLBACK, followGuide, makeWebApplication } from '../support/guide.ts';
import { authorizeUrl, endpointsOf, newPkce, tokensFor } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const key = await newClientKey();
const app = await makeWebApplication(
  guide.api,
  { jwks: { keys: [key.publicJwk] }, dpop_bound_access_tokens: true },
  { token_endpoint_auth_method: 'private_key_jwt' },
);
const clientId = app.credentials.oauthClient.client_id;
const dpopKey = await newDpopKey();
const { access_token: token } = await tokensFor(newUserAgent(server), guide, guide.user);
const SLOW_MS = 2000;
const RUNS = 250;

const odd = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>(
      null,
      '',
      ' ',
      0,
      -1,
      1e308,
      0.5,
      true,
      [],
      {},
      [[]],
      'null',
      '\0',
      '\ud800',
      '%00',
      '../..',
      '\u2028',
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: nowSeconds() - 1e5, max: nowSeconds() + 1e5 }).map((time) => time + 0.123),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(20_000)) },
);
const changesOf = (...names: string[]) => fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 4 });
const headers = changesOf('alg', 'typ', 'kid', 'jwk', 'jku', 'x5u', 'crit', 'b64', 'cty');

/** A JWT signed by the client's key where the library agrees to sign it, and by nobody where it does not. */
async function jwt(claims: object, header: object): Promise<string> {
  const right = { alg: 'ES256', kid: key.publicJwk.kid };
  try {
    return await sign(key.privateKey, { ...right, ...header }, claims as Record<string, unknown>);
  } catch {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ ...right, ...header })}.${part(claims)}.c2ln`;
  }
}

async function send(url: string, init: RequestInit): Promise<void> {
  const begun = performance.now();
  const response = await fetch(url, { redirect: 'manual', ...init });
  const text = await response.text();
  expect(response.status, text.slice(0, 500)).toBeLessThan(500);
  expect(performance.now() - begun).toBeLessThan(SLOW_MS);
}

const check = <Values>(property: fc.IAsyncProperty<Values>) =>
  fc.assert(property, { numRuns: RUNS, endOnFailure: true });

describe('odd', () => {
  test('client assertions', async () => {
    const url = `${endpointsOf(guide.issuer)}/introspect`;
    const claims = changesOf('iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti', 'response_type');
    await check(
      fc.asyncProperty(claims, headers, async (changes, header) => {
        const assertion = await jwt({ ...assertionClaims(clientId, url), ...changes }, header);
        await send(url, { method: 'POST', body: new URLSearchParams({ token: 'x', ...asAssertion(assertion) }) });
      }),
    );
  });

  test('request objects', async () => {
    const names = [
      'iss',
      'aud',
      'exp',
      'iat',
      'nbf',
      'jti',
      'client_id',
      'response_type',
      'response_mode',
      'redirect_uri',
    ];
    const claims = changesOf(
      ...names,
      'scope',
      'state',
      'nonce',
      'prompt',
      'max_age',
      'acr_values',
      'login_hint',
      'code_challenge',
      'dpop_jkt',
    );
    await check(
      fc.asyncProperty(claims, headers, async (changes, header) => {
        const right = { iss: clientId, aud: guide.issuer, iat: nowSeconds(), exp: nowSeconds() + 60 };
        const request = await jwt({ ...right, ...changes }, header);
        await send(authorizeUrl({ ...guide, clientId }, newPkce(), { request }), {});
      }),
    );
  });

  test('DPoP proofs, where a token is asked for and where one is used', async () => {
    const tokenUrl = `${endpointsOf(guide.issuer)}/token`;
    const userinfoUrl = `${endpointsOf(guide.issuer)}/userinfo`;
    const claims = changesOf('htm', 'htu', 'iat', 'exp', 'jti', 'nonce', 'ath');
    await check(
      fc.asyncProperty(claims, headers, fc.constantFrom('bearer', 'DPoP'), async (changes, header, scheme) => {
        const dpop = await proof(dpopKey, { url: tokenUrl }, changes, header).catch(() => 'a.b.c');
        const assertion = await jwt(assertionClaims(clientId, tokenUrl), {});
        const form = { grant_type: 'refresh_token', refresh_token: 'x', ...asAssertion(assertion) };
        await send(tokenUrl, {
          method: 'POST',
          body: new URLSearchParams(form),
          headers: { dpop: dpop.slice(0, 8000) },
        });
        await send(userinfoUrl, { headers: { authorization: `${scheme} ${token}`, dpop: dpop.slice(0, 8000) } });
      }),
    );
  });

  test('pushed requests', async () => {
    const url = `${endpointsOf(guide.issuer)}/par`;
    const names = [
      'client_id',
      'request',
      'request_uri',
      'redirect_uri',
      'scope',
      'state',
      'nonce',
      'prompt',
      'max_age',
      'acr_values',
    ];
    const text = odd.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
    await check(
      fc.asyncProperty(fc.dictionary(fc.constantFrom(...names), text, { maxKeys: 4 }), async (changes) => {
        const right = Object.fromEntries(new URL(authorizeUrl(guide, newPkce())).searchParams);
        await send(url, { method: 'POST', body: new URLSearchParams({ ...right, ...changes }) });
      }),
    );
  });

  test('metadata of clients', async () => {
    const names = [
      'client_name',
      'redirect_uris',
      'response_types',
      'grant_types',
      'token_endpoint_auth_method',
      'application_type',
      'jwks',
      'jwks_uri',
      'client_uri',
      'logo_uri',
      'request_object_signing_alg',
      'client_id',
    ];
    await check(
      fc.asyncProperty(changesOf(...names), fc.constantFrom('POST', 'PUT'), async (changes, method) => {
        const body = JSON.stringify({ client_name: 'Odd', redirect_uris: [CALLBACK], ...changes });
        const url = `${server.url}/oauth2/v1/clients${method === 'PUT' ? `/${clientId}` : ''}`;
        await send(url, {
          method,
          body,
          headers: { 'content-type': 'application/json', authorization: `SSWS ${server.apiToken}` },
        });
      }),
    );
  });
});
