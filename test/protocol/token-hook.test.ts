// The token inline hook: what it is told, what its answer changes, and what happens when it fails. Okta's token hook reference.
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { afterAll, describe, expect, test } from 'vitest';
import { byClientCredentials, makeGrantClient } from '../support/grants.ts';
import { allow, followGuide, type Guide, unique } from '../support/guide.ts';
import { startHookService } from '../support/hook-service.ts';
import type { LogEvent, ManagementApi } from '../support/management-api.ts';
import {
  authorizeUrl,
  codeFor,
  endpointsOf,
  mustLeave,
  newPkce,
  redeem,
  refresh,
  tokensFor,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile({ EGRESS_ALLOW: '127.0.0.1' });
const service = await startHookService();
afterAll(() => service.close());

type Payload = {
  eventType: string;
  source: string;
  data: {
    context: Record<string, unknown>;
    identity?: { claims: Record<string, unknown>; token: { lifetime: { expiration: number } } };
    access?: { claims: Record<string, unknown>; token: { lifetime: { expiration: number } }; scopes: object };
  };
};

const add = (which: 'access' | 'identity', name: string, value: unknown) => ({
  type: `com.okta.${which}.patch`,
  value: [{ op: 'add', path: `/claims/${name}`, value }],
});

async function makeHook(api: ManagementApi, uri = service.url) {
  return api.post<{ id: string }>('/api/v1/inlineHooks', {
    name: unique('Hook'),
    type: 'com.okta.oauth2.tokens.transform',
    version: '1.0.0',
    channel: {
      type: 'HTTP',
      version: '1.0.0',
      config: {
        uri,
        headers: [{ key: 'X-Tenant', value: 'acme' }],
        authScheme: { type: 'HEADER', key: 'Authorization', value: 'Basic secret-of-the-hook' },
      },
    },
  });
}

/** A guide whose rule calls the hook. */
async function hookedGuide(uri?: string): Promise<Guide & { hookId: string }> {
  const guide = await followGuide(server);
  const hook = await makeHook(guide.api, uri);
  await attach(guide, hook.id);
  service.received.length = 0;
  return { ...guide, hookId: hook.id };
}

async function attach({ api, authorizationServer, policy, rule }: Guide, hookId: string): Promise<void> {
  const path = `/api/v1/authorizationServers/${authorizationServer.id}/policies/${policy.id}/rules/${rule.id}`;
  const before = await api.get<{ actions: { token: object } }>(path);
  await api.put(path, { ...before, actions: { token: { ...before.actions.token, inlineHook: { id: hookId } } } });
}

const payload = () => JSON.parse(service.received.at(-1)?.body ?? 'null') as Payload;

async function hookEvents(api: ManagementApi, hookId: string): Promise<LogEvent[]> {
  const events = await api.get<LogEvent[]>('/api/v1/logs?sortOrder=DESCENDING&limit=200');
  return events.filter(
    ({ eventType, debugContext }) =>
      /^inline_hook\.(executed|response)/.test(eventType) && debugContext.debugData.inlineHookId === hookId,
  );
}

describe('a rule’s hook', () => {
  test('is told what is about to be issued, to whom, by which rule; with its secret, and none of ours', async () => {
    service.answer({});
    const guide = await hookedGuide();
    const code = await codeFor(newUserAgent(server), guide, guide.user);
    expect(service.received).toHaveLength(0);
    const { body } = await redeem(guide, code);
    expect(service.received).toHaveLength(1);
    const [call] = service.received;
    expect(call).toMatchObject({
      method: 'POST',
      path: '/hook',
      headers: { authorization: 'Basic secret-of-the-hook', 'x-tenant': 'acme', 'content-type': 'application/json' },
    });
    const { eventType, source, data } = payload();
    expect(eventType).toBe('com.okta.oauth2.tokens.transform');
    expect(source).toBe(`${guide.issuer}/v1/token`);
    const access = decodeJwt(body.access_token);
    expect(data.access).toMatchObject({
      claims: { jti: access.jti, sub: guide.user.login, uid: guide.user.id, cid: guide.clientId, scp: access.scp },
      token: { lifetime: { expiration: 3600 } },
      scopes: { openid: { id: expect.stringMatching(/^scp/), action: 'GRANT' } },
    });
    expect(data.identity?.claims).toMatchObject({ sub: guide.user.id, jti: decodeJwt(body.id_token).jti });
    expect(data.context).toMatchObject({
      protocol: {
        type: 'OAUTH2.0',
        request: { grant_type: 'authorization_code', client_id: guide.clientId, redirect_uri: guide.redirectUri },
        issuer: { uri: guide.issuer },
        client: { id: guide.clientId, type: 'PUBLIC' },
      },
      session: { userId: guide.user.id, amr: ['pwd'] },
      user: { id: guide.user.id, profile: { login: guide.user.login, firstName: 'Ada' } },
      policy: { id: guide.policy.id, rule: { id: guide.rule.id } },
    });
    for (const secret of [code.code, code.verifier, body.access_token, body.refresh_token])
      expect(call?.body.includes(secret)).toBe(false);
  });

  test('changes claims and lifetimes, in tokens that verify', async () => {
    service.answer({
      body: {
        commands: [
          add('access', 'external_guid', 'F0384685'),
          add('identity', 'extPatientId', '1234'),
          {
            type: 'com.okta.access.patch',
            value: [{ op: 'replace', path: '/token/lifetime/expiration', value: 36_000 }],
          },
        ],
      },
    });
    const guide = await hookedGuide();
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
    const keys = createRemoteJWKSet(new URL(`${endpointsOf(guide.issuer)}/keys`));
    const { payload: access } = await jwtVerify(tokens.access_token, keys, { issuer: guide.issuer });
    expect(access).toMatchObject({ external_guid: 'F0384685', sub: guide.user.login });
    expect((access.exp ?? 0) - (access.iat ?? 0)).toBe(36_000);
    expect(tokens.expires_in).toBe(36_000);
    expect(decodeJwt(tokens.id_token)).toMatchObject({ extPatientId: '1234', sub: guide.user.id });
    service.answer({ body: { commands: [add('access', 'refreshed', true)] } });
    const { body } = await refresh(guide, tokens.refresh_token);
    expect(decodeJwt(body.access_token)).toMatchObject({ refreshed: true });
    expect(decodeJwt(body.access_token)).not.toHaveProperty('external_guid');
    expect(await hookEvents(guide.api, guide.hookId)).toMatchObject([
      { eventType: 'inline_hook.response.processed', outcome: { result: 'SUCCESS' } },
      { eventType: 'inline_hook.response.processed', outcome: { result: 'SUCCESS' } },
    ]);
  });

  test('is asked for tokens of the front channel and of clients that act for themselves too', async () => {
    service.answer({ body: { commands: [add('access', 'from', 'hook')] } });
    const guide = await followGuide(server, {
      oauthClient: { grant_types: ['authorization_code', 'implicit'], response_types: ['code', 'token', 'id_token'] },
    });
    const { id } = await makeHook(guide.api);
    const { policy, rule } = await allow(guide.api, guide.authorizationServer.id, [guide.clientId], {}, ['implicit']);
    await attach({ ...guide, policy, rule }, id);
    const changes = { response_type: 'token', code_challenge: null, code_challenge_method: null, scope: 'openid' };
    const url = authorizeUrl(guide, newPkce(), changes);
    const callback = mustLeave(await newUserAgent(server).signIn(url, guide.user));
    const token = new URLSearchParams(callback.hash.slice(1)).get('access_token') ?? '';
    expect(decodeJwt(token).from).toBe('hook');
    expect(payload()).toMatchObject({
      source: `${guide.issuer}/v1/authorize`,
      data: { context: { policy: { id: policy.id } } },
    });
    expect(payload().data.identity).toBeUndefined();
    const client = await makeGrantClient(server, ['client_credentials']);
    await attach(client as unknown as Guide, id);
    const { body } = await byClientCredentials(client);
    expect(decodeJwt(body.access_token).from).toBe('hook');
    expect(payload().data.context).not.toHaveProperty('user');
  });
});

describe('tokens are issued as they were, and the log says why', () => {
  const unchanged = async (guide: Guide & { hookId: string }) => {
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
    expect(decodeJwt(tokens.access_token)).not.toHaveProperty('extra');
    const [event] = await hookEvents(guide.api, guide.hookId);
    return event;
  };

  test('when the service fails, after a second try', async () => {
    const guide = await hookedGuide();
    service.answer({ status: 503 });
    const event = await unchanged(guide);
    expect(service.received).toHaveLength(2);
    expect(event).toMatchObject({ eventType: 'inline_hook.executed', outcome: { result: 'FAILURE' } });
    expect(event?.debugContext.debugData).toMatchObject({
      attempts: 2,
      ruleId: guide.rule.id,
      policyId: guide.policy.id,
    });
  });

  test('not when the second try succeeds', async () => {
    const guide = await hookedGuide();
    service.answer({ status: 500 }, { body: { commands: [add('access', 'second', 'try')] } });
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
    expect(decodeJwt(tokens.access_token).second).toBe('try');
    expect((await hookEvents(guide.api, guide.hookId))[0]?.debugContext.debugData).toMatchObject({ attempts: 2 });
  });

  test('when it refuses, which is not tried again', async () => {
    const guide = await hookedGuide();
    service.answer({ status: 403, body: { commands: [add('access', 'extra', 1)] } });
    expect(await unchanged(guide)).toMatchObject({
      outcome: { result: 'FAILURE', reason: 'It answered with status 403' },
    });
    expect(service.received).toHaveLength(1);
  });

  test('when it sends elsewhere, which is not followed', async () => {
    const guide = await hookedGuide();
    service.answer({ status: 302, headers: { location: service.url } });
    await unchanged(guide);
    expect(service.received).toHaveLength(1);
  });

  test('when it does not answer for three seconds, twice', async () => {
    const guide = await hookedGuide();
    service.answer(null);
    const code = await codeFor(newUserAgent(server), guide, guide.user);
    const start = performance.now();
    const { status } = await redeem(guide, code);
    expect(status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(5500);
    expect(performance.now() - start).toBeLessThan(12_000);
    expect(service.received).toHaveLength(2);
  });

  test.each<[what: string, body: unknown]>([
    ['no JSON', '<html>'],
    ['a list', []],
    ['an unknown command', { commands: [{ type: 'com.okta.user.patch', value: [] }] }],
    ['a claim that is ours', { commands: [add('access', 'extra', 1), add('access', 'uid', 'somebody')] }],
    [
      'a claim that is not there',
      { commands: [{ type: 'com.okta.access.patch', value: [{ op: 'remove', path: '/claims/x' }] }] },
    ],
  ])('when its answer is %s', async (_, body) => {
    const guide = await hookedGuide();
    service.answer({ body });
    expect(await unchanged(guide)).toMatchObject({ outcome: { result: 'FAILURE' } });
  });

  test('when it is not active, or gone', async () => {
    const guide = await hookedGuide();
    await guide.api.post(`/api/v1/inlineHooks/${guide.hookId}/lifecycle/deactivate`);
    expect(await unchanged(guide)).toMatchObject({ outcome: { result: 'SKIPPED' } });
    await guide.api.delete(`/api/v1/inlineHooks/${guide.hookId}`);
    expect(await unchanged(guide)).toMatchObject({ outcome: { result: 'SKIPPED' } });
    expect(service.received).toHaveLength(0);
  });

  test('when its address is not one that this server calls', async () => {
    const guide = await hookedGuide('https://localhost:9/hook');
    expect(await unchanged(guide)).toMatchObject({ outcome: { result: 'FAILURE' } });
  });
});

test('an error of the service is an error to the client, and uses nothing up', async () => {
  const guide = await hookedGuide();
  const code = await codeFor(newUserAgent(server), guide, guide.user);
  service.answer({ body: { error: { errorSummary: 'Patients only' } } });
  const refused = await redeem(guide, code);
  expect([refused.status, refused.body]).toEqual([400, { error: 'server_error', error_description: 'Patients only' }]);
  service.answer({ body: { error: {} } });
  expect((await redeem(guide, code)).body.error_description).toBe('The callback service returned an error');
  service.answer({ status: 204, body: '' });
  expect((await redeem(guide, code)).status).toBe(200);
});

test('the debug context of an answer, and nothing else of it, is in the log', async () => {
  const guide = await hookedGuide();
  service.answer({ body: { commands: [add('access', 'secret', 'patient-data')], debugContext: { trace: 'abc-123' } } });
  await tokensFor(newUserAgent(server), guide, guide.user);
  const [event] = await hookEvents(guide.api, guide.hookId);
  expect(event?.debugContext.debugData.debugContext).toContain('abc-123');
  const all = JSON.stringify(await guide.api.get('/api/v1/logs?sortOrder=DESCENDING&limit=200'));
  for (const secret of ['patient-data', 'secret-of-the-hook']) {
    expect(all.includes(secret)).toBe(false);
    expect(server.output().includes(secret)).toBe(false);
  }
});

test('a rule takes only a hook that exists and is for tokens', async () => {
  const guide = await followGuide(server);
  await expect(attach(guide, 'cal00000000000000000')).rejects.toThrow('E0000001');
});
