// Owns what becomes of access tokens after they are issued: their ids, their verification by this server, and revocation.
// They are JWTs and have no row. One with a refresh token beside it carries the family's id in its jti and dies with the family;
// any other is revoked by its jti. Not here: minting (issue-tokens.ts).
import { newOpaqueToken } from '../base/opaque-token.ts';
import { DAY, HOUR, toSeconds } from '../base/time.ts';
import { prepared } from '../storage/prepared.ts';
import { findClient } from './applications.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import type { Env } from './env.ts';
import { issuerOf } from './issuers.ts';
import { verifyOwnJwt } from './json-web-tokens.ts';
import { findUserById, isUsable, type User } from './users.ts';

/** Of any access token, with some time for clocks. */
const LONGEST_LIFE = DAY + HOUR;
/** Begins the key of a row about all of a person's tokens; no jti does. */
const OF_USER = 'user:';

/** Claims of an access token (contract of custom servers; the org server's are the same). Times in epoch seconds. */
export type AccessTokenClaims = {
  ver: number;
  jti: string;
  iss: string;
  aud: string;
  iat: number;
  exp: number;
  cid: string;
  uid?: string;
  scp?: string[];
  auth_time?: number;
  sub: string;
  /** The key to which it is bound (RFC 7800); missing: to none. */
  cnf?: { jkt: string };
  [claim: string]: unknown;
};

/** `AT.{chance}`, or `AT.{chance}.{family id}` when a refresh token is issued with it. */
export function newAccessTokenJti(env: Env, refreshTokenId: string | null): string {
  const chance = newOpaqueToken(env.random);
  return refreshTokenId === null ? `AT.${chance}` : `AT.${chance}.${refreshTokenId}`;
}

/**
 * The claims and the person of a token that this server issued and that is still good: signature, issuer, expiry, not revoked,
 * client active, person active. Null for anything else.
 */
export async function verifyAccessToken(
  env: Env,
  server: AuthorizationServer,
  token: string,
): Promise<{ claims: AccessTokenClaims; user: User | null } | null> {
  const claims = await readAccessToken(env, server, token);
  if (!claims || claims.exp <= toSeconds(env.now())) return null;
  if (await isAccessTokenRevoked(env, claims)) return null;
  const client = await findClient(env, claims.cid);
  if (client?.status !== 'ACTIVE') return null;
  if (claims.uid === undefined) return { claims, user: null };
  const user = await findUserById(env, claims.uid);
  return user && isUsable(user) ? { claims, user } : null;
}

/** The claims of an access token that this server signed, expired or revoked or not; null for anything else. */
export async function readAccessToken(
  env: Env,
  server: AuthorizationServer,
  token: string,
): Promise<AccessTokenClaims | null> {
  const owner = server.id;
  const purpose = accessTokenPurpose(server);
  const claims = (await verifyOwnJwt(env, owner, [purpose], token)) as AccessTokenClaims | null;
  if (!claims || typeof claims.jti !== 'string' || !claims.jti.startsWith('AT.')) return null;
  return claims.iss === issuerOf(env, server) || isIssuedUnderOtherName(env, server, claims.iss) ? claims : null;
}

// With issuer mode DYNAMIC a token keeps the name under which it was asked for, whatever name this request came by.
function isIssuedUnderOtherName(env: Env, server: AuthorizationServer, iss: string): boolean {
  return [env.config.url, ...env.config.domains].some(
    (origin) => issuerOf({ ...env, request: { ...env.request, origin } }, server) === iss,
  );
}

/** The org server's access tokens are signed by a key that is not published: they are for this server's own API alone. */
export function accessTokenPurpose(server: AuthorizationServer): 'sig' | 'org-access-token' {
  return server.kind === 'org' ? 'org-access-token' : 'sig';
}

/** Remembers that this access token is dead until it would have died anyway (epoch milliseconds). */
export async function revokeAccessToken(env: Env, jti: string, expiresAt: number): Promise<void> {
  await env.db
    .insertInto('revoked_access_tokens')
    .values({ jti, expires_at: expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Every access token that a person's clients hold now is dead. The row outlives them all. */
export async function revokeAccessTokensOfUser(env: Env, userId: string): Promise<void> {
  const expires_at = env.now() + LONGEST_LIFE;
  await env.db
    .insertInto('revoked_access_tokens')
    .values({ jti: `${OF_USER}${userId}`, expires_at })
    .onConflict((conflict) => conflict.column('jti').doUpdateSet({ expires_at }))
    .execute();
}

async function isAccessTokenRevoked(env: Env, { jti, uid, iat }: AccessTokenClaims): Promise<boolean> {
  const revoked = await revocationsOf(env.db, { jti, ofUser: `${OF_USER}${uid ?? ''}` });
  // A row of a person says by its end when it was made.
  if (revoked.some((row) => row.jti === jti || iat <= toSeconds(row.expires_at - LONGEST_LIFE))) return true;
  const familyId = jti.split('.')[2];
  if (familyId === undefined) return false;
  const [family] = await familyStatus(env.db, { familyId });
  return family?.status !== 'ACTIVE';
}

const revocationsOf = prepared((db, { jti, ofUser }: { jti: string; ofUser: string }) =>
  db.selectFrom('revoked_access_tokens').selectAll().where('jti', 'in', [jti, ofUser]),
);

const familyStatus = prepared((db, { familyId }: { familyId: string }) =>
  db.selectFrom('refresh_tokens').select('status').where('id', '=', familyId),
);
