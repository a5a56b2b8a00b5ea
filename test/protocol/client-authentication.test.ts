// RFC 6749 section 2.3, contract 1.7: by which of the five methods a client proves itself, and that it uses one.
import { describe, expect, test } from 'vitest';
import { asAssertion, assertionClaims, newClientKey, sign } from '../support/client-keys.ts';
import { makeApplication, makeWebApplication } from '../support/guide.ts';
import { type Application, managementApi } from '../support/management-api.ts';
import { basic, type OAuthError, postForm } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const base = `${server.url}/oauth2/default/v1`;
const introspect = `${base}/introspect`;
const GENERIC = 'Client authentication failed. Either the client or the client credentials are invalid.';

const idOf = (app: Application) => app.credentials.oauthClient.client_id;
const secretOf = (app: Application) => app.credentials.oauthClient.client_secret ?? '';

const es256 = await newClientKey('ES256');
const secretClient = await makeWebApplication(api, {}, { token_endpoint_auth_method: 'client_secret_jwt' });

/** Whether the client is believed, asked where a believed client learns that a token is not active. */
async function tell(form: Record<string, string>, headers: Record<string, string> = {}, url = introspect) {
  const { status, body } = await postForm<OAuthError>(url, { token: 'x', ...form }, headers);
  return status === 200 ? 'believed' : { status, error: body.error, text: body.error_description };
}

const bySecret = () => sign(secretOf(secretClient), { alg: 'HS256' }, assertionClaims(idOf(secretClient), introspect));
const refused = (text: string) => ({ status: 401, error: 'invalid_client', text });

describe('each method is for clients that are registered for it', async () => {
  const methods = [
    'client_secret_basic',
    'client_secret_post',
    'client_secret_jwt',
    'private_key_jwt',
    'none',
  ] as const;
  type Method = (typeof methods)[number];
  const clients = new Map<Method, Application>();
  for (const method of methods)
    clients.set(
      method,
      method === 'none'
        ? await makeApplication(api)
        : await makeWebApplication(api, { jwks: { keys: [es256.publicJwk] } }, { token_endpoint_auth_method: method }),
    );

  async function present(method: Method, app: Application) {
    const secret = secretOf(app) || 'a-secret-that-this-client-does-not-have';
    const claims = assertionClaims(idOf(app), introspect);
    switch (method) {
      case 'client_secret_basic':
        return tell({}, { authorization: basic(idOf(app), secret) });
      case 'client_secret_post':
        return tell({ client_id: idOf(app), client_secret: secret });
      case 'client_secret_jwt':
        return tell(asAssertion(await sign(secret, { alg: 'HS256' }, claims)));
      case 'private_key_jwt':
        return tell(asAssertion(await sign(es256.privateKey, { alg: 'ES256' }, claims)));
      case 'none':
        return tell({ client_id: idOf(app) });
    }
  }

  const alike = new Set(['client_secret_basic', 'client_secret_post']);
  test.each(methods.flatMap((registered) => methods.map((used) => [registered, used] as const)))(
    'registered %s, used %s',
    async (registered, used) => {
      const app = clients.get(registered);
      if (!app) throw new Error(`There is no client for ${registered}`);
      const fits = registered === used || (alike.has(registered) && alike.has(used));
      expect(await present(used, app)).toEqual(fits ? 'believed' : refused(GENERIC));
    },
  );
});

describe('one way to prove oneself a request', () => {
  const MULTIPLE = {
    status: 401,
    error: 'invalid_request',
    text: expect.stringMatching(/^Cannot supply multiple client credentials\. /),
  };
  test('two are refused, though each were right', async () => {
    const client = secretClient;
    const header = { authorization: basic(idOf(client), secretOf(client)) };
    const secret = { client_id: idOf(client), client_secret: secretOf(client) };
    expect(await tell(asAssertion(await bySecret()), header)).toEqual(MULTIPLE);
    expect(await tell({ ...asAssertion(await bySecret()), ...secret })).toEqual(MULTIPLE);
    expect(await tell(secret, header)).toEqual(MULTIPLE);
  });

  test('an assertion needs its type, and the type an assertion', async () => {
    const assertion = await bySecret();
    const TYPE = { status: 400, error: 'invalid_request', text: 'The client_assertion_type is invalid.' };
    expect(await tell({ client_assertion: assertion })).toEqual(TYPE);
    expect(await tell({ ...asAssertion(assertion), client_assertion_type: 'urn:other' })).toEqual(TYPE);
    expect(await tell({ ...asAssertion(assertion), client_assertion: '' })).toMatchObject({
      status: 400,
      error: 'invalid_request',
    });
  });

  test('an assertion in the query is refused', async () => {
    const url = `${introspect}?${new URLSearchParams(asAssertion(await bySecret()))}`;
    expect(await tell({}, {}, url)).toMatchObject({
      status: 400,
      text: 'Client credentials cannot be supplied via query parameters.',
    });
  });
});

test('discovery says so, of every endpoint that a client proves itself to', async () => {
  const methods = ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'];
  const algorithms = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'];
  for (const name of ['openid-configuration', 'oauth-authorization-server']) {
    const document = await (await fetch(`${server.url}/oauth2/default/.well-known/${name}`)).json();
    for (const endpoint of ['token', 'introspection', 'revocation']) {
      expect(document[`${endpoint}_endpoint_auth_methods_supported`]).toEqual(methods);
      expect(document[`${endpoint}_endpoint_auth_signing_alg_values_supported`]).toEqual(algorithms);
    }
  }
});
