// Owns the list of an application's people, page by page and by name, whatever their number. Not here: who is assigned and how
// (application-assignments.ts).
import { sql } from 'kysely';
import type { Filter } from '../base/filter-expression.ts';
import { type AssignedUser, describeAssigned, direct, throughGroups } from './application-assignments.ts';
import type { AnyApplication } from './applications.ts';
import type { Env } from './env.ts';
import { filterToSql } from './filter.ts';
import { peopleWithWords } from './profile-words.ts';
import { userSearchAttributes } from './user-search.ts';

/** Assigned people in the order of their ids, one more than the limit when there are more. `q`: begins a name, login or e-mail. */
export async function listAssignedUsers(
  env: Env,
  application: AnyApplication,
  { q, after, limit }: { q: string | undefined; after: string | null; limit: number },
): Promise<AssignedUser[]> {
  const asked = { after: after ?? '', limit: limit + 1 };
  const ids = q
    ? await assignedByName(env, application.id, q, asked)
    : await assignedInOrder(env, application.id, asked);
  if (ids.length === 0) return [];
  const people = env.db.selectFrom('users').select(['id', 'login', 'profile']).where('id', 'in', ids).orderBy('id');
  return describeAssigned(env, application, await people.execute());
}

type Asked = { after: string; limit: number };

/** Of each way to be assigned the first few: together they hold the first few of all, whatever their number. */
async function assignedInOrder(env: Env, applicationId: string, { after, limit }: Asked): Promise<string[]> {
  const { db } = env;
  const named = await direct(db, applicationId).where('user_id', '>', after).orderBy('user_id').limit(limit).execute();
  const groups = await db
    .selectFrom('application_groups')
    .select('group_id')
    .where('application_id', '=', applicationId)
    .execute();
  const ids = new Set(named.map(({ user_id }) => user_id));
  for (const { group_id } of groups) {
    const members = await db
      .selectFrom('group_memberships')
      .select('user_id')
      .where('group_id', '=', group_id)
      .where('user_id', '>', after)
      .orderBy('user_id')
      .limit(limit)
      .execute();
    for (const { user_id } of members) ids.add(user_id);
  }
  return [...ids].sort().slice(0, limit);
}

async function assignedByName(env: Env, applicationId: string, q: string, { after, limit }: Asked): Promise<string[]> {
  const { db } = env;
  const begins = (name: string): Filter => ({ kind: 'test', attribute: `profile.${name}`, operator: 'sw', value: q });
  const filter: Filter = { kind: 'or', parts: ['login', 'email', 'firstName', 'lastName'].map(begins) };
  const few = await peopleWithWords(env, filter, userSearchAttributes);
  if (few?.length === 0) return [];
  let query = db
    .selectFrom('users')
    .select('id')
    .where('id', '>', after)
    .where(filterToSql(filter, userSearchAttributes))
    .where((eb) =>
      eb.or([
        eb.exists(direct(db, applicationId).where('user_id', '=', sql.ref<string>('users.id'))),
        eb.exists(
          throughGroups(db, applicationId).where('group_memberships.user_id', '=', sql.ref<string>('users.id')),
        ),
      ]),
    )
    .orderBy('id')
    .limit(limit);
  if (few) query = query.where('id', 'in', few);
  return (await query.execute()).map(({ id }) => id);
}
