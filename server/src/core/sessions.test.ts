import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashToken } from '../base/opaque-token.ts';
import { HOUR, MINUTE, SECOND } from '../base/time.ts';
import { toJson } from '../storage/schema.ts';
import type { Env } from './env.ts';
import {
  endSession,
  endSessionsOfUser,
  findSession,
  findSessionById,
  reauthenticate,
  refreshSession,
  startSession,
} from './sessions.ts';
import { completeEvent, type StoredEvent } from './system-log.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

const ADA = '00uADA';
let world: TestEnv;
let env: Env;

beforeEach(async () => {
  world = await createTestEnv();
  env = world.env;
  await insertUser(ADA, 'ada@example.com');
});
afterEach(() => world.close());

const start = (userId = ADA) => startSession(env, { userId, amr: ['pwd'], authenticatedAt: env.now() });

describe('a session', () => {
  it('is found by its token, with its user', async () => {
    const { session, token } = await start();
    const found = await findSession(env, token);
    expect(found).toMatchObject({ session: { id: session.id, amr: ['pwd'] }, user: { id: ADA } });
  });

  it('is stored without its token', async () => {
    const { token } = await start();
    const rows = await env.db.selectFrom('sessions').selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain(token);
    expect(rows[0]?.token_hash).toBe(hashToken(token));
  });

  it('has a token of its own each time', async () => {
    const tokens = await Promise.all([start(), start(), start()]);
    expect(new Set(tokens.map(({ token }) => token)).size).toBe(3);
  });

  it.each([null, '', 'x', 'idx'])('is not found by %j', async (token) => {
    await start();
    expect(await findSession(env, token)).toBeNull();
  });

  it('is over after two hours without use', async () => {
    const { token } = await start();
    world.advance(120 * MINUTE);
    expect(await findSession(env, token)).toBeNull();
  });

  it('goes on as long as it is used, up to a day after the sign-in', async () => {
    const { token } = await start();
    for (let hours = 1; hours < 24; hours++) {
      world.advance(HOUR);
      expect(await findSession(env, token)).not.toBeNull();
    }
    world.advance(HOUR);
    expect(await findSession(env, token)).toBeNull();
  });

  it('writes its use down once a minute at most', async () => {
    const { session, token } = await start();
    world.advance(59 * SECOND);
    await findSession(env, token);
    expect((await findSessionById(env, session.id))?.session.last_used).toBe(session.last_used);
    world.advance(SECOND);
    const found = await findSession(env, token);
    expect(found?.session.last_used).toBe(env.now());
    expect((await findSessionById(env, session.id))?.session.last_used).toBe(env.now());
  });

  it.each([
    ['ACTIVE', true],
    ['LOCKED_OUT', true],
    ['PASSWORD_EXPIRED', true],
    ['RECOVERY', true],
    ['STAGED', false],
    ['PROVISIONED', false],
    ['SUSPENDED', false],
    ['DEPROVISIONED', false],
  ])('of a user who is %s: usable %s', async (status, usable) => {
    const { token } = await start();
    await env.db.updateTable('users').set({ status }).where('id', '=', ADA).execute();
    expect((await findSession(env, token)) !== null).toBe(usable);
  });

  it('is refreshed by id until it has ended', async () => {
    const { session, token } = await start();
    world.advance(100 * MINUTE);
    expect(await refreshSession(env, session.id)).toMatchObject({ idle_expires_at: env.now() + 120 * MINUTE });
    world.advance(100 * MINUTE);
    expect(await findSession(env, token)).not.toBeNull();
    await endSession(env, session.id, 'SIGNED_OUT');
    expect(await refreshSession(env, session.id)).toBeNull();
  });

  it('whose idle time has run out is not brought back by a refresh', async () => {
    const { session, token } = await start();
    world.advance(121 * MINUTE);
    expect(await refreshSession(env, session.id)).toBeNull();
    expect(await findSession(env, token)).toBeNull();
  });
});

