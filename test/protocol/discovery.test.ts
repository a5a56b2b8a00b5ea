// Discovery documents and keys: contract sections 1.1, 1.11 and 1.14.
import { describe, expect, test } from 'vitest';
import { followGuide, makeApplication } from '../support/guide.ts';
import type { ApiError } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
await guide.api.post(`/api/v1/authorizationServers/${guide.authorizationServer.id}/scopes`, { name: 'unpublished' });

type Document = Record<string, unknown> & { issuer: string; jwks_uri?: string };

async function fetchJson<T>(url: string): Promise<{ status: number; headers: Headers; body: T }> {
  const response = await fetch(url, { redirect: 'manual' });
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

async function fetchDocument(url: string): Promise<Document> {
  const { status, headers, body } = await fetchJson<Document>(url);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^application\/json\b/);
  return body;
}

const openidOf = (issuer: string) => `${issuer}/.well-known/openid-configuration`;
const oauthOf = (issuer: string) => `${issuer}/.well-known/oauth-authorization-server`;

/** Members that the contract orders; those that a document leaves out do not matter. */
const OPENID_ORDER = [
  'issuer',
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'registration_endpoint',
  'jwks_uri',
  'response_types_supported',
  'response_modes_supported',
  'grant_types_supported',
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
  'scopes_supported',
  'token_endpoint_auth_methods_supported',
  'claims_supported',
  'code_challenge_methods_supported',
  'introspection_endpoint',
  'introspection_endpoint_auth_methods_supported',
  'revocation_endpoint',
  'revocation_endpoint_auth_methods_supported',
  'end_session_endpoint',
];

const servers = [
  { name: 'the org server', issuer: server.url, endpoints: `${server.url}/oauth2/v1` },
  { name: 'a custom server', issuer: guide.issuer, endpoints: `${guide.issuer}/v1` },
  {
    name: 'the default server',
    issuer: `${server.url}/oauth2/default`,
    endpoints: `${server.url}/oauth2/default/v1`,
  },
];

describe.each(servers)('the openid-configuration of $name', ({ issuer, endpoints }) => {
  test('names its own issuer and its endpoints below it', async () => {
    expect(await fetchDocument(openidOf(issuer))).toMatchObject({
      issuer,
      authorization_endpoint: `${endpoints}/authorize`,
      token_endpoint: `${endpoints}/token`,
      userinfo_endpoint: `${endpoints}/userinfo`,
      jwks_uri: `${endpoints}/keys`,
      introspection_endpoint: `${endpoints}/introspect`,
      revocation_endpoint: `${endpoints}/revoke`,
      end_session_endpoint: `${endpoints}/logout`,
    });
  });

  test('says what an SDK asks before it starts: S256 and the four response modes', async () => {
    const document = await fetchDocument(openidOf(issuer));
    expect(document.code_challenge_methods_supported).toEqual(['S256']);
    expect(document.response_modes_supported).toEqual(['query', 'fragment', 'form_post', 'okta_post_message']);
    expect(document.response_types_supported).toContain('code');
    expect(document.grant_types_supported).toEqual(expect.arrayContaining(['authorization_code', 'refresh_token']));
    expect(document.subject_types_supported).toEqual(['public']);
    expect(document.id_token_signing_alg_values_supported).toContain('RS256');
    expect(document.token_endpoint_auth_methods_supported).toEqual(
      expect.arrayContaining(['client_secret_basic', 'client_secret_post', 'none']),
    );
  });

  test("keeps the contract's order of members", async () => {
    const names = Object.keys(await fetchDocument(openidOf(issuer)));
    const known = names.filter((name) => OPENID_ORDER.includes(name));
    expect(known).toEqual(OPENID_ORDER.filter((name) => names.includes(name)));
  });

  test('advertises no endpoint that is not there', async () => {
    const document = await fetchDocument(openidOf(issuer));
    const advertised = Object.entries(document).filter(([name]) => name.endsWith('_endpoint') || name === 'jwks_uri');
    expect(advertised.length).toBeGreaterThan(6);
    for (const [name, url] of advertised) {
      const statuses = await Promise.all(
        ['GET', 'POST'].map(async (method) => (await fetch(String(url), { method, redirect: 'manual' })).status),
      );
      expect(statuses, `${name} at ${url}`).not.toEqual([404, 404]);
    }
  });

  test('can be read by any browser page', async () => {
    const response = await fetch(openidOf(issuer), { headers: { origin: 'http://localhost:4555' } });
    expect(['*', 'http://localhost:4555']).toContain(response.headers.get('access-control-allow-origin'));
  });
});

describe('scopes_supported', () => {
  test('of a custom server holds the scopes whose metadata are published, and no other', async () => {
    for (const url of [openidOf(guide.issuer), oauthOf(guide.issuer)]) {
      const { scopes_supported: scopes } = await fetchDocument(url);
      expect(scopes).toEqual(expect.arrayContaining(['openid', 'profile', 'email', 'offline_access', 'catalogue']));
      expect(scopes).not.toContain('unpublished');
    }
  });

  test('of the org server holds the OpenID scopes', async () => {
    const { scopes_supported: scopes } = await fetchDocument(openidOf(server.url));
    expect(scopes).toEqual(
      expect.arrayContaining(['openid', 'email', 'profile', 'address', 'phone', 'offline_access', 'groups']),
    );
  });
});

