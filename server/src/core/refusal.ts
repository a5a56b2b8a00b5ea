// Owns the refusals that a caller of the management API may see, as core/ raises them: a code of the error table and what to
// insert in its text. Not here: HTTP statuses and the texts themselves (http/api-error.ts). Anything else thrown is a bug.

/** An error code of the management API, such as `E0000007`. */
export type RefusalCode = `E${number}`;

export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: RefusalCode;
  /** Replaces the placeholder of the code's text. */
  readonly subject: string;
  /** One sentence a cause, `field: what is wrong`. */
  readonly causes: readonly string[];

  constructor(code: RefusalCode, subject = '', causes: readonly string[] = []) {
    super(`${code} ${subject} ${causes.join('; ')}`.trim());
    this.code = code;
    this.subject = subject;
    this.causes = causes;
  }
}

/** E0000001: `subject` is the field or object that failed, each cause one sentence. */
export function invalid(subject: string, ...causes: string[]): Refusal {
  return new Refusal('E0000001', subject, causes);
}

/** E0000007: there is no such object; `type` is Okta's name of it, such as `User`. */
export function notFound(id: string, type: string): Refusal {
  return new Refusal('E0000007', `${id} (${type})`);
}

/** E0000001 with the cause that clients know for a value already taken. */
export function alreadyExists(subject: string, field: string): Refusal {
  return invalid(subject, `${field}: An object with this field already exists in the current organization`);
}
