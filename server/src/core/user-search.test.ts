import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Filter, FilterOperator } from '../base/filter-expression.ts';
import { transact } from './env.ts';
import { filterToSql } from './filter.ts';
import { ensureEveryone } from './groups.ts';
import { peopleWithWords } from './profile-words.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { deactivateUser, deleteUser, suspendUser } from './user-lifecycle.ts';
import { type ListedUser, listUsers, type UserListQuery, userSearchAttributes } from './user-search.ts';
import { changeProfile, createUser, holdUser } from './users.ts';

let world: TestEnv;

const people = [
  ['ada', 'Ada', 'Lovelace', 'Countess'],
  ['grace', 'Grace', 'Hopper', 'Rear admiral'],
  ['alan', 'Alan', 'Turing', null],
  ['annie', 'Annie', 'Easley', 'rocket scientist'],
  ['gone', 'Gone', 'Person', null],
  ['idle', 'idle', 'hopper', null],
] as const;

beforeAll(async () => {
  world = await createTestEnv();
  await ensureEveryone(world.env);
  for (const [name, firstName, lastName, title] of people) {
    world.advance(1000);
    const profile = { login: `${name}@example.com`, email: `${name}.mail@example.org`, firstName, lastName, title };
    const { id } = await createUser(world.env, { profile, password: 'Correct-Horse-1' });
    if (name === 'gone') await deactivateUser(world.env, id);
    if (name === 'idle') await suspendUser(world.env, id);
  }
});

afterAll(() => world.close());

async function find(query: Partial<UserListQuery>, size = 2): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | null = null; ; ) {
    const page: ListedUser[] = await listUsers(world.env, { ...query, after, limit: size });
    names.push(...page.map(({ login }) => login.split('@')[0] ?? ''));
    const last = page.at(-1);
    if (page.length < size || !last) return names;
    after = last.position;
  }
}

describe('a list of users', () => {
  const everyone = ['ada', 'grace', 'alan', 'annie', 'idle'];
  test.each<[Partial<UserListQuery>, string[]]>([
    [{}, everyone],
    [{ q: 'a' }, ['ada', 'alan', 'annie']],
    [{ q: 'HOPP' }, ['grace', 'idle']],
    [{ q: 'grace hopper' }, ['grace']],
    [{ q: 'alan.mail@' }, ['alan']],
    [{ q: 'lan' }, []],
    [{ q: '%' }, []],
    [{ filter: 'status eq "DEPROVISIONED"' }, ['gone']],
    [{ filter: 'status eq "ACTIVE" and profile.lastName eq "Hopper"' }, ['grace']],
    [{ filter: 'profile.login eq "ADA@example.com" or profile.email eq "annie.mail@example.org"' }, ['ada', 'annie']],
    [{ filter: 'lastUpdated gt "2026-11-24T10:00:04.000Z"' }, ['gone', 'idle']],
    [{ search: 'status eq "active"' }, ['ada', 'grace', 'alan', 'annie']],
    [{ search: 'status lt "SUSPENDED" or status gt "SUSPENDED"' }, ['ada', 'grace', 'alan', 'annie', 'gone']],
    [
      { search: 'profile.firstName sw "A" and (profile.title pr or profile.lastName eq "turing")' },
      ['ada', 'alan', 'annie'],
    ],
    [{ search: 'profile.title co "ADMIRAL"' }, ['grace']],
    [{ search: 'profile.email sw "GRACE.mail"' }, ['grace']],
    [{ search: 'created ge "2026-11-24T10:00:03.000Z" and created lt "2026-11-24T10:00:05.000Z"' }, ['alan', 'annie']],
    [{ search: 'status pr', sortBy: 'profile.lastName' }, ['annie', 'grace', 'idle', 'ada', 'gone', 'alan']],
    [
      { search: 'status pr', sortBy: 'profile.lastName', sortOrder: 'desc' },
      ['alan', 'gone', 'ada', 'grace', 'idle', 'annie'],
    ],
    [{ search: 'status pr', sortBy: 'created', sortOrder: 'DESC' }, ['idle', 'gone', 'annie', 'alan', 'grace', 'ada']],
    [{ search: 'status pr', sortBy: 'profile.title' }, ['alan', 'gone', 'idle', 'ada', 'grace', 'annie']],
    [{ search: 'profile.lastName eq "Hopper"', sortOrder: '0' }, ['grace', 'idle']],
    [{ sortBy: 'profile.lastName' }, everyone],
  ])('%j', async (query, expected) => {
    expect(await find(query)).toEqual(expected);
    expect(await find(query, 50)).toEqual(expected);
  });

  test.each<[Partial<UserListQuery>, string]>([
    [{ search: 'status eq' }, 'E0000031'],
    [{ search: 'status ne "ACTIVE"' }, 'E0000031'],
    [{ search: 'password_hash pr' }, 'E0000031'],
    [{ search: 'profile.password pr' }, 'E0000031'],
    [{ filter: 'profile.title eq "x"' }, 'E0000031'],
    [{ filter: 'status sw "A"' }, 'E0000031'],
    [{ search: 'status pr', sortBy: 'password_hash' }, 'E0000031'],
    [{ search: 'status pr', filter: 'status eq "ACTIVE"' }, 'E0000033'],
  ])('%j is refused with %s', async (query, code) => {
    await expect(find(query)).rejects.toMatchObject({ code });
  });

  test('a cursor keeps its place while others come and go', async () => {
    const [first] = await listUsers(world.env, { limit: 1 });
    await world.env.db
      .updateTable('users')
      .set({ status: 'DEPROVISIONED' })
      .where('id', '=', first?.id ?? '')
      .execute();
    const rest = await listUsers(world.env, { limit: 10, after: first?.position ?? null });
    expect(rest.map(({ profile }) => profile.firstName)).toEqual(['Grace', 'Alan', 'Annie', 'idle']);
    await world.env.db
      .updateTable('users')
      .set({ status: 'ACTIVE' })
      .where('id', '=', first?.id ?? '')
      .execute();
  });
});

