// Owns what the sign-on policies say of somebody who has proven who they are: whether a session may begin, how long it lives
// without use and altogether, and whether it outlives the browser. Not here: sessions themselves (core/sessions.ts).
import { DAY, HOUR, MINUTE } from '../../base/time.ts';
import { showsBehavior } from '../behaviors.ts';
import type { Env } from '../env.ts';
import { isMemberOfAny } from '../groups.ts';
import { isInZones } from '../network-zones.ts';
import { policiesFor } from './org-policies.ts';
import { listOrgPolicyRules, type OrgPolicyRule } from './org-policy-rules.ts';
import { isObject, type Json, listAt } from './policy-defaults.ts';

export type SessionTerms = {
  access: 'ALLOW' | 'DENY';
  /** Milliseconds without use after which it is over. */
  idleLifetime: number;
  /** Milliseconds after the proof of identity. */
  lifetime: number;
  /** Whether the cookie stays when the browser closes. */
  persistent: boolean;
  factor: FactorTerms;
  /** Which rule said so; null: none did. */
  rule: { id: string; name: string; policyId: string; policyName: string } | null;
};

export type FactorTerms = {
  /** Whether a password alone is not enough. */
  required: boolean;
  /** Milliseconds for which a person may have a device remembered, once they have proven by a factor on it; zero: not at all. */
  rememberFor: number;
  /** Whether the page proposes it. */
  rememberByDefault: boolean;
};

/** As long as a number of milliseconds can be added to now without harm: a rule that sets no end. */
const NO_END = 10 * 365 * 24 * HOUR;

const OTHERWISE: SessionTerms = {
  access: 'ALLOW',
  idleLifetime: 120 * MINUTE,
  lifetime: 24 * HOUR,
  persistent: false,
  factor: { required: false, rememberFor: 0, rememberByDefault: false },
  rule: null,
};

/** Where a rule remembers a device and does not say for how long. */
const REMEMBERED = { DEVICE: 365 * DAY, SESSION: 15 * MINUTE };

/**
 * The first rule that is for this person, from where the request comes, in the first policy that has one. `identityProviderId`: who
 * vouched for them; undefined: this server itself.
 */
export async function sessionTerms(env: Env, userId: string, identityProviderId?: string): Promise<SessionTerms> {
  for (const policy of await policiesFor(env, 'OKTA_SIGN_ON', { userId })) {
    for (const rule of await listOrgPolicyRules(env, policy.id)) {
      if (rule.status !== 'ACTIVE' || !(await ruleApplies(env, rule, userId, identityProviderId))) continue;
      return termsOf(rule, { id: rule.id, name: rule.name, policyId: policy.id, policyName: policy.name });
    }
  }
  return OTHERWISE;
}

/** Whether a rule is for this person, from where the request comes. `identityProviderId`: who else vouched for them. */
export async function ruleApplies(
  env: Env,
  { conditions }: OrgPolicyRule,
  userId: string,
  identityProviderId?: string,
): Promise<boolean> {
  const people = (kind: 'users' | 'groups', list: 'include' | 'exclude') => listAt(conditions, 'people', kind, list);
  if (people('users', 'exclude').includes(userId)) return false;
  if (await isMemberOfAny(env, userId, people('groups', 'exclude'))) return false;
  const [users, groups] = [people('users', 'include'), people('groups', 'include')];
  const isNamed = users.includes(userId) || (await isMemberOfAny(env, userId, groups));
  if (users.length + groups.length > 0 && !isNamed) return false;
  return (
    isHere(conditions) &&
    isVouchedForBy(conditions, identityProviderId) &&
    (await isFromNetwork(env, conditions?.network)) &&
    (await isUnusualAsAsked(env, conditions, userId))
  );
}

/** Nobody comes by RADIUS, and no risk is measured: rules that ask for those are never met, rather than always. */
function isHere(conditions: OrgPolicyRule['conditions']): boolean {
  const level = said(conditions, 'riskScore', 'level') ?? 'ANY';
  return said(conditions, 'authContext', 'authType') !== 'RADIUS' && level === 'ANY';
}

async function isUnusualAsAsked(env: Env, conditions: OrgPolicyRule['conditions'], userId: string): Promise<boolean> {
  const behaviors = listAt(conditions, 'risk', 'behaviors');
  return behaviors.length === 0 || showsBehavior(env, userId, behaviors);
}

function isVouchedForBy(conditions: OrgPolicyRule['conditions'], identityProviderId: string | undefined): boolean {
  const provider = said(conditions, 'identityProvider', 'provider') ?? 'ANY';
  if (provider === 'ANY') return true;
  if (identityProviderId === undefined) return provider === 'OKTA';
  const named = listAt(conditions, 'identityProvider', 'idpIds');
  return provider === 'SPECIFIC_IDP' && named.includes(identityProviderId);
}

function said(conditions: OrgPolicyRule['conditions'], condition: string, member: string): unknown {
  const value = conditions?.[condition];
  return isObject(value) ? value[member] : undefined;
}

/** Whether the request comes from where a rule's network condition says. */
export async function isFromNetwork(env: Env, network: unknown): Promise<boolean> {
  if (!isObject(network) || network.connection !== 'ZONE') return true;
  const [include, exclude] = [listAt(network, 'include'), listAt(network, 'exclude')];
  if (await isInZones(env, env.request.ip, exclude)) return false;
  return include.length === 0 || isInZones(env, env.request.ip, include);
}

function termsOf({ actions }: OrgPolicyRule, rule: SessionTerms['rule']): SessionTerms {
  const signon = isObject(actions.signon) ? actions.signon : {};
  const session = isObject(signon.session) ? signon.session : {};
  const minutes = (name: string) => (typeof session[name] === 'number' ? session[name] * MINUTE : null);
  const lifetime = minutes('maxSessionLifetimeMinutes') ?? OTHERWISE.lifetime;
  return {
    access: signon.access === 'DENY' ? 'DENY' : 'ALLOW',
    idleLifetime: minutes('maxSessionIdleMinutes') || OTHERWISE.idleLifetime,
    lifetime: lifetime === 0 ? NO_END : lifetime,
    persistent: session.usePersistentCookie === true,
    factor: factorTerms(signon),
    rule,
  };
}

function factorTerms({
  requireFactor,
  factorPromptMode: mode,
  factorLifetime,
  rememberDeviceByDefault,
}: Json): FactorTerms {
  const given = typeof factorLifetime === 'number' && factorLifetime > 0 ? factorLifetime * MINUTE : null;
  const remembers = mode === 'DEVICE' || mode === 'SESSION';
  return {
    required: requireFactor === true,
    rememberFor: remembers ? Math.min(given ?? REMEMBERED[mode], REMEMBERED.DEVICE) : 0,
    rememberByDefault: rememberDeviceByDefault === true,
  };
}
