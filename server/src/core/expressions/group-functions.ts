// Owns the functions on the person's groups, and those on directories that this server does not have: nobody is in one.
// Names are compared without regard to letter case; regular expressions with regard to it.
import { textKey } from '../../base/text-key.ts';
import { ExpressionError } from './expression-error.ts';
import { type ExpressionFunction, everywhere, inClaims, type World } from './expression-function.ts';
import { type GroupFacts, groupThing } from './facts.ts';
import { patternOf } from './pattern.ts';
import { isList, isMap, kindOf, memberOf, textOf, type Value } from './values.ts';

const MANY = 200;
/** The language's limit of groups in one value. */
export const MOST_GROUPS = 100;
/** Where a group comes from: those of this server. There are no others. */
const OWN_GROUPS = 'OKTA';

type Test = (name: string, wanted: string) => boolean;

const startsWith: Test = (name, wanted) => name.startsWith(wanted);
const endsWith: Test = (name, wanted) => name.endsWith(wanted);
const contains: Test = (name, wanted) => name.includes(wanted);

export const groupFunctions: readonly ExpressionFunction[] = [
  ...[
    byName('Groups.startsWith', startsWith),
    byName('Groups.endsWith', endsWith),
    byName('Groups.contains', contains),
    inClaims('getFilteredGroups', [3, 3], ([ids = null, text = null, limit = null], world) =>
      filteredGroups(ids, plain(text), limitOf(limit), world),
    ),
    inClaims('user.getGroups', [0, MANY], (criteria, world) => {
      const groups = found(criteria, world);
      if (groups.length > MOST_GROUPS) throw new ExpressionError('Too many groups match', { tooManyGroups: true });
      return groups.map(groupThing);
    }),
    membership('isMemberOfGroup', [1, 1], ids),
    membership('isMemberOfAnyGroup', [1, MANY], ids),
    membership(
      'isMemberOfGroupName',
      [1, 1],
      names((name, wanted) => name === wanted),
    ),
    membership('isMemberOfGroupNameStartsWith', [1, 1], names(startsWith)),
    membership('isMemberOfGroupNameContains', [1, 1], names(contains)),
    membership('isMemberOfGroupNameRegex', [1, 1], regularExpression),
    everywhere('user.isMemberOf', [1, MANY], (criteria, world) => found(criteria, world).length > 0),
  ].map((one): ExpressionFunction => ({ ...one, needs: neededBy(one) })),
  everywhere('user.getInternalProperty', [1, 1], ([name = null], { facts }) => facts.account?.get(plain(name)) ?? null),
  ...['hasDirectoryUser', 'hasWorkdayUser'].map((name) => inClaims(name, [0, 0], () => false)),
  ...['findDirectoryUser', 'findWorkdayUser'].map((name) => inClaims(name, [0, 0], () => null)),
  ...['getManagerUser', 'getAssistantUser', 'user.getLinkedObject'].map((name) => inClaims(name, [1, 1], () => null)),
  ...['getManagerAppUser', 'getAssistantAppUser'].map((name) => inClaims(name, [2, 2], () => null)),
];

// The expression within getFilteredGroups is only known when it is evaluated, so it may need anything.
function neededBy({ name }: ExpressionFunction): ExpressionFunction['needs'] {
  return name === 'getFilteredGroups' ? ['groups', 'appuser-profile', 'org'] : ['groups'];
}

/** Names of the person's groups, at most `limit`; nothing when none fits. */
function byName(name: string, test: Test): ExpressionFunction {
  return inClaims(name, [3, 3], ([source = null, pattern = null, limit = null], world) => {
    const most = limitOf(limit);
    const wanted = textKey(plain(pattern));
    if (source !== null && plain(source).toUpperCase() !== OWN_GROUPS) return null;
    const all = groupsOf(world).map((group) => group.name);
    const fitting = all.filter((one) => test(textKey(one), wanted)).slice(0, most);
    return fitting.length === 0 ? null : fitting;
  });
}

function filteredGroups(ids: Value, text: string, most: number, world: World): Value {
  const wanted = listOf(ids).map(plain);
  const groups = groupsOf(world)
    .filter(({ id }) => wanted.includes(id))
    .slice(0, most);
  return world.budget.list(groups.map((group) => world.evaluateText(text, groupThing(group))));
}

function limitOf(limit: Value): number {
  if (typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= MOST_GROUPS) return limit;
  throw new ExpressionError(`The limit of groups is a whole number from 1 to ${MOST_GROUPS}`);
}

type Matcher = (given: readonly Value[], world: World) => (group: GroupFacts) => boolean;

function membership(name: string, arity: readonly [number, number], matcher: Matcher): ExpressionFunction {
  return everywhere(name, arity, (given, world) => groupsOf(world).some(matcher(given, world)));
}

function ids(given: readonly Value[]): (group: GroupFacts) => boolean {
  const wanted = given.flatMap((one) => listOf(one)).map(plain);
  return ({ id }) => wanted.includes(id);
}

function names(test: Test): Matcher {
  return ([wanted = null]) => {
    const key = textKey(plain(wanted));
    return ({ name }) => test(textKey(name), key);
  };
}

// Some write the pattern between slashes, as Okta's own example half does.
function regularExpression([pattern = null]: readonly Value[], { budget }: World): (group: GroupFacts) => boolean {
  const { size, matches } = patternOf(plain(pattern).replace(/^\/(.*?)\/?$/s, '$1'));
  return ({ name }) => {
    budget.spendOnPattern(size, name.length);
    return matches(name);
  };
}

/** The groups that fit all criteria. One is a map of `group.id`, `group.type` or `group.profile.name` and the values it may have. */
function found(criteria: readonly Value[], world: World): GroupFacts[] {
  const tests = criteria.map(criterion);
  return groupsOf(world).filter((group) => tests.every((test) => test(group)));
}

function criterion(given: Value): (group: GroupFacts) => boolean {
  if (!isMap(given)) throw new ExpressionError(`A criterion is a map, not ${kindOf(given)}`);
  const exact = given.get('operator') === 'EXACT';
  const tests = [...given.keys()]
    .filter((key) => key !== 'operator')
    .map((key) => keyTest(key, listOf(memberOf(given, key)).map(plain), exact));
  return (group) => tests.every((test) => test(group));
}

function keyTest(key: string, wanted: string[], exact: boolean): (group: GroupFacts) => boolean {
  if (key === 'group.id') return ({ id }) => wanted.includes(id);
  if (key === 'group.type') return ({ type }) => wanted.includes(type);
  if (key !== 'group.profile.name') throw new ExpressionError(`Groups cannot be found by '${key}'`);
  const keys = wanted.map((name) => textKey(exact ? name : name.replace(/\.?\*$/, '')));
  return ({ name }) => keys.some((one) => (exact ? textKey(name) === one : textKey(name).startsWith(one)));
}

function groupsOf({ facts, budget }: World): readonly GroupFacts[] {
  budget.spend(1 + (facts.groups.length >> 4));
  return facts.groups;
}

function listOf(value: Value): readonly Value[] {
  if (value === null) return [];
  return isList(value) ? value : [value];
}

function plain(value: Value): string {
  if (value === null || isList(value)) throw new ExpressionError('A text is expected');
  return textOf(value);
}
