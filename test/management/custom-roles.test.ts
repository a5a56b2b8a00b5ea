// Custom administrator roles over resource sets, by the unmodified SDK where it has a method, and what they open and do not.
import sdk from '@okta/okta-sdk-nodejs';
import { describe, expect, test } from 'vitest';
import { makeApplication, makeUser, unique } from '../support/guide.ts';
import { type Group, managementApi } from '../support/management-api.ts';
import { tokensFor } from '../support/oauth.ts';
import { serverOfThisFile } from '../support/server.ts';
import { newUserAgent } from '../support/user-agent.ts';

const server = await serverOfThisFile();
const admin = managementApi(server);
const okta = new sdk.Client({ orgUrl: server.url, token: server.apiToken });

type Named = { id: string; label: string };
type Role = { id: string; type: string; label: string; role?: string; 'resource-set'?: string; assignmentType: string };

const url = (path: string) => `${server.url}/api/v1/${path}`;

async function makeRole(permissions: string[]): Promise<Named> {
  return admin.post('/api/v1/iam/roles', { label: unique('Role'), description: 'A role', permissions });
}

async function makeSet(resources: string[]): Promise<Named> {
  return admin.post('/api/v1/iam/resource-sets', { label: unique('Set'), description: 'A set', resources });
}

async function bind(set: Named, role: Named, members: string[]): Promise<void> {
  await admin.post(`/api/v1/iam/resource-sets/${set.id}/bindings`, { role: role.id, members });
}

/** Somebody with an access token of these scopes; what roles allow is another matter. */
async function somebody(scopes: string[]) {
  const user = await makeUser(admin);
  const app = await makeApplication(admin);
  await admin.post(`/api/v1/apps/${app.id}/users`, { id: user.id, scope: 'USER' });
  for (const scopeId of scopes) await admin.post(`/api/v1/apps/${app.id}/grants`, { scopeId, issuer: server.url });
  const client = {
    issuer: server.url,
    clientId: app.credentials.oauthClient.client_id,
    redirectUri: app.settings.oauthClient.redirect_uris[0] ?? '',
    scope: ['openid', ...scopes].join(' '),
  };
  const { access_token } = await tokensFor(newUserAgent(server), client, user);
  return { user, api: managementApi(server, `Bearer ${access_token}`) };
}

