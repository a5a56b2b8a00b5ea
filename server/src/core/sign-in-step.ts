// Owns reading the facts from which the next step of a sign-in follows: the account, its factors, the sign-on and enrolment policies,
// what the application asks, and whether the device is remembered. Not here: the decision (next-step.ts).
import type { Application } from './applications.ts';
import { asksForFactor } from './assurance-levels.ts';
import type { Env } from './env.ts';
import type { FactorKind } from './factor-kinds.ts';
import { type OfferedFactor, offeredFactors, usableFactors } from './factors.ts';
import { nextStep, type SignInFacts, type Step } from './next-step.ts';
import { applicationSignOn } from './policies/application-sign-on.ts';
import { enrollmentTerms } from './policies/enrollment-policy.ts';
import { type FactorTerms, sessionTerms } from './policies/session-policy.ts';
import { isRemembered } from './remembered-devices.ts';
import type { IdentityProof } from './sessions.ts';
import type { User } from './users.ts';

/** In what a sign-in takes place. */
export type Circumstances = {
  /** Levels of assurance that the application asks for, of which one must be met. */
  asked: readonly string[];
  /** Where the person is going, whose own policy may want a further factor; null: nowhere in particular. */
  application: Application | null;
  /** The hash of the device's secret; null: it has none. */
  device: string | null;
};

export async function stepOf(env: Env, person: User, proof: IdentityProof, within: Circumstances): Promise<Step> {
  return nextStep(await factsOf(env, person, proof, within));
}

async function factsOf(env: Env, person: User, proof: IdentityProof, within: Circumstances): Promise<SignInFacts> {
  const { factor } = await sessionTerms(env, person.id, proof.identityProviderId);
  const hasFactor = (await usableFactors(env, person.id)).length > 0;
  const { asked, application } = within;
  const isAsked =
    asksForFactor(asked, { amr: proof.amr, hasFactor }) ||
    (application !== null && (await applicationSignOn(env, application, person, proof.identityProviderId)).needsFactor);
  const factorRequired = isAsked || (factor.required && !(await isExempt(env, person, factor, within.device)));
  const { moment } = await enrollmentTerms(env, person.id);
  const isMoment = moment === 'LOGIN' || (moment === 'CHALLENGE' && (isAsked || factor.required));
  const missing = isMoment ? await enrollable(env, person) : [];
  return {
    status: person.status,
    factorProven: proof.amr.includes('mfa'),
    factorRequired,
    hasFactor,
    canEnroll: missing.length > 0,
    enrollmentDue: isMoment && missing.some(({ enrollment }) => enrollment === 'REQUIRED'),
  };
}

async function isExempt(env: Env, person: User, factor: FactorTerms, device: string | null): Promise<boolean> {
  return device !== null && factor.rememberFor > 0 && isRemembered(env, person.id, device, factor.rememberFor);
}

/** Factors that this person may set up and has not. */
export async function enrollable(env: Env, person: User): Promise<OfferedFactor[]> {
  return (await offeredFactors(env, person.id)).filter(({ status }) => status !== 'ACTIVE');
}

/** Whether a further factor could be proven, or set up first, by who has proven this much. */
export async function canStepUp(env: Env, person: User, proof: IdentityProof, within: Circumstances): Promise<boolean> {
  const step = await stepOf(env, person, proof, within);
  return step === 'verify-factor' || step === 'enroll-factor';
}

/** What is proven once a factor has been too. */
export function withFactor(env: Env, proof: IdentityProof, { amr }: Pick<FactorKind, 'amr'>): IdentityProof {
  return { ...proof, amr: [...new Set([...proof.amr, amr, 'mfa'])], factorVerifiedAt: env.now() };
}
