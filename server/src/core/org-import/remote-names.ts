// Owns what the other org's ids stand for: the names by which a document speaks of the same things. An id that stands for nothing
// that comes along is not dropped in silence: without it "these groups" could mean "everybody". Whoever translates is told.
import { type Kind, translated } from '../configuration/references.ts';
import { at, type ReadOrg, textOf } from './read-org.ts';
import type { Json } from './remote-org.ts';

export type Names = {
  /** Null: nothing of this name comes along. */
  find(kind: Kind, id: string): string | null;
  /** What has this name does not come along after all. */
  lose(kind: Kind, name: string): void;
};

export function namesOf(org: ReadOrg): Names {
  const byId = (items: readonly Json[], name: (item: Json) => unknown) =>
    new Map(items.map((item) => [String(item.id), textOf(name(item))]));
  const named = ({ name }: Json) => name;
  const client = (item: Json) => at(item, 'credentials', 'oauthClient', 'client_id') ?? item.id;
  const clients = org.applications.map(({ application }) => application).filter(isClient);
  const clientIds = clients.map((item) => textOf(client(item)) ?? '');
  const maps: Record<Kind, Map<string, string | null>> = {
    group: byId(org.groups.map(({ group }) => group).filter(comesAlong), (group) => at(group, 'profile', 'name')),
    user: byId(org.users.filter(isKept), (user) => at(user, 'profile', 'login')),
    userType: byId(
      org.userTypes.map(({ type }) => type),
      (type) => (type.default === true ? 'user' : type.name),
    ),
    client: new Map(clientIds.map((id) => [id, id])),
    application: byId(clients, client),
    hook: byId(org.inlineHooks, named),
    server: byId(
      org.authorizationServers.map(({ server }) => server),
      named,
    ),
    policy: byId(
      org.policies.map(({ policy }) => policy),
      named,
    ),
    zone: byId(org.zones, named),
    identityProvider: byId(org.identityProviders, named),
  };
  return {
    find: (kind, id) => maps[kind].get(id) ?? null,
    lose(kind, lost) {
      for (const [id, name] of maps[kind]) if (name === lost) maps[kind].delete(id);
    },
  };
}

/** Groups that exist here too: Everyone, and all that are not the system's own. */
export function comesAlong(group: Json): boolean {
  return group.type !== 'BUILT_IN' || at(group, 'profile', 'name') === 'Everyone';
}

/** A person who was deactivated stays behind. */
export function isKept(user: Json): boolean {
  return user.status !== 'DEPROVISIONED' && textOf(at(user, 'profile', 'login')) !== null;
}

export function isClient({ signOnMode }: Json): boolean {
  return signOnMode === 'OPENID_CONNECT';
}

const LOST = '\u0000';

/** The value with its ids named, those that stand for nothing left out and listed. */
export function named<T>(names: Names, value: T): { value: T; lost: string[] } {
  const lost: string[] = [];
  const result = translated(value, (kind, id) => {
    const name = names.find(kind, id);
    if (name === null) lost.push(`${kind} ${id}`);
    return name ?? LOST;
  });
  return { value: withoutLost(result) as T, lost };
}

/** The same for a list of one kind. `words`: stand for themselves. */
export function namedList(
  names: Names,
  kind: Kind,
  ids: readonly string[],
  words: readonly string[] = [],
): { value: string[]; lost: string[] } {
  const isLost = (id: string) => !words.includes(id) && names.find(kind, id) === null;
  return {
    value: ids.filter((id) => !isLost(id)).map((id) => names.find(kind, id) ?? id),
    lost: ids.filter(isLost).map((id) => `${kind} ${id}`),
  };
}

function withoutLost(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isLost(item)).map(withoutLost);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutLost(member)]));
}

function isLost(item: unknown): boolean {
  return item === LOST || at(item, 'id') === LOST || at(item, 'inlineHookId') === LOST;
}

const QUOTED_GROUP = /(["'])(00g[0-9A-Za-z]{17})\1/g;

/** An expression with the groups that it names by id named as a document does. */
export function namedGroups(names: Names, expression: string): { value: string; lost: string[] } {
  const lost: string[] = [];
  const value = expression.replaceAll(QUOTED_GROUP, (quoted, quote: string, id: string) => {
    const name = names.find('group', id);
    if (name === null) lost.push(`group ${id}`);
    return name === null ? quoted : `${quote}group:${name.replaceAll(quote, quote + quote)}${quote}`;
  });
  return { value, lost };
}
