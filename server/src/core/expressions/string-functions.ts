// Owns the functions on texts. Given a list of texts, those that change a text change each of the list. Nothing (null) stays
// nothing where a text would be changed, is empty where it is measured or joined, and contains nothing.
import { ExpressionError } from './expression-error.ts';
import { type ExpressionFunction, everywhere, type World } from './expression-function.ts';
import { isList, kindOf, textOf, type Value } from './values.ts';

const MANY = 200;

export const stringFunctions: readonly ExpressionFunction[] = [
  everywhere('String.append', [2, 2], ([text = null, suffix = null], { budget }) =>
    budget.text(plain(text) + plain(suffix)),
  ),
  everywhere('String.join', [1, MANY], ([separator = null, ...parts], { budget }) =>
    budget.text(
      parts
        .flat()
        .filter((part) => part !== null)
        .map(plain)
        .join(plain(separator)),
    ),
  ),
  everywhere('String.len', [1, 1], ([text = null]) => plain(text).length),
  changing('String.removeSpaces', 0, (text) => text.replaceAll(/\s/g, '')),
  changing('String.replace', 2, (text, match = '', by = '') =>
    match === '' ? text : text.replaceAll(match, () => by),
  ),
  changing('String.replaceFirst', 2, (text, match = '', by = '') =>
    match === '' ? text : text.replace(match, () => by),
  ),
  everywhere('String.startsWith', [2, 2], ([text = null, start = null]) => plain(text).startsWith(plain(start))),
  everywhere('String.stringContains', [2, 2], ([text = null, part = null]) => plain(text).includes(plain(part))),
  everywhere('String.stringSwitch', [2, MANY], ([text = null, otherwise = null, ...pairs], world) =>
    switched(plain(text), otherwise, pairs, world),
  ),
  ...named('substring', [3, 3], ([text = null, from = null, to = null], world) =>
    each(text, world, (one) => one.slice(at(from), Math.max(at(from), at(to)))),
  ),
  ...namedChanging('substringAfter', 1, (text, part = '') => {
    const index = text.indexOf(part);
    return index === -1 ? '' : text.slice(index + part.length);
  }),
  ...namedChanging('substringBefore', 1, (text, part = '') => {
    const index = text.indexOf(part);
    return index === -1 || part === '' ? text : text.slice(0, index);
  }),
  ...namedChanging('toUpperCase', 0, (text) => text.toUpperCase()),
  ...namedChanging('toLowerCase', 0, (text) => text.toLowerCase()),
];

/** A function that makes a text of a text and some further texts. */
function changing(
  name: string,
  more: number,
  change: (text: string, ...given: string[]) => string,
): ExpressionFunction {
  return everywhere(name, [more + 1, more + 1], ([text = null, ...given], world) =>
    each(text, world, (one) => change(one, ...given.map(plain))),
  );
}

/** These have an older spelling without `String.`, which still works. */
function named(name: string, arity: readonly [number, number], call: ExpressionFunction['call']): ExpressionFunction[] {
  return [`String.${name}`, name].map((spelling) => everywhere(spelling, arity, call));
}

function namedChanging(
  name: string,
  more: number,
  change: (text: string, ...given: string[]) => string,
): ExpressionFunction[] {
  return [`String.${name}`, name].map((spelling) => changing(spelling, more, change));
}

function each(value: Value, { budget }: World, change: (text: string) => string): Value {
  if (value === null) return null;
  if (isList(value)) return budget.list(value.map((one) => (one === null ? null : budget.text(change(plain(one))))));
  return budget.text(change(plain(value)));
}

/** The value behind the first key that the text contains. */
function switched(text: string, otherwise: Value, pairs: readonly Value[], { budget }: World): Value {
  if (pairs.length % 2 !== 0) throw new ExpressionError('String.stringSwitch needs a value for every key');
  for (let index = 0; index < pairs.length; index += 2) {
    budget.spend(1 + (text.length >> 6));
    if (text.includes(plain(pairs[index] ?? null))) return pairs[index + 1] ?? null;
  }
  return otherwise;
}

function plain(value: Value): string {
  if (isList(value)) throw new ExpressionError('A text is expected, not a list');
  return value === null ? '' : textOf(value);
}

function at(index: Value): number {
  if (typeof index !== 'number') throw new ExpressionError(`A position is expected, not ${kindOf(index)}`);
  return Math.max(0, Math.trunc(index));
}
