// Owns bringing a database to the present schema: forward only, in one transaction, under a lock, at each start.
// A migration is a pair of SQL files, one for each dialect; it is never edited once released.
import { readFile } from 'node:fs/promises';
import { sql } from 'kysely';
import type { Database, Db } from './database.ts';

/** In order. A name is also the stem of its files: `migrations/0001-initial.sqlite.sql`, `….postgres.sql`. */
export const migrations = ['0001-initial'] as const;

// Any fixed number; it names this lock among a PostgreSQL database's advisory locks.
const LOCK = 7_226_033_401;

/** Applies what is missing and returns the names applied. Safe to call from many processes at once. */
export async function migrate({ db, dialect }: Database, at: number): Promise<string[]> {
  return db.transaction().execute(async (tx) => {
    if (dialect === 'postgres') await sql`select pg_advisory_xact_lock(${sql.lit(LOCK)})`.execute(tx);
    const time = sql.raw(dialect === 'postgres' ? 'bigint' : 'integer');
    await sql`create table if not exists schema_migrations (name text primary key, applied ${time} not null)`.execute(
      tx,
    );
    const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(tx);
    const applied = new Set(rows.map(({ name }) => name));
    const unknown = [...applied].filter((name) => !(migrations as readonly string[]).includes(name));
    if (unknown.length > 0) throw new Error(`This database was migrated by a newer version: ${unknown.join(', ')}`);
    const missing = migrations.filter((name) => !applied.has(name));
    for (const name of missing) {
      const file = new URL(`./migrations/${name}.${dialect}.sql`, import.meta.url);
      for (const statement of splitStatements(await readFile(file, 'utf8'))) await sql.raw(statement).execute(tx);
      await sql`insert into schema_migrations (name, applied) values (${name}, ${at})`.execute(tx);
    }
    return missing;
  });
}

/** Holds back every other process that asks the same, until this transaction ends. For what is done once in a database's life. */
export async function waitForFirstStart(tx: Db): Promise<void> {
  // An update that changes nothing is a lock on both kinds of database.
  await sql`update schema_migrations set applied = applied where name = ${migrations[0]}`.execute(tx);
}

/** One statement ends where a line ends with a semicolon. */
function splitStatements(file: string): string[] {
  return file
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');
}
