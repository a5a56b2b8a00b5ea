// Owns how much work one evaluation may do: steps, the size of a text or list, and the work of regular expressions.
import { ExpressionError } from './expression-error.ts';

const MOST_STEPS = 20_000;
const LONGEST_TEXT = 8192;
const LONGEST_LIST = 10_000;
/** Instructions of a pattern times characters of its input. */
const MOST_PATTERN_WORK = 5_000_000;

export type Budget = {
  /** Counts work done. */
  spend(steps: number): void;
  /** Counts the match of a pattern of this size with a text of this length. */
  spendOnPattern(size: number, length: number): void;
  /** The text, or an error when it is too long. */
  text(text: string): string;
  list<T>(items: T[]): T[];
};

export function createBudget(): Budget {
  let steps = MOST_STEPS;
  let patternWork = MOST_PATTERN_WORK;
  const spend = (count: number) => {
    steps -= count;
    if (steps < 0) throw new ExpressionError('The expression takes too many steps');
  };
  return {
    spend,
    spendOnPattern(size, length) {
      patternWork -= size * (length + 1);
      if (patternWork < 0) throw new ExpressionError('The regular expression takes too many steps');
    },
    text(text) {
      if (text.length > LONGEST_TEXT) throw new ExpressionError(`A text is longer than ${LONGEST_TEXT} characters`);
      spend(text.length >> 6);
      return text;
    },
    list(items) {
      if (items.length > LONGEST_LIST) throw new ExpressionError(`A list is longer than ${LONGEST_LIST} items`);
      spend(items.length >> 4);
      return items;
    },
  };
}
