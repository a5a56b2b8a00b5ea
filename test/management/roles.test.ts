// Administrator roles of users, groups and clients: contract 4.15.
import { describe, expect, test } from 'vitest';
import { makeApplication, makeUser, unique } from '../support/guide.ts';
import { type Group, managementApi } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);

type Role = { id: string; type: string; label: string; assignmentType: string; _links: { assignee: { href: string } } };

test('a role is assigned with 201 and shown with its label, status and holder', async () => {
  const user = await makeUser(api);
  const answer = await api.request<Role>('POST', `/api/v1/users/${user.id}/roles`, { type: 'APP_ADMIN' });
  expect(answer.status).toBe(201);
  expect(Object.keys(answer.body)).toEqual([
    'id',
    'label',
    'type',
    'status',
    'created',
    'lastUpdated',
    'assignmentType',
    '_links',
  ]);
  expect(answer.body).toMatchObject({
    // The id of a user's standard role is the same for every user: its type in base 32.
    id: 'IFIFAX2BIRGUSTQ',
    label: 'Application Administrator',
    type: 'APP_ADMIN',
    status: 'ACTIVE',
    assignmentType: 'USER',
    _links: { assignee: { href: `${server.url}/api/v1/users/${user.id}` } },
  });
  expect(await api.get(`/api/v1/users/${user.id}/roles`)).toEqual([answer.body]);
  expect(await api.get(`/api/v1/users/${user.id}/roles/IFIFAX2BIRGUSTQ`)).toEqual(answer.body);
});

test('the same role twice is refused with 409 E0000090', async () => {
  const user = await makeUser(api);
  await api.post(`/api/v1/users/${user.id}/roles`, { type: 'APP_ADMIN' });
  const again = await api.request('POST', `/api/v1/users/${user.id}/roles`, { type: 'APP_ADMIN' });
  expect([again.status, again.body.errorCode]).toEqual([409, 'E0000090']);
});

test('a role is taken away with 204, and then there is none to take', async () => {
  const user = await makeUser(api);
  const { id } = await api.post<Role>(`/api/v1/users/${user.id}/roles`, { type: 'APP_ADMIN' });
  expect((await api.request('DELETE', `/api/v1/users/${user.id}/roles/${id}`)).status).toBe(204);
  const again = await api.request('DELETE', `/api/v1/users/${user.id}/roles/${id}`);
  expect([again.status, again.body.errorSummary]).toEqual([
    404,
    `Not found: Resource not found: ${id} (RoleAssignment)`,
  ]);
});

test('a role that does not exist, or for nobody, is refused', async () => {
  const user = await makeUser(api);
  expect((await api.request('POST', `/api/v1/users/${user.id}/roles`, { type: 'EMPEROR' })).body.errorCode).toBe(
    'E0000001',
  );
  expect((await api.request('POST', `/api/v1/users/${user.id}/roles`, {})).body.errorCode).toBe('E0000001');
  const nobody = await api.request('POST', '/api/v1/users/00u00000000000000000/roles', { type: 'APP_ADMIN' });
  expect([nobody.status, nobody.body.errorCode]).toEqual([404, 'E0000007']);
});

test('a role given to a group shows among those of its members, as the group’s', async () => {
  const user = await makeUser(api);
  const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Helpers') } });
  const role = await api.post<Role>(`/api/v1/groups/${group.id}/roles`, { type: 'HELP_DESK_ADMIN' });
  // As a user's: a role that may have targets is known by its type.
  expect(role.id).toBe('JBCUYUC7IRCVGS27IFCE2SKO');
  expect((await api.post<Role>(`/api/v1/groups/${group.id}/roles`, { type: 'READ_ONLY_ADMIN' })).id).toMatch(/^gra/);
  await api.put(`/api/v1/groups/${group.id}/users/${user.id}`);
  const [held] = await api.get<Role[]>(`/api/v1/users/${user.id}/roles`);
  expect(held).toMatchObject({ type: 'HELP_DESK_ADMIN', assignmentType: 'GROUP' });
  expect(held?._links.assignee.href).toBe(`${server.url}/api/v1/groups/${group.id}`);
  await api.delete(`/api/v1/groups/${group.id}/roles/${role.id}`);
  const left = await api.get<Role[]>(`/api/v1/users/${user.id}/roles`);
  expect(left.map(({ type }) => type)).toEqual(['READ_ONLY_ADMIN']);
});

test('a client holds roles too', async () => {
  const app = await makeApplication(api);
  const clientId = app.credentials.oauthClient.client_id;
  const role = await api.post<Role>(`/oauth2/v1/clients/${clientId}/roles`, { type: 'READ_ONLY_ADMIN' });
  expect(role.assignmentType).toBe('CLIENT');
  expect(await api.get(`/oauth2/v1/clients/${clientId}/roles`)).toEqual([role]);
  expect((await api.request('GET', '/oauth2/v1/clients/0oa00000000000000000/roles')).status).toBe(404);
});

