// Owns a request as it comes over node:http, in the form that costs least: as much of the web's Request as this server reads.
// Not here: whom it comes from and by which host (request-facts.ts), and what a body may be (read-body.ts).
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { addressWithoutNullCharacters } from './null-character.ts';

/** A request that no address can be made of; nothing more is known of it. */
export class BadRequest extends Error {
  override name = 'BadRequest';
}

/** Paths and queries that a URL has as they stand: what it would change or refuse is not in them. */
const PLAIN_TARGET = /^\/[\w!$&'()*+,;=:@%?/~.-]*$/;
const KNOWN_HOSTS = 100;
const DOT_SEGMENT = /\/(\.|%2e){1,2}([/?]|$)/i;

const CUT_SHORT = 'The client closed the connection before the end of the body';

const decoder = new TextDecoder();

class ReceivedHeaders {
  readonly #raw: readonly string[];
  #values: Map<string, string> | null = null;

  constructor(raw: readonly string[]) {
    this.#raw = raw;
  }

  /** Null where there is none; lines of one name are joined. */
  get(name: string): string | null {
    return this.#all().get(name.toLowerCase()) ?? null;
  }

  has(name: string): boolean {
    return this.#all().has(name.toLowerCase());
  }

  #all(): Map<string, string> {
    if (this.#values) return this.#values;
    const values = new Map<string, string>();
    for (let at = 0; at < this.#raw.length; at += 2) {
      const name = (this.#raw[at] ?? '').toLowerCase();
      const value = this.#raw[at + 1] ?? '';
      const before = values.get(name);
      values.set(name, before === undefined ? value : before + (name === 'cookie' ? '; ' : ', ') + value);
    }
    this.#values = values;
    return values;
  }
}

class Received {
  readonly method: string;
  readonly url: string;
  readonly headers: ReceivedHeaders;
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    this.method = incoming.method ?? 'GET';
    this.url = addressOf(incoming);
    this.headers = new ReceivedHeaders(incoming.rawHeaders);
  }

  get body(): AsyncIterable<Uint8Array> | null {
    return this.method === 'GET' || this.method === 'HEAD' ? null : this.#incoming;
  }

  text(): Promise<string> {
    const incoming = this.#incoming;
    return new Promise((resolve, reject) => {
      if (incoming.destroyed) return reject(new Error(CUT_SHORT));
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => resolve(decoder.decode(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))));
      incoming.on('error', reject);
      incoming.on('close', () => {
        // After the end it is too late to reject, and to make an error costs more than to read a form.
        if (!incoming.readableEnded) reject(new Error(CUT_SHORT));
      });
    });
  }
}

/** Throws BadRequest. It is a Request for whoever reads requests in this server, and nowhere else. */
export function receivedRequest(incoming: IncomingMessage): Request {
  return new Received(incoming) as unknown as Request;
}

/** RFC 9112 section 3.2: the target is a path, or a whole address, which then says the host. */
function addressOf(incoming: IncomingMessage): string {
  const target = addressWithoutNullCharacters(incoming.url ?? '');
  const scheme = (incoming.socket as TLSSocket).encrypted ? 'https' : 'http';
  if (/^https?:\/\//.test(target)) return parsed(target).href;
  const host = incoming.headers.host;
  if (!host || !target.startsWith('/') || !isHost(host)) throw new BadRequest();
  const address = `${scheme}://${host}${target}`;
  return PLAIN_TARGET.test(target) && !DOT_SEGMENT.test(target) ? address : parsed(address).href;
}

/** Hosts that were looked at; nearly all requests name the same one. */
const known = new Map<string, boolean>();

/** A name or address and perhaps a port: a user, a path or a query in it would move what follows. */
function isHost(host: string): boolean {
  const before = known.get(host);
  if (before !== undefined) return before;
  const url = URL.parse(`http://${host}/`);
  const isOne =
    url !== null && url.hostname === host.replace(/:\d+$/, '').toLowerCase() && url.href === `http://${url.host}/`;
  if (known.size >= KNOWN_HOSTS) known.clear();
  known.set(host, isOne);
  return isOne;
}

function parsed(address: string): URL {
  // In a path a URL takes a backslash for a slash.
  const url = address.split('?')[0]?.includes('\\') ? null : URL.parse(address);
  if (!url) throw new BadRequest();
  url.hash = '';
  return url;
}

/** The path of a request's address. */
export function pathOf({ url }: Request): string {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  const end = url.indexOf('?', start);
  return end === -1 ? url.slice(start) : url.slice(start, end);
}

/** The query of a request's address, without its question mark. */
export function queryOf({ url }: Request): string {
  const start = url.indexOf('?');
  return start === -1 ? '' : url.slice(start + 1);
}
