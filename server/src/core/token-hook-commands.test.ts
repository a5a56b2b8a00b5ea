// What the answer of a token inline hook may change, and what it may not.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PreparedTokens } from './issue-tokens.ts';
import { applyCommands } from './token-hook-commands.ts';

const tokens = (): PreparedTokens => ({
  access: {
    claims: {
      ver: 1,
      jti: 'AT.1',
      iss: 'i',
      aud: 'api',
      iat: 0,
      exp: 0,
      cid: 'c',
      uid: 'u',
      scp: ['openid'],
      sub: 's',
      team: 'a',
    },
    lifetime: 3600,
  },
  identity: {
    claims: { sub: 'u', name: 'Ada', ver: 1, iss: 'i', aud: 'c', jti: 'ID.1', amr: ['pwd'] },
    lifetime: 3600,
  },
});

const patch = (which: 'access' | 'identity', ...value: object[]) => ({ type: `com.okta.${which}.patch`, value });
const apply = (...commands: unknown[]) => applyCommands(tokens(), commands);

function changed(...commands: unknown[]): PreparedTokens {
  const applied = apply(...commands);
  if (applied.kind === 'refused') throw new Error(applied.why);
  return applied.tokens;
}

describe('an answer changes', () => {
  test('claims of either token', () => {
    const { access, identity } = changed(
      patch('identity', { op: 'add', path: '/claims/extPatientId', value: '1234' }),
      patch(
        'access',
        { op: 'add', path: '/claims/external_guid', value: 'F0' },
        { op: 'remove', path: '/claims/team' },
      ),
    );
    expect(identity?.claims).toMatchObject({ extPatientId: '1234', name: 'Ada' });
    expect(access?.claims).toMatchObject({ external_guid: 'F0' });
    expect(access?.claims).not.toHaveProperty('team');
  });

  test('standard claims of a person, and parts of claims', () => {
    const { identity } = changed(
      patch(
        'identity',
        { op: 'replace', path: '/claims/name', value: 'Eve' },
        { op: 'add', path: '/claims/list', value: [] },
      ),
      patch('identity', { op: 'add', path: '/claims/list/-', value: 1 }),
    );
    expect(identity?.claims).toMatchObject({ name: 'Eve', list: [1] });
  });

  test('how long a token lives', () => {
    const lifetime = { op: 'replace', path: '/token/lifetime/expiration', value: 36_000 };
    const { access, identity } = changed(patch('access', lifetime));
    expect([access?.lifetime, identity?.lifetime]).toEqual([36_000, 3600]);
  });

  test('audience and subject of an access token', () => {
    const { access } = changed(
      patch(
        'access',
        { op: 'replace', path: '/claims/aud', value: ['a', 'b'] },
        { op: 'replace', path: '/claims/sub', value: 'x' },
      ),
    );
    expect(access?.claims).toMatchObject({ aud: ['a', 'b'], sub: 'x' });
  });

  test('nothing, when it has no commands', () => {
    for (const commands of [undefined, null, []])
      expect(applyCommands(tokens(), commands)).toEqual({ kind: 'done', tokens: tokens() });
  });
});

describe('an answer is refused as a whole', () => {
  const add = (path: string, value: unknown = 'x') => ({ op: 'add', path, value });

  test.each<[what: string, command: unknown]>([
    ['no list', 'x'],
    ['an unknown command', { type: 'com.okta.user.patch', value: [] }],
    ['a command of a prototype', { type: 'constructor', value: [] }],
    ['no operations', { type: 'com.okta.access.patch' }],
    ['an unknown operation', patch('access', { op: 'move', path: '/claims/a', from: '/claims/b' })],
    ['no path', patch('access', { op: 'add', value: 1 })],
    ['a path elsewhere', patch('access', add('/header/alg', 'none'))],
    ['a path to all claims', patch('access', { op: 'replace', path: '/claims', value: {} })],
    ['the issuer', patch('access', { op: 'replace', path: '/claims/iss', value: 'x' })],
    ['the scopes', patch('access', { op: 'add', path: '/claims/scp/-', value: 'admin' })],
    ['the person of an access token', patch('access', { op: 'replace', path: '/claims/uid', value: '00u' })],
    ['the person of an ID token', patch('identity', { op: 'replace', path: '/claims/sub', value: '00u' })],
    ['the audience of an ID token', patch('identity', { op: 'replace', path: '/claims/aud', value: 'x' })],
    ['the key that binds', patch('access', add('/claims/cnf', { jkt: 'x' }))],
    ['how somebody signed in', patch('identity', add('/claims/amr/-', 'mfa'))],
    ['expiry by its claim', patch('access', { op: 'replace', path: '/claims/exp', value: 9e9 })],
    ['the subject taken away', patch('access', { op: 'remove', path: '/claims/sub' })],
    ['a subject that is no text', patch('access', { op: 'replace', path: '/claims/sub', value: { a: 1 } })],
    ['a claim that is not there', patch('access', { op: 'replace', path: '/claims/nothing', value: 1 })],
    ['a removal with a value', patch('access', { op: 'remove', path: '/claims/team', value: 'a' })],
    ['too short a life', patch('access', { op: 'replace', path: '/token/lifetime/expiration', value: 299 })],
    ['too long a life', patch('access', { op: 'replace', path: '/token/lifetime/expiration', value: 86_401 })],
    ['half a second', patch('access', { op: 'replace', path: '/token/lifetime/expiration', value: 400.5 })],
    ['no value', patch('access', { op: 'add', path: '/claims/x' })],
    ['too much', patch('access', add('/claims/x', 'x'.repeat(50_000)))],
    ['too many operations', patch('access', ...Array.from({ length: 201 }, () => add('/claims/x')))],
  ])('%s', (_, command) =>
    expect(apply(patch('access', add('/claims/before')), command)).toMatchObject({ kind: 'refused' }),
  );

  test('a token that was not asked for', () => {
    const onlyIdentity = { ...tokens(), access: null };
    expect(applyCommands(onlyIdentity, [patch('access', add('/claims/x'))])).toMatchObject({
      kind: 'refused',
      why: 'There is no access token to change',
    });
  });
});

test('whatever the answer is, what the tokens say of themselves stays', () => {
  const name = fc.constantFrom(
    'iss',
    'jti',
    'sub',
    'aud',
    'team',
    'name',
    '__proto__',
    'constructor',
    'x',
    'scp',
    'exp',
  );
  const operation = fc.record({
    op: fc.constantFrom('add', 'replace', 'remove', 'test'),
    path: fc.oneof(
      name.map((one) => `/claims/${one}`),
      fc.constant('/token/lifetime/expiration'),
      fc.string(),
    ),
    value: fc.oneof(fc.jsonValue(), fc.integer({ min: 0, max: 100_000 })),
  });
  const command = fc.oneof(
    fc.record({
      type: fc.constantFrom('com.okta.access.patch', 'com.okta.identity.patch'),
      value: fc.array(operation, { maxLength: 5 }),
    }),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 4 }), (commands) => {
      const applied = applyCommands(tokens(), commands);
      if (applied.kind === 'refused') return;
      const { access, identity } = applied.tokens;
      expect(access?.claims).toMatchObject({ iss: 'i', jti: 'AT.1', cid: 'c', uid: 'u', scp: ['openid'], ver: 1 });
      expect(identity?.claims).toMatchObject({ iss: 'i', jti: 'ID.1', sub: 'u', aud: 'c', amr: ['pwd'], ver: 1 });
      expect(access?.lifetime).toBeLessThanOrEqual(86_400);
    }),
    { numRuns: 1000 },
  );
});
