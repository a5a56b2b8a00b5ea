import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toJson } from '../storage/schema.ts';
import { isCommonPassword } from './common-passwords.ts';
import { type PasswordPolicy, passwordPolicy, passwordProblem } from './password-policy.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;

beforeAll(async () => {
  world = await createTestEnv();
});

afterAll(() => world.close());

const ada = {
  login: 'isaac.brock@example.com',
  profile: { firstName: 'Isaac', lastName: 'Brock', city: 'Issaquah' },
};

const judge = async (password: string, further: Partial<PasswordPolicy> = {}) =>
  passwordProblem({ ...(await passwordPolicy(world.env)), ...further }, password, ada);

describe('the default policy', () => {
  test.each(['Abcdefg1', 'ÄbcdÉfg1', 'pass phrase With 1 space', `Aa1${'x'.repeat(253)}`])(
    '%j is good',
    async (good) => {
      expect(await judge(good)).toBeNull();
    },
  );

  test.each([
    '',
    'Abcdef1',
    'abcdefg1',
    'ABCDEFG1',
    'Abcdefgh',
    '😀😀😀😀Aa1',
    'broCKR0cks!',
    'Isaac12345',
    'eXample1234',
  ])('%j is not, and the answer says what is asked for', async (bad) => {
    expect(await judge(bad)).toBe(
      'Password requirements were not met. Password requirements: at least 8 characters, a lowercase letter, an uppercase letter, a number, no parts of your username.',
    );
  });

  test('a password has an upper bound', async () => {
    expect(await judge(`Aa1${'x'.repeat(254)}`)).toBe('The password must have at most 256 characters');
  });

  test('the end of the domain and short parts of the login may be in it', async () => {
    expect(await judge('Comcom123')).toBeNull();
  });
});

test('a policy can ask for more, and then says so', async () => {
  const further = {
    minLength: 12,
    minSymbol: 2,
    minNumber: 2,
    excludeAttributes: ['firstName', 'lastName'],
    excludeUsername: false,
    excludeCommon: true,
  };
  expect(await judge('Abcdefgh12#', further)).toBe(
    'Password requirements were not met. Password requirements: at least 12 characters, a lowercase letter, an uppercase letter, 2 numbers, 2 symbols, does not include your first name, does not include your last name, not a commonly used password.',
  );
  expect(await judge('Abcdefgh12#+', further)).toBeNull();
  expect(await judge('abBROCKfgh12#+', further)).not.toBeNull();
});

test('no password makes the judgement throw', async () => {
  const policy = await passwordPolicy(world.env);
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (password) => {
      passwordProblem({ ...policy, excludeCommon: true }, password, ada);
    }),
  );
});

describe('a common password', () => {
  test.each([
    'password',
    'Password1',
    'P@ssw0rd!',
    'Welcome2026',
    '123456789',
    'aaaaaaaa',
    'Qwerty123',
    '!!Summer24!!',
    'l3tm31n',
  ])('%j is one', (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  test.each(['Correct-Horse-1', 'kT9#vLq2', 'Wpassword-of-ada', ''])('%j is none', (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });
});

test('what the policy row says counts, and what it says wrongly does not', async () => {
  const settings = {
    password: { complexity: { minLength: 20, minNumber: 'many', minSymbol: -1 }, lockout: { maxAttempts: 3 } },
  };
  await world.env.db
    .insertInto('policies')
    .values({
      id: '00pPasswordPolicy000',
      type: 'PASSWORD',
      name: 'Default Policy',
      status: 'ACTIVE',
      priority: 1,
      system: 1,
      settings: toJson(settings),
      created: 0,
      last_updated: 0,
    })
    .execute();
  expect(await passwordPolicy(world.env)).toMatchObject({ minLength: 20, minNumber: 1, minSymbol: 0, maxAttempts: 3 });
});
