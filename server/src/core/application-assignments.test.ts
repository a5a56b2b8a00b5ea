import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  appUserName,
  assignGroup,
  assignUser,
  getAssignedUser,
  isAssigned,
  listAssignedGroups,
  unassignGroup,
  unassignUser,
  updateAssignedUser,
} from './application-assignments.ts';
import { listApplications } from './application-search.ts';
import type { AnyApplication } from './applications.ts';
import { listAssignedUsers } from './assigned-people.ts';
import { type ApplicationInput, createApplication } from './change-applications.ts';
import { addMembership, createGroup, ensureEveryone, type Group } from './groups.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { createUser, type User } from './users.ts';

let world: TestEnv;
let application: AnyApplication;
let jo: User;
let ann: User;
let staff: Group;
let everyone: Group;

async function make(changes: Partial<ApplicationInput> = {}): Promise<AnyApplication> {
  const settings = { redirect_uris: ['https://app.example.com/cb'] };
  const input: ApplicationInput = {
    label: 'Catalogue',
    signOnMode: 'OPENID_CONNECT',
    oauthClient: { settings, credentials: {} },
    ...changes,
  };
  return (await createApplication(world.env, input, 'ACTIVE')).application;
}

function person(firstName: string): Promise<User> {
  const login = `${firstName.toLowerCase()}@example.com`;
  return createUser(world.env, { profile: { login, email: login, firstName, lastName: 'Doe' } });
}

beforeEach(async () => {
  world = await createTestEnv();
  everyone = await ensureEveryone(world.env);
  application = await make();
  jo = await person('Jo');
  world.advance(5);
  ann = await person('Ann');
  staff = await createGroup(world.env, { name: 'Staff' });
  await addMembership(world.env, staff.id, jo.id, 'DIRECT');
});
afterEach(() => world.close());

const who = async () => {
  const rows = await listAssignedUsers(world.env, application, { q: undefined, after: null, limit: 50 });
  return rows.map(({ user, scope, groupId }) => [user.login, scope, groupId]);
};

describe('whether a person is assigned', () => {
  it('is no, until somebody does it', async () => {
    expect(await isAssigned(world.env, application, jo.id)).toBe(false);
  });

  it('is yes by name, for that person alone', async () => {
    await assignUser(world.env, application.id, { userId: jo.id });
    expect(await isAssigned(world.env, application, jo.id)).toBe(true);
    expect(await isAssigned(world.env, application, ann.id)).toBe(false);
  });

  it('is yes through a group, for its members alone', async () => {
    await assignGroup(world.env, application.id, staff.id, {});
    expect(await isAssigned(world.env, application, jo.id)).toBe(true);
    expect(await isAssigned(world.env, application, ann.id)).toBe(false);
  });

  it('is yes for all through Everyone', async () => {
    await assignGroup(world.env, application.id, everyone.id, {});
    for (const user of [jo, ann]) expect(await isAssigned(world.env, application, user.id)).toBe(true);
    expect(await isAssigned(world.env, application, '00u00000000000000000')).toBe(false);
  });

  it('is yes where the application admits everyone', async () => {
    const open = await make({ label: 'Open', settings: { implicitAssignment: true } });
    expect(await isAssigned(world.env, open, ann.id)).toBe(true);
  });

  it('is a matter of each application', async () => {
    const other = await make({ label: 'Other' });
    await assignUser(world.env, other.id, { userId: jo.id });
    await assignGroup(world.env, other.id, everyone.id, {});
    expect(await isAssigned(world.env, application, jo.id)).toBe(false);
    const mine = await listApplications(world.env, { filter: `user.id eq "${jo.id}"`, after: null, limit: 20 });
    expect(mine.map(({ id }) => id)).toEqual([other.id]);
    const groups = await listApplications(world.env, {
      filter: `group.id eq "${everyone.id}"`,
      after: null,
      limit: 20,
    });
    expect(groups.map(({ id }) => id)).toEqual([other.id]);
  });
});

