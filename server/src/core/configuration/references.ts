// Owns the names by which a configuration's parts speak of each other, and the ids behind them in this database.
// An id that nothing has any more is written as it is: leaving it out could turn "these groups" into "everybody".
import type { Env } from '../env.ts';
import { invalid } from '../refusal.ts';
import type { ApplicationPart } from './document.ts';

export type Kind =
  | 'group'
  | 'user'
  | 'userType'
  | 'client'
  | 'application'
  | 'hook'
  | 'server'
  | 'policy'
  | 'zone'
  | 'identityProvider';

export type References = {
  nameOf(kind: Kind, id: string): string;
  /** Throws E0000001 when nothing has the name. */
  idOf(kind: Kind, name: string): string;
};

type Named = { id: string; name: string };

/**
 * As the database stands. `applications`: those that a document is about; their labels come before others. `naming`: rows or parts
 * that name people, of whom an org has too many to read them all.
 */
export async function readReferences(
  env: Env,
  { applications = [], naming }: { applications?: readonly ApplicationPart[]; naming: unknown },
): Promise<References> {
  const { db } = env;
  const all = await db.selectFrom('applications').select(['id', 'client_id', 'label']).execute();
  const clients = all.map(({ client_id, label }) => ({ id: client_id, name: label }));
  const things: Record<Kind, Named[]> = {
    group: await db.selectFrom('groups').select(['id', 'name']).execute(),
    user: await readPeople(env, naming),
    userType: await db.selectFrom('user_types').select(['id', 'name']).execute(),
    client: uniqueLabels(clients),
    application: all.map(({ id, client_id }) => ({ id, name: client_id })),
    hook: await db.selectFrom('inline_hooks').select(['id', 'name']).execute(),
    server: await db.selectFrom('authorization_servers').select(['id', 'name']).execute(),
    policy: await db.selectFrom('policies').select(['id', 'name']).where('type', '=', 'ACCESS_POLICY').execute(),
    zone: await db.selectFrom('network_zones').select(['id', 'name']).execute(),
    identityProvider: await db.selectFrom('identity_providers').select(['id', 'name']).execute(),
  };
  const kinds = Object.keys(things) as Kind[];
  const names = new Map(kinds.map((kind) => [kind, new Map(things[kind].map(({ id, name }) => [id, name]))]));
  const ids = new Map(kinds.map((kind) => [kind, new Map(things[kind].map(({ id, name }) => [name, id]))]));
  const wanted = applications.map(({ clientId, label }) => ({ id: clientId, name: label }));
  for (const { id, name } of uniqueLabels(wanted)) ids.get('client')?.set(name, id);
  for (const { id } of [...clients, ...wanted]) ids.get('client')?.set(id, id);
  return {
    nameOf: (kind, id) => names.get(kind)?.get(id) ?? id,
    idOf(kind, name) {
      const id = ids.get(kind)?.get(name);
      if (id === undefined) throw invalid(kind, `${kind}: There is no ${kind} '${name}'`);
      return id;
    },
  };
}

const MOST_AT_ONCE = 500;

async function readPeople(env: Env, naming: unknown): Promise<Named[]> {
  const people = [...new Set(peopleIn(naming))];
  const found: Named[] = [];
  for (let from = 0; from < people.length; from += MOST_AT_ONCE) {
    const some = people.slice(from, from + MOST_AT_ONCE);
    const rows = await env.db
      .selectFrom('users')
      .select(['id', 'login as name'])
      .where((eb) => eb.or([eb('id', 'in', some), eb('login', 'in', some)]))
      .execute();
    found.push(...rows);
  }
  return found;
}

/** A label that two applications have, or that is another's client id, names neither. */
function uniqueLabels(clients: readonly Named[]): Named[] {
  const count = new Map<string, number>();
  for (const { id, name } of clients) for (const one of [id, name]) count.set(one, (count.get(one) ?? 0) + 1);
  return clients.filter(({ name }) => count.get(name) === 1);
}

/** Lists of people: of a condition, of a rule's exclusions, of those assigned. */
const PEOPLE = ['users', 'excludedUsers', 'administrators', 'excluded_user_ids'];

function peopleIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(peopleIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => (PEOPLE.includes(key) ? namedIn(member) : peopleIn(member)));
}

function namedIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(namedIn);
  if (typeof value !== 'object' || value === null) return [];
  return 'login' in value ? namedIn(value.login) : Object.values(value).flatMap(namedIn);
}

type Translate = (kind: Kind, text: string) => string;

/** Which members of conditions, settings and actions list things, and of which kind. */
const listed: Readonly<Record<string, Kind>> = {
  users: 'user',
  groups: 'group',
  targetGroupIds: 'group',
  userType: 'userType',
  network: 'zone',
  app: 'application',
  idpIds: 'identityProvider',
  providers: 'identityProvider',
  preRegistrationInlineHooks: 'hook',
};
const LISTS = ['include', 'exclude', 'assignments'];
const IDS = ['id', 'inlineHookId'];
/** Words that stand where an id does. */
const WORDS = ['ALL_ZONES'];

/** Conditions, settings or actions of an org's policy, with what they name translated. */
export function translated<T>(value: T, translate: Translate): T {
  if (Array.isArray(value)) return value.map((item) => translated(item, translate)) as T;
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([key, member]) => {
    const kind = Object.hasOwn(listed, key) ? listed[key] : undefined;
    return [key, kind ? translatedLists(member, (text) => translate(kind, text)) : translated(member, translate)];
  });
  return Object.fromEntries(members) as T;
}

function translatedLists(value: unknown, translate: (text: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => translatedItem(item, translate));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      LISTS.includes(key) ? translatedLists(member, translate) : member,
    ]),
  );
}

function translatedItem(item: unknown, translate: (text: string) => string): unknown {
  if (typeof item === 'string') return WORDS.includes(item) ? item : translate(item);
  if (!isObject(item)) return item;
  return Object.fromEntries(
    Object.entries(item).map(([key, member]) => [
      key,
      IDS.includes(key) && typeof member === 'string' ? translate(member) : member,
    ]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const MARK = 'group:';
const QUOTED = /"(?:[^"]|"")*"|'(?:[^']|'')*'/g;

/** An expression with the groups that it names by id in quotes named by `group:` and their names. */
export function namedExpression(expression: string, { nameOf }: References): string {
  return expression.replaceAll(QUOTED, (quoted) => {
    const id = unquoted(quoted);
    const name = /^00g[0-9A-Za-z]{17}$/.test(id) ? nameOf('group', id) : id;
    return name === id ? quoted : quotedLike(quoted, MARK + name);
  });
}

/** The way back. Throws E0000001 for a group that is not there. */
export function expressionOf(named: string, { idOf }: References): string {
  return named.replaceAll(QUOTED, (quoted) => {
    const text = unquoted(quoted);
    return text.startsWith(MARK) ? quotedLike(quoted, idOf('group', text.slice(MARK.length))) : quoted;
  });
}

// Within quotes, the quote itself is written twice.
function unquoted(quoted: string): string {
  const quote = quoted.charAt(0);
  return quoted.slice(1, -1).replaceAll(quote + quote, quote);
}

function quotedLike(quoted: string, text: string): string {
  const quote = quoted.charAt(0);
  return quote + text.replaceAll(quote, quote + quote) + quote;
}
