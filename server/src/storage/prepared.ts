// Owns statements that are built once: the hot paths run the same few thousands of times a second, and to build one anew costs more
// than to run it. A prepared statement says its SQL where it is used, in kysely, with placeholders for what changes.
import type { Compilable, CompiledQuery } from 'kysely';
import type { Db } from './database.ts';
import { readNow } from './read-now.ts';

/** Stands in a statement for the argument of this name. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

export type Prepared<Arguments, Result> = (db: Db, values: Arguments) => Promise<Result[]>;

/**
 * `build` is called once for each kind of database, with a placeholder for each argument; it must not look at them. An argument
 * cannot be a list or stand for `is null`. Results are rows, as `execute` of the statement would give them.
 */
export function prepared<Arguments extends Record<string, string | number | null>, Result>(
  build: (db: Db, values: Arguments) => Compilable<Result>,
): Prepared<Arguments, Result> {
  const built = new Map<unknown, CompiledQuery<Result>>();
  const placeholders = new Proxy({}, { get: (_target, name) => new Placeholder(String(name)) }) as Arguments;
  return async (db, values) => {
    const { adapter } = db.getExecutor();
    const kind = adapter.constructor;
    let query = built.get(kind);
    if (!query) {
      query = build(db, placeholders).compile();
      built.set(kind, query);
    }
    const parameters = query.parameters.map((given) => (given instanceof Placeholder ? values[given.name] : given));
    // A transaction sees what it has written, by its own way.
    const now = db.isTransaction ? null : readNow<Result>(adapter, query.sql, parameters);
    if (now) return now;
    const { rows } = await db.executeQuery<Result>({ ...query, parameters });
    return rows;
  };
}
