// Owns the end of a group: what it gave to its members goes with it, and group rules that ask about memberships look at its former
// members again. Not here: the rest of a group's life (groups.ts, which the rules themselves need).
import { type Env, transact } from './env.ts';
import { followGroupRules, someRuleAsksForGroups } from './group-rule-memberships.ts';
import { forgetGroupInRules } from './group-rule-validity.ts';
import { groupTarget, holdOwnGroup } from './groups.ts';
import { keepingAnAdministrator } from './last-administrator.ts';
import { forgetTarget } from './role-targets.ts';
import { deleteRolesOf } from './roles.ts';
import { record } from './system-log.ts';

const BATCH = 200;

/** Deletes a group with everything that it gave to its members. */
export async function deleteGroup(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const group = await holdOwnGroup(env, id);
    await keepingAnAdministrator(env, { groupId: group.id }, () => deleteRolesOf(env, { groupId: group.id }));
    // Conditions do not see memberships by rule, so nobody who was in by rules alone is judged otherwise now.
    const members = await env.db
      .deleteFrom('group_memberships')
      .where('group_id', '=', group.id)
      .returning(['user_id', 'source'])
      .execute();
    await env.db
      .deleteFrom('group_owners')
      .where((eb) => eb.or([eb('group_id', '=', group.id), eb('owner_id', '=', group.id)]))
      .execute();
    await env.db.deleteFrom('role_binding_members').where('group_id', '=', group.id).execute();
    await forgetGroupInRules(env, group.id);
    await forgetTarget(env, 'GROUP', group.id);
    await env.db.deleteFrom('application_groups').where('group_id', '=', group.id).execute();
    await env.db.deleteFrom('groups').where('id', '=', group.id).execute();
    await record(env, {
      eventType: 'group.lifecycle.delete',
      displayMessage: 'Delete Okta group',
      target: [groupTarget(group)],
    });
    if (!(await someRuleAsksForGroups(env))) return;
    await judgeAgain(
      env,
      members
        .filter(({ source }) => source !== 'RULE')
        .map(({ user_id }) => user_id)
        .sort(),
    );
  });
}

async function judgeAgain(env: Env, userIds: readonly string[]): Promise<void> {
  for (let start = 0; start < userIds.length; start += BATCH) {
    const users = await env.db
      .updateTable('users')
      .set((eb) => ({ last_updated: eb.ref('last_updated') }))
      .where('id', 'in', userIds.slice(start, start + BATCH))
      .returningAll()
      .execute();
    await followGroupRules(env, users);
  }
}
