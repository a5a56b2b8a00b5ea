import { inflateSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { png } from './png.ts';

it('a PNG holds the modules, scaled, within a light border', () => {
  const file = png([[true]], { scale: 2, border: 1 });
  expect(file.subarray(1, 4).toString('ascii')).toBe('PNG');
  expect([file.readUInt32BE(16), file.readUInt32BE(20), file.readUInt8(24), file.readUInt8(25)]).toEqual([6, 6, 1, 0]);
  const data = file.subarray(file.indexOf('IDAT') + 4, file.indexOf('IEND') - 8);
  const [light, dark] = [
    [0, 0b1111_1100],
    [0, 0b1100_1100],
  ];
  expect([...inflateSync(data)]).toEqual([light, light, dark, dark, light, light].flat());
});
