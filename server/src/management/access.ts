// Owns who may call the management API: an API token (`SSWS`) acts with its owner's roles, an access token of the org server
// (`Bearer`, or `DPoP` when it is bound to a key) with its scopes and the roles of the person or client it was given to, and a session cookie on `session` routes.
// Nothing is remembered between requests: a revoked token or role is refused at the very next call.
// Not here: how tokens are made and verified (core/).
import { findClientActor, findUserActor, userActor } from '../core/actors.ts';
import { includesScope } from '../core/api-scopes.ts';
import { findApiToken, systemPrincipal } from '../core/api-tokens.ts';
import { CONSOLE_CLIENT_ID } from '../core/application-guard.ts';
import { customReachOf } from '../core/custom-role-rights.ts';
import type { Actor, Env, Reach } from '../core/env.ts';
import { type OrgAccessToken, verifyOrgAccessToken } from '../core/org-access-tokens.ts';
import { Refusal, type RefusalCode } from '../core/refusal.ts';
import { reachOf } from '../core/role-targets.ts';
import { type RoleAssignment, rolesOf, rolesOfUser } from '../core/roles.ts';
import { findSession } from '../core/sessions.ts';
import { isTrustedOrigin } from '../core/trusted-origins.ts';
import { answerApiError } from '../http/api-error.ts';
import { readCookie } from '../http/cookies.ts';
import { isFromTrustedPage } from '../http/csrf.ts';
import {
  dpopChallenge,
  objectionToPresentation,
  type PresentedToken,
  presentedToken,
} from '../http/presented-token.ts';
import type { Access, Place, Surface } from '../http/route.ts';
import { requireWithinReach } from './role-reach.ts';

/** A refusal whose answer also tells the client how to ask (RFC 6750 section 3, RFC 9449 section 7.1). */
class TokenRefusal extends Refusal {
  readonly challenge: string;

  constructor(code: RefusalCode, challenge: string) {
    super(code);
    this.challenge = challenge;
  }
}

export const managementSurface: Surface = {
  async admit(env, access, request, place) {
    if (access === 'public') return env;
    return access === 'session' ? admitSession(env, request) : admitCaller(env, access, request, place);
  },
  refuse(env, error) {
    const response = answerApiError(env, error);
    if (error instanceof TokenRefusal) response.headers.set('www-authenticate', error.challenge);
    return response;
  },
};

async function admitSession(env: Env, request: Request): Promise<Env> {
  const found = await findSession(env, readCookie(request, 'idx'));
  if (!found) throw new Refusal('E0000005');
  const harmless = request.method === 'GET' || request.method === 'HEAD';
  if (!harmless && !(await isFromTrustedPage(env, request, (origin) => isTrustedOrigin(env, origin, 'CORS'))))
    throw new Refusal('E0000006');
  return { ...env, actor: userActor(found.user) };
}

async function admitCaller(env: Env, scope: Access, request: Request, place: Place | undefined): Promise<Env> {
  const apiToken = apiTokenOf(request);
  if (apiToken !== null) return admitApiToken(env, scope, apiToken, place);
  const presented = presentedToken(request);
  if (presented !== null) return admitAccessToken(env, scope, request, presented, place);
  throw new Refusal('E0000011');
}

/** The API token that the request carries, or null. */
export function apiTokenOf(request: Request): string | null {
  return credentialsOf(request, 'ssws');
}

function credentialsOf(request: Request, scheme: string): string | null {
  const [, given, credentials] = /^(\w+) +(\S+)$/.exec(request.headers.get('authorization') ?? '') ?? [];
  return given?.toLowerCase() === scheme ? (credentials ?? null) : null;
}

async function admitApiToken(env: Env, scope: Access, value: string, place?: Place): Promise<Env> {
  const token = await findApiToken(env, value);
  if (!token) throw new Refusal('E0000011');
  if (token.user_id === systemPrincipal.id) return { ...env, actor: systemPrincipal };
  const actor = await findUserActor(env, token.user_id);
  if (!actor) throw new Refusal('E0000011');
  return admitRoles({ ...env, actor }, await rolesOfUser(env, actor.id), scope, place);
}

