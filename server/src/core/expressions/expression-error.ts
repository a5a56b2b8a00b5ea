// Owns the one way in which an expression fails: it cannot be read, or it has no value for this person and request.
// The message is one sentence for an administrator; it names no value of a profile.

export class ExpressionError extends Error {
  override name = 'ExpressionError';
  /** The failure is the number of groups, which has a wire text of its own. */
  readonly tooManyGroups: boolean;

  constructor(message: string, { tooManyGroups = false } = {}) {
    super(message);
    this.tooManyGroups = tooManyGroups;
  }
}
