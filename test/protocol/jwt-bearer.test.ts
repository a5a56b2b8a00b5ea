// A client vouches for one of its people: contract 1.6, 1.15, RFC 7523. Fosite CVE-2020-15222: an assertion counts once.
import { randomUUID } from 'node:crypto';
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { asAssertion, assertionClaims, type Changes, newClientKey, nowSeconds, sign } from '../support/client-keys.ts';
import { byAssertion, type GrantClient, JWT_BEARER, makeGrantClient, together } from '../support/grants.ts';
import { makeUser } from '../support/guide.ts';
import { type OAuthError, postForm } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const key = await newClientKey('ES256');
const client = await makeClient();

function makeClient(oauthClient: object = {}, credentials: object = {}): Promise<GrantClient> {
  return makeGrantClient(server, [JWT_BEARER], {
    oauthClient: { jwks: { keys: [key.publicJwk] }, ...oauthClient },
    credentials,
  });
}

function assertionOf(changes: Changes = {}, of: GrantClient = client): Promise<string> {
  const claims = assertionClaims(of.clientId, of.issuer, { sub: of.user.id, ...changes });
  return sign(key.privateKey, { alg: 'ES256', kid: key.publicJwk.kid }, claims);
}

describe('a right assertion', () => {
  test('gives an access token of the person, and nothing that says they signed in', async () => {
    const { status, headers, body } = await byAssertion(client, await assertionOf());
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toContain('no-store');
    expect(Object.keys(body)).toEqual(['token_type', 'expires_in', 'access_token', 'scope']);
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({ uid: client.user.id, sub: client.user.login, cid: client.clientId });
    expect(claims).not.toHaveProperty('auth_time');
  });

  test('may name the person by login, and the audience as a list of one', async () => {
    const byLogin = await assertionOf({ sub: client.user.login, aud: [client.issuer] });
    expect((await byAssertion(client, byLogin)).status).toBe(200);
  });

  test('counts once', async () => {
    const assertion = await assertionOf();
    expect((await byAssertion(client, assertion)).status).toBe(200);
    const { status, body } = await byAssertion(client, assertion);
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'invalid_grant',
      error_description: 'The jti of the JWT Bearer Grant was already used.',
    });
    const sameId = await assertionOf({ jti: decodeJwt(assertion).jti, exp: nowSeconds() + 60 });
    expect((await byAssertion(client, sameId)).body.error).toBe('invalid_grant');
  });

  test('counts once, even to fifty at a time', async () => {
    const assertion = await assertionOf();
    const answers = await together(50, () => byAssertion(client, assertion));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect(status).toBe(400);
      expect(body.error_description).toBe('The jti of the JWT Bearer Grant was already used.');
    }
  });

  test('refused by policy is not used up', async () => {
    const assertion = await assertionOf();
    expect((await byAssertion(client, assertion, { scope: 'unknown' })).body.error).toBe('invalid_scope');
    expect((await byAssertion(client, assertion)).status).toBe(200);
  });

  test('uses up no other client’s id', async () => {
    const other = await makeClient();
    const jti = randomUUID();
    expect((await byAssertion(client, await assertionOf({ jti }))).status).toBe(200);
    expect((await byAssertion(other, await assertionOf({ jti }, other))).status).toBe(200);
  });
});

const INVALID = "The 'assertion' is not a valid JWT signed by a key of the client.";
const AUDIENCE = 'The audience of the JWT Bearer Grant must match the the issuer of the authorization server.';
const EXPIRED = 'The JWT Bearer Grant has expired, or expires too far into the future.';
const SUBJECT = 'The subject of the JWT Bearer Grant is not an active user.';

