// Owns the grammar of `filter` and `search`: SCIM's (RFC 7644 section 3.4.2.2) without `not` and value paths. Text to a tree.
// Not here: which attributes and operators a list knows, and SQL (core/filter.ts).

export type FilterOperator = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'sw' | 'co' | 'ew' | 'pr';
export type FilterValue = string | number | boolean | null;

export type FilterTest = {
  kind: 'test';
  /** As written: attribute names keep their case. */
  attribute: string;
  operator: FilterOperator;
  /** null for `pr`. */
  value: FilterValue;
};

export type Filter = FilterTest | { kind: 'and' | 'or'; parts: readonly Filter[] };

const OPERATORS: readonly string[] = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sw', 'co', 'ew'] satisfies FilterOperator[];

// Bounds on what a caller can make the parser and the database do.
const MOST_CHARACTERS = 16_384;
const MOST_TESTS = 500;
const DEEPEST = 20;

type Token = { kind: 'word' | 'value' | '(' | ')'; text: string; value: FilterValue };

/** The tree of a filter, `and` binding tighter than `or`; null when the text is not a filter or is too large for one. */
export function parseFilterExpression(text: string): Filter | null {
  if (text.length > MOST_CHARACTERS) return null;
  const tokens = tokenize(text);
  if (!tokens) return null;
  const state: State = { tokens, at: 0, tests: 0 };
  const filter = parseOr(state, 0);
  return filter !== null && state.at === tokens.length ? filter : null;
}

// A word: an attribute path, an operator, or a bare JSON literal. A string is a JSON string.
const TOKEN = /\s*(?:([()])|("(?:[^"\\]|\\.)*")|([^\s()"]+))/y;
const ATTRIBUTE = /^[A-Za-z_$][\w$.:-]*$/;
const NUMBER = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  const rest = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const match = TOKEN.exec(rest);
    if (!match) return null;
    const [, bracket, quoted, word] = match;
    if (bracket === '(' || bracket === ')') tokens.push({ kind: bracket, text: bracket, value: null });
    else if (quoted !== undefined) {
      const value = jsonString(quoted);
      if (value === null) return null;
      tokens.push({ kind: 'value', text: quoted, value });
    } else if (word !== undefined) tokens.push({ kind: 'word', text: word, value: null });
  }
  return tokens;
}

function jsonString(quoted: string): string | null {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return null;
  }
}

type State = { tokens: readonly Token[]; at: number; tests: number };

function parseOr(state: State, depth: number): Filter | null {
  return parseJoined(state, 'or', () => parseJoined(state, 'and', () => parseFactor(state, depth)));
}

function parseJoined(state: State, joint: 'and' | 'or', parsePart: () => Filter | null): Filter | null {
  const parts: Filter[] = [];
  do {
    const part = parsePart();
    if (part === null) return null;
    parts.push(part);
  } while (takeKeyword(state, joint));
  const [first] = parts;
  return parts.length === 1 && first ? first : { kind: joint, parts };
}

function parseFactor(state: State, depth: number): Filter | null {
  const token = take(state);
  if (token?.kind === 'word') return parseTest(state, token.text);
  if (token?.kind !== '(' || depth >= DEEPEST) return null;
  const inner = parseOr(state, depth + 1);
  return inner !== null && take(state)?.kind === ')' ? inner : null;
}

function parseTest(state: State, attribute: string): Filter | null {
  const operator = take(state)?.text.toLowerCase();
  if (!ATTRIBUTE.test(attribute) || operator === undefined || ++state.tests > MOST_TESTS) return null;
  if (operator === 'pr') return { kind: 'test', attribute, operator, value: null };
  if (!OPERATORS.includes(operator)) return null;
  const value = literal(take(state));
  return value === undefined ? null : { kind: 'test', attribute, operator: operator as FilterOperator, value };
}

function literal(token: Token | undefined): FilterValue | undefined {
  if (token?.kind === 'value') return token.value;
  if (token?.kind !== 'word') return undefined;
  if (NUMBER.test(token.text)) return Number(token.text);
  return new Map<string, FilterValue>([
    ['true', true],
    ['false', false],
    ['null', null],
  ]).get(token.text);
}

function take(state: State): Token | undefined {
  return state.tokens[state.at++];
}

function takeKeyword(state: State, keyword: string): boolean {
  const token = state.tokens[state.at];
  if (token?.kind !== 'word' || token.text.toLowerCase() !== keyword) return false;
  state.at++;
  return true;
}
