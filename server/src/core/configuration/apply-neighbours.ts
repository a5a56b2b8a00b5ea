// Owns bringing what lies outside to what a document says of it: networks, hooks, identity providers, trusted origins. A secret that is
// not given stays. Not here: the other sections (apply.ts). What goes is named in `later`, which runs when nothing names it any more.
import type { Env } from '../env.ts';
import {
  createEventHook,
  deleteEventHook,
  type EventHook,
  headersOfHook,
  listEventHooks,
  replaceEventHook,
  setEventHookStatus,
} from '../event-hooks.ts';
import type { HookChannel } from '../hook-channel.ts';
import {
  createIdentityProvider,
  deleteIdentityProvider,
  type IdentityProvider,
  listIdentityProviders,
  replaceIdentityProvider,
  secretsOf,
} from '../identity-providers.ts';
import {
  createInlineHook,
  deleteInlineHook,
  headersOfInlineHook,
  type InlineHook,
  listInlineHooks,
  replaceInlineHook,
  setInlineHookStatus,
} from '../inline-hooks.ts';
import { createZone, deleteZone, listZones, replaceZone, type ZoneSettings } from '../network-zones.ts';
import { invalid } from '../refusal.ts';
import { createTrustedOrigin, deleteTrustedOrigin, replaceTrustedOrigin } from '../trusted-origins.ts';
import type { Later } from './apply-directory.ts';
import {
  type EventHookPart,
  type IdentityProviderPart,
  type InlineHookPart,
  isSame,
  type TrustedOriginPart,
  type ZonePart,
} from './document.ts';
import { matched } from './match.ts';
import { type References, translated } from './references.ts';
import type { SecretOf } from './secrets.ts';

const ALL = Number.MAX_SAFE_INTEGER;

function keyOf({ name }: { name: string }): string {
  return name.toLowerCase();
}

export async function applyZones(
  env: Env,
  before: readonly ZonePart[],
  wanted: readonly ZonePart[],
  later: Later[],
): Promise<void> {
  const { pairs, surplus } = matched(await listZones(env, null, ALL), wanted, keyOf, keyOf);
  for (const { has, wanted: part } of pairs) {
    if (before.some((said) => isSame(said, part))) continue;
    const usual: ZoneSettings = { IP: { gateways: null, proxies: null }, DYNAMIC: { locations: null }, DYNAMIC_V2: {} }[
      part.type
    ];
    const input = { ...part, settings: { ...usual, ...(part.settings as ZoneSettings) } };
    await (has ? replaceZone(env, has.id, input) : createZone(env, input));
  }
  for (const { id, system } of surplus) if (system === 0) later.push((env) => deleteZone(env, id));
}

type ChannelPart = Pick<EventHookPart, 'name' | 'uri' | 'headers' | 'authHeader'>;

function channelOf({ uri, headers, authHeader }: ChannelPart): HookChannel {
  const authScheme = authHeader === null ? null : { type: 'HEADER' as const, key: authHeader };
  return { type: 'HTTP', version: '1.0.0', config: { uri, headers, method: 'POST', authScheme } };
}

/** What the service knows us by already; null: nothing. */
function presentSecret({ channel }: Pick<EventHook, 'channel'>, headers: Record<string, string>): string | null {
  const { authScheme } = channel.config;
  return authScheme === null ? null : (headers[authScheme.key] ?? null);
}

function requireSecret(section: string, { name, authHeader }: ChannelPart, secret: string | null): void {
  if (authHeader !== null && secret === null) throw missingSecret(section, name);
}

function missingSecret(section: string, name: string) {
  return invalid(
    section,
    `${section}: ${name}: Its secret is not known here: say in secretVariable which variable of the environment holds it`,
  );
}

/** Answers with the names of those whose secret is another now. */
export async function applyEventHooks(
  env: Env,
  {
    before,
    wanted,
    secretOf,
  }: { before: readonly EventHookPart[]; wanted: readonly EventHookPart[]; secretOf: SecretOf },
  later: Later[],
): Promise<string[]> {
  const { pairs, surplus } = matched(await listEventHooks(env), wanted, keyOf, keyOf);
  const renewed: string[] = [];
  for (const { has, wanted: part } of pairs) {
    const present = has && presentSecret(has, headersOfHook(env, has));
    const secret = secretOf('eventHooks', part.name);
    const isRenewed = has !== null && secret !== null && part.authHeader !== null && secret !== present;
    if (isRenewed) renewed.push(part.name);
    else if (before.some((said) => isSame(said, { ...part, events: part.events.toSorted() }))) continue;
    requireSecret('eventHooks', part, secret ?? present);
    const { name, description, events, status } = part;
    const input = { name, description, events, status, channel: channelOf(part), secret };
    const hook = await (has ? replaceEventHook(env, has.id, input) : createEventHook(env, input));
    if (hook.status !== status) await setEventHookStatus(env, hook.id, status);
  }
  for (const { id } of surplus)
    later.push(async (env) => {
      await setEventHookStatus(env, id, 'INACTIVE');
      await deleteEventHook(env, id);
    });
  return renewed;
}

