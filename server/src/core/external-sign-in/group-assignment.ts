// Owns the groups into which a provider's policy puts people: always the same ones (ASSIGN), those that the provider names as well
// (APPEND), or exactly those of a list that it names (SYNC). Only groups that the policy lists are ever touched, and of these none
// that the system keeps. Not here: administration of members (group-memberships.ts).
import { textKey } from '../../base/text-key.ts';
import type { Env } from '../env.ts';
import { followGroupRules } from '../group-rule-memberships.ts';
import { addMembership, type Group, groupTarget, noteMembershipChange } from '../groups.ts';
import type { IdentityProvider } from '../identity-providers.ts';
import { needsMembership } from '../last-administrator.ts';
import { isObject, listAt } from '../policies/policy-defaults.ts';
import { recordUserEvent, type User } from '../users.ts';

/** Call it in the transaction that holds the person. `claims`: what the provider said. */
export async function assignGroups(
  env: Env,
  { policy }: IdentityProvider,
  user: User,
  claims: Record<string, unknown>,
): Promise<void> {
  const provisioning = isObject(policy) && isObject(policy.provisioning) ? policy.provisioning : {};
  const settings = isObject(provisioning.groups) ? provisioning.groups : {};
  const { action, sourceAttributeName } = settings;
  if (action === 'ASSIGN') return change(env, user, await ownGroups(env, listAt(settings, 'assignments')), []);
  if (action !== 'APPEND' && action !== 'SYNC') return;
  const listed = await ownGroups(env, listAt(settings, 'filter'));
  const named = new Set(namesIn(claims, sourceAttributeName).map(textKey));
  const isNamed = ({ name_key }: Group) => named.has(name_key);
  await change(env, user, listed.filter(isNamed), action === 'SYNC' ? listed.filter((group) => !isNamed(group)) : []);
}

async function change(env: Env, user: User, into: readonly Group[], outOf: readonly Group[]): Promise<void> {
  for (const group of into)
    if (await addMembership(env, group.id, user.id, 'DIRECT'))
      await recordUserEvent(env, user, 'group.user_membership.add', 'Add user to group membership', groupTarget(group));
  for (const group of outOf)
    if (await endMembership(env, group.id, user.id))
      await recordUserEvent(
        env,
        user,
        'group.user_membership.remove',
        'Remove user from group membership',
        groupTarget(group),
      );
  if (into.length + outOf.length > 0) await followGroupRules(env, [user]);
}

/** What a group rule says stays with the rule, and who alone can administer the org stays that whatever their provider says. */
async function endMembership(env: Env, groupId: string, userId: string): Promise<boolean> {
  if (await needsMembership(env, { groupId, userId })) return false;
  const ended = await env.db
    .deleteFrom('group_memberships')
    .where('group_id', '=', groupId)
    .where('user_id', '=', userId)
    .where('source', '=', 'DIRECT')
    .returning('group_id')
    .executeTakeFirst();
  if (ended) await noteMembershipChange(env, [groupId]);
  return ended !== undefined;
}

async function ownGroups(env: Env, ids: readonly string[]): Promise<Group[]> {
  if (ids.length === 0) return [];
  return env.db
    .selectFrom('groups')
    .selectAll()
    .where('id', 'in', ids)
    .where('type', '=', 'OKTA_GROUP')
    .orderBy('id')
    .execute();
}

function namesIn(claims: Record<string, unknown>, attribute: unknown): string[] {
  const value = typeof attribute === 'string' && Object.hasOwn(claims, attribute) ? claims[attribute] : undefined;
  return (Array.isArray(value) ? value : [value]).filter((name) => typeof name === 'string');
}
