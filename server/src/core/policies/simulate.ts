// Owns what the policies would say of a person who came now, from some address: which are for them, which of their rules would be met,
// and which decides. It asks the same functions as a sign-in does. Not here: access policies of authorization servers (../explain.ts).
import type { Env } from '../env.ts';
import { listOrgPolicies, type OrgPolicy, policiesFor } from './org-policies.ts';
import { listOrgPolicyRules } from './org-policy-rules.ts';
import { ruleApplies } from './session-policy.ts';

/** Types whose policies and rules are asked for a person alone. */
export const simulatedTypes = ['OKTA_SIGN_ON', 'MFA_ENROLL', 'PASSWORD'] as const;
export type SimulatedType = (typeof simulatedTypes)[number];

type Verdict = { id: string; name: string; status: 'MATCH' | 'NOT_MATCH' };
export type PolicyVerdict = Verdict & { rules: Verdict[] };

/** `result`: the policy that decides, with the rule that does; null when none does. `evaluated`: every active one, in order. */
export type Simulation = { result: PolicyVerdict | null; evaluated: PolicyVerdict[] };

export async function simulate(env: Env, type: SimulatedType, userId: string): Promise<Simulation> {
  const theirs = new Set((await policiesFor(env, type, { userId })).map(({ id }) => id));
  const evaluated: PolicyVerdict[] = [];
  let result: PolicyVerdict | null = null;
  for (const policy of await listOrgPolicies(env, type)) {
    if (policy.status !== 'ACTIVE') continue;
    const isTheirs = theirs.has(policy.id);
    const rules = isTheirs ? await verdictsOnRules(env, policy, userId) : [];
    const verdict = { ...verdictOf(policy, isTheirs), rules };
    evaluated.push(verdict);
    const deciding = rules.find(({ status }) => status === 'MATCH');
    // A password policy decides by itself; its rules are about what people may do for themselves.
    if (result === null && isTheirs && (deciding || type === 'PASSWORD'))
      result = { ...verdict, rules: deciding ? [deciding] : [] };
  }
  return { result, evaluated };
}

async function verdictsOnRules(env: Env, policy: OrgPolicy, userId: string): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const rule of await listOrgPolicyRules(env, policy.id))
    if (rule.status === 'ACTIVE') verdicts.push(verdictOf(rule, await ruleApplies(env, rule, userId)));
  return verdicts;
}

function verdictOf({ id, name }: { id: string; name: string }, isMet: boolean): Verdict {
  return { id, name, status: isMet ? 'MATCH' : 'NOT_MATCH' };
}
