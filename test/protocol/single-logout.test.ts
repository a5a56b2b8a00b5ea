// Applications hear of the end of a session: OIDC Front-Channel Logout 1.0, OIDC Back-Channel Logout 1.0, RP-Initiated Logout 1.0, and
// global token revocation (contract 1.1, 1.10).
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, describe, expect, test, vi } from 'vitest';
import {
  allow,
  followGuide,
  type Guide,
  makeApplication,
  makeAuthorizationServer,
  makeUser,
} from '../support/guide.ts';
import { startHookService } from '../support/hook-service.ts';
import { managementApi } from '../support/management-api.ts';
import { codeFor, endpointsOf, introspect, mustLeave, redeem, refresh, tokensFor } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent, type UserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile({ EGRESS_ALLOW: '127.0.0.1' });
const api = managementApi(server);
const guide = await followGuide(server);
const SIGNED_OUT = 'http://localhost:4555/signed-out';
const FRONT = 'http://localhost:4555/front?tenant=1';
const back = await startHookService();
afterAll(() => back.close());

/** A further application of the guide's server and person. */
async function further(oauthClient: object): Promise<Guide> {
  const app = await makeApplication(api, oauthClient);
  const { client_id: clientId } = app.credentials.oauthClient;
  await allow(api, guide.authorizationServer.id, [clientId]);
  await api.post(`/api/v1/apps/${app.id}/users`, { id: guide.user.id, scope: 'USER' });
  return { ...guide, app, clientId };
}

const logoutUrl = (parameters: Record<string, string>, issuer = guide.issuer) =>
  `${endpointsOf(issuer)}/logout?${new URLSearchParams(parameters)}`;

const signOut = (agent: UserAgent, hint: string) =>
  agent.open(logoutUrl({ id_token_hint: hint, post_logout_redirect_uri: SIGNED_OUT, state: 's' }));

const arrived = (count: number) =>
  vi.waitFor(() => expect(back.received.length).toBeGreaterThanOrEqual(count), { timeout: 8000, interval: 50 });

const tokenOf = (body: string | undefined) => new URLSearchParams(body).get('logout_token') ?? '';

describe('front-channel logout', () => {
  test('opens the application in a frame with iss and sid, and goes on without script', async () => {
    const settings = {
      participate_slo: true,
      frontchannel_logout_uri: FRONT,
      frontchannel_logout_session_required: true,
    };
    const client = await further(settings);
    const agent = newUserAgent(server);
    const tokens = await tokensFor(agent, client, guide.user);
    const { sid } = decodeJwt(tokens.id_token);
    expect(sid).toEqual(expect.any(String));
    const page = await signOut(agent, tokens.id_token);
    expect(page.left).toBeNull();
    const frame = /<iframe src="([^"]+)"/.exec(page.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const { origin, searchParams } = new URL(frame);
    expect(origin).toBe('http://localhost:4555');
    expect(Object.fromEntries(searchParams)).toEqual({ tenant: '1', iss: client.issuer, sid });
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain('frame-src http://localhost:4555;');
    expect(policy).not.toContain('script-src');
    expect(page.headers.get('refresh')).toBe(`2; url=${SIGNED_OUT}?state=s`);
    expect(agent.cookies.has('idx')).toBe(false);
  });

  test('does not trouble whoever takes no part: no sid, no frame', async () => {
    const client = await further({ frontchannel_logout_uri: FRONT, participate_slo: false });
    const agent = newUserAgent(server);
    const tokens = await tokensFor(agent, client, guide.user);
    expect(decodeJwt(tokens.id_token)).not.toHaveProperty('sid');
    expect(mustLeave(await signOut(agent, tokens.id_token)).href).toBe(`${SIGNED_OUT}?state=s`);
  });
});

