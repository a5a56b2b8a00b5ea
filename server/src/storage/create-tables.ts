// Owns the SQL that makes tables of a schema value, for both dialects. Not here: when it runs (migrate.ts).
import type { ColumnKind, Table } from './schema.ts';

export type Dialect = 'sqlite' | 'postgres';

// COLLATE "C": PostgreSQL must order text as SQLite does, byte by byte, or cursors differ between the two.
const SQL_TYPES: Record<Dialect, Record<ColumnKind, string>> = {
  sqlite: { text: 'text', bigint: 'integer', time: 'integer', json: 'text' },
  postgres: { text: 'text collate "C"', bigint: 'bigint', time: 'bigint', json: 'json' },
};

/** The statements that create these tables and their indexes, in order. */
export function createStatements(tables: Record<string, Table>, dialect: Dialect): string[] {
  return Object.entries(tables).flatMap(([name, table]) => [
    createTable(name, table, dialect),
    ...table.unique.map((columns) => createIndex(name, columns, 'unique index')),
    ...table.indexes.map((columns) => createIndex(name, columns, 'index')),
    ...table.partialIndexes.map(
      (index) => `create index "${index.name}" on "${name}" (${quoted(index.columns)}) where ${index.where}`,
    ),
  ]);
}

function createTable(name: string, table: Table, dialect: Dialect): string {
  const columns = Object.entries(table.columns).map(
    ([column, { kind, nullable }]) => `"${column}" ${SQL_TYPES[dialect][kind]}${nullable ? '' : ' not null'}`,
  );
  const key = `primary key (${quoted(table.primaryKey)})`;
  // A row is looked up by its key: without rowid SQLite keeps one tree instead of two. But there a row of more than a quarter of a page
  // spills into a page of its own, and to write two trees costs less than that.
  const suffix = dialect === 'sqlite' ? (table.longRows ? ' strict' : ' strict, without rowid') : '';
  return `create table "${name}" (${[...columns, key].join(', ')})${suffix}`;
}

function createIndex(table: string, columns: readonly string[], what: string): string {
  const name = `${table}_${columns.join('_')}_${what === 'index' ? 'index' : 'key'}`;
  return `create ${what} "${name}" on "${table}" (${quoted(columns)})`;
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
