// Owns the conversation with an identity provider: the address to which a browser is sent, and what is asked with the code that it
// brings back (OIDC Core 3.1; RFC 6749 section 4.1; PKCE always). Every answer is untrusted until it is judged here.
// Not here: the state of the browser's way (pending-external-sign-ins.ts) and whose account it is (accounts.ts).

import type { Env } from '../env.ts';
import { clientProof } from './client-proof.ts';
import { type ExternalIdentity, identityOf } from './external-identity.ts';
import { githubClaims } from './github.ts';
import { type IdTokenProblem, judgeIdToken } from './judge-id-token.ts';
import type { Challenge } from './pending-external-sign-ins.ts';
import { ask, jsonObject } from './provider-http.ts';
import type { ProviderTerms } from './provider-terms.ts';

export type ProviderProblem =
  | IdTokenProblem
  | 'NO_KEY'
  | 'TOKEN_ENDPOINT_UNREACHABLE'
  | 'TOKEN_ENDPOINT_REFUSED'
  | 'NO_ID_TOKEN'
  | 'USERINFO_FAILED'
  | 'USERINFO_SUBJECT';

/** What the browser brought back, and what was told to the provider before. */
type Answer = { code: string; verifier: string; nonce: string; redirectUri: string; freshSince: number | null };

/** Where the browser is sent. `loginHint`: whom the application means. */
export function authorizationAddress(
  { authorization, clientId, scopes, trust, provider }: ProviderTerms,
  { state, nonce, codeChallenge }: Challenge,
  { redirectUri, loginHint, fresh }: { redirectUri: string; loginHint: string | null; fresh: boolean },
): string {
  const url = new URL(authorization);
  const parameters: Record<string, string> = {
    client_id: clientId,
    response_type: 'code',
    scope: scopes.join(' '),
    redirect_uri: redirectUri,
    state,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
    ...(trust === null ? {} : { nonce }),
    ...(loginHint === null ? {} : { login_hint: loginHint }),
    // Apple answers requests for names and addresses by a form alone.
    ...(provider.type === 'APPLE' ? { response_mode: 'form_post' } : {}),
    // Google knows no `login`, and refuses what it does not know.
    ...(fresh && trust !== null && provider.type !== 'GOOGLE' ? { prompt: 'login' } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

/** Who the person is, for the code that their browser brought back. */
export async function identityFor(
  env: Env,
  terms: ProviderTerms,
  answer: Answer,
): Promise<{ identity: ExternalIdentity } | { problem: ProviderProblem }> {
  const tokens = await redeemCode(env, terms, answer);
  if (typeof tokens === 'string') return { problem: tokens };
  const { id_token: idToken, access_token: accessToken } = tokens;
  const { type } = terms.provider;
  if (terms.trust === null) {
    const claims = typeof accessToken === 'string' ? await githubClaims(env, accessToken) : null;
    return claims === null ? { problem: 'USERINFO_FAILED' } : { identity: identityOf(type, claims) };
  }
  if (typeof idToken !== 'string') return { problem: 'NO_ID_TOKEN' };
  const judged = await judgeIdToken(env, terms, idToken, answer);
  if ('problem' in judged) return judged;
  const said = await withUserInfo(env, terms, judged.claims, accessToken);
  return typeof said === 'string' ? { problem: said } : { identity: identityOf(type, said) };
}

async function redeemCode(
  env: Env,
  terms: ProviderTerms,
  { code, verifier, redirectUri }: Answer,
): Promise<Record<string, unknown> | ProviderProblem> {
  const proof = await clientProof(env, terms);
  if (proof === null) return 'NO_KEY';
  const { headers, fields } = proof;
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    ...fields,
  };
  const answer = await ask(env, terms.token, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(form).toString(),
  });
  if (answer === null) return 'TOKEN_ENDPOINT_UNREACHABLE';
  const tokens = answer.status === 200 ? jsonObject(answer.text) : null;
  if (tokens !== null && typeof tokens.error !== 'string') return tokens;
  const refusal = jsonObject(answer.text)?.error;
  const error = typeof refusal === 'string' ? refusal.slice(0, 100) : null;
  env.log.warn({ identityProviderId: terms.provider.id, status: answer.status, error }, 'A code was not redeemed');
  return 'TOKEN_ENDPOINT_REFUSED';
}

/** The claims, completed by the userinfo endpoint where the ID token leaves out what an account is matched and made by. */
async function withUserInfo(
  env: Env,
  { trust }: ProviderTerms,
  claims: Record<string, unknown>,
  accessToken: unknown,
): Promise<Record<string, unknown> | ProviderProblem> {
  const isWhole = ['email', 'email_verified', 'given_name', 'family_name'].every((name) => claims[name] !== undefined);
  if (isWhole || !trust?.userInfo || typeof accessToken !== 'string') return claims;
  const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/json' };
  const answer = await ask(env, trust.userInfo, { headers });
  const info = answer?.status === 200 ? jsonObject(answer.text) : null;
  if (info === null) return 'USERINFO_FAILED';
  // OIDC Core 5.3.2: an answer about somebody else must not be used.
  if (info.sub !== claims.sub) return 'USERINFO_SUBJECT';
  // What is signed goes before what is not. An address and its verification come from one side.
  const { email, email_verified, ...others } = info;
  const { email_verified: signedVerdict, ...signed } = claims;
  if (claims.email === undefined) return { ...others, ...signed, ...defined({ email, email_verified }) };
  const verdict = signedVerdict ?? (claims.email === email ? email_verified : undefined);
  return { ...others, ...signed, ...defined({ email_verified: verdict }) };
}

function defined(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
