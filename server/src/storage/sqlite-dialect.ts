// Owns the embedded database: node:sqlite behind kysely's Driver. Not here: schema, migrations, PostgreSQL.
// A write is answered when it is on disk: it survives kill -9 and power loss. SQLite itself commits with synchronous=NORMAL,
// which leaves the write-ahead log in the system's hands; wal-sync.ts then has the log written out, off the event loop, once for
// all commits that wait together. The order of the log does the rest: what is durable is always a prefix of the commits.
import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { createWalSync } from './wal-sync.ts';

type Options = {
  /** A file path, or `:memory:`. */
  path: string;
  /** `table.column` of those that hold JSON text: what a result takes from them is parsed. */
  jsonColumns: ReadonlySet<string>;
};

/** How long a statement may wait for its turn before it is taken for a deadlock: code inside a transaction used the outer db. */
const TURN_TIMEOUT_MS = 20_000;
const CACHED_STATEMENTS = 500;

export function createSqliteDialect(options: Options): Dialect {
  return {
    // Of itself kysely would let one transaction begin only after the one before it is on disk, and none would share a sync.
    createAdapter: () => Object.defineProperty(new SqliteAdapter(), 'supportsMultipleConnections', { value: true }),
    createDriver: () => createDriver(options),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function createDriver({ path, jsonColumns }: Options): Driver {
  if (path !== ':memory:') createPrivately(path);
  const database = new DatabaseSync(path);
  for (const pragma of ['busy_timeout = 5000', 'journal_mode = WAL', 'synchronous = NORMAL', 'foreign_keys = ON'])
    database.exec(`pragma ${pragma}`);
  const prepared = createPreparedStatements(database, jsonColumns);
  const sync = createWalSync(path);
  const turns = createTurns();

  // One connection object for each holder of the turn; kysely never uses one after it gave it back.
  type Connection = DatabaseConnection & { inTransaction: boolean; gaveTurn: boolean };

  /** The next holder may begin before the disk answers: that is how one sync serves many. */
  const durable = (mine: Connection): Promise<void> => {
    const done = sync.durable();
    mine.gaveTurn = true;
    turns.give();
    return done;
  };

  const connection = (): Connection => ({
    inTransaction: false,
    gaveTurn: false,
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      if (this.gaveTurn) await turns.take();
      this.gaveTurn = false;
      // Some failures (disk full) end a transaction by themselves; what follows must not run outside it.
      if (this.inTransaction && !database.isTransaction) throw lost();
      const statement = prepared.get(query.sql);
      const result = statement.run<R>(query.parameters);
      if (!statement.readOnly && !this.inTransaction) await durable(this);
      return result;
    },
    // biome-ignore lint/correctness/useYield: kysely's interface wants a generator; rows are never streamed here.
    async *streamQuery() {
      throw new Error('The embedded database does not stream');
    },
  });

  return {
    async init() {},
    async acquireConnection() {
      await turns.take();
      return connection();
    },
    async beginTransaction(held) {
      database.exec('begin immediate');
      (held as Connection).inTransaction = true;
    },
    async commitTransaction(held) {
      const mine = held as Connection;
      mine.inTransaction = false;
      if (!database.isTransaction) throw lost();
      database.exec('commit');
      await durable(mine);
    },
    async rollbackTransaction(held) {
      (held as Connection).inTransaction = false;
      if (database.isTransaction) database.exec('rollback');
    },
    async releaseConnection(held) {
      if (!(held as Connection).gaveTurn) turns.give();
    },
    async destroy() {
      await sync.close();
      database.close();
    },
  };
}

/** The file, and with it the log beside it, is its owner's alone. */
function createPrivately(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
}

type Prepared = { readOnly: boolean; run<R>(parameters: readonly unknown[]): QueryResult<R> };

function createPreparedStatements(database: DatabaseSync, jsonColumns: ReadonlySet<string>) {
  const known = new Map<string, Prepared>();
  return {
    get(sql: string): Prepared {
      const found = known.get(sql);
      if (found) return found;
      const made = prepare(database.prepare(sql), /^\s*(select|with|explain)\b/i.test(sql), jsonColumns);
      if (known.size >= CACHED_STATEMENTS) known.delete(known.keys().next().value ?? '');
      known.set(sql, made);
      return made;
    },
  };
}

function prepare(statement: StatementSync, readOnly: boolean, jsonColumns: ReadonlySet<string>): Prepared {
  const columns = statement.columns();
  const toParse = columns.filter((from) => jsonColumns.has(`${from.table}.${from.column}`)).map(({ name }) => name);
  return {
    readOnly,
    run<R>(parameters: readonly unknown[]): QueryResult<R> {
      const values = parameters as never[];
      if (columns.length === 0) {
        const { changes } = statement.run(...values);
        return { rows: [], numAffectedRows: BigInt(changes) };
      }
      const rows = statement.all(...values);
      for (const row of rows)
        for (const name of toParse) if (typeof row[name] === 'string') row[name] = JSON.parse(row[name]);
      return { rows: rows as R[], ...(readOnly ? {} : { numAffectedRows: BigInt(rows.length) }) };
    },
  };
}

function lost(): Error {
  return new Error('The database ended the transaction before its commit');
}

function createTurns() {
  let taken = false;
  const waiting: { resolve: () => void; timer: NodeJS.Timeout }[] = [];
  return {
    take(): Promise<void> {
      if (!taken) {
        taken = true;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const entry = {
          resolve,
          timer: setTimeout(() => {
            waiting.splice(waiting.indexOf(entry), 1);
            reject(new Error('The embedded database was not free in time: does a transaction use the db outside it?'));
          }, TURN_TIMEOUT_MS),
        };
        waiting.push(entry);
      });
    },
    give() {
      const next = waiting.shift();
      if (!next) {
        taken = false;
        return;
      }
      clearTimeout(next.timer);
      next.resolve();
    },
  };
}
