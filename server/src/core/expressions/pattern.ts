// Owns regular expressions that administrators write: read by an engine whose time grows with the length of the text and not with
// its tricks (RE2), so that no pattern can stop the server. It knows Java's syntax but for look-around and back references.
import { RE2JS } from 're2js';
import { ExpressionError } from './expression-error.ts';

export type Pattern = {
  /** Instructions; a match costs up to this many steps a character. */
  size: number;
  /** Whether the whole text is an instance of the pattern; letter case counts. */
  matches(text: string): boolean;
};

const LONGEST_PATTERN = 1024;
/** Instructions. A short pattern can stand for many: `(\\pL{30}){30}`. */
const LARGEST_PATTERN = 2000;
const MOST_KNOWN = 100;

const known = new Map<string, Pattern | ExpressionError>();

/** Throws ExpressionError for a pattern that cannot be read. */
export function patternOf(text: string): Pattern {
  const pattern = known.get(text) ?? compile(text);
  if (known.size >= MOST_KNOWN && !known.has(text)) known.clear();
  known.set(text, pattern);
  if (pattern instanceof ExpressionError) throw pattern;
  return pattern;
}

function compile(text: string): Pattern | ExpressionError {
  if (text.length > LONGEST_PATTERN)
    return new ExpressionError(`A regular expression has at most ${LONGEST_PATTERN} characters`);
  try {
    const compiled = RE2JS.compile(text);
    const size = compiled.programSize();
    if (size > LARGEST_PATTERN) return new ExpressionError('The regular expression stands for too much');
    return { size, matches: (input) => compiled.matches(input) };
  } catch {
    return new ExpressionError(
      'The regular expression cannot be read: it has a mistake, or uses look-around or back references, which are not known here',
    );
  }
}
