// What an expression may be, where it may be used, and that nothing written in it harms: not its size, not its names, not chance.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateExpression } from './evaluate-expression.ts';
import { ExpressionError } from './expression-error.ts';
import { accountThing, type ExpressionFacts, userThing } from './facts.ts';
import { functions } from './function-table.ts';
import { parseExpression } from './parse-expression.ts';
import { thingOf, toJsonValue } from './values.ts';

const person = {
  id: '00u1',
  status: 'ACTIVE',
  login: 'ada@example.com',
  profile: { firstName: 'Ada', long: 'a'.repeat(4000), list: ['a', 'b'], ['__proto__']: 'own' },
  created: 0,
  activated: 0,
  status_changed: null,
  last_login: null,
  last_updated: 0,
  password_changed: null,
};
const facts: ExpressionFacts = {
  roots: {
    user: userThing(person),
    appuser: thingOf('appuser', { userName: 'ada' }),
    app: thingOf('app', { clientId: '0oa1' }),
    org: thingOf('org', { name: 'Example' }),
    access: thingOf('access', { scope: ['openid'] }),
    session: thingOf('session', { amr: ['pwd'] }),
    clientId: '0oa1',
    idpuser: null,
  },
  account: accountThing(person),
  groups: Array.from({ length: 50 }, (_, index) => {
    return { id: `00g${index}`, name: `Group ${index}`, type: 'OKTA_GROUP', profile: {} };
  }),
  now: 0,
};

describe('is refused', () => {
  test.each([
    ['nothing', ''],
    ['only white space', '  \n '],
    ['two values', 'user.firstName user.lastName'],
    ['a list of values without braces', 'user.firstName, user.lastName'],
    ['a separator at the end', 'user.firstName,'],
    ['statements', 'user.firstName; user.lastName'],
    ['an assignment', 'user.firstName = "Eve"'],
    ['an increment', 'user.firstName++'],
    ['a type reference', 'T(java.lang.Runtime).getRuntime()'],
    ['a constructor reference', 'new java.io.File("x")'],
    ['a bean reference', '@bean'],
    ['a variable', '#root'],
    ['this', 'this.constructor'],
    ['an unknown function', 'eval("1")'],
    ['an unknown member function', 'user.firstName.toUpperCase()'],
    ['a function of a prototype', 'user.toString()'],
    ['a call of a call', 'String.append("a", "b")("c")'],
    ['a computed function', 'String["append"]("a", "b")'],
    ['a function without its arguments', 'String.append("a")'],
    ['a function with more arguments', 'String.len("a", "b")'],
    ['a quote left open', 'String.len("a)'],
    ['a bracket left open', '(1 + 2'],
    ['a list left open', '{1, 2'],
    ['half a map', "{'a': 1, 'b'}"],
    ['a number without end', `1${'0'.repeat(400)}`],
    ['a JavaScript list', '[1, 2]'],
    ['a template', '`$' + '{user.firstName}`'],
    ['more than 4096 characters', `"${'a'.repeat(4100)}"`],
    ['a hundred and one brackets', `${'('.repeat(101)}1${')'.repeat(101)}`],
    ['a thousand negations', `${'!'.repeat(1000)}true`],
    ['a thousand choices', `${'true?1:'.repeat(500)}2`],
  ])('%s', (_, text) => expect(() => parseExpression(text, 'claims')).toThrow(ExpressionError));

  test('with a sentence, in words of the language', () => {
    expect(() => parseExpression('String.len("a" "', 'claims')).toThrow('A quotation mark is missing');
    expect(() => parseExpression('foo("a")', 'claims')).toThrow("There is no function 'foo'");
    expect(() => parseExpression('String.len("a"', 'claims')).toThrow(/^The expression cannot be read/);
  });
});

test('is one value, even with much white space', () => {
  const { needs } = parseExpression(' \n user . firstName \t + "x" ', 'claims');
  expect([...needs]).toEqual([]);
});

test('says what it needs, so that nothing else is read', () => {
  const needs = (text: string) => [...parseExpression(text, 'claims').needs].sort();
  expect(needs('user.firstName + app.clientId')).toEqual([]);
  expect(needs('appuser.userName')).toEqual(['appuser']);
  expect(needs('(appuser != null) ? appuser.userName : app.clientId')).toEqual(['appuser']);
  expect(needs('(true ? appuser : user).role')).toEqual(['appuser-profile']);
  expect(needs('isMemberOfGroup("00g1") ? org.name : appuser.role')).toEqual(['appuser-profile', 'groups', 'org']);
});

describe('a group rule', () => {
  test.each([
    'user.city == "San Francisco"',
    'String.stringContains(user.firstName, "dummy")',
    'Arrays.contains(user.list, "a") AND !user.isContractor',
    'isMemberOfAnyGroup("00g1", "00g2")',
    'isMemberOfGroupNameRegex("Group .*")',
    'user.getInternalProperty("status") == "ACTIVE"',
  ])('may say %s', (text) => expect(parseExpression(text, 'group-rule').context).toBe('group-rule'));

  test.each([
    'appuser.userName == "ada"',
    'app.clientId == "x"',
    'org.name == "x"',
    'session.amr == "x"',
    'Convert.toInt("1") == 1',
    'Time.now() == "x"',
    'Groups.startsWith("OKTA", "x", 1) == null',
    "user.getGroups({'group.profile.name': 'x'}) == null",
    'Iso3166Convert.toName("IN") == "India"',
  ])('may not say %s', (text) => expect(() => parseExpression(text, 'group-rule')).toThrow(ExpressionError));
});

