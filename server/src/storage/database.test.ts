// Holds both kinds of database to the same manners, and the embedded one to its promise: an answered write is
// there after kill -9, and a transaction is there whole or not at all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sql } from 'kysely';
import { afterEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../../../test/support/postgres.ts';
import type { Dialect } from './create-tables.ts';
import { type Database, type Db, isRetryable, isUniqueViolation, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { toJson } from './schema.ts';

const ends: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

describe.each<Dialect>(['sqlite', 'postgres'])('%s', (dialect) => {
  test('a json column is written with toJson and read parsed; a count is a number', async () => {
    const { db } = await migrated(dialect);
    const scopes = [{ type: 'CORS', note: 'ß "quoted"' }];
    await db
      .insertInto('trusted_origins')
      .values(origin('tos1', { scopes: toJson(scopes) }))
      .execute();
    const row = await db.selectFrom('trusted_origins').selectAll().executeTakeFirstOrThrow();
    expect(row.scopes).toEqual(scopes);
    expect(row.created).toBe(1_800_000_000_000);
    const { count } = await db
      .selectFrom('trusted_origins')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    expect(count).toBe(1);
  });

  test('a value already taken is told from other errors, by the columns of its index', async () => {
    const { db } = await migrated(dialect);
    await insert(db, 'tos1', 'https://a.example');
    const error = await insert(db, 'tos2', 'https://a.example').catch((error: unknown) => error);
    expect(isUniqueViolation(error, 'origin')).toBe(true);
    expect(isUniqueViolation(error, 'name')).toBe(false);
    expect(isUniqueViolation(new Error('something else'), 'origin')).toBe(false);
  });

  test('text sorts byte by byte', async () => {
    const { db } = await migrated(dialect);
    for (const id of ['a', 'B', 'Z', '_', 'é', '1']) await insert(db, id);
    const rows = await db.selectFrom('trusted_origins').select('id').orderBy('id').execute();
    expect(rows.map(({ id }) => id)).toEqual(['1', 'B', 'Z', '_', 'a', 'é']);
  });

  test('a throw undoes the whole transaction', async () => {
    const { db } = await migrated(dialect);
    const work = db.transaction().execute(async (tx) => {
      await insert(tx, 'tos1');
      await insert(tx, 'tos2');
      throw new Error('no');
    });
    await expect(work).rejects.toThrow('no');
    expect(await ids(db)).toEqual([]);
  });

  test('of transactions that run together, the one that fails takes none with it', async () => {
    const { db } = await migrated(dialect);
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, index) =>
        db.transaction().execute(async (tx) => {
          await insert(tx, `${index}-first`);
          if (index % 3 === 1) throw new Error('refused');
          await insert(tx, `${index}-second`);
        }),
      ),
    );
    const kept = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(kept).toHaveLength(20);
    expect((await ids(db)).sort()).toEqual(kept.flatMap((index) => [`${index}-first`, `${index}-second`]).sort());
  });

  test('a statement that fails inside a transaction fails it, and the next one works', async () => {
    const { db } = await migrated(dialect);
    await insert(db, 'tos1', 'https://taken.example');
    const failing = db.transaction().execute(async (tx) => {
      await insert(tx, 'tos2');
      await insert(tx, 'tos3', 'https://taken.example');
    });
    await expect(failing).rejects.toSatisfy((error) => isUniqueViolation(error, 'origin'));
    await insert(db, 'tos4');
    expect(await ids(db)).toEqual(['tos1', 'tos4']);
  });

  test('of any number of updates that use a thing up, one gets it', async () => {
    const { db } = await migrated(dialect);
    await insert(db, 'tos1');
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        db
          .updateTable('trusted_origins')
          .set({ status: 'USED' })
          .where('id', '=', 'tos1')
          .where('status', '=', 'ACTIVE')
          .returning('id')
          .executeTakeFirst(),
      ),
    );
    expect(results.filter((row) => row !== undefined)).toHaveLength(1);
  });
});

