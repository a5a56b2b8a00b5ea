// Owns the short way of a read to the embedded database: at once, past kysely's queue of promises, when nobody holds the turn.
// Not here: statements (prepared.ts) and the database itself (sqlite-dialect.ts), which offers the way by its adapter.
import type { DialectAdapter } from 'kysely';

/** The rows, or null when somebody is inside of a transaction, or when the statement writes. */
export type ReadNow = (sql: string, parameters: readonly unknown[]) => unknown[] | null;

const ways = new WeakMap<DialectAdapter, ReadNow>();

export function offerReadNow(adapter: DialectAdapter, way: ReadNow): void {
  ways.set(adapter, way);
}

/** Null where it has to be asked in the ordinary way, as always with PostgreSQL. */
export function readNow<Row>(adapter: DialectAdapter, sql: string, parameters: readonly unknown[]): Row[] | null {
  return (ways.get(adapter)?.(sql, parameters) ?? null) as Row[] | null;
}
