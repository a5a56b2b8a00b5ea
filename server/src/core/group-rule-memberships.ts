// Owns what group rules do to people: who fits a rule becomes a member of its groups, who no longer fits ceases to be one, unless
// an administrator or another rule keeps them. A condition sees only memberships that are not by rule, so that no rule waits for
// another. Not here: administration of rules (group-rules.ts).
import { prepared } from '../storage/prepared.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import type { Env } from './env.ts';
import { evaluateExpression } from './expressions/evaluate-expression.ts';
import { ExpressionError } from './expressions/expression-error.ts';
import { accountThing, type GroupFacts, userThing } from './expressions/facts.ts';
import { parseExpression } from './expressions/parse-expression.ts';
import type { Expression } from './expressions/syntax.ts';
import { conditionOf } from './expressions/values.ts';
import { type GroupRule, groupRuleTarget, invalidateRule, toGroupRule } from './group-rule-validity.ts';
import { addMembership, groupTarget, noteMembershipChange } from './groups.ts';
import { keepingAnAdministrator } from './last-administrator.ts';
import { type LogTarget, record } from './system-log.ts';
import { displayNameOf } from './user-profile.ts';

type User = Row<'users'>;
/** A rule's word that a person is in a group. */
type Hold = Row<'group_rule_memberships'>;

const MOST_EXPRESSIONS = 2000;

const activeRules = prepared((db, { status }: { status: string }) =>
  db.selectFrom('group_rules').selectAll().where('status', '=', status).orderBy('id'),
);

/**
 * Makes these people's memberships what the rules say, by default all that are active. Call it in the transaction that holds the
 * people or has made them.
 */
export async function followGroupRules(env: Env, users: readonly User[], only?: GroupRule): Promise<void> {
  const rules = only ? [only] : (await activeRules(env.db, { status: 'ACTIVE' })).map(toGroupRule);
  if (rules.length === 0 || users.length === 0) return;
  const holds = await holdsOf(env, users, rules);
  const wantsGroups = rules.some((rule) => asksForGroups(env, rule));
  const groups = wantsGroups ? await groupsOf(env, users) : new Map<string, GroupFacts[]>();
  for (const rule of rules)
    for (const user of users) {
      const held = holds.filter((one) => one.rule_id === rule.id && one.user_id === user.id);
      const fits = verdict(env, rule, user, groups.get(user.id) ?? []);
      if (fits instanceof ExpressionError) {
        await invalidateRule(env, rule, fits.message);
        break;
      }
      if (!fits) await releaseHolds(env, held, user);
      else await takeHolds(env, rule, user, held);
    }
}

function verdict(env: Env, rule: GroupRule, user: User, groups: readonly GroupFacts[]): boolean | ExpressionError {
  if (rule.excluded_user_ids.includes(user.id)) return false;
  if (groups.some(({ id }) => rule.excluded_group_ids.includes(id))) return false;
  const expression = expressionOf(env, rule.expression);
  if (expression instanceof ExpressionError) return expression;
  const facts = { roots: { user: userThing(user) }, account: accountThing(user), groups, now: env.now() };
  return orError(() => conditionOf(evaluateExpression(facts, expression)));
}

/** Whether what an active rule says of somebody hangs on the groups that they are in. */
export async function someRuleAsksForGroups(env: Env): Promise<boolean> {
  return (await activeRules(env.db, { status: 'ACTIVE' })).some((rule) => asksForGroups(env, toGroupRule(rule)));
}

function asksForGroups(env: Env, { expression, excluded_group_ids }: GroupRule): boolean {
  if (excluded_group_ids.length > 0) return true;
  const read = expressionOf(env, expression);
  return !(read instanceof ExpressionError) && read.needs.has('groups');
}

/** Read once: the same texts are evaluated for every person. */
function expressionOf(env: Env, text: string): Expression | ExpressionError {
  const known = env.memory.of('group-rule-expressions', () => new Map<string, Expression | ExpressionError>());
  const before = known.get(text);
  if (before) return before;
  const read = orError(() => parseExpression(text, 'group-rule'));
  if (known.size >= MOST_EXPRESSIONS) known.clear();
  known.set(text, read);
  return read;
}

