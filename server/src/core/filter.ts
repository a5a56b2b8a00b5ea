// Owns what a parsed filter means to a list: which attributes it may name, with which operators, and the SQL of it, the same on
// both databases. Not here: the grammar (base/filter-expression.ts) and the attributes of any one list.
import { type Expression, expressionBuilder, type RawBuilder, type SqlBool, sql } from 'kysely';
import {
  type Filter,
  type FilterOperator,
  type FilterTest,
  type FilterValue,
  parseFilterExpression,
} from '../base/filter-expression.ts';
import { textKey } from '../base/text-key.ts';
import { fromIso } from '../base/time.ts';
import { Refusal } from './refusal.ts';

/**
 * How values compare. `text`: without regard to case. `exact`: byte for byte (ids, enumerations). `key`: the column holds a
 * textKey. `capitals`: the column holds capitals, the filter any letters. `time`: the column holds epoch milliseconds, the filter an ISO date. `number`; `boolean`: the column holds 0 or 1.
 */
export type FilterKind = 'text' | 'exact' | 'key' | 'capitals' | 'time' | 'number' | 'boolean';

export type FilterAttribute =
  | { column: RawBuilder<unknown>; kind: FilterKind; operators: readonly FilterOperator[] }
  | {
      operators: readonly FilterOperator[];
      /** For what is not one column, such as a list of targets. */
      compile(operator: FilterOperator, value: FilterValue): Expression<SqlBool>;
    };

/** By the name that a filter uses, such as `profile.login`. */
export type FilterAttributes = Readonly<Record<string, FilterAttribute>>;

export const equality: readonly FilterOperator[] = ['eq'];
export const timeOperators: readonly FilterOperator[] = ['eq', 'gt', 'ge', 'lt', 'le', 'pr'];
export const textOperators: readonly FilterOperator[] = ['eq', 'gt', 'ge', 'lt', 'le', 'sw', 'co', 'ew', 'pr'];

/** Throws E0000031 for what is not a filter. */
export function parseFilter(text: string): Filter {
  const filter = parseFilterExpression(text);
  if (filter === null) throw new Refusal('E0000031');
  return filter;
}

/** A condition for `where`. Throws E0000031 when the filter names an attribute, an operator or a value that the list lacks. */
export function filterToSql(filter: Filter, attributes: FilterAttributes): Expression<SqlBool> {
  if (filter.kind === 'test') return testToSql(filter, attributes);
  const parts = filter.parts.map((part) => filterToSql(part, attributes));
  const builder = expressionBuilder<never, never>();
  return filter.kind === 'and' ? builder.and(parts) : builder.or(parts);
}

function testToSql({ attribute, operator, value }: FilterTest, attributes: FilterAttributes): Expression<SqlBool> {
  const known = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  if (!known?.operators.includes(operator)) throw new Refusal('E0000031');
  if ('compile' in known) return known.compile(operator, value);
  if (operator === 'pr') return sql<SqlBool>`${known.column} is not null`;
  return known.kind === 'time' || known.kind === 'number' || known.kind === 'boolean'
    ? compareNumbers(known.column, operator, numberOf(known.kind, value))
    : compareTexts(known.kind, known.column, operator, value);
}

function numberOf(kind: 'time' | 'number' | 'boolean', value: FilterValue): number {
  if (kind === 'number' && typeof value === 'number') return value;
  if (kind === 'boolean' && typeof value === 'boolean') return value ? 1 : 0;
  const time = kind === 'time' && typeof value === 'string' ? fromIso(value) : null;
  if (time === null) throw new Refusal('E0000031');
  return time;
}

const SQL_OPERATORS = { eq: '=', ne: '<>', gt: '>', ge: '>=', lt: '<', le: '<=' } as const;
type OrderOperator = keyof typeof SQL_OPERATORS;

function compareNumbers(column: RawBuilder<unknown>, operator: FilterOperator, value: number): Expression<SqlBool> {
  if (!isOrder(operator)) throw new Refusal('E0000031');
  return sql<SqlBool>`${column} ${sql.raw(SQL_OPERATORS[operator])} ${value}`;
}

function compareTexts(
  kind: 'text' | 'exact' | 'key' | 'capitals',
  column: RawBuilder<unknown>,
  operator: FilterOperator,
  value: FilterValue,
): Expression<SqlBool> {
  if (typeof value !== 'string') throw new Refusal('E0000031');
  // A parameter alone has no type for PostgreSQL to choose length() and lower() by.
  const text = kind === 'key' ? textKey(value) : kind === 'capitals' ? value.toUpperCase() : value;
  const given = sql`cast(${text} as text)`;
  const left = kind === 'text' ? sql`lower(${column})` : column;
  const right = kind === 'text' ? sql`lower(${given})` : given;
  if (isOrder(operator)) return sql<SqlBool>`${left} ${sql.raw(SQL_OPERATORS[operator])} ${right}`;
  // LIKE differs between the databases in case and escapes; these do not.
  if (operator === 'sw') return sql<SqlBool>`substr(${left}, 1, length(${right})) = ${right}`;
  if (operator === 'co') return sql<SqlBool>`(${right} = '' or replace(${left}, ${right}, '') <> ${left})`;
  return sql<SqlBool>`(length(${left}) >= length(${right}) and substr(${left}, length(${left}) - length(${right}) + 1) = ${right})`;
}

function isOrder(operator: FilterOperator): operator is OrderOperator {
  return Object.hasOwn(SQL_OPERATORS, operator);
}
