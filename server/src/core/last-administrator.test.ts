import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../../../test/support/postgres.ts';
import { deleteGroup } from './delete-groups.ts';
import { transact } from './env.ts';
import { addUserToGroup, removeUserFromGroup } from './group-memberships.ts';
import { createGroup, ensureEveryone } from './groups.ts';
import { assignRole, rolesOfUser, unassignRole } from './roles.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { deactivateUser, deleteUser, suspendUser } from './user-lifecycle.ts';
import { createUser } from './users.ts';

let world: TestEnv;
let ada: string;
let bob: string;

beforeEach(async () => {
  world = await createTestEnv();
  await ensureEveryone(world.env);
  ada = await newUser('ada@example.com');
  bob = await newUser('bob@example.com');
});
afterEach(() => world.close());

async function newUser(login: string): Promise<string> {
  const profile = { login, email: login, firstName: 'Ada', lastName: 'L' };
  return (await createUser(world.env, { profile, password: 'Tr0ubadour-Kiln!' })).id;
}

const refused = { code: 'E0000001', causes: [expect.stringContaining('no active super administrator')] };

describe('the last super administrator', () => {
  test('keeps role, account and freedom', async () => {
    const { id } = await assignRole(world.env, { userId: ada, type: 'SUPER_ADMIN' });
    await expect(unassignRole(world.env, { userId: ada }, id)).rejects.toMatchObject(refused);
    await expect(suspendUser(world.env, ada)).rejects.toMatchObject(refused);
    await expect(deactivateUser(world.env, ada)).rejects.toMatchObject(refused);
    await expect(deleteUser(world.env, ada)).rejects.toMatchObject(refused);
    expect((await rolesOfUser(world.env, ada)).map(({ type }) => type)).toEqual(['SUPER_ADMIN']);
  });

  test('by a group keeps the group, its role and the place in it', async () => {
    const group = await createGroup(world.env, { name: 'Admins' });
    const { id } = await assignRole(world.env, { groupId: group.id, type: 'SUPER_ADMIN' });
    await addUserToGroup(world.env, group.id, ada);
    await expect(unassignRole(world.env, { groupId: group.id }, id)).rejects.toMatchObject(refused);
    await expect(deleteGroup(world.env, group.id)).rejects.toMatchObject(refused);
    await expect(removeUserFromGroup(world.env, group.id, ada)).rejects.toMatchObject(refused);
    await expect(suspendUser(world.env, ada)).rejects.toMatchObject(refused);
    await addUserToGroup(world.env, group.id, bob);
    await removeUserFromGroup(world.env, group.id, ada);
  });

  test('is not replaced by one who cannot sign in', async () => {
    const { id } = await assignRole(world.env, { userId: ada, type: 'SUPER_ADMIN' });
    const other = await assignRole(world.env, { userId: bob, type: 'SUPER_ADMIN' });
    await suspendUser(world.env, bob);
    await expect(unassignRole(world.env, { userId: ada }, id)).rejects.toMatchObject(refused);
    // Bob administered nothing any longer, so nothing is lost with his role.
    expect(await unassignRole(world.env, { userId: bob }, other.id)).toBe(true);
  });

  test('of two is either, not both', async () => {
    const one = await assignRole(world.env, { userId: ada, type: 'SUPER_ADMIN' });
    await assignRole(world.env, { userId: bob, type: 'SUPER_ADMIN' });
    expect(await unassignRole(world.env, { userId: ada }, one.id)).toBe(true);
    await expect(deactivateUser(world.env, bob)).rejects.toMatchObject(refused);
  });
});

test('who is no super administrator may go, also where there is none', async () => {
  const { id } = await assignRole(world.env, { userId: ada, type: 'ORG_ADMIN' });
  expect(await unassignRole(world.env, { userId: ada }, id)).toBe(true);
  await deactivateUser(world.env, bob);
});

test('PostgreSQL: of two who go at the same moment the second sees the first go', async () => {
  await world.close();
  const database = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
  try {
    world = await createTestEnv({ databaseUrl: database.url });
    await ensureEveryone(world.env);
    const [first, second] = [await newUser('ada@example.com'), await newUser('bob@example.com')];
    for (const userId of [first, second]) await assignRole(world.env, { userId, type: 'SUPER_ADMIN' });
    const suspended = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const one = transact(world.env, async (env) => {
      await suspendUser(env, first);
      suspended.resolve();
      await commit.promise;
    });
    await suspended.promise;
    const other = suspendUser(world.env, second).then(
      () => null,
      (error: unknown) => error,
    );
    await expect.poll(waitingForALock, { timeout: 20_000 }).toBe(1);
    commit.resolve();
    await one;
    expect(await other).toMatchObject(refused);
  } finally {
    await world.close();
    await database.drop();
  }
});

async function waitingForALock(): Promise<number> {
  const { rows } = await sql<{ count: string }>`
    select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
    world.env.db,
  );
  return Number(rows[0]?.count);
}
