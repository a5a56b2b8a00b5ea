// Owns who owns a group: people, and groups of people. An owner is somebody to turn to; owning gives no rights here.
// Not here: members (group-memberships.ts).
import { sql } from 'kysely';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { type FilterAttributes, filterToSql, parseFilter } from './filter.ts';
import { type Group, getGroup, groupTarget, holdGroup, holdOwnGroup } from './groups.ts';
import { invalid, notFound } from './refusal.ts';
import { type LogTarget, record } from './system-log.ts';
import { displayNameOf } from './user-profile.ts';
import { holdUser, userTarget } from './users.ts';

export type OwnerKind = 'USER' | 'GROUP';
export type GroupOwner = { id: string; type: OwnerKind; displayName: string; assigned: number };

const attributes: FilterAttributes = {
  type: { column: sql.ref('group_owners.owner_type'), kind: 'exact', operators: ['eq'] },
};

/** Owners by id, after the one with this id. `search`: a filter of their type. */
export async function listGroupOwners(
  env: Env,
  groupId: string,
  { search, after, limit }: { search: string | null; after: string | null; limit: number },
): Promise<GroupOwner[]> {
  const { id } = await getGroup(env, groupId);
  let select = env.db
    .selectFrom('group_owners')
    .leftJoin('users', 'users.id', 'group_owners.owner_id')
    .leftJoin('groups', 'groups.id', 'group_owners.owner_id')
    .select(['group_owners.owner_id', 'group_owners.owner_type', 'group_owners.created'])
    .select(['users.login', 'users.profile', 'groups.name'])
    .where('group_owners.group_id', '=', id)
    .orderBy('group_owners.owner_id')
    .limit(limit);
  if (search !== null) select = select.where(filterToSql(parseFilter(search), attributes));
  if (after !== null) select = select.where('group_owners.owner_id', '>', after);
  return (await select.execute()).map(({ owner_id, owner_type, created, login, profile, name }) => ({
    id: owner_id,
    type: owner_type as OwnerKind,
    displayName: login !== null && profile !== null ? displayNameOf({ login, profile }) : (name ?? owner_id),
    assigned: created,
  }));
}

/** Throws E0000007 when there is no such person or group, E0000001 when they own the group already. */
export async function addGroupOwner(
  env: Env,
  groupId: string,
  { id, type }: { id: string; type: OwnerKind },
): Promise<GroupOwner> {
  return transact(env, async (env) => {
    const { group, owner, displayName } = await holdBoth(env, groupId, id, type);
    const row: Row<'group_owners'> = { group_id: group.id, owner_id: id, owner_type: type, created: env.now() };
    const added = await env.db
      .insertInto('group_owners')
      .values(row)
      .onConflict((conflict) => conflict.columns(['group_id', 'owner_id']).doNothing())
      .returning('owner_id')
      .executeTakeFirst();
    if (!added) throw invalid('owner', 'Provided owner is already assigned to this group');
    await record(env, {
      eventType: 'group.owner.add',
      displayMessage: 'Add owner to group',
      target: [owner, groupTarget(group)],
    });
    return { id, type, displayName, assigned: row.created };
  });
}

type Both = { group: Group; owner: LogTarget; displayName: string };

/** The group and its owner to be, held in the order of their ids where both are groups: two may come to own each other at once. */
async function holdBoth(env: Env, groupId: string, ownerId: string, type: OwnerKind): Promise<Both> {
  if (type === 'USER') {
    const group = await holdOwnGroup(env, groupId);
    const user = await holdUser(env, ownerId);
    return { group, owner: userTarget(user), displayName: displayNameOf(user) };
  }
  const early = ownerId < groupId ? await holdGroup(env, ownerId) : null;
  const group = await holdOwnGroup(env, groupId);
  const owner = early ?? (await holdGroup(env, ownerId));
  return { group, owner: groupTarget(owner), displayName: owner.name };
}

/** Throws E0000007 when the group has no such owner. */
export async function removeGroupOwner(env: Env, groupId: string, ownerId: string): Promise<void> {
  await transact(env, async (env) => {
    const group = await holdOwnGroup(env, groupId);
    const [owner] = await env.db
      .deleteFrom('group_owners')
      .where('group_id', '=', group.id)
      .where('owner_id', '=', ownerId)
      .returning('owner_type')
      .execute();
    // The name by which clients know an owner that is not there.
    if (!owner) throw notFound(ownerId, 'LinkedObject');
    await record(env, {
      eventType: 'group.owner.remove',
      displayMessage: 'Remove owner from group',
      target: [await targetOf(env, ownerId, owner.owner_type as OwnerKind), groupTarget(group)],
    });
  });
}

async function targetOf(env: Env, id: string, type: OwnerKind): Promise<LogTarget> {
  if (type === 'GROUP') return groupTarget(await getGroup(env, id));
  const user = await env.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  return userTarget(user);
}
