// Owns groups of people: making, changing and finding them, the built-in group Everyone, and the questions that the
// rest of the house asks about membership. Not here: administration of members (group-memberships.ts), group rules (group-rules.ts),
// the end of a group (delete-groups.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { prepared } from '../storage/prepared.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { checkedAttributes } from './profile-attributes.ts';
import { findSchema, groupSchemaOwner } from './profile-schemas.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { requireRightsOver } from './roles.ts';
import { type LogTarget, record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export type Group = Row<'groups'>;

/** Name, description, and what an administrator has added to the profiles of groups. */
export type GroupProfile = { name: string; description?: string | null | undefined } & Readonly<
  Record<string, unknown>
>;

/** DIRECT: an administrator put the person in. EVERYONE: the built-in group. RULE: only group rules did. */
export type MembershipSource = 'DIRECT' | 'EVERYONE' | 'RULE';

export async function findGroup(env: Env, id: string): Promise<Group | null> {
  return (await env.db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst()) ?? null;
}

/** Throws E0000007. */
export async function getGroup(env: Env, id: string): Promise<Group> {
  const group = await findGroup(env, id);
  if (!group) throw notFound(id, 'UserGroup');
  return group;
}

/** Makes a group. Throws E0000001 when the name is taken. */
export async function createGroup(env: Env, given: GroupProfile): Promise<Group> {
  const row = newGroup(env, 'OKTA_GROUP', await checkedGroupProfile(env, given, 'newGroup'));
  return refusingTakenName(
    'name_key',
    transact(env, async (env) => {
      await insertGroup(env, row);
      await recordGroupEvent(env, row, 'group.lifecycle.create', 'Create Okta group');
      return row;
    }),
  );
}

/** Replaces a group's name and description. */
export async function updateGroup(env: Env, id: string, given: GroupProfile): Promise<Group> {
  const profile = await checkedGroupProfile(env, given, 'group');
  return refusingTakenName(
    'name_key',
    transact(env, async (env) => {
      const group = await holdOwnGroup(env, id);
      const changed = { ...namesOf(profile), last_updated: env.now() };
      await env.db
        .updateTable('groups')
        .set({ ...changed, profile: toJson(profile) })
        .where('id', '=', group.id)
        .execute();
      const updated = { ...group, ...changed, profile };
      await recordGroupEvent(env, updated, 'group.profile.update', 'Update Okta group profile');
      return updated;
    }),
  );
}

/** The group, held for this transaction: it can neither change nor go meanwhile. Throws E0000007. */
export async function holdGroup(env: Env, id: string): Promise<Group> {
  const held = await env.db
    .updateTable('groups')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!held) throw notFound(id, 'UserGroup');
  return held;
}

/** As holdGroup, for a group that administrators may change; throws E0000006 for one that the system keeps. */
export async function holdOwnGroup(env: Env, id: string): Promise<Group> {
  const group = await holdGroup(env, id);
  if (group.type === 'OKTA_GROUP') return group;
  throw new Refusal('E0000006', '', [`Only groups of type OKTA_GROUP can be changed; ${group.name} is ${group.type}`]);
}

/** Makes the group of all users, once, at the first start; users that exist already become members. */
export async function ensureEveryone(env: Env): Promise<Group> {
  return transact(env, async (env) => {
    const known = await env.db
      .selectFrom('groups')
      .selectAll()
      .where('name_key', '=', textKey('Everyone'))
      .executeTakeFirst();
    if (known) return known;
    const row = newGroup(env, 'BUILT_IN', { name: 'Everyone', description: 'All users in your organization' });
    await insertGroup(env, row);
    await env.db
      .insertInto('group_memberships')
      .columns(['group_id', 'user_id', 'source', 'created'])
      .expression((eb) =>
        eb
          .selectFrom('users')
          .select(({ cast, val, ref }) => [
            cast<string>(val(row.id), 'text').as('group_id'),
            ref('users.id').as('user_id'),
            cast<string>(val('EVERYONE'), 'text').as('source'),
            ref('users.created').as('created'),
          ]),
      )
      .execute();
    return row;
  });
}

