// Owns what the claims of an authorization server say in one token: which of them apply (their token, their scopes, thin or not) and
// the value of each for this person and request. Not here: keeping claims (claims.ts), the claims that every token has
// (issue-tokens.ts), and changes by an inline hook (token-hook.ts).
import { textKey } from '../base/text-key.ts';
import type { GroupsClaim } from './application-settings.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import { type ClaimSubject, gatherFacts } from './claim-facts.ts';
import { type Claim, isReservedClaimName, listClaims, SUB_EXPRESSION } from './claims.ts';
import type { Env } from './env.ts';
import { createBudget } from './expressions/budget.ts';
import { evaluateExpression } from './expressions/evaluate-expression.ts';
import { ExpressionError } from './expressions/expression-error.ts';
import type { Need } from './expressions/expression-function.ts';
import type { ExpressionFacts, GroupFacts } from './expressions/facts.ts';
import { parseExpression } from './expressions/parse-expression.ts';
import { patternOf } from './expressions/pattern.ts';
import type { Expression } from './expressions/syntax.ts';
import { toJsonValue } from './expressions/values.ts';
import { findStandardClaim, standardClaims } from './standard-claims.ts';

/** access: an access token. thin: an ID token beside one, with what is always included. fat: an ID token alone. */
export type ClaimForm = 'access' | 'thin' | 'fat' | 'userinfo';

export type ClaimsQuestion = ClaimSubject & { server: AuthorizationServer; form: ClaimForm };

/** A claim that a token might carry, whoever made it. */
export type ClaimSource = Pick<
  Claim,
  'name' | 'status' | 'scopes' | 'alwaysIncludeInToken' | 'valueType' | 'value' | 'groupFilterType' | 'system'
>;

/** Why a claim is not in a token. */
export type Absence = 'inactive' | 'scope' | 'thin' | 'no-value';

export type ClaimOutcome = {
  source: ClaimSource;
  facts: { absence: Absence } | { value: unknown } | { failure: string; tooManyGroups: boolean };
};

/** A claim has no value where it must have one: nothing is issued. */
export class ClaimFailure extends Error {
  override name = 'ClaimFailure';
  readonly claim: string;
  readonly system: boolean;
  readonly tooManyGroups: boolean;

  constructor(source: ClaimSource, error: ExpressionError) {
    super(error.message);
    this.claim = source.name;
    this.system = source.system;
    this.tooManyGroups = error.tooManyGroups;
  }
}

/** Standard claims are made of the person's profile alone. */
const NO_FACTS: ExpressionFacts = { roots: {}, account: null, groups: [], now: 0 };

const MOST_GROUPS = 100;
const MOST_EXPRESSIONS = 2000;
/** Leading members of every ID token that Okta's documents show; the rest follow in the server's own order. */
const FIRST = ['name', 'email'];

/** Claims by name; those without a value are absent. Throws ClaimFailure. */
export async function claimValues(env: Env, question: ClaimsQuestion): Promise<Record<string, unknown>> {
  const sources = (await claimSources(env, question)).filter((source) => absenceOf(source, question) === null);
  const isPlain = sources.every(({ valueType }) => valueType === 'SYSTEM');
  const facts = isPlain ? NO_FACTS : await gatherFacts(env, question, needsOf(env, sources));
  const entries = sources.map((source) => [source.name, valueOrFailure(env, source, facts, question)] as const);
  return Object.fromEntries(entries.filter(([, value]) => hasValue(value)));
}

/** The same, told claim by claim with those that are absent and why; a failure is told, not thrown. */
export async function explainClaims(env: Env, question: ClaimsQuestion): Promise<ClaimOutcome[]> {
  const sources = await claimSources(env, question);
  const facts = await gatherFacts(env, question, needsOf(env, sources));
  return sources.map((source): ClaimOutcome => {
    const absence = absenceOf(source, question);
    if (absence !== null) return { source, facts: { absence } };
    try {
      const value = valueOrFailure(env, source, facts, question);
      return { source, facts: hasValue(value) ? { value } : { absence: 'no-value' } };
    } catch (error) {
      if (error instanceof ClaimFailure)
        return { source, facts: { failure: error.message, tooManyGroups: error.tooManyGroups } };
      throw error;
    }
  });
}

/** Every claim that the server has for this kind of token, in the order in which a token carries them. */
async function claimSources(env: Env, { server, application, form }: ClaimsQuestion): Promise<ClaimSource[]> {
  if (server.kind === 'org') {
    if (form === 'access') return [subject];
    const { groupsClaim } = application.settings;
    return ordered([...orgClaims, ...(groupsClaim ? [groupsSource(groupsClaim)] : [])]);
  }
  const wanted = form === 'access' ? 'RESOURCE' : 'IDENTITY';
  const claims = (await listClaims(env, server)).filter(({ claimType }) => claimType === wanted);
  return ordered(claims.filter(({ name, system }) => system || !isReservedClaimName(wanted, name)));
}

