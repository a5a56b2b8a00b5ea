import { afterEach, beforeEach, expect, it } from 'vitest';
import { DAY } from '../base/time.ts';
import { authenticate } from './authenticate.ts';
import type { Env } from './env.ts';
import { ensureEveryone } from './groups.ts';
import { listOwnEvents } from './own-history.ts';
import { startSession } from './sessions.ts';
import { record } from './system-log.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { createUser, type User } from './users.ts';

let world: TestEnv;
let env: Env;
let ada: User;
let bob: User;

const makePerson = (login: string) =>
  createUser(env, { profile: { login, email: login }, password: 'Correct-Horse-7' });
const read = (limit = 30, before: string | null = null) => listOwnEvents(env, ada.id, { before, limit });

beforeEach(async () => {
  world = await createTestEnv();
  env = world.env;
  await ensureEveryone(env);
  ada = await makePerson('ada@example.com');
  bob = await makePerson('bob@example.com');
});
afterEach(() => world.close());

it('tells one’s own sign-ins and those that were refused, the latest first, and nobody else’s', async () => {
  await startSession(env, { userId: bob.id, amr: ['pwd'], authenticatedAt: env.now() });
  await authenticate(env, { identifier: ada.login, password: 'wrong' });
  world.advance(1000);
  await startSession(env, { userId: ada.id, amr: ['pwd'], authenticatedAt: env.now() });
  const { events, next } = await read();
  expect(events).toMatchObject([
    { eventType: 'user.session.start', succeeded: true, ipAddress: env.request.ip },
    { eventType: 'user.session.start', succeeded: false, reason: 'INVALID_CREDENTIALS' },
  ]);
  expect(next).toBeNull();
});

it('leaves out what is about tokens, what administrators did, and what is older than 90 days', async () => {
  const actor = { id: ada.id, type: 'User', alternateId: ada.login, displayName: ada.login } as const;
  await record(env, { eventType: 'user.session.end', displayMessage: 'Old', actor });
  world.advance(91 * DAY);
  await record(env, { eventType: 'app.oauth2.as.token.grant', displayMessage: 'Token', actor });
  await record(env, {
    eventType: 'user.lifecycle.suspend',
    displayMessage: 'Suspended',
    actor: { ...actor, id: bob.id },
  });
  expect((await read()).events).toEqual([]);
});

it('comes in pages', async () => {
  for (let count = 0; count < 5; count++) {
    world.advance(1000);
    await startSession(env, { userId: ada.id, amr: ['pwd'], authenticatedAt: env.now() });
  }
  const first = await read(3);
  const second = await read(3, first.next);
  expect([first.events.length, second.events.length, second.next]).toEqual([3, 2, null]);
  expect(first.events.at(-1)?.published).toBeGreaterThan(second.events[0]?.published ?? 0);
});
