// Owns where somebody who wants to sign in is sent: the first routing rule that fits who they say they are, the application, the
// network and the device names identity providers, or this server itself. It decides convenience, not access: sign-on policies do
// that. Not here: going there (sign-in/).
import { textKey } from '../../base/text-key.ts';
import { prepared } from '../../storage/prepared.ts';
import type { Application } from '../applications.ts';
import type { Env } from '../env.ts';
import { ExpressionError } from '../expressions/expression-error.ts';
import { patternOf } from '../expressions/pattern.ts';
import { usableProviders } from '../external-sign-in/provider-terms.ts';
import { findUserByLogin } from '../users.ts';
import { platformOf } from './device-platform.ts';
import { isObject, type Json } from './policy-defaults.ts';
import { isFromNetwork } from './session-policy.ts';

export type SignInRoute =
  /** A rule depends on who the person is: ask that first. */
  | { kind: 'ask' }
  | { kind: 'away'; providerId: string }
  /** `offered`: the providers to choose from; null: all. `password`: whether this server's own password is a choice. */
  | { kind: 'page'; password: boolean; offered: readonly string[] | null };

export type Arrival = {
  /** What the person typed, or the application told; null: not known yet. */
  identifier: string | null;
  application: Pick<Application, 'id' | 'name'> | null;
};

const EVERYTHING: SignInRoute = { kind: 'page', password: true, offered: null };

type Rule = { conditions: Json; actions: Json };
type Provider = { id: string; name: string };

/** Null: the org has no routing rules. */
export async function signInRoute(env: Env, arrival: Arrival): Promise<SignInRoute | null> {
  const rules = await routingRules(env);
  if (rules.length === 0) return null;
  const usable = await usableProviders(env);
  for (const { conditions, actions } of rules) {
    if (!isForApplication(conditions.app, arrival) || !isForPlatform(env, conditions.platform)) continue;
    if (!(await isFromNetwork(env, conditions.network))) continue;
    const asksWho =
      patternsOf(conditions.userIdentifier).length > 0 || choiceOf(actions).idpSelectionType === 'DYNAMIC';
    if (asksWho && arrival.identifier === null) return { kind: 'ask' };
    if (!(await isMeant(env, conditions.userIdentifier, arrival.identifier ?? ''))) continue;
    const route = routeBy(actions, usable, arrival.identifier ?? '');
    if (route !== null) return route;
  }
  return EVERYTHING;
}

/** Those that administrators made; the system's last rule sends nobody anywhere. */
async function routingRules(env: Env): Promise<Rule[]> {
  return (await activeRules(env.db, { type: 'IDP_DISCOVERY', status: 'ACTIVE', system: 0 })).map(
    ({ conditions, actions }) => ({
      conditions: isObject(conditions) ? conditions : {},
      actions: isObject(actions) ? actions : {},
    }),
  );
}

// Every sign-in page asks.
const activeRules = prepared((db, { type, status, system }: { type: string; status: string; system: number }) =>
  db
    .selectFrom('policy_rules')
    .innerJoin('policies', 'policies.id', 'policy_rules.policy_id')
    .select(['policy_rules.conditions', 'policy_rules.actions'])
    .where('policies.type', '=', type)
    .where('policies.status', '=', status)
    .where('policy_rules.status', '=', status)
    .where('policy_rules.system', '=', system)
    .orderBy('policy_rules.priority')
    .orderBy('policy_rules.id'),
);

/** Null: the rule names nobody who can be asked now, and the next one decides. */
function routeBy(actions: Json, usable: readonly Provider[], identifier: string): SignInRoute | null {
  const choice = choiceOf(actions);
  if (choice.idpSelectionType === 'DYNAMIC') {
    const found = usable.find((provider) =>
      listIn(choice.matchCriteria).some((one) => isNamed(one, provider, identifier)),
    );
    return found ? { kind: 'away', providerId: found.id } : null;
  }
  const named = listIn(choice.providers);
  const offered = named.map(({ id }) => id).filter((id) => usable.some((provider) => provider.id === id)) as string[];
  const password = named.some(({ type }) => type === 'OKTA');
  if (offered.length === 0 && !password) return null;
  const [only] = offered;
  return only !== undefined && offered.length === 1 && !password
    ? { kind: 'away', providerId: only }
    : { kind: 'page', password, offered };
}

