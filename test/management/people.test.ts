// People and groups over HTTP, on both databases: what a single answer cannot show (races, lock-out, activation by link, order
// and pages). Shapes member by member are in the unit tests of the routes. Contract sections 4.1, 4.6, 4.7.
import { describe, expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import {
  type Answer,
  type ApiError,
  type Group,
  type LogEvent,
  managementApi,
  type User,
} from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const PASSWORD = 'Correct-horse-7';

const newLogin = () => `${unique('person').replace(' ', '-')}@example.com`;
const newUser = (login = newLogin(), password: string | null = PASSWORD) => ({
  profile: { login, email: login, firstName: 'Pat', lastName: 'Example' },
  ...(password === null ? {} : { credentials: { password: { value: password } } }),
});
const make = (login = newLogin()) => api.post<User>('/api/v1/users', newUser(login));
const statusOf = async (id: string) => (await api.get<User>(`/api/v1/users/${id}`)).status;
const signIn = (username: string, password: string) =>
  api.request<Record<string, unknown>>('POST', '/api/v1/authn', { username, password });

describe('one of many at once', () => {
  test('a login is given once, the others are told why', async () => {
    const login = newLogin();
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => api.request<ApiError>('POST', '/api/v1/users', newUser(login))),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const { status, body } of answers.filter((answer) => answer.status !== 200)) {
      expect([status, body.errorCode, body.errorSummary]).toEqual([400, 'E0000001', 'Api validation failed: login']);
      expect(body.errorCauses).toEqual([
        { errorSummary: 'login: An object with this field already exists in the current organization' },
      ]);
    }
  });

  test('a group name is given once', async () => {
    const body = { profile: { name: unique('Group'), description: '' } };
    const answers = await Promise.all(Array.from({ length: 12 }, () => api.request('POST', '/api/v1/groups', body)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(11).fill(400)]);
  });

  test('profile changes all arrive', async () => {
    const { id } = await make();
    const names = ['title', 'city', 'state', 'nickName', 'division', 'department', 'manager', 'costCenter'];
    await Promise.all(names.map((name) => api.post(`/api/v1/users/${id}`, { profile: { [name]: name } })));
    const { profile } = await api.get<User>(`/api/v1/users/${id}`);
    expect(profile).toMatchObject(Object.fromEntries(names.map((name) => [name, name])));
  });

  test('an activation happens once', async () => {
    const { id } = await api.post<User>('/api/v1/users?activate=false', newUser());
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => api.request('POST', `/api/v1/users/${id}/lifecycle/activate`)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(5).fill(403)]);
    expect(await statusOf(id)).toBe('ACTIVE');
  });

  test('members joining and leaving leave what the last answers say', async () => {
    const { id } = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Group') } });
    const users = await Promise.all(Array.from({ length: 6 }, () => make()));
    await Promise.all(users.map((user) => api.put(`/api/v1/groups/${id}/users/${user.id}`)));
    await Promise.all(users.slice(3).map((user) => api.delete(`/api/v1/groups/${id}/users/${user.id}`)));
    const members = await api.get<User[]>(`/api/v1/groups/${id}/users`);
    expect(members.map((user) => user.id).toSorted()).toEqual(
      users
        .slice(0, 3)
        .map((user) => user.id)
        .toSorted(),
    );
  });
});

describe('guessing passwords', () => {
  const shown = ({ status, body }: Answer<Record<string, unknown>>) => [
    status,
    body.errorCode,
    body.errorSummary,
    body.errorCauses,
  ];

  test('looks the same from the first guess to the last for a person and for nobody, and locks the person', async () => {
    const login = newLogin();
    const { id } = await make(login);
    const nobody = newLogin();
    for (let guess = 0; guess < 12; guess++)
      expect(shown(await signIn(login, 'wrong'))).toEqual(shown(await signIn(nobody, 'wrong')));
    expect(await statusOf(id)).toBe('LOCKED_OUT');
    expect(await api.get(`/api/v1/users/${id}/blocks`)).toEqual([{ type: 'DEVICE_BASED', appliesTo: 'ANY_DEVICES' }]);
    expect(shown(await signIn(login, PASSWORD))).toEqual(shown(await signIn(nobody, 'wrong')));
    await api.post(`/api/v1/users/${id}/lifecycle/unlock`);
    expect(await api.get(`/api/v1/users/${id}/blocks`)).toEqual([]);
    expect((await signIn(login, PASSWORD)).body.status).toBe('SUCCESS');
  });

  test('many at once does not allow more of them', async () => {
    const login = newLogin();
    const { id } = await make(login);
    // In which order requests of one moment arrive is chance, so the right guess goes off once ten wrong ones were heard.
    const tenth = Promise.withResolvers<void>();
    let heard = 0;
    const guesses = Array.from({ length: 24 }, async (_, i) => {
      const answer = await signIn(login, `wrong ${i}`);
      if (++heard === 10) tenth.resolve();
      return answer;
    });
    await tenth.promise;
    const answers = [await signIn(login, PASSWORD), ...(await Promise.all(guesses))];
    expect(answers.filter(({ status }) => status === 200)).toEqual([]);
    expect(await statusOf(id)).toBe('LOCKED_OUT');
  });
});

