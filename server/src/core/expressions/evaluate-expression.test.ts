// The expression language as its documents show it: every example with the result that they print.
import { describe, expect, test } from 'vitest';
import { evaluateExpression } from './evaluate-expression.ts';
import { ExpressionError } from './expression-error.ts';
import { accountThing, type ExpressionFacts, userThing } from './facts.ts';
import { parseExpression } from './parse-expression.ts';
import { thingOf, toJsonValue } from './values.ts';

const ada = {
  id: '00uada',
  status: 'ACTIVE',
  login: 'ada@example.com',
  profile: {
    firstName: 'Ada',
    lastName: 'Lovelace',
    email: 'ada.lovelace@mail.example.com',
    salary: 1_200_000,
    isContractor: false,
    phones: ['1', '2'],
    countryCode: 'GB',
  },
  created: Date.UTC(2020, 0, 2),
  activated: Date.UTC(2020, 0, 3),
  status_changed: null,
  last_login: null,
  last_updated: Date.UTC(2021, 0, 2),
  password_changed: null,
};

const facts: ExpressionFacts = {
  roots: {
    user: userThing(ada),
    appuser: thingOf('appuser', { userName: 'ada@app', role: 'editor' }),
    app: thingOf('app', { clientId: '0oaclient', profile: { groups: ['00gusers', '00gother'] } }),
    org: thingOf('org', { name: 'Example', subDomain: 'sso' }),
    access: thingOf('access', { scope: ['openid', 'catalogue'] }),
    session: thingOf('session', { amr: ['pwd', 'mfa'] }),
    clientId: '0oaclient',
    idpuser: null,
  },
  account: accountThing(ada),
  groups: [
    { id: '00gall', name: 'Everyone', type: 'BUILT_IN', profile: { description: 'All' } },
    { id: '00gusers', name: 'West Coast Users', type: 'OKTA_GROUP', profile: { name: 'West Coast Users' } },
    { id: '00gadmins', name: 'West Coast Admins', type: 'OKTA_GROUP', profile: {} },
  ],
  now: Date.UTC(2015, 6, 31, 17, 18, 37, 979),
};

function evaluate(text: string, given: ExpressionFacts = facts): unknown {
  return toJsonValue(evaluateExpression(given, parseExpression(text, 'claims')));
}

const nobody: ExpressionFacts = { ...facts, roots: { ...facts.roots, user: null, appuser: null }, groups: [] };

describe('objects', () => {
  test.each<[expression: string, value: unknown]>([
    ['user.firstName', 'Ada'],
    ['user.login', 'ada@example.com'],
    ['user.id', '00uada'],
    ['user.profile.lastName', 'Lovelace'],
    ['user.getInternalProperty("status")', 'ACTIVE'],
    ['user.getInternalProperty("created")', '2020-01-02T00:00:00.000Z'],
    ['user.nickName', null],
    ['user.phones', ['1', '2']],
    ['user.phones[1]', '2'],
    ['appuser.userName', 'ada@app'],
    ['app.clientId', '0oaclient'],
    ['clientId', '0oaclient'],
    ['app.profile.groups', ['00gusers', '00gother']],
    ['org.name', 'Example'],
    ['org.subDomain', 'sso'],
    ['access.scope', ['openid', 'catalogue']],
    ['session.amr', ['pwd', 'mfa']],
    ['idpuser?.email', null],
  ])('%s', (expression, value) => expect(evaluate(expression)).toEqual(value));

  test('the subject of an access token is the person’s name in the application, or the client', () => {
    const subject = '(appuser != null) ? appuser.userName : app.clientId';
    expect(evaluate(subject)).toBe('ada@app');
    expect(evaluate(subject, nobody)).toBe('0oaclient');
  });

  test.each(['user.email', 'user.email == null', 'idpuser.email', 'cool', 'source.firstName', 'user.phones[2]'])(
    'what is not there has no value: %s',
    (expression) => expect(() => evaluate(expression, nobody)).toThrow(ExpressionError),
  );

  test('a whole profile is no value', () => {
    expect(() => evaluate('user')).toThrow(ExpressionError);
    expect(() => evaluate('{user}')).toThrow(ExpressionError);
  });
});

