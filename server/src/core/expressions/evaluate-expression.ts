// Owns what an expression means: its value for the facts given. It calls only functions of the table, reads only members that a
// fact names, and stops when its budget is spent. It throws nothing but ExpressionError. Not here: reading the text.
import { type Budget, createBudget } from './budget.ts';
import { ExpressionError } from './expression-error.ts';
import type { World } from './expression-function.ts';
import type { ExpressionFacts } from './facts.ts';
import { parseExpression } from './parse-expression.ts';
import { patternOf } from './pattern.ts';
import type { BinaryOperator, Expression, Node } from './syntax.ts';
import { conditionOf, equal, isList, isMap, isThing, kindOf, memberOf, textOf, type Value } from './values.ts';

const DEEPEST_TEXTS = 3;

type Scene = {
  world: World;
  budget: Budget;
  /** What a name stands for. */
  lookUp(name: string): Value;
};

/** The value of an expression. Throws ExpressionError when it has none. */
export function evaluateExpression(facts: ExpressionFacts, expression: Expression): Value {
  return evaluateRoot(facts, expression.root, createBudget(), {}, 0);
}

function evaluateRoot(
  facts: ExpressionFacts,
  root: Node,
  budget: Budget,
  more: Readonly<Record<string, Value>>,
  depth: number,
): Value {
  let inner: Expression | null = null;
  const evaluateText = (text: string, group: Value): Value => {
    if (depth >= DEEPEST_TEXTS) throw new ExpressionError('Expressions within expressions are nested too deeply');
    if (inner?.text !== text) {
      budget.spend(text.length);
      inner = parseExpression(text, 'claims');
    }
    return evaluateRoot(facts, inner.root, budget, { group }, depth + 1);
  };
  const lookUp = (name: string): Value => {
    for (const names of [more, facts.roots]) if (Object.hasOwn(names, name)) return names[name] ?? null;
    throw new ExpressionError(`There is nothing by the name '${name}' here`);
  };
  return evaluate(root, { world: { facts, budget, evaluateText }, budget, lookUp });
}

function evaluate(node: Node, scene: Scene): Value {
  scene.budget.spend(1);
  const inner = (part: Node) => evaluate(part, scene);
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'name':
      return scene.lookUp(node.name);
    case 'member': {
      const object = inner(node.object);
      return object === null && node.optional ? null : memberOf(object, node.name);
    }
    case 'index':
      return itemOf(inner(node.object), inner(node.index));
    case 'list':
      return scene.budget.list(node.items.map(inner));
    case 'map':
      return new Map(node.entries.map(([key, value]) => [key, inner(value)]));
    case 'projection':
      return project(inner(node.list), node.each, scene);
    case 'not':
      return !conditionOf(inner(node.value));
    case 'negative':
      return -numberOf(inner(node.value));
    case 'and':
      return conditionOf(inner(node.left)) && conditionOf(inner(node.right));
    case 'or':
      return conditionOf(inner(node.left)) || conditionOf(inner(node.right));
    case 'binary':
      return binary(node.operator, inner(node.left), inner(node.right), scene.budget);
    case 'choice':
      return conditionOf(inner(node.test)) ? inner(node.yes) : inner(node.no);
    case 'elvis': {
      const value = inner(node.value);
      return value === null || value === '' ? inner(node.otherwise) : value;
    }
    case 'call':
      return node.function.call(node.arguments.map(inner), scene.world);
  }
}

function itemOf(object: Value, index: Value): Value {
  if (isList(object) && typeof index === 'number') {
    const item = object[index];
    if (item === undefined) throw new ExpressionError(`The list has no item ${index}`);
    return item;
  }
  if ((isMap(object) || isThing(object)) && typeof index === 'string') return memberOf(object, index);
  throw new ExpressionError(`An item is read of ${kindOf(object)}`);
}

function project(list: Value, each: Node, scene: Scene): Value {
  if (list === null) return null;
  if (!isList(list)) throw new ExpressionError(`A projection needs a list, not ${kindOf(list)}`);
  const at = (item: Value) => evaluate(each, { ...scene, lookUp: (name) => memberOf(item, name) });
  return scene.budget.list(list.map(at));
}

function binary(operator: BinaryOperator, left: Value, right: Value, budget: Budget): Value {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case '<':
      return order(left, right) < 0;
    case '>':
      return order(left, right) > 0;
    case '<=':
      return order(left, right) <= 0;
    case '>=':
      return order(left, right) >= 0;
    case '+':
      if (typeof left === 'number' && typeof right === 'number') return finite(left + right);
      return budget.text(concatenated(left, right));
    case 'matches':
      return matches(left, right, budget);
    default:
      return arithmetic(operator, numberOf(left), numberOf(right));
  }
}

function concatenated(left: Value, right: Value): string {
  if (typeof left !== 'string' && typeof right !== 'string')
    throw new ExpressionError(`${kindOf(left)} and ${kindOf(right)} cannot be added`);
  return textOf(left) + textOf(right);
}

/** Nothing comes before everything, as in SpEL; otherwise only like is compared with like. */
function order(left: Value, right: Value): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left < right ? -1 : Number(left > right);
  throw new ExpressionError(`${kindOf(left)} cannot be compared with ${kindOf(right)}`);
}

function matches(text: Value, pattern: Value, budget: Budget): boolean {
  if (text === null) return false;
  const { size, matches } = patternOf(textOf(pattern));
  const input = textOf(text);
  budget.spendOnPattern(size, input.length);
  return matches(input);
}

/** Whole numbers are divided as whole numbers. */
function arithmetic(operator: '-' | '*' | '/' | '%', left: number, right: number): number {
  if (operator === '-') return finite(left - right);
  if (operator === '*') return finite(left * right);
  if (operator === '%') return finite(left % right);
  const quotient = finite(left / right);
  return Number.isInteger(left) && Number.isInteger(right) ? Math.trunc(quotient) : quotient;
}

function numberOf(value: Value): number {
  if (typeof value !== 'number') throw new ExpressionError(`A number is expected, not ${kindOf(value)}`);
  return value;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new ExpressionError('The number has no value');
  return value;
}
