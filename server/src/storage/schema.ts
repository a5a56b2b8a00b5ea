// Owns the small language in which tables.ts is written: column kinds, keys, indexes, and the row types that follow from them.
// Not here: any table, and any SQL (create-tables.ts writes that).
import type { ColumnType } from 'kysely';

/** text: UTF-8, compared byte by byte. bigint: whole number. time: epoch milliseconds. json: text that holds JSON. */
export type ColumnKind = 'text' | 'bigint' | 'time' | 'json';

type AnyColumn = { readonly kind: ColumnKind; readonly nullable: boolean };

/** `types` exists for the compiler alone. */
type Column<Select, Insert = Select> = AnyColumn & { readonly types?: { select: Select; insert: Insert } };

/** JSON text that parses to T. Only toJson makes one, so a column cannot receive another column's shape. */
export type JsonText<T> = string & { readonly json?: T };

export type Table<Columns extends Record<string, AnyColumn> = Record<string, AnyColumn>> = {
  readonly columns: Columns;
  readonly primaryKey: readonly string[];
  readonly unique: readonly (readonly string[])[];
  readonly indexes: readonly (readonly string[])[];
  /** Rows of about a quarter of a page or more, which the embedded database keeps apart from their key. */
  readonly longRows: boolean;
  readonly partialIndexes: readonly PartialIndex[];
};

/** Of the rows that meet the condition alone: it costs nothing where others are written. A query must state the condition likewise. */
export type PartialIndex<Name extends string = string> = { columns: readonly Name[]; name: string; where: string };

type Constraints<Name extends string> = {
  primaryKey: readonly Name[];
  unique?: readonly (readonly Name[])[];
  indexes?: readonly (readonly Name[])[];
  longRows?: true;
  partialIndexes?: readonly PartialIndex<Name>[];
};

export function table<Columns extends Record<string, AnyColumn>>(
  columns: Columns,
  constraints: Constraints<keyof Columns & string>,
): Table<Columns> {
  return {
    columns,
    primaryKey: constraints.primaryKey,
    unique: constraints.unique ?? [],
    indexes: constraints.indexes ?? [],
    longRows: constraints.longRows ?? false,
    partialIndexes: constraints.partialIndexes ?? [],
  };
}

export const text = <T extends string = string>(): Column<T> => column('text', false);
export const textOrNull = <T extends string = string>(): Column<T | null> => column('text', true);
export const bigint = (): Column<number> => column('bigint', false);
export const time = (): Column<number> => column('time', false);
export const timeOrNull = (): Column<number | null> => column('time', true);
export const json = <T>(): Column<T, JsonText<T>> => column('json', false);
export const jsonOrNull = <T>(): Column<T | null, JsonText<T> | null> => column('json', true);

/** The JSON text of a value, for an insert or update of a json column. */
export function toJson<T>(value: T): JsonText<T> {
  return JSON.stringify(value);
}

function column<Select, Insert>(kind: ColumnKind, nullable: boolean): Column<Select, Insert> {
  return { kind, nullable };
}

type KyselyColumn<C> =
  C extends Column<infer Select, infer Insert>
    ? null extends Insert
      ? ColumnType<Select, Insert | undefined, Insert>
      : ColumnType<Select, Insert, Insert>
    : never;

/** The kysely database type of a record of tables. */
export type DatabaseOf<Tables extends Record<string, Table>> = {
  [T in keyof Tables]: { [C in keyof Tables[T]['columns']]: KyselyColumn<Tables[T]['columns'][C]> };
};
