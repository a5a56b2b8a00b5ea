// Further failures of other servers, each as the attack that it was (peers 6b, "Further useful").
// Not here, for want of the thing attacked: guessed one-time passwords (CVE-2018-14657), second factors that one way in forgets,
// signatures of SAML (CVE-2020-26290).
import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { asAssertion, assertionClaims, newClientKey, sign } from '../support/client-keys.ts';
import { byClientCredentials, CLIENT_CREDENTIALS, makeGrantClient } from '../support/grants.ts';
import { followGuide, makeApplication } from '../support/guide.ts';
import { managementApi } from '../support/management-api.ts';
import {
  authorizeUrl,
  endpointsOf,
  introspect,
  newPkce,
  postForm,
  refresh,
  revoke,
  tokensFor,
  userinfo,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const api = managementApi(server);

test('CVE-2020-15223 fosite: what was answered as revoked is revoked', async () => {
  const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
  expect((await revoke(guide, tokens.refresh_token)).status).toBe(200);
  expect((await refresh(guide, tokens.refresh_token)).status).toBe(400);
  expect((await introspect(guide, tokens.access_token)).body.active).toBe(false);
  expect((await userinfo(guide, tokens.access_token)).status).toBe(401);
});

test('CVE-2021-32701 Oathkeeper: what was introspected for one scope opens no other', async () => {
  const { access_token } = await tokensFor(newUserAgent(server), guide, guide.user, { scope: 'openid' });
  expect((await introspect(guide, access_token)).body).toMatchObject({ active: true, scope: 'openid' });
  expect((await userinfo(guide, access_token)).status).toBe(403);
});

test('CVE-2020-10770, CVE-2026-1180 Keycloak, GHSA-3556-624q-c5w3 Logto: addresses of others lead nowhere inside (jwks-uri.test.ts)', async () => {
  const asked: string[] = [];
  const inside = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('{"keys":[]}');
  });
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
  const address = inside.address();
  const origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  try {
    const url = authorizeUrl(guide, newPkce(), { request_uri: `${origin}/request.jwt` });
    expect((await newUserAgent(server).open(url)).left?.searchParams.get('code') ?? null).toBeNull();
    const key = await newClientKey();
    const fields = { token_endpoint_auth_method: 'private_key_jwt', pkce_required: false };
    const app = await makeApplication(api, { application_type: 'web', jwks_uri: `${origin}/keys` }, fields).catch(
      () => null,
    );
    if (app) {
      const { client_id } = app.credentials.oauthClient;
      const introspection = `${endpointsOf(guide.issuer)}/introspect`;
      const claims = assertionClaims(client_id, introspection);
      const assertion = await sign(key.privateKey, { alg: 'ES256', kid: key.publicJwk.kid }, claims);
      expect((await postForm(introspection, { token: 'x', ...asAssertion(assertion) })).status).toBeGreaterThanOrEqual(
        400,
      );
    }
    expect(asked).toEqual([]);
  } finally {
    inside.close();
  }
});

test('CVE-2024-7341 Keycloak: a session id from before the sign-in is not the one after it', async () => {
  const agent = newUserAgent(server);
  agent.cookies.set('idx', 'planted-by-an-attacker-0123456789abcdefghijk');
  await tokensFor(agent, guide, guide.user);
  const first = agent.cookies.get('idx');
  expect(first).not.toContain('planted');
  await agent.signIn(authorizeUrl(guide, newPkce(), { prompt: 'login' }), guide.user);
  expect(agent.cookies.get('idx')).not.toBe(first);
  const old = await fetch(`${server.url}/api/v1/sessions/me`, { headers: { cookie: `idx=${first}` } });
  expect(old.status).toBe(404);
});

test('CVE-2025-64521 authentik: a service that was switched off proves itself no more', async () => {
  const client = await makeGrantClient(server, [CLIENT_CREDENTIALS]);
  const { access_token } = (await byClientCredentials(client)).body;
  await api.post(`/api/v1/apps/${client.app.id}/lifecycle/deactivate`);
  expect((await byClientCredentials(client)).status).toBe(401);
  const elsewhere = { token: access_token, client_id: guide.clientId };
  const told = await postForm<{ active: boolean }>(`${endpointsOf(client.issuer)}/introspect`, elsewhere);
  expect(told.body.active).toBe(false);
});
