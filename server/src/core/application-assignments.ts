// Owns who may use an application: directly assigned people and assigned groups, and the name by which the application knows a
// person. Not here: what a policy then decides, and the shapes of the management API.
import type { Kysely } from 'kysely';
import { prepared } from '../storage/prepared.ts';
import { toJson } from '../storage/schema.ts';
import type { Row, Tables } from '../storage/tables.ts';
import { appUserProfile } from './app-user-profile.ts';
import {
  type AnyApplication,
  applicationTarget,
  getApplication,
  isOAuthClient,
  lockApplication,
} from './applications.ts';
import { type Env, transact } from './env.ts';
import { getGroup, groupTarget } from './groups.ts';
import { changedMapping } from './mapping-changes.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { record } from './system-log.ts';
import { userNameOf } from './user-name-template.ts';
import { userTarget } from './users.ts';

type JsonObject = Record<string, unknown>;
type Person = Pick<Row<'users'>, 'id' | 'login' | 'profile'>;

/** A person as the application has them. */
export type AssignedUser = {
  user: Person;
  /** USER: assigned by name. GROUP: through `groupId`. */
  scope: 'USER' | 'GROUP';
  groupId: string | null;
  userName: string;
  /** What was said of the person for this application alone. */
  profile: JsonObject;
  /** What the application has of the person's own profile; what was said for it goes before. */
  mapped: JsonObject;
  created: number;
  last_updated: number;
};

export type AssignedGroup = Row<'application_groups'>;

/** Whether the person is assigned: directly, through a group (Everyone included), or because the application admits everyone. */
export async function isAssigned(env: Env, application: AnyApplication, userId: string): Promise<boolean> {
  if (application.settings.implicitAssignment) return true;
  const [row] = await assigned(env.db, { applicationId: application.id, userId });
  return Boolean(row?.assigned);
}

const assigned = prepared((db, { applicationId, userId }: { applicationId: string; userId: string }) =>
  db.selectNoFrom((eb) =>
    eb
      .or([
        eb.exists(direct(db, applicationId).where('user_id', '=', userId)),
        eb.exists(throughGroups(db, applicationId).where('group_memberships.user_id', '=', userId)),
      ])
      .$castTo<number | boolean>()
      .as('assigned'),
  ),
);

export function direct(db: Kysely<Tables>, applicationId: string) {
  return db.selectFrom('application_users').select('user_id').where('application_id', '=', applicationId);
}

export function throughGroups(db: Kysely<Tables>, applicationId: string) {
  return db
    .selectFrom('application_groups')
    .innerJoin('group_memberships', 'group_memberships.group_id', 'application_groups.group_id')
    .select('group_memberships.user_id')
    .where('application_groups.application_id', '=', applicationId);
}

/** The person's name inside the application: that of the direct assignment, else what the application's template makes. */
export async function appUserName(env: Env, application: AnyApplication, user: Person): Promise<string> {
  const [assignment] = await directCredentials(env.db, { applicationId: application.id, userId: user.id });
  return nameIn(application, user, assignment?.credentials);
}

const directCredentials = prepared((db, { applicationId, userId }: { applicationId: string; userId: string }) =>
  db
    .selectFrom('application_users')
    .select('credentials')
    .where('application_id', '=', applicationId)
    .where('user_id', '=', userId),
);

function nameIn(application: AnyApplication, user: Person, credentials: JsonObject | undefined): string {
  const given = credentials?.userName;
  if (typeof given === 'string' && given !== '') return given;
  return userNameOf(application.credentials.userNameTemplate.template, user) ?? user.login;
}

/** Null when the person is not assigned. */
export async function findAssignedUser(
  env: Env,
  application: AnyApplication,
  userId: string,
): Promise<AssignedUser | null> {
  const user = await env.db.selectFrom('users').select(['id', 'login', 'profile']).where('id', '=', userId).execute();
  return (await describeAssigned(env, application, user))[0] ?? null;
}

/** As findAssignedUser; throws E0000007. */
export async function getAssignedUser(env: Env, application: AnyApplication, userId: string): Promise<AssignedUser> {
  const assigned = await findAssignedUser(env, application, userId);
  if (!assigned) throw notFound(userId, 'AppUser');
  return assigned;
}