test('a person without a password activates by a link that never appears in the log', async () => {
  const { id } = await api.post<User>('/api/v1/users?activate=false', newUser(newLogin(), null));
  const link = await api.post<{ activationUrl: string; activationToken: string }>(
    `/api/v1/users/${id}/lifecycle/activate?sendEmail=false`,
  );
  expect(link.activationUrl).toBe(`${server.url}/welcome/${link.activationToken}`);
  expect(await statusOf(id)).toBe('PROVISIONED');
  expect((await fetch(link.activationUrl)).status).toBe(200);
  expect(server.output()).not.toContain(link.activationToken);
  const { body } = await api.request<unknown[]>('GET', `/api/v1/logs?filter=target.id+eq+%22${id}%22`);
  expect(JSON.stringify(body)).not.toContain(link.activationToken);
});

test('a search is ordered and paged the same on every database', async () => {
  const mark = unique('mark').replace(' ', '');
  const names = ['Zoe', 'amy', 'Bob', 'adam', 'Élodie', 'bob'];
  for (const firstName of names)
    await api.post('/api/v1/users', {
      profile: { login: newLogin(), email: newLogin(), firstName, title: mark },
    });
  const search = `search=${encodeURIComponent(`profile.title eq "${mark}"`)}&sortBy=profile.firstName&limit=2`;
  const seen: string[] = [];
  let next: string | undefined = `/api/v1/users?${search}`;
  while (next !== undefined) {
    const { body, headers }: Answer<User[]> = await api.request<User[]>('GET', next);
    seen.push(...body.map(({ profile }) => profile.firstName));
    next = /<([^>]+)>; rel="next"/.exec(headers.get('link') ?? '')?.[1];
  }
  expect(seen).toEqual(['adam', 'amy', 'Bob', 'bob', 'Zoe', 'Élodie']);
});

test('whoever is deleted leaves nothing behind', async () => {
  const login = newLogin();
  const { id } = await make(login);
  const group = await api.post<Group>('/api/v1/groups', { profile: { name: unique('Group') } });
  await api.put(`/api/v1/groups/${group.id}/users/${id}`);
  await api.delete(`/api/v1/users/${id}`);
  expect((await api.get<User[]>(`/api/v1/users?filter=id+eq+%22${id}%22`)).map(({ status }) => status)).toEqual([
    'DEPROVISIONED',
  ]);
  await api.delete(`/api/v1/users/${id}`);
  expect(await api.get(`/api/v1/users?filter=id+eq+%22${id}%22`)).toEqual([]);
  expect(await api.get(`/api/v1/groups/${group.id}/users`)).toEqual([]);
  expect((await make(login)).profile.login).toBe(login);
});

test('every refusal of a user route is a refusal of the table, whatever is sent', async () => {
  const { id } = await make();
  const bodies = [null, [], 'text', 5, {}, { profile: null }, { profile: [] }, { profile: { login: {} } }];
  const paths = ['/api/v1/users', `/api/v1/users/${id}`, `/api/v1/users/${id}/credentials/change_password`];
  for (const path of paths)
    for (const body of bodies) {
      const { status, body: answer } = await api.request<ApiError>('POST', path, body);
      expect([400, 403]).toContain(status);
      expect(answer.errorCode).toMatch(/^E0000\d{3}$/);
    }
  for (const name of ['%00', '..%2F..', "'%20or%201=1--", '%F0%9F%98%80', 'x'.repeat(2000)])
    expect((await api.request('GET', `/api/v1/users/${name}`)).status).toBe(404);
});