describe('reaches nothing but its facts', () => {
  const names = [
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
    'get',
  ];
  const objects = ['user', 'app', 'org', 'access', '{1}', "{'a': 1}", 'user.list', 'user.profile'];

  test.each(names.flatMap((name) => objects.map((object) => [object, name])))('%s has no member %s', (object, name) => {
    for (const text of [`${object}.${name}`, `${object}["${name}"]`, `${object}.![${name}]`, name]) {
      const value = outcome(text);
      expect([null, 'own', undefined]).toContain(value);
    }
  });

  test('a member named __proto__ is a member like any other', () => {
    expect(outcome('user.__proto__')).toBe('own');
    const value = outcome("{'__proto__': 'x'}") as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(({} as { x?: string }).x).toBeUndefined();
  });
});

describe('stops', () => {
  test.each([
    ['growing texts', `String.replace(String.replace(user.long, "a", user.long), "a", user.long)`],
    ['many long texts', `String.join("", ${Array(100).fill('user.long').join(',')})`],
    ['a pattern made to run for ever', `String.append(user.long, "!") matches "(a+)+(a|aa)+$"`],
    [
      'a large pattern over a long text',
      `user.long matches "(\\w{500}){2}x" || user.long matches "${'(a|b|c){90}'.repeat(80)}"`,
    ],
    ['expressions in expressions', nested(6)],
    ['many groups in expressions', `getFilteredGroups(${ids(50)}, "${'group.name + '.repeat(200)}''", 100)`],
  ])('%s', (_, text) => {
    const start = performance.now();
    outcome(text);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

const word = fc.constantFrom(
  ...functions.map(({ name }) => name),
  ...[
    'user',
    'appuser',
    'app',
    'org',
    'access',
    'session',
    'idpuser',
    'group',
    'constructor',
    '__proto__',
    'this',
    'T',
  ],
  ...['firstName', 'list', 'scope', 'name', 'null', 'true', 'AND', 'OR', 'matches', '$each', '$0', '1', '0.5', '1e400'],
  ...['"a"', "'b'", '""', "'", '"', '"(a+)+$"', '"\\"', "'group.name'"],
  ...[
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    '.![',
    '?.',
    '?:',
    '?',
    ':',
    ',',
    ';',
    '.',
    '!',
    '-',
    '+',
    '*',
    '/',
    '%',
    '=',
    '==',
    '!=',
  ],
);

test('whatever is written, it is refused, has a value or has none, and soon', () => {
  fc.assert(
    fc.property(fc.array(word, { maxLength: 25 }), fc.constantFrom('', ' '), (words, between) => {
      const start = performance.now();
      outcome(words.join(between));
      expect(performance.now() - start).toBeLessThan(1000);
    }),
    { numRuns: 5000 },
  );
});

test('whatever characters come, too', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      outcome(text);
    }),
    { numRuns: 2000 },
  );
});

const value = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  fc.string({ maxLength: 30 }),
  fc.array(fc.oneof(fc.constant(null), fc.integer(), fc.string()), { maxLength: 5 }),
);

test('whatever a function is given, it answers or refuses', () => {
  const given = functions.filter(({ least }) => least > 0);
  fc.assert(
    fc.property(
      fc.constantFrom(...given),
      fc.array(value, { minLength: 1, maxLength: 4 }),
      ({ name, least, most }, values) => {
        const names = Object.fromEntries(values.map((one, index) => [`v${index}`, one]));
        const count = Math.min(Math.max(least, values.length), most);
        const call = `${name}(${Array.from({ length: count }, (_, index) => `given.v${index}`).join(', ')})`;
        const roots = { ...facts.roots, given: thingOf('given', names) };
        evaluated(call, { ...facts, roots });
      },
    ),
    { numRuns: 5000 },
  );
});

/** The value; undefined when there is none. Anything but an ExpressionError is a failure of the test. */
function outcome(text: string): unknown {
  return evaluated(text, facts);
}

function evaluated(text: string, given: ExpressionFacts): unknown {
  try {
    const json = toJsonValue(evaluateExpression(given, parseExpression(text, 'claims')));
    expect(['string', 'number', 'boolean', 'object']).toContain(typeof json);
    return json;
  } catch (error) {
    expect(error).toBeInstanceOf(ExpressionError);
    return undefined;
  }
}

function nested(depth: number): string {
  let text = 'group.name';
  for (let index = 0; index < depth; index++)
    text = `getFilteredGroups({"00g1"}, "${text.replaceAll('"', '""')}", 100)`;
  return text;
}

function ids(count: number): string {
  return `{${Array.from({ length: count }, (_, index) => `"00g${index}"`).join(',')}}`;
}
