// Owns a new pair of keys for a client, made by the browser: RSA of 2048 bits, as every library takes it.

export type KeyPair = { publicKey: string; privateJwk: string; privatePem: string };

export async function newKeyPair(): Promise<KeyPair> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  };
  const { publicKey, privateKey } = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const head = { kid: newKid(), use: 'sig', alg: 'RS256' };
  const { kty, n, e } = await crypto.subtle.exportKey('jwk', publicKey);
  const { d, p, q, dp, dq, qi } = await crypto.subtle.exportKey('jwk', privateKey);
  return {
    publicKey: JSON.stringify({ kty, ...head, n, e }, null, 2),
    privateJwk: JSON.stringify({ kty, ...head, n, e, d, p, q, dp, dq, qi }, null, 2),
    privatePem: toPem(new Uint8Array(await crypto.subtle.exportKey('pkcs8', privateKey))),
  };
}

function newKid(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function toPem(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----'].join('\n');
}