describe('owners of a group', () => {
  type Owner = { id: string; type: string; displayName: string };
  const makeGroup = () => api.post<Group>('/api/v1/groups', { profile: { name: unique('Owned') } });
  const eventsOn = async (id: string) => {
    const filter = encodeURIComponent(`target.id eq "${id}" and eventType sw "group.owner"`);
    return (await api.get<LogEvent[]>(`/api/v1/logs?filter=${filter}`)).map(({ eventType }) => eventType);
  };

  test('are people and groups: assigned once, listed by id and by type, taken away', async () => {
    const [group, owners, pat] = [await makeGroup(), await makeGroup(), await make()];
    const path = `/api/v1/groups/${group.id}/owners`;
    const made = await api.request<Owner>('POST', path, { id: pat.id, type: 'USER' });
    expect(made).toMatchObject({
      status: 201,
      body: { id: pat.id, type: 'USER', resolved: true, originId: null, originType: 'OKTA_DIRECTORY' },
    });
    expect(made.body.displayName).toBe('Pat Example');
    await api.post(path, { id: owners.id, type: 'GROUP' });
    expect((await api.request<ApiError>('POST', path, { id: pat.id, type: 'USER' })).body).toMatchObject({
      errorCode: 'E0000001',
      errorSummary: 'Api validation failed: owner',
      errorCauses: [{ errorSummary: 'Provided owner is already assigned to this group' }],
    });
    const ids = async (query = '') => (await api.get<Owner[]>(`${path}${query}`)).map(({ id }) => id);
    expect(await ids()).toEqual([owners.id, pat.id].toSorted());
    expect(await ids('?search=type%20eq%20%22GROUP%22')).toEqual([owners.id]);
    const page = await api.request<Owner[]>('GET', `${path}?limit=1`);
    const next = new URL(/<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? '');
    const rest = await api.get<Owner[]>(`${next.pathname}${next.search}`);
    expect([...page.body, ...rest].map(({ id }) => id)).toEqual(await ids());
    await api.delete(`${path}/${pat.id}`);
    const again = await api.request<ApiError>('DELETE', `${path}/${pat.id}`);
    expect([again.status, again.body.errorCode]).toEqual([404, 'E0000007']);
    expect((await eventsOn(pat.id)).toSorted()).toEqual(['group.owner.add', 'group.owner.remove']);
  });

  test('cease to be it when they are deleted', async () => {
    const [group, owners, pat] = [await makeGroup(), await makeGroup(), await make()];
    const path = `/api/v1/groups/${group.id}/owners`;
    await api.post(path, { id: pat.id, type: 'USER' });
    await api.post(path, { id: owners.id, type: 'GROUP' });
    await api.delete(`/api/v1/groups/${owners.id}`);
    for (let call = 0; call < 2; call++) await api.delete(`/api/v1/users/${pat.id}`);
    expect(await api.get(path)).toEqual([]);
    await api.post(path, { id: (await make()).id, type: 'USER' });
    await api.delete(`/api/v1/groups/${group.id}`);
    expect((await api.request('GET', path)).status).toBe(404);
  });

  test('must exist, and be of the kind that is said', async () => {
    const [group, pat] = [await makeGroup(), await make()];
    const path = `/api/v1/groups/${group.id}/owners`;
    const statusFor = async (id: string, type: string) => (await api.request('POST', path, { id, type })).status;
    expect([await statusFor(pat.id, 'GROUP'), await statusFor(group.id, 'USER')]).toEqual([404, 404]);
    expect([await statusFor('00uNOWHERE', 'USER'), await statusFor(pat.id, 'OTHER')]).toEqual([404, 400]);
  });

  test('of ten assignments of one owner at once, one is made', async () => {
    const [group, pat] = [await makeGroup(), await make()];
    const body = { id: pat.id, type: 'USER' };
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => api.request('POST', `/api/v1/groups/${group.id}/owners`, body)),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array(9).fill(400)]);
  });
});

test('the applications of a group are listed in pages', async () => {
  const [group, other] = [
    await api.post<Group>('/api/v1/groups', { profile: { name: unique('Team') } }),
    await api.post<Group>('/api/v1/groups', { profile: { name: unique('Team') } }),
  ];
  const bookmark = () =>
    api.post<{ id: string }>('/api/v1/apps', {
      name: 'bookmark',
      label: unique('Bookmark'),
      signOnMode: 'BOOKMARK',
      settings: { app: { requestIntegration: false, url: 'https://example.com/' } },
    });
  const apps = [await bookmark(), await bookmark(), await bookmark()].map(({ id }) => id);
  for (const [index, id] of apps.entries())
    await api.put(`/api/v1/apps/${id}/groups/${(index < 2 ? group : other).id}`);
  const path = `/api/v1/groups/${group.id}/apps`;
  const page = await api.request<{ id: string }[]>('GET', `${path}?limit=1`);
  const next = new URL(/<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? '');
  const rest = await api.get<{ id: string }[]>(`${next.pathname}${next.search}`);
  expect([...page.body, ...rest].map(({ id }) => id)).toEqual(apps.slice(0, 2));
  expect(page.body[0]).toEqual(await api.get(`/api/v1/apps/${apps[0]}`));
  expect((await api.request('GET', '/api/v1/groups/00gNOWHERE/apps')).status).toBe(404);
});

