// Owns the decision what an authorization request needs next, from stored facts alone: sign in, an error, or judgement.
// Pure, so that every combination of prompt, max_age and session can be walked. Not here: consent (it needs the judged scopes).
import { SECOND } from '../base/time.ts';
import type { AuthorizationParameters } from './authorization-parameters.ts';

export type Step = 'sign-in' | 'judge' | 'login_required' | 'reauthentication_required';

/**
 * `authenticatedAt`: when the browser's session was authenticated, null without one. `begun`: when the request first came; a
 * sign-in after that satisfies `prompt=login` and any `max_age`. Times in epoch milliseconds.
 */
export function nextStep(
  parameters: Pick<AuthorizationParameters, 'prompt' | 'maxAge'>,
  authenticatedAt: number | null,
  begun: number,
  now: number,
): Step {
  const { prompt, maxAge } = parameters;
  const silent = prompt.has('none');
  if (authenticatedAt === null) return silent ? 'login_required' : 'sign-in';
  if (authenticatedAt > begun) return 'judge';
  const tooOld = maxAge !== null && (maxAge === 0 || now - authenticatedAt > maxAge * SECOND);
  if (prompt.has('login') || tooOld) return silent ? 'reauthentication_required' : 'sign-in';
  return 'judge';
}
