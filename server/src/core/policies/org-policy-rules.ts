// Owns the rules of the org's policies: whom each is for and what it does, in the order in which they are asked. Not here: the
// policies (org-policies.ts) and the rules of authorization servers (policy-rules.ts).
import { newId } from '../../base/id.ts';
import { toJson } from '../../storage/schema.ts';
import type { Row } from '../../storage/tables.ts';
import type { Env } from '../env.ts';
import { alreadyExists, invalid, notFound, Refusal } from '../refusal.ts';
import { record } from '../system-log.ts';
import { getOrgPolicy, type OrgPolicy, policyTarget } from './org-policies.ts';
import { CATCH_ALL_PRIORITY, policyKinds } from './org-policy-types.ts';
import type { Json } from './policy-defaults.ts';
import { refuseSignOnActions } from './policy-limits.ts';
import { changingPolicies } from './policy-memory.ts';
import { holdParent, placed, writeOrder } from './priorities.ts';

export type OrgPolicyRule = Omit<Row<'policy_rules'>, 'status' | 'conditions' | 'actions'> & {
  status: 'ACTIVE' | 'INACTIVE';
  conditions: Json | null;
  actions: Json;
};

export type OrgPolicyRuleInput = {
  name: string;
  /** Not given: that of the policy's rules. */
  type: string | undefined;
  /** Not given: it keeps its place; the last before the system's for a new rule. */
  priority: number | undefined;
  conditions: Json | null;
  actions: Json | null;
};

/** In the order in which they are asked, the system's last. */
export async function listOrgPolicyRules(env: Env, policyId: string): Promise<OrgPolicyRule[]> {
  const rows = await env.db
    .selectFrom('policy_rules')
    .selectAll()
    .where('policy_id', '=', policyId)
    .orderBy('system')
    .orderBy('priority')
    .orderBy('id')
    .execute();
  return rows.map(toRule);
}

/** Throws E0000007. */
export async function getOrgPolicyRule(env: Env, policyId: string, id: string): Promise<OrgPolicyRule> {
  const row = await env.db
    .selectFrom('policy_rules')
    .selectAll()
    .where('id', '=', id)
    .where('policy_id', '=', policyId)
    .executeTakeFirst();
  if (!row) throw notFound(id, 'PolicyRule');
  return toRule(row);
}

export async function createOrgPolicyRule(
  env: Env,
  policyId: string,
  input: OrgPolicyRuleInput,
  status: OrgPolicyRule['status'],
): Promise<OrgPolicyRule> {
  return changingPolicies(env, async (env) => {
    const { policy, rules } = await holdRules(env, policyId);
    const kind = policyKinds[policy.type];
    if (kind.making === 'policies')
      throw invalid('type', `type: A policy of the type ${policy.type} has its catch-all rule alone`);
    refuseRule(policy, rules, input, null);
    const id = newId(env, kind.rulePrefix);
    const now = env.now();
    const priorities = prioritiesOf(policy, rules, id, input.priority ?? null);
    const rule: OrgPolicyRule = {
      id,
      policy_id: policyId,
      type: kind.ruleType,
      name: input.name,
      status,
      priority: priorities.get(id) ?? 1,
      system: 0,
      conditions: kind.ruleConditions(input.conditions),
      actions: kind.ruleActions(input.actions),
      created: now,
      last_updated: now,
    };
    refuseActions(policy, rule.actions);
    await env.db.insertInto('policy_rules').values(toColumns(rule)).execute();
    await writePriorities(env, rules, priorities);
    await recordChange(env, policy, rule, 'add', 'Add rule to policy');
    return rule;
  });
}

/** Replaces what may change: of the system's own rules that is what they do. */
export function replaceOrgPolicyRule(
  env: Env,
  policyId: string,
  id: string,
  input: OrgPolicyRuleInput,
): Promise<OrgPolicyRule> {
  return changed(env, policyId, id, 'update', 'Update policy rule', (policy, rule, rules) => {
    const kind = policyKinds[policy.type];
    const actions = kind.ruleActions(input.actions);
    refuseActions(policy, actions);
    if (rule.system === 1) return { ...rule, actions };
    refuseRule(policy, rules, input, id);
    return {
      ...rule,
      name: input.name,
      priority: input.priority ?? rule.priority,
      conditions: kind.ruleConditions(input.conditions),
      actions,
    };
  });
}

export function setOrgPolicyRuleStatus(
  env: Env,
  policyId: string,
  id: string,
  status: OrgPolicyRule['status'],
): Promise<OrgPolicyRule> {
  const [what, message] =
    status === 'ACTIVE'
      ? (['activate', 'Activate policy rule'] as const)
      : (['deactivate', 'Deactivate policy rule'] as const);
  return changed(env, policyId, id, what, message, (_policy, rule) => {
    if (rule.system === 1 && status !== 'ACTIVE') throw new Refusal('E0000006', '', ['This rule is always active']);
    return { ...rule, status };
  });
}

