import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../../../test/support/postgres.ts';
import { DAY, SECOND } from '../base/time.ts';
import { record } from './system-log.ts';
import { type LogQuery, searchLog } from './system-log-search.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
let drop = async () => {};

async function writeEvent(name: string, more: Partial<Parameters<typeof record>[1]> = {}): Promise<void> {
  await record(world.env, { eventType: name, displayMessage: `Event ${name}`, ...more });
}

const everything: LogQuery = {
  since: null,
  until: null,
  after: null,
  order: 'ASCENDING',
  filter: null,
  keywords: [],
  limit: 100,
};

const read = (query: Partial<LogQuery>) => searchLog(world.env, { ...everything, ...query });
const names = async (query: Partial<LogQuery>) => (await read(query)).events.map(({ eventType }) => eventType);

describe.each(['sqlite', 'postgres'])('%s', (dialect) => {
  beforeAll(async () => {
    if (dialect === 'sqlite') world = await createTestEnv();
    else {
      const database = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
      drop = database.drop;
      world = await createTestEnv({ databaseUrl: database.url });
    }
  });
  beforeEach(async () => {
    world.advance(30 * DAY);
    await world.env.db.deleteFrom('system_log').execute();
  });
  afterAll(async () => {
    await world.close();
    await drop();
    drop = async () => {};
  });

  test('events come in the order in which they were written, or the other way round', async () => {
    for (const name of ['a', 'b', 'c']) await writeEvent(name);
    expect(await names({})).toEqual(['a', 'b', 'c']);
    expect(await names({ order: 'DESCENDING' })).toEqual(['c', 'b', 'a']);
  });

  test('a stretch has its first moment and its last', async () => {
    const start = world.env.now();
    for (const name of ['a', 'b', 'c', 'd']) {
      await writeEvent(name);
      world.advance(SECOND);
    }
    expect(await names({ since: start + SECOND, until: start + 2 * SECOND })).toEqual(['b', 'c']);
  });

  test('seven days are read unless the query says otherwise, and nothing older than 180', async () => {
    await writeEvent('old');
    world.advance(8 * DAY);
    await writeEvent('new');
    expect(await names({})).toEqual(['new']);
    expect(await names({ since: world.env.now() - 9 * DAY })).toEqual(['old', 'new']);
    await expect(read({ since: world.env.now() - 181 * DAY })).rejects.toMatchObject({ code: 'E0000001' });
  });

  test('a bounded query ends: the last page has no next', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await writeEvent(name);
    for (const order of ['ASCENDING', 'DESCENDING'] as const) {
      const seen: unknown[] = [];
      let after: string | null = null;
      let pages = 0;
      do {
        const page = await read({ until: world.env.now(), order, limit: 2, after });
        seen.push(...page.events.map(({ eventType }) => eventType));
        after = page.next;
        pages++;
      } while (after !== null);
      expect(pages).toBe(3);
      expect(seen).toEqual(order === 'ASCENDING' ? ['a', 'b', 'c', 'd', 'e'] : ['e', 'd', 'c', 'b', 'a']);
    }
  });

  test('a poller sees every event once, in whatever pages and pauses it comes', async () => {
    const seen: unknown[] = [];
    let after: string | null = null;
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < round % 4; i++) await writeEvent(`${round}.${i}`);
      const page = await read({ limit: 2, after, since: after === null ? world.env.now() - DAY : null });
      expect(page.next).not.toBeNull();
      seen.push(...page.events.map(({ eventType }) => eventType));
      after = page.next;
      world.advance(round * 400);
    }
    for (let round = 0; round < 12; round++) {
      const page = await read({ limit: 2, after });
      seen.push(...page.events.map(({ eventType }) => eventType));
      after = page.next;
    }
    const all = await names({ until: world.env.now() });
    expect(seen).toEqual(all);
    expect(all).toHaveLength(18);
  });

  test('a poller sees an event that becomes visible after later ones', async () => {
    await writeEvent('before');
    const late = world.env.now();
    world.advance(50);
    await writeEvent('after');
    const first = await read({});
    expect(first.events).toHaveLength(2);
    // Its transaction began before the others ended, and commits only now.
    await record({ ...world.env, now: () => late }, { eventType: 'late', displayMessage: 'Event late' });
    const second = await read({ after: first.next });
    expect(second.events.map(({ eventType }) => eventType)).toEqual(['late']);
    const third = await read({ after: second.next });
    expect(third.events).toEqual([]);
    world.advance(10 * SECOND);
    await writeEvent('last');
    expect(await names({ after: third.next })).toEqual(['last']);
  });

  test('a poller of a quiet filter does not read the past again and again', async () => {
    await writeEvent('a');
    const { next } = await read({ filter: 'eventType eq "z"' });
    world.advance(10 * SECOND);
    const later = await read({ filter: 'eventType eq "z"', after: next });
    expect(later.events).toEqual([]);
    expect(String(later.next) > String(next)).toBe(true);
    await writeEvent('z');
    expect(await names({ filter: 'eventType eq "z"', after: later.next })).toEqual(['z']);
  });

  test('more events in a moment than a cursor can name are still delivered once', { timeout: 60_000 }, async () => {
    const seen: unknown[] = [];
    let after: string | null = null;
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 150; i++) await writeEvent(`${round}.${i}`);
      const page = await read({ limit: 1000, after });
      seen.push(...page.events.map(({ eventType }) => eventType));
      expect(String(page.next).length).toBeLessThan(2500);
      after = page.next;
    }
    expect(seen).toHaveLength(450);
    expect(new Set(seen).size).toBe(450);
  });

  describe('a filter', () => {
    beforeEach(async () => {
      const target = { id: '00u1', type: 'User', alternateId: 'ada@example.com', displayName: 'Ada' };
      const app = { id: '0oa1', type: 'AppInstance', alternateId: 'Catalogue', displayName: 'Catalogue' };
      const actor = { id: '00u9', type: 'User' as const, alternateId: 'eve@example.com', displayName: 'Eve' };
      await writeEvent('user.session.start', { target: [target, app], externalSessionId: '102x' });
      await writeEvent('user.authentication.sso', { target: [app], debugData: { clientId: '0oa1', requestId: 'r1' } });
      await writeEvent('user.session.access_admin_app', {
        actor,
        outcome: { result: 'FAILURE', reason: 'INVALID_CREDENTIALS' },
      });
    });

    test.each([
      ['eventType eq "user.session.start"', ['user.session.start']],
      ['eventType sw "user.session"', ['user.session.start', 'user.session.access_admin_app']],
      ['eventType ne "user.session.start"', ['user.authentication.sso', 'user.session.access_admin_app']],
      ['outcome.result eq "FAILURE" and severity eq "WARN"', ['user.session.access_admin_app']],
      ['outcome.reason co "credentials"', ['user.session.access_admin_app']],
      ['outcome.reason pr', ['user.session.access_admin_app']],
      ['actor.id eq "00u9"', ['user.session.access_admin_app']],
      ['actor.alternateId ew "@EXAMPLE.com"', ['user.session.access_admin_app']],
      ['target.id eq "0oa1"', ['user.session.start', 'user.authentication.sso']],
      ['target.type eq "User" or actor.displayName eq "Eve"', ['user.session.start', 'user.session.access_admin_app']],
      ['debugContext.debugData.clientId eq "0oa1"', ['user.authentication.sso']],
      ['debugContext.debugData.nothing pr', []],
      ['authenticationContext.externalSessionId eq "102x"', ['user.session.start']],
      ['client.ipAddress eq "203.0.113.7" and (eventType co "sso")', ['user.authentication.sso']],
    ])('%s', async (filter, expected) => {
      expect(await names({ filter })).toEqual(expected);
    });

    test.each(['published gt "2026-01-01T00:00:00Z"', 'nonsense eq "x"', 'eventType', 'eventType eq', 'event eq "x"'])(
      '%s is refused',
      async (filter) => {
        await expect(read({ filter })).rejects.toMatchObject({ code: 'E0000031' });
      },
    );

    test('keywords must all be there, in any case', async () => {
      expect(await names({ keywords: ['CATALOGUE', 'ada@'] })).toEqual(['user.session.start']);
      expect(await names({ keywords: ['nowhere'] })).toEqual([]);
      expect(await names({ keywords: ['%'] })).toEqual([]);
    });
  });
});