describe('back-channel logout', () => {
  test('sends a logout token that can be taken for nothing else', async () => {
    const client = await further({ backchannel_logout_uri: back.url, backchannel_logout_session_required: true });
    back.received.length = 0;
    back.answer({ status: 200 });
    const agent = newUserAgent(server);
    const tokens = await tokensFor(agent, client, guide.user);
    await signOut(agent, tokens.id_token);
    await arrived(1);
    const [call] = back.received;
    expect(call?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    const jwt = tokenOf(call?.body);
    const keys = createRemoteJWKSet(new URL(`${endpointsOf(client.issuer)}/keys`));
    const expected = { issuer: client.issuer, audience: client.clientId, typ: 'logout+jwt' };
    const { payload } = await jwtVerify(jwt, keys, expected);
    const { sid, sub } = decodeJwt(tokens.id_token);
    expect(payload).toMatchObject({ sub, sid, events: { 'http://schemas.openid.net/event/backchannel-logout': {} } });
    expect(payload.jti).toEqual(expect.any(String));
    expect(payload).not.toHaveProperty('nonce');
    const abused = await newUserAgent(server).open(logoutUrl({ id_token_hint: jwt }));
    expect(abused.status).toBe(400);
  });

  test('comes too when an administrator ends the session, and once for each session', async () => {
    const client = await further({ backchannel_logout_uri: back.url });
    back.received.length = 0;
    const agents = [newUserAgent(server), newUserAgent(server)];
    const sids = new Set<unknown>();
    for (const agent of agents) sids.add(decodeJwt((await tokensFor(agent, client, guide.user)).id_token).sid);
    await api.delete(`/api/v1/users/${guide.user.id}/sessions`);
    await arrived(2);
    const told = back.received.map(({ body }) => decodeJwt(tokenOf(body)).sid);
    expect(new Set(told)).toEqual(sids);
    expect(back.received).toHaveLength(2);
  });
});

describe('RP-initiated logout', () => {
  test('refuses the hint of another server', async () => {
    const other = await makeAuthorizationServer(api, 'api://other');
    const { id_token: hint } = await tokensFor(newUserAgent(server), guide, guide.user);
    const visit = await newUserAgent(server).open(logoutUrl({ id_token_hint: hint }, other.issuer));
    expect(visit.status).toBe(400);
  });

  test('refuses the hint of an other person than the one who is signed in, and ends nothing', async () => {
    const someone = await makeUser(api);
    await api.post(`/api/v1/apps/${guide.app.id}/users`, { id: someone.id, scope: 'USER' });
    const { id_token: hint } = await tokensFor(newUserAgent(server), guide, guide.user);
    const agent = newUserAgent(server);
    await tokensFor(agent, guide, someone);
    expect((await signOut(agent, hint)).status).toBe(400);
    expect(agent.cookies.has('idx')).toBe(true);
  });

  test('is told by discovery, with both channels', async () => {
    const discovery = await fetch(`${guide.issuer}/.well-known/openid-configuration`);
    expect(await discovery.json()).toMatchObject({
      end_session_endpoint: `${endpointsOf(guide.issuer)}/logout`,
      frontchannel_logout_supported: true,
      frontchannel_logout_session_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
    });
  });
});

describe('a session that has ended', () => {
  test('mints nothing more: its code is refused', async () => {
    const agent = newUserAgent(server);
    const { id_token: hint } = await tokensFor(agent, guide, guide.user);
    const grant = await codeFor(agent, guide, guide.user);
    await signOut(agent, hint);
    expect((await redeem(guide, grant)).body).toMatchObject({ error: 'invalid_grant' });
  });

  test('takes its refresh tokens along when that is asked, and only then', async () => {
    const { refresh_token: token } = await tokensFor(newUserAgent(server), guide, guide.user);
    await api.delete(`/api/v1/users/${guide.user.id}/sessions`);
    const kept = await refresh(guide, token);
    expect(kept.status).toBe(200);
    await api.delete(`/api/v1/users/${guide.user.id}/sessions?oauthTokens=true`);
    expect((await refresh(guide, kept.body.refresh_token)).status).toBe(400);
  });
});

describe('global token revocation', () => {
  test('ends sessions, refresh tokens and access tokens of the person, those without a refresh token too', async () => {
    const agent = newUserAgent(server);
    const lasting = await tokensFor(agent, guide, guide.user);
    const brief = await tokensFor(agent, guide, guide.user, { scope: 'openid profile' });
    const revoke = (sub_id: object) => api.request('POST', '/oauth2/v1/global-token-revocation', { sub_id });
    expect((await revoke({ format: 'email', email: 'nobody@example.com' })).status).toBe(404);
    expect((await revoke({ format: 'iss_sub', iss: 'https://other.example.com', sub: guide.user.id })).status).toBe(
      400,
    );
    expect((await revoke({ format: 'iss_sub', iss: guide.issuer, sub: guide.user.id })).status).toBe(204);
    expect((await refresh(guide, lasting.refresh_token)).status).toBe(400);
    for (const { access_token: token } of [lasting, brief])
      expect((await introspect(guide, token)).body).toMatchObject({ active: false });
    const stranger = managementApi(server, null);
    const sub_id = { format: 'opaque', id: guide.user.id };
    expect((await stranger.request('POST', '/oauth2/v1/global-token-revocation', { sub_id })).status).toBe(401);
  });
});
