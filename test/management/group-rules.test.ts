// Group rules over HTTP: shapes in the recorded order, statuses, and who is in which group because of them. Contract section 4.7.
import { expect, test } from 'vitest';
import { unique } from '../support/guide.ts';
import { type ApiError, type Group, type LogEvent, managementApi, type User } from '../support/management-api.ts';
import { serverOfThisFile } from '../support/server.ts';

const server = await serverOfThisFile();
const api = managementApi(server);
const RULES = '/api/v1/groups/rules';

type Exclusions = { users?: { exclude?: string[] }; groups?: { exclude?: string[] } };
type GroupRule = {
  id: string;
  name: string;
  status: string;
  conditions: { people: Exclusions; expression: { value: string } };
  allGroupsValid: boolean;
};

const person = (department: string): Promise<User> => {
  const login = `${unique('rule').replaceAll(' ', '.')}@example.com`;
  return api.post('/api/v1/users', {
    profile: { login, email: login, firstName: 'Ada', lastName: 'Byron', department },
  });
};
const group = (): Promise<Group> => api.post('/api/v1/groups', { profile: { name: unique('ruled') } });
const bodyOf = (groupIds: string[], value: string, people: Exclusions = {}, name = unique('rule')) => ({
  type: 'group_rule',
  name,
  conditions: { people, expression: { type: 'urn:okta:expression:1.0', value } },
  actions: { assignUserToGroups: { groupIds } },
});
const read = (id: string) => api.get<GroupRule>(`${RULES}/${id}`);
const turn = (id: string, to: 'activate' | 'deactivate') => api.request('POST', `${RULES}/${id}/lifecycle/${to}`);
const members = async ({ id }: Group) =>
  (await api.get<User[]>(`/api/v1/groups/${id}/users`)).map((user) => user.id).sort();
const move = ({ id }: User, department: string) => api.post(`/api/v1/users/${id}`, { profile: { department } });

async function activeRule(groups: Group[], value: string, people: Exclusions = {}): Promise<GroupRule> {
  const ids = groups.map(({ id }) => id);
  const rule = await api.post<GroupRule>(RULES, bodyOf(ids, value, people));
  expect((await turn(rule.id, 'activate')).status).toBe(204);
  return rule;
}

/** An expression, and the department that it asks for. */
function department(): { value: string; name: string } {
  const name = unique('department');
  return { name, value: `user.department == "${name}"` };
}

const eventsOn = async (id: string) =>
  (await api.get<LogEvent[]>(`/api/v1/logs?filter=${encodeURIComponent(`target.id eq "${id}"`)}`)).map(
    ({ eventType }) => eventType,
  );

test('a rule is made inactive with its members in order, changed while it is so, and deleted with 202', async () => {
  const { id: groupId } = await group();
  const { status, body } = await api.request<GroupRule>('POST', RULES, bodyOf([groupId], 'user.title == "x"'));
  expect(status).toBe(200);
  expect(Object.keys(body)).toEqual([
    'type',
    'id',
    'status',
    'name',
    'created',
    'lastUpdated',
    'conditions',
    'actions',
    'allGroupsValid',
  ]);
  expect(body.id).toMatch(/^0pr/);
  expect(body).toMatchObject({
    status: 'INACTIVE',
    conditions: { people: { users: { exclude: [] }, groups: { exclude: [] } } },
    allGroupsValid: true,
  });
  const changed = await api.put<GroupRule>(`${RULES}/${body.id}`, bodyOf([groupId], 'user.title == "y"'));
  expect(changed.conditions.expression.value).toBe('user.title == "y"');
  const other = bodyOf([(await group()).id], 'true');
  expect((await api.request('PUT', `${RULES}/${body.id}`, other)).status).toBe(400);
  await turn(body.id, 'activate');
  expect((await read(body.id)).status).toBe('ACTIVE');
  expect((await api.request('PUT', `${RULES}/${body.id}`, bodyOf([groupId], 'true'))).status).toBe(400);
  expect((await turn(body.id, 'deactivate')).status).toBe(204);
  const deleted = await api.request('DELETE', `${RULES}/${body.id}?removeUsers=false`);
  expect([deleted.status, deleted.body]).toEqual([202, {}]);
  expect((await api.request<ApiError>('GET', `${RULES}/${body.id}`)).body.errorSummary).toContain('GroupRule');
  expect((await eventsOn(body.id)).sort()).toEqual(
    ['create', 'deactivated', 'delete', 'trigger', 'update'].map((what) => `group.user_membership.rule.${what}`),
  );
});

