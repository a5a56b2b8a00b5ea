import { describe, expect, it } from 'vitest';
import { matchingStep, newTotpSecret, otpauthUri, totpCode } from './totp.ts';

// The secret of RFC 6238 appendix B, `12345678901234567890`, in base32.
const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('totpCode', () => {
  it('gives the codes of RFC 6238 appendix B, shortened to six digits', () => {
    const table = [
      [59, '287082'],
      [1_111_111_109, '081804'],
      [1_111_111_111, '050471'],
      [1_234_567_890, '005924'],
      [2_000_000_000, '279037'],
      [20_000_000_000, '353130'],
    ] as const;
    for (const [seconds, code] of table) expect(totpCode(SECRET, Math.floor(seconds / 30))).toBe(code);
  });
});

describe('matchingStep', () => {
  const now = 1_111_111_111_000;
  const step = Math.floor(now / 30_000);

  it('takes the code of this step and of its neighbours, and names the step', () => {
    for (const one of [step - 1, step, step + 1]) expect(matchingStep(SECRET, totpCode(SECRET, one), now)).toBe(one);
  });

  it('takes nothing else', () => {
    const others = [
      totpCode(SECRET, step - 2),
      totpCode(SECRET, step + 2),
      '',
      '05047',
      '0504711',
      'abcdef',
      '０５０４７１',
    ];
    for (const code of others) expect(matchingStep(SECRET, code, now)).toBeNull();
  });
});

it('a secret has 160 bits and is never the same', () => {
  let next = 0;
  const random = (bytes: number) => new Uint8Array(bytes).fill(next++);
  const [one, other] = [newTotpSecret(random), newTotpSecret(random)];
  expect([one, other]).toEqual([expect.stringMatching(/^[A-Z2-7]{32}$/), expect.stringMatching(/^[A-Z2-7]{32}$/)]);
  expect(one).not.toBe(other);
});

it('the URI that apps read escapes the issuer and the account', () => {
  expect(otpauthUri(SECRET, { issuer: 'A & B', account: 'ada+x@example.com' })).toBe(
    `otpauth://totp/A%20%26%20B:ada%2Bx%40example.com?secret=${SECRET}&issuer=A%20%26%20B&algorithm=SHA1&digits=6&period=30`,
  );
});
