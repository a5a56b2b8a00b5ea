// Owns the client's half of DPoP (RFC 9449): keys and proofs that are right unless a test makes them wrong.
import { createHash, randomUUID } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { type Changes, type ClientKeyPair, newClientKey, nowSeconds, sign } from './client-keys.ts';
import type { Guide } from './guide.ts';
import type { Answer } from './management-api.ts';
import { codeFor, type OAuthError, type Parameters, postForm, type TokenAnswer } from './oauth.ts';
import type { UserAgent } from './user-agent.ts';

export type DpopKey = ClientKeyPair & { alg: string; thumbprint: string };

export async function newDpopKey(alg = 'ES256'): Promise<DpopKey> {
  const { privateKey, publicJwk } = await newClientKey(alg);
  const { kid: _kid, use: _use, alg: _alg, ...jwk } = publicJwk;
  return { privateKey, publicJwk: jwk as DpopKey['publicJwk'], alg, thumbprint: await calculateJwkThumbprint(jwk) };
}

/** The proof of one request; `token`: the access token that the request carries. */
export function proof(
  key: DpopKey,
  request: { url: string; method?: string; nonce?: string | undefined; token?: string },
  changes: Changes = {},
  header: object = {},
): Promise<string> {
  const { url, method = 'POST', nonce, token } = request;
  const ath = token === undefined ? null : createHash('sha256').update(token).digest('base64url');
  const claims = {
    jti: randomUUID(),
    htm: method,
    htu: url.split('?')[0],
    iat: nowSeconds(),
    nonce: nonce ?? null,
    ath,
  };
  return sign(
    key.privateKey,
    { typ: 'dpop+jwt', alg: key.alg, jwk: key.publicJwk, ...header },
    { ...claims, ...changes },
  );
}

/** The nonce that the token endpoint wants. */
export async function nonceOf(tokenUrl: string, form: Parameters, key: DpopKey): Promise<string> {
  const { headers, body } = await postForm<OAuthError>(tokenUrl, form, { dpop: await proof(key, { url: tokenUrl }) });
  const nonce = headers.get('dpop-nonce');
  if (nonce === null) throw new Error(`No nonce came: ${JSON.stringify(body)}`);
  return nonce;
}

/** A token request as a DPoP client makes it: asks for a nonce, then brings it. */
export async function tokenRequest(
  url: string,
  form: Parameters,
  key: DpopKey,
  headers: Record<string, string> = {},
): Promise<Answer<TokenAnswer & OAuthError>> {
  const first = await postForm<TokenAnswer & OAuthError>(url, form, { ...headers, dpop: await proof(key, { url }) });
  const nonce = first.headers.get('dpop-nonce');
  if (nonce === null || first.status === 200) return first;
  return postForm(url, form, { ...headers, dpop: await proof(key, { url, nonce }) });
}

/** The forms of a client that followed the guide: of a fresh code each time, and of a refresh token. */
export function formsOf(agent: UserAgent, guide: Guide) {
  return {
    async code(changes: Parameters = {}): Promise<Parameters> {
      const { code, verifier } = await codeFor(agent, guide, guide.user, changes);
      return {
        grant_type: 'authorization_code',
        client_id: guide.clientId,
        redirect_uri: guide.redirectUri,
        code,
        code_verifier: verifier,
      };
    },
    refresh: (token: string): Parameters => ({
      grant_type: 'refresh_token',
      client_id: guide.clientId,
      refresh_token: token,
    }),
  };
}