describe('the people of an application', () => {
  it('are those assigned by name and those of the assigned groups, each once', async () => {
    await assignGroup(world.env, application.id, staff.id, { priority: 5 });
    await assignGroup(world.env, application.id, everyone.id, { priority: 9 });
    await assignUser(world.env, application.id, { userId: ann.id });
    expect(await who()).toEqual([
      ['jo@example.com', 'GROUP', staff.id],
      ['ann@example.com', 'USER', null],
    ]);
  });

  it('are found by the beginning of a name, login or e-mail, page by page', async () => {
    await assignGroup(world.env, application.id, everyone.id, {});
    const find = async (q: string | undefined, after: string | null = null, limit = 50) =>
      (await listAssignedUsers(world.env, application, { q, after, limit })).map(({ user }) => user.login);
    expect(await find('AN')).toEqual(['ann@example.com']);
    expect(await find('doe')).toEqual(['jo@example.com', 'ann@example.com']);
    expect(await find('jo@')).toEqual(['jo@example.com']);
    expect(await find('%')).toEqual([]);
    expect(await find(undefined, jo.id)).toEqual(['ann@example.com']);
    expect(await find(undefined, null, 1)).toHaveLength(2);
  });

  it('are assigned once, even by two at the same time', async () => {
    const outcomes = await Promise.allSettled(
      [1, 2].map(() => assignUser(world.env, application.id, { userId: jo.id })),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(failed?.reason.message).toContain('E0000062');
  });

  it('leave when their assignment ends, unless a group keeps them', async () => {
    await assignUser(world.env, application.id, { userId: jo.id });
    await assignGroup(world.env, application.id, staff.id, {});
    await unassignUser(world.env, application.id, jo.id);
    expect(await who()).toEqual([['jo@example.com', 'GROUP', staff.id]]);
    await expect(unassignUser(world.env, application.id, jo.id)).rejects.toThrow(/through a group/);
    await unassignGroup(world.env, application.id, staff.id);
    expect(await who()).toEqual([]);
    await expect(unassignUser(world.env, application.id, jo.id)).rejects.toThrow('E0000007');
  });

  it('are unknown when they or the application do not exist', async () => {
    await expect(assignUser(world.env, application.id, { userId: '00u00000000000000000' })).rejects.toThrow(
      /E0000007.*User/,
    );
    await expect(assignUser(world.env, '0oa00000000000000000', { userId: jo.id })).rejects.toThrow(
      /E0000007.*AppInstance/,
    );
    await expect(getAssignedUser(world.env, application, jo.id)).rejects.toThrow(/E0000007.*AppUser/);
  });
});

describe('the name of a person in an application', () => {
  it('is what the assignment says, else the login', async () => {
    expect(await appUserName(world.env, application, jo)).toBe('jo@example.com');
    await assignUser(world.env, application.id, { userId: jo.id, userName: 'jdoe' });
    expect(await appUserName(world.env, application, jo)).toBe('jdoe');
    await updateAssignedUser(world.env, application.id, jo.id, { userName: 'jo' });
    expect(await appUserName(world.env, application, jo)).toBe('jo');
  });

  it('follows the template of the application', async () => {
    const template = `$${'{fn:substringBefore(source.login, "@")}'}`;
    const short = await make({ userNameTemplate: { template, type: 'CUSTOM' } });
    expect(await appUserName(world.env, short, jo)).toBe('jo');
    await expect(make({ userNameTemplate: { template: `$${'{a.b()}'}`, type: 'CUSTOM' } })).rejects.toThrow(
      /not supported/,
    );
  });

  it('turns an assignment through a group into one by name when it is changed', async () => {
    await assignGroup(world.env, application.id, staff.id, {});
    const changed = await updateAssignedUser(world.env, application.id, jo.id, {
      userName: 'jdoe',
      profile: { nickname: 'J' },
    });
    expect(changed).toMatchObject({ scope: 'USER', userName: 'jdoe', profile: { nickname: 'J' } });
  });
});

describe('the groups of an application', () => {
  it('come by priority, which counts up from 0 when nothing is said, and are paged', async () => {
    const more = await createGroup(world.env, { name: 'More' });
    expect(await assignGroup(world.env, application.id, staff.id, {})).toMatchObject({ priority: 0 });
    expect(await assignGroup(world.env, application.id, more.id, { priority: 7 })).toMatchObject({ priority: 7 });
    expect(await assignGroup(world.env, application.id, everyone.id, {})).toMatchObject({ priority: 8 });
    expect(await assignGroup(world.env, application.id, staff.id, { priority: 9 })).toMatchObject({ priority: 9 });
    const list = async (after: string | null) =>
      (await listAssignedGroups(world.env, application.id, { after, limit: 20 })).map(({ group_id }) => group_id);
    expect(await list(null)).toEqual([more.id, everyone.id, staff.id]);
    expect(await list(`7:${more.id}`)).toEqual([everyone.id, staff.id]);
  });

  it('are unknown when they do not exist or are not assigned', async () => {
    await expect(assignGroup(world.env, application.id, '00g00000000000000000', {})).rejects.toThrow('E0000007');
    await expect(unassignGroup(world.env, application.id, staff.id)).rejects.toThrow('E0000007');
  });
});
