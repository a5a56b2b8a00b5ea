// Owns what an IP address is for: whether it can belong to anybody on the Internet, or is kept for private, local or special use
// (the special-purpose registries of RFC 6890). Not here: names, connections, and who may be reached (core/egress.ts).
import { BlockList, isIP } from 'node:net';

const NOT_PUBLIC_4 = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Link-local; the metadata services of clouds are here.
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]);

/** Whether the address is a global unicast one. False for what is no address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !NOT_PUBLIC_4.check(address, 'ipv4');
    case 6:
      return isPublic6(address);
    default:
      return false;
  }
}

// Of IPv6 only 2000::/3 is given out to the world, so this names what is in rather than what is out.
function isPublic6(address: string): boolean {
  const groups = groupsOf(address);
  if (!groups) return false;
  const embedded = embeddedIpv4(groups);
  if (embedded !== null) return isPublicAddress(embedded);
  const [first = 0, second = 0] = groups;
  if (first < 0x2000 || first > 0x3fff) return false;
  // Protocol assignments, documentation, 6to4 (which can wrap any IPv4 address), documentation again.
  if (first === 0x2001 && (second < 0x200 || second === 0xdb8)) return false;
  return first !== 0x2002 && !(first === 0x3fff && second < 0x1000);
}

/** The IPv4 address that the system or a translator would really connect to (RFC 4291 section 2.5.5.2, RFC 6052). */
function embeddedIpv4(groups: readonly number[]): string | null {
  const head = groups.slice(0, 6).join(':');
  if (head !== '0:0:0:0:0:65535' && head !== '100:65435:0:0:0:0') return null;
  const [high = 0, low = 0] = groups.slice(6);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups as numbers; null for what URLs do not know, such as an address with a zone. */
function groupsOf(address: string): number[] | null {
  const written = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1);
  if (written === undefined) return null;
  const [left = '', right] = written.split('::');
  const numbers = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  if (right === undefined) return numbers(left);
  const [before, after] = [numbers(left), numbers(right)];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** Addresses and CIDR ranges, each checked to be one, as a list that can be asked. */
export function blockList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [network = '', prefix] = entry.split('/');
    const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(prefix), family);
  }
  return list;
}
