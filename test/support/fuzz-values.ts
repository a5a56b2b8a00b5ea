// Owns odd values: what a hostile or broken client puts where a value belongs. Not here: where (fuzz-requests.ts).
import fc from 'fast-check';

const ODD_TEXTS = [
  '',
  ' ',
  '0',
  '-1',
  '1e309',
  '9'.repeat(400),
  '99999999999999999999',
  '-9223372036854775809',
  'NaN',
  'null',
  'undefined',
  'true',
  '[]',
  '{}',
  '\0',
  'a\0b',
  '\ud800',
  '\u202e',
  '\u{1f600}',
  'İ',
  'ﬀ',
  '%',
  '%00',
  '%ff%fe',
  '%2e%2e%2f',
  '../../etc/passwd',
  "' or 1=1 --",
  '"; drop table users; --',
  '<script>alert(1)</script>',
  '#{7*7}',
  '{{7*7}}',
  '__proto__',
  'constructor',
  'a'.repeat(5000),
  '('.repeat(300),
  `${'status eq "ACTIVE" and '.repeat(60)}status eq "ACTIVE"`,
  'status eq "ACTIVE" or (profile.login sw "a" and not (id pr))',
  'profile.login eq "\\u0000"',
  'lastUpdated gt "9999-99-99T99:99:99.999Z"',
  'created lt "-271821-04-20T00:00:00.000Z"',
  '(a+)+$',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  'user.profile.login + String.append(user.login, "x")',
  'https://example.com/?a=b#c',
  'http://169.254.169.254/latest/meta-data',
  'javascript:alert(1)',
  'http://[::1',
  'http://a:b@c:99999/',
  'urn:ietf:params:oauth:request_uri:x',
  'a\r\nset-cookie: idx=planted',
  '2026-13-45T25:61:61Z',
];

/** Text of any kind; not every one is well-formed Unicode. */
export const oddText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 60 }) },
  { weight: 1, arbitrary: fc.webUrl() },
  { weight: 1, arbitrary: fc.base64String({ maxLength: 300 }) },
);

/** Text that may stand in a header or, but for its spaces, in a request line. */
export const oddLatin: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ODD_TEXTS.filter((text) => /^[\x20-\xff]*$/.test(text))),
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0xfe }).map((code) => String.fromCharCode(code === 0x7f ? 0xff : code)),
    maxLength: 60,
  }),
);

const oddNumber = fc.oneof(
  fc.constantFrom(0, -0, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 63, 1e21, Number.MIN_VALUE),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** A JSON value of any kind. */
export const oddJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: oddText },
  { weight: 2, arbitrary: oddNumber },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(null, true, false, [], {}, [[]], [null], { a: { b: {} } }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);

/** A JWT in shape: odd members, odd signature. */
export const oddJwt: fc.Arbitrary<string> = fc
  .tuple(
    fc.record({
      alg: fc.oneof(fc.constantFrom<unknown>('none', 'RS256', 'HS256', 'ES256', 'nOnE'), oddJson),
      typ: fc.option(oddJson, { nil: undefined }),
      kid: fc.option(oddJson, { nil: undefined }),
      jwk: fc.option(oddJson, { nil: undefined }),
      crit: fc.option(oddJson, { nil: undefined }),
    }),
    fc.dictionary(
      fc.constantFrom(
        'iss',
        'sub',
        'aud',
        'exp',
        'iat',
        'nbf',
        'jti',
        'scp',
        'cid',
        'htm',
        'htu',
        'nonce',
        'client_id',
      ),
      oddJson,
      { maxKeys: 6 },
    ),
    fc.constantFrom('', 'c2ln', 'A'.repeat(342), '=', '%'),
  )
  .map(([header, payload, signature]) => `${encoded(header)}.${encoded(payload)}.${signature}`);

function encoded(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
