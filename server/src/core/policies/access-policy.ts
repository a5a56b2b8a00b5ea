// Owns the decision whether a request gets tokens, which scopes and for how long: the policies of its authorization server in their
// order, in each its rules in their order, and the first rule that fits. Every step is kept, so that a denial can name its rule.
// Not here: storing policies (policies.ts, policy-rules.ts), and how a denial is worded to the client (oauth2/).
import type { AuthorizationServer } from '../authorization-servers.ts';
import { remembered } from '../brief-memory.ts';
import type { Env } from '../env.ts';
import { listScopes } from '../scopes.ts';
import { type AccessPolicy, ALL_CLIENTS, listPolicies } from './policies.ts';
import { type AccessRule, ANY_SCOPE, EVERYONE, rulesOf } from './policy-rules.ts';

/** In minutes. */
export type Lifetimes = {
  accessTokenMinutes: number;
  /** 0: unlimited. */
  refreshTokenMinutes: number;
  /** A refresh token that is not used for so long dies. */
  refreshTokenWindowMinutes: number;
};

export type AccessRequest = {
  clientId: string;
  /** Null: the client acts for itself. */
  userId: string | null;
  groupIds: readonly string[];
  /** For a refresh: of the grant that it continues. */
  grantType: string;
  /** Null: the request names none and gets the default ones. */
  scopes: readonly string[] | null;
  defaultScopes: readonly string[];
};

export type TraceStep = {
  policyId: string;
  policyName: string;
  /** Null: the step asked the policy itself. */
  ruleId: string | null;
  ruleName: string | null;
  condition: 'status' | 'clients' | 'rules' | 'grantTypes' | 'people' | 'scopes';
  passed: boolean;
  explanation: string;
  /** What the request brought, and what it was held against. */
  compared: Readonly<Record<string, unknown>>;
};

/** The rule that decided, with its policy. */
export type DecidingRule = {
  policyId: string;
  policyName: string;
  ruleId: string;
  ruleName: string;
  /** Called before tokens are issued by it; null: none. */
  inlineHookId: string | null;
};

export type AccessDecision = {
  /** What was looked at, in order, up to the step that decided. */
  trace: TraceStep[];
} & (
  | {
      allowed: true;
      rule: DecidingRule;
      /** Granted, in the order asked. */
      scopes: string[];
      lifetimes: Lifetimes;
    }
  | {
      allowed: false;
      /**
       * `no_default_scopes`: none asked, none to give. `no_matching_policy`: no rule fits. `no_scope_allowed`, `scope_denied`: a
       * rule fits but for its scopes, which have none or not all of those asked.
       */
      reason: 'no_matching_policy' | 'no_scope_allowed' | 'scope_denied' | 'no_default_scopes';
      deniedScopes: string[];
    }
);

/** The policies of a server and its default scopes, which with a request are all that decides. */
export type AccessPolicies = { policies: readonly JudgedPolicy[]; defaultScopes: string[] };

/** A policy with its rules, as the decision needs them. */
export type JudgedPolicy = Pick<AccessPolicy, 'id' | 'name' | 'status' | 'priority' | 'clients'> & {
  rules: readonly JudgedRule[];
};

export type JudgedRule = Pick<AccessRule, 'id' | 'name' | 'status' | 'priority' | 'conditions' | 'token'>;

/** What decides for this server now; it may be two seconds old. `withDefaults`: the request names no scopes. */
export async function accessPoliciesOf(
  env: Env,
  server: AuthorizationServer,
  { withDefaults }: { withDefaults: boolean },
): Promise<AccessPolicies> {
  const policies = (await remembered(env, 'access-policies', server.id, () => policiesWithRules(env, server.id))) ?? [];
  const scopes = withDefaults ? await listScopes(env, server) : [];
  return { policies, defaultScopes: scopes.filter((scope) => scope.default).map(({ name }) => name) };
}

/**
 * The decision itself. Only ACTIVE policies and rules count. A policy for this client none of whose rules fits does not end the
 * search: the next one is asked. A rule fits when its grant types, its people and its scopes do; scopes are an allow-list, and a
 * request that names none gets the default ones on it.
 */
export function decide(policies: readonly JudgedPolicy[], request: AccessRequest): AccessDecision {
  const asked = request.scopes === null ? request.defaultScopes : request.scopes;
  if (asked.length === 0) return { allowed: false, reason: 'no_default_scopes', deniedScopes: [], trace: [] };
  const trace: TraceStep[] = [];
  let nearest: string[] | null = null;
  for (const policy of inOrder(policies)) {
    if (!passes(trace, policy, null, policySteps(policy, request))) continue;
    for (const rule of inOrder(policy.rules)) {
      if (!passes(trace, policy, rule, ruleSteps(rule, request))) continue;
      const denied = deniedScopes(rule, asked);
      const granted = asked.filter((scope) => !denied.includes(scope));
      const fits = request.scopes === null ? granted.length > 0 : denied.length === 0;
      trace.push(stepOf(policy, rule, scopesCheck(rule, asked, denied, fits)));
      if (fits) return allowed(policy, rule, granted, trace);
      if (nearest === null || denied.length < nearest.length) nearest = denied;
    }
  }
  if (nearest === null) return { allowed: false, reason: 'no_matching_policy', deniedScopes: [], trace };
  const reason = nearest.length === asked.length ? 'no_scope_allowed' : 'scope_denied';
  return { allowed: false, reason, deniedScopes: nearest, trace };
}

