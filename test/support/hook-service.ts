// Owns a service of somebody else's that Gatehouse calls: it keeps what it receives and answers as a test says.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Received = { method: string; path: string; headers: IncomingHttpHeaders; body: string };
/** Null: it never answers. */
export type Reply = { status?: number; headers?: Record<string, string>; body?: unknown } | null;

export type HookService = {
  url: string;
  received: Received[];
  /** Answers so from now on; a list is used up one by one, its last for ever. */
  answer(...replies: Reply[]): void;
  /** From now on repeats the word with which an event hook is verified. */
  echoChallenge(): void;
  close(): Promise<void>;
};

export async function startHookService(): Promise<HookService> {
  const received: Received[] = [];
  let replies: Reply[] = [{}];
  let echoes = false;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      received.push({ method, path, headers, body });
      const word = headers['x-okta-verification-challenge'];
      const reply = echoes ? { body: { verification: word } } : replies.length > 1 ? replies.shift() : replies[0];
      if (!reply) return;
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answer: (...given) => {
      replies = given;
      echoes = false;
    },
    echoChallenge: () => {
      echoes = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
