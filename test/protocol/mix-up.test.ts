// Codes and tokens in the wrong hands: of another client, another authorization server, another user.
// Contract sections 1.6, 1.15; peers 6b.6.
import { describe, expect, test } from 'vitest';
import { allow, CALLBACK, followGuide, type Guide, makeApplication } from '../support/guide.ts';
import {
  codeFor,
  endpointsOf,
  introspect,
  type OAuthClient,
  type OAuthError,
  postForm,
  redeem,
  refresh,
  tokensFor,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);
const agent = newUserAgent(server);

/** Another public client of the same authorization server, with the same redirect URI, for the same user. */
async function neighbour(of: Guide): Promise<OAuthClient> {
  const app = await makeApplication(of.api);
  const clientId = app.credentials.oauthClient.client_id;
  await allow(of.api, of.authorizationServer.id, [clientId]);
  await of.api.post(`/api/v1/apps/${app.id}/users`, { id: of.user.id, scope: 'USER' });
  return { ...of, clientId };
}

const other = await neighbour(guide);
const elsewhere = await followGuide(server);
/** The guide's client at an authorization server that would serve it as well. */
await allow(guide.api, elsewhere.authorizationServer.id, [guide.clientId]);
const sameClientElsewhere: OAuthClient = { ...guide, issuer: elsewhere.issuer };
const sameClientAtOrg: OAuthClient = { ...guide, issuer: server.url };

describe('an authorization code', () => {
  test('is not redeemed by another client', async () => {
    const grant = await codeFor(agent, guide, guide.user);
    const { status, body } = await redeem(other, grant);
    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'invalid_grant',
      error_description:
        "The grant was issued to another client. Please make sure the 'client_id' matches the one used at the authorize request.",
    });
  });

  test('is not redeemed at another authorization server', async () => {
    for (const client of [sameClientElsewhere, sameClientAtOrg]) {
      const { status, body } = await redeem(client, await codeFor(agent, guide, guide.user));
      expect(status).toBe(400);
      expect(['invalid_grant', 'invalid_request']).toContain(body.error);
      expect(body).not.toHaveProperty('access_token');
    }
  });

  test('of the org server is not redeemed at a custom one', async () => {
    const grant = await codeFor(agent, sameClientAtOrg, guide.user);
    expect((await redeem(guide, grant)).status).toBe(400);
  });

  test('is no refresh token, and a refresh token is no code', async () => {
    const grant = await codeFor(agent, guide, guide.user);
    expect((await refresh(guide, grant.code)).body.error).toBe('invalid_grant');
    const { refresh_token: code } = await tokensFor(agent, guide, guide.user);
    expect((await redeem(guide, { code, verifier: grant.verifier })).body.error).toBe('invalid_grant');
  });
});

describe('a refresh token', () => {
  test('is not used by another client, and survives the attempt', async () => {
    const tokens = await tokensFor(agent, guide, guide.user);
    const { status, body } = await refresh(other, tokens.refresh_token);
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_grant');
    expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
  });

  test('is not used at another authorization server', async () => {
    const tokens = await tokensFor(agent, guide, guide.user);
    for (const client of [sameClientElsewhere, sameClientAtOrg]) {
      const { status, body } = await refresh(client, tokens.refresh_token);
      expect(status).toBe(400);
      expect(body).not.toHaveProperty('access_token');
    }
    expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
  });

  test('that its thief rotated elsewhere revokes nothing of the owner', async () => {
    const tokens = await tokensFor(agent, guide, guide.user);
    await Promise.all(Array.from({ length: 5 }, () => refresh(other, tokens.refresh_token)));
    expect((await introspect(guide, tokens.access_token)).body.active).toBe(true);
  });
});

describe('an access token', () => {
  test('of a custom server does not open the management API', async () => {
    const { access_token } = await tokensFor(agent, guide, guide.user);
    const response = await fetch(`${server.url}/api/v1/users`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect([401, 403]).toContain(response.status);
  });

  test('of the org server without okta scopes does not open it either', async () => {
    const { access_token } = await tokensFor(agent, sameClientAtOrg, guide.user);
    const response = await fetch(`${server.url}/api/v1/users`, {
      headers: { authorization: `Bearer ${access_token}` },
    });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  });

  test('with okta scopes is not given to an ordinary user for the asking', async () => {
    const visit = newUserAgent(server);
    const grant = await codeFor(visit, { ...sameClientAtOrg, scope: 'openid okta.users.manage' }, guide.user).catch(
      (error: unknown) => String(error),
    );
    if (typeof grant === 'string') {
      expect(grant).toMatch(/error=/);
      return;
    }
    const { body } = await redeem(sameClientAtOrg, grant);
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect((await fetch(`${server.url}/api/v1/users`, { headers })).status).toBe(403);
  });
});

test('a public client that presents a secret is refused: it has none', async () => {
  const grant = await codeFor(agent, guide, guide.user);
  const answer = await postForm<OAuthError>(`${endpointsOf(guide.issuer)}/token`, {
    grant_type: 'authorization_code',
    client_id: guide.clientId,
    client_secret: 'a secret that this client does not have',
    code: grant.code,
    code_verifier: grant.verifier,
    redirect_uri: CALLBACK,
  });
  expect(answer.status).toBe(401);
});
