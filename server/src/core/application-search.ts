// Owns lists of applications: the search by the beginning of a name, the filter, the page. Not here: finding one (applications.ts).
import { expressionBuilder, sql } from 'kysely';
import type { FilterValue } from '../base/filter-expression.ts';
import { prefixRange, textKey } from '../base/text-key.ts';
import type { Tables } from '../storage/tables.ts';
import { type AnyApplication, type Application, toApplication } from './applications.ts';
import type { Env } from './env.ts';
import { equality, type FilterAttributes, filterToSql, parseFilter, timeOperators } from './filter.ts';
import { Refusal } from './refusal.ts';
import { applicationsWithin } from './role-targets.ts';
import { listPublishedKeys, ORG_OWNER } from './signing-keys.ts';

export type ApplicationSearch = {
  /** Begins the label or the name. */
  q?: string | undefined;
  filter?: string | undefined;
  /** Only those that this group is assigned. */
  groupId?: string | undefined;
  after: string | null;
  limit: number;
};

/** In the order of creation, one more than the limit when there are more. Throws E0000031 for a filter that will not do. */
export async function listApplications(
  env: Env,
  { q, filter, groupId, after, limit }: ApplicationSearch,
): Promise<AnyApplication[]> {
  let query = env.db
    .selectFrom('applications')
    .selectAll()
    .orderBy('id')
    .limit(limit + 1);
  if (after !== null) query = query.where('id', '>', after);
  if (q) {
    const label = prefixRange(textKey(q));
    const name = prefixRange(q);
    query = query.where((eb) =>
      eb.or([
        eb.and([eb('label_key', '>=', label.from), eb('label_key', '<', label.before)]),
        eb.and([eb('name', '>=', name.from), eb('name', '<', name.before)]),
      ]),
    );
  }
  if (groupId !== undefined) query = query.where(assignedToGroup(groupId));
  if (env.reach?.by === 'apps') query = query.where(applicationsWithin(env.reach));
  if (filter) query = query.where(filterToSql(parseFilter(filter), filterAttributes(await signingKid(env))));
  return (await query.execute()).map(toApplication);
}

/** As listApplications, of OAuth clients alone; `q` begins the label. */
export async function listOAuthClients(
  env: Env,
  { q, after, limit }: Omit<ApplicationSearch, 'filter' | 'groupId'>,
): Promise<Application[]> {
  let query = env.db
    .selectFrom('applications')
    .selectAll()
    .where('sign_on_mode', '=', 'OPENID_CONNECT')
    .orderBy('id')
    .limit(limit + 1);
  if (after !== null) query = query.where('id', '>', after);
  if (q) {
    const { from, before } = prefixRange(textKey(q));
    query = query.where('label_key', '>=', from).where('label_key', '<', before);
  }
  return (await query.execute()).map((row) => toApplication(row) as Application);
}

/** The key that signs what applications receive from the org server; null before there is one. */
export async function signingKid(env: Env): Promise<string | null> {
  return (await listPublishedKeys(env, ORG_OWNER)).find(({ status }) => status === 'ACTIVE')?.kid ?? null;
}

function filterAttributes(kid: string | null): FilterAttributes {
  return {
    id: { column: sql.ref('applications.id'), kind: 'exact', operators: equality },
    status: { column: sql.ref('applications.status'), kind: 'exact', operators: equality },
    name: { column: sql.ref('applications.name'), kind: 'exact', operators: ['eq', 'sw'] },
    label: { column: sql.ref('applications.label_key'), kind: 'key', operators: ['eq', 'sw', 'co'] },
    lastUpdated: { column: sql.ref('applications.last_updated'), kind: 'time', operators: timeOperators },
    'user.id': { operators: equality, compile: (_, value) => assignedTo(textOf(value)) },
    'group.id': { operators: equality, compile: (_, value) => assignedToGroup(textOf(value)) },
    'credentials.signing.kid': {
      operators: equality,
      compile: (_, value) => builder()('applications.sign_on_mode', '=', value === kid ? 'OPENID_CONNECT' : 'none'),
    },
  };
}

function assignedTo(userId: string) {
  const eb = builder();
  const byName = eb.selectFrom('application_users').select('application_id').where('user_id', '=', userId);
  const byGroup = eb
    .selectFrom('application_groups')
    .innerJoin('group_memberships', 'group_memberships.group_id', 'application_groups.group_id')
    .select('application_groups.application_id')
    .where('group_memberships.user_id', '=', userId);
  return eb('applications.id', 'in', byName.union(byGroup));
}

function assignedToGroup(groupId: string) {
  const eb = builder();
  const groups = eb.selectFrom('application_groups').select('application_id').where('group_id', '=', groupId);
  return eb('applications.id', 'in', groups);
}

function builder() {
  return expressionBuilder<Tables, 'applications'>();
}

function textOf(value: FilterValue): string {
  if (typeof value !== 'string') throw new Refusal('E0000031');
  return value;
}