/** Says of each person how they are assigned, and leaves out who is not. */
export async function describeAssigned(
  env: Env,
  application: AnyApplication,
  users: Person[],
): Promise<AssignedUser[]> {
  if (users.length === 0) return [];
  const ids = users.map(({ id }) => id);
  const named = await env.db
    .selectFrom('application_users')
    .selectAll()
    .where('application_id', '=', application.id)
    .where('user_id', 'in', ids)
    .execute();
  const grouped = await throughGroups(env.db, application.id)
    .select(['application_groups.group_id', 'application_groups.created', 'group_memberships.created as joined'])
    .where('group_memberships.user_id', 'in', ids)
    .orderBy('application_groups.priority')
    .orderBy('application_groups.group_id')
    .execute();
  const changes = isOAuthClient(application) ? await changedMapping(env, application.id) : null;
  return users.flatMap((user): AssignedUser[] => {
    const mapped = changes ? appUserProfile(env, user, changes) : {};
    const own = named.find(({ user_id }) => user_id === user.id);
    const userName = nameIn(application, user, own?.credentials);
    if (own) {
      const { profile, created, last_updated } = own;
      return [{ user, scope: 'USER', groupId: null, userName, profile, mapped, created, last_updated }];
    }
    const group = grouped.find(({ user_id }) => user_id === user.id);
    if (!group) return [];
    const since = Math.max(group.created, group.joined);
    const { group_id: groupId } = group;
    return [{ user, scope: 'GROUP', groupId, userName, profile: {}, mapped, created: since, last_updated: since }];
  });
}

