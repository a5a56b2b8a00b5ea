// Owns reading an expression: its text becomes a tree of allowed nodes and known functions, or an ExpressionError says why not.
// Nothing is evaluated, and nothing but what is listed here gets through. Not here: the parser's settings (dialect.ts).
import { type Parsed, PROJECTION, readSyntax } from './dialect.ts';
import { ExpressionError } from './expression-error.ts';
import type { ExpressionContext, Need } from './expression-function.ts';
import { findFunction } from './function-table.ts';
import {
  type BinaryOperator,
  binaryOperators,
  DEEPEST_EXPRESSION,
  type Expression,
  LONGEST_EXPRESSION,
  MOST_NODES,
  type Node,
} from './syntax.ts';

const OR = ['||', 'OR', 'or'];
const AND = ['&&', 'AND', 'and'];
const WORDS: Readonly<Record<string, null | boolean>> = { null: null, true: true, false: false };

/** What a group rule may speak of: the person alone. */
const GROUP_RULE_NAMES = ['user'];

type Reading = { texts: readonly string[]; context: ExpressionContext; needs: Set<Need>; nodes: number };

/** Reads an expression for claims or for a group rule, which may use less. Throws ExpressionError. */
export function parseExpression(text: string, context: ExpressionContext): Expression {
  if (text.length > LONGEST_EXPRESSION)
    throw new ExpressionError(`An expression has at most ${LONGEST_EXPRESSION} characters`);
  const { tree, texts } = readSyntax(text);
  const reading: Reading = { texts, context, needs: new Set(), nodes: 0 };
  return { text, context, root: toNode(tree, reading, 0), needs: reading.needs };
}

function toNode(tree: unknown, reading: Reading, depth: number): Node {
  if (depth > DEEPEST_EXPRESSION) throw new ExpressionError('The expression is nested too deeply');
  if (++reading.nodes > MOST_NODES) throw new ExpressionError(`An expression has at most ${MOST_NODES} parts`);
  if (!isParsed(tree)) throw new ExpressionError('A part of the expression is missing');
  const inner = (part: unknown) => toNode(part, reading, depth + 1);
  switch (tree.type) {
    case 'Literal':
      return { kind: 'literal', value: numberOf(tree.value) };
    case 'Identifier':
      return nameNode(String(tree.name), reading);
    case 'MemberExpression':
      return memberNode(tree, reading, inner);
    case 'CallExpression':
      return callNode(tree, reading, inner);
    case 'UnaryExpression':
      return { kind: tree.operator === '!' ? 'not' : 'negative', value: inner(tree.argument) };
    case 'BinaryExpression':
      return binaryNode(tree, reading, inner);
    case 'ConditionalExpression':
      return { kind: 'choice', test: inner(tree.test), yes: inner(tree.consequent), no: inner(tree.alternate) };
    case 'Elvis':
      return { kind: 'elvis', value: inner(tree.value), otherwise: inner(tree.otherwise) };
    case 'List':
      return { kind: 'list', items: partsOf(tree.items).map(inner) };
    case 'Map':
      return mapNode(tree, reading, inner);
    default:
      throw new ExpressionError('The expression is not one value, or uses what the language does not have');
  }
}

function nameNode(name: string, reading: Reading): Node {
  const text = textAt(name, reading);
  if (text !== null) return { kind: 'literal', value: text };
  const word = name.toLowerCase();
  if (Object.hasOwn(WORDS, word)) return { kind: 'literal', value: WORDS[word] ?? null };
  if (reading.context === 'group-rule' && !GROUP_RULE_NAMES.includes(name))
    throw new ExpressionError(`A group rule cannot use '${name}'`);
  if (name === 'appuser') reading.needs.add('appuser-profile');
  if (name === 'org') reading.needs.add(name);
  return { kind: 'name', name };
}

