// Owns the functions on lists. Nothing (null) counts as an empty list.
import { ExpressionError } from './expression-error.ts';
import { type ExpressionFunction, everywhere } from './expression-function.ts';
import { equal, isList, textOf, type Value } from './values.ts';

const MANY = 200;

export const arrayFunctions: readonly ExpressionFunction[] = [
  everywhere('Arrays.add', [2, 2], ([list = null, item = null], { budget }) => budget.list([...items(list), item])),
  everywhere('Arrays.remove', [2, 2], ([list = null, item = null], { budget }) =>
    budget.list(items(list).filter((one) => !equal(one, item))),
  ),
  everywhere('Arrays.clear', [1, 1], () => []),
  everywhere('Arrays.get', [2, 2], ([list = null, index = null]) => {
    const found = typeof index === 'number' ? items(list)[index] : undefined;
    if (found === undefined) throw new ExpressionError('Arrays.get: the list has no such item');
    return found;
  }),
  everywhere('Arrays.flatten', [1, MANY], (values, { budget }) => {
    const flat: Value[] = [];
    for (const value of values) collect(value, flat);
    return budget.list(flat);
  }),
  everywhere('Arrays.contains', [2, 2], ([list = null, item = null], { budget }) =>
    budget.list([...items(list)]).some((one) => equal(one, item)),
  ),
  everywhere('Arrays.size', [1, 1], ([list = null]) => items(list).length),
  everywhere('Arrays.isEmpty', [1, 1], ([list = null]) =>
    typeof list === 'string' ? list === '' : items(list).length === 0,
  ),
  everywhere('Arrays.toCsvString', [1, 1], ([list = null], { budget }) =>
    list === null ? null : budget.text(items(list).map(textOf).join(',')),
  ),
];

function items(list: Value): readonly Value[] {
  if (list === null) return [];
  // A single value stands for the list of it, as where an attribute has one value or several.
  return isList(list) ? list : [list];
}

function collect(value: Value, flat: Value[]): void {
  if (isList(value)) for (const one of value) collect(one, flat);
  else if (value !== null) flat.push(value);
}
