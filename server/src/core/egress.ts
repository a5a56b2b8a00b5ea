// Owns who this server may be made to call: an address that somebody typed into a setting (a client's jwks_uri, a hook) must not
// reach what only this machine can see. Public addresses by https; anything else only where EGRESS_ALLOW names it.
// Not here: the connection itself (base/network.ts) and what an answer means.
import { isIP } from 'node:net';
import { type NetworkAnswer, NetworkError } from '../base/network.ts';
import { blockList, isPublicAddress } from '../base/network-address.ts';
import type { Env } from './env.ts';

export type EgressRequest = {
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Milliseconds for everything. */
  timeout: number;
  /** Of the answer's body. */
  maxBytes: number;
};

/** There is no answer: refused, unreachable, too slow or too large. The message is for the log, never for a caller. */
export class EgressError extends Error {
  override name = 'EgressError';
}

/**
 * The answer of that URL, whatever its status; a redirect is an answer, and is not followed. Throws EgressError.
 * Never inside a transaction: the other side takes its time.
 */
export async function guardedFetch(env: Env, url: string, request: EgressRequest): Promise<NetworkAnswer> {
  const { allowsAddress } = judgeUrl(env, url);
  const { method = 'GET', headers = {}, body = null, timeout, maxBytes } = request;
  try {
    return await env.network.request({
      url: new URL(url),
      method,
      headers,
      body,
      timeout,
      maxBytes,
      allows: allowsAddress,
    });
  } catch (error) {
    if (error instanceof NetworkError) throw new EgressError(error.message);
    throw error;
  }
}

/** Whether EGRESS_ALLOW lets this URL be called without encryption. */
export function isListedForEgress(env: Env, url: URL): boolean {
  const listed = listedOf(env);
  return listed.hosts.has(url.hostname.toLowerCase()) || listed.hasAddress(url.hostname.replace(/^\[(.*)\]$/, '$1'));
}

function judgeUrl(env: Env, text: string): { allowsAddress: (address: string) => boolean } {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new EgressError('The URL is neither https nor http');
  if (url.username || url.password) throw new EgressError('The URL names a user');
  const listed = listedOf(env);
  if (listed.hosts.has(url.hostname.toLowerCase())) return { allowsAddress: () => true };
  const encrypted = url.protocol === 'https:';
  return {
    allowsAddress: (address) => listed.hasAddress(address) || (encrypted && isPublicAddress(address)),
  };
}

type Listed = { hosts: ReadonlySet<string>; hasAddress(address: string): boolean };

/** EGRESS_ALLOW: names that may be reached wherever they are, and addresses that may be reached under any name. */
function listedOf(env: Env): Listed {
  return env.memory.of('egress-allow', () => {
    const entries = env.config.egressAllow;
    const isAddress = (entry: string) => isIP(entry.split('/')[0] ?? '') !== 0;
    const addresses = blockList(entries.filter(isAddress));
    return {
      hosts: new Set(entries.filter((entry) => !isAddress(entry)).map((entry) => entry.toLowerCase())),
      hasAddress: (address) => {
        const family = isIP(address);
        return family !== 0 && addresses.check(address, family === 6 ? 'ipv6' : 'ipv4');
      },
    };
  });
}
