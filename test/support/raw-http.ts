// Owns requests that no well-behaved client sends: any Host, any header twice, any path as it stands.
import { request } from 'node:http';
import type { TestServer } from './server.ts';

export type RawRequest = {
  method?: string;
  path: string;
  /** Name and value, in order, duplicates kept. */
  headers?: [name: string, value: string][];
  host?: string;
  body?: string;
};

export type RawAnswer = { status: number; headers: [name: string, value: string][]; body: string };

export function sendRaw(server: Pick<TestServer, 'port'>, sent: RawRequest): Promise<RawAnswer> {
  const { method = 'GET', path, headers = [], host = `localhost:${server.port}`, body } = sent;
  const length: [string, string][] = body === undefined ? [] : [['content-length', String(Buffer.byteLength(body))]];
  const all = [['host', host], ['connection', 'close'], ...headers, ...length].flat();
  return new Promise((resolve, reject) => {
    const call = request({ host: '127.0.0.1', port: server.port, method, path, headers: all, setHost: false });
    call.once('error', reject);
    call.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: pairs(response.rawHeaders),
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    call.end(body);
  });
}

/** All values of a header, in lower case names. */
export function valuesOf(answer: RawAnswer, name: string): string[] {
  return answer.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

function pairs(flat: string[]): [string, string][] {
  return flat.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : []));
}
