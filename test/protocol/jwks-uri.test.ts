// Keys that a client publishes itself, and what else a server could be made to call by that setting (Keycloak CVE-2020-10770,
// CVE-2026-1180: SSRF).
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { asAssertion, assertionClaims, type ClientKeyPair, newClientKey, sign } from '../support/client-keys.ts';
import { makeWebApplication } from '../support/guide.ts';
import { managementApi } from '../support/management-api.ts';
import { type OAuthError, postForm } from '../support/oauth.ts';
import { serverOfThisFile, startServer } from '../support/server.ts';

/** A machine of the inner network: it tells keys, and whatever else it is asked for. */
const asked: string[] = [];
const answers = new Map<string, { status?: number; headers?: Record<string, string>; body: string | null }>();
const inside = createServer((request, response) => {
  const path = request.url ?? '';
  asked.push(path);
  const { status = 200, headers = {}, body } = answers.get(path) ?? { status: 404, body: '' };
  if (body !== null) response.writeHead(status, headers).end(body);
});
await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
afterAll(() => {
  inside.closeAllConnections();
  inside.close();
});
const { port } = inside.address() as AddressInfo;

const careful = await serverOfThisFile();
const trusting = await startServer({ database: inject('database'), settings: { EGRESS_ALLOW: 'localhost' } });
afterAll(() => trusting.stop());

const key = await newClientKey();
const keySet = (...keys: ClientKeyPair[]) => ({
  body: JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }),
});
const FAILED = {
  status: 401,
  body: { error: 'invalid_client', error_description: 'Error retrieving the client JWKSet from jwks_uri.' },
};

async function tryWith(
  server: { url: string; apiToken: string },
  jwksUri: string,
  by: ClientKeyPair = key,
  header: object = {},
) {
  const credentials = { token_endpoint_auth_method: 'private_key_jwt' };
  const app = await makeWebApplication(managementApi(server), { jwks_uri: jwksUri }, credentials);
  const url = `${server.url}/oauth2/default/v1/introspect`;
  const claims = assertionClaims(app.credentials.oauthClient.client_id, url);
  const assertion = await sign(by.privateKey, { alg: 'ES256', kid: by.publicJwk.kid, ...header }, claims);
  const { status, body } = await postForm<OAuthError>(url, { token: 'x', ...asAssertion(assertion) });
  return { status, body };
}

test('keys are fetched from jwks_uri where the host is allowed', async () => {
  answers.set('/keys', keySet(key, await newClientKey()));
  expect(await tryWith(trusting, `http://localhost:${port}/keys`)).toEqual({ status: 200, body: { active: false } });
  const stranger = await newClientKey('ES256', key.publicJwk.kid);
  expect((await tryWith(trusting, `http://localhost:${port}/keys`, stranger)).body.error_description).toBe(
    'The client_assertion signature is invalid.',
  );
});

test('what is published there must be keys, each with a kid of its own', async () => {
  const { body: none } = keySet();
  answers.set('/none', { body: none });
  answers.set('/twice', keySet(key, key));
  expect((await tryWith(trusting, `http://localhost:${port}/none`)).body.error_description).toBe(
    'The client JWKSet from jwks_uri must contain at least one key.',
  );
  expect((await tryWith(trusting, `http://localhost:${port}/twice`)).body.error_description).toBe(
    'All keys in the client JWKSet from jwks_uri must have a unique kid.',
  );
});

describe('a server that was not told otherwise calls nothing private', () => {
  const uris = [
    `http://localhost:${port}/keys`,
    `http://127.0.0.1:${port}/keys`,
    `https://127.0.0.1:${port}/keys`,
    `http://[::1]:${port}/keys`,
    `http://[::ffff:7f00:1]:${port}/keys`,
    `http://0x7f000001:${port}/keys`,
    `http://127.1:${port}/keys`,
    `http://0:${port}/keys`,
    'http://169.254.169.254/latest/meta-data/',
    'https://169.254.169.254/latest/meta-data/',
    'http://10.0.0.1/keys',
    'https://[fd00:ec2::254]/latest/meta-data/',
  ];
  test.each(uris)('not %s', async (uri) => {
    answers.set('/keys', keySet(key));
    asked.length = 0;
    expect(await tryWith(careful, uri)).toEqual(FAILED);
    expect(asked).toEqual([]);
  });

  test('and tells the caller nothing of what it found', async () => {
    const open = await tryWith(careful, `http://127.0.0.1:${port}/keys`);
    const shut = await tryWith(careful, 'http://127.0.0.1:1/keys');
    expect(open).toEqual(shut);
  });

  test('an allowed host does not open another', async () => {
    asked.length = 0;
    expect(await tryWith(trusting, `http://127.0.0.1:${port}/keys`)).toEqual(FAILED);
    expect(asked).toEqual([]);
  });
});

describe('what the other side answers', () => {
  test.each<[string, Parameters<typeof answers.set>[1]]>([
    ['a redirect', { status: 302, headers: { location: '/keys' }, body: '' }],
    ['an error', { status: 500, body: '{}' }],
    ['another thing than keys', { body: '<html>' }],
    ['without end', { body: `{"keys":[],"x":"${'x'.repeat(300_000)}"}` }],
  ])('%s is refused', async (what, answer) => {
    const path = `/${what.replaceAll(' ', '-')}`;
    answers.set('/keys', keySet(key));
    answers.set(path, answer);
    asked.length = 0;
    expect(await tryWith(trusting, `http://localhost:${port}${path}`)).toEqual(FAILED);
    expect(asked).toEqual([path]);
  });

  test('nothing at all, is waited for a few seconds, while others are answered', async () => {
    answers.set('/silent', { body: null });
    const begun = Date.now();
    const waiting = tryWith(trusting, `http://localhost:${port}/silent`);
    answers.set('/keys', keySet(key));
    expect((await tryWith(trusting, `http://localhost:${port}/keys`)).status).toBe(200);
    expect(await waiting).toEqual(FAILED);
    expect(Date.now() - begun).toBeLessThan(10_000);
  });
});

test('jku and x5u of the assertion lead nowhere', async () => {
  const stranger = await newClientKey();
  answers.set('/strange', keySet(stranger));
  answers.set('/keys?again', keySet(key));
  asked.length = 0;
  const url = `http://localhost:${port}/strange`;
  const { body } = await tryWith(trusting, `http://localhost:${port}/keys?again`, stranger, { jku: url, x5u: url });
  expect(body.error_description).toBe('The client_assertion JWT kid is invalid.');
  expect(asked).not.toContain('/strange');
});
