// Owns saying how two configurations differ: what is added, removed and changed, down to the member. Not here: how one becomes
// the other (apply.ts).
import { stringify } from 'yaml';
import type { Rehearsal } from './apply.ts';
import { type Configuration, isSame, type WholeConfiguration } from './document.ts';

export type Change = {
  kind: 'add' | 'change' | 'remove';
  section: Exclude<keyof Configuration, 'gatehouse'>;
  name: string;
  /** What is added or removed, whole. */
  whole?: unknown;
  /** Of a change: each member that differs. */
  members?: Member[];
};

type Member = { path: string; before: unknown; after: unknown };
type Named = { [member: string]: unknown };

const sections = [
  { section: 'userTypes', name: ({ name }: Named) => `${name}` },
  { section: 'groupAttributes', name: () => 'of all groups' },
  { section: 'groups', name: ({ name }: Named) => `${name}` },
  { section: 'users', name: ({ login }: Named) => `${login}` },
  { section: 'groupRules', name: ({ name }: Named) => `${name}` },
  { section: 'networkZones', name: ({ name }: Named) => `${name}` },
  { section: 'eventHooks', name: ({ name }: Named) => `${name}` },
  { section: 'inlineHooks', name: ({ name }: Named) => `${name}` },
  { section: 'identityProviders', name: ({ name }: Named) => `${name}` },
  { section: 'trustedOrigins', name: ({ name }: Named) => `${name}` },
  { section: 'policies', name: ({ type, name }: Named) => `${type} ${name}` },
  { section: 'applications', name: ({ label, clientId }: Named) => `${label} (${clientId})` },
  { section: 'authorizationServers', name: ({ name }: Named) => `${name}` },
  { section: 'roles', name: ({ type }: Named) => `${type}` },
  { section: 'administrators', name: ({ login }: Named) => `${login}` },
] as const;

/** `renewed`: whose secret is another, which neither side shows. */
export function changesBetween({ before, after, renewed }: Rehearsal): Change[] {
  return [...visibleChanges(before, after), ...renewed.map(secretChange)];
}

function secretChange(renewed: string): Change {
  const [section = '', ...name] = renewed.split(': ');
  const member = { path: 'secret', before: 'as it was', after: 'as its variable says' };
  return { kind: 'change', section: section as Change['section'], name: name.join(': '), members: [member] };
}

function partsOf(section: unknown): readonly Named[] {
  return [section].flat() as Named[];
}

function visibleChanges(before: WholeConfiguration, after: WholeConfiguration): Change[] {
  return sections.flatMap(({ section, name }) => {
    const [old, fresh] = [partsOf(before[section]), partsOf(after[section])];
    const key = section === 'applications' ? ({ clientId }: Named) => `${clientId}` : name;
    const [known, kept] = [new Map(old.map((part) => [key(part), part])), new Set(fresh.map(key))];
    const changes: Change[] = [];
    for (const part of fresh) {
      const was = known.get(key(part));
      if (!was) changes.push({ kind: 'add', section, name: name(part), whole: part });
      else if (!isSame(was, part))
        changes.push({ kind: 'change', section, name: name(part), members: membersBetween('', was, part) });
    }
    for (const part of old)
      if (!kept.has(key(part))) changes.push({ kind: 'remove', section, name: name(part), whole: part });
    if (changes.length === 0 && !isSame(old, fresh)) {
      const order = (parts: readonly Named[]) => parts.map(name);
      const member = { path: 'order', before: order(old), after: order(fresh) };
      changes.push({ kind: 'change', section, name: 'order', members: [member] });
    }
    return changes;
  });
}

/** As lines to read: `+`, `~` and `-`, and a sum at the end. */
export function printChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return 'Nothing differs.\n';
  const blocks = changes.map(({ kind, section, name, whole, members = [] }) => {
    const sign = { add: '+', change: '~', remove: '-' }[kind];
    const lines = whole === undefined ? [] : stringify(whole, { lineWidth: 0 }).trimEnd().split('\n');
    return [
      `${sign} ${section}: ${name}`,
      ...lines.map((line) => `${sign}     ${line}`),
      ...members.map(({ path, before, after }) => `~     ${path}: ${printed(before)} → ${printed(after)}`),
    ].join('\n');
  });
  const count = (wanted: Change['kind']) => changes.filter(({ kind }) => kind === wanted).length;
  return `${blocks.join('\n')}\n${count('add')} to add, ${count('change')} to change, ${count('remove')} to remove.\n`;
}

function printed(value: unknown): string {
  return value === undefined ? '(nothing)' : JSON.stringify(value);
}

function membersBetween(path: string, before: unknown, after: unknown): Member[] {
  if (isSame(before, after)) return [];
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  if (isObject(before) && isObject(after))
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
      membersBetween(at(key), before[key], after[key]),
    );
  if (isNamedList(before) && isNamedList(after)) {
    const [old, fresh] = [byName(before), byName(after)];
    const members = [...new Set([...old.keys(), ...fresh.keys()])].flatMap((key) =>
      membersBetween(`${path}[${key}]`, old.get(key), fresh.get(key)),
    );
    return members.length > 0
      ? members
      : [{ path: `${path} (order)`, before: [...old.keys()], after: [...fresh.keys()] }];
  }
  return [{ path, before, after }];
}

function isObject(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamedList(value: unknown): value is Named[] {
  return Array.isArray(value) && value.every((one) => isObject(one) && typeof (one.name ?? one.login) === 'string');
}

function byName(parts: readonly Named[]): Map<string, Named> {
  const named = new Map<string, Named>();
  for (const part of parts) {
    const name = part.claimType ? `${part.claimType} ${part.name}` : `${part.name ?? part.login}`;
    named.set(named.has(name) ? `${name} ${named.size}` : name, part);
  }
  return named;
}
