// Owns what a function of the language is: a value in a list (function-table.ts), with what it takes and where it may be called.
import type { Budget } from './budget.ts';
import type { ExpressionFacts } from './facts.ts';
import type { Value } from './values.ts';

/** Where an expression is used: the claims of a token, or the condition of a group rule, which may use less. */
export type ExpressionContext = 'claims' | 'group-rule';

/**
 * What a value depends on beyond the request itself, so that nothing else has to be read. `appuser`: whether the person has the
 * application, and by which name; `appuser-profile`: everything said of them there.
 */
export type Need = 'groups' | 'appuser' | 'appuser-profile' | 'org';

export type World = {
  facts: ExpressionFacts;
  budget: Budget;
  /** The value of an expression that is itself a value, with `group` standing for this one. */
  evaluateText(text: string, group: Value): Value;
};

export type ExpressionFunction = {
  /** As it is written, such as `String.append`. */
  name: string;
  least: number;
  most: number;
  inGroupRules: boolean;
  needs: readonly Need[];
  call(given: readonly Value[], world: World): Value;
};

type Call = ExpressionFunction['call'];

/** A function of so many arguments that a group rule may call too. */
export function everywhere(name: string, [least, most]: readonly [number, number], call: Call): ExpressionFunction {
  return { name, least, most, inGroupRules: true, needs: [], call };
}

/** A function of so many arguments for claims alone. */
export function inClaims(name: string, [least, most]: readonly [number, number], call: Call): ExpressionFunction {
  return { name, least, most, inGroupRules: false, needs: [], call };
}
