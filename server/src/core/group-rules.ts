// Owns the administration of group rules: making, finding, changing, activating and ending them. Activation walks all people in
// batches, each a transaction of its own. Not here: what a rule does to one person (group-rule-memberships.ts).
import { sql } from 'kysely';
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import { holdsCustomRole } from './custom-role-rights.ts';
import { type Env, transact } from './env.ts';
import { ExpressionError } from './expressions/expression-error.ts';
import { parseExpression } from './expressions/parse-expression.ts';
import { filterToSql } from './filter.ts';
import { followGroupRules, holdActiveRule, releaseHolds } from './group-rule-memberships.ts';
import { type GroupRule, groupRuleTarget, toGroupRule } from './group-rule-validity.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';
import { findUserById } from './users.ts';

export type GroupRuleInput = {
  name: string;
  expression: string;
  excludedUserIds: readonly string[];
  excludedGroupIds: readonly string[];
  groupIds: readonly string[];
};

const BATCH = 200;

export async function listGroupRules(
  env: Env,
  { search, after, limit }: { search: string | undefined; after: string | null; limit: number },
): Promise<GroupRule[]> {
  let select = env.db.selectFrom('group_rules').selectAll().orderBy('id').limit(limit);
  if (after !== null) select = select.where('id', '>', after);
  if (search)
    select = select.where(
      filterToSql(
        { kind: 'test', attribute: 'name', operator: 'co', value: search },
        { name: { column: sql.ref('group_rules.name'), kind: 'text', operators: ['co'] } },
      ),
    );
  return (await select.execute()).map(toGroupRule);
}

/** Throws E0000007. */
export async function getGroupRule(env: Env, id: string): Promise<GroupRule> {
  const row = await env.db.selectFrom('group_rules').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'GroupRule');
  return toGroupRule(row);
}

/** The names of those groups of the rules that there are. */
export async function namesOfRuleGroups(env: Env, rules: readonly GroupRule[]): Promise<Map<string, string>> {
  const ids = [...new Set(rules.flatMap((rule) => [...rule.group_ids, ...rule.excluded_group_ids]))];
  if (ids.length === 0) return new Map();
  const rows = await env.db.selectFrom('groups').select(['id', 'name']).where('id', 'in', ids).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Makes a rule that does nothing yet. */
export async function createGroupRule(env: Env, input: GroupRuleInput): Promise<GroupRule> {
  requireReadable(input.expression);
  const now = env.now();
  const rule: GroupRule = {
    id: newId(env, idPrefixes.rule),
    status: 'INACTIVE',
    ...columnsOf(input),
    group_ids: [...new Set(input.groupIds)],
    created: now,
    last_updated: now,
  };
  return refusingTakenName(
    'name_key',
    transact(env, async (env) => {
      await requireTargets(env, rule.group_ids);
      await env.db.insertInto('group_rules').values(toRow(rule)).execute();
      await recordChange(env, rule, 'create', 'Create group rule');
      return rule;
    }),
  );
}

/** Replaces what an inactive rule asks; what it does stays. */
export async function replaceGroupRule(env: Env, id: string, input: GroupRuleInput): Promise<GroupRule> {
  requireReadable(input.expression);
  return refusingTakenName(
    'name_key',
    transact(env, async (env) => {
      const rule = await holdRule(env, id);
      if (rule.status !== 'INACTIVE') throw invalid('status', 'status: A group rule must be INACTIVE to be changed');
      if (!isSameSet(rule.group_ids, input.groupIds))
        throw invalid('actions', 'actions: The groups that a group rule assigns cannot be changed');
      const changed: GroupRule = { ...rule, ...columnsOf(input), last_updated: env.now() };
      await env.db.updateTable('group_rules').set(toRow(changed)).where('id', '=', id).execute();
      await recordChange(env, changed, 'update', 'Update group rule');
      return changed;
    }),
  );
}

/** Puts the rule into effect, for all people. Of an active one, makes good what an interruption left undone. */
export async function activateGroupRule(env: Env, id: string): Promise<void> {
  const rule = await transact(env, async (env): Promise<GroupRule> => {
    const found = await holdRule(env, id);
    requireReadable(found.expression);
    await requireTargets(env, found.group_ids);
    if (found.status === 'ACTIVE') return found;
    await env.db.updateTable('group_rules').set({ status: 'ACTIVE' }).where('id', '=', id).execute();
    await recordChange(env, found, 'trigger', 'Activate group rule');
    return { ...found, status: 'ACTIVE' };
  });
  for (let after: string | null = ''; after !== null; ) after = await applyToBatch(env, rule.id, after);
}

/** The last person of the batch; null when it was the last batch, or the rule is no longer active. */
async function applyToBatch(env: Env, ruleId: string, after: string): Promise<string | null> {
  return transact(env, async (env) => {
    const users = await env.db
      .updateTable('users')
      .set((eb) => ({ last_updated: eb.ref('last_updated') }))
      .where('id', 'in', (eb) => eb.selectFrom('users').select('id').where('id', '>', after).orderBy('id').limit(BATCH))
      .returningAll()
      .execute();
    if (!(await holdActiveRule(env, ruleId))) return null;
    await followGroupRules(env, users, await getGroupRule(env, ruleId));
    const last = users.map(({ id }) => id).reduce((one, other) => (one > other ? one : other), '');
    return users.length < BATCH ? null : last;
  });
}

/** The rule moves nobody any more; whom it put into groups stays there. */
export async function deactivateGroupRule(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const rule = await holdRule(env, id);
    if (rule.status === 'INACTIVE') return;
    await env.db.updateTable('group_rules').set({ status: 'INACTIVE' }).where('id', '=', id).execute();
    await recordChange(env, rule, 'deactivated', 'Deactivate group rule');
  });
}

