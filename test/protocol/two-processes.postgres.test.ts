// Two processes over one database are one server: what is done once is done once, and each knows what the other did.
import { afterAll, describe, expect, test, vi } from 'vitest';
import { followGuide, makeUser } from '../support/guide.ts';
import { managementApi } from '../support/management-api.ts';
import {
  codeFor,
  introspect,
  type OAuthClient,
  redeem,
  refresh,
  revoke,
  tokensFor,
  userinfo,
} from '../support/oauth.ts';
import { serverOfThisFile, startServer } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const other = await server.startAnother();
afterAll(() => other.stop());

const guide = await followGuide(server, { oauthClient: { refresh_token: { rotation_type: 'ROTATE', leeway: 0 } } });
/** The same client, sending its requests to the other process. */
const there: OAuthClient = { ...guide, issuer: guide.issuer.replace(server.url, other.url) };

/** What a process remembers of settings is at most this old (docs/architecture.md). */
const SOON = { timeout: 4000, interval: 100 };

test('a code is redeemed once, even by ten at each', async () => {
  for (let round = 0; round < 3; round++) {
    const grant = await codeFor(newUserAgent(server), guide, guide.user);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => redeem(index % 2 ? guide : there, grant)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  }
});

test('tokens of one are known to the other, and so is their end', async () => {
  const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
  expect((await introspect(there, tokens.access_token)).body.active).toBe(true);
  expect((await userinfo(there, tokens.access_token)).status).toBe(200);
  await revoke(guide, tokens.access_token);
  expect((await introspect(there, tokens.access_token)).body.active).toBe(false);
  expect((await userinfo(there, tokens.access_token)).status).toBe(401);
});

test('a refresh token used at both at once is taken for stolen', async () => {
  const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
  const answers = await Promise.all([refresh(guide, tokens.refresh_token), refresh(there, tokens.refresh_token)]);
  const successes = answers.filter(({ status }) => status === 200);
  expect(successes.length).toBeLessThanOrEqual(1);
  for (const { body } of successes) expect((await refresh(there, body.refresh_token)).status).toBe(400);
});

describe('what is changed at one counts at the other', () => {
  test('at once for people: a suspended user gets nothing more', async () => {
    const person = await makeUser(guide.api);
    await guide.api.post(`/api/v1/apps/${guide.app.id}/users`, { id: person.id, scope: 'USER' });
    const tokens = await tokensFor(newUserAgent(server), guide, person);
    await guide.api.post(`/api/v1/users/${person.id}/lifecycle/suspend`);
    expect((await refresh(there, tokens.refresh_token)).status).toBe(400);
    expect((await introspect(there, tokens.access_token)).body).toEqual({ active: false });
  });

  test('soon for settings: a deactivated application and a deleted policy', async () => {
    const doomed = await followGuide(server);
    const doomedThere = { ...doomed, issuer: doomed.issuer.replace(server.url, other.url) };
    const tokens = await tokensFor(newUserAgent(server), doomed, doomed.user);
    const renewed = await refresh(doomedThere, tokens.refresh_token);
    expect(renewed.status).toBe(200);
    await doomed.api.delete(
      `/api/v1/authorizationServers/${doomed.authorizationServer.id}/policies/${doomed.policy.id}`,
    );
    await vi.waitFor(
      async () => expect((await refresh(doomedThere, tokens.refresh_token)).status).toBeGreaterThanOrEqual(400),
      SOON,
    );
    await doomed.api.post(`/api/v1/apps/${doomed.app.id}/lifecycle/deactivate`);
    await vi.waitFor(async () => expect((await introspect(doomedThere, 'made-up')).status).toBe(401), SOON);
  });

  test('soon for keys: a token signed after a rotation verifies at the other', async () => {
    const keys = `/api/v1/authorizationServers/${guide.authorizationServer.id}/credentials/lifecycle/keyRotate`;
    await guide.api.post(keys, { use: 'sig' });
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
    await vi.waitFor(async () => expect((await introspect(there, tokens.access_token)).body.active).toBe(true), SOON);
  });

  test('at once for the management API: its token, once revoked at one, opens nothing at the other', async () => {
    const own = await startServer({ database: 'postgres' });
    const beside = await own.startAnother();
    try {
      const api = managementApi({ url: beside.url, apiToken: own.apiToken });
      expect((await api.request('GET', '/api/v1/groups')).status).toBe(200);
      await managementApi(own).delete('/api/v1/api-tokens/current');
      expect((await api.request('GET', '/api/v1/groups')).status).toBe(401);
    } finally {
      await beside.stop();
      await own.stop();
    }
  });
});