describe('texts', () => {
  test.each<[expression: string, value: unknown]>([
    ['String.append("This is", " a test")', 'This is a test'],
    ['String.append(user.nickName, "x")', 'x'],
    ['String.join(",", "This", "is", "a", "test")', 'This,is,a,test'],
    ['String.join("", "This", "is", "a", "test")', 'Thisisatest'],
    ['String.join(" ", user.firstName, user.middleName, user.lastName)', 'Ada Lovelace'],
    ['String.len("This")', 4],
    ['String.len(user.nickName)', 0],
    ['String.removeSpaces("This is a test")', 'Thisisatest'],
    ['String.replace("This is a test", "is", "at")', 'That at a test'],
    ['String.replace("a.b$&", ".", "$&")', 'a$&b$&'],
    ['String.replaceFirst("This is a test", "is", "at")', 'That is a test'],
    ['String.startsWith("This", "Th")', true],
    ['String.stringContains("This is a test", "test")', true],
    ['String.stringContains("This is a test", "doesn\'tExist")', false],
    ['String.stringSwitch("This is a test", "default", "key1", "value1")', 'default'],
    ['String.stringSwitch("This is a test", "default", "test", "value1")', 'value1'],
    [
      'String.stringSwitch("First match wins", "default", "absent", "value1", "wins", "value2", "match", "value3")',
      'value2',
    ],
    ['String.stringSwitch("Substrings count", "default", "ring", "value1")', 'value1'],
    ['String.substring("This is a test", 2, 9)', 'is is a'],
    ['substring(user.lastName, 0, 60)', 'Lovelace'],
    ['String.substring(user.lastName, String.len(user.lastName) - 20, 4)', 'Love'],
    ['String.substringAfter("abc@okta.com", "@")', 'okta.com'],
    ['String.substringBefore("abc@okta.com", "@")', 'abc'],
    ['String.substringBefore("abc", "@")', 'abc'],
    ['String.toUpperCase("This")', 'THIS'],
    ['toLowerCase("ThiS")', 'this'],
    ['String.toUpperCase(user.nickName)', null],
    ['String.replace({"SSO-a", "SSO-b"}, "SSO-", "")', ['a', 'b']],
    ['"XDOMAIN\\" + toLowerCase(substring( user.firstName, 0, 1)) + toLowerCase(user.lastName)', 'XDOMAIN\\alovelace'],
    [
      'toUpperCase(substringBefore( substringAfter(user.email, "@"), ".")) + "\\" + substringBefore( user.email, "@")',
      'MAIL\\ada.lovelace',
    ],
    ["'it''s'", "it's"],
    ['"say ""yes"""', 'say "yes"'],
  ])('%s', (expression, value) => expect(evaluate(expression)).toEqual(value));
});

describe('lists', () => {
  test.each<[expression: string, value: unknown]>([
    ['Arrays.add({10, 20, 30}, 40)', [10, 20, 30, 40]],
    ['Arrays.remove({10, 20, 30}, 20)', [10, 30]],
    ['Arrays.clear({10, 20, 30})', []],
    ['Arrays.get({0, 1, 2}, 0)', 0],
    ['Arrays.flatten(10, {20, 30}, 40)', [10, 20, 30, 40]],
    ['Arrays.flatten(null, {{1}, {2, 3}})', [1, 2, 3]],
    ['Arrays.contains({10, 20, 30}, 10)', true],
    ['Arrays.contains({10, 20, 30}, 50)', false],
    ['Arrays.contains(access.scope, "catalogue")', true],
    ['Arrays.size({10, 20, 30})', 3],
    ['Arrays.size(NULL)', 0],
    ['Arrays.isEmpty({10, 20})', false],
    ['Arrays.isEmpty(NULL)', true],
    ['Arrays.toCsvString({"This", "is", " a ", "test"})', 'This,is, a ,test'],
    ['Arrays.isEmpty(Arrays.toCsvString(Groups.startsWith("active_directory", "A", 100))) ? {} : {"a"}', []],
    ["{'a': 1, b: {2, 3}}", { a: 1, b: [2, 3] }],
    ['{}', []],
    ['{:}', {}],
    ["{'a': 1}['a']", 1],
  ])('%s', (expression, value) => expect(evaluate(expression)).toEqual(value));
});

