// Owns how the System Log names a group rule, and when a rule becomes INVALID: its expression fails, or a group that it assigns is
// deleted. It then moves nobody any more until an administrator has put it right. Not here: what a rule does
// (group-rule-memberships.ts) and its administration (group-rules.ts).
import type { Row } from '../storage/tables.ts';
import type { Env } from './env.ts';
import { type LogTarget, record } from './system-log.ts';

export type GroupRuleStatus = 'ACTIVE' | 'INACTIVE' | 'INVALID';
export type GroupRule = Omit<Row<'group_rules'>, 'status'> & { status: GroupRuleStatus };

export function toGroupRule(row: Row<'group_rules'>): GroupRule {
  return { ...row, status: row.status as GroupRuleStatus };
}

export function groupRuleTarget({ id, name }: Pick<GroupRule, 'id' | 'name'>): LogTarget {
  return { id, type: 'GroupRule', alternateId: 'unknown', displayName: name };
}

/** Ends an ACTIVE rule's effect; whom it put into groups stays there. */
export async function invalidateRule(env: Env, rule: Pick<GroupRule, 'id' | 'name'>, reason: string): Promise<void> {
  const ended = await env.db
    .updateTable('group_rules')
    .set({ status: 'INVALID' })
    .where('id', '=', rule.id)
    .where('status', '=', 'ACTIVE')
    .returning('id')
    .executeTakeFirst();
  if (!ended) return;
  await record(env, {
    eventType: 'group.user_membership.rule.invalidate',
    displayMessage: 'Invalidate group rule',
    severity: 'WARN',
    target: [groupRuleTarget(rule)],
    debugData: { reason },
  });
}

/** For a group that is being deleted. */
export async function forgetGroupInRules(env: Env, groupId: string): Promise<void> {
  await env.db.deleteFrom('group_rule_memberships').where('group_id', '=', groupId).execute();
  const rules = await env.db
    .selectFrom('group_rules')
    .selectAll()
    .where('status', '=', 'ACTIVE')
    .orderBy('id')
    .execute();
  for (const rule of rules)
    if (rule.group_ids.includes(groupId)) await invalidateRule(env, rule, 'A group that the rule assigns was deleted');
}