describe('another proof of identity', () => {
  it('keeps the session, replaces its token and begins its time anew', async () => {
    const { session, token } = await start();
    world.advance(HOUR);
    const again = await reauthenticate(env, session.id, { amr: ['pwd'], authenticatedAt: env.now() });
    expect(again?.session).toMatchObject({ id: session.id, authenticated_at: env.now(), created: session.created });
    expect(await findSession(env, token)).toBeNull();
    expect(await findSession(env, again?.token ?? null)).not.toBeNull();
    expect(await eventsOf('user.authentication.verify')).toHaveLength(1);
  });

  it('does not bring an ended session back', async () => {
    const { session } = await start();
    await endSession(env, session.id, 'SIGNED_OUT');
    expect(await reauthenticate(env, session.id, { amr: ['pwd'], authenticatedAt: env.now() })).toBeNull();
  });
});

describe('the end', () => {
  it('comes once and is told once', async () => {
    const { session, token } = await start();
    expect(await Promise.all([1, 2, 3].map(() => endSession(env, session.id, 'SIGNED_OUT')))).toEqual([
      true,
      false,
      false,
    ]);
    expect(await findSession(env, token)).toBeNull();
    const [event, ...more] = await eventsOf('user.session.end');
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      actor: { id: ADA, alternateId: 'ada@example.com', displayName: 'Ada Lovelace' },
      outcome: { result: 'SUCCESS', reason: 'SIGNED_OUT' },
      authenticationContext: { externalSessionId: session.id },
    });
  });

  it('of all sessions of a person leaves other people alone', async () => {
    await insertUser('00uBOB', 'bob@example.com');
    const mine = [await start(), await start()];
    const other = await start('00uBOB');
    await endSessionsOfUser(env, ADA, { oauthTokens: false });
    for (const { token } of mine) expect(await findSession(env, token)).toBeNull();
    expect(await findSession(env, other.token)).not.toBeNull();
    expect(await eventsOf('user.session.clear')).toHaveLength(1);
  });

  it('of all sessions revokes refresh tokens only when asked', async () => {
    await insertRefreshToken('oar1');
    await endSessionsOfUser(env, ADA, { oauthTokens: false });
    expect(await statusOf('oar1')).toBe('ACTIVE');
    await endSessionsOfUser(env, ADA, { oauthTokens: true });
    expect(await statusOf('oar1')).toBe('REVOKED');
  });
});

it('the start is an event of the person, without the token', async () => {
  const { session, token } = await start();
  const [event] = await eventsOf('user.session.start');
  expect(event).toMatchObject({
    actor: { id: ADA, type: 'User' },
    outcome: { result: 'SUCCESS' },
    authenticationContext: { externalSessionId: session.id },
  });
  expect(JSON.stringify(event)).not.toContain(token);
});

it('what an administrator ends is told of the administrator', async () => {
  const { session } = await start();
  const actor = { id: '00uADMIN', type: 'User' as const, alternateId: 'admin@example.com', displayName: 'Admin' };
  await endSession({ ...env, actor }, session.id, 'REVOKED');
  const [event] = await eventsOf('user.session.end');
  expect(event).toMatchObject({ actor: { id: '00uADMIN' }, target: [{ id: ADA }] });
});

async function insertUser(id: string, login: string): Promise<void> {
  await env.db
    .insertInto('users')
    .values({
      id,
      status: 'ACTIVE',
      login,
      login_key: login,
      email_key: login,
      profile: toJson({ firstName: 'Ada', lastName: 'Lovelace', login, email: login }),
      type_id: 'oty1',
      realm_id: 'guo1',
      credential_provider: toJson({ type: 'OKTA', name: 'OKTA' }),
      created: env.now(),
      last_updated: env.now(),
    })
    .execute();
}

async function insertRefreshToken(id: string): Promise<void> {
  await env.db
    .insertInto('refresh_tokens')
    .values({
      id,
      authorization_server_id: 'aus1',
      client_id: '0oa1',
      user_id: ADA,
      scopes: toJson([]),
      grant: toJson({}),
      status: 'ACTIVE',
      created: env.now(),
      last_updated: env.now(),
    })
    .execute();
}

async function statusOf(id: string): Promise<string | undefined> {
  const row = await env.db.selectFrom('refresh_tokens').select('status').where('id', '=', id).executeTakeFirst();
  return row?.status;
}

async function eventsOf(type: string): Promise<Record<string, unknown>[]> {
  const rows = await env.db
    .selectFrom('system_log')
    .selectAll()
    .$narrowType<{ event: StoredEvent }>()
    .where('event_type', '=', type)
    .execute();
  return rows.map(completeEvent);
}
