// Owns the decision what a person who has proven their identity must do before a session may begin. Every way to sign in comes
// through here, so a new way cannot forget a step. Pure: from stored facts to a step. Not here: doing the step.

export type Step =
  /** Nothing is missing: the session may begin. */
  | 'begin-session'
  /** The password was right and is no longer good: choose another. */
  | 'change-password'
  /** This account may not be signed in to. */
  | 'refuse';

/** `status`: the user's, as stored after the proof. */
export function nextStep({ status }: { status: string }): Step {
  if (status === 'ACTIVE') return 'begin-session';
  if (status === 'PASSWORD_EXPIRED') return 'change-password';
  return 'refuse';
}
