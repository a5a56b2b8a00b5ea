// Owns lists of people: what `search`, `filter` and `q` may ask and in which order the answers come. Not here: one person
// (users.ts) and the cursor's outer form (http/paging.ts).
import { type Expression, expressionBuilder, type SqlBool, sql } from 'kysely';
import type { Filter } from '../base/filter-expression.ts';
import type { Tables } from '../storage/tables.ts';
import { userBaseAttributes } from './base-attributes.ts';
import { customAttributeFilters } from './custom-attribute-search.ts';
import type { Env } from './env.ts';
import {
  equality,
  type FilterAttribute,
  type FilterAttributes,
  filterToSql,
  parseFilter,
  textOperators,
  timeOperators,
} from './filter.ts';
import { ORDERING, peopleWithWords } from './profile-words.ts';
import { Refusal } from './refusal.ts';
import { usersWithin } from './role-targets.ts';
import { afterPosition, type Order, positionOf, readOrder } from './sorted-list.ts';
import type { User } from './users.ts';

const column = (name: keyof User & string) => sql.ref(`users.${name}`);
const time = (name: keyof User & string): FilterAttribute => ({
  column: column(name),
  kind: 'time',
  operators: timeOperators,
});
const inProfile = (name: string) => sql`(${sql.ref('users.profile')} ->> ${sql.lit(name)})`;

/** What `search` may name. */
export const userSearchAttributes: FilterAttributes = {
  ...Object.fromEntries(
    Object.keys(userBaseAttributes).map((name): [string, FilterAttribute] => [
      `profile.${name}`,
      { column: inProfile(name), kind: 'text', operators: textOperators },
    ]),
  ),
  'profile.login': { column: column('login_key'), kind: 'key', operators: textOperators },
  'profile.email': { column: column('email_key'), kind: 'key', operators: textOperators },
  id: { column: column('id'), kind: 'exact', operators: ['eq', 'gt', 'ge', 'lt', 'le'] },
  status: { column: column('status'), kind: 'capitals', operators: textOperators },
  created: time('created'),
  activated: time('activated'),
  statusChanged: time('status_changed'),
  lastLogin: time('last_login'),
  lastUpdated: time('last_updated'),
  passwordChanged: time('password_changed'),
  'type.id': { column: column('type_id'), kind: 'exact', operators: equality },
  realmId: { column: column('realm_id'), kind: 'exact', operators: equality },
};

/** What `filter` may name. */
const userFilterAttributes: FilterAttributes = {
  id: { column: column('id'), kind: 'exact', operators: equality },
  status: { column: column('status'), kind: 'exact', operators: equality },
  lastUpdated: time('last_updated'),
  'profile.login': { column: column('login_key'), kind: 'key', operators: equality },
  'profile.email': { column: column('email_key'), kind: 'key', operators: equality },
  'profile.firstName': { column: inProfile('firstName'), kind: 'text', operators: equality },
  'profile.lastName': { column: inProfile('lastName'), kind: 'text', operators: equality },
};

export type UserListQuery = {
  search?: string | undefined;
  filter?: string | undefined;
  q?: string | undefined;
  sortBy?: string | undefined;
  sortOrder?: string | undefined;
  /** The position of the row before the first one wanted. */
  after?: string | null;
  limit: number;
};

export type ListedUser = User & { position: string };

