// Custom claims: in which token, under which scope, always or on request, by expression or by groups; and what happens when one of
// them has no value. Contract sections 2.4, 4.5 and 4.16.
import { decodeJwt } from 'jose';
import { describe, expect, test } from 'vitest';
import { byClientCredentials, makeGrantClient } from '../support/grants.ts';
import { allow, followGuide, type Guide, makeUser, unique } from '../support/guide.ts';
import type { ApiError, Group, LogEvent } from '../support/management-api.ts';
import {
  authorizeUrl,
  codeFor,
  introspect,
  mustLeave,
  newPkce,
  redeem,
  refresh,
  tokensFor,
  userinfo,
} from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();

type Claim = { id: string; name: string; system: boolean };

const claimsPath = ({ authorizationServer }: Pick<Guide, 'authorizationServer'>) =>
  `/api/v1/authorizationServers/${authorizationServer.id}/claims`;

function addClaim(guide: Pick<Guide, 'api' | 'authorizationServer'>, claim: object) {
  return guide.api.post<Claim>(claimsPath(guide), { claimType: 'RESOURCE', valueType: 'EXPRESSION', ...claim });
}

async function payloads(guide: Guide, scope = 'openid profile') {
  const tokens = await tokensFor(newUserAgent(server), guide, guide.user, { scope });
  return { access: decodeJwt(tokens.access_token), id: decodeJwt(tokens.id_token), tokens };
}

/** A guide whose application may have tokens from the front channel too. */
async function implicitGuide(): Promise<Guide> {
  const guide = await followGuide(server, {
    oauthClient: {
      grant_types: ['authorization_code', 'implicit', 'refresh_token'],
      response_types: ['code', 'id_token', 'token'],
    },
  });
  await allow(guide.api, guide.authorizationServer.id, [guide.clientId], {}, ['implicit']);
  return guide;
}

async function frontChannel(guide: Guide, responseType = 'id_token'): Promise<URLSearchParams> {
  const changes = { response_type: responseType, code_challenge: null, code_challenge_method: null };
  const url = authorizeUrl(guide, newPkce(), { ...changes, scope: 'openid profile' });
  return new URLSearchParams(mustLeave(await newUserAgent(server).signIn(url, guide.user)).hash.slice(1));
}

async function joinGroups(guide: Guide, ...names: string[]): Promise<Group[]> {
  const groups: Group[] = [];
  for (const name of names) {
    const group = await guide.api.post<Group>('/api/v1/groups', { profile: { name, description: `${name}!` } });
    await guide.api.put(`/api/v1/groups/${group.id}/users/${guide.user.id}`);
    groups.push(group);
  }
  return groups;
}

