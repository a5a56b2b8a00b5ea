import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Filter, parseFilterExpression } from './filter-expression.ts';

const attribute = fc.stringMatching(/^[A-Za-z_][\w.-]{0,12}$/).filter((name) => !/^(and|or)$/i.test(name));
const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), fc.constant(null));
const operator = fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sw', 'co', 'ew');

const { filter } = fc.letrec<{ filter: Filter; comparison: Filter; presence: Filter; joined: Filter }>((tie) => ({
  filter: fc.oneof({ maxDepth: 4, withCrossShrink: true }, tie('comparison'), tie('presence'), tie('joined')),
  comparison: fc.record({ kind: fc.constant('test' as const), attribute, operator, value }),
  presence: fc.record({
    kind: fc.constant('test' as const),
    attribute,
    operator: fc.constant('pr' as const),
    value: fc.constant(null),
  }),
  joined: fc.record({
    kind: fc.constantFrom('and' as const, 'or' as const),
    parts: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
  }),
}));

/** Writes a tree with brackets around every joined part. */
function write(tree: Filter): string {
  if (tree.kind === 'test')
    return tree.operator === 'pr'
      ? `${tree.attribute} pr`
      : `${tree.attribute} ${tree.operator} ${JSON.stringify(tree.value)}`;
  return tree.parts.map((part) => (part.kind === 'test' ? write(part) : `(${write(part)})`)).join(` ${tree.kind} `);
}

describe('the filter grammar', () => {
  test('what was written is what is read', () => {
    fc.assert(
      fc.property(filter, (tree) => {
        expect(parseFilterExpression(write(tree))).toEqual(tree);
      }),
    );
  });

  test('no text makes it throw', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => void parseFilterExpression(text)));
    const scraps = fc.constantFrom('(', ')', 'and', 'or', 'eq', 'pr', '"', '"a"', '\\', 'a', ' ', 'not', '[', '1', '{');
    fc.assert(fc.property(fc.array(scraps, { maxLength: 30 }), (parts) => void parseFilterExpression(parts.join(' '))));
  });

  test('"and" binds tighter than "or", and brackets bind tightest', () => {
    const is = (attribute: string): Filter => ({ kind: 'test', attribute, operator: 'pr', value: null });
    expect(parseFilterExpression('a pr or b pr and c pr')).toEqual({
      kind: 'or',
      parts: [is('a'), { kind: 'and', parts: [is('b'), is('c')] }],
    });
    expect(parseFilterExpression('(a pr or b pr) and c pr')).toEqual({
      kind: 'and',
      parts: [{ kind: 'or', parts: [is('a'), is('b')] }, is('c')],
    });
  });

  test('operators are read in any case, attribute names as written', () => {
    expect(parseFilterExpression('Profile.Login EQ "x" AND status PR')).toEqual({
      kind: 'and',
      parts: [
        { kind: 'test', attribute: 'Profile.Login', operator: 'eq', value: 'x' },
        { kind: 'test', attribute: 'status', operator: 'pr', value: null },
      ],
    });
  });

  test.each([
    '',
    '   ',
    'status',
    'status eq',
    'status eq ACTIVE',
    'status is "ACTIVE"',
    'status eq "ACTIVE',
    'status eq "ACTIVE" "x"',
    'status eq "ACTIVE" and',
    'and status pr',
    '(status pr',
    'status pr)',
    '()',
    'not (status pr)',
    'emails[type eq "work"]',
    'status eq "a\\q"',
    "status eq 'ACTIVE'",
    '1status pr',
  ])('%j is not a filter', (text) => {
    expect(parseFilterExpression(text)).toBeNull();
  });

  test('a filter that is too long, too deep or too wide is refused', () => {
    expect(parseFilterExpression(`a eq "${'x'.repeat(17_000)}"`)).toBeNull();
    expect(parseFilterExpression(`${'('.repeat(21)}a pr${')'.repeat(21)}`)).toBeNull();
    expect(parseFilterExpression(`${'('.repeat(20)}a pr${')'.repeat(20)}`)).not.toBeNull();
    expect(parseFilterExpression(Array.from({ length: 501 }, () => 'a pr').join(' or '))).toBeNull();
    expect(parseFilterExpression(Array.from({ length: 500 }, () => 'a pr').join(' or '))).not.toBeNull();
  });
});
