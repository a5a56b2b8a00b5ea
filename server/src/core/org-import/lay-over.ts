// Owns laying parts of another org over what this one has: what has the same name becomes the same, and what only
// this one has stays, but for the policy by which a new org lets everybody have everything.
// Not here: how parts come about, and how they are applied.

import type { AccessPolicyPart, Configuration, WholeConfiguration } from '../configuration/document.ts';
import type { Kind } from '../configuration/references.ts';
import { EVERYONE } from '../policies/policy-rules.ts';

export type Sections = Omit<Configuration, 'gatehouse'>;

/** `about`: the section in words. `kinds`: what else is named by the name of this part. */
export type Single = { section: string; about: string; kinds: readonly Kind[]; name: string; part: unknown };

const words: Readonly<Record<string, { about: string; kinds?: readonly Kind[] }>> = {
  userTypes: { about: 'user types', kinds: ['userType'] },
  groupAttributes: { about: 'attributes of groups' },
  groups: { about: 'groups', kinds: ['group'] },
  groupRules: { about: 'group rules' },
  networkZones: { about: 'network zones', kinds: ['zone'] },
  eventHooks: { about: 'event hooks' },
  inlineHooks: { about: 'inline hooks', kinds: ['hook'] },
  identityProviders: { about: 'identity providers', kinds: ['identityProvider'] },
  trustedOrigins: { about: 'trusted origins' },
  policies: { about: 'policies', kinds: ['policy'] },
  applications: { about: 'applications', kinds: ['client', 'application'] },
  authorizationServers: { about: 'authorization servers', kinds: ['server'] },
};

export function partsOf(sections: Sections): Single[] {
  const all = sections as Record<string, AnyPart | readonly AnyPart[]>;
  return Object.entries(all).flatMap(([section, parts]): Single[] => {
    const { about = section, kinds = [] } = words[section] ?? {};
    if (!isList(parts)) return [{ section, about, kinds, name: '', part: parts }];
    return parts.map((part) => ({ section, about, kinds, name: part.clientId ?? part.name ?? '', part: [part] }));
  });
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}

type AnyPart = { name?: string; label?: string; clientId?: string; type?: string; conditions?: unknown };

function keyOf(part: AnyPart): string {
  return part.clientId ?? (part.name ?? '').toLowerCase();
}

/** The sections with what is here and is not in them: a section of a document is complete, and nothing here is to go. */
export function merged(here: WholeConfiguration, sections: Sections): Configuration {
  const laid = Object.entries(sections).map(([section, parts]) => {
    const present = here[section as keyof Sections];
    if (section === 'groupAttributes') return [section, withAttributes(parts as Attributed, present as Attributed)];
    const key = (part: AnyPart) => (section === 'policies' ? `${part.type} ${part.name}` : keyOf(part));
    const [given, own] = [parts as AnyPart[], present as AnyPart[]];
    const known = new Map(own.map((part) => [key(part), part]));
    const kept = own.filter((part) => !given.some((one) => key(one) === key(part)));
    return [section, [...given.map((part) => laidOver(section, part, known.get(key(part)))), ...kept]];
  });
  return { gatehouse: 1, ...Object.fromEntries(laid) } as Configuration;
}

type Attributed = { attributes: { name: string }[]; baseAttributes: { name: string }[] };
type Policy = AccessPolicyPart;
type Server = AnyPart & { scopes: AnyPart[]; claims: AnyPart[]; policies: AnyPart[]; trusts: string[] };

/** A part over the one of the same name that is here: what only the latter has in it stays. */
function laidOver(section: string, part: AnyPart, own: AnyPart | undefined): AnyPart {
  if (own === undefined) return part;
  if (section === 'userTypes') return withAttributes(part as Attributed, own as Attributed) as AnyPart;
  if (section === 'applications') {
    const { groups, grants } = own as { groups: { name: string }[]; grants: string[] };
    const given = part as { groups: { name: string }[]; grants: string[] };
    const others = groups.filter(({ name }) => !given.groups.some((one) => one.name === name));
    return {
      ...withAttributes(part as Attributed, own as Attributed),
      ...{ groups: [...given.groups, ...others], grants: [...new Set([...given.grants, ...grants])] },
    } as AnyPart;
  }
  if (section !== 'authorizationServers') return part;
  const [given, has] = [part as Server, own as Server];
  const claimKey = (claim: AnyPart & { claimType?: string }) => `${claim.claimType} ${claim.name}`;
  return {
    ...has,
    ...given,
    trusts: [...new Set([...given.trusts, ...has.trusts])],
    scopes: union(given.scopes, has.scopes, keyOf),
    claims: union(given.claims, has.claims, claimKey),
    policies: union(
      given.policies,
      has.policies.filter((policy) => !isOpenToAll(policy as Policy)),
      keyOf,
    ),
  } as Server;
}

/** The policy that the default server starts with. Where the other org has done without it, it must not let everybody in here. */
function isOpenToAll({ name, clients, rules }: Policy): boolean {
  const [rule] = rules;
  const isCatchAll = rules.length === 1 && rule?.scopes.includes('*') && rule.groups.include.includes(EVERYONE);
  return name === 'Default Policy' && clients.includes('ALL_CLIENTS') && isCatchAll === true;
}

function union<T extends AnyPart>(given: readonly T[], own: readonly T[], key: (part: T) => string): T[] {
  return [...given, ...own.filter((part) => !given.some((one) => key(one) === key(part)))];
}

function withAttributes<T extends Attributed>(given: T, own: Attributed): T {
  return {
    ...given,
    attributes: union(given.attributes, own.attributes, keyOf),
    baseAttributes: union(given.baseAttributes, own.baseAttributes, keyOf),
  };
}