test('PostgreSQL: a transaction given up in a deadlock may be tried again', async () => {
  const { db } = await migrated('postgres');
  await insert(db, 'one');
  await insert(db, 'two');
  const touch = (tx: Db, id: string) =>
    tx.updateTable('trusted_origins').set({ status: id }).where('id', '=', id).execute();
  const reached = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const crossing = ([first, second]: [string, string], mine: number) =>
    db.transaction().execute(async (tx) => {
      await touch(tx, first);
      reached[mine]?.resolve();
      await reached[1 - mine]?.promise;
      await touch(tx, second);
    });
  const results = await Promise.allSettled([crossing(['one', 'two'], 0), crossing(['two', 'one'], 1)]);
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  expect(failures).toHaveLength(1);
  expect(isRetryable(failures[0])).toBe(true);
});

test('where a failure ends a transaction, nobody is told of a success that is lost, and those before and after it stand', async () => {
  const { db } = await migrated('sqlite');
  await db.transaction().execute((tx) => insert(tx, 'before'));
  // Shares the commit with what fails, so it is lost too.
  const beside = db.transaction().execute((tx) => insert(tx, 'beside'));
  const breaking = db.transaction().execute(async (tx) => {
    await insert(tx, 'first half');
    // As SQLite does of itself when the disk is full.
    await sql`rollback`.execute(tx);
    await insert(tx, 'second half');
  });
  const after = db.transaction().execute((tx) => insert(tx, 'after'));
  const results = await Promise.allSettled([beside, breaking, after]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  expect(await ids(db)).toEqual(['after', 'before']);
});

test('the embedded database, killed while it writes, has every answered transaction and no half of any', {
  timeout: 60_000,
}, async () => {
  const file = join(temporaryFolder(), 'test.db');
  const url = `sqlite:${file}`;
  const first = await migrated('sqlite', url);
  await first.close();
  for (const answersBeforeTheKill of [1, 40, 250]) {
    const answered = await writeUntilKilled(url, answersBeforeTheKill);
    const { db, close } = openDatabase(url);
    const halves = Map.groupBy(await ids(db), (id) => id.replace(/-(left|right)$/, ''));
    expect(answered.filter((pair) => halves.get(pair)?.length !== 2)).toEqual([]);
    expect([...halves.values()].filter((sides) => sides.length !== 2)).toEqual([]);
    await close();
  }
});

/** Runs a process that writes pairs, eight at a time, and says of each when it is answered; kills it in the middle. */
async function writeUntilKilled(url: string, answers: number): Promise<string[]> {
  const module = JSON.stringify(new URL('./database.ts', import.meta.url).href);
  const program = `
    const { openDatabase } = await import(${module});
    const { db } = openDatabase(${JSON.stringify(url)});
    const row = (id) => ({ id, name: id, origin: id, scopes: '[]', status: 'ACTIVE', created: 1, created_by: '', last_updated: 1, last_updated_by: '' });
    const writer = async (name) => {
      for (let i = 0; ; i++) {
        const pair = process.pid + '-' + name + '-' + i;
        await db.transaction().execute(async (tx) => {
          await tx.insertInto('trusted_origins').values(row(pair + '-left')).execute();
          await new Promise(setImmediate);
          await tx.insertInto('trusted_origins').values(row(pair + '-right')).execute();
        });
        process.stdout.write(pair + '\\n');
      }
    };
    await Promise.all(Array.from({ length: 8 }, (_, name) => writer(name)));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answered: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    answered.push(line);
    if (answered.length === answers) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return answered;
}

async function migrated(dialect: Dialect, url?: string): Promise<Database> {
  const database = openDatabase(url ?? (await emptyDatabase(dialect)));
  if (url === undefined) ends.push(() => database.close());
  await migrate(database, 1);
  return database;
}

async function emptyDatabase(dialect: Dialect): Promise<string> {
  if (dialect === 'sqlite') return `sqlite:${join(temporaryFolder(), 'test.db')}`;
  const { url, drop } = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
  ends.push(drop);
  return url;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-database-'));
  ends.push(() => rmSync(folder, { recursive: true }));
  return folder;
}

function origin(id: string, changes: { scopes?: string; origin?: string } = {}) {
  const at = 1_800_000_000_000;
  const by = { created: at, created_by: 'me', last_updated: at, last_updated_by: 'me' };
  return { id, name: id, origin: id, scopes: '[]', status: 'ACTIVE', ...by, ...changes };
}

async function insert(db: Db, id: string, value = id): Promise<void> {
  await db
    .insertInto('trusted_origins')
    .values(origin(id, { origin: value }))
    .execute();
}

async function ids(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('trusted_origins').select('id').orderBy('id').execute();
  return rows.map(({ id }) => id);
}
