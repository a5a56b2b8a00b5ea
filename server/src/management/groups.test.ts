import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createUser } from '../core/users.ts';
import { groupRoutes } from './groups.ts';
import { createTestApi, linkNames, ORG, refused, type TestApi } from './test-api.ts';
import { userRoutes } from './users.ts';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi([...groupRoutes, ...userRoutes]);
});

afterEach(() => api.world.close());

const call: TestApi['call'] = (...request) => api.call(...request);

describe('a group', () => {
  test('looks as clients know it, member by member', async () => {
    const given = { profile: { name: 'Analysts', description: '' } };
    const { status, body } = await call('POST', '/groups', given);
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual([
      'id',
      'created',
      'lastUpdated',
      'lastMembershipUpdated',
      'objectClass',
      'type',
      'profile',
      '_links',
    ]);
    expect(body).toMatchObject({ ...given, type: 'OKTA_GROUP', objectClass: ['okta:user_group'] });
    expect(linkNames(body)).toEqual(['logo', 'owners', 'users', 'apps']);
    expect((await call('GET', `/groups/${body.id}`)).body).toEqual(body);
    const renamed = await call('PUT', `/groups/${body.id}`, { profile: { name: 'Askers' } });
    expect(renamed.body.profile).toEqual({ name: 'Askers', description: null });
    expect((await call('DELETE', `/groups/${body.id}`)).status).toBe(204);
    expect(refused(await call('GET', `/groups/${body.id}`))).toEqual([
      404,
      'E0000007',
      `Not found: Resource not found: ${body.id} (UserGroup)`,
      [],
    ]);
  });

  test('has members, each in a page', async () => {
    api.world.advance(1);
    const profile = { login: 'ada@example.com', email: 'ada@example.com' };
    const { id } = await createUser(api.world.env, { profile });
    const { body: group } = await call('POST', '/groups', { profile: { name: 'Analysts' } });
    for (const userId of [id, api.admin.id, id])
      expect((await call('PUT', `/groups/${group.id}/users/${userId}`)).status).toBe(204);
    const first = await call('GET', `/groups/${group.id}/users?limit=1`);
    expect(first.body).toHaveLength(1);
    expect(first.headers.get('link')).toContain('rel="next"');
    expect((await call('GET', `/groups/${group.id}/users`)).body.map((one) => one.id)).toEqual([api.admin.id, id]);
    expect((await call('DELETE', `/groups/${group.id}/users/${api.admin.id}`)).status).toBe(204);
    const mine = await call('GET', `/users/${id}/groups`);
    expect(mine.body.map((one) => one.profile)).toEqual([
      { name: 'Everyone', description: 'All users in your organization' },
      { name: 'Analysts', description: null },
    ]);
    expect(mine.headers.get('link')).toBe(`<${ORG}/api/v1/users/${id}/groups?limit=200>; rel="self"`);
    const { body } = await call('GET', '/groups?q=ana&expand=stats');
    expect(body).toMatchObject([{ _embedded: { stats: { usersCount: 1, appsCount: 0 } } }]);
  });

  test.each<[object, string, string]>([
    [{ profile: { name: '' } }, 'name', 'name: The field cannot be left blank'],
    [
      { profile: { name: 'Everyone' } },
      'name',
      'name: An object with this field already exists in the current organization',
    ],
    [{ profile: { name: 'A', color: 'red' } }, 'newGroup', "Property name 'color' is not defined in profile"],
    [{ profile: {} }, 'profile.name', 'profile.name: The field cannot be left blank'],
  ])('%j is refused', async (body, subject, cause) => {
    expect(refused(await call('POST', '/groups', body))).toEqual([
      400,
      'E0000001',
      `Api validation failed: ${subject}`,
      [{ errorSummary: cause }],
    ]);
  });
});
