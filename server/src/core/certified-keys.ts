// Owns keys with certificates before they are anybody's: made with a certificate that they sign themselves, or from a request that an
// authority answered. Not here: whose they are (application-keys.ts, provider-signing-keys.ts).
import { readCertificate } from '../base/certificate.ts';
import { type Jwk, makeKeyPair } from '../base/key-pair.ts';
import { yearsAfter } from '../base/time.ts';
import { makeCertificate, makeCertificateRequest, type Subject } from '../base/x509.ts';
import type { Env } from './env.ts';
import { getOrg } from './org.ts';
import { invalid } from './refusal.ts';

export type CertifiedKey = {
  /** The certificate's thumbprint. */
  kid: string;
  /** The public key with its certificate. */
  jwk: Record<string, unknown>;
  privateJwk: Jwk;
  expiresAt: number;
};

export type CertificateRequest = { csr: string; publicJwk: Jwk; privateJwk: Jwk };

export const certificateYears = { least: 2, most: 10 } as const;
const SERIAL_BYTES = 16;

/** A key with a certificate that it signs itself, good for this many years. Slow: not for use inside a transaction. */
export async function makeCertifiedKey(env: Env, years: number): Promise<CertifiedKey> {
  const { subdomain, company_name } = await getOrg(env);
  const { publicJwk, privateJwk } = await makeKeyPair('RS256');
  const subject = { commonName: subdomain, organizationName: company_name };
  const notBefore = env.now();
  const certificate = await makeCertificate({
    publicJwk,
    subject,
    issuer: subject,
    issuerPrivateJwk: privateJwk,
    serial: env.random(SERIAL_BYTES),
    notBefore,
    notAfter: yearsAfter(notBefore, years),
  });
  return certifiedKey(env, certificate, privateJwk);
}

/** A key with its certificate (DER). Throws E0000001 for a certificate that is none or over. */
export function certifiedKey(env: Env, certificate: Uint8Array, privateJwk: Jwk): CertifiedKey {
  const text = Buffer.from(certificate).toString('base64');
  const read = readCertificate(text);
  if (!read || read.expiresAt <= env.now()) throw invalid('certificate', 'certificate: The certificate is not valid');
  const { kty, e, n } = read.jwk;
  const jwk = { kty, use: 'sig', x5c: [text], 'x5t#S256': read.thumbprint, e, n };
  return { kid: read.thumbprint, jwk, privateJwk, expiresAt: read.expiresAt };
}

/** A key pair and a request for a certificate about it. Slow: not for use inside a transaction. */
export async function makeRequest(
  env: Env,
  subject: Subject,
  dnsNames: readonly string[],
): Promise<CertificateRequest> {
  const { publicJwk, privateJwk } = await makeKeyPair('RS256');
  const named = subject.commonName ? subject : { ...subject, commonName: (await getOrg(env)).subdomain };
  const request = await makeCertificateRequest({ publicJwk, privateJwk }, named, dnsNames);
  return { csr: request.toString('base64'), publicJwk, privateJwk };
}

/** Throws E0000001 unless the certificate (DER) is about the key that was asked about. */
export function requireAnswer(certificate: Uint8Array, publicJwk: Record<string, unknown>): void {
  const read = readCertificate(Buffer.from(certificate).toString('base64'));
  if (!read) throw invalid('certificate', 'certificate: The certificate is not valid');
  if (read.jwk.n !== publicJwk.n || read.jwk.e !== publicJwk.e)
    throw invalid('certificate', 'certificate: The certificate is about another key than the request');
}