/** People, by id unless asked otherwise. With neither search nor filter, deactivated accounts are left out. */
export async function listUsers(env: Env, query: UserListQuery): Promise<ListedUser[]> {
  const { search, filter, q } = query;
  if (search && filter) throw new Refusal('E0000033');
  const parsed = search ? parseFilter(search) : null;
  const attributes = parsed && {
    ...userSearchAttributes,
    ...(await customAttributeFilters(env, parsed, query.sortBy)),
  };
  const order = attributes && readOrder(attributes, query.sortBy, query.sortOrder);
  const condition = parsed && attributes ? filterToSql(parsed, attributes) : null;
  const filtered = filter ? parseFilter(filter) : null;
  const filterCondition = filtered && filterToSql(filtered, userFilterAttributes);
  // Found by their words, a few are asked the rest; where words do not tell, everybody is.
  const few =
    (parsed && attributes && (await peopleWithWords(env, parsed, attributes))) ??
    (filtered && (await peopleWithWords(env, filtered, userFilterAttributes))) ??
    (q ? await peopleWithWords(env, namesBeginning(q), userSearchAttributes) : null);
  if (few?.length === 0) return [];
  const eb = expressionBuilder<Tables, 'users'>();
  const conditions = [
    ...(few ? [eb('users.id', 'in', few)] : []),
    ...(condition ? [condition] : []),
    ...(filterCondition ? [filterCondition] : []),
    ...(q ? [nameBegins(q)] : []),
    ...(env.reach ? [eb('users.id', 'in', usersWithin(env.reach))] : []),
    ...(!search && !filter ? [eb('users.status', '<>', 'DEPROVISIONED')] : []),
  ];
  const asked = { ...query, conditions };
  const word = ORDERING.find((name) => query.sortBy === `${PREFIX}${name}`);
  const rows =
    order && !few && word
      ? await listInOrderOfWords(env, word, order.direction, asked)
      : await listInOrder(env, order, asked);
  return rows.map(({ sort_value, ...user }) => ({ ...user, position: positionOf({ id: user.id, sort_value }) }));
}

const PREFIX = 'profile.';

type Asked = { conditions: Expression<SqlBool>[]; after?: string | null; limit: number };

function listInOrder(env: Env, order: Order | null, { conditions, after, limit }: Asked) {
  let select = env.db
    .selectFrom('users')
    .selectAll()
    .select((order?.key ?? sql<string | number | null>`null`).as('sort_value'))
    .where((eb) => eb.and(conditions))
    .limit(limit);
  if (after) select = select.where(afterPosition(order, sql.ref('users.id'), after));
  if (order) select = select.orderBy(order.key, order.direction);
  return select.orderBy('users.id').execute();
}

/** Word by word, from the one that is asked for, until enough people are found: nobody is put in order who is not shown. */
function listInOrderOfWords(env: Env, word: string, direction: Order['direction'], asked: Asked) {
  const { conditions, after, limit } = asked;
  const key = sql<string>`${sql.ref('profile_words.value_key')}`;
  let select = env.db
    .selectFrom('profile_words')
    // A cross join is carried out in the order in which it is written.
    .crossJoin('users')
    .whereRef('users.id', '=', 'profile_words.user_id')
    .where('profile_words.attribute', '=', word)
    .selectAll('users')
    .select('profile_words.value_key as sort_value')
    .where((eb) => eb.and(conditions))
    .limit(limit);
  if (after) select = select.where(afterPosition({ key, direction }, sql.ref('profile_words.user_id'), after));
  return select.orderBy('profile_words.value_key', direction).orderBy('profile_words.user_id').execute();
}

/** Whom nameBegins can mean, as a filter: every way to part the text into a first and a last name. Null: too many ways. */
export function namesBeginning(text: string): Filter | null {
  const test = (name: string, operator: 'eq' | 'sw', value: string): Filter => ({
    ...{ kind: 'test', attribute: `profile.${name}`, operator, value },
  });
  const spaces = [...text.matchAll(/ /g)].map(({ index }) => index);
  if (spaces.length > MOST_PARTS) return null;
  const both = spaces.map((index): Filter => {
    const [first, last] = [text.slice(0, index), text.slice(index + 1)];
    return { kind: 'and', parts: [test('firstName', 'eq', first), ...(last ? [test('lastName', 'sw', last)] : [])] };
  });
  const one = ['firstName', 'lastName', 'email'].map((name) => test(name, 'sw', text));
  return { kind: 'or', parts: [...one, ...both] };
}

const MOST_PARTS = 4;

/** First name, last name, both, or e-mail begins with the text. */
function nameBegins(text: string) {
  const given = sql`lower(cast(${text} as text))`;
  const first = sql`lower(${inProfile('firstName')})`;
  const last = sql`lower(${inProfile('lastName')})`;
  const begins = (value: ReturnType<typeof sql>) => sql`substr(${value}, 1, length(${given})) = ${given}`;
  return sql<boolean>`(${sql.join(
    [begins(first), begins(last), begins(sql`${first} || ' ' || ${last}`), begins(column('email_key'))],
    sql` or `,
  )})`;
}
