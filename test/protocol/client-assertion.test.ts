// RFC 7523 and OIDC Core section 9: a client that signs that it is itself; fosite CVE-2020-15222: it does so once.
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { asAssertion, assertionClaims, type Changes, newClientKey, nowSeconds, sign } from '../support/client-keys.ts';
import { makeWebApplication } from '../support/guide.ts';
import { type Application, type LogEvent, managementApi } from '../support/management-api.ts';
import { type OAuthError, postForm } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const base = `${server.url}/oauth2/default/v1`;
const introspect = `${base}/introspect`;
const GENERIC = 'Client authentication failed. Either the client or the client credentials are invalid.';

const idOf = (app: Application) => app.credentials.oauthClient.client_id;
const secretOf = (app: Application) => app.credentials.oauthClient.client_secret ?? '';
const keyed = (jwks: object[], method = 'private_key_jwt') =>
  makeWebApplication(api, { jwks: { keys: jwks } }, { token_endpoint_auth_method: method });

const [es256, rs256] = [await newClientKey('ES256'), await newClientKey('RS256')];
const keyClient = await keyed([es256.publicJwk, rs256.publicJwk]);
const secretClient = await makeWebApplication(api, {}, { token_endpoint_auth_method: 'client_secret_jwt' });

/** Whether the client is believed, asked where a believed client learns that a token is not active. */
async function tell(form: Record<string, string>, headers: Record<string, string> = {}, url = introspect) {
  const { status, body } = await postForm<OAuthError>(url, { token: 'x', ...form }, headers);
  return status === 200 ? 'believed' : { status, error: body.error, text: body.error_description };
}

const signed = (changes: Changes = {}, header: object = {}, audience: unknown = introspect) =>
  sign(
    es256.privateKey,
    { alg: 'ES256', kid: es256.publicJwk.kid, ...header },
    assertionClaims(idOf(keyClient), audience, changes),
  );
const bySecret = (changes: Changes = {}, alg = 'HS256', secret = secretOf(secretClient)) =>
  sign(secret, { alg }, assertionClaims(idOf(secretClient), introspect, changes));
const refused = (text: string) => ({ status: 401, error: 'invalid_client', text });

describe('private_key_jwt', () => {
  test.each(['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512'])('takes %s', async (alg) => {
    const key = await newClientKey(alg);
    const app = await keyed([key.publicJwk]);
    const assertion = await sign(
      key.privateKey,
      { alg, kid: key.publicJwk.kid },
      assertionClaims(idOf(app), introspect),
    );
    expect(await tell(asAssertion(assertion))).toBe('believed');
  });

  test('needs no kid when a key fits', async () => {
    expect(await tell(asAssertion(await signed({}, { kid: undefined })))).toBe('believed');
  });

  test('needs an active key', async () => {
    const [first, second] = [await newClientKey(), await newClientKey()];
    const app = await keyed([first.publicJwk, second.publicJwk]);
    const { keys } = await api.get<{ keys: { kid: string; id: string }[] }>(`/api/v1/apps/${app.id}/credentials/jwks`);
    const { id } = keys.find(({ kid }) => kid === first.publicJwk.kid) ?? { id: '' };
    await api.post(`/api/v1/apps/${app.id}/credentials/jwks/${id}/lifecycle/deactivate`);
    const by = (key: typeof first) =>
      sign(key.privateKey, { alg: 'ES256', kid: key.publicJwk.kid }, assertionClaims(idOf(app), introspect));
    expect(await tell(asAssertion(await by(first)))).toEqual(refused('The client_assertion JWT kid is invalid.'));
    expect(await tell(asAssertion(await by(second)))).toBe('believed');
  });

  test('needs a key that is there to sign', async () => {
    const key = await newClientKey();
    const app = await keyed([{ ...key.publicJwk, use: 'enc' }]);
    const assertion = await sign(key.privateKey, { alg: 'ES256' }, assertionClaims(idOf(app), introspect));
    expect(await tell(asAssertion(assertion))).toEqual(
      refused('The client_assertion JWT needs to be signed using a signing key.'),
    );
  });

  test('needs keys', async () => {
    const app = await makeWebApplication(api, {}, { token_endpoint_auth_method: 'private_key_jwt' });
    const assertion = await sign(es256.privateKey, { alg: 'ES256' }, assertionClaims(idOf(app), introspect));
    expect(await tell(asAssertion(assertion))).toEqual(
      refused('The client does not have a JWKSet configured, but the client_assertion requires one.'),
    );
  });
});

