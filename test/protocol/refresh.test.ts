// Refresh tokens: contract sections 1.6 and 2.6. Their races are in races.test.ts.
import { describe, expect, test } from 'vitest';
import { followGuide, type Guide } from '../support/guide.ts';
import type { LogEvent } from '../support/management-api.ts';
import { introspect, refresh, revoke, type TokenAnswer, tokensFor, userinfo } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const rotating = await followGuide(server);
const strict = await followGuide(server, { oauthClient: { refresh_token: { rotation_type: 'ROTATE', leeway: 0 } } });
const persistent = await followGuide(server, { oauthClient: { refresh_token: { rotation_type: 'STATIC' } } });

const REFUSED = { error: 'invalid_grant', error_description: 'The refresh token is invalid or expired.' };

async function begin(guide: Guide, changes: Record<string, string> = {}): Promise<TokenAnswer> {
  return tokensFor(newUserAgent(server), guide, guide.user, changes);
}

async function isActive(guide: Guide, token: string): Promise<boolean> {
  return (await introspect(guide, token)).body.active;
}

describe('a refresh', () => {
  test('answers like the code did, with every member', async () => {
    const first = await begin(rotating);
    const { status, body } = await refresh(rotating, first.refresh_token);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(Object.keys(first));
    expect(body.scope).toBe(first.scope);
    expect(body.access_token).not.toBe(first.access_token);
  });

  test('may ask for fewer scopes; without openid no ID token comes', async () => {
    const first = await begin(rotating);
    const fewer = await refresh(rotating, first.refresh_token, { scope: 'profile openid' });
    expect(fewer.body.scope.split(' ').sort()).toEqual(['openid', 'profile']);
    expect(fewer.body.id_token).toBeTruthy();
    const none = await refresh(rotating, fewer.body.refresh_token, { scope: 'offline_access' });
    expect(none.status).toBe(200);
    expect(none.body).not.toHaveProperty('id_token');
  });

  test('may not ask for more than was granted', async () => {
    const first = await begin(rotating, { scope: 'openid offline_access' });
    const { status, body } = await refresh(rotating, first.refresh_token, { scope: 'openid catalogue' });
    expect(status).toBe(400);
    expect(body.error).toBe('access_denied');
    expect(body.error_description).toMatch(
      /^Some of the scopes requested for the refresh request were not granted in the original authorize request\. Denied scopes: .*catalogue/,
    );
  });

  test('may not keep OpenID scopes without openid', async () => {
    const first = await begin(rotating);
    const { status, body } = await refresh(rotating, first.refresh_token, { scope: 'profile' });
    expect(status).toBe(400);
    expect(body.error).toBe('invalid_scope');
  });

  test('that was refused for its scopes has not spent the token', async () => {
    const first = await begin(strict, { scope: 'openid offline_access' });
    await refresh(strict, first.refresh_token, { scope: 'openid catalogue' });
    expect((await refresh(strict, first.refresh_token)).status).toBe(200);
  });

  test('keeps auth_time and drops the nonce question: the ID token is for the same sign-in', async () => {
    const first = await begin(rotating);
    const { body } = await refresh(rotating, first.refresh_token);
    const claims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims(body.id_token)).toMatchObject({
      sub: rotating.user.id,
      aud: rotating.clientId,
      auth_time: claims(first.id_token).auth_time,
    });
    expect(claims(body.access_token).auth_time).toBe(claims(first.access_token).auth_time);
  });

  test.each([
    ['a made-up token', 'made-up'],
    ['an empty token', ' '],
  ])('of %s is refused in the words that SDKs compare', async (_, token) => {
    const { status, body } = await refresh(rotating, token);
    expect(status).toBe(400);
    expect(body).toEqual(REFUSED);
  });

  test('of an access token is refused', async () => {
    const first = await begin(rotating);
    expect((await refresh(rotating, first.access_token)).body).toEqual(REFUSED);
  });
});