describe('a claim by expression', () => {
  test('of an access token says what it evaluates to, for introspection too', async () => {
    const guide = await followGuide(server);
    await addClaim(guide, { name: 'full_name', value: 'user.firstName + " " + user.lastName' });
    await addClaim(guide, { name: 'as', value: 'appuser.userName + "/" + app.clientId + "/" + org.subDomain' });
    await addClaim(guide, { name: 'how', value: 'session.amr' });
    await addClaim(guide, { name: 'asked', value: 'Arrays.contains(access.scope, "profile")' });
    await addClaim(guide, { name: 'nick', value: 'user.nickName' });
    await addClaim(guide, { name: 'nothing', value: '{}' });
    const { access, id, tokens } = await payloads(guide);
    expect(access).toMatchObject({ full_name: 'Ada Lovelace', how: ['pwd'], asked: true });
    expect(access.as).toMatch(new RegExp(`^${guide.user.login}/${guide.clientId}/\\w+$`));
    for (const name of ['nick', 'nothing']) expect(access).not.toHaveProperty(name);
    expect(id).not.toHaveProperty('full_name');
    expect((await introspect(guide, tokens.access_token)).body).toMatchObject({ full_name: 'Ada Lovelace' });
  });

  test('of an ID token is in every one when always included, and otherwise in fat ones and userinfo', async () => {
    const guide = await implicitGuide();
    await addClaim(guide, { name: 'always', claimType: 'IDENTITY', value: '"a"', alwaysIncludeInToken: true });
    await addClaim(guide, { name: 'asked', claimType: 'IDENTITY', value: '"b"' });
    const { access, id, tokens } = await payloads(guide);
    expect(id).toMatchObject({ always: 'a' });
    expect(id).not.toHaveProperty('asked');
    expect(access).not.toHaveProperty('always');
    expect((await userinfo(guide, tokens.access_token)).body).toMatchObject({ always: 'a', asked: 'b' });
    expect(decodeJwt((await frontChannel(guide)).get('id_token') ?? '')).toMatchObject({ always: 'a', asked: 'b' });
    const beside = decodeJwt((await frontChannel(guide, 'id_token token')).get('id_token') ?? '');
    expect(beside).not.toHaveProperty('asked');
  });

  test('appears only under its scopes', async () => {
    const guide = await followGuide(server);
    await addClaim(guide, { name: 'mail', value: 'user.email', conditions: { scopes: ['email', 'phone'] } });
    expect((await payloads(guide, 'openid profile')).access).not.toHaveProperty('mail');
    expect((await payloads(guide, 'openid email')).access).toMatchObject({ mail: guide.user.login });
  });

  test('that is inactive says nothing, and a change counts at once', async () => {
    const guide = await followGuide(server);
    const claim = await addClaim(guide, { name: 'level', value: '"one"', status: 'INACTIVE' });
    expect((await payloads(guide)).access).not.toHaveProperty('level');
    const path = `${claimsPath(guide)}/${claim.id}`;
    const body = { name: 'level', claimType: 'RESOURCE', valueType: 'EXPRESSION', value: '"two"', status: 'ACTIVE' };
    await guide.api.put(path, body);
    expect((await payloads(guide)).access.level).toBe('two');
  });

  test('may be the subject of access tokens', async () => {
    const guide = await followGuide(server);
    const claims = await guide.api.get<Claim[]>(claimsPath(guide));
    const sub = claims.find(({ name, system }) => system && name === 'sub');
    await guide.api.put(`${claimsPath(guide)}/${sub?.id}`, {
      name: 'sub',
      claimType: 'RESOURCE',
      valueType: 'EXPRESSION',
      value: '(user != null) ? String.toUpperCase(user.firstName) : app.clientId',
    });
    const { access, id } = await payloads(guide);
    expect(access.sub).toBe('ADA');
    expect(id.sub).toBe(guide.user.id);
  });

  test('stands in tokens of a client that acts for itself', async () => {
    const client = await makeGrantClient(server, ['client_credentials']);
    await addClaim(client, { name: 'tenant', value: '"acme"' });
    await addClaim(client, { name: 'who', value: 'user == null ? clientId : user.login' });
    await addClaim(client, { name: 'groups', valueType: 'GROUPS', group_filter_type: 'REGEX', value: '.*' });
    const { body } = await byClientCredentials(client);
    const claims = decodeJwt(body.access_token);
    expect(claims).toMatchObject({ sub: client.clientId, tenant: 'acme', who: client.clientId });
    expect(claims).not.toHaveProperty('groups');
  });
});

describe('a claim of groups', () => {
  test.each<[type: string, value: (mark: string) => string, names: string[]]>([
    ['STARTS_WITH', (mark) => `${mark.toLowerCase()} west`, ['West Coast', 'Western']],
    ['EQUALS', (mark) => `${mark} WESTERN`, ['Western']],
    ['CONTAINS', (mark) => `${mark.slice(2)} EAST`, ['East coast']],
    ['REGEX', (mark) => `${mark} .*Coast`, ['West Coast']],
    ['REGEX', (mark) => `(?i)${mark} .*coast`, ['East coast', 'West Coast']],
    ['REGEX', (mark) => mark, []],
    ['STARTS_WITH', (mark) => `${mark} North`, []],
  ])('by %s %s', async (group_filter_type, value, names) => {
    const guide = await followGuide(server);
    const mark = unique('Area');
    await joinGroups(guide, ...['West Coast', 'Western', 'East coast'].map((name) => `${mark} ${name}`));
    await addClaim(guide, { name: 'groups', valueType: 'GROUPS', group_filter_type, value: value(mark) });
    const { groups } = (await payloads(guide)).access as { groups?: string[] };
    expect(groups?.toSorted() ?? []).toEqual(names.map((name) => `${mark} ${name}`));
  });

  test('that matches more than a hundred fails the request, and uses nothing up', async () => {
    const guide = await followGuide(server);
    const mark = unique('Many');
    await joinGroups(guide, ...Array.from({ length: 101 }, (_, index) => `${mark} ${index}`));
    const claim = await addClaim(guide, {
      name: 'groups',
      valueType: 'GROUPS',
      group_filter_type: 'STARTS_WITH',
      value: mark,
    });
    const code = await codeFor(newUserAgent(server), guide, guide.user);
    const failed = await redeem(guide, code);
    expect(failed.status).toBe(400);
    expect(failed.body).toEqual({
      error: 'server_error',
      error_description: 'The groups claim matched too many groups and must be configured to match fewer groups.',
    });
    await guide.api.delete(`${claimsPath(guide)}/${claim.id}`);
    expect((await redeem(guide, code)).status).toBe(200);
  });

  test('can be made of expressions', async () => {
    const guide = await followGuide(server);
    const mark = unique('Team');
    const [one, two] = await joinGroups(guide, `${mark} one`, `${mark} two`);
    await addClaim(guide, { name: 'starting', value: `Groups.startsWith("OKTA", "${mark}", 100)` });
    await addClaim(guide, { name: 'listed', value: `getFilteredGroups({"${one?.id}"}, "group.description", 10)` });
    await addClaim(guide, { name: 'got', value: `user.getGroups({'group.profile.name': '${mark} t.*'}).![id]` });
    await addClaim(guide, { name: 'member', value: `isMemberOfGroupName("${mark} one")` });
    expect((await payloads(guide)).access).toMatchObject({
      starting: [`${mark} one`, `${mark} two`],
      listed: [`${mark} one!`],
      got: [two?.id],
      member: true,
    });
  });
});

