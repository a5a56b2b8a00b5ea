// Owns what another org's networks, hooks, identity providers and trusted origins are as parts of a document. Not here: the document.
import type {
  EventHookPart,
  IdentityProviderPart,
  InlineHookPart,
  TrustedOriginPart,
  ZonePart,
} from '../configuration/document.ts';
import { eventHook, identityProvider, inlineHook, networkZone } from '../configuration/neighbour-parts.ts';
import type { SecretOf } from '../configuration/secrets.ts';
import { at, listOf, objectOf, type ReadOrg, textOf, textsOf } from './read-org.ts';
import { type Names, named } from './remote-names.ts';
import type { Json } from './remote-org.ts';
import type { Report } from './report.ts';

const UNKNOWN = 'It has what is not known here: it was left out';
const ZONE_SETTINGS = [
  'gateways',
  'proxies',
  'useAsExemptList',
  'locations',
  'proxyType',
  'asns',
  'ipServiceCategories',
];

export function zoneParts(org: ReadOrg, report: Report): ZonePart[] {
  return org.zones.flatMap((zone) => {
    const settings = Object.entries(zone).filter(([name]) => ZONE_SETTINGS.includes(name));
    const { name, type, status, usage } = zone;
    const part = networkZone.safeParse({ name, type, status, usage, settings: Object.fromEntries(settings) });
    if (!part.success) report.add('network zones', String(name), UNKNOWN);
    return part.success ? [part.data] : [];
  });
}

export function trustedOriginParts(org: ReadOrg, report: Report): TrustedOriginPart[] {
  const types = ['CORS', 'REDIRECT', 'IFRAME_EMBED'];
  return org.trustedOrigins.flatMap((origin): TrustedOriginPart[] => {
    const name = String(origin.name);
    const scopes = listOf(origin.scopes)
      .map(objectOf)
      .filter(({ type }) => types.includes(String(type)))
      .map(({ type }) => ({ type: type as 'CORS' }));
    if (scopes.length === 0) {
      report.add('trusted origins', name, UNKNOWN);
      return [];
    }
    return [{ name, origin: String(origin.origin), scopes, status: statusOf(origin) }];
  });
}

export function eventHookParts(org: ReadOrg, report: Report): EventHookPart[] {
  return org.eventHooks.flatMap((hook) => {
    const { name, description = null, status } = hook;
    const events = textsOf(at(hook, 'events', 'items'));
    return hooked('event hooks', hook, report, (channel) =>
      eventHook.safeParse({ name, description, status, events, ...channel }),
    );
  });
}

export function inlineHookParts(org: ReadOrg, report: Report): InlineHookPart[] {
  return org.inlineHooks.flatMap((hook) => {
    const { name, type, version, status } = hook;
    return hooked('inline hooks', hook, report, (channel) =>
      inlineHook.safeParse({ name, type, version, status, ...channel }),
    );
  });
}

/** A hook that proves itself by a secret stays behind: the secret is shown to nobody. */
function hooked<T>(
  about: string,
  hook: Json,
  report: Report,
  read: (channel: Json) => { success: true; data: T } | { success: false },
): T[] {
  const { uri, headers, authScheme } = objectOf(at(hook, 'channel', 'config'));
  const name = String(hook.name);
  if (at(hook, 'channel', 'type') !== 'HTTP' || (authScheme ?? null) !== null) {
    report.add(about, name, 'It carries a secret, which the other org does not tell: make it here by hand');
    return [];
  }
  const part = read({ uri, headers: listOf(headers), authHeader: null });
  if (!part.success) report.add(about, name, UNKNOWN);
  return part.success ? [part.data] : [];
}

export function identityProviderParts(
  org: ReadOrg,
  names: Names,
  report: Report,
): { parts: IdentityProviderPart[]; secretOf: SecretOf } {
  const secrets = new Map<string, string>();
  const parts = org.identityProviders.flatMap((provider): IdentityProviderPart[] => {
    const name = String(provider.name);
    const { protocol, secret } = withoutSecret(objectOf(provider.protocol), provider.type === 'APPLE');
    const policy = named(names, objectOf(provider.policy));
    const { type, status, issuerMode } = provider;
    const part = identityProvider.safeParse({ name, type, status, issuerMode, protocol, policy: policy.value });
    if (!part.success) {
      report.add('identity providers', name, 'Providers of this type are not supported here: it was left out');
      return [];
    }
    if (secret !== null) secrets.set(name, secret);
    else report.add('identity providers', name, 'The other org does not tell its secret');
    if (policy.lost.length > 0)
      report.add('identity providers', name, `It named what did not come along: ${policy.lost.join(', ')}`);
    return [part.data];
  });
  return {
    parts,
    secretOf: (section, name) => (section === 'identityProviders' ? (secrets.get(name) ?? null) : null),
  };
}

function withoutSecret(protocol: Json, isApple: boolean): { protocol: Json; secret: string | null } {
  const credentials = objectOf(protocol.credentials);
  const { client_secret, ...client } = objectOf(credentials.client);
  const { privateKey, ...signing } = objectOf(credentials.signing);
  const shown = { ...credentials, client, ...(credentials.signing ? { signing } : {}) };
  return {
    protocol: { ...protocol, credentials: shown },
    secret: textOf(isApple ? privateKey : client_secret),
  };
}

export function statusOf({ status }: Json): 'ACTIVE' | 'INACTIVE' {
  return status === 'INACTIVE' ? 'INACTIVE' : 'ACTIVE';
}