test('who fits is in, whether there before, made later or changed; who ceases to fit is out; others stay', async () => {
  const { name, value } = department();
  const [before, other, byHand, target] = [await person(name), await person('x'), await person('x'), await group()];
  await api.put(`/api/v1/groups/${target.id}/users/${byHand.id}`);
  await activeRule([target], value);
  expect(await members(target)).toEqual([before.id, byHand.id].sort());
  const later = await person(name);
  await move(other, name);
  expect(await members(target)).toEqual([before.id, byHand.id, later.id, other.id].sort());
  await move(before, 'x');
  await move(byHand, name);
  await move(byHand, 'x');
  expect(await members(target)).toEqual([byHand.id, later.id, other.id].sort());
  await api.put(`/api/v1/groups/${target.id}/users/${later.id}`);
  await move(later, 'x');
  expect(await members(target)).toEqual([byHand.id, later.id, other.id].sort());
});

test('two rules for one group: a member stays until neither holds', async () => {
  const [one, two, target] = [department(), department(), await group()];
  const ada = await person(one.name);
  await activeRule([target], one.value);
  await activeRule([target], `${one.value} or ${two.value}`);
  await move(ada, two.name);
  expect(await members(target)).toEqual([ada.id]);
  await move(ada, 'x');
  expect(await members(target)).toEqual([]);
});

test('an activation has rules look again, which a deactivation does not', async () => {
  const { name, value } = department();
  const [ada, eve, asleep, begun] = [await person(name), await person(name), await group(), await group()];
  const lifecycle = ({ id }: User, to: string) => api.post(`/api/v1/users/${id}/lifecycle/${to}`);
  await lifecycle(ada, 'deactivate');
  await activeRule([asleep], `${value} and user.status == "DEPROVISIONED"`);
  const { id } = await activeRule([begun], `${value} and user.status == "PROVISIONED"`);
  expect([await members(asleep), await members(begun)]).toEqual([[ada.id], [eve.id]]);
  await lifecycle(eve, 'deactivate');
  expect([await members(asleep), await members(begun)]).toEqual([[ada.id], [eve.id]]);
  await lifecycle(ada, 'activate?sendEmail=false');
  expect([await members(asleep), await members(begun)]).toEqual([[], [ada.id, eve.id].sort()]);
  const filter = encodeURIComponent(`target.id eq "${ada.id}" and eventType eq "group.user_membership.add"`);
  const events = await api.get<LogEvent[]>(`/api/v1/logs?filter=${filter}`);
  expect(JSON.stringify(events.at(-1))).toContain(id);
});

test('excluded people and members of excluded groups stay out', async () => {
  const { name, value } = department();
  const [ada, bob, eve, target, outsiders] = [
    await person(name),
    await person(name),
    await person(name),
    await group(),
    await group(),
  ];
  await api.put(`/api/v1/groups/${outsiders.id}/users/${bob.id}`);
  await activeRule([target], value, { users: { exclude: [ada.id] }, groups: { exclude: [outsiders.id] } });
  expect(await members(target)).toEqual([eve.id]);
  await api.put(`/api/v1/groups/${outsiders.id}/users/${eve.id}`);
  await api.delete(`/api/v1/groups/${outsiders.id}/users/${bob.id}`);
  expect(await members(target)).toEqual([bob.id]);
});

test('a condition on groups follows memberships', async () => {
  const [staff, target, ada] = [await group(), await group(), await person('x')];
  await activeRule([target], `isMemberOfGroup("${staff.id}")`);
  await api.put(`/api/v1/groups/${staff.id}/users/${ada.id}`);
  expect(await members(target)).toEqual([ada.id]);
  await api.delete(`/api/v1/groups/${staff.id}/users/${ada.id}`);
  expect(await members(target)).toEqual([]);
});

test('the end of a group has rules that ask about groups look at its members again', async () => {
  const { name, value } = department();
  const [staff, joined, spared, ada] = [await group(), await group(), await group(), await person(name)];
  await api.put(`/api/v1/groups/${staff.id}/users/${ada.id}`);
  await activeRule([joined], `isMemberOfGroupName("${staff.profile.name}")`);
  await activeRule([spared], value, { groups: { exclude: [staff.id] } });
  expect([await members(joined), await members(spared)]).toEqual([[ada.id], []]);
  await api.delete(`/api/v1/groups/${staff.id}`);
  expect([await members(joined), await members(spared)]).toEqual([[], [ada.id]]);
});

test('whom an administrator takes out is excluded from the rule', async () => {
  const { name, value } = department();
  const [ada, target] = [await person(name), await group()];
  const { id } = await activeRule([target], value);
  await api.delete(`/api/v1/groups/${target.id}/users/${ada.id}`);
  await move(ada, name);
  expect(await members(target)).toEqual([]);
  expect((await read(id)).conditions.people.users).toEqual({ exclude: [ada.id] });
  expect(await eventsOn(id)).toContain('group.user_membership.rule.add_exclusion');
});

