// Owns the answer to "what would have to change?": for a request that policy denies, the smallest sets of changes any of which lets
// it through, each change in the words of the console. Pure, like the decision that it reads (access-policy.ts).
import {
  type AccessRequest,
  deniedScopes,
  inOrder,
  type JudgedPolicy,
  type JudgedRule,
  policySteps,
  ruleSteps,
} from './access-policy.ts';
import { EVERYONE } from './policy-rules.ts';

type OfPolicy = { policyId: string; policyName: string };
type OfRule = OfPolicy & { ruleId: string; ruleName: string };

export type PolicyChange =
  | { kind: 'add-policy'; clientId: string; grantType: string; scopes: readonly string[] }
  | ({ kind: 'add-rule'; grantType: string; scopes: readonly string[] } & OfPolicy)
  | ({ kind: 'activate-policy' } & OfPolicy)
  | ({ kind: 'assign-policy-to-client'; clientId: string } & OfPolicy)
  | ({ kind: 'activate-rule' } & OfRule)
  | ({ kind: 'add-grant-type'; grantType: string } & OfRule)
  | ({ kind: 'stop-excluding'; users: readonly string[]; groups: readonly string[] } & OfRule)
  | ({ kind: 'include-user'; userId: string } & OfRule)
  | ({ kind: 'include-everyone' } & OfRule)
  /** One of these groups. */
  | ({ kind: 'join-group'; userId: string; groupIds: readonly string[] } & OfRule)
  | ({ kind: 'permit-scopes'; scopes: readonly string[] } & OfRule)
  | ({ kind: 'ask-for-scopes'; scopes: readonly string[] } & OfRule)
  | { kind: 'name-scopes' }
  | { kind: 'set-default-scope' };

/** All of these changes together let the request through. */
export type PolicyRemedy = readonly PolicyChange[];

const MOST_REMEDIES = 5;

/** The smallest remedies, in the order in which the policies are asked. Empty only for a request that passes already. */
export function whatWouldPass(policies: readonly JudgedPolicy[], request: AccessRequest): PolicyRemedy[] {
  const asked = request.scopes ?? request.defaultScopes;
  if (asked.length === 0) return [[{ kind: 'name-scopes' }], [{ kind: 'set-default-scope' }]];
  const remedies = inOrder(policies).flatMap((policy) => remediesOfPolicy(policy, request, asked));
  const { clientId, grantType } = request;
  const another: PolicyRemedy = [{ kind: 'add-policy', clientId, grantType, scopes: asked }];
  const fewest = Math.min(...remedies.map((changes) => changes.length));
  if (fewest === 0) return [];
  // A policy of its own is one change on the page, but a large one: it is the answer where nothing smaller is.
  if (remedies.length === 0) return [another];
  return remedies.filter((changes) => changes.length === fewest).slice(0, MOST_REMEDIES);
}

function remediesOfPolicy(policy: JudgedPolicy, request: AccessRequest, asked: readonly string[]): PolicyRemedy[] {
  const names = { policyId: policy.id, policyName: policy.name };
  const { clientId, grantType } = request;
  const before: PolicyChange[] = [];
  for (const { condition, passed } of policySteps(policy, request)) {
    if (passed) continue;
    if (condition === 'status') before.push({ kind: 'activate-policy', ...names });
    if (condition === 'clients') before.push({ kind: 'assign-policy-to-client', clientId, ...names });
    if (condition === 'rules') before.push({ kind: 'add-rule', grantType, scopes: asked, ...names });
  }
  if (policy.rules.length === 0) return [before];
  return inOrder(policy.rules).flatMap((rule) =>
    remediesOfRule(rule, { ...names, ruleId: rule.id, ruleName: rule.name }, request, asked).map((changes) => [
      ...before,
      ...changes,
    ]),
  );
}

function remediesOfRule(
  rule: JudgedRule,
  names: OfRule,
  request: AccessRequest,
  asked: readonly string[],
): PolicyRemedy[] {
  let remedies: PolicyRemedy[] = [[]];
  const either = (options: readonly PolicyRemedy[]) => {
    remedies = remedies.flatMap((changes) => options.map((more) => [...changes, ...more]));
  };
  for (const { condition, passed } of ruleSteps(rule, request)) {
    if (passed) continue;
    if (condition === 'status') either([[{ kind: 'activate-rule', ...names }]]);
    if (condition === 'grantTypes') either([[{ kind: 'add-grant-type', grantType: request.grantType, ...names }]]);
    if (condition === 'people') either(peopleOptions(rule, names, request));
  }
  either(scopeOptions(rule, names, request, asked));
  return remedies;
}

