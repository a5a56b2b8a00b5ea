import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forget, remembered } from './brief-memory.ts';
import { transact } from './env.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

describe('what the database said a moment ago', () => {
  let world: TestEnv;
  let asked: number;
  beforeEach(async () => {
    world = await createTestEnv();
    asked = 0;
  });
  afterEach(() => world.close());

  const read = async () => `answer ${++asked}`;

  it('is remembered for two seconds', async () => {
    expect(await remembered(world.env, 'things', 'a', read)).toBe('answer 1');
    expect(await remembered(world.env, 'things', 'a', read)).toBe('answer 1');
    world.advance(2001);
    expect(await remembered(world.env, 'things', 'a', read)).toBe('answer 2');
  });

  it('is kept apart by purpose and key', async () => {
    await remembered(world.env, 'things', 'a', read);
    expect(await remembered(world.env, 'things', 'b', read)).toBe('answer 2');
    expect(await remembered(world.env, 'others', 'a', read)).toBe('answer 3');
  });

  it('is forgotten at once when this process changes it', async () => {
    await remembered(world.env, 'things', 'a', read);
    forget(world.env, 'things');
    expect(await remembered(world.env, 'things', 'a', read)).toBe('answer 2');
  });

  it('is not remembered when a change came while the database was asked', async () => {
    await remembered(world.env, 'things', 'a', async () => {
      forget(world.env, 'things');
      return 'stale';
    });
    expect(await remembered(world.env, 'things', 'a', read)).toBe('answer 1');
  });

  it('is not remembered when there was nothing, so that guessing fills no memory', async () => {
    expect(await remembered(world.env, 'things', 'a', async () => null)).toBe(null);
    expect(await remembered(world.env, 'things', 'a', read)).toBe('answer 1');
  });

  it('is asked anew inside a transaction', async () => {
    await remembered(world.env, 'things', 'a', read);
    const inside = await transact(world.env, (env) => remembered(env, 'things', 'a', read));
    expect(inside).toBe('answer 2');
    expect(await remembered(world.env, 'things', 'a', read)).toBe('answer 1');
  });
});
