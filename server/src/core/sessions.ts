// Owns sessions: the stretch during which a browser is signed in as a person, from its start to its end. A session is known by
// an opaque token, of which the database keeps the hash only. Not here: the cookie that carries the token (http/cookies.ts) and
// who may have a session (next-step.ts decides that before it starts).
import { idPrefixes, newId } from '../base/id.ts';
import { hashToken, newOpaqueToken } from '../base/opaque-token.ts';
import { MINUTE } from '../base/time.ts';
import { prepared } from '../storage/prepared.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { userActor } from './actors.ts';
import { type Actor, type Env, transact } from './env.ts';
import { type SessionTerms, sessionTerms } from './policies/session-policy.ts';
import { enqueueLogoutNotices } from './single-logout.ts';
import { type LogTarget, record } from './system-log.ts';
import { isUsable, noteSignIn, type User } from './users.ts';

export type Session = Row<'sessions'>;

/** A session that may be used, and whose it is. */
export type SignedIn = { session: Session; user: User };

/** How the person proved who they are (values of RFC 8176), when, and which identity provider vouched for it, if one did. */
export type IdentityProof = {
  amr: string[];
  authenticatedAt: number;
  identityProviderId?: string | undefined;
  /** When a further factor was proven, if one was. */
  factorVerifiedAt?: number | null;
};

/** What a session has proven, as far as it is told further. */
export function proofOf({ amr, authenticated_at, identity_provider_id, factor_verified_at }: Session): IdentityProof {
  return {
    amr,
    authenticatedAt: authenticated_at,
    identityProviderId: identity_provider_id ?? undefined,
    factorVerifiedAt: factor_verified_at,
  };
}

/** Why a session ended, as the System Log tells it. */
export type EndReason = 'SIGNED_OUT' | 'REPLACED' | 'REVOKED';

/** Use is written down at most this often: to show a page must not cost a write. */
const TOUCH_INTERVAL = MINUTE;
const MOST_LISTED = 200;

