// User types and profile schemas over HTTP: shapes, custom attributes of every type, what a profile may then hold, search by them,
// and the refusals. Contract 4.6 and 4.16.
import { expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type ApiError, type Group, type LogEvent, managementApi, type User } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const TYPES = '/api/v1/meta/types/user';
const SCHEMA = '/api/v1/meta/schemas/user/default';

type UserType = { id: string; name: string; default: boolean; _links: { schema: { href: string } } };
type Attribute = Record<string, unknown>;
type Schema = {
  id: string;
  title: string;
  definitions: Record<'base' | 'custom', { properties: Record<string, Attribute>; required?: string[] }>;
};

const change = (custom: Record<string, Attribute | null>, path = SCHEMA) =>
  api.request<Schema & ApiError>('POST', path, { definitions: { custom: { id: '#custom', properties: custom } } });
const attribute = (name: string, more: Attribute = {}) => ({ title: name, type: 'string', ...more });
const person = (more: Attribute = {}) => {
  const login = `${unique('p').replaceAll(' ', '')}@example.com`.toLowerCase();
  return { login, email: login, firstName: 'Ada', lastName: 'Byron', ...more };
};
const create = (profile: Attribute, more: object = {}) =>
  api.request<User & ApiError>('POST', '/api/v1/users', { profile, ...more });
