// Owns connections that this server opens to others over HTTP: one request, one answer, within a time and a size. The name is
// resolved once, every address is judged, and the connection goes to those addresses and no others, so that a name which answers
// differently a moment later leads nowhere. Redirects are answers like any other. Not here: who may be reached (core/egress.ts).
import { lookup } from 'node:dns/promises';
import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { messageOf } from './error-message.ts';

export type NetworkRequest = {
  url: URL;
  method: 'GET' | 'POST';
  headers: Readonly<Record<string, string>>;
  body: string | null;
  /** Milliseconds for everything: name, connection, answer. */
  timeout: number;
  /** Of the answer's body. */
  maxBytes: number;
  /** Judges one address; a single no refuses the request. */
  allows(address: string): boolean;
};

export type NetworkAnswer = {
  status: number;
  contentType: string;
  text: string;
  /** By their names in small letters. */
  headers?: Readonly<IncomingHttpHeaders>;
};

export type Network = { request(request: NetworkRequest): Promise<NetworkAnswer> };

/** Why there is no answer; the message is for the log alone. */
export class NetworkError extends Error {
  override name = 'NetworkError';
}

/** `resolve` gives all addresses of a name. */
export function createNetwork(resolve: (hostname: string) => Promise<string[]> = resolveName): Network {
  return {
    async request(request) {
      const signal = AbortSignal.timeout(request.timeout);
      try {
        const addresses = await Promise.race([addressesOf(request.url, resolve), untilAborted(signal)]);
        const refused = addresses.find((address) => !request.allows(address));
        if (refused !== undefined)
          throw new NetworkError(`${request.url.hostname} is at ${refused}, which is not allowed`);
        return await exchange(request, addresses, signal);
      } catch (error) {
        if (error instanceof NetworkError) throw error;
        throw new NetworkError(signal.aborted ? `No answer within ${request.timeout} ms` : messageOf(error));
      }
    },
  };
}

async function resolveName(hostname: string): Promise<string[]> {
  return (await lookup(hostname, { all: true })).map(({ address }) => address);
}

async function addressesOf(url: URL, resolve: (hostname: string) => Promise<string[]>): Promise<string[]> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  if (addresses.length === 0) throw new NetworkError(`${host} has no address`);
  return addresses;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
}

function exchange(request: NetworkRequest, addresses: string[], signal: AbortSignal): Promise<NetworkAnswer> {
  const { url, method, headers, body } = request;
  const options = {
    method,
    // What is not packed cannot unpack to more than was counted.
    headers: { 'accept-encoding': 'identity', ...headers, ...lengthOf(body) },
    // A connection of its own: a kept one may lead to an address that was judged by another rule.
    agent: false,
    lookup: pinned(addresses),
    signal,
  } as const;
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (incoming) => {
      read(incoming, request.maxBytes)
        .then(resolve, reject)
        .finally(() => outgoing.destroy());
    });
    outgoing.once('error', reject);
    outgoing.end(body ?? undefined);
  });
}

function lengthOf(body: string | null): Record<string, string> {
  return body === null ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function pinned(addresses: readonly string[]): LookupFunction {
  const known = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, options, callback) => {
    if (options.all) return callback(null, known);
    const [first] = known;
    callback(null, first?.address ?? '', first?.family);
  };
}

async function read(incoming: IncomingMessage, maxBytes: number): Promise<NetworkAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new NetworkError(`The answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return {
    status: incoming.statusCode ?? 0,
    contentType: incoming.headers['content-type'] ?? '',
    text: Buffer.concat(chunks).toString('utf8'),
    headers: incoming.headers,
  };
}