describe('conversions', () => {
  test.each<[expression: string, value: unknown]>([
    ['Convert.toInt("1234")', 1234],
    ['Convert.toInt(123.4)', 123],
    ['Convert.toInt(123.6)', 124],
    ['Convert.toInt("-1.6")', -2],
    ['Convert.toNum("2.5")', 2.5],
    ['Iso3166Convert.toAlpha2("IND")', 'IN'],
    ['Iso3166Convert.toAlpha3("840")', 'USA'],
    ['Iso3166Convert.toNumeric("USA")', '840'],
    ['Iso3166Convert.toName("IN")', 'India'],
    ['Iso3166Convert.toName(user.countryCode)', 'United Kingdom'],
    ['Iso3166Convert.toName("nowhere")', null],
  ])('%s', (expression, value) => expect(evaluate(expression)).toEqual(value));

  test.each(['Convert.toInt("one")', 'Convert.toInt(2147483648)', 'Convert.toNum("1e999")', 'Convert.toNum("0x10")'])(
    'what is no number is refused: %s',
    (expression) => expect(() => evaluate(expression)).toThrow(ExpressionError),
  );
});

describe('time', () => {
  test.each<[expression: string, value: unknown]>([
    ['Time.now()', '2015-07-31T17:18:37.979Z'],
    ['Time.now("America/New_York")', '2015-07-31T13:18:37.979-04:00'],
    ['Time.now("EST", "YYYY-MM-dd HH:mm:ss")', '2015-07-31 12:18:37'],
    ['Time.fromWindowsToIso8601("130828367179790000")', '2015-07-31T17:18:37.979Z'],
    ['Time.fromUnixToIso8601("1438363117979")', '2015-07-31T17:18:37.979Z'],
    ['Time.fromUnixToIso8601("1438363117")', '2015-07-31T17:18:37.000Z'],
    ['Time.fromStringToIso8601("17 June 2015 00:23:19", "dd MMMM yyyy HH:mm:ss")', '2015-06-17T00:23:19.000Z'],
    ['Time.fromIso8601ToWindows("2015-07-31T17:18:37.979Z")', '130828367179790000'],
    ['Time.fromIso8601ToUnix("2015-07-31T17:18:37.979Z")', '1438363117979'],
    ['Time.fromIso8601ToString("2015-07-30T23:58:32.000Z", "MM/dd/yyyy")', '07/30/2015'],
  ])('%s', (expression, value) => expect(evaluate(expression)).toEqual(value));

  test.each([
    'Time.now("Middle/Earth")',
    'Time.now("UTC", "qqq")',
    'Time.fromUnixToIso8601("99999999999999999")',
    'Time.fromIso8601ToUnix("yesterday")',
  ])('what is no time is refused: %s', (expression) => expect(() => evaluate(expression)).toThrow(ExpressionError));
});