describe('the SDK', () => {
  test('makes, reads, renames and deletes a role and its permissions', async () => {
    const label = unique('Helper');
    const made = await okta.customRoleApi.createRole({
      instance: { label, description: 'Helps', permissions: ['okta.users.read', 'okta.groups.read'] },
    });
    const roleIdOrLabel = String(made.id);
    expect(roleIdOrLabel).toMatch(/^cr0/);
    expect(await okta.customRoleApi.getRole({ roleIdOrLabel: label })).toMatchObject({ id: roleIdOrLabel, label });
    const renamed = { label: unique('Renamed'), description: 'Helps more' };
    expect(await okta.customRoleApi.replaceRole({ roleIdOrLabel, instance: renamed })).toMatchObject(renamed);
    const permissionType = 'okta.users.manage';
    await okta.customRoleApi.createRolePermission({ roleIdOrLabel, permissionType });
    await okta.customRoleApi.deleteRolePermission({ roleIdOrLabel, permissionType: 'okta.groups.read' });
    const { permissions } = await okta.customRoleApi.listRolePermissions({ roleIdOrLabel });
    expect(permissions?.map((one) => one.label)).toEqual(['okta.users.read', permissionType]);
    expect(await okta.customRoleApi.getRolePermission({ roleIdOrLabel, permissionType })).toMatchObject({
      label: permissionType,
    });
    const { roles } = await okta.customRoleApi.listRoles({});
    expect(roles?.some(({ id }) => id === roleIdOrLabel)).toBe(true);
    await okta.customRoleApi.deleteRole({ roleIdOrLabel });
    await expect(okta.customRoleApi.getRole({ roleIdOrLabel })).rejects.toMatchObject({ status: 404 });
  });

  test('makes a set, binds people to a role over it, and takes all of it back', async () => {
    const role = await makeRole(['okta.users.read']);
    const user = await makeUser(admin);
    const group = await admin.post<Group>('/api/v1/groups', { profile: { name: unique('Bound') } });
    const instance = { label: unique('People'), description: 'All', resources: [url('users')] };
    const { id } = await okta.resourceSetApi.createResourceSet({ instance });
    const resourceSetId = String(id);
    await okta.resourceSetApi.addResourceSetResources({ resourceSetId, instance: { additions: [url('groups')] } });
    const { resources = [] } = await okta.resourceSetApi.listResourceSetResources({ resourceSetId });
    expect(resources.map(({ orn }) => orn?.replace(/:00o\w+:/, ':ORG:'))).toEqual([
      'orn:okta:directory:ORG:users',
      'orn:okta:directory:ORG:groups',
    ]);
    await okta.resourceSetApi.deleteResourceSetResource({ resourceSetId, resourceId: String(resources[1]?.id) });
    const roleIdOrLabel = role.id;
    await okta.resourceSetApi.createResourceSetBinding({
      resourceSetId,
      instance: { role: role.id, members: [url(`users/${user.id}`)] },
    });
    await okta.resourceSetApi.addMembersToBinding({
      resourceSetId,
      roleIdOrLabel,
      instance: { additions: [url(`groups/${group.id}`), url(`users/${user.id}`)] },
    });
    const { members = [] } = await okta.resourceSetApi.listMembersOfBinding({ resourceSetId, roleIdOrLabel });
    expect(members).toHaveLength(2);
    const { roles = [] } = await okta.resourceSetApi.listBindings({ resourceSetId });
    expect(roles.map((one) => one.id)).toEqual([role.id]);
    const [held] = await admin.get<Role[]>(`/api/v1/users/${user.id}/roles`);
    expect(held).toMatchObject({
      id: members[0]?.id,
      type: 'CUSTOM',
      label: role.label,
      role: role.id,
      'resource-set': resourceSetId,
      assignmentType: 'USER',
    });
    const whileHeld = await admin.request('DELETE', `/api/v1/iam/roles/${role.id}`);
    expect([whileHeld.status, whileHeld.body.errorCode]).toEqual([403, 'E0000006']);
    for (const { id } of members)
      await okta.resourceSetApi.unassignMemberFromBinding({ resourceSetId, roleIdOrLabel, memberId: String(id) });
    expect(await admin.get(`/api/v1/users/${user.id}/roles`)).toEqual([]);
    await expect(okta.resourceSetApi.getBinding({ resourceSetId, roleIdOrLabel })).rejects.toMatchObject({
      status: 404,
    });
    await okta.resourceSetApi.deleteResourceSet({ resourceSetId });
    await admin.delete(`/api/v1/iam/roles/${role.id}`);
  });
});

test('lists come in pages, each with the address of the next', async () => {
  for (let number = 0; number < 3; number++) await makeRole(['okta.users.read']);
  type List = { roles: Named[]; _links: { next?: { href: string } } };
  const all = (await admin.get<List>('/api/v1/iam/roles')).roles.map(({ id }) => id);
  const walked: string[] = [];
  let path: string | undefined = '/api/v1/iam/roles?limit=2';
  while (path !== undefined) {
    const page: List = await admin.get<List>(path);
    expect(page.roles.length).toBeLessThanOrEqual(2);
    walked.push(...page.roles.map(({ id }) => id));
    path = page._links.next?.href.slice(server.url.length);
  }
  expect(walked).toEqual(all);
});

test('a role given at the person shows its set, is given once, and is taken away there too', async () => {
  const [role, set, user] = [await makeRole(['okta.users.read']), await makeSet([url('users')]), await makeUser(admin)];
  const body = { type: 'CUSTOM', role: role.id, 'resource-set': set.id };
  const given = await admin.request<Role>('POST', `/api/v1/users/${user.id}/roles`, body);
  expect([given.status, given.body.type]).toEqual([201, 'CUSTOM']);
  const again = await admin.request('POST', `/api/v1/users/${user.id}/roles`, body);
  expect([again.status, again.body.errorCode]).toEqual([409, 'E0000090']);
  expect(await admin.get(`/api/v1/users/${user.id}/roles/${given.body.id}`)).toEqual(given.body);
  const nameless = await admin.request('POST', `/api/v1/users/${user.id}/roles`, { type: 'CUSTOM' });
  expect([nameless.status, nameless.body.errorCode]).toEqual([400, 'E0000001']);
  expect((await admin.request('DELETE', `/api/v1/users/${user.id}/roles/${given.body.id}`)).status).toBe(204);
  expect(await admin.get(`/api/v1/users/${user.id}/roles`)).toEqual([]);
});

