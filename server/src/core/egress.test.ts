import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createNetwork } from '../base/network.ts';
import { EgressError, type EgressRequest, guardedFetch } from './egress.ts';
import type { Env } from './env.ts';
import { createTestEnv } from './test-env.ts';

const LIMITS = { timeout: 2000, maxBytes: 1000 };
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server on this machine: what nobody outside may reach through ours. */
async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen: IncomingMessage[] = [];
  const server: Server = createServer((request, response) => {
    seen.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, seen };
}

/** `names`: what each host name resolves to, one answer after the other. */
async function world(allow: string, names: Record<string, string[][]> = {}): Promise<{ env: Env; asked: string[] }> {
  const asked: string[] = [];
  const network = createNetwork(async (hostname) => {
    asked.push(hostname);
    const answers = names[hostname] ?? [[]];
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
  });
  const made = await createTestEnv({ network, settings: allow ? { EGRESS_ALLOW: allow } : {}, org: false });
  closing.push(made.close);
  return { env: made.env, asked };
}

const refusal = (env: Env, url: string, request: EgressRequest = LIMITS) =>
  guardedFetch(env, url, request).then(
    () => 'no refusal',
    (error) => (error instanceof EgressError ? error.message : `bug: ${error}`),
  );

describe('without EGRESS_ALLOW', () => {
  test.each([
    'http://127.0.0.1:PORT/',
    'https://127.0.0.1:PORT/',
    'http://[::1]:PORT/',
    'http://[::ffff:127.0.0.1]:PORT/',
    'http://0x7f.1:PORT/',
    'http://2130706433:PORT/',
    'http://localhost:PORT/',
    'https://inside.example:PORT/',
    'https://mixed.example:PORT/',
    'https://metadata.example:PORT/',
    'https://nowhere.example:PORT/',
    'http://public.example:PORT/',
  ])('%s is refused before anything is sent', async (url) => {
    const { port, seen } = await listen((_, response) => response.end('secret'));
    const { env } = await world('', {
      localhost: [['127.0.0.1']],
      'inside.example': [['10.1.2.3']],
      'mixed.example': [['93.184.215.14', '127.0.0.1']],
      'metadata.example': [['169.254.169.254']],
      'public.example': [['93.184.215.14']],
    });
    expect(await refusal(env, url.replace('PORT', String(port)))).toMatch(/not allowed|no address/);
    expect(seen).toEqual([]);
  });

  test.each([
    'ftp://example.com/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'https://user:pw@example.com/',
    'no url',
    '//x/',
  ])('%s is no URL to call', async (url) => {
    const { env, asked } = await world('');
    expect(await refusal(env, url)).toMatch(/^The URL/);
    expect(asked).toEqual([]);
  });
});

describe('EGRESS_ALLOW', () => {
  test('opens a host by name, wherever it is, and by http', async () => {
    const { port } = await listen((_, response) => response.setHeader('content-type', 'text/plain').end('hello'));
    const { env } = await world('keys.internal', { 'keys.internal': [['127.0.0.1']] });
    expect(await guardedFetch(env, `http://KEYS.internal:${port}/`, LIMITS)).toMatchObject({
      status: 200,
      contentType: 'text/plain',
      headers: { 'content-length': '5' },
      text: 'hello',
    });
    expect(await refusal(env, `http://other.internal:${port}/`)).toMatch(/no address/);
  });

  test('opens a range of addresses, under any name', async () => {
    const { port } = await listen((_, response) => response.end('hello'));
    const { env } = await world('127.0.0.0/8, ::1', { 'a.example': [['127.0.0.1']], 'b.example': [['10.0.0.1']] });
    expect((await guardedFetch(env, `http://a.example:${port}/`, LIMITS)).text).toBe('hello');
    expect((await guardedFetch(env, `http://127.0.0.1:${port}/`, LIMITS)).text).toBe('hello');
    expect(await refusal(env, `http://b.example:${port}/`)).toMatch(/10\.0\.0\.1, which is not allowed/);
  });
});

describe('the connection', () => {
  test('goes to the address that was judged, whatever the name answers a moment later', async () => {
    const { port, seen } = await listen((_, response) => response.end('hello'));
    // A rebinding name: harmless at the first question, ours at the second.
    const { env, asked } = await world('127.0.0.1', { 'rebind.example': [['127.0.0.1'], ['10.0.0.1']] });
    expect((await guardedFetch(env, `http://rebind.example:${port}/`, LIMITS)).text).toBe('hello');
    expect(asked).toEqual(['rebind.example']);
    expect(seen[0]?.headers.host).toBe(`rebind.example:${port}`);
  });

  test('follows no redirect', async () => {
    const { port, seen } = await listen((_, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    const { env } = await world('127.0.0.1');
    expect(await guardedFetch(env, `http://127.0.0.1:${port}/`, LIMITS)).toMatchObject({ status: 302, text: '' });
    expect(seen.map(({ url }) => url)).toEqual(['/']);
  });

  test('reads no more than was asked for, announced or not', async () => {
    const { port } = await listen((request, response) => {
      if (request.url === '/announced') response.setHeader('content-length', 5000);
      response.end('x'.repeat(5000));
    });
    const { env } = await world('127.0.0.1');
    for (const path of ['announced', 'streamed'])
      expect(await refusal(env, `http://127.0.0.1:${port}/${path}`)).toBe('The answer has more than 1000 bytes');
  });

  test.each(['never answers', 'answers without end', 'has a name that never resolves'])(
    'ends in time when the other side %s',
    async (what) => {
      const { port } = await listen((_, response) => {
        if (what === 'answers without end') response.write('x');
      });
      const network = createNetwork(() =>
        what.startsWith('has') ? new Promise(() => {}) : Promise.resolve(['127.0.0.1']),
      );
      const { env, close } = await createTestEnv({ network, settings: { EGRESS_ALLOW: 'slow.example' }, org: false });
      closing.push(close);
      const answer = await refusal(env, `http://slow.example:${port}/`, { timeout: 100, maxBytes: 1000 });
      expect(answer).toBe('No answer within 100 ms');
    },
  );

  test('sends a body and headers where asked to', async () => {
    const { port } = await listen((request, response) =>
      request.pipe(response.writeHead(200, { 'x-was': String(request.headers['x-is']) })),
    );
    const { env } = await world('127.0.0.1');
    const answer = await guardedFetch(env, `http://127.0.0.1:${port}/`, {
      ...LIMITS,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"ö":1}',
    });
    expect(answer.text).toBe('{"ö":1}');
  });
});

test('a wrong EGRESS_ALLOW ends the start with one sentence', async () => {
  for (const wrong of ['10.0.0.0/99', 'http://x', '*.example.com', '300.1.1.1'])
    await expect(createTestEnv({ settings: { EGRESS_ALLOW: wrong } })).rejects.toThrow(
      `EGRESS_ALLOW must list addresses or CIDR ranges: ${wrong} is neither`,
    );
});
