import { describe, expect, it } from 'vitest';
import { idPrefixes, isId, newId } from './id.ts';
import { createRandom } from './random.ts';

describe('an id', () => {
  it('has its prefix and twenty characters', () => {
    expect(isId(newId({ now: () => 1_800_000_000_000, random: createRandom() }, idPrefixes.user), '00u')).toBe(true);
  });

  it('sorts after every one that was made before it, also in the same millisecond', () => {
    let now = 1_800_000_000_000;
    const world = { now: () => now, random: createRandom() };
    const ids = Array.from({ length: 2000 }, (_, index) => {
      if (index % 500 === 499) now++;
      return newId(world, idPrefixes.scope);
    });
    expect(ids.toSorted()).toEqual(ids);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('is left to chance where it follows none: two processes do not make the same in one millisecond', () => {
    const [one, other] = [createRandom(), createRandom()].map((random) =>
      newId({ now: () => 1_800_000_000_000, random }, idPrefixes.group),
    );
    expect(one).not.toBe(other);
  });

  it('carries over when its last digits are at their end', () => {
    // 61 is the byte of the last digit, z.
    const world = { now: () => 1_800_000_000_000, random: (bytes: number) => new Uint8Array(bytes).fill(61) };
    const first = newId(world, idPrefixes.group);
    const second = newId(world, idPrefixes.group);
    expect(first).toMatch(/z{9}$/);
    expect(second).toMatch(/0{9}$/);
    expect(second > first).toBe(true);
  });

  it('still sorts after the others when the clock goes back', () => {
    let now = 1_800_000_000_000;
    const world = { now: () => now, random: createRandom() };
    const first = newId(world, idPrefixes.group);
    now -= 60_000;
    expect(newId(world, idPrefixes.group) > first).toBe(true);
  });
});