function memberNode(tree: Parsed, reading: Reading, inner: (part: unknown) => Node): Node {
  const { object, property, computed } = tree;
  if (isAppUser(object, reading) && !computed && identifier(property) === 'userName')
    return { kind: 'member', object: appUser(reading), name: 'userName', optional: !!tree.optional };
  if (!computed)
    return { kind: 'member', object: inner(object), name: identifier(property), optional: !!tree.optional };
  if (isParsed(object) && object.type === 'MemberExpression' && !object.computed)
    if (isParsed(object.property) && object.property.name === PROJECTION)
      return { kind: 'projection', list: inner(object.object), each: inner(property) };
  return { kind: 'index', object: inner(object), index: inner(property) };
}

function callNode(tree: Parsed, reading: Reading, inner: (part: unknown) => Node): Node {
  const name = calledName(tree.callee);
  const called = findFunction(name);
  if (!called) throw new ExpressionError(`There is no function '${name}'`);
  if (reading.context === 'group-rule' && !called.inGroupRules)
    throw new ExpressionError(`A group rule cannot use the function '${name}'`);
  const given = partsOf(tree.arguments);
  const { least, most } = called;
  if (given.length < least || given.length > most)
    throw new ExpressionError(`The function '${name}' does not take ${given.length} arguments`);
  for (const need of called.needs) reading.needs.add(need);
  return { kind: 'call', function: called, arguments: given.map(inner) };
}

/** `isMemberOfGroup`, `String.append`, `user.getGroups`: names, never a value that is computed. */
function calledName(callee: unknown): string {
  if (isParsed(callee) && callee.type === 'Identifier') return identifier(callee);
  if (isParsed(callee) && callee.type === 'MemberExpression' && !callee.computed && !callee.optional)
    if (isParsed(callee.object) && callee.object.type === 'Identifier')
      return `${identifier(callee.object)}.${identifier(callee.property)}`;
  throw new ExpressionError('Only named functions can be called');
}

function binaryNode(tree: Parsed, reading: Reading, inner: (part: unknown) => Node): Node {
  const operator = String(tree.operator);
  const compares = operator === '==' || operator === '!=';
  const [left, right] = [tree.left, tree.right].map((side) =>
    compares && isAppUser(side, reading) ? appUser(reading) : inner(side),
  ) as [Node, Node];
  if (OR.includes(operator)) return { kind: 'or', left, right };
  if (AND.includes(operator)) return { kind: 'and', left, right };
  if (!isBinaryOperator(operator)) throw new ExpressionError(`There is no operator '${operator}'`);
  return { kind: 'binary', operator, left, right };
}

// Most claims ask only whether there is an appuser, and for its name, which takes less to read than all of it.
function isAppUser(tree: unknown, { context }: Reading): boolean {
  return context === 'claims' && isParsed(tree) && tree.type === 'Identifier' && tree.name === 'appuser';
}

function appUser(reading: Reading): Node {
  reading.needs.add('appuser');
  return { kind: 'name', name: 'appuser' };
}

function mapNode(tree: Parsed, reading: Reading, inner: (part: unknown) => Node): Node {
  const values = partsOf(tree.values);
  const entries = partsOf(tree.keys).map((key, index): [string, Node] => {
    const text = isParsed(key) && key.type === 'Identifier' ? textAt(String(key.name), reading) : null;
    return [text ?? identifier(key), inner(values[index])];
  });
  return { kind: 'map', entries };
}

function textAt(name: string, { texts }: Reading): string | null {
  return name.startsWith('$') ? (texts[Number(name.slice(1))] ?? null) : null;
}

function identifier(tree: unknown): string {
  const name = isParsed(tree) && tree.type === 'Identifier' ? String(tree.name) : '$';
  if (name.startsWith('$')) throw new ExpressionError('A name is expected');
  return name;
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new ExpressionError('A number is too large');
  return value;
}

function partsOf(list: unknown): unknown[] {
  return Array.isArray(list) ? list : [];
}

function isParsed(tree: unknown): tree is Parsed {
  return typeof tree === 'object' && tree !== null && 'type' in tree && typeof tree.type === 'string';
}

function isBinaryOperator(operator: string): operator is BinaryOperator {
  return binaryOperators.some((known) => known === operator);
}
