// Owns reading X.509 certificates: the public key as a JWK, until when it is good, and its thumbprint. Not here: trust in one.
import { createHash, X509Certificate } from 'node:crypto';

export type Certificate = {
  /** The public key, without what it is for. */
  jwk: Record<string, unknown>;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** `x5t#S256` of RFC 7517. */
  thumbprint: string;
};

/** Null for what is no certificate. `text`: DER in base64, as `x5c` has it. */
export function readCertificate(text: string): Certificate | null {
  const der = Buffer.from(text.replaceAll(/\s/g, ''), 'base64');
  try {
    const certificate = new X509Certificate(der);
    return {
      jwk: certificate.publicKey.export({ format: 'jwk' }) as Record<string, unknown>,
      expiresAt: Date.parse(certificate.validTo),
      thumbprint: createHash('sha256').update(certificate.raw).digest('base64url'),
    };
  } catch {
    return null;
  }
}
