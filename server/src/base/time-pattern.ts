// Owns time written by a pattern of letters, such as `yyyy-MM-dd HH:mm:ss` (the letters of Joda-Time and java.time), in any time
// zone. Not here: ISO 8601 (time.ts).
import { DAY, HOUR, MINUTE } from './time.ts';

/** Letters of a pattern that this module knows; a pattern with another one is no pattern. */
type Token = { letter: string; count: number } | { text: string };

type Fields = {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
  millisecond: number;
  /** Milliseconds east of UTC. */
  offset: number;
};

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const LETTERS = 'yYuMdDEeaHhKkmsSzZ';
const LATEST = 8.64e15;
const LONGEST_PATTERN = 100;
const MOST_ZONES = 600;

const zones = new Map<string, Intl.DateTimeFormat>();

/** The moment (epoch milliseconds) in this pattern and zone; null when one of them means nothing. */
export function formatTime(milliseconds: number, pattern: string, zone: string): string | null {
  const tokens = tokensOf(pattern);
  const fields = fieldsIn(milliseconds, zone);
  if (!tokens || !fields) return null;
  return tokens.map((token) => ('text' in token ? token.text : formatField(token, fields, zone))).join('');
}

/** `2015-07-31T13:30:49.964-04:00`, or with Z in UTC; null for an unknown zone. */
export function formatIso(milliseconds: number, zone: string): string | null {
  const fields = fieldsIn(milliseconds, zone);
  if (!fields) return null;
  const day = `${padded(fields.year, 4)}-${padded(fields.month, 2)}-${padded(fields.day, 2)}`;
  const time = `${padded(fields.hour, 2)}:${padded(fields.minute, 2)}:${padded(fields.second, 2)}`;
  const offset = fields.offset === 0 ? 'Z' : offsetText(fields.offset, ':');
  return `${day}T${time}.${padded(fields.millisecond, 3)}${offset}`;
}

/** Epoch milliseconds of a text in this pattern, in UTC unless it names an offset; null when it does not fit. */
export function parseTime(text: string, pattern: string): number | null {
  const tokens = tokensOf(pattern);
  return tokens && parseTokens(text, tokens);
}

function fieldsIn(milliseconds: number, zone: string): Fields | null {
  if (!(Math.abs(milliseconds) <= LATEST - DAY)) return null;
  const format = zoneFormat(zone);
  if (!format) return null;
  const parts = new Map(format.formatToParts(milliseconds).map(({ type, value }) => [type, Number(value)]));
  const at = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  const millisecond = ((milliseconds % 1000) + 1000) % 1000;
  const local = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'), millisecond);
  return {
    year: at('year'),
    month: at('month'),
    day: at('day'),
    hour: at('hour'),
    minute: at('minute'),
    second: at('second'),
    millisecond,
    offset: local - milliseconds,
  };
}

function zoneFormat(zone: string): Intl.DateTimeFormat | null {
  const known = zones.get(zone);
  if (known) return known;
  if (!/^[A-Za-z0-9_+\-/:]{1,64}$/.test(zone)) return null;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    if (zones.size >= MOST_ZONES) zones.clear();
    zones.set(zone, format);
    return format;
  } catch {
    return null;
  }
}

