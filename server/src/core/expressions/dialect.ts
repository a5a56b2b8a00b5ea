// Owns reading an expression's text into the parser's own tree. The parser (jsep) knows JavaScript's expressions; this is what the
// language has otherwise (it follows SpEL): texts with doubled quotes and no escapes, `{…}` for lists and maps, `.![…]` for a
// projection, `?:` for a default, AND and OR in letters. Not here: what of it is allowed (parse-expression.ts).
import jsep from 'jsep';
import { ExpressionError } from './expression-error.ts';

export type Parsed = jsep.Expression;

export type SyntaxTree = {
  tree: Parsed;
  /** The texts in quotes: an identifier `$0` stands for the first. */
  texts: readonly string[];
};

/** The member name that stands for `!` in `.![…]`. Nobody can write it: a `$` outside of quotes is refused. */
export const PROJECTION = '$each';

const DEEPEST_BRACKETS = 100;

let ready = false;

/** Throws ExpressionError where the text is no expression. */
export function readSyntax(text: string): SyntaxTree {
  if (!ready) configure();
  ready = true;
  const { code, texts } = withoutTexts(text);
  checkBrackets(code);
  // The parser skips separators that separate nothing.
  if (/;|^\s*,|,\s*$/.test(code)) throw new ExpressionError('An expression is one value');
  try {
    return { tree: jsep(code.replaceAll(/\.\s*!\s*\[/g, `.${PROJECTION}[`)), texts };
  } catch (error) {
    if (error instanceof ExpressionError) throw error;
    throw new ExpressionError(`The expression cannot be read${placeOf(error)}`);
  }
}

/** Sets what is in quotes apart, so that nothing in it looks like syntax. */
function withoutTexts(text: string): { code: string; texts: string[] } {
  const texts: string[] = [];
  let code = '';
  let at = 0;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '$') throw new ExpressionError("The character '$' has no meaning in an expression");
    if (character !== '"' && character !== "'") {
      code += character;
      at++;
      continue;
    }
    const { value, end } = quoted(text, at);
    code += ` $${texts.length} `;
    texts.push(value);
    at = end;
  }
  return { code, texts };
}

/** Within quotes, the quote itself is written twice. */
function quoted(text: string, start: number): { value: string; end: number } {
  const quote = text.charAt(start);
  let value = '';
  let from = start + 1;
  for (;;) {
    const end = text.indexOf(quote, from);
    if (end === -1) throw new ExpressionError('A quotation mark is missing');
    value += text.slice(from, end);
    if (text.charAt(end + 1) !== quote) return { value, end: end + 1 };
    value += quote;
    from = end + 2;
  }
}

// The parser calls itself for every bracket.
function checkBrackets(code: string): void {
  let depth = 0;
  for (const character of code) {
    if ('([{'.includes(character)) depth++;
    else if (')]}'.includes(character)) depth--;
    if (depth > DEEPEST_BRACKETS) throw new ExpressionError('The expression is nested too deeply');
  }
}

function placeOf(error: unknown): string {
  const description = error instanceof Error && 'description' in error ? String(error.description) : '';
  return description === '' ? '' : `: ${description.replaceAll(/\$\d+/g, 'text')}`;
}

function configure(): void {
  jsep.removeAllUnaryOps();
  jsep.removeAllBinaryOps();
  jsep.removeAllLiterals();
  jsep.this_str = '';
  for (const operator of ['!', '-']) jsep.addUnaryOp(operator);
  const precedence: [string[], number][] = [
    [['||', 'OR', 'or'], 1],
    [['&&', 'AND', 'and'], 2],
    [['==', '!=', '<', '>', '<=', '>=', 'matches'], 3],
    [['+', '-'], 4],
    [['*', '/', '%'], 5],
  ];
  for (const [operators, rank] of precedence) for (const operator of operators) jsep.addBinaryOp(operator, rank);
  jsep.hooks.add('after-expression', elvis, true);
  jsep.hooks.add('gobble-token', braces);
}

/** `value ?: otherwise`. It comes before the parser's own `? :`. */
function elvis(this: jsep.HookScope, env: { node?: Parsed }): void {
  if (!env.node || this.expr.slice(this.index, this.index + 2) !== '?:') return;
  this.index += 2;
  const otherwise = this.gobbleExpression();
  if (!otherwise) this.throwError('Something is missing after ?:');
  env.node = { type: 'Elvis', value: env.node, otherwise };
}

/** `{1, 2}` is a list, `{'a': 1}` a map, `{}` the empty list, `{:}` the empty map. */
function braces(this: jsep.HookScope, env: { node?: Parsed }): void {
  const takes = (character: string): boolean => {
    this.gobbleSpaces();
    const found = this.char === character;
    if (found) this.index++;
    return found;
  };
  if (!takes('{')) return;
  const items: Parsed[] = [];
  const values: Parsed[] = [];
  const emptyMap = takes(':');
  if (!emptyMap && !takes('}')) {
    do {
      const item = this.gobbleExpression();
      if (!item) this.throwError('An item of a list is missing');
      items.push(item);
      const value = takes(':') ? this.gobbleExpression() : undefined;
      if (value) values.push(value);
    } while (takes(','));
    if (!takes('}') || (values.length !== 0 && values.length !== items.length))
      this.throwError('A list or map is not closed');
  }
  if (emptyMap && !takes('}')) this.throwError('A map is not closed');
  const isMap = emptyMap || values.length > 0;
  const node: Parsed = isMap ? { type: 'Map', keys: items, values } : { type: 'List', items };
  env.node = this.gobbleTokenProperty(node);
}