/** Answers with the names of those whose secret is another now. */
export async function applyInlineHooks(
  env: Env,
  {
    before,
    wanted,
    secretOf,
  }: { before: readonly InlineHookPart[]; wanted: readonly InlineHookPart[]; secretOf: SecretOf },
  later: Later[],
): Promise<string[]> {
  const { pairs, surplus } = matched<InlineHook, InlineHookPart>(
    await listInlineHooks(env, null),
    wanted,
    keyOf,
    keyOf,
  );
  const renewed: string[] = [];
  for (const { has, wanted: part } of pairs) {
    const present = has && presentSecret(has, headersOfInlineHook(env, has));
    const secret = secretOf('inlineHooks', part.name);
    const isRenewed = has !== null && secret !== null && part.authHeader !== null && secret !== present;
    if (isRenewed) renewed.push(part.name);
    else if (before.some((said) => isSame(said, part))) continue;
    requireSecret('inlineHooks', part, secret ?? present);
    const { name, type, version, status } = part;
    const input = { name, type, version, channel: channelOf(part), secret };
    const hook = await (has ? replaceInlineHook(env, has.id, input) : createInlineHook(env, input));
    if (hook.status !== status) await setInlineHookStatus(env, hook.id, status);
  }
  for (const { id, status } of surplus)
    later.push(async (env) => {
      if (status === 'ACTIVE') await setInlineHookStatus(env, id, 'INACTIVE');
      await deleteInlineHook(env, id);
    });
  return renewed;
}

/** Answers with the names of those whose secret is another now. */
export async function applyIdentityProviders(
  env: Env,
  {
    before,
    wanted,
    secretOf,
  }: { before: readonly IdentityProviderPart[]; wanted: readonly IdentityProviderPart[]; secretOf: SecretOf },
  { idOf }: References,
  later: Later[],
): Promise<string[]> {
  const providers = await listIdentityProviders(env, { q: null, type: null, after: null, limit: ALL });
  const { pairs, surplus } = matched<IdentityProvider, IdentityProviderPart>(providers, wanted, keyOf, keyOf);
  const renewed: string[] = [];
  for (const { has, wanted: part } of pairs) {
    const member = part.type === 'APPLE' ? 'privateKey' : 'clientSecret';
    const secret = secretOf('identityProviders', part.name);
    const isRenewed = has !== null && secret !== null && secretsOf(env, has)[member] !== secret;
    if (isRenewed) renewed.push(part.name);
    else if (before.some((said) => isSame(said, part))) continue;
    const input = {
      ...part,
      protocol: secret === null ? part.protocol : withSecret(part, secret),
      policy: translated(part.policy, idOf),
    };
    await (has ? replaceIdentityProvider(env, has.id, input) : createIdentityProvider(env, input));
  }
  for (const { id } of surplus) later.push((env) => deleteIdentityProvider(env, id));
  return renewed;
}

type Credentials = { client?: Record<string, unknown>; signing?: Record<string, unknown> };

function withSecret({ type, protocol }: IdentityProviderPart, secret: string): IdentityProviderPart['protocol'] {
  const credentials = (protocol.credentials ?? {}) as Credentials;
  const { client, signing } = credentials;
  return {
    ...protocol,
    credentials:
      type === 'APPLE'
        ? { ...credentials, signing: { ...signing, privateKey: secret } }
        : { ...credentials, client: { ...client, client_secret: secret } },
  };
}

export async function applyTrustedOrigins(env: Env, wanted: readonly TrustedOriginPart[]): Promise<void> {
  const rows = await env.db.selectFrom('trusted_origins').selectAll().execute();
  const key = ({ name }: { name: string }) => name;
  const { pairs, surplus } = matched(rows, wanted, key, key);
  // First what goes: another may take its origin.
  for (const { id } of surplus) await deleteTrustedOrigin(env, id);
  for (const { has, wanted: part } of pairs) {
    if (!has) await createTrustedOrigin(env, part);
    else {
      const { name, origin, scopes, status } = has;
      if (!isSame({ name, origin, scopes, status }, part)) await replaceTrustedOrigin(env, has.id, part);
    }
  }
}
