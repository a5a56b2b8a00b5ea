import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, expect, test } from 'vitest';
import { createCommitGroups } from './commit-groups.ts';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { createTurns } from './turns.ts';

type Done = (error: Error | null) => void;

const temporaryPath = () => join(mkdtempSync(join(tmpdir(), 'commit-groups-')), 'test.db');

/** Groups over a database that only counts, and a disk that answers when the test says so. */
function groups() {
  const path = temporaryPath();
  writeFileSync(`${path}-wal`, '');
  const statements: string[] = [];
  const connection = {
    isTransaction: false,
    exec(sql: string) {
      statements.push(sql);
      connection.isTransaction = sql.startsWith('begin');
    },
  };
  const running: Done[] = [];
  const turns = createTurns();
  const groups = createCommitGroups(connection, turns, path, (_file, done) => running.push(done));
  return { connection, groups, running, statements, turns };
}

const until = (isTrue: () => boolean) => expect.poll(isTrue).toBe(true);

test('what ends in one turn is committed and written out once', async () => {
  const { groups: mine, running, statements } = groups();
  const all = Promise.all([mine.join(mine.open()), mine.join(mine.open()), mine.join(mine.open())]);
  await until(() => running.length === 1);
  expect(statements).toEqual(['begin immediate', 'commit']);
  running[0]?.(null);
  await all;
});

test('what ends while the disk writes waits for the next time', async () => {
  const { groups: mine, running } = groups();
  const first = mine.join(mine.open());
  await until(() => running.length === 1);
  let isDurable = false;
  const second = mine.join(mine.open()).then(() => {
    isDurable = true;
  });
  running[0]?.(null);
  await first;
  await until(() => running.length === 2);
  expect(isDurable).toBe(false);
  running[1]?.(null);
  await second;
});

test('when the disk refuses, nobody is told that it is written, and the next one tries again', async () => {
  const { groups: mine, running } = groups();
  const refused = expect(mine.join(mine.open())).rejects.toThrow('EIO');
  await until(() => running.length === 1);
  running[0]?.(new Error('EIO'));
  await refused;
  const again = mine.join(mine.open());
  await until(() => running.length === 2);
  running[1]?.(null);
  await again;
});

test('a log that cannot be opened refuses as well', async () => {
  const { connection, turns } = groups();
  const mine = createCommitGroups(connection, turns, join(tmpdir(), 'no', 'such', 'folder', 'test.db'));
  await expect(mine.join(mine.open())).rejects.toThrow('ENOENT');
});

test('nothing is committed in the middle of a transaction that holds the turn', async () => {
  const { groups: mine, running, statements, turns } = groups();
  const done = mine.join(mine.open());
  await turns.take();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(statements).toEqual(['begin immediate']);
  turns.give();
  await until(() => running.length === 1);
  running[0]?.(null);
  await done;
});

test('all of a group learn that SQLite ended its transaction', async () => {
  const { connection, groups: mine, running } = groups();
  const group = mine.open();
  const told = expect(mine.join(group)).rejects.toThrow('ended the transaction before its commit');
  connection.isTransaction = false;
  mine.noteFailure();
  expect(mine.isOpen(group)).toBe(false);
  await told;
  expect(running).toHaveLength(0);
});

let database: Database | null = null;
afterEach(() => database?.close());

async function embedded() {
  const path = temporaryPath();
  database = openDatabase(`sqlite:${path}`);
  await migrate(database, 1);
  return { path, db: database.db };
}

const revoked = (jti: string) => ({ jti, expires_at: 1 });

test('of transactions that share a commit, one that fails is undone alone', async () => {
  const { db, path } = await embedded();
  const outcomes = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((jti) =>
      db.transaction().execute(async (tx) => {
        await tx.insertInto('revoked_access_tokens').values(revoked(jti)).execute();
        if (jti === 'b') throw new Error('undone');
        if (jti === 'c') await tx.insertInto('revoked_access_tokens').values(revoked('a')).execute();
      }),
    ),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
  const elsewhere = new DatabaseSync(path);
  expect(elsewhere.prepare('select jti from revoked_access_tokens order by jti').all()).toEqual([
    { jti: 'a' },
    { jti: 'd' },
  ]);
  elsewhere.close();
});

test('after a transaction that was undone another process may write', async () => {
  const { db, path } = await embedded();
  const undone = db.transaction().execute(async (tx) => {
    await tx.insertInto('revoked_access_tokens').values(revoked('a')).execute();
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  const elsewhere = new DatabaseSync(path);
  await expect
    .poll(() => {
      try {
        return elsewhere.prepare("insert into revoked_access_tokens values ('b', 1)").run().changes;
      } catch {
        return 0;
      }
    })
    .toBe(1);
  elsewhere.close();
});