describe('groups', () => {
  test.each<[expression: string, value: unknown]>([
    ['Groups.startsWith("OKTA", "west coast", 100)', ['West Coast Users', 'West Coast Admins']],
    ['Groups.endsWith("OKTA", "Admins", 100)', ['West Coast Admins']],
    ['Groups.contains("OKTA", "coast", 1)', ['West Coast Users']],
    ['Groups.contains("OKTA", "East", 10)', null],
    ['Groups.contains("active_directory", "West", 10)', null],
    ['getFilteredGroups({"00gusers"}, "group.name", 40)', ['West Coast Users']],
    ['getFilteredGroups(app.profile.groups, "group.id", 40)', ['00gusers']],
    [
      "getFilteredGroups({\"00gusers\"}, \"(group.type == 'BUILT_IN') ? 'all' : 'Okta: ' + group.name\", 40)",
      ['Okta: West Coast Users'],
    ],
    ["user.getGroups({'group.profile.name': 'West Coast.*'}).![name]", ['West Coast Users', 'West Coast Admins']],
    ["user.getGroups({'group.id': {'00gother'}}, {'group.profile.name': 'West Coast.*'}).![name]", []],
    [
      "user.getGroups({'group.type': {'OKTA_GROUP'}}, {'group.profile.name': {'Everyone', 'West Coast Admins'}}).![id]",
      ['00gadmins'],
    ],
    ["user.getGroups({'group.profile.name': 'West', 'operator': 'EXACT'}).![name]", []],
    ["user.getGroups({'group.profile.name': 'West Coast A*'}).![{name, id}]", [['West Coast Admins', '00gadmins']]],
    ["user.isMemberOf({'group.profile.name': 'West Coast', 'operator': 'STARTS_WITH' })", true],
    ["user.isMemberOf({'group.profile.name': 'West Coast', 'operator': 'EXACT' })", false],
    ['isMemberOfGroup("00gusers")', true],
    ['isMemberOfAnyGroup("00gother", "00gadmins")', true],
    ['isMemberOfGroupName("everyone")', true],
    ['isMemberOfGroupNameStartsWith("West")', true],
    ['isMemberOfGroupNameContains("coast")', true],
    ['isMemberOfGroupNameRegex("/.*Coast.*")', true],
    ['isMemberOfGroupNameRegex("coast.*")', false],
    ['hasDirectoryUser() ? findDirectoryUser().managerUpn : null', null],
  ])('%s', (expression, value) => expect(evaluate(expression)).toEqual(value));

  test.each([
    'Groups.contains("OKTA", "x", 101)',
    'Groups.contains("OKTA", "x", 0)',
    "user.getGroups({'colour': 'red'})",
  ])('is refused: %s', (expression) => expect(() => evaluate(expression)).toThrow(ExpressionError));

  test('more than a hundred at a time are too many', () => {
    const many = Array.from({ length: 101 }, (_, index) => {
      return { id: `00g${index}`, name: `Group ${index}`, type: 'OKTA_GROUP', profile: {} };
    });
    expect(() =>
      evaluate("user.getGroups({'group.profile.name': 'Group'}).![name]", { ...facts, groups: many }),
    ).toThrow(expect.objectContaining({ tooManyGroups: true }));
  });
});

describe('operators', () => {
  test.each<[expression: string, value: unknown]>([
    ['user.firstName + " " + user.lastName', 'Ada Lovelace'],
    ['user.firstName + user.nickName', 'Adanull'],
    ['"a" + 1 + true', 'a1true'],
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3],
    ['7.0 / 2.5', 2.8],
    ['7 % 4 - -1', 4],
    ["user.groupCode == 123 ? 'Sales' : 'Other'", 'Other'],
    ['user.salary >= 1000000', true],
    ['user.bonus >= 1', false],
    ['user.salary > 1000000 AND !user.isContractor', true],
    ['user.isContractor || user.city == "San Francisco"', false],
    ['false OR true && false', false],
    ['true or false', true],
    ['user.email matches ".*@mail[.]example[.]com"', true],
    ['user.email matches "example"', false],
    ['user.nickName ?: user.firstName', 'Ada'],
    ['"" ?: "empty counts as nothing"', 'empty counts as nothing'],
    ['user.firstName ?: "x"', 'Ada'],
    ['user.nickName == null ? "none" : user.nickName == "A" ? "one" : "other"', 'none'],
    ['{1, 2} == {1, 2}', true],
    ['"1" == 1', false],
    ['TRUE != False', true],
  ])('%s', (expression, value) => expect(evaluate(expression)).toEqual(value));

  test.each([
    '!user.nickName',
    'user.nickName AND true',
    '"yes" ? 1 : 2',
    '1 + true',
    '"a" < 1',
    '1 / 0',
    '-"a"',
    '"a" - 1',
    'user.email matches "("',
    'user.email matches "(?!a).*"',
  ])('has no value: %s', (expression) => expect(() => evaluate(expression)).toThrow(ExpressionError));

  test('what is not chosen is not evaluated', () => {
    expect(evaluate('true ? 1 : nothing.here')).toBe(1);
    expect(evaluate('true || nothing.here')).toBe(true);
    expect(evaluate('false && nothing.here')).toBe(false);
    expect(evaluate('1 ?: nothing.here')).toBe(1);
  });
});
