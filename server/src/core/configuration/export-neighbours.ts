// Owns reading the sections about what lies outside out of the database: networks, hooks, identity providers, trusted origins. Their
// secrets are not read. Not here: the other sections (export.ts).
import type { Env } from '../env.ts';
import { listEventHooks } from '../event-hooks.ts';
import type { HookChannel } from '../hook-channel.ts';
import { listIdentityProviders } from '../identity-providers.ts';
import { listInlineHooks } from '../inline-hooks.ts';
import { listZones } from '../network-zones.ts';
import { byName } from './compare.ts';
import type { EventHookPart, IdentityProviderPart, InlineHookPart, TrustedOriginPart, ZonePart } from './document.ts';
import { type References, translated } from './references.ts';

const ALL = Number.MAX_SAFE_INTEGER;

export async function exportZones(env: Env): Promise<ZonePart[]> {
  const zones = await listZones(env, null, ALL);
  return byName(
    zones.map(({ name, type, status, usage, settings }) => ({
      ...{ name, type, status, usage },
      settings: settings as ZonePart['settings'],
    })),
  );
}

export async function exportEventHooks(env: Env): Promise<EventHookPart[]> {
  const hooks = await listEventHooks(env);
  return byName(
    hooks.map(({ name, description, status, events, channel }) => ({
      ...{ name, description, status },
      events: events.toSorted(),
      ...exportChannel(channel),
    })),
  );
}

export async function exportInlineHooks(env: Env): Promise<InlineHookPart[]> {
  const hooks = await listInlineHooks(env, null);
  return byName(
    hooks.map(({ name, type, version, status, channel }) => ({
      ...{ name, type, version, status },
      ...exportChannel(channel),
    })),
  );
}

function exportChannel({ config: { uri, headers, authScheme } }: HookChannel) {
  return { uri, headers: headers.map(({ key, value }) => ({ key, value })), authHeader: authScheme?.key ?? null };
}

export async function exportIdentityProviders(env: Env, { nameOf }: References): Promise<IdentityProviderPart[]> {
  const providers = await listIdentityProviders(env, { q: null, type: null, after: null, limit: ALL });
  return byName(
    providers.map(({ name, type, status, issuer_mode, protocol, policy }) => ({
      ...{ name, type, status, protocol },
      issuerMode: issuer_mode as IdentityProviderPart['issuerMode'],
      policy: translated(policy, nameOf),
    })),
  );
}

export async function exportTrustedOrigins(env: Env): Promise<TrustedOriginPart[]> {
  const rows = await env.db.selectFrom('trusted_origins').selectAll().execute();
  const parts = rows.map(({ name, origin, scopes, status }) => ({ name, origin, scopes, status }));
  return byName(parts as TrustedOriginPart[]);
}