describe('client_secret_jwt', () => {
  test.each(['HS256', 'HS384', 'HS512'])('takes %s', async (alg) => {
    expect(await tell(asAssertion(await bySecret({}, alg)))).toBe('believed');
  });

  test('takes either of two active secrets, and neither once it is inactive', async () => {
    type Secret = { id: string; client_secret: string };
    const app = await makeWebApplication(api, {}, { token_endpoint_auth_method: 'client_secret_jwt' });
    const path = `/api/v1/apps/${app.id}/credentials/secrets`;
    const second = await api.post<Secret>(path);
    const by = async (secret: string) =>
      asAssertion(await sign(secret, { alg: 'HS256' }, assertionClaims(idOf(app), introspect)));
    expect(await tell(await by(secretOf(app)))).toBe('believed');
    expect(await tell(await by(second.client_secret))).toBe('believed');
    const [first] = (await api.get<Secret[]>(path)).filter(({ id }) => id !== second.id);
    await api.post(`${path}/${first?.id}/lifecycle/deactivate`);
    expect(await tell(await by(secretOf(app)))).toEqual(refused('The client_assertion signature is invalid.'));
    expect(await tell(await by(second.client_secret))).toBe('believed');
  });

  test('needs a secret of 32 characters', async () => {
    const app = await makeWebApplication(api, {}, { client_secret: 'only-20-characters-x' });
    const current = await api.get<Application & { credentials: { oauthClient: object } }>(`/api/v1/apps/${app.id}`);
    const oauthClient = { ...current.credentials.oauthClient, token_endpoint_auth_method: 'client_secret_jwt' };
    await api.put(`/api/v1/apps/${app.id}`, { ...current, credentials: { ...current.credentials, oauthClient } });
    const assertion = await sign('only-20-characters-x', { alg: 'HS256' }, assertionClaims(idOf(app), introspect));
    expect(await tell(asAssertion(assertion))).toEqual(refused('The client secret is too short to verify a JWT HMAC.'));
  });
});

describe('the audience', () => {
  test.each([
    ['the endpoint that is called', introspect],
    ['the token endpoint', `${base}/token`],
    ['the issuer', `${server.url}/oauth2/default`],
    ['two of them', [introspect, `${base}/token`]],
  ])('may be %s', async (_, audience) => {
    expect(await tell(asAssertion(await signed({}, {}, audience)))).toBe('believed');
  });

  test.each([
    ['missing', null],
    ['another server', 'https://other.example/oauth2/default/v1/introspect'],
    ['another authorization server of this org', `${server.url}/oauth2/v1/token`],
    ['another endpoint', `${base}/revoke`],
    ['ours beside a stranger', [introspect, 'https://other.example']],
    ['nobody', []],
    ['a prefix', introspect.slice(0, -1)],
    ['longer', `${introspect}/`],
    ['with a query', `${introspect}?x=1`],
    ['a number', 7],
  ])('may not be %s', async (_, audience) => {
    expect(await tell(asAssertion(await signed({ aud: audience })))).toEqual(
      refused('The audience claim for client_assertion must be the endpoint invoked for the request.'),
    );
  });

  test('of the org server is the org itself', async () => {
    for (const audience of [`${server.url}/oauth2/v1/introspect`, `${server.url}/oauth2/v1/token`, server.url])
      expect(await tell(asAssertion(await signed({}, {}, audience)), {}, `${server.url}/oauth2/v1/introspect`)).toBe(
        'believed',
      );
  });
});

