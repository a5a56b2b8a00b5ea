// Owns the expressions of profile mappings: which may be used, and what they make of a profile. Not here: which attribute has which
// (profile-mappings.ts).
import type { Env } from './env.ts';
import { evaluateExpression } from './expressions/evaluate-expression.ts';
import { ExpressionError } from './expressions/expression-error.ts';
import { parseExpression } from './expressions/parse-expression.ts';
import { thingOf, toJsonValue } from './expressions/values.ts';

/** Expressions by the attribute that they are for; null: mapped from nothing. */
export type Mapping = Readonly<Record<string, string | null>>;

/** What an expression calls the profile that is mapped. */
export type MappingRoot = 'user' | 'appuser';

/** Null when the expression can be used: it reads, and speaks of nothing but the profile that is mapped. */
export function objectionToMapping(expression: string, root: MappingRoot): string | null {
  try {
    const { root: tree, needs } = parseExpression(expression, 'claims');
    const others = namesIn(tree).filter((name) => name !== root);
    if (others.length > 0) return `There is nothing by the name '${others[0]}' here`;
    return needs.has('groups') || needs.has('org') ? 'A mapping can use neither groups nor the organization' : null;
  } catch (error) {
    if (error instanceof ExpressionError) return error.message;
    throw error;
  }
}

/** Null where the expression has no value for this profile. */
export function mappedValue(
  env: Env,
  expression: string,
  root: MappingRoot,
  profile: Readonly<Record<string, unknown>>,
): unknown {
  const facts = { roots: { [root]: thingOf(root, profile) }, account: null, groups: [], now: env.now() };
  try {
    return toJsonValue(evaluateExpression(facts, parseExpression(expression, 'claims'))) ?? null;
  } catch (error) {
    if (error instanceof ExpressionError) return null;
    throw error;
  }
}

function namesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(namesIn);
  if (typeof part !== 'object' || part === null) return [];
  const { function: _, ...members } = part as { function?: unknown; kind?: unknown; name?: unknown };
  return members.kind === 'name' ? [String(members.name)] : Object.values(members).flatMap(namesIn);
}
