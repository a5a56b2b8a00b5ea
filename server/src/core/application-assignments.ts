// Owns who may use an application: directly assigned people and assigned groups, and the name by which the application knows a
// person. Not here: what a policy then decides, and the shapes of the management API.
import { type Kysely, sql } from 'kysely';
import type { Row, Tables } from '../storage/tables.ts';
import type { AnyApplication } from './applications.ts';
import type { Env } from './env.ts';

/** Whether the person is assigned: directly, through a group (Everyone included), or because the application admits everyone. */
export async function isAssigned(env: Env, application: AnyApplication, userId: string): Promise<boolean> {
  if (application.settings.implicitAssignment) return true;
  const row = await env.db
    .selectNoFrom((eb) => [
      eb
        .exists(directAssignment(env.db, application.id, userId))
        .$castTo<number | boolean>()
        .as('direct'),
      eb
        .exists(groupAssignment(env.db, application.id, userId))
        .$castTo<number | boolean>()
        .as('by_group'),
    ])
    .executeTakeFirstOrThrow();
  return Boolean(row.direct) || Boolean(row.by_group);
}

function directAssignment(db: Kysely<Tables>, applicationId: string, userId: string) {
  return db
    .selectFrom('application_users')
    .select(sql.lit(1).as('one'))
    .where('application_id', '=', applicationId)
    .where('user_id', '=', userId);
}

function groupAssignment(db: Kysely<Tables>, applicationId: string, userId: string) {
  return db
    .selectFrom('application_groups')
    .innerJoin('group_memberships', 'group_memberships.group_id', 'application_groups.group_id')
    .select(sql.lit(1).as('one'))
    .where('application_groups.application_id', '=', applicationId)
    .where('group_memberships.user_id', '=', userId);
}

/** The person's name inside the application: that of the direct assignment, else what the application's template makes. */
export async function appUserName(
  env: Env,
  application: AnyApplication,
  user: Pick<Row<'users'>, 'id' | 'login' | 'profile'>,
): Promise<string> {
  const assignment = await env.db
    .selectFrom('application_users')
    .select('credentials')
    .where('application_id', '=', application.id)
    .where('user_id', '=', user.id)
    .executeTakeFirst();
  const given = assignment?.credentials.userName;
  return typeof given === 'string' && given !== '' ? given : user.login;
}
