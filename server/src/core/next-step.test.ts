import { expect, it } from 'vitest';
import { nextStep, type SignInFacts } from './next-step.ts';

const passwordAlone: SignInFacts = {
  status: 'ACTIVE',
  factorProven: false,
  factorRequired: false,
  hasFactor: false,
  canEnroll: false,
  enrollmentDue: false,
};

it.each([
  ['ACTIVE', 'begin-session'],
  ['PASSWORD_EXPIRED', 'change-password'],
  ['STAGED', 'refuse'],
  ['PROVISIONED', 'refuse'],
  ['RECOVERY', 'refuse'],
  ['LOCKED_OUT', 'refuse'],
  ['SUSPENDED', 'refuse'],
  ['DEPROVISIONED', 'refuse'],
  ['', 'refuse'],
  ['active', 'refuse'],
])('a user who is %j: %s', (status, step) => {
  expect(nextStep({ ...passwordAlone, status })).toBe(step);
  // No factor opens what the status shuts.
  if (status !== 'ACTIVE') {
    const proven = { factorProven: true, factorRequired: true, hasFactor: true, canEnroll: true };
    expect(nextStep({ ...passwordAlone, ...proven, status })).toBe(step);
  }
});

const flags = ['factorProven', 'factorRequired', 'hasFactor', 'canEnroll', 'enrollmentDue'] as const;
const everyCombination = Array.from({ length: 2 ** flags.length }, (_, bits) => ({
  ...passwordAlone,
  ...Object.fromEntries(flags.map((flag, bit) => [flag, ((bits >> bit) & 1) === 1])),
}));

it.each(everyCombination)(
  'an active user with $factorRequired/$factorProven/$hasFactor/$canEnroll/$enrollmentDue',
  (facts) => {
    const step = nextStep(facts);
    if (facts.factorRequired && !facts.factorProven) expect(step).not.toBe('begin-session');
    if (facts.hasFactor && !facts.factorProven) expect(step).not.toBe('enroll-factor');
    if (facts.factorProven && !facts.enrollmentDue) expect(step).toBe('begin-session');
    if (step === 'verify-factor') expect(facts.hasFactor).toBe(true);
  },
);
