// Owns what unit tests of factors share: the policies that ask for one, a person who has one, and the codes of its app.
// Not here: anything that the server itself uses.
import { totpCode } from '../base/totp.ts';
import { ensureAuthenticators } from './authenticators.ts';
import type { Env } from './env.ts';
import { activateAt, enrollFactor, secretOf } from './factors.ts';
import { ensureDefaultPolicies } from './policies/default-policies.ts';
import { createOrgPolicy, type OrgPolicy } from './policies/org-policies.ts';
import { createOrgPolicyRule } from './policies/org-policy-rules.ts';
import type { Json } from './policies/policy-defaults.ts';
import { everyoneGroupId, type User } from './users.ts';

/** The org as it begins, with everything that factors need. */
export async function withFactors(env: Env): Promise<void> {
  await ensureDefaultPolicies(env);
  await ensureAuthenticators(env);
}

/** A sign-on policy for everybody whose rule wants a further factor. */
export function requireFactor(env: Env, more: Json = {}): Promise<OrgPolicy> {
  return makePolicy(env, 'OKTA_SIGN_ON', null, { signon: { requireFactor: true, ...more } });
}

/** An enrolment policy for everybody that has these members of `authenticators`. */
export function requireEnrollment(
  env: Env,
  authenticators: Record<string, string>,
  moment: string,
): Promise<OrgPolicy> {
  const list = Object.entries(authenticators).map(([key, self]) => ({ key, enroll: { self } }));
  const settings = { type: 'AUTHENTICATORS', authenticators: list };
  return makePolicy(env, 'MFA_ENROLL', settings, { enroll: { self: moment } });
}

export async function makePolicy(
  env: Env,
  type: 'OKTA_SIGN_ON' | 'MFA_ENROLL' | 'PASSWORD',
  settings: Json | null,
  actions: Json | null,
): Promise<OrgPolicy> {
  const conditions = { people: { groups: { include: [await everyoneGroupId(env)] } } };
  const input = { name: `For tests: ${type}`, description: null, priority: undefined, conditions, settings };
  const policy = await createOrgPolicy(env, type, input, 'ACTIVE');
  if (actions !== null)
    await createOrgPolicyRule(
      env,
      policy.id,
      { name: 'Rule', type: undefined, priority: undefined, conditions: {}, actions },
      'ACTIVE',
    );
  return policy;
}

/** A code app that the person has activated, and its code now, or so many steps later. */
export async function enrolledApp(
  env: Env,
  user: User,
  provider = 'GOOGLE',
): Promise<{ id: string; code(steps?: number): string }> {
  const factor = await enrollFactor(env, user, { factorType: 'token:software:totp', provider, profile: {} });
  await activateAt(env, user, factor, 1);
  const secret = secretOf(env, factor);
  return { id: factor.id, code: (steps = 0) => codeNow(env, secret, steps) };
}

export function codeNow(env: Env, secret: string, steps = 0): string {
  return totpCode(secret, Math.floor(env.now() / 30_000) + steps);
}
