// Owns what a client signs: key pairs, and JWTs that are right unless a test makes them wrong.
// Not here: which parameter or header carries them.
import { randomUUID } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export type ClientKeyPair = { privateKey: CryptoKey; publicJwk: JWK & { kty: string; kid: string } };

export async function newClientKey(alg = 'ES256', kid: string = randomUUID()): Promise<ClientKeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const { kty = '', ...rest } = await exportJWK(publicKey);
  return { privateKey, publicJwk: { ...rest, kty, kid, use: 'sig', alg } };
}

/** Claims with a null are left out. */
export type Changes = { [claim: string]: unknown };

/** `key`: a key pair's private half, or a client secret. */
export async function sign(
  key: CryptoKey | string,
  header: { alg: string; [member: string]: unknown },
  claims: Changes,
): Promise<string> {
  const said = Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
  const signer = new SignJWT(said as JWTPayload).setProtectedHeader(header);
  return signer.sign(typeof key === 'string' ? new TextEncoder().encode(key) : key);
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** What a client says of itself to prove who it is. */
export function assertionClaims(clientId: string, audience: unknown, changes: Changes = {}): Changes {
  const iat = nowSeconds();
  return { iss: clientId, sub: clientId, aud: audience, iat, exp: iat + 300, jti: randomUUID(), ...changes };
}

/** The form fields that carry an assertion. */
export function asAssertion(assertion: string): Record<string, string> {
  return {
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
  };
}
