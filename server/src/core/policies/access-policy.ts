// Owns the decision whether a request gets tokens, which scopes and for how long: the policies of its authorization server in their
// order, in each its rules in their order, and the first rule that fits. Every step is kept, so that a denial can name its rule.
// Not here: storing policies (policies.ts, policy-rules.ts), and how a denial is worded to the client (oauth2/).
import type { Application } from '../applications.ts';
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
};

export type AccessDecision = {
  /** What was looked at, in order, up to the step that decided. */
  trace: TraceStep[];
} & (
  | {
      allowed: true;
      /** Null, like the rule's: the org server, which has no policies. */
      policyId: string | null;
      policyName: string | null;
      ruleId: string | null;
      ruleName: string | null;
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

/** A policy with its rules, as the decision needs them. */
export type JudgedPolicy = Pick<AccessPolicy, 'id' | 'name' | 'status' | 'priority' | 'clients'> & {
  rules: readonly JudgedRule[];
};

export type JudgedRule = Pick<AccessRule, 'id' | 'name' | 'status' | 'priority' | 'conditions' | 'token'>;

const ORG_LIFETIMES: Lifetimes = {
  accessTokenMinutes: 60,
  refreshTokenMinutes: 90 * 24 * 60,
  refreshTokenWindowMinutes: 90 * 24 * 60,
};

/** Asks the policies of the server. `scopes` names scopes that the server has, or is null. */
export async function evaluateAccessPolicy(
  env: Env,
  {
    server,
    application,
    user,
    ...request
  }: {
    server: AuthorizationServer;
    application: Pick<Application, 'client_id'>;
    user: { id: string } | null;
    groupIds: readonly string[];
    grantType: string;
    scopes: readonly string[] | null;
  },
): Promise<AccessDecision> {
  if (server.kind === 'org') return decideForOrg(request.scopes);
  const policies = (await remembered(env, 'access-policies', server.id, () => policiesWithRules(env, server.id))) ?? [];
  const scopes = request.scopes === null ? await listScopes(env, server) : [];
  const defaultScopes = scopes.filter((scope) => scope.default).map(({ name }) => name);
  return decide(policies, { ...request, clientId: application.client_id, userId: user?.id ?? null, defaultScopes });
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
      trace.push(stepOf(policy, rule, 'scopes', fits, scopesExplained(asked, denied)));
      if (fits) return allowed(policy, rule, granted, trace);
      if (nearest === null || denied.length < nearest.length) nearest = denied;
    }
  }
  if (nearest === null) return { allowed: false, reason: 'no_matching_policy', deniedScopes: [], trace };
  const reason = nearest.length === asked.length ? 'no_scope_allowed' : 'scope_denied';
  return { allowed: false, reason, deniedScopes: nearest, trace };
}

function decideForOrg(scopes: readonly string[] | null): AccessDecision {
  const trace: TraceStep[] = [];
  if (scopes === null || scopes.length === 0)
    return { allowed: false, reason: 'no_default_scopes', deniedScopes: [], trace };
  const nobody = { policyId: null, policyName: null, ruleId: null, ruleName: null };
  return { allowed: true, ...nobody, scopes: [...scopes], lifetimes: ORG_LIFETIMES, trace };
}

type Check = { condition: TraceStep['condition']; passed: boolean; explanation: string };

/** Takes the checks one by one and stops at the first that fails. */
function passes(trace: TraceStep[], policy: JudgedPolicy, rule: JudgedRule | null, checks: Iterable<Check>): boolean {
  for (const { condition, passed, explanation } of checks) {
    trace.push(stepOf(policy, rule, condition, passed, explanation));
    if (!passed) return false;
  }
  return true;
}

function* policySteps(policy: JudgedPolicy, { clientId }: AccessRequest): Iterable<Check> {
  yield statusCheck('policy', policy.status);
  const passed = policy.clients.includes(ALL_CLIENTS) || policy.clients.includes(clientId);
  const explanation = passed ? `It is for the client ${clientId}` : `It is not for the client ${clientId}`;
  yield { condition: 'clients', passed, explanation };
  if (policy.rules.length === 0) yield { condition: 'rules', passed: false, explanation: 'It has no rule' };
}

function* ruleSteps({ status, conditions }: JudgedRule, request: AccessRequest): Iterable<Check> {
  yield statusCheck('rule', status);
  const passed = conditions.grantTypes.include.includes(request.grantType);
  const explanation = `Its grant types ${passed ? 'include' : 'do not include'} ${request.grantType}`;
  yield { condition: 'grantTypes', passed, explanation };
  yield peopleCheck(conditions.people, request);
}

function statusCheck(what: 'policy' | 'rule', status: 'ACTIVE' | 'INACTIVE'): Check {
  return { condition: 'status', passed: status === 'ACTIVE', explanation: `The ${what} is ${status}` };
}

function peopleCheck(
  { users, groups }: AccessRule['conditions']['people'],
  { userId, groupIds }: AccessRequest,
): Check {
  const check = (passed: boolean, explanation: string): Check => ({ condition: 'people', passed, explanation });
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

function deniedScopes({ conditions }: JudgedRule, asked: readonly string[]): string[] {
  const permitted = conditions.scopes.include;
  return permitted.includes(ANY_SCOPE) ? [] : asked.filter((scope) => !permitted.includes(scope));
}

function scopesExplained(asked: readonly string[], denied: readonly string[]): string {
  if (denied.length === 0) return `It permits the scopes ${asked.join(' ')}`;
  const all = denied.length === asked.length;
  return `It permits ${all ? 'none of' : 'all but'} the scopes ${(all ? asked : denied).join(' ')}`;
}

function stepOf(
  policy: JudgedPolicy,
  rule: JudgedRule | null,
  condition: TraceStep['condition'],
  passed: boolean,
  explanation: string,
): TraceStep {
  const names = {
    policyId: policy.id,
    policyName: policy.name,
    ruleId: rule?.id ?? null,
    ruleName: rule?.name ?? null,
  };
  return { ...names, condition, passed, explanation };
}

function allowed(policy: JudgedPolicy, rule: JudgedRule, scopes: string[], trace: TraceStep[]): AccessDecision {
  const names = { policyId: policy.id, policyName: policy.name, ruleId: rule.id, ruleName: rule.name };
  const lifetimes = {
    accessTokenMinutes: rule.token.accessTokenLifetimeMinutes,
    refreshTokenMinutes: rule.token.refreshTokenLifetimeMinutes,
    refreshTokenWindowMinutes: rule.token.refreshTokenWindowMinutes,
  };
  return { allowed: true, ...names, scopes, lifetimes, trace };
}

function inOrder<T extends { priority: number }>(list: readonly T[]): T[] {
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
