// Explain a request that might be: every check with the rule that decides, the tokens as they would be minted, and for a denial what
// would pass. What is said is held against what really happens.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { type Explanation, explain, really, setRule } from '../support/explain.ts';
import { byClientCredentials, makeGrantClient } from '../support/grants.ts';
import { followGuide, type Guide, unique } from '../support/guide.ts';
import { formOf } from '../support/html.ts';
import { type Group, managementApi } from '../support/management-api.ts';
import { authorizeUrl, mustLeave, newPkce } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const api = managementApi(server);

const kinds = ({ whatWouldPass }: Explanation) => whatWouldPass.map((changes) => changes.map(({ kind }) => kind));
const failed = ({ trace }: Explanation) => trace.filter(({ passed }) => !passed).map(({ condition }) => condition);

describe('a request that would pass', () => {
  test('is told step by step, with the rule that decides and the tokens as they are then minted', async () => {
    const guide = await followGuide(server);
    for (const [name, claimType, value, more] of [
      ['team', 'RESOURCE', 'user.lastName', {}],
      ['empty', 'RESOURCE', 'user.nickName', {}],
      ['mail', 'RESOURCE', 'user.email', { conditions: { scopes: ['address'] } }],
      ['asked', 'IDENTITY', '"b"', {}],
    ] as const)
      await api.post(`/api/v1/authorizationServers/${guide.authorizationServer.id}/claims`, {
        name,
        claimType,
        valueType: 'EXPRESSION',
        value,
        ...more,
      });
    const scopes = ['openid', 'profile', 'offline_access'];
    const told = await explain(guide, { userId: guide.user.id, scopes, nonce: 'n' });
    expect(told).toMatchObject({
      outcome: 'ALLOW',
      reason: null,
      decidedBy: { policyId: guide.policy.id, ruleId: guide.rule.id, ruleName: guide.rule.name },
      whatWouldPass: [],
      consent: [],
    });
    expect(told.trace.every(({ passed }) => passed)).toBe(true);
    expect(told.trace.map(({ condition }) => condition)).toEqual([
      'server',
      'client',
      'user',
      'grant',
      'clientType',
      'responseTypes',
      'idToken',
      'grantScopes',
      'knownScopes',
      'assignment',
      'status',
      'clients',
      'status',
      'grantTypes',
      'people',
      'scopes',
      'signOnPolicy',
      'consent',
    ]);
    expect(told.trace.find(({ condition }) => condition === 'grantTypes')?.compared).toEqual({
      grantType: 'authorization_code',
      include: ['authorization_code'],
    });
    expect(told.scopes.map(({ name, granted }) => [name, granted])).toEqual(scopes.map((name) => [name, true]));
    const [answer, ...more] = told.tokens;
    expect(more).toEqual([]);
    expect(answer).toMatchObject({ endpoint: 'token', refreshToken: true, scope: scopes.join(' ') });
    const real = await really(server, guide, guide.user, scopes.join(' '));
    const variable = { jti: 0, iat: 0, exp: 0, auth_time: 0, nonce: 0, at_hash: 0 };
    expect({ ...answer?.accessToken?.payload, ...variable }).toEqual({ ...real.access, ...variable });
    expect({ ...answer?.idToken?.payload, ...variable }).toEqual({ ...real.id, ...variable });
    expect(Object.keys(answer?.accessToken?.payload ?? {})).toEqual(Object.keys(real.access ?? {}));
    expect(answer?.accessToken?.claims).toEqual(
      expect.arrayContaining([
        { name: 'team', included: true, value: 'Lovelace', why: 'It is user.lastName' },
        { name: 'empty', included: false, why: 'It is user.nickName, which is nothing here' },
        { name: 'mail', included: false, why: 'It needs one of the scopes address' },
      ]),
    );
    expect(answer?.idToken?.claims.find(({ name }) => name === 'asked')?.why).toContain('it is at userinfo');
  });

  test('by login, without scopes, gets the defaults that the rule permits', async () => {
    const guide = await followGuide(server);
    const told = await explain(guide, { login: guide.user.login });
    expect(told.scopes).toEqual([{ name: 'catalogue', granted: true, why: expect.stringContaining('default scope') }]);
    expect(told.tokens[0]).toMatchObject({ scope: 'catalogue', idToken: null, refreshToken: false });
  });

  test('of a client that acts for itself', async () => {
    const client = await makeGrantClient(server, ['client_credentials']);
    const told = await explain(client, { grantType: 'client_credentials', scopes: ['catalogue'] });
    const real = decodeJwt((await byClientCredentials(client, { scope: 'catalogue' })).body.access_token);
    const variable = { jti: 0, iat: 0, exp: 0 };
    expect({ ...told.tokens[0]?.accessToken?.payload, ...variable }).toEqual({ ...real, ...variable });
  });

  test('leaves out what the person declined before, and says so', async () => {
    const guide = await followGuide(server, { oauthClient: { consent_method: 'REQUIRED' } });
    await api.post(`/api/v1/authorizationServers/${guide.authorizationServer.id}/scopes`, {
      name: 'history',
      consent: 'REQUIRED',
      optional: true,
    });
    const scope = 'openid history';
    const agent = newUserAgent(server);
    const page = await agent.signIn(authorizeUrl(guide, newPkce(), { scope }), guide.user);
    const { request = '', csrf = '' } = formOf(page.html)?.fields ?? {};
    mustLeave(await agent.open('/oauth2/consent', new URLSearchParams({ request, csrf, answer: 'allow' })));
    const told = await explain(guide, { userId: guide.user.id, scopes: scope.split(' '), prompt: 'none' });
    expect(told.scopes.map(({ name, granted }) => [name, granted])).toEqual([
      ['openid', true],
      ['history', false],
    ]);
    expect(told.scopes[1]?.why).toContain('declined');
    expect(told.trace.find(({ condition }) => condition === 'consent')?.explanation).toContain('declined history');
    const real = await really(server, guide, guide.user, scope);
    expect(told.tokens[0]?.accessToken?.payload.scp).toEqual(real.access?.scp);
    expect(real.scope).toBe('openid');
    const alone = await explain(guide, { userId: guide.user.id, scopes: ['history'] });
    expect(alone).toMatchObject({ outcome: 'DENY', reason: 'consent_refused' });
    expect(kinds(alone)).toEqual([['ask-anew']]);
  });

  test('asks consent on its way, and says so', async () => {
    const guide = await followGuide(server, { oauthClient: { consent_method: 'REQUIRED' } });
    await api.post(`/api/v1/authorizationServers/${guide.authorizationServer.id}/scopes`, {
      name: 'orders',
      consent: 'REQUIRED',
    });
    const request = { userId: guide.user.id, scopes: ['openid', 'orders'] };
    expect(await explain(guide, request)).toMatchObject({ outcome: 'ALLOW', consent: ['orders'] });
    const silent = await explain(guide, { ...request, prompt: 'none' });
    expect(silent).toMatchObject({ outcome: 'DENY', reason: 'consent_required', decidedBy: { ruleId: guide.rule.id } });
    expect(kinds(silent)).toEqual([['give-consent'], ['trust-application']]);
  });

  test('of the front channel, hybrid or alone', async () => {
    const guide = await followGuide(server, {
      oauthClient: { grant_types: ['authorization_code', 'implicit'], response_types: ['code', 'token', 'id_token'] },
    });
    await setRule(guide, { grantTypes: { include: ['authorization_code', 'implicit'] } });
    const request = { userId: guide.user.id, scopes: ['openid', 'email'] };
    const hybrid = await explain(guide, { ...request, responseTypes: ['code', 'id_token'] });
    expect(hybrid.tokens.map(({ endpoint }) => endpoint)).toEqual(['authorize', 'token']);
    expect(hybrid.tokens[0]).toMatchObject({ accessToken: null, idToken: { payload: { email: guide.user.login } } });
    const alone = await explain(guide, { ...request, grantType: 'implicit' });
    expect(alone.tokens).toMatchObject([
      { endpoint: 'authorize', refreshToken: false, accessToken: { lifetime: 3600 } },
    ]);
  });
});

