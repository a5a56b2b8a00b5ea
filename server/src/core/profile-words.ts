// Owns the words of people's profiles, each attribute's in an order of its own: by them, and by indexed columns, a search finds among a
// hundred thousand the few whom it could mean, and what it asks exactly is then asked of those alone. Not here: what a search may ask (user-search.ts).
import { type SqlBool, sql } from 'kysely';
import type { Filter, FilterTest } from '../base/filter-expression.ts';
import { prefixRange, textKey } from '../base/text-key.ts';
import type { Env } from './env.ts';
import { type FilterAttributes, filterToSql } from './filter.ts';

/** Attributes by whose words everybody is put in order: who has none has an empty one. */
export const ORDERING: readonly string[] = ['login', 'email', 'firstName', 'lastName'];

/** Longer texts are known by their beginning. */
const LONGEST_KEY = 200;
const PREFIX = 'profile.';
/** More than so many are found sooner by walking everybody until a page is full. */
const FEW = 1000;
const MOST_TESTS = 20;

function keyOf(text: string): string {
  return textKey(text).slice(0, LONGEST_KEY);
}

/** Writes down what the profile says now. Call it in the transaction that writes the profile. */
export async function writeProfileWords(
  env: Env,
  user: { id: string; profile: Readonly<Record<string, unknown>> },
  { isNew }: { isNew: boolean },
): Promise<void> {
  if (!isNew) await env.db.deleteFrom('profile_words').where('user_id', '=', user.id).execute();
  const none = Object.fromEntries(ORDERING.map((attribute) => [attribute, '']));
  const rows = Object.entries({ ...none, ...user.profile }).flatMap(([attribute, value]) =>
    typeof value === 'string' || typeof value === 'number'
      ? [{ attribute, value_key: keyOf(String(value)), user_id: user.id }]
      : [],
  );
  if (rows.length > 0) await env.db.insertInto('profile_words').values(rows).execute();
}

/** For an attribute that people of this type no longer have. */
export async function forgetProfileWords(env: Env, typeId: string, attribute: string): Promise<void> {
  await env.db
    .deleteFrom('profile_words')
    .where('attribute', '=', attribute)
    .where('user_id', 'in', (eb) => eb.selectFrom('users').select('id').where('type_id', '=', typeId))
    .execute();
}

/**
 * Everybody whom the filter could mean, and perhaps some more; null: too many, or words do not tell. `attributes`: what the filter,
 * which is known to be sound, may name.
 */
export async function peopleWithWords(
  env: Env,
  filter: Filter | null,
  attributes: FilterAttributes,
): Promise<string[] | null> {
  return filter === null || testsIn(filter) > MOST_TESTS ? null : find(env, filter, attributes);
}

function testsIn(filter: Filter): number {
  return filter.kind === 'test' ? 1 : filter.parts.reduce((sum, part) => sum + testsIn(part), 0);
}

async function find(env: Env, filter: Filter, attributes: FilterAttributes): Promise<string[] | null> {
  if (filter.kind === 'test') {
    if (Object.hasOwn(INDEXED, filter.attribute)) return byColumn(env, filter, attributes);
    return isText(filter, attributes) ? withWord(env, filter) : null;
  }
  if (filter.kind === 'and') {
    // Those first that cost least to ask.
    for (const part of filter.parts.toSorted((one, other) => costOf(one) - costOf(other))) {
      const found = await find(env, part, attributes);
      if (found !== null) return found;
    }
    return null;
  }
  const all = new Set<string>();
  for (const part of filter.parts) {
    const found = await find(env, part, attributes);
    if (found === null) return null;
    for (const id of found) all.add(id);
  }
  return all.size > FEW ? null : [...all];
}

/** What else an index of its own finds, by a filter's name. */
const INDEXED = { lastUpdated: true, status: true };

async function byColumn(env: Env, test: FilterTest, attributes: FilterAttributes): Promise<string[] | null> {
  const query = env.db
    .selectFrom('users')
    .select('id')
    .where(filterToSql(test, attributes))
    .limit(FEW + 1);
  const rows = await query.execute();
  return rows.length > FEW ? null : rows.map(({ id }) => id);
}

const COSTS: Readonly<Record<string, number>> = { eq: 0, sw: 1, co: 3 };

function costOf(filter: Filter): number {
  return filter.kind === 'test' ? (COSTS[filter.operator] ?? 4) : 2;
}

function isText({ attribute }: FilterTest, attributes: FilterAttributes): boolean {
  const known = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  if (!known || !('column' in known) || !attribute.startsWith(PREFIX)) return false;
  return known.kind === 'text' || known.kind === 'key';
}

async function withWord(env: Env, { attribute, operator, value }: FilterTest): Promise<string[] | null> {
  if (typeof value !== 'string' || value === '') return null;
  let query = env.db
    .selectFrom('profile_words')
    .select('user_id')
    .where('attribute', '=', attribute.slice(PREFIX.length))
    .limit(FEW + 1);
  const key = keyOf(value);
  if (operator === 'eq') query = query.where('value_key', '=', key);
  else if (operator === 'sw') {
    const { from, before } = prefixRange(key);
    query = query.where('value_key', '>=', from).where('value_key', '<', before);
  } else if (operator === 'co')
    query = query.where(
      sql<SqlBool>`(replace(value_key, cast(${key} as text), '') <> value_key or length(value_key) >= ${sql.lit(LONGEST_KEY)})`,
    );
  else return null;
  const rows = await query.execute();
  return rows.length > FEW ? null : rows.map(({ user_id }) => user_id);
}
