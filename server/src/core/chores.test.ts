import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DAY, HOUR, MINUTE } from '../base/time.ts';
import { toJson } from '../storage/schema.ts';
import { revokeAccessToken } from './access-tokens.ts';
import { findAuthorizationRequest, keepAuthorizationRequest } from './authorization-requests.ts';
import { runChores } from './chores.ts';
import { issueOneTimeToken } from './one-time-tokens.ts';
import { countAttempt, countFailures } from './sign-in-failures.ts';
import { record } from './system-log.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { rememberJti } from './used-jtis.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

type Counted = 'used_jtis' | 'refresh_tokens' | 'refresh_token_secrets' | 'system_log' | 'revoked_access_tokens';

async function rowsOf(table: Counted | 'one_time_tokens' | 'authorization_requests'): Promise<number> {
  const { count } = await world.env.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

async function family(id: string, secrets: number, idleExpiresAt: number | null) {
  const { db } = world.env;
  await db
    .insertInto('refresh_tokens')
    .values({
      id,
      authorization_server_id: 'aus1',
      client_id: '0oa1',
      user_id: '00u1',
      scopes: toJson([]),
      grant: toJson({}),
      status: 'ACTIVE',
      created: world.env.now(),
      last_updated: world.env.now(),
      idle_expires_at: idleExpiresAt,
    })
    .execute();
  for (let n = 0; n < secrets; n++)
    await db
      .insertInto('refresh_token_secrets')
      .values({ secret_hash: `${id}-${n}`, refresh_token_id: id, created: world.env.now(), rotated_at: 1 })
      .execute();
}

describe('chores', () => {
  it('forget what is over, and nothing that is not', async () => {
    const { env } = world;
    const facts = { serverId: 'aus1', clientId: '0oa1', parameters: {}, browserId: 'browser' };
    await keepAuthorizationRequest(env, facts);
    await rememberJti(env, { issuer: 'one', jti: 'old', expiresAt: env.now() + MINUTE });
    await revokeAccessToken(env, 'AT.old', env.now() + HOUR);
    world.advance(2 * HOUR + MINUTE);
    const handle = await keepAuthorizationRequest(env, facts);
    await rememberJti(env, { issuer: 'one', jti: 'new', expiresAt: env.now() + MINUTE });
    await revokeAccessToken(env, 'AT.new', env.now() + HOUR);
    await runChores(env);
    expect(await findAuthorizationRequest(env, handle, 'browser')).not.toBeNull();
    for (const table of ['authorization_requests', 'used_jtis', 'revoked_access_tokens'] as const)
      expect(await rowsOf(table)).toBe(1);
    expect(await rememberJti(env, { issuer: 'one', jti: 'new', expiresAt: env.now() + MINUTE })).toBe(false);
  });

  it('keep one-time tokens for a week after their end, the System Log for 90 days, failures for 30', async () => {
    const { env } = world;
    await issueOneTimeToken(env, { purpose: 'recovery', userId: null, lifetime: MINUTE });
    await record(env, { eventType: 'a.b', displayMessage: 'Something' });
    await countAttempt(env, 'ada');
    world.advance(6 * DAY);
    await runChores(env);
    expect(await rowsOf('one_time_tokens')).toBe(1);
    world.advance(2 * DAY);
    await runChores(env);
    expect(await rowsOf('one_time_tokens')).toBe(0);
    expect(await countFailures(env, 'ada')).toBe(1);
    world.advance(23 * DAY);
    await runChores(env);
    expect(await countFailures(env, 'ada')).toBe(0);
    expect(await rowsOf('system_log')).toBe(1);
    world.advance(60 * DAY);
    await runChores(env);
    expect(await rowsOf('system_log')).toBe(0);
  });

  it('forget a refresh family with all its secrets once its last access token is dead, by batches, and keep the living', async () => {
    const now = world.env.now();
    await family('oarDead', 1203, now + HOUR);
    await family('oarAlive', 3, now + 30 * DAY);
    await family('oarForever', 2, null);
    world.advance(DAY);
    await runChores(world.env);
    expect(await rowsOf('refresh_token_secrets')).toBe(1208);
    world.advance(3 * HOUR);
    await runChores(world.env);
    expect(await rowsOf('refresh_token_secrets')).toBe(5);
    expect(await rowsOf('refresh_tokens')).toBe(2);
  });

  it('may be done twice, and by many at once', async () => {
    const { env } = world;
    const expiresAt = env.now() + MINUTE;
    for (let n = 0; n < 1100; n++) await rememberJti(env, { issuer: 'one', jti: `${n}`, expiresAt });
    world.advance(2 * HOUR);
    await Promise.all([runChores(env), runChores(env), runChores(env)]);
    await runChores(env);
    expect(await rowsOf('used_jtis')).toBe(0);
    expect(world.logged.filter(({ level }) => level === 'error')).toEqual([]);
  });
});

describe('the work of a chore', () => {
  it('is found by an index: its cost is that of what goes, not of what stays', async () => {
    const prepared = vi.spyOn(DatabaseSync.prototype, 'prepare');
    await runChores(world.env);
    const deletions = prepared.mock.calls.map(([statement]) => statement).filter((one) => /^delete/i.test(one));
    prepared.mockRestore();
    expect(deletions.length).toBeGreaterThan(8);
    for (const statement of deletions) {
      const plan = await sql<{ detail: string }>`${sql.raw(`explain query plan ${statement}`)}`.execute(world.env.db);
      const scans = plan.rows.filter(({ detail }) => /^SCAN \w+$/.test(detail));
      expect({ statement, scans }).toEqual({ statement, scans: [] });
    }
  });
});
