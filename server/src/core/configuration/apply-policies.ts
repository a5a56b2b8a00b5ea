// Owns bringing the org's policies and their rules to what a document says of them. Not here: policies of authorization servers
// (apply-servers.ts). A policy that the document does not have goes last, when no application is under it any more.
import type { Env } from '../env.ts';
import {
  createOrgPolicy,
  deleteOrgPolicy,
  listOrgPolicies,
  type OrgPolicy,
  type OrgPolicyInput,
  replaceOrgPolicy,
  setOrgPolicyStatus,
} from '../policies/org-policies.ts';
import {
  createOrgPolicyRule,
  deleteOrgPolicyRule,
  listOrgPolicyRules,
  type OrgPolicyRule,
  type OrgPolicyRuleInput,
  replaceOrgPolicyRule,
  setOrgPolicyRuleStatus,
} from '../policies/org-policy-rules.ts';
import { type OrgPolicyType, policyKinds } from '../policies/org-policy-types.ts';
import type { Later } from './apply-directory.ts';
import { isSame, type PolicyPart, type PolicyRulePart } from './document.ts';
import { matched, putInOrder } from './match.ts';
import { type References, translated } from './references.ts';

export async function applyPolicies(
  env: Env,
  {
    types,
    before,
    wanted,
  }: { types: readonly OrgPolicyType[]; before: readonly PolicyPart[]; wanted: readonly PolicyPart[] },
  names: References,
  later: Later[],
): Promise<void> {
  for (const type of types) {
    const policies = await listOrgPolicies(env, type);
    const parts = wanted.filter((part) => part.type === type);
    const { pairs, surplus } = matched(policies, parts, nameOf, nameOf);
    for (const { id, system } of surplus) if (system === 0) later.push((env) => deleteOrgPolicy(env, id));
    const ids: string[] = [];
    for (const { has, wanted: part } of pairs) {
      const said = before.find((one) => one.type === type && one.name === part.name) ?? null;
      const policy = has && said && isSame(said, part) ? has : await applyPolicy(env, has, said, part, names);
      if (policy.system === 0) ids.push(policy.id);
    }
    if (policyKinds[type].ruleOrder !== 'dense') continue;
    const described = () => listOrgPolicies(env, type);
    await putInOrder(ids, described, async (id, priority) => {
      const policy = (await described()).find((one) => one.id === id);
      if (policy) await replaceOrgPolicy(env, id, type, { ...policy, priority });
    });
  }
}

function nameOf({ name }: { name: string }): string {
  return name;
}

async function applyPolicy(
  env: Env,
  has: OrgPolicy | null,
  said: PolicyPart | null,
  part: PolicyPart,
  names: References,
): Promise<OrgPolicy> {
  const input = inputOf(part, names);
  const policy = has ?? (await createOrgPolicy(env, part.type, input, part.status));
  const own = ({ name, description, conditions, settings }: PolicyPart) => ({
    name,
    description,
    conditions,
    settings,
  });
  if (has && !(said && isSame(own(said), own(part)))) await replaceOrgPolicy(env, has.id, part.type, input);
  if (policy.status !== part.status) await setOrgPolicyStatus(env, policy.id, part.status);
  if (!said || !isSame(said.rules, part.rules)) await applyRules(env, policy, said?.rules ?? [], part.rules, names);
  return policy;
}

async function applyRules(
  env: Env,
  policy: OrgPolicy,
  before: readonly PolicyRulePart[],
  wanted: readonly PolicyRulePart[],
  names: References,
): Promise<void> {
  const { pairs, surplus } = matched(await listOrgPolicyRules(env, policy.id), wanted, nameOf, nameOf);
  for (const { id, system } of surplus) if (system === 0) await deleteOrgPolicyRule(env, policy.id, id);
  const ids: string[] = [];
  for (const { has, wanted: part } of pairs) {
    const said = before.find(({ name }) => name === part.name);
    const rule = has && said && isSame(said, part) ? has : await applyRule(env, policy, has, part, names);
    if (rule.system === 0) ids.push(rule.id);
  }
  if (policyKinds[policy.type].ruleOrder !== 'dense') return;
  const described = () => listOrgPolicyRules(env, policy.id);
  await putInOrder(ids, described, async (id, priority) => {
    const rule = (await described()).find((one) => one.id === id);
    if (rule) await replaceOrgPolicyRule(env, policy.id, id, { ...rule, priority });
  });
}

async function applyRule(
  env: Env,
  policy: OrgPolicy,
  has: OrgPolicyRule | null,
  part: PolicyRulePart,
  names: References,
): Promise<OrgPolicyRule> {
  const input: OrgPolicyRuleInput = {
    name: part.name,
    type: undefined,
    priority: part.priority,
    conditions: translated(part.conditions, names.idOf),
    actions: translated(part.actions, names.idOf),
  };
  if (!has) return createOrgPolicyRule(env, policy.id, input, part.status);
  await replaceOrgPolicyRule(env, policy.id, has.id, input);
  if (has.status !== part.status) await setOrgPolicyRuleStatus(env, policy.id, has.id, part.status);
  return has;
}

function inputOf({ name, description, conditions, settings }: PolicyPart, { idOf }: References): OrgPolicyInput {
  return { name, description, priority: undefined, ...translated({ conditions, settings }, idOf) };
}