const orgClaims: readonly ClaimSource[] = standardClaims.map(({ name, scope, always }) => ({
  name,
  status: 'ACTIVE',
  scopes: [scope],
  alwaysIncludeInToken: always,
  valueType: 'SYSTEM',
  value: null,
  groupFilterType: null,
  system: true,
}));

/** Of the access tokens of the org server, which has no claims that anybody could edit. */
const subject: ClaimSource = {
  name: 'sub',
  status: 'ACTIVE',
  scopes: [],
  alwaysIncludeInToken: true,
  valueType: 'EXPRESSION',
  value: SUB_EXPRESSION,
  groupFilterType: null,
  system: true,
};

/** What an application's Sign On settings say of groups in ID tokens of the org server. */
function groupsSource({ name, valueType, value, groupFilterType }: GroupsClaim): ClaimSource {
  const filter = (groupFilterType ?? 'REGEX') as Claim['groupFilterType'];
  return {
    name,
    status: isReservedClaimName('IDENTITY', name) ? 'INACTIVE' : 'ACTIVE',
    scopes: ['groups'],
    alwaysIncludeInToken: false,
    valueType,
    value,
    groupFilterType: valueType === 'GROUPS' ? filter : null,
    system: false,
  };
}

function ordered<T extends { name: string }>(claims: readonly T[]): T[] {
  const rank = ({ name }: T) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
  return claims.toSorted((one, other) => rank(one) - rank(other));
}

function absenceOf(source: ClaimSource, { scopes, form }: ClaimsQuestion): Absence | null {
  // Every access token has a subject, whatever became of the claim that says how it is named.
  if (source.status !== 'ACTIVE' && !isSubject(source)) return 'inactive';
  if (source.scopes.length > 0 && !source.scopes.some((scope) => scopes.includes(scope))) return 'scope';
  return form === 'thin' && !source.alwaysIncludeInToken ? 'thin' : null;
}

function isSubject({ name, system }: ClaimSource): boolean {
  return system && name === 'sub';
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function needsOf(env: Env, sources: readonly ClaimSource[]): Set<Need> {
  const needs = new Set<Need>();
  for (const source of sources) {
    if (source.valueType === 'GROUPS') needs.add('groups');
    const expression = source.valueType === 'EXPRESSION' ? expressionOf(env, source.value ?? '') : null;
    if (expression && !(expression instanceof ExpressionError)) for (const need of expression.needs) needs.add(need);
  }
  return needs;
}

function valueOrFailure(env: Env, source: ClaimSource, facts: ExpressionFacts, question: ClaimsQuestion): unknown {
  try {
    const value = valueOfClaim(env, source, facts, question);
    if (isSubject(source) && (typeof value !== 'string' || value === ''))
      throw new ExpressionError('The subject of a token is a text');
    return value;
  } catch (error) {
    if (error instanceof ExpressionError) throw new ClaimFailure(source, error);
    throw error;
  }
}

function valueOfClaim(env: Env, source: ClaimSource, facts: ExpressionFacts, { user }: ClaimsQuestion): unknown {
  switch (source.valueType) {
    case 'SYSTEM':
      return user ? findStandardClaim(source.name)?.value(user) : undefined;
    case 'GROUPS':
      return groupNames(facts.groups, source);
    case 'EXPRESSION': {
      const expression = expressionOf(env, source.value ?? '');
      if (expression instanceof ExpressionError) throw expression;
      return toJsonValue(evaluateExpression(facts, expression));
    }
  }
}

function groupNames(groups: readonly GroupFacts[], { groupFilterType, value }: ClaimSource): string[] {
  const fits = groupTest(groupFilterType, value ?? '');
  const names = groups.map(({ name }) => name).filter(fits);
  if (names.length <= MOST_GROUPS) return names;
  throw new ExpressionError(`${names.length} groups match`, { tooManyGroups: true });
}

/** Names are compared without regard to letter case, but for a regular expression, which stands for the whole name. */
function groupTest(type: Claim['groupFilterType'], value: string): (name: string) => boolean {
  if (type === 'REGEX') {
    const { size, matches } = patternOf(value);
    const budget = createBudget();
    return (name) => {
      budget.spendOnPattern(size, name.length);
      return matches(name);
    };
  }
  const wanted = textKey(value);
  if (type === 'EQUALS') return (name) => textKey(name) === wanted;
  return type === 'CONTAINS' ? (name) => textKey(name).includes(wanted) : (name) => textKey(name).startsWith(wanted);
}

/** Read once: the same texts are evaluated for every token. */
function expressionOf(env: Env, text: string): Expression | ExpressionError {
  const known = env.memory.of('claim-expressions', () => new Map<string, Expression | ExpressionError>());
  const before = known.get(text);
  if (before) return before;
  const read = readExpression(text);
  if (known.size >= MOST_EXPRESSIONS) known.clear();
  known.set(text, read);
  return read;
}

function readExpression(text: string): Expression | ExpressionError {
  try {
    return parseExpression(text, 'claims');
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
}