test.each([
  ['roles', { label: '', description: '', permissions: ['okta.users.read'] }],
  ['roles', { label: 'x', description: '', permissions: [] }],
  ['roles', { label: 'x', description: '', permissions: ['everything'] }],
  ['resource-sets', { label: 'x', description: '', resources: [] }],
  ['resource-sets', { label: 'x', description: '', resources: ['https://elsewhere.example/api/v1/users'] }],
  ['resource-sets', { label: 'x', description: '', resources: [`${server.url}/oauth2/default`] }],
])('what makes no sense is refused with 400 E0000001: %s %j', async (path, body) => {
  const answer = await admin.request('POST', `/api/v1/iam/${path}`, body);
  expect([answer.status, answer.body.errorCode]).toEqual([400, 'E0000001']);
});

test('a label is taken once, in any letter case, by two at once too', async () => {
  const label = unique('Twice');
  const body = (label: string) => ({ label, description: 'x', permissions: ['okta.users.read'] });
  const answers = await Promise.all(
    [label, label.toUpperCase()].map((label) => admin.request('POST', '/api/v1/iam/roles', body(label))),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
});

describe('what a custom role opens', () => {
  const scopes = ['okta.users.read', 'okta.users.manage', 'okta.groups.read', 'okta.roles.manage'];

  test('is what its permissions say of a whole kind, at once, until it is taken away', async () => {
    const { user, api } = await somebody(scopes);
    const [role, set] = [await makeRole(['okta.users.manage']), await makeSet([url('users')])];
    expect((await api.request('GET', '/api/v1/users')).status).toBe(403);
    await bind(set, role, [url(`users/${user.id}`)]);
    expect((await api.request('GET', '/api/v1/users')).status).toBe(200);
    expect((await api.request('POST', '/api/v1/users', { profile: {} })).status).toBe(400);
    expect((await api.request('GET', '/api/v1/groups')).status).toBe(403);
    await admin.delete(`/api/v1/iam/resource-sets/${set.id}/bindings/${role.id}`);
    expect((await api.request('GET', '/api/v1/users')).status).toBe(403);
  });

  test('comes by a group, and goes with the membership and with the set', async () => {
    const { user, api } = await somebody(scopes);
    const group = await admin.post<Group>('/api/v1/groups', { profile: { name: unique('Readers') } });
    const [role, set] = [await makeRole(['okta.groups.read']), await makeSet([url('groups')])];
    await bind(set, role, [url(`groups/${group.id}`)]);
    expect((await api.request('GET', '/api/v1/groups')).status).toBe(403);
    await admin.put(`/api/v1/groups/${group.id}/users/${user.id}`);
    expect((await api.request('GET', '/api/v1/groups')).status).toBe(200);
    expect(await admin.get<Role[]>(`/api/v1/users/${user.id}/roles`)).toMatchObject([{ assignmentType: 'GROUP' }]);
    await admin.delete(`/api/v1/iam/resource-sets/${set.id}`);
    expect((await api.request('GET', '/api/v1/groups')).status).toBe(403);
  });

  test('over single groups and applications, and the people of groups, is these and nothing else', async () => {
    const newGroup = () => admin.post<Group>('/api/v1/groups', { profile: { name: unique('Single') } });
    const [mine, led, other] = [await newGroup(), await newGroup(), await newGroup()];
    const [app, foreign] = [await makeApplication(admin), await makeApplication(admin)];
    const [inside, outside] = [await makeUser(admin), await makeUser(admin)];
    await admin.put(`/api/v1/groups/${led.id}/users/${inside.id}`);
    const { user, api } = await somebody(['okta.users.manage', 'okta.groups.manage', 'okta.apps.read']);
    const role = await makeRole(['okta.users.manage', 'okta.groups.manage', 'okta.apps.read']);
    const org = await admin.get<{ id: string }>('/api/v1/org');
    const resources = [
      url(`groups/${led.id}/users`),
      `orn:okta:directory:${org.id}:groups:${mine.id}`,
      url(`apps/${app.id}`),
    ];
    await bind(await makeSet(resources), role, [url(`users/${user.id}`)]);
    const ids = async (path: string) => (await api.get<Named[]>(path)).map(({ id }) => id);
    expect([await ids('/api/v1/users'), await ids('/api/v1/groups'), await ids('/api/v1/apps')]).toEqual([
      [inside.id],
      [mine.id],
      [app.id],
    ]);
    const status = async (method: string, path: string, body?: object) =>
      (await api.request(method, path, body)).status;
    expect(await status('POST', `/api/v1/users/${inside.id}`, { profile: { nickName: 'Ada' } })).toBe(200);
    expect(await status('PUT', `/api/v1/groups/${mine.id}/users/${inside.id}`)).toBe(204);
    for (const [method, path] of [
      ['GET', `/api/v1/users/${outside.id}`],
      ['POST', `/api/v1/users/${outside.id}/lifecycle/suspend`],
      ['PUT', `/api/v1/groups/${mine.id}/users/${outside.id}`],
      ['PUT', `/api/v1/groups/${led.id}/users/${outside.id}`],
      ['GET', `/api/v1/groups/${led.id}`],
      ['DELETE', `/api/v1/groups/${other.id}`],
      ['GET', `/api/v1/apps/${foreign.id}`],
      ['GET', '/api/v1/groups/rules'],
      ['POST', '/api/v1/groups'],
    ] as const)
      expect(await status(method, path), `${method} ${path}`).toBe(403);
  });

  test('is nothing over other single objects, and nothing of another kind', async () => {
    const { user, api } = await somebody(scopes);
    const [role, other] = [await makeRole(['okta.users.manage']), await makeUser(admin)];
    await bind(await makeSet([url(`users/${other.id}`), url('groups'), url('apps')]), role, [url(`users/${user.id}`)]);
    for (const path of ['/api/v1/users', `/api/v1/users/${other.id}`, '/api/v1/groups'])
      expect((await api.request('GET', path)).status, path).toBe(403);
  });

  test('is never the giving of roles, not even with a permission of that name', async () => {
    const { user, api } = await somebody(scopes);
    const role = await makeRole(['okta.roles.manage', 'okta.iam.manage', 'okta.users.manage']);
    await bind(await makeSet([url('users'), url('roles'), url('iam')]), role, [url(`users/${user.id}`)]);
    const self = await api.request('POST', `/api/v1/users/${user.id}/roles`, { type: 'SUPER_ADMIN' });
    expect([self.status, self.body.errorCode]).toEqual([403, 'E0000006']);
    const wider = await api.request('POST', `/api/v1/iam/roles/${role.id}/permissions/okta.apps.manage`);
    expect(wider.status).toBe(403);
  });

  test('does not reach who administers: neither super administrators nor holders of custom roles', async () => {
    const { user, api } = await somebody(scopes);
    const [role, set, other] = [
      await makeRole(['okta.users.manage']),
      await makeSet([url('users')]),
      await makeUser(admin),
    ];
    await bind(set, role, [url(`users/${user.id}`)]);
    const password = { credentials: { password: { value: 'Taken-over-9-Kiln!' } } };
    expect((await api.request('POST', `/api/v1/users/${other.id}`, password)).status).toBe(200);
    const apps = await makeRole(['okta.apps.manage']);
    await bind(await makeSet([url('apps')]), apps, [url(`users/${other.id}`)]);
    for (const target of [other.id, encodeURIComponent(server.admin.login)]) {
      const answer = await api.request('POST', `/api/v1/users/${target}`, password);
      expect([answer.status, answer.body.errorCode], target).toEqual([403, 'E0000006']);
    }
  });

  test('is not to be had by filling a group that holds it', async () => {
    const { user, api } = await somebody(['okta.groups.manage', 'okta.users.read']);
    const [groups, every] = [await makeRole(['okta.groups.manage']), await makeSet([url('groups')])];
    await bind(every, groups, [url(`users/${user.id}`)]);
    const group = await admin.post<Group>('/api/v1/groups', { profile: { name: unique('Powerful') } });
    await bind(await makeSet([url('users')]), await makeRole(['okta.users.manage']), [url(`groups/${group.id}`)]);
    const joined = await api.request('PUT', `/api/v1/groups/${group.id}/users/${user.id}`);
    expect([joined.status, joined.body.errorCode]).toEqual([403, 'E0000006']);
    const byRule = await api.request('POST', '/api/v1/groups/rules', {
      type: 'group_rule',
      name: unique('Rule').slice(0, 50),
      conditions: { expression: { value: 'true', type: 'urn:okta:expression:1.0' } },
      actions: { assignUserToGroups: { groupIds: [group.id] } },
    });
    expect(byRule.status).toBe(400);
  });
});

test('no custom role lets its holders say who vouches for people: they could become anybody', async () => {
  const { user, api } = await somebody(['okta.idps.manage', 'okta.idps.read']);
  const permissions = ['okta.identityProviders.manage', 'okta.identityProviders.read'];
  await bind(await makeSet([url('idps')]), await makeRole(permissions), [url(`users/${user.id}`)]);
  expect((await api.request('GET', '/api/v1/idps')).status).toBe(200);
  const protocol = { credentials: { client: { client_id: 'mine', client_secret: 'mine' } } };
  const given = { type: 'GOOGLE', name: unique('Mine'), protocol };
  expect((await api.request('POST', '/api/v1/idps', given)).status).toBe(403);
});
