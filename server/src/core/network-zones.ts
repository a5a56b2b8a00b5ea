// Owns network zones: named sets of addresses that policies ask for. Making, changing, ending them, and whether an address is in
// one. Places and services behind an address are stored for scripts, but nothing here knows them: such a zone holds no address.
// Not here: what a policy does with a zone (policies/session-policy.ts).
import { BlockList, isIP } from 'node:net';
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export const zoneTypes = ['IP', 'DYNAMIC', 'DYNAMIC_V2'] as const;
export const zoneUsages = ['POLICY', 'BLOCKLIST'] as const;

export type Addresses = { type: 'CIDR' | 'RANGE'; value: string };
export type Place = { country?: string | null | undefined; region?: string | null | undefined };

export type ZoneSettings = {
  gateways?: Addresses[] | null;
  proxies?: Addresses[] | null;
  useAsExemptList?: boolean;
  [name: string]: unknown;
};

export type NetworkZone = Omit<Row<'network_zones'>, 'type' | 'status' | 'usage' | 'settings'> & {
  type: (typeof zoneTypes)[number];
  status: 'ACTIVE' | 'INACTIVE';
  usage: (typeof zoneUsages)[number];
  settings: ZoneSettings;
};

export type NetworkZoneInput = Pick<NetworkZone, 'name' | 'type' | 'usage' | 'settings'> & {
  /** Not given: ACTIVE for a new zone, else as it was. */
  status: NetworkZone['status'] | undefined;
};

const MOST_ADDRESSES = 5000;
const BLOCKING = 'blocking-zones';

const THIS_MACHINE = listOf([
  { type: 'CIDR', value: '127.0.0.0/8' },
  { type: 'CIDR', value: '::1/128' },
]);

export const ownZones: readonly Pick<NetworkZone, 'name' | 'usage'>[] = [
  { name: 'LegacyIpZone', usage: 'POLICY' },
  { name: 'BlockedIpZone', usage: 'BLOCKLIST' },
  { name: 'DefaultExemptIpZone', usage: 'POLICY' },
];

/** Makes the zones that an org has from its start, empty, where they are missing. */
export async function ensureZones(env: Env): Promise<void> {
  for (const { name, usage } of ownZones) {
    const now = env.now();
    await env.db
      .insertInto('network_zones')
      .values({
        id: newId(env, idPrefixes.networkZone),
        name,
        name_key: textKey(name),
        type: 'IP',
        status: 'ACTIVE',
        usage,
        system: 1,
        settings: toJson<Record<string, unknown>>({ gateways: null, proxies: null }),
        created: now,
        last_updated: now,
      })
      .onConflict((conflict) => conflict.column('name_key').doNothing())
      .execute();
  }
}

export async function listZones(env: Env, after: string | null, limit: number): Promise<NetworkZone[]> {
  const rows = await env.db
    .selectFrom('network_zones')
    .selectAll()
    .where('id', '>', after ?? '')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(toZone);
}

/** Throws E0000007. */
export async function getZone(env: Env, id: string): Promise<NetworkZone> {
  const row = await env.db.selectFrom('network_zones').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'NetworkZone');
  return toZone(row);
}

export async function createZone(env: Env, input: NetworkZoneInput): Promise<NetworkZone> {
  refuseZone(input);
  const now = env.now();
  const zone: NetworkZone = {
    id: newId(env, idPrefixes.networkZone),
    name: input.name,
    name_key: textKey(input.name),
    type: input.type,
    status: input.status ?? 'ACTIVE',
    usage: input.usage,
    system: 0,
    settings: input.settings,
    created: now,
    last_updated: now,
  };
  return changing(env, async (env) => {
    await refusingTakenName('name_key', env.db.insertInto('network_zones').values(toColumns(zone)).execute());
    await recordChange(env, zone, 'create', 'Create network zone');
    return zone;
  });
}

/** Replaces a zone; of the org's own the name stays. Throws E0000001 when its type would change. */
export function replaceZone(env: Env, id: string, input: NetworkZoneInput): Promise<NetworkZone> {
  refuseZone(input);
  return changed(env, id, 'update', 'Update network zone', (zone) => {
    if (zone.type !== input.type) throw invalid('type', 'type: The type of a network zone cannot be changed');
    const name = zone.system === 1 ? zone.name : input.name;
    const { usage, settings } = input;
    return { ...zone, name, name_key: textKey(name), usage, settings, status: input.status ?? zone.status };
  });
}

export function setZoneStatus(env: Env, id: string, status: NetworkZone['status']): Promise<NetworkZone> {
  const [what, message] =
    status === 'ACTIVE'
      ? (['activate', 'Activate network zone'] as const)
      : (['deactivate', 'Deactivate network zone'] as const);
  return changed(env, id, what, message, (zone) => ({ ...zone, status }));
}

/** Throws E0000006 for the org's own. */
export async function deleteZone(env: Env, id: string): Promise<void> {
  await changing(env, async (env) => {
    const zone = await getZone(env, id);
    if (zone.system === 1) throw new Refusal('E0000006', '', ['This zone is the system’s own']);
    await env.db.deleteFrom('network_zones').where('id', '=', id).execute();
    await recordChange(env, zone, 'delete', 'Delete network zone');
  });
}

