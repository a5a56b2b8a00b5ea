// Holds migrated databases of both kinds against tables.ts, and several processes against one database.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../../../test/support/postgres.ts';
import { createStatements, type Dialect } from './create-tables.ts';
import { type Database, openDatabase } from './database.ts';
import { migrate, migrations } from './migrate.ts';
import type { ColumnKind, Table } from './schema.ts';
import { tables } from './tables.ts';

type TableShape = {
  columns: Record<string, string>;
  primaryKey: readonly string[];
  unique: string[];
  indexes: string[];
};

const dialects: Dialect[] = ['sqlite', 'postgres'];
const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe.each(dialects)('%s', (dialect) => {
  test('a migrated database has exactly the tables, columns, keys and indexes of tables.ts', async () => {
    const database = await open(await emptyDatabase(dialect));
    await migrate(database, 1);
    expect(await shapeOf(database)).toEqual(expectedShape(dialect));
  });

  test('a database made of tables.ts itself has the same shape', async () => {
    const database = await open(await emptyDatabase(dialect));
    for (const statement of createStatements(tables, dialect)) await sql.raw(statement).execute(database.db);
    expect(await shapeOf(database)).toEqual(expectedShape(dialect));
  });

  test('a second start has nothing to do', async () => {
    const database = await open(await emptyDatabase(dialect));
    expect(await migrate(database, 1)).toEqual(migrations);
    expect(await migrate(database, 2)).toEqual([]);
  });

  test('of several processes that start at once, one migrates and the others wait for it', {
    timeout: 60_000,
  }, async () => {
    const url = await emptyDatabase(dialect);
    const applied = await Promise.all(Array.from({ length: 4 }, () => migrateInProcess(url)));
    expect(applied.sort()).toEqual(['', '', '', migrations.join()]);
    expect(await shapeOf(await open(url))).toEqual(expectedShape(dialect));
  });

  test('a database that a newer version has migrated is refused', async () => {
    const database = await open(await emptyDatabase(dialect));
    await migrate(database, 1);
    await sql`insert into schema_migrations (name, applied) values ('9999-later', 1)`.execute(database.db);
    await expect(migrate(database, 2)).rejects.toThrow('9999-later');
  });
});

async function emptyDatabase(dialect: Dialect): Promise<string> {
  if (dialect === 'sqlite') {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-migrate-'));
    ends.push(() => rmSync(folder, { recursive: true }));
    return `sqlite:${join(folder, 'test.db')}`;
  }
  const { url, drop } = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
  ends.push(drop);
  return url;
}

async function open(url: string): Promise<Database> {
  const database = openDatabase(url);
  ends.push(() => database.close());
  return database;
}

async function migrateInProcess(url: string): Promise<string> {
  const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const program = `
    const { openDatabase } = await import(${here('./database.ts')});
    const { migrate } = await import(${here('./migrate.ts')});
    const database = openDatabase(${JSON.stringify(url)});
    process.stdout.write((await migrate(database, 1)).join());
    await database.close();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  return stdout;
}

function expectedShape(dialect: Dialect): Record<string, TableShape> {
  const types: Record<ColumnKind, string> =
    dialect === 'sqlite'
      ? { text: 'text', bigint: 'integer', time: 'integer', json: 'text' }
      : { text: 'text C', bigint: 'bigint', time: 'bigint', json: 'json' };
  return Object.fromEntries(
    Object.entries(tables as Record<string, Table>).map(
      ([name, { columns, primaryKey, unique, indexes, partialIndexes }]) => [
        name,
        {
          columns: Object.fromEntries(
            Object.entries(columns).map(([column, { kind, nullable }]) => [
              column,
              `${types[kind]}${nullable ? ' null' : ''}`,
            ]),
          ),
          primaryKey,
          unique: unique.map((names) => names.join()).sort(),
          indexes: [...indexes, ...partialIndexes.map((index) => index.columns)].map((names) => names.join()).sort(),
        },
      ],
    ),
  );
}

async function shapeOf(database: Database): Promise<Record<string, TableShape>> {
  const names = await tableNames(database);
  const shapes: Record<string, TableShape> = {};
  for (const name of names.filter((name) => name !== 'schema_migrations'))
    shapes[name] =
      database.dialect === 'sqlite' ? await sqliteShape(database, name) : await postgresShape(database, name);
  return shapes;
}

async function tableNames({ db, dialect }: Database): Promise<string[]> {
  const query =
    dialect === 'sqlite'
      ? sql<{ name: string }>`select name from sqlite_schema where type = 'table'`
      : sql<{ name: string }>`select table_name as name from information_schema.tables where table_schema = 'public'`;
  return (await query.execute(db)).rows.map(({ name }) => name);
}

async function sqliteShape({ db }: Database, table: string): Promise<TableShape> {
  type Column = { name: string; type: string; notnull: number; pk: number };
  const columns = (await sql<Column>`select name, type, "notnull", pk from pragma_table_info(${table})`.execute(db))
    .rows;
  type Index = { name: string; origin: string; unique: number; columns: string };
  const indexes = (
    await sql<Index>`select il.name, il.origin, il."unique",
      (select group_concat(ii.name) from (select name from pragma_index_info(il.name) order by seqno) ii) as columns
      from pragma_index_list(${table}) il`.execute(db)
  ).rows.filter(({ origin }) => origin === 'c');
  return {
    columns: Object.fromEntries(
      columns.map(({ name, type, notnull }) => [name, `${type.toLowerCase()}${notnull ? '' : ' null'}`]),
    ),
    primaryKey: columns
      .filter(({ pk }) => pk > 0)
      .sort((one, other) => one.pk - other.pk)
      .map(({ name }) => name),
    unique: indexes
      .filter(({ unique }) => unique === 1)
      .map((index) => index.columns)
      .sort(),
    indexes: indexes
      .filter(({ unique }) => unique === 0)
      .map((index) => index.columns)
      .sort(),
  };
}

async function postgresShape({ db }: Database, table: string): Promise<TableShape> {
  type Column = { name: string; type: string; collation: string | null; nullable: string };
  const columns = (
    await sql<Column>`select column_name as name, data_type as type, collation_name as collation, is_nullable as nullable
      from information_schema.columns where table_schema = 'public' and table_name = ${table}`.execute(db)
  ).rows;
  type Index = { primary: boolean; unique: boolean; columns: string };
  const indexes = (
    await sql<Index>`select i.indisprimary as primary, i.indisunique as unique, (
        select string_agg(a.attname, ',' order by k.place)
        from unnest(i.indkey) with ordinality as k (number, place)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
      ) as columns
      from pg_index i where i.indrelid = ${`public.${table}`}::regclass`.execute(db)
  ).rows;
  return {
    columns: Object.fromEntries(
      columns.map(({ name, type, collation, nullable }) => [
        name,
        `${type}${collation ? ` ${collation}` : ''}${nullable === 'YES' ? ' null' : ''}`,
      ]),
    ),
    primaryKey: indexes.find(({ primary }) => primary)?.columns.split(',') ?? [],
    unique: indexes
      .filter(({ primary, unique }) => unique && !primary)
      .map((index) => index.columns)
      .sort(),
    indexes: indexes
      .filter(({ unique }) => !unique)
      .map((index) => index.columns)
      .sort(),
  };
}
