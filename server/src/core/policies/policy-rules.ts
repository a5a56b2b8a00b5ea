// Owns the rules of access policies: whom each is for (grant types, people, scopes) and the lifetimes that it gives.
// Not here: the policies that hold them (policies.ts) and the decision (access-policy.ts).
import { idPrefixes, newId } from '../../base/id.ts';
import { toJson } from '../../storage/schema.ts';
import type { Row } from '../../storage/tables.ts';
import { forget } from '../brief-memory.ts';
import { type Env, transact } from '../env.ts';
import { findInlineHook, TOKEN_HOOK } from '../inline-hooks.ts';
import { invalid, notFound } from '../refusal.ts';
import { record } from '../system-log.ts';
import type { AccessPolicy } from './policies.ts';
import { holdParent, placed, writeOrder } from './priorities.ts';

export type AccessRule = {
  id: string;
  status: 'ACTIVE' | 'INACTIVE';
  name: string;
  /** 1 is asked first. */
  priority: number;
  system: boolean;
  conditions: RuleConditions;
  token: TokenActions;
  created: number;
  lastUpdated: number;
};

export type RuleConditions = {
  /** Nobody included: everybody, and clients that act for themselves. */
  people: { users: Condition; groups: Condition };
  grantTypes: { include: string[] };
  /** An allow-list: `*`, or names. Empty: nothing. */
  scopes: { include: string[] };
};

export type Condition = { include: string[]; exclude: string[] };

export type TokenActions = {
  accessTokenLifetimeMinutes: number;
  /** 0: as long as it is used. */
  refreshTokenLifetimeMinutes: number;
  refreshTokenWindowMinutes: number;
  /** Called before tokens are issued by this rule. */
  inlineHook?: { id: string } | undefined;
};

export type AccessRuleInput = {
  name: string;
  conditions: RuleConditions;
  token: TokenActions;
  /** Not given: it stays as it is; ACTIVE for a new rule. */
  status: AccessRule['status'] | undefined;
  /** Not given: it keeps its place; the last for a new rule. */
  priority: number | undefined;
};

/** In a rule's groups: everybody. */
export const EVERYONE = 'EVERYONE';
/** In a rule's scopes: all of them. */
export const ANY_SCOPE = '*';

/** What a rule may name as grant type. A refresh is judged by the grant that it continues; its name is accepted for old scripts. */
export const ruleGrantTypes = [
  'authorization_code',
  'implicit',
  'password',
  'client_credentials',
  'refresh_token',
  'interaction_code',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:saml2-bearer',
  'urn:openid:params:grant-type:ciba',
  'urn:okta:params:oauth:grant-type:otp',
  'urn:okta:params:oauth:grant-type:oob',
  'http://auth0.com/oauth/grant-type/mfa-otp',
  'http://auth0.com/oauth/grant-type/mfa-oob',
] as const;

const TYPE = 'RESOURCE_ACCESS';

const DEFAULT_TOKEN_ACTIONS: TokenActions = {
  accessTokenLifetimeMinutes: 60,
  refreshTokenLifetimeMinutes: 0,
  refreshTokenWindowMinutes: 10_080,
};

/** The rules of a policy in the order in which they are asked. */
export async function listRules(env: Env, policyId: string): Promise<AccessRule[]> {
  return (await readRules(env, [policyId])).map(toRule);
}

/** The rules of several policies, in order of priority. */
export async function rulesOf(env: Env, policyIds: readonly string[]): Promise<(AccessRule & { policyId: string })[]> {
  if (policyIds.length === 0) return [];
  return (await readRules(env, policyIds)).map((row) => ({ ...toRule(row), policyId: row.policy_id }));
}

/** Throws E0000007. */
export async function getRule(env: Env, policyId: string, id: string): Promise<AccessRule> {
  const row = await env.db
    .selectFrom('policy_rules')
    .selectAll()
    .where('id', '=', id)
    .where('policy_id', '=', policyId)
    .executeTakeFirst();
  if (!row) throw notFound(id, 'PolicyRule');
  return toRule(row);
}

export async function createRule(env: Env, policy: AccessPolicy, input: AccessRuleInput): Promise<AccessRule> {
  await refuseUnknownHook(env, input);
  const rule = await transact(env, async (env) => {
    if (!(await holdParent(env, 'policies', policy.id))) throw notFound(policy.id, 'Policy');
    const rule = await insertRule(env, policy.id, input);
    await recordChange(env, 'policy.rule.add', 'Add policy rule', policy, rule);
    return rule;
  });
  forgetRules(env);
  return rule;
}

export async function updateRule(
  env: Env,
  policy: AccessPolicy,
  id: string,
  input: AccessRuleInput,
): Promise<AccessRule> {
  await refuseUnknownHook(env, input);
  return changed(env, policy, id, 'policy.rule.update', 'Update policy rule', (rule) => ({
    ...rule,
    name: input.name,
    conditions: input.conditions,
    token: input.token,
    status: input.status ?? rule.status,
    priority: input.priority ?? rule.priority,
  }));
}

export async function activateRule(env: Env, policy: AccessPolicy, id: string): Promise<void> {
  const activate = (rule: AccessRule): AccessRule => ({ ...rule, status: 'ACTIVE' });
  await changed(env, policy, id, 'policy.rule.activate', 'Activate policy rule', activate);
}

