// Owns: the failures of signing in, each with the provider's own words and a sentence of what to check, and which of them
// pass, need a visible sign-in or end a session.
// Does not own: which failure it was (protocol.ts, browser.ts); the sentences (advice.ts).
import { adviceFor } from './advice.ts';

export type SignInErrorCode =
  /** The options given to createSignIn cannot work. */
  | 'configuration'
  /** Discovery does not answer, or not with a discovery document. */
  | 'provider_unreachable'
  /** Discovery names another issuer. */
  | 'issuer_mismatch'
  /** The authorization endpoint answered with an error. */
  | 'authorization_refused'
  /** The token endpoint answered with an error. */
  | 'token_refused'
  /** A request got no readable answer: offline, or refused by CORS. */
  | 'network'
  /** The callback does not belong to a sign-in that this tab began. */
  | 'state_unknown'
  | 'response_invalid'
  | 'id_token_invalid'
  /** The hidden frame came to nothing in time. */
  | 'silent_timeout'
  /** There is no session to continue: a visible sign-in is needed. */
  | 'sign_in_required'
  /** Sign-in succeeded or failed again and again without getting anywhere. */
  | 'sign_in_loop'
  /** The provider's session is now another person's. */
  | 'different_person';

export type SignInErrorDetails = {
  /** `error` as the provider sent it. */
  error?: string | undefined;
  /** `error_description` as the provider sent it. */
  description?: string | undefined;
  /** What exactly went wrong here, when the provider did not say it. */
  detail?: string | undefined;
  cause?: unknown;
};

export class SignInError extends Error {
  readonly code: SignInErrorCode;
  readonly error: string | undefined;
  readonly description: string | undefined;
  /** A plain sentence of what to check. */
  readonly advice: string;
  /** The step of the set-up guide that the advice is about. */
  readonly guideStep: number | undefined;

  constructor(code: SignInErrorCode, details: SignInErrorDetails = {}) {
    const { advice, guideStep } = adviceFor(code, details.error, details.description);
    super(details.description ?? details.detail ?? details.error ?? advice, { cause: details.cause });
    this.name = 'SignInError';
    this.code = code;
    this.error = details.error;
    this.description = details.description;
    this.advice = advice;
    this.guideStep = guideStep;
  }
}

const NEEDS_INTERACTION: ReadonlySet<string | undefined> = new Set([
  'login_required',
  'consent_required',
  'interaction_required',
  'account_selection_required',
]);
const PASSING_ERRORS: ReadonlySet<string | undefined> = new Set(['server_error', 'temporarily_unavailable']);
const PASSING_CODES: ReadonlySet<string> = new Set(['network', 'silent_timeout', 'provider_unreachable']);

export function isRefused(error: unknown, as: string): boolean {
  return error instanceof SignInError && error.code === 'token_refused' && error.error === as;
}

export function isOtherPerson(error: unknown): boolean {
  return error instanceof SignInError && error.code === 'different_person';
}

export function isInteractionNeeded(error: unknown): boolean {
  return error instanceof SignInError && error.code === 'authorization_refused' && NEEDS_INTERACTION.has(error.error);
}

export function isPassing(error: unknown): boolean {
  return error instanceof SignInError && (PASSING_CODES.has(error.code) || PASSING_ERRORS.has(error.error));
}

export function endsSession(error: unknown): boolean {
  if (!(error instanceof SignInError) || isPassing(error)) return false;
  return (
    error.code === 'different_person' || error.code === 'authorization_refused' || isRefused(error, 'invalid_grant')
  );
}

export function asSignInError(error: unknown): SignInError {
  return error instanceof SignInError ? error : new SignInError('response_invalid', { cause: error });
}
