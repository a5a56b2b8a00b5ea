// Owns the connection to the database and the difference between its two kinds: nothing above this file asks which one it is.
// Not here: the tables (tables.ts), migrations (migrate.ts), any query.
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { Kysely, PostgresAdapter, PostgresDialect, type RawBuilder, sql } from 'kysely';
import type { Pool } from 'pg';
import type { Dialect } from './create-tables.ts';
import { createSqliteDialect } from './sqlite-dialect.ts';
import { type Tables, tables } from './tables.ts';

export type Db = Kysely<Tables>;

export type Database = {
  db: Db;
  dialect: Dialect;
  close(): Promise<void>;
};

const SQLITE_SCHEME = 'sqlite:';
const INT8 = 20;

/** Opens `sqlite:PATH`, `sqlite::memory:` or `postgres://…`. `poolSize` is the number of PostgreSQL connections. */
export function openDatabase(url: string, poolSize = 10): Database {
  if (url.startsWith(SQLITE_SCHEME)) return openSqlite(url.slice(SQLITE_SCHEME.length));
  if (/^postgres(ql)?:\/\//.test(url)) return openPostgres(url, poolSize);
  throw new Error('DATABASE_URL must begin with sqlite: or postgres://');
}

function openSqlite(path: string): Database {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true });
  const db = new Kysely<Tables>({ dialect: createSqliteDialect({ path, jsonColumns: jsonColumns() }) });
  return { db, dialect: 'sqlite', close: () => db.destroy() };
}

function openPostgres(url: string, poolSize: number): Database {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: () => createPool(url, poolSize) }) });
  return { db, dialect: 'postgres', close: () => db.destroy() };
}

async function createPool(url: string, poolSize: number): Promise<Pool> {
  // Loaded where it is used: the embedded database starts faster and smaller without it.
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    types: {
      // bigint columns hold counts and epoch milliseconds, both far below 2^53.
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? Number : pg.types.getTypeParser(oid, format ?? 'text'),
    },
  });
  // An idle connection that the server closes is replaced at its next use; without a listener it would end the process.
  pool.on('error', () => {});
  return pool;
}

function jsonColumns(): Set<string> {
  const all = Object.entries(tables).flatMap(([table, { columns }]) =>
    Object.entries(columns).map(([name, { kind }]) => ({ path: `${table}.${name}`, kind })),
  );
  return new Set(all.filter(({ kind }) => kind === 'json').map(({ path }) => path));
}

/** The JSON object of a column without one member, for an update. */
export function withoutMember(db: Db, column: string, member: string): RawBuilder<string> {
  const ref = sql.ref(column);
  if (db.getExecutor().adapter instanceof PostgresAdapter) return sql`(${ref}::jsonb - ${member}::text)::json`;
  // A label in quotes is taken as it is: https://sqlite.org/json1.html#path_arguments
  return sql`json_remove(${ref}, ${`$."${member.replaceAll('"', '')}"`})`;
}

/** Whether the error says that a unique index refused the row; `index` tells which (part of its name). */
export function isUniqueViolation(error: unknown, index: string): boolean {
  if (!(error instanceof Error)) return false;
  const { code, constraint } = error as Error & { code?: string; constraint?: string };
  if (code === '23505') return constraint?.includes(index) ?? false;
  // SQLite names the columns: `UNIQUE constraint failed: users.login_key`.
  const columns = /^UNIQUE constraint failed: (.+)$/.exec(error.message)?.[1];
  return columns?.replaceAll(/(^|, )\w+\./g, '_').includes(index) ?? false;
}

/** Whether PostgreSQL gave up this transaction in favour of another: it may be tried again from its beginning. */
export function isRetryable(error: unknown): boolean {
  const code = (error as { code?: string } | null)?.code;
  return code === '40001' || code === '40P01';
}
