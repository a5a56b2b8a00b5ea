// A certified client that knows nothing of us, openid-client, does everything by discovery alone.
import * as oidc from 'openid-client';
import { describe, expect, test } from 'vitest';
import { allow, CALLBACK, followGuide, makeWebApplication } from '../support/guide.ts';
import { mustLeave } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent, type Person } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const guide = await followGuide(server);

const overHttp = { execute: [oidc.allowInsecureRequests] };

async function flow(config: oidc.Configuration, person: Person, changes: Record<string, string> = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
  const agent = newUserAgent(server);
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid profile email offline_access',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...changes,
  });
  const callback = mustLeave(await agent.signIn(url, person));
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
  const tokens = await oidc.authorizationCodeGrant(config, callback, checks);
  return { agent, tokens };
}

describe.each([
  ['a custom server', guide.issuer],
  ['the org server', server.url],
])('a public client at %s', (_, issuer) => {
  test('discovers, signs in, validates, reads userinfo, refreshes, introspects, revokes and signs out', async () => {
    const config = await oidc.discovery(new URL(issuer), guide.clientId, {}, oidc.None(), overHttp);
    oidc.enableNonRepudiationChecks(config);
    const { agent, tokens } = await flow(config, guide.user);
    const claims = tokens.claims();
    expect(claims).toMatchObject({ iss: issuer, sub: guide.user.id, aud: guide.clientId });

    const person = await oidc.fetchUserInfo(config, tokens.access_token, claims?.sub ?? '');
    expect(person.email).toBe(guide.user.login);

    const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(renewed.access_token).not.toBe(tokens.access_token);
    expect(renewed.claims()?.sub).toBe(guide.user.id);

    expect((await oidc.tokenIntrospection(config, renewed.access_token)).active).toBe(true);
    await oidc.tokenRevocation(config, renewed.access_token);
    expect((await oidc.tokenIntrospection(config, renewed.access_token)).active).toBe(false);

    const end = oidc.buildEndSessionUrl(config, {
      id_token_hint: renewed.id_token ?? '',
      post_logout_redirect_uri: 'http://localhost:4555/signed-out',
    });
    expect(mustLeave(await agent.open(end)).href).toBe('http://localhost:4555/signed-out');
  });
});

describe('a client with a secret', () => {
  test.each([
    ['client_secret_basic', oidc.ClientSecretBasic],
    ['client_secret_post', oidc.ClientSecretPost],
  ])('by %s', async (method, authenticate) => {
    const app = await makeWebApplication(guide.api, {}, { token_endpoint_auth_method: method });
    const { client_id: clientId, client_secret: secret = '' } = app.credentials.oauthClient;
    await allow(guide.api, guide.authorizationServer.id, [clientId]);
    await guide.api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
    const config = await oidc.discovery(new URL(guide.issuer), clientId, secret, authenticate(secret), overHttp);
    const { tokens } = await flow(config, guide.user);
    expect(tokens.claims()?.aud).toBe(clientId);
    const renewed = await oidc.refreshTokenGrant(config, tokens.refresh_token ?? '');
    expect(renewed.refresh_token).toBe(tokens.refresh_token);
  });
});

test('an error at the callback is the error that the client raises', async () => {
  const config = await oidc.discovery(new URL(guide.issuer), guide.clientId, {}, oidc.None(), overHttp);
  const state = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: CALLBACK,
    scope: 'openid',
    prompt: 'none',
    code_challenge: await oidc.calculatePKCECodeChallenge(oidc.randomPKCECodeVerifier()),
    code_challenge_method: 'S256',
    state,
  });
  const callback = mustLeave(await newUserAgent(server).open(url));
  await expect(oidc.authorizationCodeGrant(config, callback, { expectedState: state })).rejects.toMatchObject({
    error: 'login_required',
  });
});

test('a refresh token that is no good raises invalid_grant', async () => {
  const config = await oidc.discovery(new URL(guide.issuer), guide.clientId, {}, oidc.None(), overHttp);
  await expect(oidc.refreshTokenGrant(config, 'made-up')).rejects.toMatchObject({
    error: 'invalid_grant',
    status: 400,
  });
});
