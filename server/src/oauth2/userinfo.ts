// Owns the userinfo endpoint (OIDC Core 5.3): every claim that the token's scopes give, thin ID token or not.
import { verifyAccessToken } from '../core/access-tokens.ts';
import { findClient } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import {
  dpopChallenge,
  objectionToPresentation,
  type PresentedToken,
  presentedToken,
} from '../http/presented-token.ts';
import { readForm } from '../http/read-body.ts';
import { json } from '../http/reply.ts';
import { claimsForClient } from './prepared-tokens.ts';

const IDENTITY_SCOPES: readonly string[] = ['profile', 'email', 'address', 'phone'];

/** GET …/v1/userinfo. Refusals have an empty body and say why in WWW-Authenticate (RFC 6750, RFC 9449). */
export async function answerUserinfo(env: Env, server: AuthorizationServer, request: Request): Promise<Response> {
  const presented = presentedToken(request) ?? (await tokenInForm(server, request));
  if (presented === null) return challenge(401, 'invalid_token', 'The access token is missing.');
  const verified = await verifyAccessToken(env, server, presented.token);
  if (!verified?.user) return challenge(401, 'invalid_token', 'The access token is invalid');
  const { claims, user } = verified;
  const problem = await objectionToPresentation(env, request, presented, claims.cnf?.jkt ?? null);
  if (problem) return refusal(401, dpopChallenge(problem));
  const scopes = claims.scp ?? [];
  const speaksOfPerson = server.conformance === 'STRICT' || scopes.some((scope) => IDENTITY_SCOPES.includes(scope));
  if (!scopes.includes('openid') || !speaksOfPerson)
    return challenge(
      403,
      'insufficient_scope',
      'The access token must provide access to at least one of these scopes - profile, email, address or phone',
    );
  const application = await findClient(env, claims.cid);
  if (!application) return challenge(401, 'invalid_token', 'The access token is invalid');
  const subject = { server, application, user, scopes, authentication: null };
  const about = await claimsForClient(env, { ...subject, form: 'userinfo' });
  return json({ sub: user.id, ...about }, 200, { 'cache-control': 'no-store' });
}

// RFC 6750 section 2.2, which a server may offer; Okta reads the header alone.
async function tokenInForm({ conformance }: AuthorizationServer, request: Request): Promise<PresentedToken | null> {
  if (conformance !== 'STRICT' || request.method !== 'POST' || request.headers.has('authorization')) return null;
  const tokens = (await readForm(request))?.getAll('access_token') ?? [];
  const [token] = tokens;
  return token === undefined || tokens.length > 1 ? null : { scheme: 'Bearer', token };
}

function challenge(status: 401 | 403, error: string, description: string): Response {
  return refusal(status, `Bearer error="${error}", error_description="${description}"`);
}

function refusal(status: 401 | 403, challenge: string): Response {
  return new Response(null, { status, headers: { 'www-authenticate': challenge, 'cache-control': 'no-store' } });
}
