// Changes at paths: each fits or nothing happens.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PatchOperation, patched, readPath } from './json-patch.ts';

const document = () => ({ name: 'Anna', airports: ['sjc', 'sfo', 'oak'], profile: { id: '1', tags: [{ a: 1 }] } });
const change = (op: PatchOperation['op'], path: string, value?: unknown) =>
  patched(document(), [{ op, path: readPath(path) ?? [], value }]);

describe('an operation', () => {
  test.each<[op: PatchOperation['op'], path: string, value: unknown, result: object]>([
    ['add', '/age', 7, { age: 7 }],
    ['add', '/name', 'Eve', { name: 'Eve' }],
    ['add', '/profile/department', 'd', { profile: { id: '1', tags: [{ a: 1 }], department: 'd' } }],
    ['add', '/airports/3', 'lax', { airports: ['sjc', 'sfo', 'oak', 'lax'] }],
    ['add', '/airports/-', 'lax', { airports: ['sjc', 'sfo', 'oak', 'lax'] }],
    ['add', '/airports/0', 'lax', { airports: ['lax', 'sjc', 'sfo', 'oak'] }],
    ['replace', '/airports/1', 'lax', { airports: ['sjc', 'lax', 'oak'] }],
    ['replace', '/profile/tags/0/a', null, { profile: { id: '1', tags: [{ a: null }] } }],
    ['remove', '/airports/1', undefined, { airports: ['sjc', 'oak'] }],
  ])('%s %s', (op, path, value, result) => expect(change(op, path, value)).toEqual({ ...document(), ...result }));

  test('removes a member', () => expect(change('remove', '/name')).not.toHaveProperty('name'));

  test.each<[op: PatchOperation['op'], path: string]>([
    ['replace', '/age'],
    ['remove', '/age'],
    ['add', '/nothing/here'],
    ['add', '/name/x'],
    ['add', '/airports/4'],
    ['add', '/airports/01'],
    ['add', '/airports/x'],
    ['replace', '/airports/3'],
    ['replace', '/airports/-'],
    ['remove', '/airports/-1'],
    ['replace', '/constructor'],
    ['replace', '/__proto__'],
    ['add', '/constructor/prototype/x'],
    ['add', '/airports/constructor/x'],
  ])('that does not fit changes nothing: %s %s', (op, path) => expect(change(op, path, 1)).toBeNull());
});

test('all operations, or none', () => {
  const fits: PatchOperation = { op: 'add', path: ['age'], value: 7 };
  expect(patched(document(), [fits, { op: 'remove', path: ['nothing'] }])).toBeNull();
  expect(patched(document(), [fits, { op: 'remove', path: ['age'] }])).toEqual(document());
});

test('a path escapes what would split it', () => {
  expect(readPath('/claims/https:~1~1x~0y')).toEqual(['claims', 'https://x~y']);
  for (const wrong of ['claims', '', '/a~2', '/a~']) expect(readPath(wrong)).toBeNull();
});

test('whatever comes, the document given stays as it is, and no prototype changes', () => {
  const step = fc.constantFrom('name', 'airports', 'profile', 'tags', '0', '-', '__proto__', 'constructor', 'x');
  const operation = fc.record({
    op: fc.constantFrom('add' as const, 'replace' as const, 'remove' as const),
    path: fc.array(step, { maxLength: 4 }),
    value: fc.jsonValue(),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 6 }), (operations) => {
      const given = document();
      const result = patched(given, operations);
      expect(given).toEqual(document());
      if (result) expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
      expect(({} as { x?: unknown }).x).toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});