function peopleOptions(rule: JudgedRule, names: OfRule, { userId, groupIds }: AccessRequest): PolicyRemedy[] {
  const { users, groups } = rule.conditions.people;
  const users_ = users.exclude.filter((id) => id === userId);
  const groups_ = groups.exclude.filter((id) => id === EVERYONE || groupIds.includes(id));
  const freed: PolicyRemedy =
    users_.length + groups_.length > 0 ? [{ kind: 'stop-excluding', users: users_, groups: groups_, ...names }] : [];
  const everyone = groups.include.includes(EVERYONE) || (users.include.length === 0 && groups.include.length === 0);
  const included =
    userId !== null && (users.include.includes(userId) || groupIds.some((id) => groups.include.includes(id)));
  if (everyone || included) return [freed];
  if (userId === null) return [[...freed, { kind: 'include-everyone', ...names }]];
  const join = groups.include.filter((id) => !groups.exclude.includes(id));
  return [
    [...freed, { kind: 'include-user', userId, ...names }],
    ...(join.length > 0 ? [[...freed, { kind: 'join-group' as const, userId, groupIds: join, ...names }]] : []),
  ];
}

function scopeOptions(
  rule: JudgedRule,
  names: OfRule,
  request: AccessRequest,
  asked: readonly string[],
): PolicyRemedy[] {
  const denied = deniedScopes(rule, asked);
  const permitted = asked.filter((scope) => !denied.includes(scope));
  const fits = request.scopes === null ? permitted.length > 0 : denied.length === 0;
  if (fits) return [[]];
  const permit: PolicyRemedy = [{ kind: 'permit-scopes', scopes: denied, ...names }];
  return permitted.length === 0 ? [permit] : [permit, [{ kind: 'ask-for-scopes', scopes: permitted, ...names }]];
}

/** The change as a sentence for an administrator. `nameOf`: how a group is called. */
export function changeSentence(change: PolicyChange, nameOf: (groupId: string) => string): string {
  const list = (names: readonly string[]) => names.join(', ');
  switch (change.kind) {
    case 'add-policy':
      return `Add an access policy for the client ${change.clientId} with a rule for the grant type ${change.grantType} and the scopes ${list(change.scopes)}`;
    case 'add-rule':
      return `Add a rule for the grant type ${change.grantType} and the scopes ${list(change.scopes)} to the policy "${change.policyName}"`;
    case 'activate-policy':
      return `Activate the policy "${change.policyName}"`;
    case 'assign-policy-to-client':
      return `Assign the policy "${change.policyName}" to the client ${change.clientId}`;
    case 'activate-rule':
      return `Activate the rule "${change.ruleName}" of the policy "${change.policyName}"`;
    case 'add-grant-type':
      return `Add the grant type ${change.grantType} to the rule "${change.ruleName}" of the policy "${change.policyName}"`;
    case 'stop-excluding': {
      const whom = [...change.users.map((id) => `the user ${id}`), ...change.groups.map((id) => groupName(id, nameOf))];
      return `Take ${list(whom)} out of those excluded by the rule "${change.ruleName}" of the policy "${change.policyName}"`;
    }
    case 'include-user':
      return `Include the user ${change.userId} in the rule "${change.ruleName}" of the policy "${change.policyName}"`;
    case 'include-everyone':
      return `Let the rule "${change.ruleName}" of the policy "${change.policyName}" be for everyone: nobody acts here but the client`;
    case 'join-group': {
      const which = change.groupIds.map((id) => groupName(id, nameOf)).join(' or ');
      return `Make the user ${change.userId} a member of ${which}, for the rule "${change.ruleName}" of the policy "${change.policyName}"`;
    }
    case 'permit-scopes':
      return `Permit the scopes ${list(change.scopes)} in the rule "${change.ruleName}" of the policy "${change.policyName}"`;
    case 'ask-for-scopes':
      return `Ask only for the scopes ${list(change.scopes)}, which the rule "${change.ruleName}" of the policy "${change.policyName}" permits`;
    case 'name-scopes':
      return 'Name the scopes in the request';
    case 'set-default-scope':
      return 'Make a scope of the authorization server a default scope';
  }
}

function groupName(id: string, nameOf: (groupId: string) => string): string {
  return id === EVERYONE ? 'everyone' : `the group ${nameOf(id)}`;
}