/** Throws E0000006 for a rule of the system. */
export async function deleteOrgPolicyRule(env: Env, policyId: string, id: string): Promise<void> {
  await changingPolicies(env, async (env) => {
    const { policy, rules } = await holdRules(env, policyId);
    const rule = rules.find((one) => one.id === id);
    if (!rule) throw notFound(id, 'PolicyRule');
    if (rule.system === 1) throw new Refusal('E0000006', '', ['The default rule cannot be deleted']);
    await env.db.deleteFrom('policy_rules').where('id', '=', id).execute();
    if (policyKinds[policy.type].ruleOrder === 'dense') {
      const rest = rules.filter((one) => one.id !== id);
      await writeOrder(
        env,
        'policy_rules',
        rest,
        rest.map((one) => one.id),
      );
    }
    await recordChange(env, policy, rule, 'delete', 'Delete rule from policy');
  });
}

async function changed(
  env: Env,
  policyId: string,
  id: string,
  what: string,
  message: string,
  change: (policy: OrgPolicy, rule: OrgPolicyRule, rules: OrgPolicyRule[]) => OrgPolicyRule,
): Promise<OrgPolicyRule> {
  return changingPolicies(env, async (env) => {
    const { policy, rules } = await holdRules(env, policyId);
    const held = rules.find((one) => one.id === id);
    if (!held) throw notFound(id, 'PolicyRule');
    const wanted = change(policy, held, rules);
    const priorities = held.system === 1 ? null : prioritiesOf(policy, rules, id, wanted.priority);
    const rule = { ...wanted, priority: priorities?.get(id) ?? wanted.priority, last_updated: env.now() };
    await env.db.updateTable('policy_rules').set(toColumns(rule)).where('id', '=', id).execute();
    if (priorities) await writePriorities(env, rules, priorities);
    await recordChange(env, policy, rule, what, message);
    return rule;
  });
}

/** A policy with its rules, held until the transaction ends. Throws E0000007. */
async function holdRules(env: Env, policyId: string): Promise<{ policy: OrgPolicy; rules: OrgPolicyRule[] }> {
  await holdParent(env, 'policies', policyId);
  return { policy: await getOrgPolicy(env, policyId), rules: await listOrgPolicyRules(env, policyId) };
}

function refuseRule(policy: OrgPolicy, rules: OrgPolicyRule[], input: OrgPolicyRuleInput, id: string | null): void {
  const { ruleType } = policyKinds[policy.type];
  if (input.type !== undefined && input.type !== ruleType)
    throw invalid('type', `type: The rules of this policy are of the type ${ruleType}`);
  if (rules.some((rule) => rule.id !== id && rule.name === input.name)) throw alreadyExists('name', 'name');
}

function refuseActions(policy: OrgPolicy, actions: Json): void {
  if (policy.type === 'OKTA_SIGN_ON') refuseSignOnActions(actions);
}

/** The priority of every rule when this one comes to stand there; those behind it move down as far as they must. */
function prioritiesOf(
  policy: OrgPolicy,
  rules: readonly OrgPolicyRule[],
  id: string,
  priority: number | null,
): Map<string, number> {
  const others = rules.filter((rule) => rule.system === 0 && rule.id !== id);
  const own = rules.filter((rule) => rule.system === 1);
  if (policyKinds[policy.type].ruleOrder === 'dense') {
    const present = rules.filter((rule) => rule.system === 0).map((rule) => rule.id);
    const order = [...placed(present, id, priority), ...own.map((rule) => rule.id)];
    return new Map(order.map((one, index) => [one, index + 1]));
  }
  const last = Math.max(-1, ...others.map((rule) => rule.priority));
  const wanted = priority === null || priority >= CATCH_ALL_PRIORITY ? last + 1 : priority;
  const priorities = new Map([[id, wanted]]);
  let free = wanted + 1;
  for (const rule of others.toSorted((one, other) => one.priority - other.priority)) {
    if (rule.priority < wanted) continue;
    const moved = Math.max(rule.priority, free);
    priorities.set(rule.id, moved);
    free = moved + 1;
  }
  return priorities;
}

async function writePriorities(
  env: Env,
  rules: readonly OrgPolicyRule[],
  priorities: ReadonlyMap<string, number>,
): Promise<void> {
  for (const { id, priority } of rules) {
    const wanted = priorities.get(id);
    if (wanted !== undefined && wanted !== priority)
      await env.db.updateTable('policy_rules').set({ priority: wanted }).where('id', '=', id).execute();
  }
}

/** The columns are written by this module alone, so their contents are of these types. */
function toRule(row: Row<'policy_rules'>): OrgPolicyRule {
  return row as OrgPolicyRule;
}

function toColumns(rule: OrgPolicyRule) {
  return {
    ...rule,
    conditions: rule.conditions === null ? null : toJson<unknown>(rule.conditions),
    actions: toJson<unknown>(rule.actions),
  };
}

async function recordChange(
  env: Env,
  policy: OrgPolicy,
  { id, name }: OrgPolicyRule,
  what: string,
  displayMessage: string,
): Promise<void> {
  const target = { id, type: 'PolicyRule', alternateId: name, displayName: name };
  await record(env, { eventType: `policy.rule.${what}`, displayMessage, target: [policyTarget(policy), target] });
}