test('words find whom the search means, whatever it asks: few are asked the rest, or everybody', async () => {
  const { env } = world;
  const attribute = fc.constantFrom('login', 'email', 'firstName', 'lastName', 'title', 'department');
  const operator = fc.constantFrom('eq', 'sw', 'co', 'ew', 'gt');
  const value = fc.constantFrom(
    'ada',
    'Hopper',
    'HOP',
    'a',
    'an',
    'rear',
    ' admiral',
    'example.com',
    'e',
    'rocket scientist',
    'é',
  );
  const tests = fc.record({ attribute, operator, value }).map(
    (one): Filter => ({
      ...{ kind: 'test', attribute: `profile.${one.attribute}`, value: one.value },
      operator: one.operator as FilterOperator,
    }),
  );
  const joined = (part: fc.Arbitrary<Filter>) =>
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      parts: fc.array(part, { minLength: 2, maxLength: 3 }),
    });
  await fc.assert(
    fc.asyncProperty(fc.oneof(tests, joined(tests), joined(fc.oneof(tests, joined(tests)))), async (filter) => {
      const exact = await env.db
        .selectFrom('users')
        .select('id')
        .where(filterToSql(filter, userSearchAttributes))
        .execute();
      const few = await peopleWithWords(env, filter, userSearchAttributes);
      if (few !== null) expect(few).toEqual(expect.arrayContaining(exact.map(({ id }) => id)));
    }),
    { numRuns: 300 },
  );
});

test('a profile that changes is found by its new words alone', async () => {
  const { env } = world;
  const profile = { login: 'new@example.com', email: 'new@example.com', firstName: 'Zoë', lastName: 'Quist' };
  const { id } = await createUser(env, { profile, password: 'Correct-Horse-1' });
  expect(await find({ search: 'profile.lastName eq "QUIST"' })).toEqual(['new']);
  await transact(env, async (env) =>
    changeProfile(env, await holdUser(env, id), { profile: { lastName: 'Berg' }, how: 'merge' }),
  );
  expect(await find({ search: 'profile.lastName eq "Quist"' })).toEqual([]);
  expect(await find({ search: 'profile.lastName sw "ber"' })).toEqual(['new']);
  expect(await find({ q: 'Zoë B' })).toEqual(['new']);
  await deactivateUser(env, id);
  await deleteUser(env, id);
  expect(await env.db.selectFrom('profile_words').select('user_id').where('user_id', '=', id).execute()).toEqual([]);
});