test('the list of administrators names each holder: people, groups with how many they are, and clients', async () => {
  type Administrator = Role & { holder: { kind: string; id: string; name: string; members: number | null } };
  const user = await makeUser(api);
  const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Auditors') } });
  await api.put(`/api/v1/groups/${group.id}/users/${user.id}`);
  const role = await api.post<Role>(`/api/v1/groups/${group.id}/roles`, { type: 'READ_ONLY_ADMIN' });
  const own = await api.post<Role>(`/api/v1/users/${user.id}/roles`, { type: 'APP_ADMIN' });
  const custom = await api.post<{ id: string; label: string }>('/api/v1/iam/roles', {
    label: unique('Desk'),
    description: 'Looks after people',
    permissions: ['okta.users.read'],
  });
  const set = await api.post<{ id: string; label: string }>('/api/v1/iam/resource-sets', {
    label: unique('Everybody'),
    description: 'All people',
    resources: [`${server.url}/api/v1/users`],
  });
  const given = await api.post<Role>(`/api/v1/users/${user.id}/roles`, {
    type: 'CUSTOM',
    role: custom.id,
    'resource-set': set.id,
  });
  const all = await api.get<Administrator[]>('/api/v1/administrators?limit=200');
  const of = (id: string) => all.filter(({ holder }) => holder.id === id);
  expect(of(group.id)).toEqual([
    {
      ...role,
      limited: false,
      resourceSet: null,
      holder: { kind: 'GROUP', id: group.id, name: group.profile.name, login: null, status: null, members: 1 },
    },
  ]);
  expect(of(user.id)).toMatchObject([
    { id: given.id, label: custom.label, type: 'CUSTOM', resourceSet: { id: set.id, label: set.label } },
    { id: own.id, type: 'APP_ADMIN', holder: { kind: 'USER', login: user.login, status: 'ACTIVE', members: null } },
  ]);
  const pages = [];
  for (let path: string | null = '/api/v1/administrators?limit=1'; path !== null; ) {
    const answer: { body: Administrator[]; headers: Headers } = await api.request('GET', path);
    pages.push(...answer.body);
    path = /<([^>]+)>; *rel="next"/.exec(answer.headers.get('link') ?? '')?.[1]?.replace(server.url, '') ?? null;
  }
  expect(pages).toEqual(all);
});

describe('targets of a role', () => {
  const newGroup = () => api.post<Group>('/api/v1/groups', { profile: { name: unique('Target') } });

  test.each(['users', 'groups', 'clients'])('of %s are groups for some roles, applications for one', async (kind) => {
    const app = await makeApplication(api);
    const holder = {
      users: async () => `/api/v1/users/${(await makeUser(api)).id}`,
      groups: async () => `/api/v1/groups/${(await newGroup()).id}`,
      clients: async () => `/oauth2/v1/clients/${(await makeApplication(api)).credentials.oauthClient.client_id}`,
    }[kind];
    const path = `${await holder?.()}/roles`;
    const [help, apps] = [
      await api.post<Role>(path, { type: 'HELP_DESK_ADMIN' }),
      await api.post<Role>(path, { type: 'APP_ADMIN' }),
    ];
    const groups = [await newGroup(), await newGroup()];
    const listed = async (role: Role, what: string) =>
      (await api.get<{ id?: string; name: string }[]>(`${path}/${role.id}/targets/${what}`)).map(
        (one) => one.id ?? one.name,
      );
    expect([await listed(help, 'groups'), await listed(apps, 'catalog/apps')]).toEqual([[], []]);
    for (const { id } of groups)
      expect((await api.request('PUT', `${path}/${help.id}/targets/groups/${id}`)).status).toBe(204);
    expect(await listed(help, 'groups')).toEqual(groups.map(({ id }) => id));
    await api.delete(`${path}/${help.id}/targets/groups/${groups[0]?.id}`);
    const last = await api.request('DELETE', `${path}/${help.id}/targets/groups/${groups[1]?.id}`);
    expect([last.status, last.body.errorCode]).toEqual([400, 'E0000001']);
    expect((await api.request('DELETE', `${path}/${help.id}/targets/groups/${groups[0]?.id}`)).status).toBe(404);
    await api.put(`${path}/${apps.id}/targets/catalog/apps/bookmark`);
    await api.put(`${path}/${apps.id}/targets/catalog/apps/oidc_client/${app.id}`);
    expect(await listed(apps, 'catalog/apps')).toEqual(['bookmark', app.id]);
    await api.put(`${path}/${apps.id}/targets/catalog/apps/oidc_client`);
    expect(await listed(apps, 'catalog/apps')).toEqual(['bookmark', 'oidc_client']);
    for (const wrong of [
      `${apps.id}/targets/groups/${groups[0]?.id}`,
      `${help.id}/targets/catalog/apps/bookmark`,
      `${help.id}/targets/groups/00gNOWHERE`,
      `${apps.id}/targets/catalog/apps/bookmark/${app.id}`,
      `ra1NOWHERE/targets/groups/${groups[0]?.id}`,
    ])
      expect([400, 404], wrong).toContain((await api.request('PUT', `${path}/${wrong}`)).status);
    expect((await api.request('DELETE', `${path}/${help.id}`)).status).toBe(204);
  });

  test('of a user are listed together, and taken away for all applications', async () => {
    const { id } = await makeUser(api);
    const role = await api.post<Role>(`/api/v1/users/${id}/roles`, { type: 'APP_ADMIN' });
    const path = `/api/v1/users/${id}/roles/${role.id}/targets`;
    await api.put(`${path}/catalog/apps/bookmark`);
    expect(await api.get(path)).toMatchObject([
      { assignmentType: 'USER', expiration: null, orn: expect.stringMatching(/:apps:bookmark$/) },
    ]);
    expect((await api.request('PUT', `${path}/catalog/apps`)).status).toBe(200);
    expect(await api.get(path)).toEqual([]);
  });
});