test("what a person's home page links to is listed by label", async () => {
  const { id } = await make();
  const bookmark = async (label: string) => {
    const app = await api.post<{ id: string }>('/api/v1/apps', {
      name: 'bookmark',
      label: unique(label),
      signOnMode: 'BOOKMARK',
      settings: { app: { requestIntegration: false, url: 'https://example.com/' } },
    });
    await api.post(`/api/v1/apps/${app.id}/users`, { id, scope: 'USER' });
    return app.id;
  };
  const [second, first] = [await bookmark('Wiki'), await bookmark('Calendar')];
  const links = await api.get<{ appInstanceId: string; linkUrl: string; sortOrder: number }[]>(
    `/api/v1/users/${id}/appLinks`,
  );
  expect(links.map(({ appInstanceId, sortOrder }) => [appInstanceId, sortOrder])).toEqual([
    [first, 0],
    [second, 1],
  ]);
  expect(links[0]?.linkUrl).toBe(`${server.url}/home/bookmark/${first}/2557`);
});

describe('linked objects', () => {
  const PATH = '/api/v1/meta/schemas/user/linkedObjects';
  const nameOf = (word: string) => unique(word).replaceAll(/\W/g, '_');
  const define = async () => {
    const primary = { name: nameOf('manager'), title: 'Manager', description: 'Who leads', type: 'USER' };
    const associated = { name: nameOf('report'), title: 'Report', type: 'USER' };
    const answer = await api.request<{ primary: object }>('POST', PATH, { primary, associated });
    expect([answer.status, Object.keys(answer.body)]).toEqual([201, ['primary', 'associated', '_links']]);
    return { primary, associated, shown: answer.body };
  };
  const linked = async (id: string, name: string) =>
    (await api.get<{ _links: { self: { href: string } } }[]>(`/api/v1/users/${id}/linkedObjects/${name}`)).map(
      ({ _links }) => _links.self.href.split('/').at(-1),
    );

  test('are defined by two names, found by either, taken once, and gone with their links', async () => {
    const { primary, associated, shown } = await define();
    expect(shown).toMatchObject({ primary, associated });
    for (const { name } of [primary, associated]) expect(await api.get(`${PATH}/${name}`)).toEqual(shown);
    expect(await api.get(PATH)).toContainEqual(shown);
    const twice = await api.request('POST', PATH, {
      primary: associated,
      associated: { ...primary, name: nameOf('x') },
    });
    expect([twice.status, twice.body.errorCode]).toEqual([400, 'E0000001']);
    const same = await api.request('POST', PATH, { primary, associated: { ...associated, name: primary.name } });
    expect(same.status).toBe(400);
    expect((await api.request('POST', PATH, { primary: { ...primary, name: '1st' }, associated })).status).toBe(400);
    const [ada, eve] = [await make(), await make()];
    await api.put(`/api/v1/users/${ada.id}/linkedObjects/${primary.name}/${eve.id}`);
    await api.delete(`${PATH}/${associated.name}`);
    const { status, body } = await api.request('GET', `/api/v1/users/${ada.id}/linkedObjects/${primary.name}`);
    expect([status, body.errorSummary]).toEqual([404, `Not found: Resource not found: ${primary.name} (LinkedObject)`]);
  });

  test('link a person to one primary person, and a primary person to many', async () => {
    const { primary, associated } = await define();
    const [ada, bob, eve] = [await make(), await make(), await make()];
    const put = (one: { id: string }, other: { id: string }) =>
      api.request('PUT', `/api/v1/users/${one.id}/linkedObjects/${primary.name}/${other.id}`);
    expect([await put(ada, eve), await put(bob, eve)].map(({ status }) => status)).toEqual([204, 204]);
    expect(await linked(eve.id, associated.name)).toEqual([ada.id, bob.id].sort());
    expect([await linked(ada.id, primary.name), await linked(eve.id, primary.name)]).toEqual([[eve.id], []]);
    await put(ada, bob);
    expect([await linked(ada.id, primary.name), await linked(eve.id, associated.name)]).toEqual([[bob.id], [bob.id]]);
    for (let i = 0; i < 2; i++) await api.delete(`/api/v1/users/${ada.id}/linkedObjects/${primary.name}`);
    expect(await linked(bob.id, associated.name)).toEqual([]);
    const backwards = `/api/v1/users/${bob.id}/linkedObjects/${associated.name}`;
    expect((await api.request('DELETE', backwards)).status).toBe(404);
    expect((await api.request('PUT', `${backwards}/${eve.id}`)).status).toBe(404);
    expect((await api.request('PUT', `/api/v1/users/${bob.id}/linkedObjects/${primary.name}/00uNOBODY`)).status).toBe(
      404,
    );
    for (let i = 0; i < 2; i++) await api.delete(`/api/v1/users/${eve.id}`);
    expect(await linked(bob.id, primary.name)).toEqual([]);
    const filter = encodeURIComponent(`target.id eq "${ada.id}"`);
    const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${filter}`);
    expect(events.map(({ eventType }) => eventType).slice(-3)).toEqual([
      'user.linked_object.set',
      'user.linked_object.set',
      'user.linked_object.remove',
    ]);
  });
});

describe('realms', () => {
  type Realm = { id: string; isDefault: boolean; profile: { name: string; realmType: string; domains?: string[] } };
  const ofRealm = async (id: string) =>
    (await api.get<User[]>(`/api/v1/users?search=${encodeURIComponent(`realmId eq "${id}"`)}`)).map((user) => user.id);

  test('are made, found, renamed and deleted; the default one stays', async () => {
    const name = unique('Partners');
    const profile = { name, realmType: 'PARTNER', domains: ['Partner.example'] };
    const made = await api.post<Realm>('/api/v1/realms', { profile });
    expect(made).toMatchObject({
      isDefault: false,
      profile: { name, realmType: 'PARTNER', domains: ['partner.example'] },
    });
    expect(await api.get(`/api/v1/realms/${made.id}`)).toEqual(made);
    const search = encodeURIComponent(`profile.name sw "${name}"`);
    expect(await api.get(`/api/v1/realms?search=${search}`)).toEqual([made]);
    expect((await api.request('POST', '/api/v1/realms', { profile: { name: name.toUpperCase() } })).status).toBe(400);
    const renamed = await api.put<Realm>(`/api/v1/realms/${made.id}`, { profile: { name: unique('Guests') } });
    expect(renamed.profile).toMatchObject({ realmType: 'DEFAULT' });
    await api.delete(`/api/v1/realms/${made.id}`);
    expect((await api.request('GET', `/api/v1/realms/${made.id}`)).status).toBe(404);
    const [first] = (await api.get<Realm[]>('/api/v1/realms')).filter(({ isDefault }) => isDefault);
    expect(first?.profile.name).toBe('Default Realm');
    expect((await api.request('DELETE', `/api/v1/realms/${first?.id}`)).status).toBe(400);
  });

  test('hold every person: the default one at first, another by name or by change, and none that is in use can go', async () => {
    const realm = await api.post<Realm>('/api/v1/realms', { profile: { name: unique('Realm') } });
    const ada = await api.post<User & { realmId: string }>('/api/v1/users', { ...newUser(), realmId: realm.id });
    const eve = await api.post<User & { realmId: string }>('/api/v1/users', newUser());
    expect([ada.realmId, (await api.get<Realm>(`/api/v1/realms/${eve.realmId}`)).isDefault]).toEqual([realm.id, true]);
    await api.post(`/api/v1/users/${eve.id}`, { realmId: realm.id });
    expect(await ofRealm(realm.id)).toEqual([ada.id, eve.id]);
    expect((await api.request('DELETE', `/api/v1/realms/${realm.id}`)).status).toBe(400);
    expect((await api.request('POST', `/api/v1/users/${eve.id}`, { realmId: 'guoNOWHERE' })).status).toBe(404);
    for (const id of [ada.id, eve.id]) await api.post(`/api/v1/users/${id}`, { realmId: eve.realmId });
    expect(await ofRealm(realm.id)).toEqual([]);
    expect((await api.request('DELETE', `/api/v1/realms/${realm.id}`)).status).toBe(204);
  });
});