describe('time', () => {
  const now = nowSeconds();
  test.each<[string, Changes, string]>([
    ['without exp', { exp: null }, "The client_assertion must contain the 'exp' claim as seconds since epoch."],
    [
      'with an exp of text',
      { exp: '2099-01-01' },
      "The client_assertion must contain the 'exp' claim as seconds since epoch.",
    ],
    ['that has expired', { exp: now - 1 }, 'The client_assertion token is expired.'],
    ['for two hours', { exp: now + 7200 }, 'The client_assertion token has an expiration too far into the future.'],
    [
      'with an exp in milliseconds',
      { exp: Date.now() + 300_000 },
      'The client_assertion token has an expiration too far into the future.',
    ],
    ['of tomorrow', { iat: now + 300 }, 'The client_assertion token must be issued before the current time.'],
    ['that begins later', { nbf: now + 300 }, 'The client_assertion token must be issued before the current time.'],
  ])('an assertion %s is refused', async (_, changes, text) => {
    expect(await tell(asAssertion(await signed(changes)))).toEqual(refused(text));
  });

  test('a few seconds between two clocks are nothing', async () => {
    expect(await tell(asAssertion(await signed({ iat: nowSeconds() + 10, exp: nowSeconds() + 3600 })))).toBe(
      'believed',
    );
  });

  test('iat need not be said', async () => {
    expect(await tell(asAssertion(await signed({ iat: null })))).toBe('believed');
  });
});

describe('an assertion is used once', () => {
  const USED = refused('The client_assertion token has already been used.');

  test('one after the other', async () => {
    for (const form of [asAssertion(await signed()), asAssertion(await bySecret())])
      expect([await tell(form), await tell(form)]).toEqual(['believed', USED]);
  });

  test('by fifty at a time, at every endpoint together, and on two processes over one database', async () => {
    const other = inject('database') === 'postgres' ? await server.startAnother() : null;
    const urls = [introspect, `${(other ?? server).url}/oauth2/default/v1/introspect`];
    for (const sign of [signed, bySecret]) {
      const form = asAssertion(await sign({ aud: `${base}/token` }));
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          tell(form, {}, urls[index % urls.length]?.replace('introspect', index % 3 ? 'introspect' : 'revoke')),
        ),
      );
      expect(answers.filter((answer) => answer === 'believed')).toHaveLength(1);
      expect(answers.filter((answer) => answer !== 'believed')).toEqual(Array.from({ length: 49 }, () => USED));
    }
    await other?.stop();
  });

  test('its jti belongs to its client: another may use the same', async () => {
    const jti = randomUUID();
    expect(await tell(asAssertion(await signed({ jti })))).toBe('believed');
    expect(await tell(asAssertion(await bySecret({ jti })))).toBe('believed');
    expect(await tell(asAssertion(await signed({ jti })))).toEqual(USED);
  });

  test('a refused one is not used up: nobody spends the jti of another', async () => {
    const jti = randomUUID();
    const stranger = await newClientKey();
    const claims = assertionClaims(idOf(keyClient), introspect, { jti });
    const forged = await sign(stranger.privateKey, { alg: 'ES256', kid: es256.publicJwk.kid }, claims);
    expect(await tell(asAssertion(forged))).toEqual(refused('The client_assertion signature is invalid.'));
    expect(await tell(asAssertion(await signed({ jti })))).toBe('believed');
  });

  test('without a jti it is good until it expires', async () => {
    const form = asAssertion(await signed({ jti: null }));
    expect([await tell(form), await tell(form)]).toEqual(['believed', 'believed']);
  });
});

