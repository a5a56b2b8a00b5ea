import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SECOND } from '../base/time.ts';
import {
  consumeDeviceCode,
  createDeviceCode,
  DEVICE_CODE_LIFETIME,
  type DeviceCode,
  decideDeviceCode,
  findByUserCode,
  findDeviceCode,
  notePoll,
  readUserCode,
} from './device-codes.ts';
import { createTestEnv, type TestEnv } from './test-env.ts';

let world: TestEnv;
beforeEach(async () => {
  world = await createTestEnv();
});
afterEach(() => world.close());

const authentication = { sessionId: '102s', authenticatedAt: 0, amr: ['pwd'] };
const yes = { userId: '00u1', authentication, scopes: ['openid'] };

async function create(clientId = '0oa1') {
  const codes = await createDeviceCode(world.env, { serverId: 'aus1', clientId, scopes: null });
  if (!codes) throw new Error('There are too many');
  return { ...codes, row: await rowOf(codes.deviceCode) };
}

async function rowOf(deviceCode: string): Promise<DeviceCode> {
  const row = await findDeviceCode(world.env, deviceCode);
  if (!row) throw new Error('There is no such code');
  return row;
}

describe('codes', () => {
  test('are a UUID, of which only the hash is kept, and eight letters that nobody misreads', async () => {
    const { deviceCode, userCode } = await create();
    expect(deviceCode).toMatch(/^[0-9a-f-]{36}$/);
    expect(userCode).toMatch(/^[BCDFGHJKLMNPQRSTVWXZ]{8}$/);
    const stored = await world.env.db.selectFrom('device_codes').selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(deviceCode);
  });

  test('that are taken already are drawn again', async () => {
    const drawn: string[] = [];
    const { env } = world;
    // The same chance twice, then other chance.
    const first = env.random(16);
    const random = (bytes: number) => {
      drawn.push(String(bytes));
      return bytes === 16 && drawn.filter((length) => length === '16').length <= 4 ? first : env.random(bytes);
    };
    const twice = { ...env, random };
    const codes = [
      await createDeviceCode(twice, { serverId: 'aus1', clientId: '0oa1', scopes: null }),
      await createDeviceCode(twice, { serverId: 'aus1', clientId: '0oa1', scopes: null }),
    ];
    expect(codes[0]?.userCode).not.toBe(codes[1]?.userCode);
  });

  test('use every letter about as often as any other', async () => {
    const counts = new Map<string, number>();
    for (let i = 0; i < 250; i++)
      for (const letter of (await create()).userCode) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(20);
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(50);
  });

  test('of one client that wait are bounded; another client is not touched', async () => {
    const { env } = world;
    const row = { ...(await create()).row, scopes: null, grant: null };
    const rows = Array.from({ length: 4999 }, (_, i) => ({
      ...row,
      device_code_hash: `h${i}`,
      user_code: `u${i}`,
    }));
    for (let i = 0; i < rows.length; i += 500)
      await env.db
        .insertInto('device_codes')
        .values(rows.slice(i, i + 500))
        .execute();
    expect(await createDeviceCode(env, { serverId: 'aus1', clientId: '0oa1', scopes: null })).toBeNull();
    expect(await createDeviceCode(env, { serverId: 'aus1', clientId: '0oa2', scopes: null })).not.toBeNull();
    world.advance(DEVICE_CODE_LIFETIME);
    expect(await createDeviceCode(env, { serverId: 'aus1', clientId: '0oa1', scopes: null })).not.toBeNull();
  });

  test.each([
    ['bcdf-ghjk', 'BCDFGHJK'],
    [' BCDF GHJK ', 'BCDFGHJK'],
    ['BCDFGHJ', null],
    ['BCDFGHJKL', null],
    ['ABCDFGHJ', null],
    ['BCDFGHJ0', null],
    ['ＢＣＤＦＧＨＪＫ', null],
    ['', null],
  ])('typed as %j are read as %j', (typed, read) => {
    expect(readUserCode(typed)).toBe(read);
  });
});

describe('a decision', () => {
  test('is made once, and the code waits no more', async () => {
    const { userCode, row, deviceCode } = await create();
    expect(await findByUserCode(world.env, userCode)).toEqual(row);
    const all = await Promise.all([
      ...Array.from({ length: 10 }, () => decideDeviceCode(world.env, row, yes)),
      ...Array.from({ length: 10 }, () => decideDeviceCode(world.env, row, 'DENIED')),
    ]);
    expect(all.filter((decided) => decided)).toHaveLength(1);
    expect(await findByUserCode(world.env, userCode)).toBeNull();
    expect(await rowOf(deviceCode)).toMatchObject({
      status: 'APPROVED',
      user_id: '00u1',
      scopes: ['openid'],
      grant: { authentication },
    });
  });

  test('comes too late after ten minutes, and so does the device', async () => {
    const [one, other] = [await create(), await create()];
    expect(await decideDeviceCode(world.env, one.row, yes)).toBe(true);
    world.advance(DEVICE_CODE_LIFETIME);
    expect(await findByUserCode(world.env, other.userCode)).toBeNull();
    expect(await decideDeviceCode(world.env, other.row, yes)).toBe(false);
    expect(await consumeDeviceCode(world.env, one.row)).toBe(false);
  });
});

test('an approved code is used up once; one that waits or was denied never', async () => {
  const { row } = await create();
  expect(await consumeDeviceCode(world.env, row)).toBe(false);
  await decideDeviceCode(world.env, row, yes);
  const all = await Promise.all(Array.from({ length: 50 }, () => consumeDeviceCode(world.env, row)));
  expect(all.filter((consumed) => consumed)).toHaveLength(1);
  const denied = await create();
  await decideDeviceCode(world.env, denied.row, 'DENIED');
  expect(await consumeDeviceCode(world.env, denied.row)).toBe(false);
});

describe('polling', () => {
  const poll = async (row: DeviceCode) => (await notePoll(world.env, row)).tooSoon;

  test('every five seconds is in time', async () => {
    const { row } = await create();
    for (let i = 0; i < 5; i++) {
      expect(await poll(row)).toBe(false);
      world.advance(5 * SECOND);
    }
  });

  test('too soon makes the interval five seconds longer, each time, for good', async () => {
    const { row } = await create();
    expect(await poll(row)).toBe(false);
    world.advance(4 * SECOND);
    expect(await poll(row)).toBe(true);
    world.advance(9 * SECOND);
    expect(await poll(row)).toBe(true);
    world.advance(15 * SECOND);
    expect(await poll(row)).toBe(false);
    world.advance(14 * SECOND);
    expect(await poll(row)).toBe(true);
    world.advance(20 * SECOND);
    expect(await poll(row)).toBe(false);
  });
});
