// Owns: the reasons for which a token is refused and the sentence that each is told in.
// Does not own: the decision to refuse (verifier.ts), HTTP answers made of it (the API that uses the verifier).

export type VerificationErrorCode =
  | 'token_malformed'
  | 'algorithm_refused'
  | 'issuer_untrusted'
  | 'wrong_kind'
  | 'key_unknown'
  | 'signature_invalid'
  | 'audience_mismatch'
  | 'expired'
  | 'not_yet_valid'
  | 'issued_in_future'
  | 'claim_invalid'
  | 'client_refused'
  | 'scope_missing'
  | 'nonce_mismatch'
  | 'issuer_mismatch'
  | 'keys_unavailable';

/** Failures that say nothing about the token: the provider could not be asked. An API answers 503, not 401. */
const PROVIDER_FAILURES: ReadonlySet<VerificationErrorCode> = new Set(['issuer_mismatch', 'keys_unavailable']);

export class VerificationError extends Error {
  readonly code: VerificationErrorCode;
  readonly concerns: 'token' | 'provider';

  constructor(code: VerificationErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'VerificationError';
    this.code = code;
    this.concerns = PROVIDER_FAILURES.has(code) ? 'provider' : 'token';
  }
}

const LONGEST_QUOTE = 120;

/** A claim's value fit for a sentence and a log: escaped, and too short to carry a token. */
export function quote(value: unknown): string {
  if (value === undefined) return 'none';
  const text = (JSON.stringify(value) ?? typeof value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}