/** Runs of one letter; what is in single quotes, or is no letter, stands for itself. */
function tokensOf(pattern: string): Token[] | null {
  if (pattern.length > LONGEST_PATTERN) return null;
  const tokens: Token[] = [];
  for (const [run, quoted] of pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']/g)) {
    if (quoted !== undefined) tokens.push({ text: quoted === '' ? "'" : quoted.replaceAll("''", "'") });
    else if (!/[A-Za-z]/.test(run)) tokens.push({ text: run });
    else if (LETTERS.includes(run.charAt(0))) tokens.push({ letter: run.charAt(0), count: run.length });
    else return null;
  }
  return (pattern.match(/'/g)?.length ?? 0) % 2 === 0 ? tokens : null;
}

function formatField({ letter, count }: { letter: string; count: number }, fields: Fields, zone: string): string {
  const weekday = new Date(Date.UTC(fields.year, fields.month - 1, fields.day)).getUTCDay();
  switch (letter) {
    case 'M':
      return count < 3 ? padded(fields.month, count) : nameOf(MONTHS, fields.month - 1, count);
    case 'E':
      return nameOf(DAYS, weekday, count);
    case 'a':
      return fields.hour < 12 ? 'AM' : 'PM';
    case 'S':
      return padded(fields.millisecond, 3).padEnd(count, '0').slice(0, count);
    case 'z':
      return zone;
    case 'Z':
      return count >= 3 ? zone : offsetText(fields.offset, count === 2 ? ':' : '');
    case 'y':
    case 'Y':
    case 'u':
      return count === 2 ? padded(fields.year % 100, 2) : padded(fields.year, count);
    default:
      return padded(numberField(letter, fields, weekday), count);
  }
}

function numberField(letter: string, fields: Fields, weekday: number): number {
  const { year, month, day, hour, minute, second } = fields;
  const values: Record<string, number> = {
    d: day,
    D: (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 1)) / DAY + 1,
    e: weekday || 7,
    H: hour,
    k: hour || 24,
    K: hour % 12,
    h: hour % 12 || 12,
    m: minute,
    s: second,
  };
  return values[letter] ?? 0;
}

function nameOf(names: readonly string[], index: number, count: number): string {
  const name = names[index] ?? '';
  return count > 3 ? name : name.slice(0, 3);
}

function offsetText(offset: number, separator: string): string {
  const minutes = Math.round(Math.abs(offset) / MINUTE);
  return `${offset < 0 ? '-' : '+'}${padded(Math.floor(minutes / 60), 2)}${separator}${padded(minutes % 60, 2)}`;
}

function padded(value: number, length: number): string {
  return String(value).padStart(length, '0');
}

function parseTokens(text: string, tokens: readonly Token[]): number | null {
  const found: Record<string, number> = {};
  let rest = text;
  for (const [index, token] of tokens.entries()) {
    const taken = 'text' in token ? takeText(rest, token.text) : takeField(rest, token, tokens[index + 1], found);
    if (taken === null) return null;
    rest = rest.slice(taken);
  }
  return rest === '' ? momentOf(found) : null;
}

function takeText(rest: string, text: string): number | null {
  return rest.startsWith(text) ? text.length : null;
}

/** Notes the field and answers how many characters it took; null: it is not there. */
function takeField(
  rest: string,
  { letter, count }: { letter: string; count: number },
  next: Token | undefined,
  found: Record<string, number>,
): number | null {
  if (letter === 'a') return takeName(rest, ['AM', 'PM'], 2, 'a', found);
  if (letter === 'E') return takeName(rest, DAYS, 3, 'E', found);
  if (letter === 'M' && count >= 3) return takeName(rest, MONTHS, 3, 'M', found);
  if (letter === 'z' || letter === 'Z') return takeOffset(rest, found);
  const most = next && 'letter' in next ? count : letter === 'S' ? 9 : /[yYu]/.test(letter) ? Math.max(count, 4) : 3;
  const digits = new RegExp(`^\\d{1,${most}}`).exec(rest)?.[0];
  if (digits === undefined) return null;
  const number = Number(digits);
  if (letter === 'S') found.S = Math.floor(Number(`0.${digits}`) * 1000);
  else if (/[yYu]/.test(letter)) found.y = count === 2 && digits.length <= 2 ? 2000 + number : number;
  else found[letter] = number;
  return digits.length;
}

/** Names count in full or by their beginning, in any letter case. */
function takeName(
  rest: string,
  names: readonly string[],
  short: number,
  letter: string,
  found: Record<string, number>,
): number | null {
  const lower = rest.toLowerCase();
  for (const [index, name] of names.entries()) {
    const length = [name.length, short].find((many) => lower.startsWith(name.slice(0, many).toLowerCase()));
    if (length === undefined) continue;
    found[letter] = letter === 'M' ? index + 1 : index;
    return length;
  }
  return null;
}

function takeOffset(rest: string, found: Record<string, number>): number | null {
  const utc = /^(Z|UTC|GMT)/.exec(rest)?.[0];
  if (utc !== undefined) return utc.length;
  const [whole, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})/.exec(rest) ?? [];
  if (whole === undefined) return null;
  found.offset = (sign === '-' ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE);
  return whole.length;
}

function momentOf(found: Record<string, number>): number | null {
  const { y = 1970, m = 0, s = 0, S = 0, offset = 0 } = found;
  const month = found.D === undefined ? (found.M ?? 1) : 1;
  const day = found.D ?? found.d ?? 1;
  const hour = hourOf(found);
  if (month < 1 || month > 12 || hour > 23 || m > 59 || s > 59) return null;
  const midnight = new Date(0);
  midnight.setUTCFullYear(y, month - 1, day);
  // A day that the month has not rolls over.
  if (found.D === undefined && midnight.getUTCDate() !== day) return null;
  return midnight.getTime() + hour * HOUR + m * MINUTE + s * 1000 + S - offset;
}

function hourOf({ H, k, h, K, a }: Record<string, number>): number {
  if (H !== undefined) return H;
  if (k !== undefined) return k % 24;
  const half = h === undefined ? (K ?? 0) : h % 12;
  return half + (a === 1 ? 12 : 0);
}
