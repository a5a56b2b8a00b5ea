// Owns how `search` meets attributes that administrators added to the profiles of users: the kind of comparison that follows from
// an attribute's type. They are looked up only when a search names one. Not here: the attributes that everybody has (user-search.ts).
import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Filter, FilterOperator } from '../base/filter-expression.ts';
import { textKey } from '../base/text-key.ts';
import { userBaseAttributes } from './base-attributes.ts';
import type { Env } from './env.ts';
import { equality, type FilterAttribute, type FilterAttributes, textOperators } from './filter.ts';
import type { ProfileAttribute } from './profile-attributes.ts';
import { customUserAttributes } from './profile-schemas.ts';
import { Refusal } from './refusal.ts';

const PREFIX = 'profile.';
const numberOperators: readonly FilterOperator[] = ['eq', 'gt', 'ge', 'lt', 'le', 'pr'];

export async function customAttributeFilters(
  env: Env,
  filter: Filter,
  sortBy: string | undefined,
): Promise<FilterAttributes> {
  const named = [...namesIn(filter), sortBy ?? ''].some(
    (name) => name.startsWith(PREFIX) && !Object.hasOwn(userBaseAttributes, name.slice(PREFIX.length)),
  );
  if (!named) return {};
  const custom = await customUserAttributes(env);
  return Object.fromEntries(
    Object.entries(custom).map(([name, attribute]) => [`${PREFIX}${name}`, how(name, attribute)]),
  );
}

function namesIn(filter: Filter): string[] {
  return filter.kind === 'test' ? [filter.attribute] : filter.parts.flatMap(namesIn);
}

function how(name: string, { type }: ProfileAttribute): FilterAttribute {
  const value = sql`(${sql.ref('users.profile')} ->> ${sql.lit(name)})`;
  if (type === 'string') return { column: value, kind: 'text', operators: textOperators };
  if (type === 'array')
    return { operators: [...equality, 'pr'], compile: (operator, one) => holds(name, operator, one) };
  if (type === 'boolean') return { column: truth(value), kind: 'boolean', operators: [...equality, 'pr'] };
  return { column: sql`cast(${value} as numeric)`, kind: 'number', operators: numberOperators };
}

/** One database says 1 and the other `true`. */
function truth(value: RawBuilder<unknown>): RawBuilder<unknown> {
  const word = sql`cast(${value} as text)`;
  return sql`case when ${word} in ('1', 'true') then 1 when ${word} in ('0', 'false') then 0 end`;
}

/** Whether the array has this item: in the JSON text an item stands after `[`, `,` or a space, and a quote within a text is escaped. */
function holds(name: string, operator: FilterOperator, item: unknown) {
  const list = sql`lower(cast((${sql.ref('users.profile')} -> ${sql.lit(name)}) as text))`;
  if (operator === 'pr') return sql<SqlBool>`${list} is not null`;
  if (item === null || item === undefined) throw new Refusal('E0000031');
  const text = JSON.stringify(typeof item === 'string' ? textKey(item) : item);
  const places = ['[', ',', ' '].flatMap((before) => [',', ']'].map((after) => `${before}${text}${after}`));
  const found = places.map((place) => sql`replace(${list}, cast(${place} as text), '') <> ${list}`);
  return sql<SqlBool>`(${sql.join(found, sql` or `)})`;
}