/** Makes the person a member; false when they were one. Call it in a transaction. */
export async function addMembership(
  env: Env,
  groupId: string,
  userId: string,
  source: MembershipSource,
): Promise<boolean> {
  if (source === 'DIRECT') await requireRightsOver(env, { groupId });
  const added = await env.db
    .insertInto('group_memberships')
    .values({ group_id: groupId, user_id: userId, source, created: env.now() })
    .onConflict((conflict) => conflict.columns(['group_id', 'user_id']).doNothing())
    .returning('group_id')
    .executeTakeFirst();
  if (added) await noteMembershipChange(env, [groupId]);
  return added !== undefined;
}

/** Writes down when the membership of these groups last changed. */
export async function noteMembershipChange(env: Env, groupIds: readonly string[]): Promise<void> {
  if (groupIds.length === 0) return;
  await env.db.updateTable('groups').set({ last_membership_updated: env.now() }).where('id', 'in', groupIds).execute();
}

/** Every group that the person is in, Everyone included, oldest group first. */
export async function listGroupIdsOfUser(env: Env, userId: string): Promise<string[]> {
  const rows = await groupsOfUser(env.db, { userId });
  return rows.map(({ group_id }) => group_id);
}

const groupsOfUser = prepared((db, { userId }: { userId: string }) =>
  db.selectFrom('group_memberships').select('group_id').where('user_id', '=', userId).orderBy('group_id'),
);

/** The same with what each is. Only for who needs more than their ids: a person may be in thousands. */
export async function listGroupsOfUser(
  env: Env,
  userId: string,
): Promise<Pick<Group, 'id' | 'name' | 'type' | 'profile'>[]> {
  return env.db
    .selectFrom('group_memberships')
    .innerJoin('groups', 'groups.id', 'group_memberships.group_id')
    .select(['groups.id', 'groups.name', 'groups.type', 'groups.profile'])
    .where('group_memberships.user_id', '=', userId)
    .orderBy('groups.id')
    .execute();
}

/** Whether the person is in at least one of these groups. */
export async function isMemberOfAny(env: Env, userId: string, groupIds: readonly string[]): Promise<boolean> {
  if (groupIds.length === 0) return false;
  const found = await env.db
    .selectFrom('group_memberships')
    .select('group_id')
    .where('user_id', '=', userId)
    .where('group_id', 'in', groupIds)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** The group as the System Log names it. */
export function groupTarget(group: Pick<Group, 'id' | 'name'>): LogTarget {
  return { id: group.id, type: 'UserGroup', alternateId: 'unknown', displayName: group.name };
}

async function recordGroupEvent(env: Env, group: Group, eventType: string, displayMessage: string): Promise<void> {
  await record(env, { eventType, displayMessage, target: [groupTarget(group)] });
}

async function checkedGroupProfile(
  env: Env,
  given: GroupProfile,
  object: string,
): Promise<GroupProfile & { description: string | null }> {
  const { base, custom } = await findSchema(env, groupSchemaOwner);
  const { name, description, ...others } = checkedAttributes({ ...base, ...custom }, given, object);
  if (typeof name !== 'string' || name.trim() === '') throw invalid('name', 'name: The field cannot be left blank');
  return { name, description: typeof description === 'string' ? description : null, ...others };
}

function namesOf({ name }: GroupProfile): Pick<Group, 'name' | 'name_key'> {
  return { name, name_key: textKey(name) };
}

function newGroup(env: Env, type: 'OKTA_GROUP' | 'BUILT_IN', profile: GroupProfile): Group {
  const now = env.now();
  return {
    id: newId(env, idPrefixes.group),
    type,
    ...namesOf(profile),
    profile,
    created: now,
    last_updated: now,
    last_membership_updated: now,
  };
}

async function insertGroup(env: Env, row: Group): Promise<void> {
  await env.db
    .insertInto('groups')
    .values({ ...row, profile: toJson(row.profile) })
    .execute();
}
