// Owns how this server proves to a provider's token endpoint which client it is: a secret, or a JWT that one of its keys signs
// (RFC 7523 section 2.2; Apple's secret is such a JWT as well). Not here: the request that carries it (ask-provider.ts).
import {
  importPkcs8,
  importPrivateKey,
  type KeyObject,
  type SignatureAlgorithm,
  signBytes,
} from '../../base/key-pair.ts';
import { newOpaqueToken } from '../../base/opaque-token.ts';
import { MINUTE, toSeconds } from '../../base/time.ts';
import type { Env } from '../env.ts';
import { activeProviderSigningKey, privateKeyOf } from '../identity-provider-signing-keys.ts';
import { secretsOf } from '../identity-providers.ts';
import { isObject } from '../policies/policy-defaults.ts';
import type { ProviderTerms } from './provider-terms.ts';

export type ClientProof = { headers: Record<string, string>; fields: Record<string, string> };

const LIFETIME = 5 * MINUTE;
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const APPLE = 'https://appleid.apple.com';

/** Null when there is no key to prove it with. */
export async function clientProof(env: Env, terms: ProviderTerms): Promise<ClientProof | null> {
  const { provider, clientId } = terms;
  const secret = secretsOf(env, provider).clientSecret ?? '';
  switch (terms.clientAuthentication) {
    case 'client_secret_basic': {
      // RFC 6749 section 2.3.1: both parts are encoded as in a form before they are joined.
      const [id, password] = [clientId, secret].map((part) => new URLSearchParams({ '': part }).toString().slice(1));
      const credentials = Buffer.from(`${id}:${password}`).toString('base64');
      return { headers: { authorization: `Basic ${credentials}` }, fields: {} };
    }
    case 'client_secret_post':
      return { headers: {}, fields: { client_id: clientId, client_secret: secret } };
    case 'none':
      return { headers: {}, fields: { client_id: clientId } };
    case 'private_key_jwt': {
      const assertion = await assertionOf(env, terms);
      if (assertion === null) return null;
      const fields = { client_id: clientId, client_assertion_type: JWT_BEARER, client_assertion: assertion };
      return { headers: {}, fields };
    }
    case 'apple': {
      const signed = await appleSecret(env, terms);
      return signed === null ? null : { headers: {}, fields: { client_id: clientId, client_secret: signed } };
    }
  }
}

async function assertionOf(env: Env, { provider, clientId, token }: ProviderTerms): Promise<string | null> {
  const key = await activeProviderSigningKey(env, provider);
  if (!key) return null;
  const claims = { iss: clientId, sub: clientId, aud: token, jti: newOpaqueToken(env.random) };
  return signed(env, { alg: 'RS256', kid: key.kid, key: importPrivateKey(privateKeyOf(env, key)) }, claims);
}

async function appleSecret(env: Env, { provider, clientId }: ProviderTerms): Promise<string | null> {
  const { credentials } = provider.protocol;
  const { teamId, kid } = isObject(credentials) && isObject(credentials.signing) ? credentials.signing : {};
  const key = importPkcs8(secretsOf(env, provider).privateKey ?? '');
  if (key?.asymmetricKeyType !== 'ec' || typeof teamId !== 'string' || typeof kid !== 'string') return null;
  return signed(env, { alg: 'ES256', kid, key }, { iss: teamId, sub: clientId, aud: APPLE });
}

type Signer = { alg: SignatureAlgorithm; kid: string; key: KeyObject };

async function signed(env: Env, { alg, kid, key }: Signer, claims: object): Promise<string> {
  const iat = toSeconds(env.now());
  const parts = [
    { alg, kid },
    { ...claims, iat, exp: iat + toSeconds(LIFETIME) },
  ];
  const content = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${content}.${(await signBytes(alg, key, Buffer.from(content))).toString('base64url')}`;
}