test.each([
  ['true', []],
  ['false', ['ada']],
])('deleted with removeUsers=%s, a rule leaves %j', async (removeUsers, left) => {
  const { name, value } = department();
  const [ada, target] = [await person(name), await group()];
  const { id } = await activeRule([target], value);
  await turn(id, 'deactivate');
  expect(await members(target)).toEqual([ada.id]);
  await api.delete(`${RULES}/${id}?removeUsers=${removeUsers}`);
  await move(ada, 'x');
  expect(await members(target)).toEqual(left.map(() => ada.id));
});

test('a rule whose expression has no truth for somebody becomes INVALID; people are made all the same', async () => {
  const { name, value } = department();
  const { id } = await activeRule([await group()], `${value} ? user.department : false`);
  expect((await read(id)).status).toBe('ACTIVE');
  await person(name);
  expect((await read(id)).status).toBe('INVALID');
  expect(await eventsOn(id)).toContain('group.user_membership.rule.invalidate');
});

test('a rule whose group is deleted becomes INVALID and says so', async () => {
  const { name, value } = department();
  const [gone, kept] = [await group(), await group()];
  const { id } = await activeRule([gone, kept], value);
  await api.delete(`/api/v1/groups/${gone.id}`);
  expect(await read(id)).toMatchObject({ status: 'INVALID', allGroupsValid: false });
  await person(name);
  expect(await members(kept)).toEqual([]);
  expect((await turn(id, 'activate')).status).toBe(400);
});

test('a deleted person leaves no trace in a rule', async () => {
  const { name, value } = department();
  const [ada, target] = [await person(name), await group()];
  const { id } = await activeRule([target], value);
  await api.delete(`/api/v1/users/${ada.id}`);
  await api.delete(`/api/v1/users/${ada.id}`);
  await api.delete(`${RULES}/${id}?removeUsers=true`);
  expect(await members(target)).toEqual([]);
});

test('a group that makes administrators is no target, nor becomes one later', async () => {
  const { name, value } = department();
  const target = await group();
  await activeRule([target], value);
  await api.post(`/api/v1/groups/${target.id}/roles`, { type: 'SUPER_ADMIN' });
  await person(name);
  expect(await members(target)).toEqual([]);
  expect((await api.request('POST', RULES, bodyOf([target.id], value))).status).toBe(400);
});

test('rules are listed in pages, and found by a text of their name', async () => {
  const { id: groupId } = await group();
  const name = unique('Found');
  const first = await api.post<GroupRule>(RULES, bodyOf([groupId], 'true', {}, `${name} 1`));
  const second = await api.post<GroupRule>(RULES, bodyOf([groupId], 'true', {}, `${name} 2`));
  const page = await api.request<GroupRule[]>(
    'GET',
    `${RULES}?limit=1&search=${encodeURIComponent(name.toLowerCase())}`,
  );
  expect(page.body.map(({ id }) => id)).toEqual([first.id]);
  const next = /<([^>]+)>; rel="next"/.exec(page.headers.get('link') ?? '')?.[1] ?? '';
  const rest = await api.get<GroupRule[]>(`${new URL(next).pathname}${new URL(next).search}`);
  expect(rest.map(({ id }) => id)).toEqual([second.id]);
  const named = await api.get<object>(`${RULES}/${first.id}?expand=groupIdToGroupNameMap`);
  expect(named).toMatchObject({ _embedded: { groupIdToGroupNameMap: { [groupId]: expect.any(String) } } });
});

test.each([
  { name: '' },
  { name: 'x'.repeat(51) },
  { type: 'other' },
  { conditions: { expression: { type: 'urn:okta:expression:1.0', value: 'user.' } } },
  { conditions: { expression: { type: 'urn:okta:expression:1.0', value: 'appuser.name == "x"' } } },
  { actions: { assignUserToGroups: { groupIds: [] } } },
  { actions: { assignUserToGroups: { groupIds: ['00gNOWHERE'] } } },
])('%j is refused', async (changes) => {
  const { status, body } = await api.request<ApiError>('POST', RULES, {
    ...bodyOf([(await group()).id], 'true'),
    ...changes,
  });
  expect([status, body.errorCode]).toEqual([400, 'E0000001']);
});

test('of ten rules of one name made at once, one is made', async () => {
  const body = bodyOf([(await group()).id], 'false');
  const answers = await Promise.all(Array.from({ length: 10 }, () => api.request('POST', RULES, body)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array.from({ length: 9 }, () => 400)]);
});
