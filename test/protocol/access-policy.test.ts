// Who gets tokens of a custom server: policies by client, rules by grant, person and scope. Contract section 4.5; trap 4.
import { describe, expect, test } from 'vitest';
import { followGuide, type Guide, makeUser, unique } from '../support/guide.ts';
import type { Group, LogEvent, Policy, Rule } from '../support/management-api.ts';
import { authorizeUrl, mustLeave, newPkce, redeem, refresh, tokensFor } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent, type Person } from '../support/user-agent.ts';

const server = await serverOfThisFile();

const policiesOf = (guide: Guide) => `/api/v1/authorizationServers/${guide.authorizationServer.id}/policies`;

function addPolicy(guide: Guide, changes: object = {}): Promise<Policy> {
  return guide.api.post(policiesOf(guide), {
    type: 'OAUTH_AUTHORIZATION_POLICY',
    name: unique('Policy'),
    description: 'Made by a test',
    priority: 1,
    conditions: { clients: { include: ['ALL_CLIENTS'] } },
    ...changes,
  });
}

function addRule(guide: Guide, policy: Policy, changes: { conditions?: object; priority?: number; token?: object }) {
  return guide.api.post<Rule>(`${policiesOf(guide)}/${policy.id}/rules`, {
    type: 'RESOURCE_ACCESS',
    name: unique('Rule'),
    priority: changes.priority ?? 1,
    conditions: {
      people: { groups: { include: ['EVERYONE'] } },
      grantTypes: { include: ['authorization_code'] },
      scopes: { include: ['*'] },
      ...changes.conditions,
    },
    actions: { token: { accessTokenLifetimeMinutes: 60, ...changes.token } },
  });
}

/** Takes away what the guide allowed, so that only the test's own policies speak. */
async function withoutPolicies(): Promise<Guide> {
  const guide = await followGuide(server);
  await guide.api.delete(`${policiesOf(guide)}/${guide.policy.id}`);
  return guide;
}

async function ask(guide: Guide, person: Person, changes: Record<string, string | null> = {}) {
  const pkce = newPkce();
  const callback = mustLeave(await newUserAgent(server).signIn(authorizeUrl(guide, pkce, changes), person));
  const { code, error, error_description: description } = Object.fromEntries(callback.searchParams);
  if (code === undefined) return { error, description };
  const { body } = await redeem(guide, { code, verifier: pkce.verifier });
  return { scope: body.scope, lifetime: body.expires_in };
}

const REFUSED = {
  error: 'access_denied',
  description: 'Policy evaluation failed for this request, please check the policy configurations.',
};

test('without a policy nobody gets anything, and the callback hears why', async () => {
  const guide = await withoutPolicies();
  expect(await ask(guide, guide.user)).toEqual(REFUSED);
});

describe('a policy', () => {
  test('speaks only for its clients', async () => {
    const guide = await withoutPolicies();
    const other = await followGuide(server);
    const policy = await addPolicy(guide, { conditions: { clients: { include: [other.clientId] } } });
    await addRule(guide, policy, {});
    expect(await ask(guide, guide.user)).toEqual(REFUSED);
  });

  test('is asked in the order of priority, and the first rule that matches decides', async () => {
    const guide = await withoutPolicies();
    const second = await addPolicy(guide);
    await addRule(guide, second, { token: { accessTokenLifetimeMinutes: 30 } });
    const first = await addPolicy(guide, { priority: 1 });
    await addRule(guide, first, { token: { accessTokenLifetimeMinutes: 10 } });
    expect((await ask(guide, guide.user)).lifetime).toBe(600);
    const path = `${policiesOf(guide)}/${first.id}`;
    await guide.api.post(`${path}/lifecycle/deactivate`);
    expect((await ask(guide, guide.user)).lifetime).toBe(1800);
  });

  test('that is inactive, or whose rule is, does not speak', async () => {
    const guide = await withoutPolicies();
    const policy = await addPolicy(guide);
    const rule = await addRule(guide, policy, {});
    expect(await ask(guide, guide.user)).toHaveProperty('scope');
    await guide.api.post(`${policiesOf(guide)}/${policy.id}/rules/${rule.id}/lifecycle/deactivate`);
    expect(await ask(guide, guide.user)).toEqual(REFUSED);
  });

  test('change counts at once, for the very next request', async () => {
    const guide = await withoutPolicies();
    const policy = await addPolicy(guide);
    await addRule(guide, policy, {});
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
    expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
    await guide.api.delete(`${policiesOf(guide)}/${policy.id}`);
    const { status, body } = await refresh(guide, tokens.refresh_token);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toHaveProperty('access_token');
  });
});

