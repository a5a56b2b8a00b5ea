import { afterEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../../../test/support/postgres.ts';
import { findApiToken, systemPrincipal } from './api-tokens.ts';
import { firstStart } from './first-start.ts';
import { rolesOfUser } from './roles.ts';
import { isSetUpLink, makeFirstAdministrator } from './set-up.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';
import { getUser } from './users.ts';

const TOKEN = '00first-start-token-of-forty-two-characters';
const admin = { GATEHOUSE_ADMIN_LOGIN: 'ada@example.com', GATEHOUSE_ADMIN_PASSWORD: 'Correct-horse-7' };

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function empty(settings: Record<string, string> = {}, databaseUrl?: string): Promise<TestEnv> {
  const world = await createTestEnv({ org: false, settings, ...(databaseUrl ? { databaseUrl } : {}) });
  ends.push(() => world.close());
  return world;
}

async function count(
  world: TestEnv,
  table: 'org' | 'groups' | 'users' | 'api_tokens' | 'policies' | 'authorization_servers',
) {
  const { n } = await world.env.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return n;
}

describe.each(['sqlite', 'postgres'])('%s', (dialect) => {
  async function emptyDatabase(): Promise<string | undefined> {
    if (dialect === 'sqlite') return undefined;
    const { url, drop } = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
    ends.push(drop);
    return url;
  }

  test('furnishes an org: Everyone, default policies, the default authorization server, an administrator, a token', async () => {
    const world = await empty({ ...admin, GATEHOUSE_API_TOKEN: TOKEN }, await emptyDatabase());
    expect(await firstStart(world.env)).toEqual({ setUpLink: null });
    const user = await getUser(world.env, 'ada@example.com');
    expect(user.status).toBe('ACTIVE');
    expect((await rolesOfUser(world.env, user.id)).map(({ type }) => type)).toEqual(['SUPER_ADMIN']);
    expect((await findApiToken(world.env, TOKEN))?.user_id).toBe(user.id);
    const policies = await world.env.db
      .selectFrom('policies')
      .select(['type', 'name', 'system'])
      .orderBy('type')
      .execute();
    expect(policies).toEqual(
      expect.arrayContaining([
        { type: 'OKTA_SIGN_ON', name: 'Default Policy', system: 1 },
        { type: 'PASSWORD', name: 'Default Policy', system: 1 },
      ]),
    );
    expect(await count(world, 'authorization_servers')).toBe(1);
  });

  test('happens once: other settings at a later start change nothing', async () => {
    const url = await emptyDatabase();
    const world = await empty({ ...admin, GATEHOUSE_API_TOKEN: TOKEN }, url);
    await firstStart(world.env);
    const later = {
      ...world.env,
      config: {
        ...world.env.config,
        firstAdmin: { login: 'eve@example.com', password: 'x' },
        firstApiToken: `${TOKEN}2`,
      },
    };
    await firstStart(later);
    expect(await count(world, 'users')).toBe(1);
    expect(await count(world, 'api_tokens')).toBe(1);
  });
});

test('of several processes that start at once on one PostgreSQL, one furnishes', async () => {
  const { url, drop } = await createDatabase(process.env.TEST_DATABASE_URL ?? '');
  ends.push(drop);
  const settings = { ...admin, GATEHOUSE_API_TOKEN: TOKEN };
  const worlds = [await empty(settings, url), await empty(settings, url), await empty(settings, url)];
  await Promise.all(worlds.map(({ env }, index) => firstStart({ ...env, random: differently(env.random, index) })));
  const [world] = worlds;
  if (!world) throw new Error('unreachable');
  for (const table of ['org', 'groups', 'users', 'api_tokens', 'authorization_servers'] as const)
    expect(await count(world, table), table).toBe(1);
});

test('nothing is kept of a first start that fails', async () => {
  const world = await empty({ ...admin, GATEHOUSE_ADMIN_PASSWORD: 'short' });
  await expect(firstStart(world.env)).rejects.toMatchObject({ code: 'E0000001' });
  expect([await count(world, 'org'), await count(world, 'groups'), await count(world, 'users')]).toEqual([0, 0, 0]);
});

describe('without an administrator', () => {
  test('every start gives a set-up link, until one is made through it', async () => {
    const world = await empty();
    const { setUpLink } = await firstStart(world.env);
    expect(setUpLink).toMatch(/^https:\/\/sso\.example\.com\/set-up\/[\w-]{43}$/);
    const second = (await firstStart(world.env)).setUpLink ?? '';
    const person = { firstName: 'Ada', lastName: 'L', email: 'ada@example.com', password: 'Correct-horse-7' };
    expect(await makeFirstAdministrator(world.env, tokenOf(second), person)).not.toBeNull();
    expect(await isSetUpLink(world.env, tokenOf(setUpLink ?? ''))).toBe(false);
    expect(await firstStart(world.env)).toEqual({ setUpLink: null });
  });

  test('the link is good for fifteen minutes', async () => {
    const world = await empty();
    const token = tokenOf((await firstStart(world.env)).setUpLink ?? '');
    world.advance(15 * 60_000 - 1);
    expect(await isSetUpLink(world.env, token)).toBe(true);
    world.advance(1);
    expect(await isSetUpLink(world.env, token)).toBe(false);
  });

  test('the API token of the settings acts for the system', async () => {
    const world = await empty({ GATEHOUSE_API_TOKEN: TOKEN });
    await firstStart(world.env);
    expect((await findApiToken(world.env, TOKEN))?.user_id).toBe(systemPrincipal.id);
  });
});

function tokenOf(link: string): string {
  return link.slice(link.lastIndexOf('/') + 1);
}

/** The test's chance repeats from process to process; here each must have its own. */
function differently(random: (bytes: number) => Uint8Array, index: number): (bytes: number) => Uint8Array {
  return (bytes) => random(bytes).map((byte) => byte ^ (index * 37));
}
