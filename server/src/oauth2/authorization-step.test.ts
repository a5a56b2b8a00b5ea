import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextStep } from './authorization-step.ts';

const NOW = 1_800_000_000_000;
const ask = (prompt: ('none' | 'login' | 'consent')[] = [], maxAge: number | null = null) => ({
  prompt: new Set(prompt),
  maxAge,
});

describe('what an authorization request needs next', () => {
  it('is a sign-in when nobody is signed in', () => {
    expect(nextStep(ask(), null, NOW, NOW)).toBe('sign-in');
    expect(nextStep(ask(['login']), null, NOW, NOW)).toBe('sign-in');
  });

  it('is an error instead of a page when prompt=none', () => {
    expect(nextStep(ask(['none']), null, NOW, NOW)).toBe('login_required');
    expect(nextStep(ask(['none'], 60), NOW - 61_000, NOW, NOW)).toBe('reauthentication_required');
  });

  it('is judgement when a session is there and fresh enough', () => {
    expect(nextStep(ask(), NOW - 5_000, NOW, NOW)).toBe('judge');
    expect(nextStep(ask([], 60), NOW - 60_000, NOW, NOW)).toBe('judge');
    expect(nextStep(ask(['none'], 60), NOW - 59_000, NOW, NOW)).toBe('judge');
  });

  it('is a sign-in when the session is older than max_age allows', () => {
    expect(nextStep(ask([], 60), NOW - 60_001, NOW, NOW)).toBe('sign-in');
    expect(nextStep(ask([], 0), NOW, NOW, NOW)).toBe('sign-in');
  });

  it('is a sign-in for prompt=login until one happened after the request began', () => {
    expect(nextStep(ask(['login']), NOW - 1, NOW, NOW)).toBe('sign-in');
    expect(nextStep(ask(['login']), NOW + 1, NOW, NOW + 1)).toBe('judge');
  });

  it('never shows a page under prompt=none, whatever else is asked', () => {
    const times = fc.integer({ min: NOW - 1_000_000, max: NOW });
    fc.assert(
      fc.property(fc.option(times), fc.option(fc.nat(100_000)), times, (authenticatedAt, maxAge, begun) => {
        expect(nextStep(ask(['none'], maxAge), authenticatedAt, begun, NOW)).not.toBe('sign-in');
      }),
    );
  });

  it('ends: a sign-in that happens now always leads to judgement', () => {
    const prompts = fc.subarray<'login' | 'consent'>(['login', 'consent']);
    fc.assert(
      fc.property(prompts, fc.option(fc.nat(100_000)), fc.nat(1_000_000), (prompt, maxAge, waited) => {
        const signedInAt = NOW + waited + 1;
        expect(nextStep(ask(prompt, maxAge), signedInAt, NOW, signedInAt)).toBe('judge');
      }),
    );
  });
});
