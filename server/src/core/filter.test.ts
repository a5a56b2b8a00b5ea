import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newUuid } from '../base/uuid.ts';
import { toJson } from '../storage/schema.ts';
import { equality, type FilterAttributes, filterToSql, parseFilter, textOperators, timeOperators } from './filter.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

// Any table with a json column, a text column and a time column will do.
const attributes: FilterAttributes = {
  type: { column: sql.ref('event_type'), kind: 'exact', operators: textOperators },
  name: { column: sql`${sql.ref('event')} ->> 'name'`, kind: 'text', operators: textOperators },
  key: { column: sql.ref('actor_id'), kind: 'key', operators: equality },
  published: { column: sql.ref('published'), kind: 'time', operators: timeOperators },
};

const day = (date: number) => Date.UTC(2026, 0, date);
const rows = [
  { event_type: 'a.b', name: 'Ada Lovelace', key: 'ada@example.com', published: day(1) },
  { event_type: 'a.c', name: '100% _sure_', key: 'grace@example.com', published: day(2) },
  { event_type: 'A.b', name: null, key: 'joe@example.com', published: day(3) },
];

let world: TestEnv;

beforeAll(async () => {
  world = await createTestEnv();
  for (const { event_type, name, key, published } of rows)
    await world.env.db
      .insertInto('system_log')
      .values({
        uuid: newUuid(world.env.random),
        sequence: String(published),
        published,
        event_type,
        outcome_result: 'SUCCESS',
        severity: 'INFO',
        actor_id: key,
        event: toJson(name === null ? {} : { name }),
      })
      .execute();
});

afterAll(() => world.close());

async function find(filter: string): Promise<number[]> {
  const found = await world.env.db
    .selectFrom('system_log')
    .select('published')
    .where(filterToSql(parseFilter(filter), attributes))
    .orderBy('sequence')
    .execute();
  return found.map(({ published }) => rows.findIndex((row) => row.published === published) + 1);
}

describe('a filter on a list', () => {
  test.each<[string, number[]]>([
    ['type eq "a.b"', [1]],
    ['type sw "a."', [1, 2]],
    ['type sw ""', [1, 2, 3]],
    ['type ew ".b"', [1, 3]],
    ['type ew "longer than the value.b"', []],
    ['type co "A"', [3]],
    ['type gt "a.b"', [2]],
    ['name eq "ADA lovelace"', [1]],
    ['name sw "ada"', [1]],
    ['name co "LOVE"', [1]],
    ['name co "%"', [2]],
    ['name co "_"', [2]],
    ['name co ""', [1, 2, 3]],
    ['name pr', [1, 2]],
    ['key eq " ADA@example.com"', [1]],
    ['published eq "2026-01-02T00:00:00.000Z"', [2]],
    ['published gt "2026-01-01T00:00:00.000Z" and published lt "2026-01-03T00:00:00.000Z"', [2]],
    ['published ge "2026-01-02T01:00:00.000+01:00"', [2, 3]],
    ['type eq "a.b" or type eq "a.c" and name sw "100"', [1, 2]],
    ['(type eq "a.b" or type eq "a.c") and name sw "100"', [2]],
    [`type eq "x'; drop table users; --"`, []],
  ])('%s', async (filter, expected) => {
    expect(await find(filter)).toEqual(expected);
  });

  test.each([
    'nothing pr',
    'constructor pr',
    'key sw "a"',
    'type eq 1',
    'type eq null',
    'type ne "a"',
    'published eq "soon"',
    'published eq 5',
    'name',
  ])('%j is refused with E0000031', async (filter) => {
    await expect(find(filter)).rejects.toMatchObject({ code: 'E0000031' });
  });
});
