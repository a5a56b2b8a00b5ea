import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { png } from './png.ts';
import { qrCode } from './qr-code.ts';

const digestOf = (text: string) =>
  createHash('sha256')
    .update(JSON.stringify(qrCode(text)))
    .digest('base64url');

describe('qrCode', () => {
  it('is as small as the text allows', () => {
    const sizes = [14, 15, 26, 27, 180, 181, 666].map((length) => qrCode('x'.repeat(length)).length);
    expect(sizes).toEqual([21, 25, 25, 29, 53, 57, 97]);
    expect(() => qrCode('x'.repeat(667))).toThrow('too long');
  });

  // Each of these was read back by a scanner (jsQR 1.4) when it was written down.
  it('draws what scanners read', () => {
    expect(['A', 'x'.repeat(122), 'x'.repeat(250)].map(digestOf)).toMatchInlineSnapshot(`
      [
        "MmS7NjQiNzZkzGT7d5LGqHd4rRL7mnUqv4e_4J8cW5I",
        "7zObVt1bmUPXS9_zqgF1zSfpAHV2RM_kEO4J4dbI0lY",
        "dR0WVHeesAw-MZ5i8EUMhUlDG3dpokNCzp1sacbR9Yg",
      ]
    `);
  });
});

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