test('who holds a role, directly or by a group, is listed in pages', async () => {
  const [own, byGroup, none] = [await makeUser(api), await makeUser(api), await makeUser(api)];
  await api.post(`/api/v1/users/${own.id}/roles`, { type: 'REPORT_ADMIN' });
  const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Helpers') } });
  await api.post(`/api/v1/groups/${group.id}/roles`, { type: 'REPORT_ADMIN' });
  await api.put(`/api/v1/groups/${group.id}/users/${byGroup.id}`);
  type Page = { value: { id: string; orn: string }[]; _links?: { next: { href: string } } };
  const ids: string[] = [];
  for (let path: string | undefined = '/api/v1/iam/assignees/users?limit=1'; path !== undefined; ) {
    const page: Page = await api.get<Page>(path);
    expect(page.value).toHaveLength(1);
    ids.push(...page.value.map(({ id }) => id));
    path = page._links?.next.href.replace(server.url, '');
  }
  expect(ids).toEqual(expect.arrayContaining([own.id, byGroup.id]));
  expect(ids).not.toContain(none.id);
});

describe('the rights of an API token', () => {
  test('are those of its owner, whose login may be used in place of the id', async () => {
    const roles = await api.get<Role[]>(`/api/v1/users/${encodeURIComponent(server.admin.login)}/roles`);
    expect(roles.map(({ type }) => type)).toEqual(['SUPER_ADMIN']);
    const [token] = await api.get<{ userId: string }[]>('/api/v1/api-tokens');
    expect(roles[0]?._links.assignee.href).toContain(token?.userId);
  });
});

describe('the last super administrator', () => {
  const summary = 'Api validation failed: roles';

  test('can neither give the role up nor be suspended, deactivated or deleted', async () => {
    const login = encodeURIComponent(server.admin.login);
    const [role] = await api.get<Role[]>(`/api/v1/users/${login}/roles`);
    const attempts = [
      await api.request('DELETE', `/api/v1/users/${login}/roles/${role?.id}`),
      await api.request('POST', `/api/v1/users/${login}/lifecycle/suspend`),
      await api.request('POST', `/api/v1/users/${login}/lifecycle/deactivate`),
      await api.request('DELETE', `/api/v1/users/${login}`),
    ];
    expect(attempts.map(({ status, body }) => [status, body.errorSummary])).toEqual(attempts.map(() => [400, summary]));
    expect(JSON.stringify(attempts[0]?.body)).toContain('no active super administrator');
    expect(await api.get(`/api/v1/users/${login}`)).toMatchObject({ status: 'ACTIVE' });
  });

  test('is left, when all of them are taken away at the same moment', async () => {
    const admin = await api.get<{ id: string }>(`/api/v1/users/${encodeURIComponent(server.admin.login)}`);
    const others = [await makeUser(api), await makeUser(api), await makeUser(api)];
    for (const { id } of others) await api.post(`/api/v1/users/${id}/roles`, { type: 'SUPER_ADMIN' });
    const all = [...others, admin];
    await Promise.all(all.map(({ id }) => api.request('POST', `/api/v1/users/${id}/lifecycle/suspend`)));
    // Whose token this is may be suspended too, so the answers say little: what counts is who can still sign in.
    const credentials = [
      ...others.map(({ login, password }) => ({ username: login, password })),
      {
        username: server.admin.login,
        password: server.admin.password,
      },
    ];
    const signIns = await Promise.all(
      credentials.map((body) => api.request<{ status: string }>('POST', '/api/v1/authn', body)),
    );
    expect(signIns.map(({ status }) => status)).toContain(200);
  });
});
