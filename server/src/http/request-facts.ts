// Owns what a request says of itself, believed only as far as it can be: the caller's address and the host that it used come
// from X-Forwarded-* when the connection comes from a trusted proxy, and otherwise from the connection and the Host header.
// A host that is not the org's own or a registered domain is ignored: it never reaches an issuer, a link or a cookie.
import { type BlockList, isIP } from 'node:net';
import { blockList } from '../base/network-address.ts';
import { newOpaqueToken } from '../base/opaque-token.ts';
import type { Config } from '../config.ts';
import type { RequestFacts } from '../core/env.ts';
import { pathOf } from './received.ts';

const USER_AGENT_LENGTH = 512;

/** Links for one use hold their token in the path, and the path goes into logs. */
const SECRET_SEGMENT = /\/[\w-]{43,}(?=\/|$)/g;

const proxiesOf = new WeakMap<Config, BlockList>();
const hostsOf = new WeakMap<Config, ReadonlyMap<string, string>>();

/** `peerAddress`: the other end of the connection; empty when it is already gone. */
export function requestFacts(
  config: Config,
  request: Request,
  peerAddress: string,
  random: (bytes: number) => Uint8Array,
): RequestFacts {
  const peer = plainAddress(peerAddress);
  const viaProxy = isProxy(config, peer);
  const host =
    (viaProxy && lastOf(request.headers.get('x-forwarded-host'))) || request.headers.get('host') || hostOf(request);
  return {
    id: newOpaqueToken(random, 16),
    ip: viaProxy ? callerOf(config, request.headers.get('x-forwarded-for'), peer) : peer,
    userAgent: (request.headers.get('user-agent') ?? '').slice(0, USER_AGENT_LENGTH),
    origin: originOf(config, host),
    path: pathOf(request).replaceAll(SECRET_SEGMENT, '/…'),
  };
}

/** The nearest hop that is not one of our proxies; what stands left of it may be invented by the caller. */
function callerOf(config: Config, forwardedFor: string | null, peer: string): string {
  let caller = peer;
  for (const hop of (forwardedFor ?? '').split(',').reverse()) {
    const address = plainAddress(hop);
    if (isIP(address) === 0) break;
    caller = address;
    if (!isProxy(config, address)) break;
  }
  return caller;
}

/** HTTP/1.0 knows no header for it. */
function hostOf({ url }: Request): string {
  return new URL(url).host;
}

/** The org's own origin, unless the host is that of another that is registered. */
function originOf(config: Config, host: string): string {
  return knownHosts(config).get(host.trim().toLowerCase()) ?? config.url;
}

/** Origins by the hosts that a request to them may name. */
function knownHosts(config: Config): ReadonlyMap<string, string> {
  const known = hostsOf.get(config);
  if (known) return known;
  const hosts = new Map<string, string>();
  for (const origin of [...config.domains, config.url]) {
    const url = new URL(origin);
    hosts.set(url.host, origin);
    if (url.port === '') hosts.set(`${url.hostname}:${url.protocol === 'https:' ? '443' : '80'}`, origin);
  }
  hostsOf.set(config, hosts);
  return hosts;
}

function isProxy(config: Config, address: string): boolean {
  if (config.trustedProxies.length === 0) return false;
  const family = isIP(address);
  return family !== 0 && trustedProxies(config).check(address, family === 6 ? 'ipv6' : 'ipv4');
}

function trustedProxies(config: Config): BlockList {
  const known = proxiesOf.get(config);
  if (known) return known;
  const list = blockList(config.trustedProxies);
  proxiesOf.set(config, list);
  return list;
}

/** An address without what surrounds it: white space, a port, the brackets of IPv6, the IPv6 form of an IPv4 address. */
function plainAddress(text: string): string {
  const trimmed = text.trim();
  const bare = /^\[([^\]]+)\](:\d+)?$/.exec(trimmed)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}

function lastOf(list: string | null): string {
  return list?.split(',').at(-1)?.trim() ?? '';
}