describe('a request that would be denied is told with its rule and what would pass', () => {
  test('by people: include them, or let them join', async () => {
    const guide = await followGuide(server);
    const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Staff') } });
    await setRule(guide, { people: { groups: { include: [group.id] } } });
    const told = await explain(guide, { userId: guide.user.id, scopes: ['openid'] });
    expect(told).toMatchObject({
      outcome: 'DENY',
      reason: 'no_matching_policy',
      decidedBy: { policyId: guide.policy.id, policyName: guide.policy.name, ruleId: guide.rule.id },
    });
    expect(failed(told)).toEqual(['people']);
    expect(told.trace.at(-1)?.compared).toMatchObject({ userId: guide.user.id, groups: { include: [group.id] } });
    expect(kinds(told)).toEqual([['include-user'], ['join-group']]);
    expect(told.whatWouldPass[1]?.[0]?.description).toContain(`"${group.profile.name}"`);
    expect(await really(server, guide, guide.user, 'openid')).toEqual({ error: 'access_denied' });
    await api.put(`/api/v1/groups/${group.id}/users/${guide.user.id}`);
    expect(await explain(guide, { userId: guide.user.id, scopes: ['openid'] })).toMatchObject({ outcome: 'ALLOW' });
    expect(await really(server, guide, guide.user, 'openid')).toHaveProperty('scope');
  });

  test('by scopes: permit them, or ask for less; and that is so', async () => {
    const guide = await followGuide(server);
    await setRule(guide, { scopes: { include: ['openid', 'email'] } });
    const told = await explain(guide, { userId: guide.user.id, scopes: ['openid', 'email', 'phone'] });
    expect(told).toMatchObject({ reason: 'scope_denied', decidedBy: { ruleId: guide.rule.id } });
    expect(kinds(told)).toEqual([['permit-scopes'], ['ask-for-scopes']]);
    expect(await explain(guide, { userId: guide.user.id, scopes: ['openid', 'email'] })).toMatchObject({
      outcome: 'ALLOW',
    });
  });

  test.each<
    [what: string, change: (guide: Guide) => Promise<unknown>, request: object, reason: string, kinds: string[][]]
  >([
    ['an unknown client', async () => {}, { clientId: '0oa00000000000000000' }, 'invalid_client_id', [['make-client']]],
    [
      'an inactive client',
      ({ app }) => api.post(`/api/v1/apps/${app.id}/lifecycle/deactivate`),
      {},
      'invalid_client_id',
      [['activate-client']],
    ],
    [
      'an inactive server',
      ({ authorizationServer }) =>
        api.post(`/api/v1/authorizationServers/${authorizationServer.id}/lifecycle/deactivate`),
      {},
      'invalid_authorization_server',
      [['activate-server']],
    ],
    [
      'a suspended person',
      ({ user }) => api.post(`/api/v1/users/${user.id}/lifecycle/suspend`),
      {},
      'user_not_usable',
      [['activate-user']],
    ],
    ['nobody', async () => {}, { userId: null }, 'user_unknown', [['name-user']]],
    [
      'a grant that the application has not',
      async () => {},
      { grantType: 'password' },
      'unauthorized_grant',
      [['allow-grant']],
    ],
    [
      'a response type that it has not',
      async () => {},
      { responseTypes: ['token'] },
      'unsupported_response_type',
      [['allow-response-type']],
    ],
    [
      'a scope that the server has not',
      async () => {},
      { scopes: ['openid', 'x'] },
      'no_matching_scope',
      [['add-scopes-to-server'], ['leave-out-scopes']],
    ],
    [
      'profile without openid',
      async () => {},
      { scopes: ['profile'] },
      'openid_scope_required',
      [['ask-for-openid'], ['leave-out-scopes']],
    ],
    [
      'somebody who is not assigned',
      ({ app, user }) => api.delete(`/api/v1/apps/${app.id}/users/${user.id}`),
      {},
      'user_not_assigned',
      [['assign-user']],
    ],
    [
      'no policy',
      ({ authorizationServer, policy }) =>
        api.delete(`/api/v1/authorizationServers/${authorizationServer.id}/policies/${policy.id}`),
      {},
      'no_matching_policy',
      [['add-policy']],
    ],
    [
      'a claim without a value',
      ({ authorizationServer }) =>
        api.post(`/api/v1/authorizationServers/${authorizationServer.id}/claims`, {
          name: 'broken',
          claimType: 'RESOURCE',
          valueType: 'EXPRESSION',
          value: 'cool',
        }),
      {},
      'user_claim_evaluation_failure',
      [['correct-claim'], ['deactivate-claim']],
    ],
  ])('%s', async (_, change, request, reason, expected) => {
    const guide = await followGuide(server);
    await change(guide);
    const told = await explain(guide, { userId: guide.user.id, scopes: ['openid'], ...request });
    expect(told).toMatchObject({ outcome: 'DENY', reason, tokens: [] });
    expect(kinds(told)).toEqual(expected);
    expect(told.trace.at(-1)?.passed ?? false).toBe(false);
    for (const { description } of told.whatWouldPass.flat()) expect(description).toMatch(/^[A-Z].{10,}/);
  });
});
