// Owns what becomes of the one character that a caller can send and PostgreSQL's text cannot hold: U+0000 is read as U+FFFD, as
// HTML does, so that it finds nothing and breaks nothing, on either database. JSON has errors of its own for it (read-body.ts).

const REPLACEMENT = '\ufffd';
const ENCODED_REPLACEMENT = encodeURIComponent(REPLACEMENT);

/** An address, or the path of one, without null characters. */
export function addressWithoutNullCharacters(address: string): string {
  return address.includes('%00') ? replaceEncoded(address) : address;
}

/** The text of a form without null characters, written as they are or encoded. */
export function formWithoutNullCharacters(text: string): string {
  return replaceEncoded(text.replaceAll('\0', REPLACEMENT));
}

function replaceEncoded(text: string): string {
  return text.replaceAll('%00', ENCODED_REPLACEMENT);
}

/** Whether every string in a JSON value can be stored: no null character and no half of a surrogate pair. */
export function isStorable(value: unknown): boolean {
  // A list of what is left, not recursion: the nesting is the caller's choice.
  const left = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (typeof next === 'string' && (!next.isWellFormed() || next.includes('\0'))) return false;
    if (typeof next === 'object' && next !== null)
      for (const [name, member] of Object.entries(next)) left.push(name, member);
  }
  return true;
}