describe('a claim that cannot be evaluated', () => {
  test('fails the token request by its name; the code can still be used when it is put right', async () => {
    const guide = await followGuide(server);
    const claim = await addClaim(guide, { name: 'broken', value: 'cool' });
    const code = await codeFor(newUserAgent(server), guide, guide.user);
    const failed = await redeem(guide, code);
    expect(failed.status).toBe(400);
    expect(failed.body).toEqual({
      error: 'server_error',
      error_description: "=The 'broken' user claim could not be evaluated.",
    });
    const events = await guide.api.get<LogEvent[]>('/api/v1/logs?sortOrder=DESCENDING&limit=50');
    const event = events.find(({ outcome }) => outcome.reason === 'user_claim_evaluation_failure');
    expect(event?.debugContext.debugData).toMatchObject({ claim: 'broken', cause: expect.stringContaining("'cool'") });
    await guide.api.delete(`${claimsPath(guide)}/${claim.id}`);
    expect((await redeem(guide, code)).status).toBe(200);
  });

  test('fails a refresh without using the refresh token up', async () => {
    const guide = await followGuide(server, {
      oauthClient: { refresh_token: { rotation_type: 'ROTATE', leeway: 0 } },
    });
    const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
    const claim = await addClaim(guide, { name: 'broken', value: 'user.firstName - 1' });
    for (const _ of [1, 2]) expect((await refresh(guide, tokens.refresh_token)).body.error).toBe('server_error');
    await guide.api.delete(`${claimsPath(guide)}/${claim.id}`);
    expect((await refresh(guide, tokens.refresh_token)).status).toBe(200);
  });

  test('reaches the callback where tokens come from the front channel', async () => {
    const guide = await implicitGuide();
    await addClaim(guide, { name: 'broken', claimType: 'IDENTITY', value: 'cool' });
    const answer = await frontChannel(guide);
    expect(answer.get('id_token')).toBeNull();
    expect([answer.get('error'), answer.get('error_description')]).toEqual([
      'server_error',
      "=The 'broken' user claim could not be evaluated.",
    ]);
  });

  test('fails userinfo too', async () => {
    const guide = await followGuide(server);
    const { tokens } = await payloads(guide);
    await addClaim(guide, { name: 'broken', claimType: 'IDENTITY', value: 'cool' });
    const { status, body } = await userinfo(guide, tokens.access_token);
    expect([status, body.error]).toEqual([400, 'server_error']);
  });

  test('is the system claim when it is the subject', async () => {
    const guide = await followGuide(server);
    const sub = (await guide.api.get<Claim[]>(claimsPath(guide))).find(({ name }) => name === 'sub');
    const body = { name: 'sub', claimType: 'RESOURCE', valueType: 'EXPRESSION', value: 'user.nickName' };
    await guide.api.put(`${claimsPath(guide)}/${sub?.id}`, body);
    const failed = await redeem(guide, await codeFor(newUserAgent(server), guide, guide.user));
    expect(failed.body.error_description).toBe("The 'sub' system claim could not be evaluated.");
  });
});

