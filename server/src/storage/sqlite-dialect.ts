// Owns the embedded database: node:sqlite behind kysely's Driver. Not here: schema, migrations, PostgreSQL.
// A write is answered when it is on disk: it survives kill -9 and power loss. SQLite itself commits with synchronous=NORMAL,
// which leaves the write-ahead log in the system's hands; commit-groups.ts then has the log written out, off the event loop, once for
// all transactions that wait together. The order of the log does the rest: what is durable is always a prefix of the commits.
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
import { createCommitGroups, type Group, lost } from './commit-groups.ts';
import { offerReadNow } from './read-now.ts';
import { createTurns } from './turns.ts';

type Options = {
  /** A file path, or `:memory:`. */
  path: string;
  /** `table.column` of those that hold JSON text: what a result takes from them is parsed. */
  jsonColumns: ReadonlySet<string>;
};

const CACHED_STATEMENTS = 500;
const PRAGMAS = [
  'busy_timeout = 5000',
  'journal_mode = WAL',
  'synchronous = NORMAL',
  'foreign_keys = ON',
  // What a savepoint would need for its rollback: in files, that doubles the cost of a transaction.
  'temp_store = MEMORY',
  // 16 MB at most; by default a large database would read its indexes from the system again and again.
  'cache_size = -16000',
];

export function createSqliteDialect(options: Options): Dialect {
  // Of itself kysely would let one transaction begin only after the one before it is on disk, and none would share a sync.
  const adapter = Object.defineProperty(new SqliteAdapter(), 'supportsMultipleConnections', { value: true });
  return {
    createAdapter: () => adapter,
    createDriver: () => createDriver(options, adapter),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function createDriver({ path, jsonColumns }: Options, adapter: SqliteAdapter): Driver {
  if (path !== ':memory:') createPrivately(path);
  const database = new DatabaseSync(path);
  for (const pragma of PRAGMAS) database.exec(`pragma ${pragma}`);
  const prepared = createPreparedStatements(database, jsonColumns);
  const turns = createTurns();
  const groups = createCommitGroups(database, turns, path);

  // One connection object for each holder of the turn; kysely never uses one after it gave it back.
  type Connection = DatabaseConnection & { transaction: Group | null; gaveTurn: boolean };

  /** The next holder may begin before the disk answers: that is how one commit serves many. */
  const durable = (mine: Connection, group: Group): Promise<void> => {
    const done = groups.join(group);
    mine.gaveTurn = true;
    turns.give();
    return done;
  };
  const run = <R>(statement: Prepared, query: CompiledQuery): QueryResult<R> => {
    try {
      return statement.run<R>(query.parameters);
    } catch (error) {
      groups.noteFailure();
      throw error;
    }
  };

  offerReadNow(adapter, (sql, parameters) => {
    if (!turns.isFree()) return null;
    const statement = prepared.get(sql);
    return statement.readOnly ? statement.run(parameters).rows : null;
  });

  const connection = (): Connection => ({
    transaction: null,
    gaveTurn: false,
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      if (this.gaveTurn) await turns.take();
      this.gaveTurn = false;
      // Some failures (disk full) end a transaction by themselves; what follows must not run outside it.
      if (this.transaction && !groups.isOpen(this.transaction)) throw lost();
      const statement = prepared.get(query.sql);
      if (statement.readOnly || this.transaction) return run<R>(statement, query);
      const group = groups.open();
      const result = run<R>(statement, query);
      await durable(this, group);
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
      (held as Connection).transaction = groups.open();
      database.exec('savepoint mine');
    },
    async commitTransaction(held) {
      const mine = held as Connection;
      const group = mine.transaction;
      mine.transaction = null;
      if (!group || !groups.isOpen(group)) throw lost();
      database.exec('release mine');
      await durable(mine, group);
    },
    async rollbackTransaction(held) {
      const mine = held as Connection;
      const group = mine.transaction;
      mine.transaction = null;
      if (group && groups.isOpen(group)) database.exec('rollback to mine; release mine');
    },
    async releaseConnection(held) {
      if (!(held as Connection).gaveTurn) turns.give();
    },
    async destroy() {
      await groups.close();
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
