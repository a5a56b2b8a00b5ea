// Owns the embedded database: node:sqlite behind kysely's Driver, and the group commit that makes durability cheap.
// Every commit waits for one real COMMIT (WAL, synchronous=FULL: an answered write survives kill -9 and power loss); the
// transactions that finish in the same turn of the event loop share it. Inside, each transaction is a savepoint.
// Not here: schema, migrations, PostgreSQL.
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
    // Of itself kysely would let one transaction begin only after the one before it is on disk, and there would be no groups.
    createAdapter: () => Object.defineProperty(new SqliteAdapter(), 'supportsMultipleConnections', { value: true }),
    createDriver: () => createDriver(options),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

function createDriver({ path, jsonColumns }: Options): Driver {
  const database = new DatabaseSync(path);
  for (const pragma of ['busy_timeout = 5000', 'journal_mode = WAL', 'synchronous = FULL', 'foreign_keys = ON'])
    database.exec(`pragma ${pragma}`);
  const prepared = createPreparedStatements(database, jsonColumns);
  const group = createCommitGroup(database);
  const turns = createTurns();

  // One connection object for each holder of the turn; kysely never uses one after it gave it back.
  type Connection = DatabaseConnection & { inTransaction: boolean; gaveTurn: boolean };

  /** The next holder may begin before the disk answers: that is what makes a group. */
  const durableForAll = (mine: Connection): Promise<void> => {
    const durable = group.durable();
    mine.gaveTurn = true;
    turns.give();
    return durable;
  };

  const connection = (): Connection => ({
    inTransaction: false,
    gaveTurn: false,
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      if (this.gaveTurn) await turns.take();
      this.gaveTurn = false;
      const statement = prepared.get(query.sql);
      if (this.inTransaction && !database.isTransaction) throw lost();
      if (statement.readOnly || this.inTransaction) return statement.run<R>(query.parameters);
      group.open();
      const result = statement.run<R>(query.parameters);
      await durableForAll(this);
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
      group.beginPiece();
      (held as Connection).inTransaction = true;
    },
    async commitTransaction(held) {
      const mine = held as Connection;
      mine.inTransaction = false;
      group.endPiece('keep');
      await durableForAll(mine);
    },
    async rollbackTransaction(held) {
      const mine = held as Connection;
      if (mine.inTransaction) group.endPiece('undo');
      mine.inTransaction = false;
    },
    async releaseConnection(held) {
      if (!(held as Connection).gaveTurn) turns.give();
    },
    async destroy() {
      group.flush();
      database.close();
    },
  };
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

/** The real transaction that pieces and single writes share. It ends in the turn after it began, or when an open piece closes. */
function createCommitGroup(database: DatabaseSync) {
  const waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  let pieceIsOpen = false;
  let overdue = false;

  const flush = () => {
    overdue = false;
    // The turn after the last write may come when the database is closed already.
    if (!database.isOpen) return;
    if (!database.isTransaction) return loseGroup(lost());
    try {
      database.exec('commit');
      for (const member of waiting.splice(0)) member.resolve();
    } catch (error) {
      if (database.isTransaction) database.exec('rollback');
      loseGroup(error);
    }
  };
  const loseGroup = (error: unknown) => {
    for (const member of waiting.splice(0)) member.reject(error);
  };
  return {
    open() {
      if (database.isTransaction) return;
      // Who still waits here was in a group that some failure (disk full) has ended.
      loseGroup(lost());
      database.exec('begin immediate');
      setImmediate(() => {
        if (pieceIsOpen) overdue = true;
        else flush();
      });
    },
    beginPiece() {
      this.open();
      database.exec('savepoint piece');
      pieceIsOpen = true;
    },
    endPiece(how: 'keep' | 'undo') {
      pieceIsOpen = false;
      if (database.isTransaction) database.exec(how === 'keep' ? 'release piece' : 'rollback to piece; release piece');
      else if (how === 'keep') throw lost();
    },
    /** Resolves when what was written so far is on disk. */
    durable(): Promise<void> {
      const done = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
      if (overdue) flush();
      return done;
    },
    flush,
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
