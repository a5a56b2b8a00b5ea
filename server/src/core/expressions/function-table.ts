// Owns the list of all functions of the language. A function that is not in it does not exist.
import { arrayFunctions } from './array-functions.ts';
import { conversionFunctions } from './conversion-functions.ts';
import type { ExpressionFunction } from './expression-function.ts';
import { groupFunctions } from './group-functions.ts';
import { stringFunctions } from './string-functions.ts';
import { timeFunctions } from './time-functions.ts';

export const functions: readonly ExpressionFunction[] = [
  ...stringFunctions,
  ...arrayFunctions,
  ...conversionFunctions,
  ...timeFunctions,
  ...groupFunctions,
];

const byName: ReadonlyMap<string, ExpressionFunction> = new Map(functions.map((one) => [one.name, one]));

export function findFunction(name: string): ExpressionFunction | null {
  return byName.get(name) ?? null;
}
