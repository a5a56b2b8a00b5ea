import { afterEach, expect, test } from 'vitest';
import type { NetworkAnswer, NetworkRequest } from '../../base/network.ts';
import { createTestEnv, type TestEnv } from '../test-env.ts';
import { openRemoteOrg } from './remote-org.ts';

let world: TestEnv | null = null;

afterEach(async () => {
  await world?.close();
  world = null;
});

type Given = { status?: number; body?: unknown; headers?: Record<string, string> };

/** An org that gives these answers one after another. */
async function remoteWith(answers: Given[], { token = 'token-1', from = 'https://other.example.com' } = {}) {
  const asked: NetworkRequest[] = [];
  const waits: number[] = [];
  const notes: string[] = [];
  world = await createTestEnv({
    network: {
      request(request): Promise<NetworkAnswer> {
        asked.push(request);
        const { status = 200, body = [], headers = {} } = answers.shift() ?? { status: 418 };
        return Promise.resolve({ status, contentType: 'application/json', text: JSON.stringify(body), headers });
      },
    },
  });
  const { env } = world;
  const wait = async (milliseconds: number) => void waits.push(milliseconds);
  const remote = openRemoteOrg(env, { from, token, wait, note: (text) => void notes.push(text) });
  return { remote, asked, waits, notes, env };
}

const next = (url: string) => ({ link: `<https://other.example.com/self>; rel="self", <${url}>; rel="next"` });

test('a list is read to its last page', async () => {
  const pages = [
    { body: [{ id: 1 }], headers: next('https://other.example.com/api/v1/users?after=1') },
    { body: [{ id: 2 }] },
  ];
  const { remote, asked } = await remoteWith(pages);
  expect(await remote.list('/api/v1/users?limit=1')).toEqual([{ id: 1 }, { id: 2 }]);
  expect(asked.map(({ url }) => url.href)).toEqual([
    'https://other.example.com/api/v1/users?limit=1',
    'https://other.example.com/api/v1/users?after=1',
  ]);
  expect(asked[0]?.headers.authorization).toBe('SSWS token-1');
});

test('a next page elsewhere is not asked for: the token stays with the org that was named', async () => {
  const { remote, asked } = await remoteWith([{ headers: next('https://evil.example.com/api/v1/users?after=1') }]);
  await expect(remote.list('/api/v1/users')).rejects.toThrow('is not at https://other.example.com');
  expect(asked.length).toBe(1);
});

test('an org that asks to wait is asked again when it said, and one that stumbles a little later', async () => {
  const { remote, waits, notes, env } = await remoteWith([{ status: 503 }, { body: [{ id: 1 }] }]);
  expect(await remote.list('/api/v1/groups')).toEqual([{ id: 1 }]);
  expect(waits).toEqual([1000]);
  const reset = String(env.now() / 1000 + 7);
  const limited = await remoteWith([{ status: 429, headers: { 'x-rate-limit-reset': reset } }, {}]);
  expect(await limited.remote.list('/api/v1/groups')).toEqual([]);
  expect(limited.waits).toEqual([7000]);
  expect(limited.notes).toEqual(['https://other.example.com asks to wait: going on in 7 s\n']);
  expect(notes).toEqual([]);
});

test('what the org does not have is null; a token that it does not take ends the import', async () => {
  const { remote } = await remoteWith([{ status: 404 }, { status: 403 }, { status: 401 }]);
  expect(await remote.get('/api/v1/meta/schemas/group/default')).toBeNull();
  expect(await remote.list('/api/v1/idps')).toBeNull();
  await expect(remote.list('/api/v1/users')).rejects.toThrow('does not accept the token');
});

test('an access token is a bearer token, and --from is an URL', async () => {
  const { remote, asked } = await remoteWith([{}], { token: 'aaa.bbb.ccc' });
  await remote.list('/api/v1/users');
  expect(asked[0]?.headers.authorization).toBe('Bearer aaa.bbb.ccc');
  await expect(remoteWith([], { from: 'other.example.com' })).rejects.toThrow('--from is the URL of an org');
});
