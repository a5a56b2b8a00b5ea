// Issuer modes: ORG_URL, CUSTOM_URL and DYNAMIC over registered domains. Contract section 3; trap 15.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { followGuide } from '../support/guide.ts';
import type { AuthorizationServer } from '../support/management-api.ts';
import { authorizeParameters, newPkce, tokensFor } from '../support/oauth.ts';
import { sendRaw, valuesOf } from '../support/raw-http.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const CUSTOM = 'login.example.com';
const server = await serverOfThisFile({ GATEHOUSE_DOMAINS: `${CUSTOM},second.example.com:8443` });
const guide = await followGuide(server);
const agent = newUserAgent(server);
await tokensFor(agent, guide, guide.user);

async function setMode(issuerMode: string): Promise<AuthorizationServer> {
  const path = `/api/v1/authorizationServers/${guide.authorizationServer.id}`;
  const { name, description, audiences } = await guide.api.get<AuthorizationServer & { description: string }>(path);
  return guide.api.put(path, { name, description, audiences, issuerMode });
}

async function discovered(host: string): Promise<{ issuer: string; jwks_uri: string; authorization_endpoint: string }> {
  const path = `/oauth2/${guide.authorizationServer.id}/.well-known/openid-configuration`;
  return JSON.parse((await sendRaw(server, { path, host })).body);
}

/** The issuer of tokens whose whole flow went through this host. */
async function issuerOfTokens(host: string): Promise<(string | undefined)[]> {
  const cookie: [string, string] = ['cookie', [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ')];
  const pkce = newPkce();
  const base = `/oauth2/${guide.authorizationServer.id}/v1`;
  const authorize = await sendRaw(server, {
    path: `${base}/authorize?${authorizeParameters(guide, pkce)}`,
    host,
    headers: [cookie],
  });
  const code = new URL(valuesOf(authorize, 'location')[0] ?? '').searchParams.get('code') ?? '';
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: guide.clientId,
    redirect_uri: guide.redirectUri,
    code,
    code_verifier: pkce.verifier,
  });
  const answer = await sendRaw(server, {
    method: 'POST',
    path: `${base}/token`,
    host,
    headers: [['content-type', 'application/x-www-form-urlencoded']],
    body: form.toString(),
  });
  const tokens = JSON.parse(answer.body) as { access_token: string; id_token: string };
  return [decodeJwt(tokens.access_token).iss, decodeJwt(tokens.id_token).iss];
}

const suffix = `/oauth2/${guide.authorizationServer.id}`;
const orgIssuer = `${server.url}${suffix}`;
const customIssuer = `http://${CUSTOM}${suffix}`;
const own = `localhost:${server.port}`;

describe('ORG_URL', () => {
  test('is the org’s URL, whichever host the request came to', async () => {
    expect((await setMode('ORG_URL')).issuer).toBe(orgIssuer);
    for (const host of [own, CUSTOM, 'evil.example']) {
      expect((await discovered(host)).issuer).toBe(orgIssuer);
      expect(await issuerOfTokens(host)).toEqual([orgIssuer, orgIssuer]);
    }
  });
});

describe('CUSTOM_URL', () => {
  test('is the first registered domain, whichever host the request came to', async () => {
    expect((await setMode('CUSTOM_URL')).issuer).toBe(customIssuer);
    for (const host of [own, CUSTOM, 'evil.example']) {
      expect((await discovered(host)).issuer).toBe(customIssuer);
      expect(await issuerOfTokens(host)).toEqual([customIssuer, customIssuer]);
    }
  });
});

describe('DYNAMIC', () => {
  test.each([
    ['the org’s own host', own, orgIssuer],
    ['a registered domain', CUSTOM, customIssuer],
    ['a registered domain with a port', 'second.example.com:8443', `http://second.example.com:8443${suffix}`],
    ['a host that nobody registered', 'evil.example', orgIssuer],
    ['a registered domain in another case', 'LOGIN.example.com', customIssuer],
    ['a registered domain with another port', `${CUSTOM}:8443`, orgIssuer],
    ['a name below a registered domain', `evil.${CUSTOM}`, orgIssuer],
  ])('reached by %s is consistent in discovery and tokens', async (_, host, issuer) => {
    await setMode('DYNAMIC');
    const document = await discovered(host);
    expect(document.issuer).toBe(issuer);
    expect(document.jwks_uri).toBe(`${issuer}/v1/keys`);
    expect(document.authorization_endpoint).toBe(`${issuer}/v1/authorize`);
    expect(await issuerOfTokens(host)).toEqual([issuer, issuer]);
  });

  test('keeps the issuer of the sign-in when the code is redeemed by another host', async () => {
    await setMode('DYNAMIC');
    const tokens = await tokensFor(agent, guide, guide.user);
    expect(decodeJwt(tokens.access_token).iss).toBe(orgIssuer);
  });
});

test('an application’s own mode names the org server in its discovery and its ID tokens', async () => {
  const { clientId } = guide;
  const app = await guide.api.get<{ settings: { oauthClient: object } }>(`/api/v1/apps/${guide.app.id}`);
  const oauthClient = { ...app.settings.oauthClient, issuer_mode: 'CUSTOM_URL' };
  await guide.api.put(`/api/v1/apps/${guide.app.id}`, { ...app, settings: { ...app.settings, oauthClient } });
  const path = '/.well-known/openid-configuration';
  const forClient = JSON.parse((await sendRaw(server, { path: `${path}?client_id=${clientId}`, host: own })).body);
  expect(forClient).toMatchObject({
    issuer: `http://${CUSTOM}`,
    authorization_endpoint: `http://${CUSTOM}/oauth2/v1/authorize`,
    jwks_uri: `http://${CUSTOM}/oauth2/v1/keys`,
  });
  const tokens = await tokensFor(agent, { ...guide, issuer: server.url }, guide.user);
  expect(decodeJwt(tokens.id_token).iss).toBe(forClient.issuer);
});

test('an unknown mode is refused', async () => {
  const path = `/api/v1/authorizationServers/${guide.authorizationServer.id}`;
  const { status } = await guide.api.request('PUT', path, {
    name: guide.authorizationServer.name,
    description: 'x',
    audiences: ['x'],
    issuerMode: 'ANY_URL',
  });
  expect(status).toBe(400);
});