/** Whether the address is in one of these zones that is active. */
export async function isInZones(env: Env, ip: string, ids: readonly string[]): Promise<boolean> {
  if (ids.length === 0) return false;
  const rows = await env.db
    .selectFrom('network_zones')
    .selectAll()
    .where('id', 'in', ids)
    .where('status', '=', 'ACTIVE')
    .execute();
  return rows
    .map(toZone)
    .some(({ settings }) => holds(settings.gateways ?? [], ip) || holds(settings.proxies ?? [], ip));
}

/**
 * Whether requests from this address are refused: it is in an active zone for blocking and in no zone that is exempt. The machine
 * that the server runs on is never shut out, so that a zone which blocks too much can be put right from there.
 */
export async function isBlocked(env: Env, ip: string): Promise<boolean> {
  const lists = await remembered(env, BLOCKING, 'lists', () => readBlocking(env));
  if (!lists || lists.blocked === null) return false;
  return isOn(lists.blocked, ip) && !isOn(THIS_MACHINE, ip) && !isOn(lists.exempt, ip);
}

async function readBlocking(env: Env): Promise<{ blocked: BlockList | null; exempt: BlockList }> {
  const rows = await env.db
    .selectFrom('network_zones')
    .selectAll()
    .where('status', '=', 'ACTIVE')
    .where('type', '=', 'IP')
    .execute();
  const zones = rows.map(toZone);
  const blocking = zones.filter(({ usage }) => usage === 'BLOCKLIST').flatMap(addressesOf);
  const exempt = zones.filter(({ settings }) => settings.useAsExemptList === true).flatMap(addressesOf);
  return { blocked: blocking.length === 0 ? null : listOf(blocking), exempt: listOf(exempt) };
}

function addressesOf({ settings }: NetworkZone): Addresses[] {
  return [...(settings.gateways ?? []), ...(settings.proxies ?? [])];
}

function isOn(list: BlockList, ip: string): boolean {
  const family = isIP(ip);
  return family !== 0 && list.check(ip, family === 6 ? 'ipv6' : 'ipv4');
}

function listOf(addresses: readonly Addresses[]): BlockList {
  const list = new BlockList();
  for (const one of addresses) add(list, one);
  return list;
}

function holds(addresses: readonly Addresses[], ip: string): boolean {
  return addresses.length > 0 && isOn(listOf(addresses), ip);
}

/** Throws a TypeError or RangeError for what is no set of addresses. */
function add(list: BlockList, { type, value }: Addresses): void {
  const [first = '', second = ''] = value.split(type === 'CIDR' ? '/' : '-').map((part) => part.trim());
  const kind = isIP(first) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(first) === 0) throw new TypeError('no address');
  if (type === 'RANGE') list.addRange(first, second === '' ? first : second, kind);
  else if (!/^\d{0,3}$/.test(second)) throw new TypeError('no prefix');
  else list.addSubnet(first, second === '' ? (kind === 'ipv6' ? 128 : 32) : Number(second), kind);
}

function refuseZone({ type, settings }: NetworkZoneInput): void {
  for (const field of ['gateways', 'proxies'] as const) {
    const addresses = settings[field] ?? [];
    if (addresses.length > MOST_ADDRESSES)
      throw invalid(field, `${field}: There are more than ${MOST_ADDRESSES} entries`);
    for (const one of addresses) {
      try {
        add(new BlockList(), one);
      } catch {
        throw invalid(field, `${field}: '${one.value}' is not a valid ${one.type}`);
      }
    }
  }
  if (type === 'IP' && settings.gateways === undefined)
    throw invalid('gateways', 'gateways: The field cannot be left blank');
}

async function changed(
  env: Env,
  id: string,
  what: string,
  message: string,
  change: (zone: NetworkZone) => NetworkZone,
): Promise<NetworkZone> {
  return changing(env, async (env) => {
    await env.db
      .updateTable('network_zones')
      .set((eb) => ({ name: eb.ref('name') }))
      .where('id', '=', id)
      .execute();
    const zone = { ...change(await getZone(env, id)), last_updated: env.now() };
    await refusingTakenName(
      'name_key',
      env.db.updateTable('network_zones').set(toColumns(zone)).where('id', '=', id).execute(),
    );
    await recordChange(env, zone, what, message);
    return zone;
  });
}

async function changing<T>(env: Env, work: (env: Env) => Promise<T>): Promise<T> {
  const result = await transact(env, work);
  forget(env, BLOCKING);
  return result;
}

/** The columns are written by this module alone, so their contents are of these types. */
function toZone(row: Row<'network_zones'>): NetworkZone {
  return row as NetworkZone;
}

function toColumns(zone: NetworkZone) {
  return { ...zone, settings: toJson<Record<string, unknown>>(zone.settings) };
}

async function recordChange(env: Env, zone: NetworkZone, what: string, displayMessage: string): Promise<void> {
  const target = [{ id: zone.id, type: 'NetworkZone', alternateId: zone.name, displayName: zone.name }];
  await record(env, { eventType: `zone.${what}`, displayMessage, target });
}