describe('is refused', () => {
  test.each<{ what: string; changes: Changes; text: string }>([
    { what: 'of another issuer', changes: { iss: 'https://evil.example' }, text: INVALID },
    { what: 'without an issuer', changes: { iss: null }, text: INVALID },
    { what: 'for the token endpoint', changes: { aud: `${client.issuer}/v1/token` }, text: AUDIENCE },
    { what: 'for the org', changes: { aud: server.url }, text: AUDIENCE },
    { what: 'for two audiences', changes: { aud: [client.issuer, 'https://other.example'] }, text: AUDIENCE },
    { what: 'without an audience', changes: { aud: null }, text: AUDIENCE },
    { what: 'that has expired', changes: { exp: nowSeconds() - 1 }, text: EXPIRED },
    { what: 'without an end', changes: { exp: null }, text: EXPIRED },
    { what: 'whose end is no number', changes: { exp: `${nowSeconds() + 60}` }, text: EXPIRED },
    { what: 'that lasts for two hours', changes: { exp: nowSeconds() + 7200 }, text: EXPIRED },
    { what: 'of the future', changes: { iat: nowSeconds() + 600 }, text: INVALID },
    { what: 'not yet good', changes: { nbf: nowSeconds() + 600 }, text: INVALID },
    { what: 'without an id', changes: { jti: null }, text: INVALID },
    { what: 'with an id that is no text', changes: { jti: 7 }, text: INVALID },
    { what: 'with an endless id', changes: { jti: 'x'.repeat(20_000) }, text: INVALID },
    { what: 'without a person', changes: { sub: null }, text: SUBJECT },
    { what: 'of the client itself', changes: { sub: client.clientId }, text: SUBJECT },
    { what: 'of nobody', changes: { sub: 'nobody@example.com' }, text: SUBJECT },
    { what: 'of half a login', changes: { sub: client.user.login.split('@')[0] }, text: SUBJECT },
    { what: 'that is a request object', changes: { response_type: 'code' }, text: INVALID },
  ])('an assertion $what', async ({ changes, text }) => {
    const { status, body } = await byAssertion(client, await assertionOf(changes));
    expect(status).toBe(400);
    expect(body).toEqual({ error: 'invalid_grant', error_description: text });
  });

  test('an assertion that somebody else signed, or nobody, or the client secret, or that was changed', async () => {
    const good = await assertionOf();
    const [header, payload, signature] = good.split('.');
    const claims = assertionClaims(client.clientId, client.issuer, { sub: client.user.id });
    const stranger = await newClientKey('ES256', key.publicJwk.kid);
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const wrong = [
      await sign(stranger.privateKey, { alg: 'ES256', kid: key.publicJwk.kid }, claims),
      await sign(key.privateKey, { alg: 'ES256', kid: 'another' }, claims),
      await sign(client.secret, { alg: 'HS256' }, claims),
      // The public key taken for a secret (RFC 8725 section 2.1).
      await sign(JSON.stringify(key.publicJwk), { alg: 'HS256', kid: key.publicJwk.kid }, claims),
      `${encoded({ alg: 'none' })}.${payload}.`,
      `${header}.${payload}.`,
      `${header}.${encoded({ ...decodeJwt(good), sub: (await makeUser(client.api)).id })}.${signature}`,
      'x',
      'a.b.c',
      '..',
    ];
    for (const assertion of wrong) {
      const { status, body } = await byAssertion(client, assertion);
      expect(status).toBe(400);
      expect(body).toEqual({ error: 'invalid_grant', error_description: INVALID });
    }
    expect((await byAssertion(client, good)).status).toBe(200);
  });

  test('an assertion of another client', async () => {
    const other = await makeClient();
    expect((await byAssertion(client, await assertionOf({}, other))).status).toBe(400);
  });

  test('an assertion that proved the client already, or that goes on to prove it', async () => {
    const proof = await assertionOf({ sub: client.clientId });
    expect((await byAssertion(client, proof)).body.error).toBe('invalid_grant');
    const signing = await makeClient({}, { token_endpoint_auth_method: 'private_key_jwt' });
    const grant = await assertionOf({ aud: `${signing.issuer}/v1/token` }, signing);
    const { status, body } = await postForm<OAuthError>(`${signing.issuer}/v1/token`, {
      grant_type: JWT_BEARER,
      assertion: grant,
      ...asAssertion(grant),
    });
    expect(status).toBe(401);
    expect(body.error).toBe('invalid_client');
  });

  test('a person who was suspended, one who is not assigned, and one who was deleted', async () => {
    const other = await makeUser(client.api);
    const { body } = await byAssertion(client, await assertionOf({ sub: other.id }));
    expect(body.error_description).toBe('User is not assigned to the client application.');
    await client.api.post(`/api/v1/users/${other.id}/lifecycle/suspend`);
    expect((await byAssertion(client, await assertionOf({ sub: other.id }))).body.error_description).toBe(SUBJECT);
    await client.api.post(`/api/v1/users/${other.id}/lifecycle/deactivate`);
    await client.api.delete(`/api/v1/users/${other.id}`);
    expect((await byAssertion(client, await assertionOf({ sub: other.id }))).body.error_description).toBe(SUBJECT);
  });

  test.each(['openid', 'catalogue openid profile', 'offline_access'])('the scope %s', async (scope) => {
    const { status, body } = await byAssertion(client, await assertionOf(), { scope });
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_scope');
  });

  test('a request without an assertion', async () => {
    const { body } = await byAssertion(client, '', { assertion: null });
    expect(body.error_description).toBe("The required parameter 'assertion' is missing.");
  });

  test('a client without credentials', async () => {
    const open = await makeClient(
      { application_type: 'native' },
      { token_endpoint_auth_method: 'none', pkce_required: true },
    );
    const { status, body } = await byAssertion(open, await assertionOf({}, open));
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'unauthorized_client',
      error_description: 'Confidential client is required to make this request.',
    });
  });

  test('at the org server, which does not offer it', async () => {
    const atOrg = { ...client, issuer: server.url };
    const { body } = await byAssertion(atOrg, await assertionOf({ aud: server.url }));
    expect(body.error).toBe('unsupported_grant_type');
  });
});

test('an application that needs consent has no place to ask for it', async () => {
  const strict = await makeClient({ consent_method: 'REQUIRED' });
  await strict.api.post(`/api/v1/authorizationServers/${strict.authorizationServer.id}/scopes`, {
    name: 'letters',
    consent: 'REQUIRED',
  });
  const refused = await byAssertion(strict, await assertionOf({}, strict), { scope: 'letters' });
  expect(refused.status).toBe(400);
  expect(refused.body.error).toBe('consent_required');
  expect((await byAssertion(strict, await assertionOf({}, strict))).status).toBe(200);
});
