// Owns lists of groups: what `search`, `filter` and `q` may ask and in which order the answers come, and the groups of a person.
import { sql } from 'kysely';
import type { Env } from './env.ts';
import { equality, type FilterAttributes, filterToSql, parseFilter, textOperators, timeOperators } from './filter.ts';
import type { Group } from './groups.ts';
import { groupsWithin } from './role-targets.ts';
import { afterPosition, positionOf, readOrder } from './sorted-list.ts';

const column = (name: keyof Group & string) => sql.ref(`groups.${name}`);

const groupAttributes: FilterAttributes = {
  id: { column: column('id'), kind: 'exact', operators: equality },
  type: { column: column('type'), kind: 'exact', operators: equality },
  created: { column: column('created'), kind: 'time', operators: timeOperators },
  lastUpdated: { column: column('last_updated'), kind: 'time', operators: timeOperators },
  lastMembershipUpdated: { column: column('last_membership_updated'), kind: 'time', operators: timeOperators },
};

const searchAttributes: FilterAttributes = {
  ...groupAttributes,
  'profile.name': { column: column('name'), kind: 'text', operators: textOperators },
  'profile.description': {
    column: sql`(${sql.ref('groups.profile')} ->> 'description')`,
    kind: 'text',
    operators: textOperators,
  },
};

export type GroupListQuery = {
  search?: string | undefined;
  filter?: string | undefined;
  /** The beginning of a name. */
  q?: string | undefined;
  sortBy?: string | undefined;
  sortOrder?: string | undefined;
  /** Only the groups of this person. */
  userId?: string | undefined;
  after?: string | null;
  limit: number;
};

export type ListedGroup = Group & { position: string };

export async function listGroups(env: Env, query: GroupListQuery): Promise<ListedGroup[]> {
  const order = readOrder(searchAttributes, query.sortBy, query.sortOrder);
  let select = env.db
    .selectFrom('groups')
    .selectAll()
    .select((order?.key ?? sql<string | number | null>`null`).as('sort_value'))
    .limit(query.limit);
  if (query.search) select = select.where(filterToSql(parseFilter(query.search), searchAttributes));
  if (query.filter) select = select.where(filterToSql(parseFilter(query.filter), groupAttributes));
  if (query.q) select = select.where(filterToSql(nameBegins(query.q), searchAttributes));
  const { userId } = query;
  if (userId !== undefined)
    select = select.where('id', 'in', (eb) =>
      eb.selectFrom('group_memberships').select('group_id').where('user_id', '=', userId),
    );
  if (env.reach) select = select.where('groups.id', 'in', groupsWithin(env.reach));
  if (order) select = select.orderBy(order.key, order.direction);
  if (query.after) select = select.where(afterPosition(order, column('id'), query.after));
  const rows = await select.orderBy('groups.id').execute();
  return rows.map(({ sort_value, ...group }) => ({ ...group, position: positionOf({ id: group.id, sort_value }) }));
}

function nameBegins(text: string) {
  return { kind: 'test', attribute: 'profile.name', operator: 'sw', value: text } as const;
}

export type GroupStats = { usersCount: number; appsCount: number };

/** How many members and applications each of these groups has. */
export async function groupStats(env: Env, groupIds: readonly string[]): Promise<Map<string, GroupStats>> {
  const stats = new Map(groupIds.map((id): [string, GroupStats] => [id, { usersCount: 0, appsCount: 0 }]));
  if (groupIds.length === 0) return stats;
  for (const [table, name] of [
    ['group_memberships', 'usersCount'],
    ['application_groups', 'appsCount'],
  ] as const) {
    const rows = await env.db
      .selectFrom(table)
      .select(({ fn }) => ['group_id', fn.countAll<number | string>().as('count')])
      .where('group_id', 'in', groupIds)
      .groupBy('group_id')
      .execute();
    for (const { group_id, count } of rows) {
      const known = stats.get(group_id);
      if (known) known[name] = Number(count);
    }
  }
  return stats;
}
