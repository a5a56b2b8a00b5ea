// Owns /api/v1/sessions: sessions by id for administrators, and the caller's own (`me`) by its cookie, from this server's pages or
// those of a trusted origin. Not here: what a session is (core/sessions.ts).
import type { z } from 'zod';
import { toIso, toIsoOrNull } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { usableFactors } from '../core/factors.ts';
import { whoVouchedFor } from '../core/identity-providers.ts';
import { notFound, Refusal } from '../core/refusal.ts';
import { redeemSessionToken } from '../core/session-tokens.ts';
import {
  endSession,
  endSessionsOfUser,
  findSessionById,
  peekSession,
  refreshSession,
  type SignedIn,
  startSession,
} from '../core/sessions.ts';
import { isTrustedOrigin } from '../core/trusted-origins.ts';
import { getUser } from '../core/users.ts';
import { clearCookie, readCookie } from '../http/cookies.ts';
import { isFromTrustedPage } from '../http/csrf.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { endingSessions, sessionRequest, session as sessionShape } from './sessions.schema.ts';

const tags = ['Session'];

export const sessionRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/sessions',
    operationId: 'createSession',
    summary: 'Turn a session token into a session',
    tags,
    access: 'okta.sessions.manage',
    body: sessionRequest,
    responses: { 200: sessionShape },
    async handle({ env, body }) {
      const redeemed = await redeemSessionToken(env, body.sessionToken);
      if (!redeemed) throw new Refusal('E0000004');
      const { session } = await startSession(env, redeemed);
      const user = await getUser(env, redeemed.userId);
      return json(await showSession(env, { session, user }, session.id));
    },
  }),
  // The caller's own: before `{sessionId}`, which would match `me` too.
  route({
    method: 'GET',
    path: '/api/v1/sessions/me',
    operationId: 'getCurrentSession',
    summary: 'Read the session of the cookie',
    tags,
    access: 'public',
    responses: { 200: sessionShape, 204: null },
    handle: async ({ env, request }) => answer(env, request, await ownSession(env, request)),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/sessions/me',
    operationId: 'closeCurrentSession',
    summary: 'End the session of the cookie',
    tags,
    access: 'public',
    responses: { 204: null },
    async handle({ env, request }) {
      await requireTrustedPage(env, request);
      const { session } = await ownSession(env, request);
      await endSession(env, session.id, 'SIGNED_OUT');
      const response = noContent();
      response.headers.append('set-cookie', clearCookie(env, 'idx'));
      return response;
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/sessions/me/lifecycle/refresh',
    operationId: 'refreshCurrentSession',
    summary: 'Put off the idle end of the session of the cookie',
    tags,
    access: 'public',
    responses: { 200: sessionShape, 204: null },
    async handle({ env, request }) {
      await requireTrustedPage(env, request);
      const { session, user } = await ownSession(env, request);
      const refreshed = await refreshSession(env, session.id);
      if (!refreshed) throw notFound('me', 'Session');
      return answer(env, request, { session: refreshed, user });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/me/lifecycle/delete_sessions',
    operationId: 'endUserSessions',
    summary: "End the sessions of the cookie's person, by default all but its own",
    tags: ['User'],
    access: 'session',
    body: endingSessions,
    responses: { 204: null },
    async handle({ env, request, body }) {
      const { session, user } = await ownSession(env, request);
      const { keepCurrent = true, oauthTokens = false } = body ?? {};
      await endSessionsOfUser(env, user.id, { oauthTokens, ...(keepCurrent ? { keep: session.id } : {}) });
      const response = noContent();
      if (!keepCurrent) response.headers.append('set-cookie', clearCookie(env, 'idx'));
      return response;
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/sessions/{sessionId}',
    operationId: 'getSession',
    summary: 'Read a session',
    tags,
    access: 'okta.sessions.read',
    responses: { 200: sessionShape },
    handle: async ({ env, params: { sessionId } }) =>
      json(await showSession(env, await sessionOfPath(env, sessionId), sessionId)),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/sessions/{sessionId}',
    operationId: 'revokeSession',
    summary: 'End a session',
    tags,
    access: 'okta.sessions.manage',
    responses: { 204: null },
    async handle({ env, params: { sessionId } }) {
      await sessionOfPath(env, sessionId);
      await endSession(env, sessionId, 'REVOKED');
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/sessions/{sessionId}/lifecycle/refresh',
    operationId: 'refreshSession',
    summary: 'Put off the idle end of a session',
    tags,
    access: 'okta.sessions.manage',
    responses: { 200: sessionShape },
    async handle({ env, params: { sessionId } }) {
      const { user } = await sessionOfPath(env, sessionId);
      const session = await refreshSession(env, sessionId);
      if (!session) throw notFound(sessionId, 'Session');
      return json(await showSession(env, { session, user }, sessionId));
    },
  }),
];

async function ownSession(env: Env, request: Request): Promise<SignedIn> {
  const found = await peekSession(env, readCookie(request, 'idx'));
  if (!found) throw notFound('me', 'Session');
  return found;
}

async function sessionOfPath(env: Env, id: string): Promise<SignedIn> {
  const found = await findSessionById(env, id);
  if (!found) throw notFound(id, 'Session');
  return found;
}

// A cookie says whose browser calls, not whose page.
async function requireTrustedPage(env: Env, request: Request): Promise<void> {
  if (!(await isFromTrustedPage(env, request, (origin) => isTrustedOrigin(env, origin, 'CORS'))))
    throw new Refusal('E0000006');
}

async function answer(env: Env, request: Request, found: SignedIn): Promise<Response> {
  const wantsLittle = /(^|[\s,;])return=minimal($|[\s,;])/.test(request.headers.get('prefer') ?? '');
  return wantsLittle ? noContent() : json(await showSession(env, found, 'me'));
}

/** `name`: how its links call it, by id or `me`. */
async function showSession(env: Env, { session, user }: SignedIn, name: string): Promise<z.input<typeof sessionShape>> {
  const { origin } = env.request;
  const self = `${origin}/api/v1/sessions/${name}`;
  return {
    id: session.id,
    login: user.login,
    userId: user.id,
    createdAt: toIso(session.created),
    expiresAt: toIso(Math.min(session.idle_expires_at, session.expires_at)),
    status: 'ACTIVE',
    lastPasswordVerification: session.amr.includes('pwd') ? toIso(session.authenticated_at) : null,
    lastFactorVerification: toIsoOrNull(session.factor_verified_at),
    amr: session.amr,
    idp: await whoVouchedFor(env, session.identity_provider_id),
    mfaActive: (await usableFactors(env, user.id)).length > 0,
    _links: {
      self: { href: self, hints: { allow: ['GET', 'DELETE'] } },
      refresh: { href: `${self}/lifecycle/refresh`, hints: { allow: ['POST'] } },
      user: {
        name: user.login,
        href: `${origin}/api/v1/users/${name === 'me' ? 'me' : user.id}`,
        hints: { allow: ['GET'] },
      },
    },
  };
}
