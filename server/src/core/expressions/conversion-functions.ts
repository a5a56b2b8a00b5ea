// Owns the functions that turn texts into numbers and country codes into each other.
import { countryOf } from './countries.ts';
import { ExpressionError } from './expression-error.ts';
import { type ExpressionFunction, inClaims } from './expression-function.ts';
import { kindOf, type Value } from './values.ts';

const LARGEST_INTEGER = 2 ** 31 - 1;

export const conversionFunctions: readonly ExpressionFunction[] = [
  inClaims('Convert.toInt', [1, 1], ([value = null]) => (value === null ? null : integer(numeric(value)))),
  inClaims('Convert.toNum', [1, 1], ([value = null]) => (value === null ? null : numeric(value))),
  inClaims('Iso3166Convert.toAlpha2', [1, 1], ([code = null]) => find(code)?.alpha2 ?? null),
  inClaims('Iso3166Convert.toAlpha3', [1, 1], ([code = null]) => find(code)?.alpha3 ?? null),
  inClaims('Iso3166Convert.toNumeric', [1, 1], ([code = null]) => find(code)?.numeric ?? null),
  inClaims('Iso3166Convert.toName', [1, 1], ([code = null]) => find(code)?.name ?? null),
];

function numeric(value: Value): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*[-+]?(\d{1,300}(\.\d{0,300})?|\.\d{1,300})(e[-+]?\d{1,3})?\s*$/i.test(value))
    throw new ExpressionError(`${kindOf(value)} is not a number`);
  const number = Number(value);
  if (!Number.isFinite(number)) throw new ExpressionError('The number is too large');
  return number;
}

function integer(value: number): number {
  // Half is rounded away from zero.
  const rounded = Math.sign(value) * Math.round(Math.abs(value));
  if (Math.abs(rounded) > LARGEST_INTEGER) throw new ExpressionError('The number is too large for an integer');
  return rounded === 0 ? 0 : rounded;
}

function find(code: Value) {
  if (code === null) return null;
  if (typeof code !== 'string' && typeof code !== 'number')
    throw new ExpressionError(`A country code is expected, not ${kindOf(code)}`);
  return countryOf(typeof code === 'number' ? String(code).padStart(3, '0') : code);
}
