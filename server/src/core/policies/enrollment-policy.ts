// Owns what the enrolment policies say of a person: which factors they may, must or must not have, and when they are asked to
// enrol. Not here: enrolling (core/factors.ts), and whether the org has an authenticator turned on (core/authenticators.ts).
import type { AuthenticatorKey } from '../authenticator-kinds.ts';
import type { Env } from '../env.ts';
import type { FactorKind } from '../factor-kinds.ts';
import { type OrgPolicy, policiesFor } from './org-policies.ts';
import { listOrgPolicyRules } from './org-policy-rules.ts';
import { isObject } from './policy-defaults.ts';
import { ruleApplies } from './session-policy.ts';

export type Enrollment = 'REQUIRED' | 'OPTIONAL' | 'NOT_ALLOWED';

export type EnrollmentTerms = {
  of(kind: Pick<FactorKind, 'authenticator' | 'orgFactor'>): Enrollment;
  /** At every sign-in, when a factor is asked for, or never by itself. */
  moment: 'LOGIN' | 'CHALLENGE' | 'NEVER';
};

/** As the first policy has it that has a rule for this person and place; without one the first policy, which then asks nobody. */
export async function enrollmentTerms(env: Env, userId: string): Promise<EnrollmentTerms> {
  const policies = await policiesFor(env, 'MFA_ENROLL', { userId });
  for (const policy of policies) {
    for (const rule of await listOrgPolicyRules(env, policy.id)) {
      if (rule.status !== 'ACTIVE' || !(await ruleApplies(env, rule, userId))) continue;
      const self = isObject(rule.actions.enroll) ? rule.actions.enroll.self : undefined;
      return { of: readerOf(policy), moment: self === 'LOGIN' || self === 'NEVER' ? self : 'CHALLENGE' };
    }
  }
  const [first] = policies;
  return { of: first ? readerOf(first) : () => 'NOT_ALLOWED', moment: 'NEVER' };
}

/** A policy names authenticators in a list, or, of the older kind, factors by their names. */
function readerOf({ settings, system }: OrgPolicy): EnrollmentTerms['of'] {
  const factors = isObject(settings?.factors) ? settings.factors : {};
  const authenticators = Array.isArray(settings?.authenticators) ? settings.authenticators.filter(isObject) : [];
  const byKey = (key: AuthenticatorKey) => authenticators.find((one) => one.key === key);
  const isOlder = settings?.type === 'FACTORS';
  return ({ authenticator, orgFactor }) => {
    const said = isOlder ? factors[orgFactor] : byKey(authenticator);
    const self = isObject(said) && isObject(said.enroll) ? said.enroll.self : undefined;
    if (self === 'REQUIRED' || self === 'OPTIONAL' || self === 'NOT_ALLOWED') return self;
    // The system's own policy is older than some authenticators of a database.
    return system === 1 && said === undefined ? 'OPTIONAL' : 'NOT_ALLOWED';
  };
}