function orError<T>(work: () => T): T | ExpressionError {
  try {
    return work();
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}

async function holdsOf(env: Env, users: readonly User[], rules: readonly GroupRule[]): Promise<Hold[]> {
  let select = env.db.selectFrom('group_rule_memberships').selectAll().where('user_id', 'in', idsOf(users));
  const [only] = rules;
  if (only && rules.length === 1) select = select.where('rule_id', '=', only.id);
  return select.execute();
}

async function groupsOf(env: Env, users: readonly User[]): Promise<Map<string, GroupFacts[]>> {
  const rows = await env.db
    .selectFrom('group_memberships')
    .innerJoin('groups', 'groups.id', 'group_memberships.group_id')
    .select(['group_memberships.user_id', 'groups.id', 'groups.name', 'groups.type', 'groups.profile'])
    .where('group_memberships.user_id', 'in', idsOf(users))
    .where('group_memberships.source', '!=', 'RULE')
    .orderBy('groups.id')
    .execute();
  return Map.groupBy(rows, ({ user_id }) => user_id);
}

async function takeHolds(env: Env, rule: GroupRule, user: User, held: readonly Hold[]): Promise<void> {
  const missing = rule.group_ids.filter((id) => !held.some((one) => one.group_id === id));
  if (missing.length === 0 || !(await holdActiveRule(env, rule.id))) return;
  // A group that has come to hold an administrator's role takes nobody in by a rule: whoever may change profiles could give it.
  const groups = await env.db
    .updateTable('groups')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('id', 'in', missing)
    .where('type', '=', 'OKTA_GROUP')
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('role_assignments').select('id').whereRef('role_assignments.group_id', '=', 'groups.id'))),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('role_binding_members').select('id').whereRef('role_binding_members.group_id', '=', 'groups.id'),
        ),
      ),
    )
    .returning(['id', 'name'])
    .execute();
  for (const group of groups) {
    const hold = { rule_id: rule.id, user_id: user.id, group_id: group.id };
    await env.db
      .insertInto('group_rule_memberships')
      .values(hold)
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    if (await addMembership(env, group.id, user.id, 'RULE')) await recordMembership(env, 'add', user, group, rule.id);
  }
}

/** Whether the rule is active; it stays so until this transaction ends. */
export async function holdActiveRule(env: Env, id: string): Promise<boolean> {
  const held = await env.db
    .updateTable('group_rules')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('id', '=', id)
    .where('status', '=', 'ACTIVE')
    .returning('id')
    .executeTakeFirst();
  return held !== undefined;
}

/** Takes a rule's word back; a membership that nothing else keeps ends. */
export async function releaseHolds(env: Env, holds: readonly Hold[], user: User): Promise<void> {
  for (const { rule_id, user_id, group_id } of holds) {
    await env.db
      .deleteFrom('group_rule_memberships')
      .where('rule_id', '=', rule_id)
      .where('user_id', '=', user_id)
      .where('group_id', '=', group_id)
      .execute();
    const ended = await keepingAnAdministrator(env, { groupId: group_id }, () =>
      env.db
        .deleteFrom('group_memberships')
        .where('group_id', '=', group_id)
        .where('user_id', '=', user_id)
        .where('source', '=', 'RULE')
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('group_rule_memberships')
                .select('rule_id')
                .where('group_rule_memberships.user_id', '=', user_id)
                .where('group_rule_memberships.group_id', '=', group_id),
            ),
          ),
        )
        .returning('group_id')
        .executeTakeFirst(),
    );
    if (!ended) continue;
    await noteMembershipChange(env, [group_id]);
    const group = await env.db
      .selectFrom('groups')
      .select(['id', 'name'])
      .where('id', '=', group_id)
      .executeTakeFirst();
    if (group) await recordMembership(env, 'remove', user, group, rule_id);
  }
}

/** For a person whom an administrator took out of a group: rules that had put them in are overruled for good. */
export async function excludeFromRules(env: Env, groupId: string, user: User): Promise<void> {
  const holds = await env.db
    .deleteFrom('group_rule_memberships')
    .where('group_id', '=', groupId)
    .where('user_id', '=', user.id)
    .returning('rule_id')
    .execute();
  for (const id of holds.map(({ rule_id }) => rule_id).sort()) {
    const rule = await env.db
      .updateTable('group_rules')
      .set((eb) => ({ last_updated: eb.ref('last_updated') }))
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirst();
    if (!rule || rule.excluded_user_ids.includes(user.id)) continue;
    await env.db
      .updateTable('group_rules')
      .set({ excluded_user_ids: toJson([...rule.excluded_user_ids, user.id]) })
      .where('id', '=', id)
      .execute();
    await record(env, {
      eventType: 'group.user_membership.rule.add_exclusion',
      displayMessage: 'User added to exclusion list for group rule',
      target: [targetOf(user), groupRuleTarget(rule)],
    });
  }
}

async function recordMembership(
  env: Env,
  what: 'add' | 'remove',
  user: User,
  group: { id: string; name: string },
  ruleId: string,
): Promise<void> {
  await record(env, {
    eventType: `group.user_membership.${what}`,
    displayMessage: what === 'add' ? 'Add user to group membership' : 'Remove user from group membership',
    target: [targetOf(user), groupTarget(group)],
    debugData: { groupRuleId: ruleId },
  });
}

// users.ts, which calls this file, has the same.
function targetOf(user: User): LogTarget {
  return { id: user.id, type: 'User', alternateId: user.login, displayName: displayNameOf(user) };
}

function idsOf(users: readonly User[]): string[] {
  return users.map(({ id }) => id);
}