describe('a claim is refused', () => {
  const attempt = (guide: Guide, claim: object) =>
    guide.api.request<ApiError>('POST', claimsPath(guide), {
      claimType: 'RESOURCE',
      valueType: 'EXPRESSION',
      ...claim,
    });

  test.each([
    ['with half an expression', { name: 'x', value: 'user.firstName +' }],
    ['with an unknown function', { name: 'x', value: 'process.exit(1)' }],
    ['with a type reference', { name: 'x', value: 'T(java.lang.Runtime).getRuntime().exec("id")' }],
    ['with a pattern that is none', { name: 'x', valueType: 'GROUPS', group_filter_type: 'REGEX', value: '(' }],
    [
      'with a pattern that takes for ever elsewhere',
      { name: 'x', valueType: 'GROUPS', group_filter_type: 'REGEX', value: '(a)\\1+' },
    ],
  ])('%s', async (_, claim) => {
    const { status, body } = await attempt(await followGuide(server), claim);
    expect(status).toBe(400);
    expect(body).toMatchObject({ errorCode: 'E0000001', errorSummary: 'Api validation failed: value' });
    expect(body.errorCauses[0]?.errorSummary).toMatch(/^value: /);
  });

  test.each(['iss', 'exp', 'cid', 'uid', 'scp', 'jti', 'auth_time'])(
    'by the name %s in access tokens',
    async (name) => {
      const { status, body } = await attempt(await followGuide(server), { name, value: '"x"' });
      expect([status, body.errorCode]).toEqual([400, 'E0000001']);
    },
  );
});

test('no expression reaches what runs it', async () => {
  const guide = await followGuide(server);
  for (const [index, value] of [
    'user.constructor',
    'user.__proto__',
    "user['constructor']",
    "app.profile['__proto__']",
  ].entries())
    await addClaim(guide, { name: `reach${index}`, value: `(${value}) == null ? "safe" : "reached"` });
  const { access } = await payloads(guide);
  for (const index of [0, 1, 2, 3]) expect(access[`reach${index}`]).toBe('safe');
}, 60_000);

describe('the org server', () => {
  const settings = (guide: Guide) => `/api/v1/internal/apps/${guide.app.id}/settings/oauth/idToken`;

  test('gives the groups of the application’s Sign On settings under the scope groups, at userinfo when thin', async () => {
    const guide = await followGuide(server);
    const mark = unique('Org');
    await joinGroups(guide, `${mark} one`, `${mark} two`);
    const claim = { name: 'groups', valueType: 'GROUPS', groupFilterType: 'STARTS_WITH', value: mark };
    await guide.api.post(settings(guide), claim);
    const atOrg = { ...guide, issuer: server.url };
    const tokens = await tokensFor(newUserAgent(server), atOrg, guide.user, { scope: 'openid profile groups' });
    expect(decodeJwt(tokens.id_token)).not.toHaveProperty('groups');
    const { body } = await userinfo(atOrg, tokens.access_token);
    expect((body.groups as string[]).toSorted()).toEqual([`${mark} one`, `${mark} two`]);
    const without = await tokensFor(newUserAgent(server), atOrg, guide.user, { scope: 'openid profile' });
    expect((await userinfo(atOrg, without.access_token)).body).not.toHaveProperty('groups');
  });

  test('takes an expression for them, and no reserved name', async () => {
    const guide = await followGuide(server);
    const mark = unique('Org');
    await joinGroups(guide, `${mark} one`);
    const value = `Groups.startsWith("OKTA", "${mark}", 10)`;
    await guide.api.post(settings(guide), { name: 'teams', valueType: 'EXPRESSION', value });
    const atOrg = { ...guide, issuer: server.url };
    const tokens = await tokensFor(newUserAgent(server), atOrg, guide.user, { scope: 'openid profile groups' });
    expect((await userinfo(atOrg, tokens.access_token)).body.teams).toEqual([`${mark} one`]);
    for (const wrong of [
      { name: 'sub', valueType: 'EXPRESSION', value: '"somebody else"' },
      { name: 'groups', valueType: 'EXPRESSION', value: 'eval("1")' },
      { name: 'groups', valueType: 'GROUPS', groupFilterType: 'REGEX', value: '(' },
    ])
      expect((await guide.api.request('POST', settings(guide), wrong)).status).toBe(400);
  });
});

test('a person’s own words cannot become syntax', async () => {
  const guide = await followGuide(server);
  const person = await makeUser(guide.api, { firstName: '" + app.clientId + "', lastName: '{{x}}' });
  await guide.api.post(`/api/v1/apps/${guide.app.id}/users`, { id: person.id, scope: 'USER' });
  await addClaim(guide, { name: 'given', value: 'user.firstName + user.lastName' });
  const tokens = await tokensFor(newUserAgent(server), guide, person, { scope: 'openid' });
  expect(decodeJwt(tokens.access_token).given).toBe('" + app.clientId + "{{x}}');
});
