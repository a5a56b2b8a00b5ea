import { createPublicKey, verify, X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import { integer, objectIdentifier, time } from './der.ts';
import { makeKeyPair } from './key-pair.ts';
import { makeCertificate, makeCertificateRequest } from './x509.ts';

const NOW = Date.parse('2026-11-24T18:00:00.000Z');
const keys = await makeKeyPair('RS256');
const subject = { commonName: 'Grüße, "Ada" <x>', organizationName: 'Acme\u202e', countryName: 'DE' };

test('a certificate is read by others as it was written, and signed by its issuer', async () => {
  const issuer = await makeKeyPair('RS256');
  const certificate = new X509Certificate(
    await makeCertificate({
      publicJwk: keys.publicJwk,
      subject,
      issuer: { commonName: 'Issuer' },
      issuerPrivateJwk: issuer.privateJwk,
      serial: Buffer.from('00ff00', 'hex'),
      notBefore: NOW,
      notAfter: Date.parse('2056-11-24T18:00:00.000Z'),
    }),
  );
  expect(certificate.verify(createPublicKey({ key: issuer.publicJwk, format: 'jwk' }))).toBe(true);
  expect(certificate.verify(createPublicKey({ key: keys.publicJwk, format: 'jwk' }))).toBe(false);
  expect(certificate.publicKey.export({ format: 'jwk' })).toMatchObject({ n: keys.publicJwk.n });
  expect(certificate.subject).toContain('CN=Grüße');
  expect(certificate.issuer).toBe('CN=Issuer');
  expect(certificate.serialNumber).toBe('FF00');
  expect([certificate.validFrom, certificate.validTo].map((text) => Date.parse(text))).toEqual([
    NOW,
    Date.parse('2056-11-24T18:00:00.000Z'),
  ]);
  expect(certificate.ca).toBe(false);
});

test('a request is signed with the key that it names', async () => {
  const request = await makeCertificateRequest(keys, subject, ['sso.example.com']);
  const [, whole] = valueAt(request, 0);
  const [contentsEnd] = valueAt(whole, 0);
  const [algorithmEnd] = valueAt(whole, contentsEnd);
  const [, signature] = valueAt(whole, algorithmEnd);
  const key = createPublicKey({ key: keys.publicJwk, format: 'jwk' });
  expect(verify('sha256', whole.subarray(0, contentsEnd), key, signature.subarray(1))).toBe(true);
  expect(whole.includes(key.export({ type: 'spki', format: 'der' }))).toBe(true);
  expect(whole.includes(Buffer.from('sso.example.com'))).toBe(true);
});

/** Where the value that begins here ends, and its content. */
function valueAt(bytes: Buffer, start: number): [end: number, content: Buffer] {
  const short = bytes[start + 1] ?? 0;
  const more = short < 0x80 ? 0 : short - 0x80;
  const length = more === 0 ? short : bytes.readUIntBE(start + 2, more);
  const begin = start + 2 + more;
  return [begin + length, bytes.subarray(begin, begin + length)];
}

test.each([
  ['00', '020100'],
  ['7f', '02017f'],
  ['80', '02020080'],
  ['0000ff01', '020300ff01'],
])('the number %s is written %s', (bytes, expected) => {
  expect(integer(Buffer.from(bytes, 'hex')).toString('hex')).toBe(expected);
});

test('an object identifier is written in base 128', () => {
  expect(objectIdentifier('1.2.840.113549.1.1.11').toString('hex')).toBe('06092a864886f70d01010b');
});

test('a year from 2050 on has four digits', () => {
  expect(time(Date.parse('2049-12-31T23:59:59Z')).subarray(2).toString()).toBe('491231235959Z');
  expect(time(Date.parse('2050-01-01T00:00:00Z')).subarray(2).toString()).toBe('20500101000000Z');
});