// Of the expressions by which a provider is chosen, the one is known that rules are made of: the name typed, or its part at a mark.
function isNamed({ providerExpression, propertyName }: Json, provider: Provider, identifier: string): boolean {
  if (propertyName !== 'name' || typeof providerExpression !== 'string') return false;
  const read = /^\s*login\.identifier(?:\.(substringAfter|substringBefore)\(\s*['"]?([^'")]+)['"]?\s*\))?\s*$/.exec(
    providerExpression,
  );
  if (!read) return false;
  const [, part, mark = ''] = read;
  const at = part === undefined ? -1 : identifier.indexOf(mark);
  if (part !== undefined && at < 0) return false;
  const wanted =
    part === 'substringAfter'
      ? identifier.slice(at + mark.length)
      : part === 'substringBefore'
        ? identifier.slice(0, at)
        : identifier;
  return wanted !== '' && textKey(provider.name) === textKey(wanted);
}

async function isMeant(env: Env, condition: unknown, identifier: string): Promise<boolean> {
  const patterns = patternsOf(condition);
  if (patterns.length === 0) return true;
  if (!isObject(condition) || condition.type !== 'ATTRIBUTE') return patterns.some((one) => fits(one, identifier));
  const user = await findUserByLogin(env, identifier);
  const value = typeof condition.attribute === 'string' ? user?.profile[condition.attribute] : undefined;
  return typeof value === 'string' && patterns.some((one) => fits(one, value));
}

/** Without regard to case, but for expressions, which say themselves what they mean. */
function fits({ matchType, value }: Json, text: string): boolean {
  if (typeof value !== 'string' || value === '') return false;
  const [key, wanted] = [textKey(text), textKey(value)];
  switch (matchType) {
    case 'EQUALS':
      return key === wanted;
    case 'STARTS_WITH':
      return key.startsWith(wanted);
    case 'CONTAINS':
      return key.includes(wanted);
    case 'SUFFIX':
      return key.endsWith(wanted);
    case 'EXPRESSION':
      return matchesPattern(value, text);
    default:
      return false;
  }
}

/** A pattern that cannot be read fits nobody. */
function matchesPattern(pattern: string, text: string): boolean {
  try {
    return patternOf(pattern).matches(text);
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}

function isForApplication(condition: unknown, { application }: Arrival): boolean {
  const { include, exclude } = isObject(condition) ? condition : {};
  const isThis = ({ type, id, name }: Json) =>
    application !== null && (type === 'APP_TYPE' ? name === application.name : id === application.id);
  if (listIn(exclude).some(isThis)) return false;
  const included = listIn(include);
  return included.length === 0 || included.some(isThis);
}

function isForPlatform(env: Env, condition: unknown): boolean {
  const { include, exclude } = isObject(condition) ? condition : {};
  const here = platformOf(env.request.userAgent);
  const isThis = ({ type, os }: Json) => {
    const system = isObject(os) ? os.type : undefined;
    const isType = type === undefined || type === 'ANY' || type === here.type;
    return isType && (system === undefined || system === 'ANY' || system === here.system);
  };
  if (listIn(exclude).some(isThis)) return false;
  const included = listIn(include);
  return included.length === 0 || included.some(isThis);
}

function patternsOf(condition: unknown): Json[] {
  return isObject(condition) ? listIn(condition.patterns) : [];
}

function choiceOf({ idp }: Json): Json {
  return isObject(idp) ? idp : {};
}

function listIn(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
