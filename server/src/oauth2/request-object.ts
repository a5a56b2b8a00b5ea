// Owns signed request objects (OIDC Core section 6, RFC 9101): an authorization request, or the part of it that must not be changed
// on the way, as a JWT of the client in the parameter `request`. Used once. What it says beats what stands beside it.
// Not here: whose key signs (core/client-jwts.ts).
import { type ForeignJwt, readForeignJwt } from '../base/foreign-jwt.ts';
import { SECOND } from '../base/time.ts';
import type { Application } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import { type ClientJwtProblem, objectionToClientJwt } from '../core/client-jwts.ts';
import type { Env } from '../core/env.ts';
import { rememberJti } from '../core/used-jtis.ts';
import { type LifetimeProblem, objectionToLifetime } from './jwt-lifetime.ts';
import { type OAuthErrorName, oauthError } from './oauth-error.ts';
import type { Parameters } from './parameters.ts';

const SIGNATURE_ERRORS: Record<ClientJwtProblem, OAuthErrorName> = {
  algorithm: 'request_object_algorithm',
  no_secret: 'request_object_unsupported',
  short_secret: 'request_object_short_secret',
  no_keys: 'request_object_no_keys',
  unknown_kid: 'request_object_unknown_kid',
  no_signing_key: 'request_object_no_signing_key',
  signature: 'request_object_signature',
  jwks_uri_error: 'jwks_uri_error',
  jwks_uri_no_key: 'jwks_uri_no_key',
  jwks_uri_ambiguous_keys: 'jwks_uri_ambiguous_keys',
};

const LIFETIME_ERRORS: Record<LifetimeProblem, OAuthErrorName> = {
  malformed: 'invalid_request_object',
  without_exp: 'invalid_request_object',
  expired: 'request_object_expired',
  expires_too_late: 'request_object_expires_too_late',
  from_the_future: 'request_object_from_the_future',
  too_early: 'request_object_too_early',
};

/** Claims of every JWT; the others are parameters. */
const JWT_CLAIMS = ['iss', 'sub', 'aud', 'exp', 'iat', 'nbf', 'jti'];
/** RFC 9101 section 4: a request object holds neither another one nor what proves who somebody is. */
const NOT_INSIDE = [
  'request',
  'request_uri',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'sessionToken',
];

/** The parameters with those of their request object put in. Throws when it is not one of this client, for this server, once. */
export async function withRequestObject(
  env: Env,
  server: AuthorizationServer,
  application: Application,
  given: Parameters,
): Promise<Map<string, string>> {
  const jwt = readForeignJwt(given.get('request') ?? '');
  if (!jwt) throw oauthError('request_object_unreadable');
  const wrong = objectionToContent(env, server, application, jwt);
  if (wrong) throw oauthError(wrong);
  const inside = parametersIn(jwt);
  // OIDC Core section 6.1: these stand outside too, and must be the same.
  const contradicts = (name: string) => inside.has(name) && given.has(name) && inside.get(name) !== given.get(name);
  if (contradicts('client_id') || contradicts('response_type')) throw oauthError('invalid_request_object');
  const problem = await objectionToClientJwt(env, application, jwt);
  if (problem) throw oauthError(SIGNATURE_ERRORS[problem]);
  if (!(await isFirstUse(env, application, jwt))) throw oauthError('request_object_used');
  const merged = new Map([...given, ...inside]);
  merged.delete('request');
  return merged;
}

function objectionToContent(
  env: Env,
  server: AuthorizationServer,
  application: Application,
  { header, claims }: ForeignJwt,
): OAuthErrorName | null {
  const { request_object_signing_alg: agreed } = application.settings.oauthClient;
  if (agreed !== undefined && header.alg !== agreed) return 'request_object_wrong_algorithm';
  if (claims.iss !== application.client_id) return 'request_object_issuer';
  const audiences = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audiences.some((audience) => issuersOf(env, server).includes(audience))) return 'request_object_audience';
  const lifetime = objectionToLifetime(env, claims);
  if (lifetime) return LIFETIME_ERRORS[lifetime];
  const isOdd = NOT_INSIDE.some((name) => name in claims) || !['string', 'undefined'].includes(typeof claims.jti);
  return isOdd ? 'invalid_request_object' : null;
}

/** The issuer, under each of the org's own names. */
function issuersOf(env: Env, { pathId }: AuthorizationServer): string[] {
  return [env.config.url, ...env.config.domains].map((origin) =>
    pathId === null ? origin : `${origin}/oauth2/${pathId}`,
  );
}

/** Numbers become text (`max_age`). What has no counterpart in a query is left out, as an unknown parameter would be. */
function parametersIn({ claims }: ForeignJwt): Map<string, string> {
  const said = Object.entries(claims).filter(([name]) => !JWT_CLAIMS.includes(name));
  const flat = said.filter(([, value]) => (typeof value === 'string' && value !== '') || typeof value === 'number');
  return new Map(flat.map(([name, value]) => [name, String(value)]));
}

function isFirstUse(env: Env, application: Application, { claims }: ForeignJwt): Promise<boolean> | boolean {
  const { jti, exp } = claims;
  if (typeof jti !== 'string') return true;
  return rememberJti(env, {
    issuer: `request-object:${application.client_id}`,
    jti,
    expiresAt: Number(exp) * SECOND,
  });
}