/** Begins a session under a fresh token, which is told here once. */
export async function startSession(
  env: Env,
  { userId, amr, authenticatedAt, identityProviderId, factorVerifiedAt }: { userId: string } & IdentityProof,
): Promise<{ session: Session; token: string }> {
  const token = newOpaqueToken(env.random);
  const now = env.now();
  const session = await transact(env, async (env) => {
    const lifetimes = lifetimesOf(now, await sessionTerms(env, userId, identityProviderId));
    const started = await env.db
      .insertInto('sessions')
      .values({
        id: newId(env, idPrefixes.session),
        token_hash: hashToken(token),
        user_id: userId,
        created: now,
        authenticated_at: authenticatedAt,
        last_used: now,
        ...lifetimes,
        amr: toJson(amr),
        identity_provider_id: identityProviderId ?? null,
        factor_verified_at: factorVerifiedAt ?? null,
        user_agent: env.request.userAgent,
        ip_address: env.request.ip,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    await noteSignIn(env, userId);
    await recordOf(env, 'user.session.start', 'User login to Okta', started);
    return started;
  });
  return { session, token };
}

/** The session of this token with its user, if both may be used; using it puts off its idle end. */
export async function findSession(env: Env, token: string | null): Promise<SignedIn | null> {
  const found = await peekSession(env, token);
  if (found === null || env.now() - found.session.last_used < TOUCH_INTERVAL) return found;
  const touched = await extend(env, found.session.id);
  return touched && { session: touched, user: found.user };
}

/** As findSession, but to ask about a session is not to use it. */
export async function peekSession(env: Env, token: string | null): Promise<SignedIn | null> {
  if (token === null || token === '') return null;
  const [session] = await sessionByToken(env.db, { tokenHash: hashToken(token) });
  return signedIn(env, session);
}

const sessionByToken = prepared((db, { tokenHash }: { tokenHash: string }) =>
  db.selectFrom('sessions').selectAll().where('token_hash', '=', tokenHash),
);

/** As findSession, by id and without counting as use: for administration. */
export async function findSessionById(env: Env, id: string): Promise<SignedIn | null> {
  const session = await env.db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst();
  return signedIn(env, session);
}

/** Whether the session was ended before its time: what it allowed and is not yet issued never will be. */
export async function wasEnded(env: Env, id: string): Promise<boolean> {
  const [session] = await endOfSession(env.db, { id });
  return session === undefined || session.ended_at !== null;
}

const endOfSession = prepared((db, { id }: { id: string }) =>
  db.selectFrom('sessions').select('ended_at').where('id', '=', id),
);

/** Puts off the idle end of a session from now on; null when it has ended meanwhile. */
export async function refreshSession(env: Env, id: string): Promise<Session | null> {
  return extend(env, id);
}

/** The person of a running session proved again who they are: same session, fresh token, full length; null when it has ended. */
export async function reauthenticate(
  env: Env,
  sessionId: string,
  { amr, authenticatedAt, identityProviderId, factorVerifiedAt }: IdentityProof,
): Promise<{ session: Session; token: string } | null> {
  const token = newOpaqueToken(env.random);
  const now = env.now();
  const session = await transact(env, async (env) => {
    const held = await env.db.selectFrom('sessions').select('user_id').where('id', '=', sessionId).executeTakeFirst();
    if (!held) return null;
    const lifetimes = lifetimesOf(now, await sessionTerms(env, held.user_id, identityProviderId));
    const renewed = await env.db
      .updateTable('sessions')
      .set({
        token_hash: hashToken(token),
        authenticated_at: authenticatedAt,
        last_used: now,
        ...lifetimes,
        amr: toJson(amr),
        identity_provider_id: identityProviderId ?? null,
        factor_verified_at: factorVerifiedAt ?? null,
        user_agent: env.request.userAgent,
        ip_address: env.request.ip,
      })
      .where('id', '=', sessionId)
      .where('ended_at', 'is', null)
      .where('idle_expires_at', '>', now)
      .where('expires_at', '>', now)
      .returningAll()
      .executeTakeFirst();
    if (!renewed) return null;
    await noteSignIn(env, renewed.user_id);
    await recordOf(env, 'user.authentication.verify', 'User proved their identity again', renewed);
    return renewed;
  });
  return session && { session, token };
}

/** Another token for a running session, which is otherwise as it was: whoever holds a copy of the old one is out. */
export async function replaceSessionToken(
  env: Env,
  sessionId: string,
): Promise<{ session: Session; token: string } | null> {
  const token = newOpaqueToken(env.random);
  const session = await env.db
    .updateTable('sessions')
    .set({ token_hash: hashToken(token) })
    .where('id', '=', sessionId)
    .where('ended_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return session ? { session, token } : null;
}

/** Ends a session; false when there was none to end. Tokens issued under it live on. */
export async function endSession(env: Env, sessionId: string, reason: EndReason): Promise<boolean> {
  return transact(env, async (env) => {
    const ended = await env.db
      .updateTable('sessions')
      .set({ ended_at: env.now() })
      .where('id', '=', sessionId)
      .where('ended_at', 'is', null)
      .returningAll()
      .executeTakeFirst();
    if (!ended) return false;
    await enqueueLogoutNotices(env, [ended.id]);
    await recordOf(env, 'user.session.end', 'User logout from Okta', ended, reason);
    return true;
  });
}

/** The running sessions of a person, the one that was used last first. */
export async function listSessionsOfUser(env: Env, userId: string): Promise<Session[]> {
  const now = env.now();
  return env.db
    .selectFrom('sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('idle_expires_at', '>', now)
    .where('expires_at', '>', now)
    .orderBy('last_used', 'desc')
    .orderBy('id')
    .limit(MOST_LISTED)
    .execute();
}

/** Ends one session of this person with what lets its applications renew tokens; false when they have no such session. */
export async function endSessionOfUser(env: Env, userId: string, sessionId: string): Promise<boolean> {
  return transact(env, async (env) => {
    const own = await env.db
      .selectFrom('sessions')
      .select('id')
      .where('id', '=', sessionId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (!own || !(await endSession(env, own.id, 'REVOKED'))) return false;
    await revokeRefreshTokens(env, userId, { of: own.id });
    return true;
  });
}

/**
 * Ends every session of a person; `oauthTokens` also revokes what lets their applications renew tokens. `keep`: the session that
 * goes on, with its applications.
 */
export async function endSessionsOfUser(
  env: Env,
  userId: string,
  { oauthTokens, keep = '' }: { oauthTokens: boolean; keep?: string | undefined },
): Promise<void> {
  await transact(env, async (env) => {
    const now = env.now();
    const ended = await env.db
      .updateTable('sessions')
      .set({ ended_at: now })
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .where('id', '!=', keep)
      .returning('id')
      .execute();
    await enqueueLogoutNotices(
      env,
      ended.map(({ id }) => id),
    );
    const revoked = oauthTokens ? await revokeRefreshTokens(env, userId, { butNotOf: keep }) : 0;
    if (ended.length === 0 && revoked === 0) return;
    await record(env, {
      eventType: 'user.session.clear',
      displayMessage: keep === '' ? 'All sessions of a user were ended' : 'All other sessions of a user were ended',
      target: await targetsOf(env, userId),
      debugData: { sessions: ended.length, refreshTokens: revoked },
    });
  });
}

async function revokeRefreshTokens(
  env: Env,
  userId: string,
  session: { of: string } | { butNotOf: string },
): Promise<number> {
  const { numUpdatedRows } = await env.db
    .updateTable('refresh_tokens')
    .set({ status: 'REVOKED', last_updated: env.now() })
    .where('user_id', '=', userId)
    .where('status', '=', 'ACTIVE')
    .where((eb) =>
      'of' in session
        ? eb('session_id', '=', session.of)
        : eb.or([eb('session_id', 'is', null), eb('session_id', '!=', session.butNotOf)]),
    )
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

async function signedIn(env: Env, session: Session | undefined): Promise<SignedIn | null> {
  const now = env.now();
  if (!session || session.ended_at !== null) return null;
  if (session.idle_expires_at <= now || session.expires_at <= now) return null;
  const [user] = await userOfSession(env.db, { id: session.user_id });
  return user && isUsable(user) ? { session, user } : null;
}

const userOfSession = prepared((db, { id }: { id: string }) => db.selectFrom('users').selectAll().where('id', '=', id));

/** How long from now, as the sign-on policies have it at this proof of identity. */
function lifetimesOf(now: number, { idleLifetime, lifetime, persistent }: SessionTerms) {
  return {
    idle_lifetime: idleLifetime,
    idle_expires_at: now + idleLifetime,
    expires_at: now + lifetime,
    persistent: persistent ? 1 : 0,
  };
}

/** Seconds that the browser keeps the cookie of a session; undefined: until it closes. */
export function cookieLifetime(env: Env, session: Session): number | undefined {
  return session.persistent === 1 ? Math.max(0, Math.floor((session.expires_at - env.now()) / 1000)) : undefined;
}

async function extend(env: Env, id: string): Promise<Session | null> {
  const now = env.now();
  const extended = await env.db
    .updateTable('sessions')
    .set((eb) => ({ last_used: now, idle_expires_at: eb('idle_lifetime', '+', now) }))
    .where('id', '=', id)
    .where('ended_at', 'is', null)
    .where('idle_expires_at', '>', now)
    .where('expires_at', '>', now)
    .returningAll()
    .executeTakeFirst();
  return extended ?? null;
}

async function recordOf(env: Env, eventType: string, displayMessage: string, session: Session, reason?: EndReason) {
  const [person] = await targetsOf(env, session.user_id);
  await record(env, {
    eventType,
    displayMessage,
    // When the management API does not act, the person's own browser does.
    ...(env.actor === null && person ? { actor: person } : {}),
    outcome: reason ? { result: 'SUCCESS', reason } : { result: 'SUCCESS' },
    target: person ? [person] : [],
    externalSessionId: session.id,
  });
}

async function targetsOf(env: Env, userId: string): Promise<(LogTarget & Actor)[]> {
  const user = await env.db
    .selectFrom('users')
    .select(['id', 'login', 'profile'])
    .where('id', '=', userId)
    .executeTakeFirst();
  return user ? [userActor(user)] : [];
}