type Check = Pick<TraceStep, 'condition' | 'passed' | 'explanation' | 'compared'>;

/** Takes the checks one by one and stops at the first that fails. */
function passes(trace: TraceStep[], policy: JudgedPolicy, rule: JudgedRule | null, checks: Iterable<Check>): boolean {
  for (const check of checks) {
    trace.push(stepOf(policy, rule, check));
    if (!check.passed) return false;
  }
  return true;
}

export function* policySteps(policy: JudgedPolicy, { clientId }: Pick<AccessRequest, 'clientId'>): Iterable<Check> {
  yield statusCheck('policy', policy.status);
  const passed = policy.clients.includes(ALL_CLIENTS) || policy.clients.includes(clientId);
  const explanation = passed ? `It is for the client ${clientId}` : `It is not for the client ${clientId}`;
  yield { condition: 'clients', passed, explanation, compared: { clientId, include: policy.clients } };
  if (policy.rules.length === 0)
    yield { condition: 'rules', passed: false, explanation: 'It has no rule', compared: {} };
}

export function* ruleSteps({ status, conditions }: JudgedRule, request: AccessRequest): Iterable<Check> {
  yield statusCheck('rule', status);
  const { grantType } = request;
  const { include } = conditions.grantTypes;
  const passed = include.includes(grantType);
  const explanation = `Its grant types ${passed ? 'include' : 'do not include'} ${grantType}`;
  yield { condition: 'grantTypes', passed, explanation, compared: { grantType, include } };
  yield peopleCheck(conditions.people, request);
}

function statusCheck(what: 'policy' | 'rule', status: 'ACTIVE' | 'INACTIVE'): Check {
  const explanation = `The ${what} is ${status}`;
  return { condition: 'status', passed: status === 'ACTIVE', explanation, compared: { status } };
}

function peopleCheck({ users, groups }: AccessRule['conditions']['people'], request: AccessRequest): Check {
  const { userId, groupIds } = request;
  const compared = { userId, groupIds, users, groups };
  const check = (passed: boolean, explanation: string): Check => ({
    condition: 'people',
    passed,
    explanation,
    compared,
  });
  const isExcluded = (group: string) => groups.exclude.includes(group);
  if (isExcluded(EVERYONE)) return check(false, 'It excludes everyone');
  if (userId !== null && users.exclude.includes(userId)) return check(false, `It excludes the user ${userId}`);
  const excluded = groupIds.find(isExcluded);
  if (excluded !== undefined) return check(false, `It excludes the group ${excluded}, of which the user is a member`);
  if (users.include.length === 0 && groups.include.length === 0)
    return check(true, 'It is not limited to certain people');
  if (groups.include.includes(EVERYONE)) return check(true, 'It is for everyone');
  if (userId === null) return check(false, 'It is for certain people, and the client acts for itself');
  if (users.include.includes(userId)) return check(true, `It includes the user ${userId}`);
  const included = groupIds.find((group) => groups.include.includes(group));
  if (included !== undefined) return check(true, `It includes the group ${included}, of which the user is a member`);
  return check(false, `It includes neither the user ${userId} nor a group of theirs`);
}

export function deniedScopes({ conditions }: JudgedRule, asked: readonly string[]): string[] {
  const permitted = conditions.scopes.include;
  return permitted.includes(ANY_SCOPE) ? [] : asked.filter((scope) => !permitted.includes(scope));
}

function scopesCheck(rule: JudgedRule, asked: readonly string[], denied: readonly string[], passed: boolean): Check {
  const compared = { scopes: asked, include: rule.conditions.scopes.include };
  return { condition: 'scopes', passed, explanation: scopesExplained(asked, denied), compared };
}

function scopesExplained(asked: readonly string[], denied: readonly string[]): string {
  if (denied.length === 0) return `It permits the scopes ${asked.join(' ')}`;
  const all = denied.length === asked.length;
  return `It permits ${all ? 'none of' : 'all but'} the scopes ${(all ? asked : denied).join(' ')}`;
}

function stepOf(policy: JudgedPolicy, rule: JudgedRule | null, check: Check): TraceStep {
  const [ruleId, ruleName] = [rule?.id ?? null, rule?.name ?? null];
  return { policyId: policy.id, policyName: policy.name, ruleId, ruleName, ...check };
}

function allowed(policy: JudgedPolicy, rule: JudgedRule, scopes: string[], trace: TraceStep[]): AccessDecision {
  const names = { policyId: policy.id, policyName: policy.name, ruleId: rule.id, ruleName: rule.name };
  const lifetimes = {
    accessTokenMinutes: rule.token.accessTokenLifetimeMinutes,
    refreshTokenMinutes: rule.token.refreshTokenLifetimeMinutes,
    refreshTokenWindowMinutes: rule.token.refreshTokenWindowMinutes,
  };
  const deciding = { ...names, inlineHookId: rule.token.inlineHook?.id ?? null };
  return { allowed: true, rule: deciding, scopes, lifetimes, trace };
}

export function inOrder<T extends { priority: number }>(list: readonly T[]): T[] {
  return list.toSorted((one, other) => one.priority - other.priority);
}

async function policiesWithRules(env: Env, serverId: string): Promise<JudgedPolicy[]> {
  const policies = await listPolicies(env, serverId);
  const rules = await rulesOf(
    env,
    policies.map(({ id }) => id),
  );
  return policies.map((policy) => ({ ...policy, rules: rules.filter(({ policyId }) => policyId === policy.id) }));
}