describe('the oauth-authorization-server document', () => {
  test.each(servers)('of $name has no userinfo endpoint and describes access tokens', async ({ issuer }) => {
    const document = await fetchDocument(oauthOf(issuer));
    expect(document.issuer).toBe(issuer);
    expect(document).not.toHaveProperty('userinfo_endpoint');
    expect(Object.keys(document).filter((name) => name.startsWith('id_token_'))).toEqual([]);
    expect(document.claims_supported).toEqual(['ver', 'jti', 'iss', 'aud', 'iat', 'exp', 'cid', 'uid', 'scp', 'sub']);
  });

  test('of the org server names no keys, because its access tokens are its own business', async () => {
    expect(await fetchDocument(oauthOf(server.url))).not.toHaveProperty('jwks_uri');
    expect(await fetchDocument(oauthOf(guide.issuer))).toHaveProperty('jwks_uri');
  });

  test('of a custom server also stands where RFC 8414 puts it', async () => {
    const path = new URL(guide.issuer).pathname;
    const there = await fetchDocument(`${server.url}/.well-known/oauth-authorization-server${path}`);
    expect(there).toEqual(await fetchDocument(oauthOf(guide.issuer)));
  });
});

describe('discovery for one client', () => {
  test('answers a known client_id and does not repeat it in jwks_uri', async () => {
    const app = await makeApplication(guide.api);
    const document = await fetchDocument(`${openidOf(server.url)}?client_id=${app.credentials.oauthClient.client_id}`);
    expect(document.issuer).toBe(server.url);
    expect(document.jwks_uri).toBe(`${server.url}/oauth2/v1/keys`);
  });

  test('refuses an unknown client_id in the shape of the management API', async () => {
    const { status, body } = await fetchJson<ApiError>(`${openidOf(server.url)}?client_id=nobody`);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      errorCode: 'invalid_client',
      errorSummary: "Invalid value for 'client_id' parameter.",
    });
  });
});

test('an unknown authorization server is a 404 in the shape of the management API, on every path', async () => {
  for (const path of ['.well-known/openid-configuration', '.well-known/oauth-authorization-server', 'v1/keys']) {
    const { status, body } = await fetchJson<ApiError>(`${server.url}/oauth2/ausNotThere/${path}`);
    expect(status, path).toBe(404);
    expect(body).toMatchObject({
      errorCode: 'E0000007',
      errorSummary: 'Not found: Resource not found: ausNotThere (AuthorizationServer)',
      errorLink: 'E0000007',
    });
  }
});

test('the default server is reached by its name and by its id, and calls itself default either way', async () => {
  const { id } = await guide.api.get<{ id: string }>('/api/v1/authorizationServers/default');
  expect(id).toMatch(/^aus\w{17}$/);
  const document = await fetchDocument(openidOf(`${server.url}/oauth2/${id}`));
  expect(document.issuer).toBe(`${server.url}/oauth2/default`);
});

describe('the keys', () => {
  type Key = Record<string, string>;
  const keysOf = async (endpoints: string) => fetchJson<{ keys: Key[] }>(`${endpoints}/keys`);

  test.each(servers)('of $name are public RSA keys, the active and the next one', async ({ endpoints }) => {
    const { status, body } = await keysOf(endpoints);
    expect(status).toBe(200);
    expect(body.keys.length).toBeGreaterThanOrEqual(2);
    for (const key of body.keys) {
      expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
      expect(key).toMatchObject({ kty: 'RSA', alg: 'RS256', use: 'sig', e: 'AQAB' });
      expect(Buffer.from(key.n ?? '', 'base64url').length).toBeGreaterThanOrEqual(256);
    }
  });

  test('of two servers differ', async () => {
    const [org, custom] = await Promise.all([keysOf(`${server.url}/oauth2/v1`), keysOf(`${guide.issuer}/v1`)]);
    const kids = (answer: typeof org) => answer.body.keys.map((key) => key.kid);
    expect(kids(org).filter((kid) => kids(custom).includes(kid))).toEqual([]);
  });

  test('may be cached, but not past their revalidation', async () => {
    const { headers } = await keysOf(`${guide.issuer}/v1`);
    expect(headers.get('cache-control')).toMatch(/max-age=\d+.*must-revalidate/);
  });

  test('after a rotation the published next key signs, and the old one still verifies', async () => {
    type ServerKey = { kid: string; status: string };
    const base = `/api/v1/authorizationServers/${guide.authorizationServer.id}/credentials`;
    const before = await guide.api.get<ServerKey[]>(`${base}/keys`);
    const next = before.find((key) => key.status === 'NEXT');
    const active = before.find((key) => key.status === 'ACTIVE');
    const after = await guide.api.post<ServerKey[]>(`${base}/lifecycle/keyRotate`, { use: 'sig' });
    expect(after.find((key) => key.status === 'ACTIVE')?.kid).toBe(next?.kid);
    const published = (await keysOf(`${guide.issuer}/v1`)).body.keys.map((key) => key.kid);
    expect(published).toEqual(expect.arrayContaining([active?.kid, next?.kid]));
  });
});

test('the organisation document is public and says that this is an Identity Engine org', async () => {
  const { status, body } = await fetchJson<Record<string, unknown>>(`${server.url}/.well-known/okta-organization`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    id: expect.stringMatching(/^00o\w{17}$/),
    pipeline: 'idx',
    _links: { organization: { href: server.url } },
  });
});
