// Owns what the sign-on policy of an application (ACCESS_POLICY) wants of a person beyond a session: whether they may in at all, whether
// a password alone is enough, and how old the proof may be. Not here: the session's own policy (session-policy.ts) and what access
// tokens may say (access-policy.ts).
import { DAY, HOUR, MINUTE, SECOND } from '../../base/time.ts';
import { userActor } from '../actors.ts';
import { CONSOLE_CLIENT_ID } from '../application-guard.ts';
import { defaultPoliciesOfApplications } from '../application-policies.ts';
import type { Application } from '../applications.ts';
import type { Env } from '../env.ts';
import { record } from '../system-log.ts';
import { type User, userTarget } from '../users.ts';
import { getOrgPolicy } from './org-policies.ts';
import { listOrgPolicyRules, type OrgPolicyRule } from './org-policy-rules.ts';
import { isObject, type Json, listAt } from './policy-defaults.ts';
import { rememberedRules } from './policy-memory.ts';
import { ruleApplies } from './session-policy.ts';

export type ApplicationSignOn = {
  /** UNREACHABLE: the rule wants a proof that nobody can give here, so that it lets nobody in. */
  access: 'ALLOW' | 'DENY' | 'UNREACHABLE';
  needsFactor: boolean;
  /** Milliseconds that a proof of identity is good for; null: as long as the session. */
  proofLifetime: number | null;
  /** Null: nothing was asked, for an application that no policy is for. */
  rule: { policyId: string; policyName: string; ruleId: string; ruleName: string } | null;
};

const FREE: ApplicationSignOn = { access: 'ALLOW', needsFactor: false, proofLifetime: null, rule: null };

/**
 * The first rule that is for this person, from where the request comes. `identityProviderId`: who else vouched for them. The admin
 * console is under no such policy: a rule that shuts everybody out could not be put right any more.
 */
export async function applicationSignOn(
  env: Env,
  application: Application,
  user: User,
  identityProviderId?: string,
): Promise<ApplicationSignOn> {
  if (application.client_id === CONSOLE_CLIENT_ID) return FREE;
  const policy = await policyOf(env, application);
  if (policy === null) return FREE;
  for (const rule of policy.rules) {
    if (rule.status !== 'ACTIVE' || asksForTheUnknown(rule, user)) continue;
    if (await ruleApplies(env, rule, user.id, identityProviderId)) return termsOf(policy, rule);
  }
  return FREE;
}

/** As the sign-on policies of sessions are told in the System Log. */
export async function recordSignOnDenial(
  env: Env,
  { client_id, label }: Application,
  user: User,
  { access, rule }: ApplicationSignOn,
): Promise<void> {
  const reason =
    access === 'UNREACHABLE'
      ? 'The rule wants a proof that this server cannot take'
      : 'Sign-on policy evaluation resulted in DENY';
  await record(env, {
    eventType: 'policy.evaluate_sign_on',
    displayMessage: 'Evaluation of sign-on policy',
    outcome: { result: 'DENY', reason },
    actor: userActor(user),
    target: [userTarget(user), { id: client_id, type: 'AppInstance', alternateId: label, displayName: label }],
    debugData: { ...rule },
  });
}

type PolicyWithRules = { id: string; name: string; rules: OrgPolicyRule[] };

async function policyOf(env: Env, { settings }: Application): Promise<PolicyWithRules | null> {
  const assigned = settings.accessPolicyId ?? null;
  return rememberedRules(env, assigned ?? 'default', async () => {
    const id = assigned ?? (await defaultPoliciesOfApplications(env)).accessPolicyId;
    const policy = id === null ? null : await getOrgPolicy(env, id);
    return policy && { id: policy.id, name: policy.name, rules: await listOrgPolicyRules(env, policy.id) };
  });
}

/** No device is known and no platform believed: rules that ask for those are never met, rather than always. */
function asksForTheUnknown({ conditions }: OrgPolicyRule, user: User): boolean {
  const types = (list: string) => listAt(conditions, 'userType', list);
  if (types('exclude').includes(user.type_id)) return true;
  if (types('include').length > 0 && !types('include').includes(user.type_id)) return true;
  if (isObject(conditions?.device) || isSaid(conditions?.elCondition, 'condition')) return true;
  const platforms = isObject(conditions?.platform) ? conditions.platform.include : undefined;
  return Array.isArray(platforms) && platforms.length > 0 && !platforms.some(isAnyPlatform);
}

function isSaid(value: unknown, member: string): boolean {
  return isObject(value) && typeof value[member] === 'string' && value[member] !== '';
}

function isAnyPlatform(one: unknown): boolean {
  if (!isObject(one)) return false;
  const os = isObject(one.os) ? one.os.type : 'ANY';
  return (one.type ?? 'ANY') === 'ANY' && (os ?? 'ANY') === 'ANY';
}

function termsOf(policy: PolicyWithRules, { id, name, actions }: OrgPolicyRule): ApplicationSignOn {
  const rule = { policyId: policy.id, policyName: policy.name, ruleId: id, ruleName: name };
  const action = isObject(actions.appSignOn) ? actions.appSignOn : {};
  if (action.access === 'DENY') return { ...FREE, access: 'DENY', rule };
  const method = isObject(action.verificationMethod) ? action.verificationMethod : {};
  if (!isReachable(method)) return { ...FREE, access: 'UNREACHABLE', rule };
  return {
    access: 'ALLOW',
    needsFactor: method.factorMode === '2FA',
    proofLifetime: durationOf(method.reauthenticateIn),
    rule,
  };
}

/** Of several constraints one has to be met. A chain of methods names each step, which nothing here follows. */
function isReachable({ type, constraints }: Json): boolean {
  if (type === 'AUTH_METHOD_CHAIN') return false;
  if (!Array.isArray(constraints) || constraints.length === 0) return true;
  return constraints.some((one) => isObject(one) && isKnowledge(one.knowledge) && isPossession(one.possession));
}

const OF_DEVICES = ['deviceBound', 'hardwareProtection', 'phishingResistant', 'userVerification'];

function isPossession(wanted: unknown): boolean {
  if (!isObject(wanted)) return true;
  return !OF_DEVICES.some((name) => wanted[name] === 'REQUIRED') && namesNoMethods(wanted);
}

/** A password is the one thing known that everybody proves. */
function isKnowledge(wanted: unknown): boolean {
  if (!isObject(wanted)) return true;
  const types = Array.isArray(wanted.types) ? wanted.types : ['password'];
  return types.includes('password') && namesNoMethods({ ...wanted, types: undefined });
}

function namesNoMethods(wanted: Json): boolean {
  return ['types', 'methods', 'authenticationMethods'].every((name) => {
    const named = wanted[name];
    return !Array.isArray(named) || named.length === 0;
  });
}

const UNITS = { D: DAY, H: HOUR, M: MINUTE, S: SECOND } as const;

/** ISO 8601, as far as a day's parts: `PT2H`, `P1D`, `PT0S`. Null for what is none: no limit. */
function durationOf(text: unknown): number | null {
  const [, days, hours, minutes, seconds] =
    /^P(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?$/.exec(
      typeof text === 'string' ? text : '',
    ) ?? [];
  const parts = [days, hours, minutes, seconds];
  if (parts.every((part) => part === undefined)) return null;
  const units = Object.values(UNITS);
  return parts.reduce((sum, part, index) => sum + Number(part ?? 0) * (units[index] ?? 0), 0);
}