/** Deletes a rule. Whom it put into groups leaves them, or stays as if an administrator had put them there. */
export async function deleteGroupRule(env: Env, id: string, { removeUsers }: { removeUsers: boolean }): Promise<void> {
  await deactivateGroupRule(env, id);
  if (removeUsers) while (await releaseBatch(env, id));
  await transact(env, async (env) => {
    const rule = await holdRule(env, id);
    if (!removeUsers) await keepMembers(env, id);
    await env.db.deleteFrom('group_rule_memberships').where('rule_id', '=', id).execute();
    await env.db.deleteFrom('group_rules').where('id', '=', id).execute();
    await recordChange(env, rule, 'delete', 'Delete group rule');
  });
}

async function releaseBatch(env: Env, ruleId: string): Promise<boolean> {
  return transact(env, async (env) => {
    const holds = await env.db
      .selectFrom('group_rule_memberships')
      .selectAll()
      .where('rule_id', '=', ruleId)
      .orderBy('user_id')
      .limit(BATCH)
      .execute();
    for (const hold of holds) {
      const user = await findUserById(env, hold.user_id);
      if (user) await releaseHolds(env, [hold], user);
    }
    return holds.length === BATCH;
  });
}

async function keepMembers(env: Env, ruleId: string): Promise<void> {
  await env.db
    .updateTable('group_memberships')
    .set({ source: 'DIRECT' })
    .where('source', '=', 'RULE')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('group_rule_memberships as hold')
          .select('hold.rule_id')
          .where('hold.rule_id', '=', ruleId)
          .whereRef('hold.user_id', '=', 'group_memberships.user_id')
          .whereRef('hold.group_id', '=', 'group_memberships.group_id'),
      ),
    )
    .execute();
}

async function holdRule(env: Env, id: string): Promise<GroupRule> {
  const held = await env.db
    .updateTable('group_rules')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!held) throw notFound(id, 'GroupRule');
  return toGroupRule(held);
}

function requireReadable(expression: string): void {
  try {
    parseExpression(expression, 'group-rule');
  } catch (error) {
    if (error instanceof ExpressionError) throw invalid('conditions', `expression: ${error.message}`);
    throw error;
  }
}

/** A rule fills groups of the org's own making, and none that makes its members administrators. */
async function requireTargets(env: Env, groupIds: readonly string[]): Promise<void> {
  const rows = await env.db.selectFrom('groups').select(['id', 'type']).where('id', 'in', groupIds).execute();
  const roles = await env.db
    .selectFrom('role_assignments')
    .select('group_id')
    .where('group_id', 'in', groupIds)
    .execute();
  for (const id of groupIds) {
    const group = rows.find((row) => row.id === id);
    if (!group) throw invalid('actions', `groupIds: There is no group '${id}'`);
    if (group.type !== 'OKTA_GROUP') throw invalid('actions', `groupIds: The group '${id}' is ${group.type}`);
    if (roles.some(({ group_id }) => group_id === id) || (await holdsCustomRole(env, { groupId: id })))
      throw invalid('actions', `groupIds: The group '${id}' has an administrator role`);
  }
}

function columnsOf({ name, expression, excludedUserIds, excludedGroupIds }: GroupRuleInput) {
  return {
    name,
    name_key: textKey(name),
    expression,
    excluded_user_ids: [...new Set(excludedUserIds)],
    excluded_group_ids: [...new Set(excludedGroupIds)],
  };
}

function toRow(rule: GroupRule) {
  return {
    ...rule,
    excluded_user_ids: toJson(rule.excluded_user_ids),
    excluded_group_ids: toJson(rule.excluded_group_ids),
    group_ids: toJson(rule.group_ids),
  };
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return new Set(one).symmetricDifference(new Set(other)).size === 0;
}

async function recordChange(env: Env, rule: GroupRule, what: string, displayMessage: string): Promise<void> {
  const eventType = `group.user_membership.rule.${what}`;
  await record(env, { eventType, displayMessage, target: [groupRuleTarget(rule)] });
}
