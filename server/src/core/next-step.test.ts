import { expect, it } from 'vitest';
import { nextStep } from './next-step.ts';

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
  expect(nextStep({ status })).toBe(step);
});