describe('a rule', () => {
  test('speaks only for its grant', async () => {
    const guide = await withoutPolicies();
    const policy = await addPolicy(guide);
    await addRule(guide, policy, { conditions: { grantTypes: { include: ['client_credentials'] } } });
    expect(await ask(guide, guide.user)).toEqual(REFUSED);
  });

  test('that names the code grant serves its refreshes', async () => {
    const guide = await withoutPolicies();
    await addRule(guide, await addPolicy(guide), {});
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
    expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
  });

  test('for a group speaks only for its members who are assigned the application', async () => {
    const guide = await withoutPolicies();
    const group = await guide.api.post<Group>('/api/v1/groups', { profile: { name: unique('Readers') } });
    const policy = await addPolicy(guide);
    await addRule(guide, policy, { conditions: { people: { groups: { include: [group.id] } } } });
    expect(await ask(guide, guide.user)).toEqual(REFUSED);
    await guide.api.put(`/api/v1/groups/${group.id}/users/${guide.user.id}`);
    expect(await ask(guide, guide.user)).toHaveProperty('scope');
    const member = await makeUser(guide.api);
    await guide.api.put(`/api/v1/groups/${group.id}/users/${member.id}`);
    expect(await ask(guide, member)).toMatchObject({ error: 'access_denied' });
  });

  test('leaves out the users that it excludes', async () => {
    const guide = await withoutPolicies();
    const people = { groups: { include: ['EVERYONE'] }, users: { exclude: [guide.user.id] } };
    await addRule(guide, await addPolicy(guide), { conditions: { people } });
    expect(await ask(guide, guide.user)).toEqual(REFUSED);
  });

  test('is an allow-list of scopes: a request for another does not match it', async () => {
    const guide = await withoutPolicies();
    const policy = await addPolicy(guide);
    await addRule(guide, policy, { conditions: { scopes: { include: ['openid', 'profile'] } } });
    expect(await ask(guide, guide.user, { scope: 'openid profile' })).toMatchObject({ scope: 'openid profile' });
    expect(await ask(guide, guide.user, { scope: 'openid email' })).toMatchObject({ error: 'access_denied' });
  });

  test('decides which default scopes a request without scope gets', async () => {
    const guide = await withoutPolicies();
    await guide.api.post(`/api/v1/authorizationServers/${guide.authorizationServer.id}/scopes`, {
      name: 'second',
      default: true,
    });
    const policy = await addPolicy(guide);
    await addRule(guide, policy, { conditions: { scopes: { include: ['second'] } } });
    expect(await ask(guide, guide.user, { scope: null })).toMatchObject({ scope: 'second' });
  });
});

describe('assignment', () => {
  test('by a group lets its members in, and out again', async () => {
    const guide = await followGuide(server);
    const group = await guide.api.post<Group>('/api/v1/groups', { profile: { name: unique('Staff') } });
    const member = await makeUser(guide.api);
    await guide.api.put(`/api/v1/apps/${guide.app.id}/groups/${group.id}`, {});
    expect(await ask(guide, member)).toMatchObject({ error: 'access_denied' });
    await guide.api.put(`/api/v1/groups/${group.id}/users/${member.id}`);
    expect(await ask(guide, member)).toHaveProperty('scope');
    await guide.api.delete(`/api/v1/groups/${group.id}/users/${member.id}`);
    expect(await ask(guide, member)).toMatchObject({ error: 'access_denied' });
  });

  test('of Everyone lets everyone in', async () => {
    const guide = await followGuide(server);
    const groups = await guide.api.get<Group[]>('/api/v1/groups?q=Everyone');
    const everyone = groups.find((group) => group.type === 'BUILT_IN');
    await guide.api.put(`/api/v1/apps/${guide.app.id}/groups/${everyone?.id}`, {});
    expect(await ask(guide, await makeUser(guide.api))).toHaveProperty('scope');
  });
});

test('a denial is an event that says which policy and rule decided, or that none matched', async () => {
  const guide = await withoutPolicies();
  const policy = await addPolicy(guide);
  const rule = await addRule(guide, policy, { conditions: { scopes: { include: ['openid'] } } });
  await ask(guide, guide.user, { scope: 'openid email' });
  const events = await guide.api.get<LogEvent[]>('/api/v1/logs?sortOrder=DESCENDING&limit=100');
  const denials = events.filter(
    (event) => /^(FAILURE|DENY)$/.test(event.outcome.result) && JSON.stringify(event).includes(guide.clientId),
  );
  expect(denials).toHaveLength(1);
  const said = JSON.stringify(denials[0]);
  for (const fact of [policy.id, rule.id, guide.user.id]) expect(said.includes(fact), said).toBe(true);
});
