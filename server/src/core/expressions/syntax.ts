// Owns how an expression is written down once it is read: a tree of a dozen kinds of nodes, and the limits of such a tree.
// Not here: text (parse-expression.ts) and meaning (evaluate-expression.ts).
import type { ExpressionContext, ExpressionFunction, Need } from './expression-function.ts';

export type Node =
  | { kind: 'literal'; value: null | boolean | number | string }
  /** A root object such as `user`, or a member of the item that a projection stands at. */
  | { kind: 'name'; name: string }
  | { kind: 'member'; object: Node; name: string; optional: boolean }
  | { kind: 'index'; object: Node; index: Node }
  | { kind: 'list'; items: Node[] }
  | { kind: 'map'; entries: [key: string, value: Node][] }
  | { kind: 'projection'; list: Node; each: Node }
  | { kind: 'not'; value: Node }
  | { kind: 'negative'; value: Node }
  | { kind: 'and' | 'or'; left: Node; right: Node }
  | { kind: 'binary'; operator: BinaryOperator; left: Node; right: Node }
  | { kind: 'choice'; test: Node; yes: Node; no: Node }
  | { kind: 'elvis'; value: Node; otherwise: Node }
  | { kind: 'call'; function: ExpressionFunction; arguments: Node[] };

export const binaryOperators = ['==', '!=', '<', '>', '<=', '>=', '+', '-', '*', '/', '%', 'matches'] as const;
export type BinaryOperator = (typeof binaryOperators)[number];

export type Expression = {
  text: string;
  context: ExpressionContext;
  root: Node;
  needs: ReadonlySet<Need>;
};

/** Characters. Claims allow 1024 by their own limit. */
export const LONGEST_EXPRESSION = 4096;
export const DEEPEST_EXPRESSION = 128;
export const MOST_NODES = 2000;
