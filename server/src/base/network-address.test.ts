import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from './network-address.ts';

// Each special-purpose block of the IANA registries, written as a number and a mask: another way than the module's own.
const SPECIAL_4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];

const numberOf = (address: string) => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const textOf = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
const isSpecial = (value: number) =>
  SPECIAL_4.some(([network, prefix]) => {
    const size = 2 ** (32 - prefix);
    return Math.floor(value / size) === Math.floor(numberOf(network) / size);
  });

const ipv4 = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  // Inside, and just outside of, the blocks: where a wrong mask shows.
  fc.constantFrom(...SPECIAL_4).chain(([network, prefix]) => {
    const size = 2 ** (32 - prefix);
    return fc
      .integer({ min: -2, max: size + 1 })
      .map((offset) => Math.min(2 ** 32 - 1, Math.max(0, numberOf(network) + offset)));
  }),
);
const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
const long = (numbers: readonly number[]) => numbers.map((one) => one.toString(16).padStart(4, '0')).join(':');

describe('an IPv4 address is public', () => {
  test('exactly when it is in no special-purpose block', () => {
    fc.assert(
      fc.property(ipv4, (value) => isPublicAddress(textOf(value)) === !isSpecial(value)),
      { numRuns: 2000 },
    );
  });

  test('or not, whichever IPv6 address wraps it', () => {
    fc.assert(
      fc.property(ipv4, fc.constantFrom('::ffff:', '64:ff9b::', '0:0:0:0:0:FFFF:'), (value, head) => {
        const dotted = `${head}${textOf(value)}`;
        const hex = `${head}${Math.floor(value / 65_536).toString(16)}:${(value % 65_536).toString(16)}`;
        expect([dotted, isIP(dotted)]).toEqual([dotted, 6]);
        return [dotted, hex].every((address) => isPublicAddress(address) === !isSpecial(value));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an IPv6 address', () => {
  test('outside of 2000::/3 is not public, unless it wraps a public IPv4 address', () => {
    const outside = groups.filter(([first = 0]) => first < 0x2000 || first > 0x3fff);
    const wraps = (numbers: number[]) =>
      /^(0:0:0:0:0:ffff|64:ff9b:0:0:0:0)/.test(numbers.map((n) => n.toString(16)).join(':'));
    fc.assert(
      fc.property(
        outside.filter((numbers) => !wraps(numbers)),
        (numbers) => !isPublicAddress(long(numbers)),
      ),
    );
  });

  test.each([
    '::',
    '::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'fd00:ec2::254',
    'ff02::1',
    '2001:db8::1',
    '2001::1',
    '2002:7f00:1::',
    '3fff::1',
    '::7f00:1',
    '64:ff9b:1::1',
  ])('%s is not public', (address) => {
    expect(isIP(address)).toBe(6);
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['2606:4700::1111', '2a00:1450:4001:830::200e', '2001:4860:4860::8888'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  test('is judged alike however it is written', () => {
    fc.assert(
      fc.property(groups, (numbers) => {
        const written = long(numbers);
        const short = new URL(`http://[${written}]`).hostname.slice(1, -1);
        return (
          isPublicAddress(written) === isPublicAddress(short) &&
          isPublicAddress(written.toUpperCase()) === isPublicAddress(short)
        );
      }),
    );
  });
});

test('what is no address is not public', () => {
  for (const text of [
    '',
    'localhost',
    '1.1.1',
    '0x7f000001',
    '2130706433',
    '1.1.1.1:80',
    '[2606:4700::1111]',
    '1.1.1.256',
  ])
    expect(isPublicAddress(text)).toBe(false);
});
