// Owns the administration of a group's members: adding, removing, listing them. Nobody is put into Everyone or taken out of it.
// Not here: questions about membership (groups.ts).
import { type Env, transact } from './env.ts';
import { excludeFromRules, followGroupRules } from './group-rule-memberships.ts';
import { addMembership, type Group, getGroup, groupTarget, holdOwnGroup, noteMembershipChange } from './groups.ts';
import { keepingAnAdministrator } from './last-administrator.ts';
import { record } from './system-log.ts';
import { holdUser, type User, userTarget } from './users.ts';

/** Makes the person a member, also one whom group rules would let go; does nothing when they are that. */
export async function addUserToGroup(env: Env, groupId: string, userId: string): Promise<void> {
  await transact(env, async (env) => {
    const group = await holdOwnGroup(env, groupId);
    const user = await holdUser(env, userId);
    if (await addMembership(env, group.id, user.id, 'DIRECT'))
      await recordMembership(env, group, user, 'group.user_membership.add', 'Add user to group membership');
    else await keepMembership(env, group.id, user.id);
    await followGroupRules(env, [user]);
  });
}

/** Ends a membership; does nothing when there is none. */
export async function removeUserFromGroup(env: Env, groupId: string, userId: string): Promise<void> {
  await transact(env, async (env) => {
    const group = await holdOwnGroup(env, groupId);
    const user = await holdUser(env, userId);
    const removed = await keepingAnAdministrator(env, { groupId: group.id }, () =>
      env.db
        .deleteFrom('group_memberships')
        .where('group_id', '=', group.id)
        .where('user_id', '=', user.id)
        .returning('user_id')
        .executeTakeFirst(),
    );
    if (!removed) return;
    await noteMembershipChange(env, [group.id]);
    await recordMembership(env, group, user, 'group.user_membership.remove', 'Remove user from group membership');
    await excludeFromRules(env, group.id, user);
    await followGroupRules(env, [user]);
  });
}

async function keepMembership(env: Env, groupId: string, userId: string): Promise<void> {
  await env.db
    .updateTable('group_memberships')
    .set({ source: 'DIRECT' })
    .where('group_id', '=', groupId)
    .where('user_id', '=', userId)
    .where('source', '=', 'RULE')
    .execute();
}

/** Members by id, after the one with this id. */
export async function listGroupMembers(
  env: Env,
  groupId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<User[]> {
  const { id } = await getGroup(env, groupId);
  let select = env.db
    .selectFrom('group_memberships')
    .innerJoin('users', 'users.id', 'group_memberships.user_id')
    .selectAll('users')
    .where('group_memberships.group_id', '=', id)
    .orderBy('group_memberships.user_id')
    .limit(limit);
  if (after !== null) select = select.where('group_memberships.user_id', '>', after);
  return select.execute();
}

async function recordMembership(env: Env, group: Group, user: User, eventType: string, message: string): Promise<void> {
  await record(env, { eventType, displayMessage: message, target: [userTarget(user), groupTarget(group)] });
}
