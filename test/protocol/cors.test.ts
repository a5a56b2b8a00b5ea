// Which browser pages may call what: contract sections 1.5, 1.6 (token-endpoint CORS), 6.1 and trap 13.
import { describe, expect, test } from 'vitest';
import { CALLBACK, followGuide, makeWebApplication } from '../support/guide.ts';
import {
  authorizeUrl,
  codeFor,
  endpointsOf,
  newPkce,
  type OAuthError,
  postForm,
  refresh,
  tokensFor,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const agent = newUserAgent(server);
const endpoints = endpointsOf(guide.issuer);
const OWN = new URL(CALLBACK).origin;
const FOREIGN = 'https://evil.example';

async function preflight(url: string, origin: string, method: string): Promise<Response> {
  return fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'content-type,x-okta-user-agent-extended',
    },
  });
}

describe('a preflight', () => {
  test.each([OWN, FOREIGN])('of the token endpoint is answered for %s, because the POST decides', async (origin) => {
    const { status, headers } = await preflight(`${endpoints}/token`, origin, 'POST');
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBe(origin);
    expect(headers.get('access-control-allow-methods')).toContain('POST');
    expect(headers.get('access-control-max-age')).toBe('3600');
    expect(headers.get('vary')?.toLowerCase()).toContain('origin');
    const allowed = headers.get('access-control-allow-headers')?.toLowerCase() ?? '';
    expect(allowed).toContain('content-type');
    expect(allowed).toContain('x-okta-user-agent-extended');
    if (origin === FOREIGN) expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test.each([
    ['GET', `${guide.issuer}/.well-known/openid-configuration`],
    ['GET', `${endpoints}/keys`],
    ['GET', `${endpoints}/userinfo`],
    ['POST', `${endpoints}/revoke`],
    ['POST', `${endpoints}/introspect`],
    ['GET', `${server.url}/.well-known/openid-configuration`],
    ['GET', `${server.url}/oauth2/v1/keys`],
  ])('of %s %s lets an SDK send its headers', async (method, url) => {
    const { status, headers } = await preflight(url, OWN, method);
    expect(status).toBe(204);
    expect(['*', OWN]).toContain(headers.get('access-control-allow-origin'));
    expect(headers.get('access-control-allow-headers')?.toLowerCase()).toContain('x-okta-user-agent-extended');
  });
});

describe('the token endpoint', () => {
  test('gives tokens to a page of an origin that the client has registered, and lets it read them', async () => {
    const { code, verifier } = await codeFor(agent, guide, guide.user);
    const form = {
      grant_type: 'authorization_code',
      client_id: guide.clientId,
      redirect_uri: CALLBACK,
      code,
      code_verifier: verifier,
    };
    const answer = await postForm(`${endpoints}/token`, form, { origin: OWN });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(OWN);
    expect(answer.headers.get('vary')?.toLowerCase()).toContain('origin');
  });

  test('gives nothing to a page of any other origin, nor lets it read anything', async () => {
    const { code, verifier } = await codeFor(agent, guide, guide.user);
    const form = {
      grant_type: 'authorization_code',
      client_id: guide.clientId,
      redirect_uri: CALLBACK,
      code,
      code_verifier: verifier,
    };
    for (const origin of [FOREIGN, 'null', `${OWN}.evil.example`, OWN.replace('http:', 'https:')]) {
      const answer = await postForm<OAuthError>(`${endpoints}/token`, form, { origin });
      expect(answer.status, origin).toBe(400);
      expect(answer.body.error).toBe('invalid_request');
      expect(answer.body.error_description).toMatch(/^Browser requests to the token endpoint must be/);
    }
    expect((await postForm(`${endpoints}/token`, form, { origin: OWN })).status).toBe(200);
  });

  test('refuses a refresh from a foreign page in the same way, and the token lives on', async () => {
    const tokens = await tokensFor(agent, guide, guide.user);
    const form = { grant_type: 'refresh_token', client_id: guide.clientId, refresh_token: tokens.refresh_token };
    expect((await postForm(`${endpoints}/token`, form, { origin: FOREIGN })).status).toBe(400);
    expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
  });

  test('serves a page of a trusted origin', async () => {
    const origin = 'https://portal.example';
    await guide.api.post('/api/v1/trustedOrigins', { name: 'Portal', origin, scopes: [{ type: 'CORS' }] });
    const tokens = await tokensFor(agent, guide, guide.user);
    const form = { grant_type: 'refresh_token', client_id: guide.clientId, refresh_token: tokens.refresh_token };
    const answer = await postForm(`${endpoints}/token`, form, { origin });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  });

  test('tells its errors to the page of a registered origin, so that an SDK can act on them', async () => {
    const form = { grant_type: 'refresh_token', client_id: guide.clientId, refresh_token: 'made-up' };
    const answer = await postForm<OAuthError>(`${endpoints}/token`, form, { origin: OWN });
    expect(answer.body.error_description).toBe('The refresh token is invalid or expired.');
    expect(answer.headers.get('access-control-allow-origin')).toBe(OWN);
  });

  test('does not serve browsers that hold a client secret instead of PKCE', async () => {
    const app = await makeWebApplication(guide.api);
    const { client_id, client_secret = '' } = app.credentials.oauthClient;
    const form = {
      grant_type: 'authorization_code',
      code: 'made-up',
      redirect_uri: CALLBACK,
      client_id,
      client_secret,
    };
    const answer = await postForm<OAuthError>(`${endpoints}/token`, form, { origin: OWN });
    expect(answer.status).toBe(401);
    expect(answer.body.error_description).toBe(
      'Browser requests to the token endpoint must use Proof Key for Code Exchange.',
    );
  });
});

describe('userinfo', () => {
  test('lets the page read the answer, and the challenge of a refusal', async () => {
    const tokens = await tokensFor(agent, guide, guide.user);
    const read = async (token: string) => {
      const headers = { origin: OWN, authorization: `Bearer ${token}` };
      return fetch(`${endpoints}/userinfo`, { headers });
    };
    const right = await read(tokens.access_token);
    expect(right.status).toBe(200);
    expect(['*', OWN]).toContain(right.headers.get('access-control-allow-origin'));
    const wrong = await read('made-up');
    expect(wrong.status).toBe(401);
    expect(['*', OWN]).toContain(wrong.headers.get('access-control-allow-origin'));
    expect(wrong.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('www-authenticate');
  });
});

test('the management API opens to pages of trusted origins only', async () => {
  const headers = { authorization: `SSWS ${server.apiToken}` };
  const foreign = await fetch(`${server.url}/api/v1/users`, { headers: { ...headers, origin: FOREIGN } });
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
});

test('what the authorize and logout endpoints show is never readable by a page of another origin, whatever is registered', async () => {
  await agent.signIn(authorizeUrl(guide, newPkce()), guide.user);
  const asked = { prompt: 'none', response_mode: 'form_post' };
  const trusted = 'https://intranet.example';
  await guide.api.post('/api/v1/trustedOrigins', { name: 'Intranet', origin: trusted, scopes: [{ type: 'CORS' }] });
  for (const origin of [OWN, trusted, FOREIGN]) {
    // With the cookie, the page would hold a code of any client, for a challenge of the asking page's choice.
    const shown = await agent.send(authorizeUrl(guide, newPkce(), asked), { headers: { origin } });
    expect(shown.status).toBe(200);
    expect(shown.headers.get('access-control-allow-origin'), origin).toBeNull();
    const logout = await agent.send(`${endpoints}/logout`, { headers: { origin } });
    expect(logout.headers.get('access-control-allow-origin'), origin).toBeNull();
  }
});