async function admitAccessToken(
  env: Env,
  scope: Access,
  request: Request,
  presented: PresentedToken,
  place: Place | undefined,
): Promise<Env> {
  const token = await verifyOrgAccessToken(env, presented.token);
  if (!token) throw invalidToken();
  const problem = await objectionToPresentation(env, request, presented, token.boundKey);
  if (problem) throw new TokenRefusal('E0000011', dpopChallenge(problem));
  return admitVerified(env, scope, token, place);
}

/**
 * For a route that shows more than its own scope covers: throws unless the caller, who was admitted, may use this scope too. The
 * proof of a token's key is not asked again: it was used up when the request was admitted. A role with targets does not do here.
 */
export async function requireScope(env: Env, scope: Access, request: Request): Promise<void> {
  const apiToken = apiTokenOf(request);
  if (apiToken !== null) return void (await admitApiToken(env, scope, apiToken));
  const presented = presentedToken(request);
  const token = presented && (await verifyOrgAccessToken(env, presented.token));
  if (!token) throw new Refusal('E0000011');
  await admitVerified(env, scope, token);
}

/**
 * For what gives away more than any scope covers: the person who is signed in to the console itself, and nobody else. An API token
 * that could do it would outlive its own revocation, and an application would gain every right of whoever gave it this scope.
 */
export async function requireConsole(env: Env, request: Request): Promise<Actor> {
  const presented = presentedToken(request);
  const token = presented && (await verifyOrgAccessToken(env, presented.token));
  if (!token || token.clientId !== CONSOLE_CLIENT_ID || env.actor?.type !== 'User') throw new Refusal('E0000006');
  return env.actor;
}

/** Throws unless the request carries a token that is good for something: what it may do is not asked. */
export async function requireAnyToken(env: Env, request: Request): Promise<void> {
  const apiToken = apiTokenOf(request);
  const presented = presentedToken(request);
  if (apiToken === null && presented === null) throw new Refusal('E0000011');
  if (apiToken !== null && !(await findApiToken(env, apiToken))) throw new Refusal('E0000011');
  if (apiToken === null && presented && !(await verifyOrgAccessToken(env, presented.token))) throw invalidToken();
}

async function admitVerified(env: Env, scope: Access, token: OrgAccessToken, place?: Place): Promise<Env> {
  if (!token.scopes.some((held) => includesScope(held, scope))) throw insufficientScope(env, scope);
  const { userId, clientId } = token;
  const actor = userId === null ? await findClientActor(env, clientId) : await findUserActor(env, userId);
  if (!actor) throw invalidToken();
  const held = userId === null ? await rolesOf(env, { clientId }) : await rolesOfUser(env, userId);
  return admitRoles({ ...env, actor }, held, scope, place);
}

/** Throws E0000006 unless one of these roles opens the scope, for the whole org or for what the request names. */
async function admitRoles(
  env: Env,
  held: readonly RoleAssignment[],
  scope: Access,
  place: Place | undefined,
): Promise<Env> {
  const reachFor = async (scope: string) => merged(reachOf(held, scope), () => customReachOfActor(env, scope));
  const reach = await reachFor(scope);
  if (reach === 'everything') return env;
  if (reach === null || place === undefined) throw new Refusal('E0000006');
  await requireWithinReach(env, reach, reachFor, place);
  return { ...env, reach };
}

type Openness = Reach | 'everything' | null;

/** What standard roles open and what custom ones do, of which the latter are asked only where it matters. */
async function merged(standard: Openness, custom: () => Promise<Openness>): Promise<Openness> {
  if (standard === 'everything') return standard;
  const more = await custom();
  if (standard === null || more === null || more === 'everything') return more ?? standard;
  return { by: standard.by, assignmentIds: standard.assignmentIds, setIds: more.setIds };
}

async function customReachOfActor(env: Env, scope: string): Promise<Openness> {
  return env.actor?.type === 'User' ? customReachOf(env, env.actor.id, scope) : null;
}

function invalidToken(): Refusal {
  const description = 'The access token is invalid, has expired, or is not intended for this API.';
  return new TokenRefusal('E0000011', `Bearer error="invalid_token", error_description="${description}"`);
}

function insufficientScope(env: Env, scope: Access): Refusal {
  const description = "The access token doesn't contain the scope that this request needs.";
  const realm = `authorization_uri="${env.request.origin}/oauth2/v1/authorize", realm="${env.request.origin}"`;
  return new TokenRefusal(
    'E0000006',
    `Bearer ${realm}, scope="${scope}", error="insufficient_scope", error_description="${description}"`,
  );
}
