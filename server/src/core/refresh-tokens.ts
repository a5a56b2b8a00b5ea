// Owns refresh tokens: a family (one row of refresh_tokens, id `oar…`) for each authorization, and the secrets that rotation
// makes of it.
// Not here: policy, and the grant itself (oauth2/grants/refresh-token.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { hashToken, newOpaqueToken } from '../base/opaque-token.ts';
import { MINUTE, SECOND } from '../base/time.ts';
import { prepared } from '../storage/prepared.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import type { Authorization, KeptGrant } from './authorization.ts';
import type { Env } from './env.ts';

export type RefreshToken = Omit<Row<'refresh_tokens'>, 'grant'> & { grant: KeptGrant };

type Secret = Row<'refresh_token_secrets'>;

export function newRefreshTokenId(env: Env): string {
  return newId(env, idPrefixes.refreshToken);
}

/** Begins a family and returns its first secret. */
export async function createRefreshToken(
  env: Env,
  id: string,
  authorization: Authorization & { user: { id: string } },
  policyGrantType: string,
): Promise<string> {
  const created = env.now();
  const { lifetimes, rule, scopes, authentication } = authorization;
  const absolute = lifetimes.refreshTokenMinutes === 0 ? null : created + lifetimes.refreshTokenMinutes * MINUTE;
  const boundKey = keyOfFamily(authorization);
  const kept = { lifetimes, rule, authentication, nonce: null, policyGrantType, boundKey };
  const grant: KeptGrant = { scopes: [...scopes], ...kept };
  await env.db
    .insertInto('refresh_tokens')
    .values({
      id,
      authorization_server_id: authorization.server.id,
      client_id: authorization.application.client_id,
      user_id: authorization.user.id,
      session_id: authentication?.sessionId ?? null,
      scopes: toJson([...scopes]),
      grant: toJson<Record<string, unknown>>(grant),
      status: 'ACTIVE',
      created,
      last_updated: created,
      idle_expires_at: idleEnd(created, lifetimes.refreshTokenWindowMinutes, absolute),
      expires_at: absolute,
    })
    .execute();
  return addSecret(env, id);
}

// RFC 9449 section 5: the refresh tokens of a client that proves itself are bound to that client, those of a public one to its key.
function keyOfFamily({ application, boundKey }: Authorization): string | undefined {
  return application.credentials.oauthClient.token_endpoint_auth_method === 'none' ? boundKey : undefined;
}

function idleEnd(from: number, windowMinutes: number, absolute: number | null): number | null {
  if (windowMinutes === 0) return absolute;
  const idle = from + windowMinutes * MINUTE;
  return absolute === null ? idle : Math.min(idle, absolute);
}

async function addSecret(env: Env, refreshTokenId: string): Promise<string> {
  const secret = newOpaqueToken(env.random);
  await insertSecret(env.db, { secretHash: hashToken(secret), refreshTokenId, created: env.now() });
  return secret;
}

const insertSecret = prepared((db, secret: { secretHash: string; refreshTokenId: string; created: number }) =>
  db.insertInto('refresh_token_secrets').values({
    secret_hash: secret.secretHash,
    refresh_token_id: secret.refreshTokenId,
    created: secret.created,
  }),
);

/** The family that the secret belongs to, and the secret's own row; null when there is none. Says nothing about validity. */
export async function findRefreshToken(
  env: Env,
  presented: string,
): Promise<{ family: RefreshToken; secret: Secret } | null> {
  const [secret] = await secretByHash(env.db, { secretHash: hashToken(presented) });
  if (!secret) return null;
  const [family] = await familyById(env.db, { id: secret.refresh_token_id });
  return family ? { family: family as unknown as RefreshToken, secret } : null;
}

const secretByHash = prepared((db, { secretHash }: { secretHash: string }) =>
  db.selectFrom('refresh_token_secrets').selectAll().where('secret_hash', '=', secretHash),
);

const familyById = prepared((db, { id }: { id: string }) =>
  db.selectFrom('refresh_tokens').selectAll().where('id', '=', id),
);

export function isAlive(env: Env, family: RefreshToken): boolean {
  const now = env.now();
  const before = (end: number | null) => end === null || now < end;
  return family.status === 'ACTIVE' && before(family.idle_expires_at) && before(family.expires_at);
}

export type Rotation = { rotation_type: 'ROTATE' | 'STATIC'; leeway?: number | undefined };

/**
 * Uses the secret once more and says what to hand out: `same` (STATIC), a `fresh` one, or that the secret was `reused` after its
 * grace period. A retry inside the grace period gets a fresh secret too. `gone`: the family was revoked meanwhile.
 */
export async function useRefreshToken(
  env: Env,
  presented: string,
  { family, secret }: { family: RefreshToken; secret: Secret },
  rotation: Rotation,
): Promise<{ kind: 'same' | 'fresh'; value: string } | { kind: 'reused' | 'gone' }> {
  const extended = await extendFamily(env, family);
  if (!extended) return { kind: 'gone' };
  if (rotation.rotation_type === 'STATIC') return { kind: 'same', value: presented };
  const rotatedAt = await rotateOut(env, secret);
  if (rotatedAt !== null && env.now() >= rotatedAt + (rotation.leeway ?? 0) * SECOND) return { kind: 'reused' };
  return { kind: 'fresh', value: await addSecret(env, family.id) };
}

// The update takes the family's row lock, so parallel uses of one family stand in line here.
async function extendFamily(env: Env, family: RefreshToken): Promise<boolean> {
  const now = env.now();
  const { lifetimes } = family.grant;
  const idleExpiresAt = idleEnd(now, lifetimes.refreshTokenWindowMinutes, family.expires_at);
  const rows = await extend(env.db, { id: family.id, now, idleExpiresAt });
  return rows.length === 1;
}

const extend = prepared((db, family: { id: string; now: number; idleExpiresAt: number | null }) =>
  db
    .updateTable('refresh_tokens')
    .set({ last_updated: family.now, idle_expires_at: family.idleExpiresAt })
    .where('id', '=', family.id)
    .where('status', '=', 'ACTIVE')
    .returning('id'),
);

/** Null when this call rotated the secret out; otherwise when it had been. */
async function rotateOut(env: Env, secret: Secret): Promise<number | null> {
  const [mine] = await rotate(env.db, { secretHash: secret.secret_hash, now: env.now() });
  if (mine) return null;
  const [row] = await secretByHash(env.db, { secretHash: secret.secret_hash });
  return row?.rotated_at ?? null;
}

const rotate = prepared((db, { secretHash, now }: { secretHash: string; now: number }) =>
  db
    .updateTable('refresh_token_secrets')
    .set({ rotated_at: now })
    .where('secret_hash', '=', secretHash)
    .where('rotated_at', 'is', null)
    .returning('secret_hash'),
);

/** Ends a family: its secrets are refused, its access tokens inactive. */
export async function revokeRefreshToken(env: Env, id: string): Promise<boolean> {
  const row = await env.db
    .updateTable('refresh_tokens')
    .set({ status: 'REVOKED', last_updated: env.now() })
    .where('id', '=', id)
    .where('status', '=', 'ACTIVE')
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}