/** Assigns a person by name. Throws E0000007, and E0000062 when that is done already. */
export async function assignUser(
  env: Env,
  applicationId: string,
  given: { userId: string; userName?: string | undefined; profile?: JsonObject | undefined },
): Promise<AssignedUser> {
  const { userId } = given;
  return transact(env, async (env) => {
    const application = await lockApplication(env, applicationId);
    const user = await assignable(env, userId);
    const now = env.now();
    const inserted = await env.db
      .insertInto('application_users')
      .values({
        application_id: applicationId,
        user_id: userId,
        credentials: toJson<JsonObject>(given.userName ? { userName: given.userName } : {}),
        profile: toJson(given.profile ?? {}),
        created: now,
        last_updated: now,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('user_id')
      .executeTakeFirst();
    if (!inserted) throw new Refusal('E0000062');
    await record(env, {
      eventType: 'application.user_membership.add',
      displayMessage: 'Add user to application membership',
      target: [userTarget(user), applicationTarget(application)],
    });
    return getAssignedUser(env, application, userId);
  });
}

/** Changes what is said of a person for this application; one assigned through a group becomes assigned by name. */
export async function updateAssignedUser(
  env: Env,
  applicationId: string,
  userId: string,
  given: { userName?: string | undefined; profile?: JsonObject | undefined },
): Promise<AssignedUser> {
  return transact(env, async (env) => {
    const application = await lockApplication(env, applicationId);
    const before = await getAssignedUser(env, application, userId);
    if (before.scope === 'GROUP') return assignUser(env, applicationId, { userId, ...given });
    await env.db
      .updateTable('application_users')
      .set({
        ...(given.userName ? { credentials: toJson<JsonObject>({ userName: given.userName }) } : {}),
        profile: toJson({ ...before.profile, ...given.profile }),
        last_updated: env.now(),
      })
      .where('application_id', '=', applicationId)
      .where('user_id', '=', userId)
      .execute();
    const after = await getAssignedUser(env, application, userId);
    await record(env, {
      eventType:
        before.userName === after.userName
          ? 'application.user_membership.update'
          : 'application.user_membership.change_username',
      displayMessage: 'Update user in application membership',
      target: [userTarget(after.user), applicationTarget(application)],
    });
    return after;
  });
}

/** Ends a direct assignment. Throws E0000007, and E0000001 for one that only a group gives. */
export async function unassignUser(env: Env, applicationId: string, userId: string): Promise<void> {
  await transact(env, async (env) => {
    const application = await lockApplication(env, applicationId);
    const assigned = await getAssignedUser(env, application, userId);
    if (assigned.scope === 'GROUP')
      throw invalid('scope', 'scope: The user is assigned through a group: remove the assignment of the group');
    await env.db
      .deleteFrom('application_users')
      .where('application_id', '=', applicationId)
      .where('user_id', '=', userId)
      .execute();
    await revokeRefreshTokensOfUnassigned(env, application);
    await record(env, {
      eventType: 'application.user_membership.remove',
      displayMessage: "Remove user's application membership",
      target: [userTarget(assigned.user), applicationTarget(application)],
    });
  });
}

async function assignable(env: Env, userId: string): Promise<Person> {
  const user = await env.db
    .selectFrom('users')
    .select(['id', 'login', 'profile', 'status'])
    .where('id', '=', userId)
    .executeTakeFirst();
  if (!user) throw notFound(userId, 'User');
  if (user.status === 'DEPROVISIONED') throw new Refusal('E0000038');
  return user;
}

/** Assigned groups by priority, one more than the limit when there are more. `after` is `priority:id` of the last one seen. */
export async function listAssignedGroups(
  env: Env,
  applicationId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<AssignedGroup[]> {
  await getApplication(env, applicationId);
  let query = env.db
    .selectFrom('application_groups')
    .selectAll()
    .where('application_id', '=', applicationId)
    .orderBy('priority')
    .orderBy('group_id')
    .limit(limit + 1);
  const [priority, groupId] = after?.split(':') ?? [];
  if (priority !== undefined && groupId !== undefined)
    query = query.where((eb) =>
      eb.or([
        eb('priority', '>', Number(priority)),
        eb.and([eb('priority', '=', Number(priority)), eb('group_id', '>', groupId)]),
      ]),
    );
  return query.execute();
}

/** Throws E0000007. */
export async function getAssignedGroup(env: Env, applicationId: string, groupId: string): Promise<AssignedGroup> {
  const row = await findAssignedGroup(env, applicationId, groupId);
  if (row) return row;
  await getApplication(env, applicationId);
  throw notFound(groupId, 'ApplicationGroupAssignment');
}

/** Assigns a group, or changes its assignment. Without a priority it comes after those that are there. */
export async function assignGroup(
  env: Env,
  applicationId: string,
  groupId: string,
  given: { priority?: number | undefined; profile?: JsonObject | undefined },
): Promise<AssignedGroup> {
  return transact(env, async (env) => {
    const application = await lockApplication(env, applicationId);
    const group = await getGroup(env, groupId);
    const before = await findAssignedGroup(env, applicationId, groupId);
    const now = env.now();
    const row: AssignedGroup = {
      application_id: applicationId,
      group_id: groupId,
      priority: given.priority ?? before?.priority ?? (await nextPriority(env, applicationId)),
      profile: given.profile ?? {},
      created: before?.created ?? now,
      last_updated: now,
    };
    const { priority, last_updated } = row;
    const profile = toJson(row.profile);
    await env.db
      .insertInto('application_groups')
      .values({ ...row, profile })
      .onConflict((conflict) =>
        conflict.columns(['application_id', 'group_id']).doUpdateSet({ priority, profile, last_updated }),
      )
      .execute();
    await record(env, {
      eventType: `group.application_assignment.${before ? 'update' : 'add'}`,
      displayMessage: `Group application assignment: ${before ? 'update' : 'add'}`,
      target: [groupTarget(group), applicationTarget(application)],
    });
    return row;
  });
}

/** Ends a group's assignment, and with it that of its members who have no other. Throws E0000007. */
export async function unassignGroup(env: Env, applicationId: string, groupId: string): Promise<void> {
  await transact(env, async (env) => {
    const application = await lockApplication(env, applicationId);
    await getAssignedGroup(env, applicationId, groupId);
    await env.db
      .deleteFrom('application_groups')
      .where('application_id', '=', applicationId)
      .where('group_id', '=', groupId)
      .execute();
    await revokeRefreshTokensOfUnassigned(env, application);
    const group = await getGroup(env, groupId);
    await record(env, {
      eventType: 'group.application_assignment.remove',
      displayMessage: 'Group application assignment: remove',
      target: [groupTarget(group), applicationTarget(application)],
    });
  });
}

async function findAssignedGroup(env: Env, applicationId: string, groupId: string): Promise<AssignedGroup | undefined> {
  return env.db
    .selectFrom('application_groups')
    .selectAll()
    .where('application_id', '=', applicationId)
    .where('group_id', '=', groupId)
    .executeTakeFirst();
}

async function nextPriority(env: Env, applicationId: string): Promise<number> {
  const { last } = await env.db
    .selectFrom('application_groups')
    .select((eb) => eb.fn.max('priority').as('last'))
    .where('application_id', '=', applicationId)
    .executeTakeFirstOrThrow();
  return last === null ? 0 : Number(last) + 1;
}

/** Who is no longer assigned loses the refresh tokens for the application, even if assigned again later. */
async function revokeRefreshTokensOfUnassigned(env: Env, application: AnyApplication): Promise<void> {
  if (application.settings.implicitAssignment) return;
  const { db } = env;
  await db
    .updateTable('refresh_tokens')
    .set({ status: 'REVOKED', last_updated: env.now() })
    .where('client_id', '=', application.client_id)
    .where('status', '=', 'ACTIVE')
    .where('user_id', 'not in', direct(db, application.id))
    .where('user_id', 'not in', throughGroups(db, application.id))
    .execute();
}
