// Owns the words of whatever was thrown, for a log line or the message of another error. Not here: what a client may see.

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