export async function deactivateRule(env: Env, policy: AccessPolicy, id: string): Promise<void> {
  const deactivate = (rule: AccessRule): AccessRule => ({ ...rule, status: 'INACTIVE' });
  await changed(env, policy, id, 'policy.rule.deactivate', 'Deactivate policy rule', deactivate);
}

/** Deletes a rule; those behind it move up. */
export async function deleteRule(env: Env, policy: AccessPolicy, id: string): Promise<void> {
  await transact(env, async (env) => {
    await holdParent(env, 'policies', policy.id);
    const rule = await getRule(env, policy.id, id);
    await env.db.deleteFrom('policy_rules').where('id', '=', id).execute();
    const rest = await readRules(env, [policy.id]);
    await writeOrder(env, 'policy_rules', rest, idsOf(rest));
    await recordChange(env, 'policy.rule.delete', 'Delete policy rule', policy, rule);
  });
  forgetRules(env);
}

/** The rule that lets everybody have every scope by every grant. */
export async function insertCatchAllRule(env: Env, policyId: string): Promise<void> {
  const everybody = { users: { include: [], exclude: [] }, groups: { include: [EVERYONE], exclude: [] } };
  await insertRule(env, policyId, {
    name: 'Default Policy Rule',
    conditions: {
      people: everybody,
      grantTypes: { include: [...ruleGrantTypes] },
      scopes: { include: [ANY_SCOPE] },
    },
    token: DEFAULT_TOKEN_ACTIONS,
    status: 'ACTIVE',
    priority: undefined,
  });
}

/** A rule calls hooks that exist and are for tokens. One that is deleted later is passed over. */
async function refuseUnknownHook(env: Env, { token }: AccessRuleInput): Promise<void> {
  if (!token.inlineHook) return;
  const hook = await findInlineHook(env, token.inlineHook.id);
  if (hook?.type !== TOKEN_HOOK)
    throw invalid('inlineHook', 'inlineHook: There is no inline hook of this id and of the type for tokens');
}

async function insertRule(env: Env, policyId: string, input: AccessRuleInput): Promise<AccessRule> {
  const others = await readRules(env, [policyId]);
  const id = newId(env, idPrefixes.rule);
  const order = placed(idsOf(others), id, input.priority ?? null);
  const now = env.now();
  const rule: AccessRule = {
    id,
    status: input.status ?? 'ACTIVE',
    name: input.name,
    priority: order.indexOf(id) + 1,
    system: false,
    conditions: input.conditions,
    token: input.token,
    created: now,
    lastUpdated: now,
  };
  await env.db
    .insertInto('policy_rules')
    .values({ id, policy_id: policyId, type: TYPE, system: 0, created: now, ...columnsOf(rule) })
    .execute();
  await writeOrder(env, 'policy_rules', others, order);
  return rule;
}

async function changed(
  env: Env,
  policy: AccessPolicy,
  id: string,
  eventType: string,
  displayMessage: string,
  change: (rule: AccessRule) => AccessRule,
): Promise<AccessRule> {
  const rule = await transact(env, async (env) => {
    await holdParent(env, 'policies', policy.id);
    const wanted = { ...change(await getRule(env, policy.id, id)), lastUpdated: env.now() };
    const all = await readRules(env, [policy.id]);
    const order = placed(idsOf(all), id, wanted.priority);
    const rule = { ...wanted, priority: order.indexOf(id) + 1 };
    await env.db.updateTable('policy_rules').set(columnsOf(rule)).where('id', '=', id).execute();
    await writeOrder(env, 'policy_rules', all, order);
    await recordChange(env, eventType, displayMessage, policy, rule);
    return rule;
  });
  forgetRules(env);
  return rule;
}

function readRules(env: Env, policyIds: readonly string[]): Promise<Row<'policy_rules'>[]> {
  return env.db
    .selectFrom('policy_rules')
    .selectAll()
    .where('policy_id', 'in', policyIds)
    .orderBy('priority')
    .orderBy('id')
    .execute();
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

/** The columns are written by this module alone, so their contents are of these types. */
function toRule(row: Row<'policy_rules'>): AccessRule {
  return {
    id: row.id,
    status: row.status as AccessRule['status'],
    name: row.name,
    priority: row.priority,
    system: row.system === 1,
    conditions: row.conditions as RuleConditions,
    token: (row.actions as { token: TokenActions }).token,
    created: row.created,
    lastUpdated: row.last_updated,
  };
}

function columnsOf(rule: AccessRule) {
  return {
    status: rule.status,
    name: rule.name,
    priority: rule.priority,
    conditions: toJson<unknown>(rule.conditions),
    actions: toJson<unknown>({ token: rule.token }),
    last_updated: rule.lastUpdated,
  };
}

// Rules are remembered together with their policies (access-policy.ts).
function forgetRules(env: Env): void {
  forget(env, 'access-policies');
}

async function recordChange(
  env: Env,
  eventType: string,
  displayMessage: string,
  policy: AccessPolicy,
  rule: AccessRule,
): Promise<void> {
  await record(env, {
    eventType,
    displayMessage,
    target: [
      { id: policy.id, type: 'PolicyEntity', alternateId: policy.name, displayName: policy.name },
      { id: rule.id, type: 'PolicyRule', alternateId: rule.name, displayName: rule.name },
    ],
  });
}
