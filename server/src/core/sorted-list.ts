// Owns the order of a list that a caller may choose, and the place in it that a cursor remembers: the sort value and the id of
// the last row, so that rows which come and go meanwhile shift nothing. Not here: the cursor's signature (http/paging.ts).
import { type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { FilterAttributes } from './filter.ts';
import { Refusal } from './refusal.ts';

export type Order = {
  /** What rows are sorted by before their id; never null in SQL. */
  key: RawBuilder<string | number>;
  direction: 'asc' | 'desc';
};

/** The order that `sortBy` and `sortOrder` ask for; null when they ask for none. Throws E0000031 for an unknown attribute. */
export function readOrder(
  attributes: FilterAttributes,
  sortBy: string | undefined,
  sortOrder: string | undefined,
): Order | null {
  if (sortBy === undefined || sortBy === '') return null;
  const attribute = Object.hasOwn(attributes, sortBy) ? attributes[sortBy] : undefined;
  if (!attribute || !('column' in attribute)) throw new Refusal('E0000031');
  const isNumber = attribute.kind === 'time' || attribute.kind === 'number' || attribute.kind === 'boolean';
  const direction = /^desc/i.test(sortOrder ?? '') ? 'desc' : 'asc';
  // A key is never null and in small letters already: its index has the order.
  if (attribute.kind === 'key') return { key: sql`${attribute.column}`, direction };
  return {
    direction,
    key: isNumber ? sql`coalesce(${attribute.column}, 0)` : sql`lower(coalesce(${attribute.column}, ''))`,
  };
}

/** The position of a row, for a cursor. */
export function positionOf(row: { id: string; sort_value: string | number | null }): string {
  return JSON.stringify([row.sort_value, row.id]);
}

/** The rows after a position, in this order; null is the order of ids alone. */
export function afterPosition(order: Order | null, id: RawBuilder<unknown>, position: string): Expression<SqlBool> {
  const [value, lastId] = readPosition(position);
  if (order === null) return sql<SqlBool>`${id} > ${lastId}`;
  const [beyond, from] = order.direction === 'asc' ? [sql.raw('>'), sql.raw('>=')] : [sql.raw('<'), sql.raw('<=')];
  // The first part says nothing that the second does not, but an index can follow it.
  return sql<SqlBool>`(${order.key} ${from} ${value} and (${order.key} ${beyond} ${value} or ${id} > ${lastId}))`;
}

function readPosition(position: string): [string | number | null, string] {
  try {
    const read: unknown = JSON.parse(position);
    if (Array.isArray(read) && typeof read[1] === 'string') return [read[0] as string | number | null, read[1]];
  } catch {
    // Falls through: a cursor of another list.
  }
  throw new Refusal('E0000029');
}
