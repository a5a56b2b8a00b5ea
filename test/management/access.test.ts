// Who may call the management API: contract 4.1 and 4.15. SSWS tokens act with their owner's roles, access tokens of the org
// server with their scopes and the roles of the person, and nothing else opens anything.
import { describe, expect, test } from 'vitest';
import { followGuide, makeApplication, makeUser, unique } from '../support/guide.ts';
import { type ApiError, type Group, managementApi } from '../support/management-api.ts';
import { type OAuthClient, tokensFor } from '../support/oauth.ts';
import { documentedRoutes } from '../support/routes.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent, type Person } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const admin = managementApi(server);
const routes = await documentedRoutes(server);

const invalidToken = {
  errorCode: 'E0000011',
  errorSummary: 'Invalid token provided',
  errorLink: 'E0000011',
  errorCauses: [],
};
const forbidden = { errorCode: 'E0000006', errorSummary: 'You do not have permission to perform the requested action' };

/** An application of the org server that may ask for these scopes, and somebody who may use it. */
async function clientWith(scopes: string[], user: Person & { id: string }): Promise<OAuthClient> {
  const app = await makeApplication(admin);
  await admin.post(`/api/v1/apps/${app.id}/users`, { id: user.id, scope: 'USER' });
  for (const scopeId of scopes) await admin.post(`/api/v1/apps/${app.id}/grants`, { scopeId, issuer: server.url });
  return {
    issuer: server.url,
    clientId: app.credentials.oauthClient.client_id,
    redirectUri: app.settings.oauthClient.redirect_uris[0] ?? '',
    scope: ['openid', ...scopes].join(' '),
  };
}

async function withAccessToken(scopes: string[], roles: string[]) {
  const user = await makeUser(admin);
  for (const type of roles) await admin.post(`/api/v1/users/${user.id}/roles`, { type });
  const client = await clientWith(scopes, user);
  const { access_token } = await tokensFor(newUserAgent(server), client, user);
  return { user, token: access_token, api: managementApi(server, `Bearer ${access_token}`) };
}

