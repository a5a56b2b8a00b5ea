import { expect, test } from 'vitest';
import { createRandom } from './random.ts';

test('no bytes are handed out twice, over many pools and every length', () => {
  const random = createRandom();
  const seen = new Set<string>();
  let count = 0;
  for (let round = 0; round < 200; round++)
    for (const length of [16, 32, 100, 2048, 5000]) {
      const bytes = random(length);
      expect(bytes).toHaveLength(length);
      seen.add(Buffer.from(bytes.subarray(0, 16)).toString('hex'));
      count++;
    }
  expect(seen.size).toBe(count);
});

test('what was handed out stays as it was when more is taken', () => {
  const random = createRandom();
  const first = random(32);
  const copy = Buffer.from(first).toString('hex');
  for (let round = 0; round < 1000; round++) random(64);
  expect(Buffer.from(first).toString('hex')).toBe(copy);
});
