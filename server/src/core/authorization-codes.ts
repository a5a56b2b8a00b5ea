// Owns authorization codes: 300 seconds, one use (RFC 6749 section 4.1.2). A second use revokes what the first one gave.
// Not here: PKCE and redirect URI comparison (oauth2/grants/authorization-code.ts).
import type { Insertable } from 'kysely';
import { hashToken, newOpaqueToken } from '../base/opaque-token.ts';
import { MINUTE } from '../base/time.ts';
import { prepared } from '../storage/prepared.ts';
import { toJson } from '../storage/schema.ts';
import type { Row, Tables } from '../storage/tables.ts';
import { revokeAccessToken } from './access-tokens.ts';
import type { KeptGrant } from './authorization.ts';
import type { Env } from './env.ts';
import { revokeRefreshToken } from './refresh-tokens.ts';

export type AuthorizationCode = Omit<Row<'authorization_codes'>, 'grant'> & { grant: KeptGrant };

export const CODE_LIFETIME = 5 * MINUTE;

export async function createAuthorizationCode(
  env: Env,
  facts: {
    serverId: string;
    clientId: string;
    userId: string;
    sessionId: string;
    redirectUri: string;
    codeChallenge: string | null;
    grant: KeptGrant;
  },
): Promise<string> {
  const code = newOpaqueToken(env.random);
  const created = env.now();
  await insertCode(env.db, {
    code_hash: hashToken(code),
    authorization_server_id: facts.serverId,
    client_id: facts.clientId,
    user_id: facts.userId,
    session_id: facts.sessionId,
    redirect_uri: facts.redirectUri,
    code_challenge: facts.codeChallenge,
    grant: toJson<Record<string, unknown>>(facts.grant),
    created,
    expires_at: created + CODE_LIFETIME,
  });
  return code;
}

type NewCode = Insertable<Tables['authorization_codes']> & { code_challenge: string | null };

const insertCode = prepared(
  (db, code: Required<Omit<NewCode, 'access_token_jti' | 'refresh_token_id' | 'consumed_at'>>) =>
    db.insertInto('authorization_codes').values({
      code_hash: code.code_hash,
      authorization_server_id: code.authorization_server_id,
      client_id: code.client_id,
      user_id: code.user_id,
      session_id: code.session_id,
      redirect_uri: code.redirect_uri,
      code_challenge: code.code_challenge,
      grant: code.grant,
      created: code.created,
      expires_at: code.expires_at,
    }),
);

/** The code's row, used or not; null when there is none. */
export async function findAuthorizationCode(env: Env, code: string): Promise<AuthorizationCode | null> {
  const [row] = await codeByHash(env.db, { codeHash: hashToken(code) });
  return row ? (row as unknown as AuthorizationCode) : null;
}

const codeByHash = prepared((db, { codeHash }: { codeHash: string }) =>
  db.selectFrom('authorization_codes').selectAll().where('code_hash', '=', codeHash),
);

/** Uses the code up; true for the one caller who did, while it was alive. */
export async function consumeAuthorizationCode(
  env: Env,
  code: AuthorizationCode,
  gives: { accessTokenJti: string; refreshTokenId: string | null },
): Promise<boolean> {
  const { accessTokenJti, refreshTokenId } = gives;
  const rows = await consume(env.db, { codeHash: code.code_hash, now: env.now(), accessTokenJti, refreshTokenId });
  return rows.length === 1;
}

type Consumption = { codeHash: string; now: number; accessTokenJti: string; refreshTokenId: string | null };

const consume = prepared((db, { codeHash, now, accessTokenJti, refreshTokenId }: Consumption) =>
  db
    .updateTable('authorization_codes')
    .set({ consumed_at: now, access_token_jti: accessTokenJti, refresh_token_id: refreshTokenId })
    .where('code_hash', '=', codeHash)
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('code_hash'),
);

/** RFC 6749 section 4.1.2: what was issued for a code that is presented again is revoked. */
export async function revokeGrantsOfCode(env: Env, code: AuthorizationCode): Promise<void> {
  if (code.access_token_jti !== null) {
    const lifetime = code.grant.lifetimes.accessTokenMinutes * MINUTE;
    await revokeAccessToken(env, code.access_token_jti, env.now() + lifetime);
  }
  if (code.refresh_token_id !== null) await revokeRefreshToken(env, code.refresh_token_id);
}
