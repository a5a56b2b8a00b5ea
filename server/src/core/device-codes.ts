// Owns the device flow's codes (RFC 8628): the one that a device polls with, the one that a person types elsewhere, what was decided
// about them, and that they give tokens once. Not here: the pages (oauth2/activate.ts), policy, the grant.
import { hashToken } from '../base/opaque-token.ts';
import { MINUTE, SECOND } from '../base/time.ts';
import { newUuid } from '../base/uuid.ts';
import { isUniqueViolation } from '../storage/database.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import type { Authentication } from './authorization.ts';
import type { Env } from './env.ts';

export type DeviceCode = Omit<Row<'device_codes'>, 'status' | 'grant'> & {
  status: 'PENDING' | 'APPROVED' | 'DENIED';
  /** How and when the person who approved had signed in. */
  grant: { authentication: Authentication } | null;
};

export const DEVICE_CODE_LIFETIME = 10 * MINUTE;
/** Seconds between polls, unless a device was told to slow down. */
export const POLL_INTERVAL = 5;
const SLOWER_BY = 5;

/** Consonants alone: no letter looks like a digit or like another, and no word comes out (RFC 8628 section 6.1). */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const USER_CODE_LENGTH = 8;
const ATTEMPTS = 5;
/** Codes of one client that may wait at a time: more would make a guessed user code likely to be somebody's. */
const MOST_WAITING = 5000;

/** Both codes, which only their receiver ever sees; null when too many of this client's wait already. */
export async function createDeviceCode(
  env: Env,
  facts: { serverId: string; clientId: string; scopes: string[] | null },
): Promise<{ deviceCode: string; userCode: string } | null> {
  if ((await countWaiting(env, facts.clientId)) >= MOST_WAITING) return null;
  for (let attempt = 1; ; attempt++) {
    const codes = { deviceCode: newUuid(env.random), userCode: newUserCode(env.random) };
    try {
      await insertCode(env, facts, codes);
      return codes;
    } catch (error) {
      if (attempt >= ATTEMPTS || !isUniqueViolation(error, 'user_code')) throw error;
    }
  }
}

/** What a person typed as it is stored: letter case, blanks and dashes do not count. Null when it is no user code at all. */
export function readUserCode(typed: string): string | null {
  const letters = typed.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
  return letters.length === USER_CODE_LENGTH && [...letters].every((letter) => ALPHABET.includes(letter))
    ? letters
    : null;
}

/** The code that waits under this user code for a decision; null when there is none (any more). */
export async function findByUserCode(env: Env, userCode: string): Promise<DeviceCode | null> {
  const row = await env.db
    .selectFrom('device_codes')
    .selectAll()
    .where('user_code', '=', userCode)
    .where('status', '=', 'PENDING')
    .where('expires_at', '>', env.now())
    .executeTakeFirst();
  return row ? (row as unknown as DeviceCode) : null;
}

/** The code's row, whatever became of it; null when there is none. */
export async function findDeviceCode(env: Env, deviceCode: string): Promise<DeviceCode | null> {
  const row = await env.db
    .selectFrom('device_codes')
    .selectAll()
    .where('device_code_hash', '=', hashToken(deviceCode))
    .executeTakeFirst();
  return row ? (row as unknown as DeviceCode) : null;
}

/** The person's decision. Of any number at once, one decides; false for the others, and when it is too late. */
export async function decideDeviceCode(
  env: Env,
  code: DeviceCode,
  decision: { userId: string; authentication: Authentication; scopes: string[] } | 'DENIED',
): Promise<boolean> {
  const change =
    decision === 'DENIED'
      ? { status: 'DENIED' }
      : {
          status: 'APPROVED',
          user_id: decision.userId,
          session_id: decision.authentication.sessionId,
          scopes: toJson(decision.scopes),
          grant: toJson<Record<string, unknown>>({ authentication: decision.authentication }),
        };
  const row = await env.db
    .updateTable('device_codes')
    .set(change)
    .where('device_code_hash', '=', code.device_code_hash)
    .where('status', '=', 'PENDING')
    .where('expires_at', '>', env.now())
    .returning('device_code_hash')
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Notes a poll while the person has not decided. True when it came too soon after the last: from then on the device has to wait
 * five seconds longer between polls (RFC 8628 section 3.5). Of any number at once, one is in time.
 */
export async function notePoll(env: Env, code: DeviceCode): Promise<{ tooSoon: boolean }> {
  const now = env.now();
  const inTime = await env.db
    .updateTable('device_codes')
    .set({ last_polled: now })
    .where('device_code_hash', '=', code.device_code_hash)
    .where((eb) =>
      eb.or([
        eb('last_polled', 'is', null),
        eb(eb('last_polled', '+', eb('interval_seconds', '*', SECOND)), '<=', now),
      ]),
    )
    .returning('device_code_hash')
    .executeTakeFirst();
  if (inTime) return { tooSoon: false };
  await env.db
    .updateTable('device_codes')
    .set((eb) => ({ last_polled: now, interval_seconds: eb('interval_seconds', '+', SLOWER_BY) }))
    .where('device_code_hash', '=', code.device_code_hash)
    .execute();
  return { tooSoon: true };
}

/** Uses an approved code up; true for the one caller who did, while it was alive. */
export async function consumeDeviceCode(env: Env, code: DeviceCode): Promise<boolean> {
  const now = env.now();
  const row = await env.db
    .updateTable('device_codes')
    .set({ consumed_at: now })
    .where('device_code_hash', '=', code.device_code_hash)
    .where('status', '=', 'APPROVED')
    .where('consumed_at', 'is', null)
    .where('expires_at', '>', now)
    .returning('device_code_hash')
    .executeTakeFirst();
  return row !== undefined;
}

async function countWaiting(env: Env, clientId: string): Promise<number> {
  const { waiting } = await env.db
    .selectFrom('device_codes')
    .select((eb) => eb.fn.countAll<number | string>().as('waiting'))
    .where('client_id', '=', clientId)
    .where('created', '>', env.now() - DEVICE_CODE_LIFETIME)
    .executeTakeFirstOrThrow();
  return Number(waiting);
}

async function insertCode(
  env: Env,
  facts: { serverId: string; clientId: string; scopes: string[] | null },
  codes: { deviceCode: string; userCode: string },
): Promise<void> {
  const created = env.now();
  await env.db
    .insertInto('device_codes')
    .values({
      device_code_hash: hashToken(codes.deviceCode),
      // 34 bits: a hash would hide nothing. What it opens is a page that asks a signed-in person.
      user_code: codes.userCode,
      authorization_server_id: facts.serverId,
      client_id: facts.clientId,
      scopes: facts.scopes === null ? null : toJson(facts.scopes),
      status: 'PENDING',
      interval_seconds: POLL_INTERVAL,
      created,
      expires_at: created + DEVICE_CODE_LIFETIME,
    })
    .execute();
}

function newUserCode(random: (bytes: number) => Uint8Array): string {
  let code = '';
  while (code.length < USER_CODE_LENGTH) {
    for (const byte of random(USER_CODE_LENGTH * 2)) {
      // 240 = 12 × 20: bytes above it would favour the first letters.
      if (byte < 240 && code.length < USER_CODE_LENGTH) code += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return code;
}
