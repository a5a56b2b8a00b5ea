// Owns the functions on time. A moment is a text: ISO 8601 in UTC, milliseconds since 1970 (Unix; ten or fewer digits are seconds),
// or tenths of a microsecond since 1601 (Windows and LDAP).
import { fromIso, SECOND, toIso } from '../../base/time.ts';
import { formatIso, formatTime, parseTime } from '../../base/time-pattern.ts';
import { ExpressionError } from './expression-error.ts';
import { type ExpressionFunction, inClaims } from './expression-function.ts';
import { isList, textOf, type Value } from './values.ts';

const LATEST = 8.64e15;
const UTC = 'UTC';
/** From 1601 to 1970, in milliseconds. */
const WINDOWS_EPOCH = 11_644_473_600_000n;
const TICKS = 10_000n;

export const timeFunctions: readonly ExpressionFunction[] = [
  inClaims('Time.now', [0, 2], ([zone = UTC, pattern = null], { facts }) => written(facts.now, pattern, zone)),
  from('Time.fromUnixToIso8601', (text) => {
    const number = digits(text);
    return toIso(checked(text.trim().replace('-', '').length <= 10 ? Number(number) * SECOND : Number(number)));
  }),
  from('Time.fromWindowsToIso8601', (text) => toIso(checked(Number(digits(text) / TICKS - WINDOWS_EPOCH)))),
  inClaims('Time.fromStringToIso8601', [2, 2], ([text = null, pattern = null]) =>
    text === null ? null : toIso(checked(parseTime(plain(text), plain(pattern)))),
  ),
  from('Time.fromIso8601ToUnix', (text) => String(moment(text))),
  from('Time.fromIso8601ToWindows', (text) => String((BigInt(moment(text)) + WINDOWS_EPOCH) * TICKS)),
  inClaims('Time.fromIso8601ToString', [2, 2], ([text = null, pattern = null]) =>
    text === null ? null : written(moment(plain(text)), pattern, UTC),
  ),
];

function from(name: string, convert: (text: string) => string): ExpressionFunction {
  return inClaims(name, [1, 1], ([text = null]) => (text === null ? null : convert(plain(text))));
}

function written(milliseconds: number, pattern: Value, zone: Value): string {
  const zoneId = zone === null ? UTC : plain(zone);
  const text = pattern === null ? formatIso(milliseconds, zoneId) : formatTime(milliseconds, plain(pattern), zoneId);
  if (text === null) throw new ExpressionError('The time zone or the pattern of the time is not known');
  return text;
}

function moment(text: string): number {
  return checked(fromIso(text.trim()));
}

function digits(text: string): bigint {
  if (!/^\s*-?\d{1,19}\s*$/.test(text)) throw new ExpressionError('A time is expected as a whole number');
  return BigInt(text.trim());
}

function checked(milliseconds: number | null): number {
  if (milliseconds === null || !(Math.abs(milliseconds) <= LATEST)) throw new ExpressionError('The text is not a time');
  return milliseconds;
}

function plain(value: Value): string {
  if (value === null || isList(value)) throw new ExpressionError('A text is expected');
  return textOf(value);
}
