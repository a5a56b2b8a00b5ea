// Owns DPoP proofs (RFC 9449 section 4): a JWT by which the sender of one request shows that it holds a private key. The key names
// itself; what counts is that tokens bound to it are used with it. Each proof is used once.
// Not here: who must bring one, and how a refusal is told (oauth2/, http/).
import {
  type ForeignJwt,
  isSignedWithKey,
  type PublicJwk,
  publicKeyAlgorithms,
  readForeignJwt,
  thumbprintOf,
} from '../base/foreign-jwt.ts';
import { sha256Base64url } from '../base/opaque-token.ts';
import { MINUTE, SECOND, toSeconds } from '../base/time.ts';
import { isDpopNonce } from './dpop-nonces.ts';
import type { Env } from './env.ts';
import { rememberJti } from './used-jtis.ts';

export const dpopAlgorithms: readonly string[] = publicKeyAlgorithms;

/** In the words of Okta's catalogue. */
export const dpopProblems = {
  missing: 'The DPoP proof JWT header is missing.',
  several: 'Multiple DPoP proof JWT headers are not allowed.',
  unreadable: 'The DPoP proof JWT cannot be parsed.',
  type: "'typ' must be 'dpop+jwt' in the DPoP proof JWT.",
  algorithm: 'The DPoP proof JWT signature algorithm is invalid.',
  key: 'The DPoP proof JWT is invalid.',
  signature: 'The DPoP proof JWT signature is invalid.',
  htm: "'htm' claim in the DPoP proof JWT is invalid.",
  htu: "'htu' claim in the DPoP proof JWT is invalid.",
  iat: "'iat' claim in the DPoP proof JWT is invalid.",
  future: 'The DPoP proof JWT is issued in the future.',
  old: 'The DPoP proof JWT is issued more than five minutes in the past.',
  expired: 'The DPoP proof JWT is expired.',
  jti: "'jti' claim in the DPoP proof JWT is invalid.",
  used: 'The DPoP proof JWT has already been used.',
  ath: "'ath' claim in the DPoP proof does not match the presented access_token.",
  nonce: 'Authorization server requires nonce in DPoP proof.',
} as const;

export type DpopProblem = keyof typeof dpopProblems;

/** `keyThumbprint`: the key that the sender holds (RFC 7638). */
export type DpopVerdict = { problem: DpopProblem } | { problem: null; keyThumbprint: string };

const MOST_AGE = 5 * MINUTE;
const SKEW = MINUTE;
const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/**
 * Judges the proof of the running request and uses it up. `header`: the DPoP header as it came. `accessToken`: what the request is
 * authorized by, or null where it asks for a token; then a nonce of ours is needed.
 */
export async function checkDpopProof(
  env: Env,
  { header, method, accessToken }: { header: string | null; method: string; accessToken: string | null },
): Promise<DpopVerdict> {
  if (header === null) return { problem: 'missing' };
  if (header.includes(',')) return { problem: 'several' };
  const jwt = readForeignJwt(header);
  if (!jwt) return { problem: 'unreadable' };
  const key = jwt.header.jwk as PublicJwk | null;
  const problem = objectionToHeader(jwt) ?? (await objectionToKey(jwt, key)) ?? objectionToClaims(env, jwt, method);
  if (problem) return { problem };
  const keyThumbprint = key && (await thumbprintOf(key));
  if (!keyThumbprint) return { problem: 'key' };
  const { ath, nonce, jti, iat } = jwt.claims;
  if (accessToken === null && !(typeof nonce === 'string' && isDpopNonce(env, nonce))) return { problem: 'nonce' };
  if (accessToken !== null && ath !== sha256Base64url(accessToken)) return { problem: 'ath' };
  const fresh = await rememberJti(env, {
    issuer: `dpop:${keyThumbprint}`,
    jti: String(jti),
    expiresAt: Number(iat) * SECOND + MOST_AGE,
  });
  return fresh ? { problem: null, keyThumbprint } : { problem: 'used' };
}

function objectionToHeader({ header }: ForeignJwt): DpopProblem | null {
  if (header.typ !== 'dpop+jwt') return 'type';
  return dpopAlgorithms.includes(header.alg) ? null : 'algorithm';
}

async function objectionToKey(jwt: ForeignJwt, key: PublicJwk | null): Promise<DpopProblem | null> {
  if (!key || PRIVATE_MEMBERS.some((member) => member in key)) return 'key';
  return (await isSignedWithKey(jwt, key)) ? null : 'signature';
}

function objectionToClaims(env: Env, { claims }: ForeignJwt, method: string): DpopProblem | null {
  const { htm, htu, iat, exp, jti } = claims;
  if (htm !== method) return 'htm';
  if (typeof htu !== 'string' || !isThisRequest(env, htu)) return 'htu';
  if (typeof iat !== 'number') return 'iat';
  const now = toSeconds(env.now());
  if (iat > now + toSeconds(SKEW)) return 'future';
  if (iat < now - toSeconds(MOST_AGE)) return 'old';
  if (exp !== undefined && !(typeof exp === 'number' && exp > now)) return 'expired';
  return typeof jti === 'string' && jti !== '' ? null : 'jti';
}

// Query and fragment do not count (RFC 9449 section 4.3), nor by which of the org's names the request came.
function isThisRequest(env: Env, htu: string): boolean {
  const url = URL.parse(htu);
  if (!url || url.username || url.password) return false;
  return [env.config.url, ...env.config.domains].includes(url.origin) && url.pathname === env.request.path;
}
