import { afterEach, expect, test } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';
import { prepared } from './prepared.ts';

let database: Database | null = null;
afterEach(() => database?.close());

async function memory() {
  database = openDatabase('sqlite::memory:');
  await migrate(database, 1);
  return database.db;
}

test('a prepared statement is built once and run with each call’s own values', async () => {
  const db = await memory();
  let builds = 0;
  const insert = prepared((db, values: { jti: string; expires: number }) => {
    builds++;
    return db
      .insertInto('revoked_access_tokens')
      .values({ jti: values.jti, expires_at: values.expires })
      .returning('jti');
  });
  expect(await insert(db, { jti: 'a', expires: 1 })).toEqual([{ jti: 'a' }]);
  expect(await insert(db, { jti: 'b', expires: 2 })).toEqual([{ jti: 'b' }]);
  const find = prepared((db, { jti }: { jti: string }) =>
    db.selectFrom('revoked_access_tokens').selectAll().where('jti', '=', jti).where('expires_at', '>', 0),
  );
  expect(await find(db, { jti: 'b' })).toEqual([{ jti: 'b', expires_at: 2 }]);
  expect(await find(db, { jti: "b' or 1=1 --" })).toEqual([]);
  expect(builds).toBe(1);
});

test('inside a transaction it belongs to that transaction', async () => {
  const db = await memory();
  const insert = prepared((db, { jti }: { jti: string }) =>
    db.insertInto('revoked_access_tokens').values({ jti, expires_at: 1 }),
  );
  const undone = db.transaction().execute(async (tx) => {
    await insert(tx, { jti: 'c' });
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await db.selectFrom('revoked_access_tokens').selectAll().execute()).toEqual([]);
});
