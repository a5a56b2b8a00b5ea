import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { apiScopes, includesScope, isApiScope } from './api-scopes.ts';
import { createApiToken, findApiToken, systemPrincipal } from './api-tokens.ts';
import { addMembership, createGroup, ensureEveryone } from './groups.ts';
import { assignRole, hasAdministrator, roles, rolesOf, rolesOfUser, scopesOfRoles, unassignRole } from './roles.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { createUser } from './users.ts';

let world: TestEnv;
let userId: string;

beforeEach(async () => {
  world = await createTestEnv();
  await ensureEveryone(world.env);
  userId = await newUser('ada@example.com');
});
afterEach(() => world.close());

async function newUser(login: string): Promise<string> {
  return (await createUser(world.env, { profile: { login, email: login, firstName: 'Ada', lastName: 'L' } })).id;
}

const typesOf = async () => (await rolesOfUser(world.env, userId)).map(({ type }) => type);

describe('a role', () => {
  test('is held once: the second assignment is refused', async () => {
    await assignRole(world.env, { userId, type: 'APP_ADMIN' });
    await expect(assignRole(world.env, { userId, type: 'APP_ADMIN' })).rejects.toMatchObject({ code: 'E0000090' });
    expect(await typesOf()).toEqual(['APP_ADMIN']);
  });

  test('is held once, even when it is given many times at once', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, () => assignRole(world.env, { userId, type: 'APP_ADMIN' })),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('must exist, and so must its holder', async () => {
    await expect(assignRole(world.env, { userId, type: 'EMPEROR' })).rejects.toMatchObject({ code: 'E0000001' });
    await expect(assignRole(world.env, { userId, type: 'toString' })).rejects.toMatchObject({ code: 'E0000001' });
    const nobody = { userId: '00u00000000000000000', type: 'APP_ADMIN' };
    await expect(assignRole(world.env, nobody)).rejects.toMatchObject({ code: 'E0000007' });
  });

  test('of a group is a role of its members', async () => {
    const group = await createGroup(world.env, { name: 'Helpers' });
    await assignRole(world.env, { groupId: group.id, type: 'HELP_DESK_ADMIN' });
    expect(await typesOf()).toEqual([]);
    await addMembership(world.env, group.id, userId, 'DIRECT');
    expect(await typesOf()).toEqual(['HELP_DESK_ADMIN']);
    expect(await rolesOf(world.env, { userId })).toEqual([]);
  });

  test('is taken away by its id, from its own holder only', async () => {
    const { id } = await assignRole(world.env, { userId, type: 'APP_ADMIN' });
    const other = await newUser('bob@example.com');
    expect(await unassignRole(world.env, { userId: other }, id)).toBe(false);
    expect(await unassignRole(world.env, { userId }, id)).toBe(true);
    expect(await unassignRole(world.env, { userId }, id)).toBe(false);
    expect(await typesOf()).toEqual([]);
  });

  test('given and taken is in the System Log', async () => {
    const { id } = await assignRole(world.env, { userId, type: 'APP_ADMIN' });
    await unassignRole(world.env, { userId }, id);
    const events = await world.env.db.selectFrom('system_log').select('event_type').orderBy('sequence').execute();
    const types = events.map(({ event_type }) => event_type);
    expect(types.slice(-2)).toEqual(['user.account.privilege.grant', 'user.account.privilege.revoke']);
  });
});

test('the org has an administrator as soon as somebody is a super administrator, and no other role makes one', async () => {
  await assignRole(world.env, { userId, type: 'ORG_ADMIN' });
  expect(await hasAdministrator(world.env)).toBe(false);
  await assignRole(world.env, { userId, type: 'SUPER_ADMIN' });
  expect(await hasAdministrator(world.env)).toBe(true);
});

test('the first super administrator takes over the tokens of the system', async () => {
  const { value } = await createApiToken(world.env, { name: 'First start', userId: systemPrincipal.id });
  await assignRole(world.env, { userId, type: 'SUPER_ADMIN' });
  expect((await findApiToken(world.env, value))?.user_id).toBe(userId);
});

describe('what roles open', () => {
  const opens = (type: string, scope: string) => scopesOfRoles([type])(scope);

  test('a super administrator everything', () => {
    expect(apiScopes.filter(({ name }) => !opens('SUPER_ADMIN', name))).toEqual([]);
  });

  test('an organization administrator everything but handing out roles and saying who vouches for people', () => {
    expect(apiScopes.filter(({ name }) => !opens('ORG_ADMIN', name)).map(({ name }) => name)).toEqual([
      'okta.idps.manage',
      'okta.roles.manage',
    ]);
  });

  test('a read-only administrator every reading, nothing else', () => {
    const opened = apiScopes.map(({ name }) => name).filter((name) => opens('READ_ONLY_ADMIN', name));
    expect(opened).toEqual(apiScopes.map(({ name }) => name).filter((name) => name.endsWith('.read')));
  });

  test.each([
    ['APP_ADMIN', 'okta.apps.manage', 'okta.users.manage'],
    ['USER_ADMIN', 'okta.users.manage', 'okta.apps.manage'],
    ['GROUP_MEMBERSHIP_ADMIN', 'okta.groups.manage', 'okta.users.manage'],
    ['HELP_DESK_ADMIN', 'okta.users.manage', 'okta.groups.manage'],
    ['API_ACCESS_MANAGEMENT_ADMIN', 'okta.authorizationServers.manage', 'okta.apps.manage'],
    ['REPORT_ADMIN', 'okta.logs.read', 'okta.users.read'],
    ['MOBILE_ADMIN', 'okta.devices.manage', 'okta.apps.read'],
  ])('%s: %s, and not %s', (type, scope, other) => {
    expect([opens(type, scope), opens(type, other)]).toEqual([true, false]);
  });

  test('to manage includes to read', () => {
    expect(opens('APP_ADMIN', 'okta.apps.read')).toBe(true);
  });

  test('nobody but a super administrator manages roles', () => {
    expect(Object.keys(roles).filter((type) => opens(type, 'okta.roles.manage'))).toEqual(['SUPER_ADMIN']);
  });

  test('an unknown role nothing', () => {
    expect(opens('CUSTOM', 'okta.users.read')).toBe(false);
    expect(scopesOfRoles([])('okta.users.read')).toBe(false);
  });
});

describe('scopes', () => {
  test('have one name each', () => {
    expect(new Set(apiScopes.map(({ name }) => name)).size).toBe(apiScopes.length);
    expect(isApiScope('okta.users.manage')).toBe(true);
    expect(isApiScope('okta.unicorns.read')).toBe(false);
  });

  test.each([
    ['okta.users.manage', 'okta.users.read', true],
    ['okta.users.read', 'okta.users.manage', false],
    ['okta.users.manage.self', 'okta.users.read.self', true],
    ['okta.users.manage.self', 'okta.users.read', false],
    ['okta.users.manage', 'okta.usersX.read', false],
  ])('%s answers for %s: %s', (held, needed, expected) => {
    expect(includesScope(held, needed)).toBe(expected);
  });
});