describe('without a good token', () => {
  test('every route that is not public answers 401 E0000011, whatever is sent', async () => {
    const guarded = routes.filter(({ isPublic }) => !isPublic);
    expect(guarded.length).toBeGreaterThan(60);
    for (const { method, path } of guarded) {
      const answer = await managementApi(server, null).request(method, path);
      // One asks for the cookie of a session instead of a token.
      const refusal = path.startsWith('/api/v1/users/me/') ? [403, 'E0000005'] : [401, 'E0000011'];
      expect([answer.status, answer.body.errorCode], `${method} ${path}`).toEqual(refusal);
    }
  });

  test.each([
    ['an unknown SSWS token', `SSWS 00${'x'.repeat(40)}`],
    ['the token without its last character', `SSWS ${server.apiToken.slice(0, -1)}`],
    ['the token as a bearer token', `Bearer ${server.apiToken}`],
    ['the token as Basic', `Basic ${Buffer.from(`${server.apiToken}:`).toString('base64')}`],
    ['two tokens', `SSWS ${server.apiToken}, SSWS ${server.apiToken}`],
    ['the token alone', server.apiToken],
    ['nothing after the scheme', 'SSWS '],
    ['a made-up JWT', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.'],
  ])('%s is refused', async (_, authorization) => {
    const answer = await managementApi(server, authorization).request('GET', '/api/v1/users');
    expect(answer.status).toBe(401);
    expect(answer.body).toMatchObject(invalidToken);
    expect(answer.body.errorId).toMatch(/^oae[\w-]{22}$/);
  });

  test('the scheme of an API token may be written in any case', async () => {
    expect((await managementApi(server, `ssws ${server.apiToken}`).request('GET', '/api/v1/org')).status).toBe(200);
  });
});

describe('an access token of the org server', () => {
  test('opens what its scope says, for a person with the role', async () => {
    const { api } = await withAccessToken(['okta.groups.manage'], ['SUPER_ADMIN']);
    const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Readers') } });
    expect(await api.get<Group>(`/api/v1/groups/${group.id}`)).toMatchObject({ id: group.id });
  });

  test('shows the settings of applications to nobody without their scope, also on the way over a group', async () => {
    const group = await admin.post<{ id: string }>('/api/v1/groups', { profile: { name: unique('Team') } });
    const path = `/api/v1/groups/${group.id}/apps`;
    const narrow = await withAccessToken(['okta.groups.read'], ['SUPER_ADMIN']);
    const { status, headers } = await narrow.api.request('GET', path);
    expect(status).toBe(403);
    expect(headers.get('www-authenticate')).toContain('scope="okta.apps.read"');
    const wide = await withAccessToken(['okta.groups.read', 'okta.apps.read'], ['SUPER_ADMIN']);
    expect((await wide.api.request('GET', path)).status).toBe(200);
  });

  test('opens nothing beyond its scope, and says which one is needed', async () => {
    const { api } = await withAccessToken(['okta.groups.read'], ['SUPER_ADMIN']);
    expect((await api.request('GET', '/api/v1/groups')).status).toBe(200);
    for (const [method, path, scope] of [
      ['POST', '/api/v1/groups', 'okta.groups.manage'],
      ['GET', '/api/v1/users', 'okta.users.read'],
    ] as const) {
      const answer = await api.request(method, path, method === 'GET' ? undefined : {});
      expect(answer.status).toBe(403);
      expect(answer.body).toMatchObject(forbidden);
      const challenge = answer.headers.get('www-authenticate') ?? '';
      expect(challenge).toMatch(/^Bearer /);
      expect(challenge).toContain('error="insufficient_scope"');
      expect(challenge).toContain(`scope="${scope}"`);
    }
  });

  test('opens nothing for a person without the role', async () => {
    const { api } = await withAccessToken(['okta.users.read'], []);
    const answer = await api.request('GET', '/api/v1/users');
    expect(answer.status).toBe(403);
    expect(answer.body).toMatchObject(forbidden);
  });

  test('names its person as the actor in the System Log', async () => {
    const { api, user } = await withAccessToken(['okta.groups.manage'], ['SUPER_ADMIN']);
    const { id } = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Readers') } });
    const [event] = await admin.get<{ actor: { id: string; type: string } }[]>(
      `/api/v1/logs?filter=${encodeURIComponent(`eventType eq "group.lifecycle.create" and target.id eq "${id}"`)}`,
    );
    expect(event?.actor).toMatchObject({ id: user.id, type: 'User' });
  });

  test('is worth nothing once its person is suspended or loses the role', async () => {
    const { api, user } = await withAccessToken(['okta.users.read'], ['READ_ONLY_ADMIN']);
    expect((await api.request('GET', '/api/v1/users')).status).toBe(200);
    const [role] = await admin.get<{ id: string }[]>(`/api/v1/users/${user.id}/roles`);
    await admin.delete(`/api/v1/users/${user.id}/roles/${role?.id}`);
    expect((await api.request('GET', '/api/v1/users')).status).toBe(403);
    await admin.post(`/api/v1/users/${user.id}/lifecycle/suspend`);
    const answer = await api.request('GET', '/api/v1/users');
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });
});

test('an access token of a custom server is not meant for this API', async () => {
  const guide = await followGuide(server, { audience: server.url });
  await admin.post(`/api/v1/users/${guide.user.id}/roles`, { type: 'SUPER_ADMIN' });
  await admin.post(`/api/v1/authorizationServers/${guide.authorizationServer.id}/scopes`, { name: 'users' });
  const { access_token } = await tokensFor(newUserAgent(server), guide, guide.user);
  const answer = await managementApi(server, `Bearer ${access_token}`).request('GET', '/api/v1/users');
  expect(answer.status).toBe(401);
  expect(answer.body).toMatchObject(invalidToken);
  expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
});

test('neither an ID token nor a refresh token is an access token', async () => {
  const guide = await followGuide(server);
  const tokens = await tokensFor(newUserAgent(server), guide, guide.user);
  for (const token of [tokens.id_token, tokens.refresh_token])
    expect((await managementApi(server, `Bearer ${token}`).request<ApiError>('GET', '/api/v1/users')).status).toBe(401);
});

test('a signed-in administrator’s cookie alone opens nothing', async () => {
  const agent = newUserAgent(server);
  await agent.signIn('/', server.admin);
  expect(agent.cookies.has('idx')).toBe(true);
  const response = await agent.send(`${server.url}/api/v1/users`);
  expect(response.status).toBe(401);
});

describe('an administrator of less than everything', async () => {
  const superAdmin = await makeUser(admin);
  await admin.post(`/api/v1/users/${superAdmin.id}/roles`, { type: 'SUPER_ADMIN' });
  const powerful = await admin.post<Group>('/api/v1/groups', { profile: { name: unique('Powerful') } });
  await admin.post(`/api/v1/groups/${powerful.id}/roles`, { type: 'SUPER_ADMIN' });
  const helper = await withAccessToken(
    ['okta.users.manage', 'okta.groups.manage', 'okta.roles.manage'],
    ['USER_ADMIN'],
  );

  test.each([
    ['takes over no super administrator’s password', 'PUT', `/api/v1/users/${superAdmin.id}`],
    [
      'resets no super administrator',
      'POST',
      `/api/v1/users/${superAdmin.id}/lifecycle/reset_password?sendEmail=false`,
    ],
    [
      'expires no super administrator',
      'POST',
      `/api/v1/users/${superAdmin.id}/lifecycle/expire_password?tempPassword=true`,
    ],
    ['suspends no super administrator', 'POST', `/api/v1/users/${superAdmin.id}/lifecycle/suspend`],
    ['deletes no super administrator', 'DELETE', `/api/v1/users/${superAdmin.id}`],
    ['joins no group that holds a role', 'PUT', `/api/v1/groups/${powerful.id}/users/${helper.user.id}`],
    ['gives themselves no role', 'POST', `/api/v1/users/${helper.user.id}/roles`],
  ])('%s', async (_, method, path) => {
    const profile = { login: superAdmin.login, email: superAdmin.login, firstName: 'Ada', lastName: 'L' };
    const body = path.endsWith('/roles')
      ? { type: 'SUPER_ADMIN' }
      : { profile, credentials: { password: { value: 'Taken-over-9-now' } } };
    const answer = await helper.api.request(method, path, method === 'DELETE' ? undefined : body);
    expect([answer.status, answer.body.errorCode]).toEqual([403, 'E0000006']);
  });

  test('makes nobody a member of a group that holds a role', async () => {
    const login = `${unique('mole').replace(' ', '-')}@example.com`;
    const answer = await helper.api.request('POST', '/api/v1/users', {
      profile: { login, email: login, firstName: 'M', lastName: 'M' },
      groupIds: [powerful.id],
    });
    expect(answer.status).toBe(403);
    expect((await admin.request('GET', `/api/v1/users/${login}`)).status).toBe(404);
  });

  test('still administers everybody else', async () => {
    const user = await makeUser(admin);
    expect((await helper.api.request('POST', `/api/v1/users/${user.id}/lifecycle/suspend`)).status).toBe(200);
  });

  test('leaves the super administrator able to sign in', async () => {
    const agent = newUserAgent(server);
    await agent.signIn('/', superAdmin);
    expect(agent.cookies.has('idx')).toBe(true);
  });
});

describe('a role with targets', () => {
  const newGroup = () => admin.post<Group>('/api/v1/groups', { profile: { name: unique('Target') } });
  const scopes = ['okta.users.manage', 'okta.groups.manage', 'okta.apps.manage', 'okta.logs.read', 'okta.schemas.read'];

  async function limited(type: string, targets: string[]) {
    const caller = await withAccessToken(scopes, [type]);
    const [role] = await admin.get<{ id: string }[]>(`/api/v1/users/${caller.user.id}/roles`);
    for (const target of targets)
      await admin.put(`/api/v1/users/${caller.user.id}/roles/${role?.id}/targets/${target}`);
    const status = async (method: string, path: string, body?: object) =>
      (await caller.api.request(method, path, body)).status;
    const ids = async (path: string) => (await caller.api.get<{ id: string }[]>(path)).map(({ id }) => id);
    return { ...caller, status, ids };
  }

  test('for groups opens their people and nobody else, whatever the request', async () => {
    const [mine, other, inside, outside] = [
      await newGroup(),
      await newGroup(),
      await makeUser(admin),
      await makeUser(admin),
    ];
    await admin.put(`/api/v1/groups/${mine.id}/users/${inside.id}`);
    const { status, ids } = await limited('USER_ADMIN', [`groups/${mine.id}`]);
    expect(await ids('/api/v1/users')).toEqual([inside.id]);
    expect(await ids(`/api/v1/users?search=${encodeURIComponent('status eq "ACTIVE"')}`)).toEqual([inside.id]);
    expect(await ids('/api/v1/groups')).toEqual([mine.id]);
    expect(await status('POST', `/api/v1/users/${inside.id}`, { profile: { nickName: 'Ada' } })).toBe(200);
    expect(await status('GET', `/api/v1/users/${encodeURIComponent(inside.login)}/groups`)).toBe(200);
    for (const [method, path, body] of [
      ['GET', `/api/v1/users/${outside.id}`],
      ['GET', `/api/v1/users/${encodeURIComponent(outside.login)}`],
      ['GET', '/api/v1/users/me'],
      ['POST', `/api/v1/users/${outside.id}`, { profile: { nickName: 'Eve' } }],
      ['POST', `/api/v1/users/${outside.id}/lifecycle/suspend`],
      ['PUT', `/api/v1/groups/${mine.id}/users/${outside.id}`],
      ['PUT', `/api/v1/groups/${other.id}/users/${inside.id}`],
      ['GET', `/api/v1/groups/${other.id}/users`],
      ['DELETE', `/api/v1/groups/${other.id}`],
      ['POST', '/api/v1/groups', { profile: { name: unique('Own') } }],
      ['GET', '/api/v1/groups/rules'],
      ['GET', `/api/v1/groups/${mine.id}/apps`],
      ['GET', '/api/v1/logs'],
      ['GET', '/api/v1/apps'],
    ] as const)
      expect(await status(method, path, body), `${method} ${path}`).toBe(403);
    expect(await status('GET', '/api/v1/meta/schemas/user/default')).toBe(200);
    const newcomer = (groupIds: string[]) => {
      const login = `${unique('new').replaceAll(' ', '-')}@example.com`;
      return { profile: { login, email: login, firstName: 'New', lastName: 'Comer' }, groupIds };
    };
    expect(await status('POST', '/api/v1/users', newcomer([mine.id]))).toBe(200);
    for (const groupIds of [[], [other.id], [mine.id, other.id]])
      expect(await status('POST', '/api/v1/users', newcomer(groupIds)), groupIds.join()).toBe(403);
  });

  test('stays limited when its last target is deleted', async () => {
    const [mine, ada] = [await newGroup(), await makeUser(admin)];
    const { status, ids } = await limited('HELP_DESK_ADMIN', [`groups/${mine.id}`]);
    await admin.delete(`/api/v1/groups/${mine.id}`);
    expect([await ids('/api/v1/users'), await status('GET', `/api/v1/users/${ada.id}`)]).toEqual([[], 403]);
  });

  test('for memberships lets its holder take people in, since it does not change them', async () => {
    const [mine, ada] = [await newGroup(), await makeUser(admin)];
    const { status } = await limited('GROUP_MEMBERSHIP_ADMIN', [`groups/${mine.id}`]);
    expect(await status('PUT', `/api/v1/groups/${mine.id}/users/${ada.id}`)).toBe(204);
    expect(await status('POST', `/api/v1/users/${ada.id}`, { profile: { nickName: 'Ada' } })).toBe(403);
  });

  test('for applications opens these, by name or one by one', async () => {
    const bookmark = async () => {
      const settings = { app: { requestIntegration: false, url: 'https://example.com/' } };
      const body = { name: 'bookmark', label: unique('Bookmark'), signOnMode: 'BOOKMARK', settings };
      return (await admin.post<{ id: string }>('/api/v1/apps', body)).id;
    };
    const [one, two, client] = [await bookmark(), await bookmark(), (await makeApplication(admin)).id];
    const single = await limited('APP_ADMIN', [`catalog/apps/bookmark/${one}`]);
    expect(await single.ids('/api/v1/apps')).toEqual([one]);
    const statuses = async ({ status }: typeof single) => [
      await status('GET', `/api/v1/apps/${one}`),
      await status('GET', `/api/v1/apps/${two}/users`),
      await status('POST', `/api/v1/apps/${client}/lifecycle/deactivate`),
      await status('GET', '/oauth2/v1/clients'),
      await status('GET', '/api/v1/users'),
    ];
    expect(await statuses(single)).toEqual([200, 403, 403, 403, 200]);
    const named = await limited('APP_ADMIN', ['catalog/apps/bookmark']);
    expect(await statuses(named)).toEqual([200, 200, 403, 403, 200]);
  });

  test('does not narrow what another role opens whole', async () => {
    const [mine, ada] = [await newGroup(), await makeUser(admin)];
    const { user, status } = await limited('HELP_DESK_ADMIN', [`groups/${mine.id}`]);
    expect(await status('GET', `/api/v1/users/${ada.id}`)).toBe(403);
    await admin.post(`/api/v1/users/${user.id}/roles`, { type: 'READ_ONLY_ADMIN' });
    expect(await status('GET', `/api/v1/users/${ada.id}`)).toBe(200);
    expect(await status('POST', `/api/v1/users/${ada.id}`, { profile: { nickName: 'Ada' } })).toBe(403);
  });
});