describe('rotation', () => {
  test('gives a new refresh token every time', async () => {
    const first = await begin(rotating);
    const second = await refresh(rotating, first.refresh_token);
    const third = await refresh(rotating, second.body.refresh_token);
    const all = [first.refresh_token, second.body.refresh_token, third.body.refresh_token];
    expect(new Set(all).size).toBe(3);
  });

  test('lets the old token work inside the leeway, for clients whose answer was lost', async () => {
    const first = await begin(rotating);
    const lost = await refresh(rotating, first.refresh_token);
    const retried = await refresh(rotating, first.refresh_token);
    expect(retried.status).toBe(200);
    expect((await refresh(rotating, retried.body.refresh_token)).status).toBe(200);
    expect((await refresh(rotating, lost.body.refresh_token)).status).toBe(200);
  });

  test('without leeway takes a second use for theft: the newest token and all access tokens die', async () => {
    const first = await begin(strict);
    const second = await refresh(strict, first.refresh_token);
    expect(second.status).toBe(200);
    const reuse = await refresh(strict, first.refresh_token);
    expect(reuse.status).toBe(400);
    expect(reuse.body).toEqual(REFUSED);
    expect((await refresh(strict, second.body.refresh_token)).body).toEqual(REFUSED);
    expect(await isActive(strict, second.body.refresh_token)).toBe(false);
    expect(await isActive(strict, first.access_token)).toBe(false);
    expect(await isActive(strict, second.body.access_token)).toBe(false);
    expect((await userinfo(strict, second.body.access_token)).status).toBe(401);
  });

  test('reports the theft in the System Log', async () => {
    const first = await begin(strict);
    await refresh(strict, first.refresh_token);
    await refresh(strict, first.refresh_token);
    const events = await rotating.api.get<LogEvent[]>(
      `/api/v1/logs?filter=${encodeURIComponent('eventType eq "app.oauth2.as.token.detect_reuse"')}`,
    );
    expect(events.length).toBeGreaterThan(0);
    expect(JSON.stringify(events)).not.toContain(first.refresh_token);
  });

  test('leaves other sign-ins of the same user and client alone', async () => {
    const [victim, bystander] = [await begin(strict), await begin(strict)];
    await refresh(strict, victim.refresh_token);
    await refresh(strict, victim.refresh_token);
    expect((await refresh(strict, bystander.refresh_token)).status).toBe(200);
  });
});

describe('a persistent refresh token', () => {
  test('comes back as it is in every answer', async () => {
    const first = await begin(persistent);
    for (let turn = 0; turn < 3; turn++) {
      const { status, body } = await refresh(persistent, first.refresh_token);
      expect(status).toBe(200);
      expect(body.refresh_token).toBe(first.refresh_token);
    }
  });
});

describe('a refresh token dies', () => {
  const stillWorks = async (guide: Guide, token: string) => (await refresh(guide, token)).status === 200;

  test('when it is revoked, and its access tokens with it', async () => {
    const tokens = await begin(persistent);
    await revoke(persistent, tokens.refresh_token, { token_type_hint: 'refresh_token' });
    expect(await stillWorks(persistent, tokens.refresh_token)).toBe(false);
    expect(await isActive(persistent, tokens.access_token)).toBe(false);
  });

  test('when the user is deactivated', async () => {
    const guide = await followGuide(server);
    const tokens = await begin(guide);
    await guide.api.post(`/api/v1/users/${guide.user.id}/lifecycle/deactivate`);
    expect((await refresh(guide, tokens.refresh_token)).body).toEqual(REFUSED);
  });

  test('when the user loses the application', async () => {
    const guide = await followGuide(server);
    const tokens = await begin(guide);
    await guide.api.delete(`/api/v1/apps/${guide.app.id}/users/${guide.user.id}`);
    expect(await stillWorks(guide, tokens.refresh_token)).toBe(false);
  });

  test('when the policy no longer allows it', async () => {
    const guide = await followGuide(server);
    const tokens = await begin(guide);
    await guide.api.post(
      `/api/v1/authorizationServers/${guide.authorizationServer.id}/policies/${guide.policy.id}/lifecycle/deactivate`,
    );
    expect(await stillWorks(guide, tokens.refresh_token)).toBe(false);
  });

  test('when the authorization server is deactivated', async () => {
    const guide = await followGuide(server);
    const tokens = await begin(guide);
    await guide.api.post(`/api/v1/authorizationServers/${guide.authorizationServer.id}/lifecycle/deactivate`);
    expect(await stillWorks(guide, tokens.refresh_token)).toBe(false);
  });

  test("when an administrator ends the user's sessions with their OAuth tokens", async () => {
    const guide = await followGuide(server);
    const tokens = await begin(guide);
    await guide.api.delete(`/api/v1/users/${guide.user.id}/sessions?oauthTokens=true`);
    expect(await stillWorks(guide, tokens.refresh_token)).toBe(false);
  });

  test('but not when the browser signs out', async () => {
    const agent = newUserAgent(server);
    const tokens = await tokensFor(agent, rotating, rotating.user);
    await agent.send(`${server.url}/api/v1/sessions/me`, { method: 'DELETE', headers: { origin: server.url } });
    expect(await stillWorks(rotating, tokens.refresh_token)).toBe(true);
  });
});
