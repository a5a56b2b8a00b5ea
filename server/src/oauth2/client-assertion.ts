// Owns the assertion by which a client signs that it is itself (RFC 7523 section 3; OIDC Core section 9): client_secret_jwt and
// private_key_jwt. Cheap checks first; used up last, so that nobody can spend another's `jti`.
// Not here: whose key signs (core/client-jwts.ts).
import { type ForeignJwt, readForeignJwt } from '../base/foreign-jwt.ts';
import { SECOND } from '../base/time.ts';
import type { Application } from '../core/applications.ts';
import { type ClientJwtProblem, clientJwtAlgorithms, objectionToClientJwt } from '../core/client-jwts.ts';
import type { Env } from '../core/env.ts';
import { rememberJti } from '../core/used-jtis.ts';
import { type LifetimeProblem, objectionToLifetime } from './jwt-lifetime.ts';
import { type OAuthErrorName, oauthError } from './oauth-error.ts';
import type { Parameters } from './parameters.ts';

/** `clientId`: what it claims; nothing is proven yet. */
export type ClientAssertion = { jwt: ForeignJwt; clientId: string };

const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** What only an authorization request says. It passes through browsers, so it proves nothing here (RFC 9101 section 10.8). */
const REQUEST_OBJECT_CLAIMS = ['response_type', 'redirect_uri', 'code_challenge', 'state', 'nonce'];

const SIGNATURE_ERRORS: Record<ClientJwtProblem, OAuthErrorName> = {
  algorithm: 'client_assertion_algorithm',
  no_secret: 'client_assertion_no_secret',
  short_secret: 'client_assertion_short_secret',
  no_keys: 'client_assertion_no_keys',
  unknown_kid: 'client_assertion_unknown_kid',
  no_signing_key: 'client_assertion_no_signing_key',
  signature: 'client_assertion_signature',
  jwks_uri_error: 'jwks_uri_error',
  jwks_uri_no_key: 'jwks_uri_no_key',
  jwks_uri_ambiguous_keys: 'jwks_uri_ambiguous_keys',
};

const LIFETIME_ERRORS: Record<LifetimeProblem, OAuthErrorName> = {
  malformed: 'client_assertion_unreadable',
  without_exp: 'client_assertion_without_exp',
  expired: 'client_assertion_expired',
  expires_too_late: 'client_assertion_expires_too_late',
  from_the_future: 'client_assertion_from_the_future',
  too_early: 'client_assertion_from_the_future',
};

/** Reads it, without believing it. Throws when it is none. */
export function readClientAssertion(parameters: Parameters): ClientAssertion {
  if (parameters.get('client_assertion_type') !== TYPE) throw oauthError('invalid_client_assertion_type');
  const text = parameters.get('client_assertion');
  if (text === undefined) throw oauthError('missing_parameter', 'client_assertion');
  const jwt = readForeignJwt(text);
  if (!jwt) throw oauthError('client_assertion_unreadable');
  if (!clientJwtAlgorithms.includes(jwt.header.alg)) throw oauthError('client_assertion_algorithm');
  const { iss, sub } = jwt.claims;
  if (typeof iss !== 'string') throw oauthError('client_assertion_issuer');
  if (sub !== iss) throw oauthError('client_assertion_subject');
  return { jwt, clientId: iss };
}

/** Why the assertion does not prove this client; null when it does, and from then on it is used up. */
export async function objectionToAssertion(
  env: Env,
  application: Application,
  { jwt }: ClientAssertion,
): Promise<OAuthErrorName | null> {
  const wrong = objectionToClaims(env, jwt);
  if (wrong) return wrong;
  const problem = await objectionToClientJwt(env, application, jwt);
  if (problem) return SIGNATURE_ERRORS[problem];
  const { jti, exp } = jwt.claims;
  // Without a jti it is good until it expires: RFC 7523 section 3 leaves that to the client.
  if (jti === undefined) return null;
  if (typeof jti !== 'string') return 'client_assertion_unreadable';
  const fresh = await rememberJti(env, {
    issuer: `client-assertion:${application.client_id}`,
    jti,
    expiresAt: Number(exp) * SECOND,
  });
  return fresh ? null : 'client_assertion_used';
}

function objectionToClaims(env: Env, { claims }: ForeignJwt): OAuthErrorName | null {
  if (REQUEST_OBJECT_CLAIMS.some((name) => name in claims)) return 'client_assertion_unreadable';
  if (!isForUs(env, claims.aud)) return 'client_assertion_audience';
  const lifetime = objectionToLifetime(env, claims);
  return lifetime ? LIFETIME_ERRORS[lifetime] : null;
}

// The endpoint that was called; the token endpoint and the issuer too, which other specifications have clients name (OIDC Core
// section 9, RFC 9126 section 2). Several audiences must all be ours: another server's would be an assertion to carry over.
function isForUs(env: Env, aud: unknown): boolean {
  const audiences = Array.isArray(aud) ? aud : [aud];
  const ours = ownNames(env);
  return audiences.length > 0 && audiences.every((audience) => typeof audience === 'string' && ours.has(audience));
}

function ownNames(env: Env): ReadonlySet<string> {
  const { path } = env.request;
  const base = path.replace(/\/v1\/.*$/, '');
  const issuer = base === '/oauth2' ? '' : base;
  const paths = [path, `${base}/v1/token`, issuer];
  return new Set([env.config.url, ...env.config.domains].flatMap((origin) => paths.map((one) => origin + one)));
}
