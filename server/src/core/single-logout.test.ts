import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, SECOND } from '../base/time.ts';
import { ensureDefaultServers } from './authorization-servers.ts';
import { createApplication } from './change-applications.ts';
import { deliverLogoutNotices } from './single-logout.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
let answers: number[];
let told: { at: number; token: string }[];

beforeEach(async () => {
  answers = [];
  told = [];
  world = await createTestEnv({
    network: {
      async request({ body }) {
        told.push({ at: world.env.now(), token: new URLSearchParams(body ?? '').get('logout_token') ?? '' });
        return { status: answers.shift() ?? 500, contentType: 'text/plain', text: '' };
      },
    },
  });
});
afterEach(() => world.close());

async function waiting(): Promise<number[]> {
  const rows = await world.env.db.selectFrom('logout_notices').select('attempts').execute();
  return rows.map(({ attempts }) => attempts);
}

it('a notice for a client that is gone leaves the outbox, by one process of many', async () => {
  const { env } = world;
  await enqueue('0oaGone', 20 * SECOND);
  await deliverLogoutNotices(env);
  expect(await waiting()).toEqual([0]);
  world.advance(HOUR);
  await Promise.all([1, 2, 3].map(() => deliverLogoutNotices(env)));
  expect(await waiting()).toEqual([]);
});

describe('a client that does not answer', () => {
  let clientId: string;
  beforeEach(async () => {
    await ensureDefaultServers(world.env);
    const settings = {
      redirect_uris: ['https://app.example.com/cb'],
      backchannel_logout_uri: 'https://app.example.com/bye',
    };
    const oauthClient = { settings, credentials: {} };
    const input = { label: 'Catalogue', signOnMode: 'OPENID_CONNECT', oauthClient } as const;
    clientId = (await createApplication(world.env, input, 'ACTIVE')).application.id;
    await enqueue(clientId, 0);
  });

  /** Looks once a second for a while; says how many seconds after the start it was told. */
  async function toldWithin(seconds: number): Promise<number[]> {
    const start = world.env.now();
    for (let second = 0; second <= seconds; second++) {
      await deliverLogoutNotices(world.env);
      world.advance(SECOND);
    }
    return told.map(({ at }) => (at - start) / SECOND);
  }

  it('is told again, each time after twice as long, until it understands', async () => {
    answers = [503, 404, 301, 204];
    expect(await toldWithin(1000)).toEqual([0, 20, 60, 140]);
    expect(await waiting()).toEqual([]);
    // Each attempt is a token of its own: an old one would be refused as expired.
    expect(new Set(told.map(({ token }) => token)).size).toBe(4);
  });

  it('is given up after ten attempts, and the System Log says so', async () => {
    expect(await toldWithin(4 * 3600)).toHaveLength(10);
    expect(await waiting()).toEqual([]);
    const event = await world.env.db
      .selectFrom('system_log')
      .selectAll()
      .where('event_type', '=', 'app.oauth2.backchannel_logout')
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(event)).toContain('It answered with status 500');
  });
});

async function enqueue(clientId: string, wait: number): Promise<void> {
  const { env } = world;
  await env.db
    .insertInto('logout_notices')
    .values({
      id: 'one',
      client_id: clientId,
      authorization_server_id: 'org',
      user_id: '00u1',
      session_id: '102one',
      issuer: env.config.url,
      attempts: 0,
      created: env.now(),
      next_attempt: env.now() + wait,
    })
    .execute();
}
