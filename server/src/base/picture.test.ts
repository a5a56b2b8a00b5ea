import { expect, test } from 'vitest';
import { readPicture } from './picture.ts';

const PNG = '89504e470d0a1a0a0000000d4948445200000020000000400802000000';

test.each([
  ['PNG', PNG, { type: 'image/png', size: { width: 32, height: 64 } }],
  ['GIF', `474946383961${'02000300'}${'00'.repeat(20)}`, { type: 'image/gif', size: { width: 2, height: 3 } }],
  ['JPEG', `ffd8ffe0${'00'.repeat(24)}`, { type: 'image/jpeg', size: null }],
  ['ICO', `000001000100${'0010'}${'00'.repeat(20)}`, { type: 'image/x-icon', size: { width: 256, height: 16 } }],
])('%s is recognized by its first bytes', (_, hex, expected) => {
  expect(readPicture(Buffer.from(hex, 'hex'))).toEqual(expected);
});

test.each([
  '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  '<?xml version="1.0"?><svg onload="alert(1)"/>                          ',
  '<!doctype html><script>alert(1)</script>',
  '%PDF-1.7 ............................',
  'RIFF....WEBPVP8 .....................',
  '',
])('%j is no picture', (text) => {
  expect(readPicture(Buffer.from(text))).toBeNull();
});

test('a file that only begins like one, or is too short, is no picture', () => {
  expect(readPicture(Buffer.from(PNG, 'hex').subarray(0, 12))).toBeNull();
  expect(readPicture(Buffer.from('89504e47<svg onload=alert(1)>............'))).toBeNull();
});
