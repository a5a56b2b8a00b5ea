// What is kept of a real denial, how it is found, and who may have people explained.
import { describe, expect, test } from 'vitest';
import { explain, explainPath, really, type Step, setRule } from '../support/explain.ts';
import { byClientCredentials, makeGrantClient } from '../support/grants.ts';
import { followGuide, makeUser, unique } from '../support/guide.ts';
import { type ApiError, type Group, type LogEvent, managementApi } from '../support/management-api.ts';
import { authorizeUrl, newPkce, tokensFor } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const api = managementApi(server);

describe('a real denial', () => {
  const eventsOf = (requestId: string) => api.get<LogEvent[]>(`/api/v1/logs?q=${encodeURIComponent(requestId)}`);

  test('is an event with the trace and the words of explain', async () => {
    const guide = await followGuide(server);
    const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Staff') } });
    await setRule(guide, { people: { groups: { include: [group.id] } } });
    expect(await really(server, guide, guide.user, 'openid')).toEqual({ error: 'access_denied' });
    const told = await explain(guide, { userId: guide.user.id, scopes: ['openid'] });
    const events = await api.get<LogEvent[]>('/api/v1/logs?sortOrder=DESCENDING&limit=50');
    const event = events.find(({ outcome, actor }) => outcome.result === 'DENY' && actor.id === guide.clientId);
    const { debugData } = event?.debugContext ?? { debugData: {} };
    expect(debugData).toMatchObject({ ...told.decidedBy, whatWouldPass: told.whatWouldPass });
    const trace = debugData.trace as Step[];
    expect(trace).toEqual(told.trace.slice(-trace.length));
  });

  test('is found by the request id that the error page shows', async () => {
    const guide = await followGuide(server);
    const url = authorizeUrl(guide, newPkce(), { redirect_uri: 'http://localhost:4555/elsewhere' });
    const visit = await newUserAgent(server).open(url);
    const requestId = /Request ID<\/dt>\s*<dd><code>([\w-]+)</.exec(visit.html)?.[1] ?? '';
    expect(requestId).toMatch(/^[\w-]{16,40}$/);
    const [event] = await eventsOf(requestId);
    expect(event).toMatchObject({
      eventType: 'app.oauth2.as.authorize',
      outcome: { result: 'FAILURE', reason: 'illegal_redirect_uri' },
      debugContext: {
        debugData: {
          requestId,
          clientId: guide.clientId,
          redirectUri: 'http://localhost:4555/elsewhere',
          registered: [guide.redirectUri],
        },
      },
    });
    expect(await api.get(`/api/v1/explain/${requestId}`)).toMatchObject({
      requestId,
      events: [{ outcome: 'DENY', reason: 'illegal_redirect_uri', facts: { registered: [guide.redirectUri] } }],
    });
  });

  test('at the token endpoint is explained by the request id of its answer', async () => {
    const client = await makeGrantClient(server, ['client_credentials']);
    const refused = await byClientCredentials(client, { scope: 'openid' });
    const requestId = refused.headers.get('x-okta-request-id') ?? '';
    expect(await api.get(`/api/v1/explain/${requestId}`)).toMatchObject({
      events: [{ outcome: 'DENY', reason: 'openid_scope_with_client_credentials' }],
    });
    const path = `/api/v1/authorizationServers/${client.authorizationServer.id}/policies/${client.policy.id}`;
    await api.post(`${path}/lifecycle/deactivate`);
    const denied = await byClientCredentials(client, { scope: 'catalogue' });
    const id = denied.headers.get('x-okta-request-id') ?? '';
    expect(await api.get(`/api/v1/explain/${id}`)).toMatchObject({
      events: [
        {
          outcome: 'DENY',
          reason: 'no_matching_policy',
          decidedBy: { policyId: client.policy.id, ruleId: null },
          whatWouldPass: [[{ kind: 'activate-policy', description: `Activate the policy "${client.policy.name}"` }]],
        },
      ],
    });
  });

  test('of a claim names the rule that had let it through', async () => {
    const guide = await followGuide(server);
    await api.post(`/api/v1/authorizationServers/${guide.authorizationServer.id}/claims`, {
      name: 'broken',
      claimType: 'RESOURCE',
      valueType: 'EXPRESSION',
      value: 'cool',
    });
    await expect(tokensFor(newUserAgent(server), guide, guide.user)).rejects.toThrow('server_error');
    const events = await api.get<LogEvent[]>('/api/v1/logs?sortOrder=DESCENDING&limit=20');
    const event = events.find(({ outcome }) => outcome.reason === 'user_claim_evaluation_failure');
    expect(event?.debugContext.debugData).toMatchObject({ ruleId: guide.rule.id, policyId: guide.policy.id });
  });

  test('of a request that nobody made is not found', async () => {
    const { status, body } = await api.request<ApiError>('GET', '/api/v1/explain/nothing-like-this');
    expect([status, body.errorCode]).toEqual([404, 'E0000007']);
  });
});

describe('explaining shows people only to who may read them', () => {
  test('with a token of the scope of authorization servers alone', async () => {
    const { bearer } = await scopedToken(['okta.authorizationServers.read']);
    const guide = await followGuide(server);
    const limited = managementApi(server, bearer);
    const about = (request: object) =>
      limited.request('POST', explainPath(guide), { clientId: guide.clientId, ...request });
    expect((await about({ grantType: 'client_credentials', scopes: ['catalogue'] })).status).toBe(200);
    const refused = await about({ grantType: 'authorization_code', userId: guide.user.id, scopes: ['openid'] });
    expect([refused.status, refused.body.errorCode]).toEqual([403, 'E0000006']);
    const { bearer: all } = await scopedToken([
      'okta.authorizationServers.read',
      'okta.users.read',
      'okta.groups.read',
    ]);
    const wide = await managementApi(server, all).request('POST', explainPath(guide), {
      clientId: guide.clientId,
      grantType: 'authorization_code',
      userId: guide.user.id,
      scopes: ['openid'],
    });
    expect(wide.status).toBe(200);
  });
});

test('Check setup is for who may read the servers, the people and their groups that it tells of', async () => {
  const { app, user } = await followGuide(server);
  const needed = ['okta.apps.read', 'okta.authorizationServers.read', 'okta.users.read', 'okta.groups.read'];
  for (const missing of [...needed.slice(1), null]) {
    const { bearer } = await scopedToken(needed.filter((scope) => scope !== missing));
    const { status } = await managementApi(server, bearer).request('POST', `/api/v1/apps/${app.id}/setup-check`, {
      userId: user.id,
    });
    expect([missing, status]).toEqual([missing, missing === null ? 200 : 403]);
  }
});

/** An access token of the org server with these scopes, for an administrator. */
async function scopedToken(scopes: string[]): Promise<{ bearer: string }> {
  const guide = await followGuide(server);
  for (const scopeId of scopes) await api.post(`/api/v1/apps/${guide.app.id}/grants`, { scopeId, issuer: server.url });
  const person = await makeUser(api);
  await api.post(`/api/v1/users/${person.id}/roles`, { type: 'SUPER_ADMIN' });
  await api.post(`/api/v1/apps/${guide.app.id}/users`, { id: person.id, scope: 'USER' });
  const atOrg = { ...guide, issuer: server.url };
  const tokens = await tokensFor(newUserAgent(server), atOrg, person, { scope: ['openid', ...scopes].join(' ') });
  return { bearer: `Bearer ${tokens.access_token}` };
}