describe('a forged assertion', () => {
  const header = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url');
  const payload = () => header(assertionClaims(idOf(keyClient), introspect));

  test('without a signature is refused', async () => {
    const ALGORITHM = refused('The client_assertion JWT signature algorithm is invalid.');
    for (const alg of ['none', 'None', '', 'HS1', 'PS256', 'EdDSA'])
      expect(await tell(asAssertion(`${header({ alg })}.${payload()}.c2ln`)), alg).toEqual(ALGORITHM);
    const unreadable = refused('The parsing of the client_assertion failed.');
    for (const text of [
      'x',
      'a.b',
      'a.b.c',
      `${header({ alg: 'none' })}.${payload()}.`,
      `${header({})}.${payload()}.c2ln`,
    ])
      expect(await tell(asAssertion(text)), text).toEqual(unreadable);
  });

  test('whose secret is a public key of the client is refused', async () => {
    const claims = assertionClaims(idOf(keyClient), introspect);
    for (const secret of [JSON.stringify(es256.publicJwk), es256.publicJwk.x ?? ''])
      expect(await tell(asAssertion(await sign(secret.padEnd(32, '='), { alg: 'HS256' }, claims)))).toEqual(
        refused(GENERIC),
      );
  });

  test('that brings its own key is refused', async () => {
    const stranger = await newClientKey();
    const claims = assertionClaims(idOf(keyClient), introspect);
    for (const extra of [{ jwk: stranger.publicJwk }, { jku: `${server.url}/keys` }, { x5u: 'https://x.example' }])
      expect(await tell(asAssertion(await sign(stranger.privateKey, { alg: 'ES256', ...extra }, claims)))).toEqual(
        refused('The client_assertion signature is invalid.'),
      );
  });

  test("under a kid that is not the client's is refused", async () => {
    for (const kid of ['nobody', '../../dev/null', "' or 1=1 --", rs256.publicJwk.kid])
      expect(await tell(asAssertion(await signed({}, { kid }))), kid).toMatchObject({
        status: 401,
        error: 'invalid_client',
      });
  });

  test('of one client does not prove another', async () => {
    const claims = assertionClaims(idOf(secretClient), introspect);
    expect(await tell(asAssertion(await sign(es256.privateKey, { alg: 'ES256' }, claims)))).toEqual(refused(GENERIC));
    expect(await tell(asAssertion(await signed({ iss: 'nobody', sub: 'nobody' })))).toEqual(
      refused('The issuer claim for client_assertion is not a valid client_id.'),
    );
    expect(await tell(asAssertion(await signed({ sub: idOf(secretClient) })))).toEqual(
      refused('The subject claim for client_assertion is not a valid client_id.'),
    );
    expect(await tell({ ...asAssertion(await signed()), client_id: idOf(secretClient) })).toEqual(
      refused('The issuer claim for client_assertion is not a valid client_id.'),
    );
  });

  test('that is a request object, which browsers carry, is refused', async () => {
    for (const claims of [
      { redirect_uri: 'http://localhost:4555/callback', response_type: 'code' },
      { state: 'x' },
      { nonce: 'x' },
    ])
      expect(await tell(asAssertion(await signed({ ...claims, aud: `${server.url}/oauth2/default` })))).toEqual(
        refused('The parsing of the client_assertion failed.'),
      );
  });

  test('with a header that must be understood and is not, is refused', async () => {
    expect(await tell(asAssertion(await signed({}, { crit: ['exp'], exp: 1 }).catch(() => 'a.b.c')))).toMatchObject({
      status: 401,
    });
  });
});

test('a failure is an event that names the reason, and holds no assertion', async () => {
  const assertion = await signed({ exp: nowSeconds() - 5 });
  await tell(asAssertion(assertion));
  const events = await api.get<LogEvent[]>(
    `/api/v1/logs?filter=${encodeURIComponent('eventType eq "app.oauth2.invalid_client_credentials"')}&limit=1000`,
  );
  expect(events.some(({ outcome }) => outcome.reason === 'client_assertion_expired')).toBe(true);
  expect(JSON.stringify(events)).not.toContain(assertion.slice(0, 60));
  expect(server.output()).not.toContain(assertion.slice(0, 60));
});