const causes = (answer: { body: ApiError }) => answer.body.errorCauses.map(({ errorSummary }) => errorSummary);
const attributeName = () => unique('a').replaceAll(' ', '_');
const eventTypes = async (id: string) =>
  (await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`target.id eq "${id}"`)}`)).map(
    ({ eventType }) => eventType,
  );

test('a type of users is created, listed beside the default one, changed and deleted', async () => {
  const name = attributeName();
  const { status, body } = await api.request<UserType>('POST', TYPES, { name, displayName: 'Contractor' });
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual([
    'id',
    'displayName',
    'name',
    'description',
    'createdBy',
    'lastUpdatedBy',
    'created',
    'lastUpdated',
    'default',
    '_links',
  ]);
  const all = await api.get<UserType[]>(TYPES);
  expect(all.filter((type) => type.default).map((type) => type.name)).toEqual(['user']);
  expect(all.map(({ id }) => id)).toContain(body.id);
  expect(await api.post(`${TYPES}/${body.id}`, { displayName: 'Guest' })).toMatchObject({ displayName: 'Guest', name });
  const replaced = await api.put(`${TYPES}/${body.id}`, {
    name,
    displayName: 'Visitor',
    description: 'Comes and goes',
  });
  expect(replaced).toMatchObject({ displayName: 'Visitor', description: 'Comes and goes' });
  expect((await api.request('POST', TYPES, { name, displayName: 'Again' })).status).toBe(400);
  await api.delete(`${TYPES}/${body.id}`);
  expect((await api.request('GET', `${TYPES}/${body.id}`)).body.errorSummary).toContain('UserType');
  expect(new Set(await eventTypes(body.id))).toEqual(
    new Set([
      'directory.non_default_user_profile.create',
      'directory.user_profile.update',
      'directory.non_default_user_profile.delete',
    ]),
  );
});

test('the default type, and one that users have, cannot be deleted; its name stays', async () => {
  const byDefault = (await api.get<UserType[]>(TYPES)).find((type) => type.default);
  expect((await api.request('DELETE', `${TYPES}/${byDefault?.id}`)).status).toBe(400);
  const type = await api.post<UserType>(TYPES, { name: attributeName(), displayName: 'Contractor' });
  const made = await create(person(), { type: { id: type.id } });
  expect(made.body).toMatchObject({ type: { id: type.id } });
  expect((await api.request('DELETE', `${TYPES}/${type.id}`)).status).toBe(400);
  expect((await api.request('POST', `${TYPES}/${type.id}`, { name: 'other' })).status).toBe(400);
  expect((await create(person(), { type: { id: 'otyUnknown0000000000' } })).status).toBe(404);
});

test('the schema of users says what a profile holds, and grows by partial update', async () => {
  const name = attributeName();
  const given = {
    title: 'Size',
    description: 'Of the shirt',
    type: 'array',
    required: false,
    scope: 'SELF',
    master: { type: 'OKTA' },
    permissions: [{ principal: 'SELF', action: 'READ_ONLY' }],
    items: { type: 'integer', enum: [1, 2], oneOf: [1, 2].map((size) => ({ const: size, title: `${size}` })) },
  };
  const { status, body } = await change({ [name]: given });
  expect(status).toBe(200);
  const { required: _, ...shown } = given;
  expect(body.definitions.custom.properties[name]).toEqual({ ...shown, mutability: 'READ_WRITE' });
  expect(body.definitions.base.required).toEqual(['login', 'email']);
  expect(body.definitions.base.properties.login).toMatchObject({ title: 'Username', minLength: 5, maxLength: 100 });
  const read = await api.get<Schema>(SCHEMA);
  expect(read.definitions.custom.properties[name]).toEqual(body.definitions.custom.properties[name]);
  expect(new URL(read.id).pathname).toBe('/meta/schemas/user/default');
  expect((await create(person({ [name]: [1, 2] }))).body.profile[name]).toEqual([1, 2]);
  expect(causes(await create(person({ [name]: [3] })))).toEqual([`${name}: The value must be one of 1, 2`]);
});

test('removing an attribute takes its values away; what is not named stays', async () => {
  const [one, other] = [attributeName(), attributeName()];
  await change({ [one]: attribute(one), [other]: attribute(other) });
  const { body: ada } = await create(person({ [one]: 'here', [other]: 'there' }));
  const { body: schema } = await change({ [one]: null });
  expect(schema.definitions.custom.properties).not.toHaveProperty(one);
  expect(schema.definitions.custom.properties).toHaveProperty(other);
  const { profile } = await api.get<User>(`/api/v1/users/${ada.id}`);
  expect(profile).not.toHaveProperty(one);
  expect(profile[other]).toBe('there');
  expect(causes(await create(person({ [one]: 'again' })))).toEqual([
    `Property name '${one}' is not defined in profile`,
  ]);
});

test.each<[type: string, more: Attribute, good: unknown, bad: unknown[]]>([
  ['string', { minLength: 2, maxLength: 4 }, 'abc', [1, 'a', 'abcde', '', ['abc']]],
  ['string', { enum: ['red', 'green'] }, 'red', ['Red', 'blue']],
  ['integer', { minimum: 1, maximum: 9 }, 5, [0, 10, 1.5, '5', true]],
  ['number', { oneOf: [{ const: 0.5, title: 'half' }] }, 0.5, [0.25, '0.5']],
  ['boolean', {}, false, ['false', 0]],
  ['array', { items: { type: 'string' } }, ['a', 'b'], ['a', [1], [['a']], {}]],
])('values of type %s %j are checked', async (type, more, good, bad) => {
  const name = attributeName();
  expect((await change({ [name]: attribute(name, { type, ...more }) })).status).toBe(200);
  expect((await create(person({ [name]: good }))).body.profile[name]).toEqual(good);
  for (const value of bad) {
    const answer = await create(person({ [name]: value }));
    expect([answer.status, answer.body.errorCode, answer.body.errorSummary]).toEqual([
      400,
      'E0000001',
      `Api validation failed: ${name}`,
    ]);
  }
});

test('a required attribute cannot be missing, a unique value belongs to one person', async () => {
  const type = await api.post<UserType>(TYPES, { name: attributeName(), displayName: 'Employee' });
  const path = new URL(type._links.schema.href).pathname;
  const of = { type: { id: type.id } };
  const name = attributeName();
  await change({ [name]: attribute(name, { required: true, unique: 'UNIQUE_VALIDATED' }) }, path);
  expect(causes(await create(person(), of))).toEqual([`${name}: The field cannot be left blank`]);
  const { body: ada } = await create(person({ [name]: 'E-1' }), of);
  expect(causes(await create(person({ [name]: 'e-1' }), of))).toEqual([
    `${name}: An object with this field already exists in the current organization`,
  ]);
  const { body: bob } = await create(person({ [name]: 'E-2' }), of);
  const taken = await api.request('POST', `/api/v1/users/${bob.id}`, { profile: { [name]: 'E-1' } });
  expect(taken.status).toBe(400);
  await api.post(`/api/v1/users/${ada.id}`, { profile: { [name]: 'E-3' } });
  await api.post(`/api/v1/users/${bob.id}`, { profile: { [name]: 'E-1' } });
  for (const _ of [1, 2]) await api.delete(`/api/v1/users/${bob.id}`);
  expect((await create(person({ [name]: 'E-1' }), of)).status).toBe(200);
});

test('two people at once cannot take one unique value', async () => {
  const type = await api.post<UserType>(TYPES, { name: attributeName(), displayName: 'Employee' });
  const name = attributeName();
  const path = new URL(type._links.schema.href).pathname;
  await change({ [name]: attribute(name, { unique: 'UNIQUE_VALIDATED' }) }, path);
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => create(person({ [name]: 'same' }), { type: { id: type.id } })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 7 }, () => 400)]);
});

test('an attribute becomes unique only where its values are', async () => {
  const type = await api.post<UserType>(TYPES, { name: attributeName(), displayName: 'Employee' });
  const name = attributeName();
  const path = new URL(type._links.schema.href).pathname;
  await change({ [name]: attribute(name) }, path);
  const twins = [1, 2].map(() => create(person({ [name]: 'same' }), { type: { id: type.id } }));
  const [one] = await Promise.all(twins);
  expect((await change({ [name]: attribute(name, { unique: 'UNIQUE_VALIDATED' }) }, path)).status).toBe(400);
  await api.post(`/api/v1/users/${one?.body.id}`, { profile: { [name]: 'other' } });
  expect((await change({ [name]: attribute(name, { unique: 'UNIQUE_VALIDATED' }) }, path)).status).toBe(200);
});

test('users are found by custom attributes of every type', async () => {
  const names = Object.fromEntries(['text', 'whole', 'flag', 'list'].map((key) => [key, attributeName()]));
  const { text = '', whole = '', flag = '', list = '' } = names;
  await change({
    [text]: attribute(text),
    [whole]: attribute(whole, { type: 'integer' }),
    [flag]: attribute(flag, { type: 'boolean' }),
    [list]: attribute(list, { type: 'array', items: { type: 'string' } }),
  });
  const { body: ada } = await create(person({ [text]: 'Blue', [whole]: 10, [flag]: true, [list]: ['x', 'Y "z"'] }));
  const { body: bob } = await create(person({ [text]: 'blueish', [whole]: 9, [flag]: false, [list]: ['y'] }));
  const found = async (search: string, more = '') =>
    (await api.get<User[]>(`/api/v1/users?search=${encodeURIComponent(search)}${more}`)).map(({ id }) => id);
  expect(await found(`profile.${text} eq "BLUE"`)).toEqual([ada.id]);
  expect(await found(`profile.${text} sw "blue"`)).toEqual([ada.id, bob.id]);
  expect(await found(`profile.${whole} ge 9`)).toEqual([ada.id, bob.id]);
  expect(await found(`profile.${whole} gt 9`)).toEqual([ada.id]);
  expect(await found(`profile.${whole} pr`, `&sortBy=profile.${whole}`)).toEqual([bob.id, ada.id]);
  expect(await found(`profile.${flag} eq true`)).toEqual([ada.id]);
  expect(await found(`profile.${list} eq "y \\"z\\""`)).toEqual([ada.id]);
  expect(await found(`profile.${list} eq "Y"`)).toEqual([bob.id]);
  const nonsense = `/api/v1/users?search=${encodeURIComponent(`profile.${attributeName()} eq "x"`)}`;
  expect((await api.request('GET', nonsense)).body.errorCode).toBe('E0000031');
});

test('a login is anything where its pattern says so; names can be required', async () => {
  const type = await api.post<UserType>(TYPES, { name: attributeName(), displayName: 'Robot' });
  const path = new URL(type._links.schema.href).pathname;
  const base = (properties: object) => api.request('POST', path, { definitions: { base: { properties } } });
  expect((await base({ login: { pattern: '.+' }, lastName: { required: true } })).status).toBe(200);
  const login = unique('robot').replaceAll(' ', '');
  const { body } = await create({ login, email: 'robot@example.com', lastName: 'R' }, { type: { id: type.id } });
  expect(body.profile.login).toBe(login);
  expect(
    causes(
      await create(
        { login: unique('robot').replaceAll(' ', '').replaceAll(' ', ''), email: 'r@example.com' },
        { type: { id: type.id } },
      ),
    ),
  ).toEqual(['lastName: The field cannot be left blank']);
  expect(causes(await create({ login: unique('plain').replaceAll(' ', ''), email: 'r@example.com' }))).toEqual([
    'login: Username must be in the form of an email address',
  ]);
  for (const wrong of [
    { login: null },
    { nothing: {} },
    { login: { required: false } },
    { login: { pattern: '(a+)+' } },
  ])
    expect((await base(wrong)).status).toBe(400);
});

test('a person becomes one of another type by replacement alone', async () => {
  const type = await api.post<UserType>(TYPES, { name: attributeName(), displayName: 'Contractor' });
  const name = attributeName();
  await change({ [name]: attribute(name) }, new URL(type._links.schema.href).pathname);
  const { body: ada } = await create(person());
  const profile = { ...ada.profile, [name]: 'x' };
  const address = `/api/v1/users/${ada.id}`;
  expect((await api.request('POST', address, { profile, type: { id: type.id } })).status).toBe(400);
  expect(await api.put(address, { profile, type: { id: type.id } })).toMatchObject({ type: { id: type.id }, profile });
});

test('definitions that make no sense are refused with their cause', async () => {
  const name = attributeName();
  await change({ [name]: attribute(name) });
  const wrong: Record<string, Attribute>[] = [
    { '1st': attribute('x') },
    { login: attribute('login') },
    { [name]: attribute(name, { type: 'integer' }) },
    { [attributeName()]: { type: 'string' } },
    { [attributeName()]: { title: 'x' } },
    { [attributeName()]: attribute('x', { type: 'array' }) },
    { [attributeName()]: attribute('x', { type: 'colour' }) },
    { [attributeName()]: attribute('x', { minLength: 5, maxLength: 2 }) },
    { [attributeName()]: attribute('x', { type: 'integer', minLength: 5 }) },
    { [attributeName()]: attribute('x', { enum: [1, 2] }) },
    { [attributeName()]: attribute('x', { enum: ['a'], oneOf: [{ const: 'b', title: 'B' }] }) },
    { [attributeName()]: attribute('x', { type: 'boolean', unique: 'UNIQUE_VALIDATED' }) },
  ];
  for (const definition of wrong) {
    const { status, body } = await change(definition);
    expect([status, body.errorCode, body.errorCauses.length], JSON.stringify(definition)).toEqual([400, 'E0000001', 1]);
  }
  expect((await api.request('GET', '/api/v1/meta/schemas/user/oscUnknown0000000000')).status).toBe(404);
});

test('groups and application users have schemas of their own', async () => {
  const name = attributeName();
  const path = '/api/v1/meta/schemas/group/default';
  const group = { name: unique('group'), [name]: 7 };
  expect((await api.request('POST', '/api/v1/groups', { profile: group })).status).toBe(400);
  await change({ [name]: attribute(name, { type: 'integer' }) }, path);
  const made = await api.post<Group>('/api/v1/groups', { profile: group });
  expect(made.profile).toEqual({ ...group, description: null });
  expect(await api.get<Group>(`/api/v1/groups/${made.id}`)).toMatchObject({ profile: group });
  const [app] = await api.get<{ id: string; label: string }[]>('/api/v1/apps');
  const own = `/api/v1/meta/schemas/apps/${app?.id}/default`;
  expect(await api.get<Schema>(own)).toMatchObject({ title: `${app?.label} User` });
  const { body } = await change({ [name]: attribute(name) }, own);
  expect(body.definitions.custom.properties[name]).toEqual({ title: name, type: 'string', scope: 'NONE' });
  expect(body.definitions.base.properties.userName).toMatchObject({ required: true });
});
