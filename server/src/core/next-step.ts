// Owns the decision what a person who has proven their identity must do before a session may begin. Every way to sign in comes
// through here, so a new way cannot forget a step. Pure: from stored facts to a step. Not here: reading the facts
// (sign-in-step.ts) and doing the step.

export type Step =
  /** Nothing is missing: the session may begin. */
  | 'begin-session'
  /** The password was right and is no longer good: choose another. */
  | 'change-password'
  /** Prove by a further factor. */
  | 'verify-factor'
  /** Set up a further factor, which proves by being set up. */
  | 'enroll-factor'
  /** This account may not be signed in to. */
  | 'refuse';

export type SignInFacts = {
  /** The user's, as stored after the proof. */
  status: string;
  /** Whether a further factor has been proven in this sign-in. */
  factorProven: boolean;
  /** Whether one must be. */
  factorRequired: boolean;
  /** Whether the person has one that can be proven. */
  hasFactor: boolean;
  /** Whether there is one that the person may set up. */
  canEnroll: boolean;
  /** Whether policy wants one set up now. */
  enrollmentDue: boolean;
};

export function nextStep(facts: SignInFacts): Step {
  if (facts.status === 'PASSWORD_EXPIRED') return 'change-password';
  if (facts.status !== 'ACTIVE') return 'refuse';
  // Who has a factor proves it before another is set up: a password alone must not be enough to add one's own.
  const owed = (facts.factorRequired || facts.enrollmentDue) && !facts.factorProven;
  if (owed && facts.hasFactor) return 'verify-factor';
  if (facts.factorRequired && !facts.factorProven) return facts.canEnroll ? 'enroll-factor' : 'refuse';
  return facts.enrollmentDue ? 'enroll-factor' : 'begin-session';
}
