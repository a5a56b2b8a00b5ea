// Owns the judgement of an ID token that a provider issued (OIDC Core 3.1.3.7): whose signature, for whom, when, and in answer to
// what. Every check must pass; the first that does not is the reason. Not here: fetching it (ask-provider.ts).

import { type ForeignJwt, isSignedWithKey, publicKeyAlgorithms, readForeignJwt } from '../../base/foreign-jwt.ts';
import { equalInConstantTime } from '../../base/opaque-token.ts';
import { HOUR, MINUTE } from '../../base/time.ts';
import type { Env } from '../env.ts';
import { fetchedKeys } from '../fetched-keys.ts';
import { isObject } from '../policies/policy-defaults.ts';
import type { ProviderTerms } from './provider-terms.ts';

export type IdTokenProblem =
  | 'ID_TOKEN_MALFORMED'
  | 'ID_TOKEN_ALGORITHM'
  | 'ID_TOKEN_KEYS'
  | 'ID_TOKEN_SIGNATURE'
  | 'ID_TOKEN_ISSUER'
  | 'ID_TOKEN_AUDIENCE'
  | 'ID_TOKEN_TIME'
  | 'ID_TOKEN_NONCE'
  | 'ID_TOKEN_SUBJECT'
  | 'ID_TOKEN_NOT_FRESH';

type Expected = {
  nonce: string;
  /** The person was to prove anew who they are, after this time. */
  freshSince: number | null;
};

export type JudgedIdToken = { claims: Record<string, unknown> } | { problem: IdTokenProblem };

const LONGEST_SUBJECT = 255;
const LEAST_LEEWAY = MINUTE;
const MOST_LEEWAY = HOUR;

export async function judgeIdToken(
  env: Env,
  terms: ProviderTerms,
  text: string,
  expected: Expected,
): Promise<JudgedIdToken> {
  const jwt = readForeignJwt(text);
  if (!jwt || !/^(jwt)?$/i.test(jwt.header.typ ?? '')) return { problem: 'ID_TOKEN_MALFORMED' };
  // Neither `none` nor HMAC: what signs must be a key of the provider's alone.
  if (!(publicKeyAlgorithms as readonly string[]).includes(jwt.header.alg)) return { problem: 'ID_TOKEN_ALGORITHM' };
  const problem = (await objectionToSignature(env, terms, jwt)) ?? objectionToClaims(env, terms, jwt.claims, expected);
  return problem === null ? { claims: jwt.claims } : { problem };
}

async function objectionToSignature(
  env: Env,
  { trust }: ProviderTerms,
  jwt: ForeignJwt,
): Promise<IdTokenProblem | null> {
  if (trust === null) return 'ID_TOKEN_KEYS';
  const { kid } = jwt.header;
  const isMeant = (key: { kid?: unknown; use?: unknown }) => (kid === null || key.kid === kid) && key.use !== 'enc';
  const keys = await fetchedKeys(env, trust.jwks, isMeant);
  if (typeof keys === 'string') return 'ID_TOKEN_KEYS';
  for (const key of keys.filter(isMeant)) if (await isSignedWithKey(jwt, key)) return null;
  return 'ID_TOKEN_SIGNATURE';
}

function objectionToClaims(
  env: Env,
  terms: ProviderTerms,
  claims: Record<string, unknown>,
  { nonce, freshSince }: Expected,
): IdTokenProblem | null {
  const { iss, aud, azp, sub } = claims;
  if (typeof iss !== 'string' || iss !== issuerFor(terms, claims)) return 'ID_TOKEN_ISSUER';
  const audiences = Array.isArray(aud) ? aud : [aud];
  const isParty = azp === undefined ? audiences.length === 1 : azp === terms.clientId;
  if (!audiences.includes(terms.clientId) || !isParty) return 'ID_TOKEN_AUDIENCE';
  const leeway = leewayOf(terms);
  const now = env.now();
  if (!isTimely(claims, now, leeway)) return 'ID_TOKEN_TIME';
  if (typeof claims.nonce !== 'string' || !equalInConstantTime(claims.nonce, nonce)) return 'ID_TOKEN_NONCE';
  if (typeof sub !== 'string' || sub === '' || sub.length > LONGEST_SUBJECT) return 'ID_TOKEN_SUBJECT';
  const signedInAt = milliseconds(claims.auth_time);
  if (freshSince !== null && signedInAt !== null && signedInAt + leeway < freshSince) return 'ID_TOKEN_NOT_FRESH';
  return null;
}

/** `{tid}` in the issuer is the tenant that the token itself names, which must be an id and nothing else. */
function issuerFor({ trust }: ProviderTerms, { tid }: Record<string, unknown>): string | null {
  if (trust === null || !trust.issuer.includes('{tid}')) return trust?.issuer ?? null;
  return typeof tid === 'string' && /^[\da-f-]{36}$/i.test(tid) ? trust.issuer.replace('{tid}', tid) : null;
}

function isTimely({ exp, iat, nbf }: Record<string, unknown>, now: number, leeway: number): boolean {
  const [end, issued, start] = [milliseconds(exp), milliseconds(iat), milliseconds(nbf)];
  if (end === null || issued === null) return false;
  return end + leeway > now && issued - leeway <= now && (start === null || start - leeway <= now);
}

function milliseconds(seconds: unknown): number | null {
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : null;
}

/** The policy's maxClockSkew, in milliseconds, within reason: clocks differ by some seconds even where nobody says so. */
function leewayOf({ provider }: ProviderTerms): number {
  const asked = isObject(provider.policy) && Number(provider.policy.maxClockSkew);
  return Math.min(Math.max(asked || 0, LEAST_LEEWAY), MOST_LEEWAY);
}
