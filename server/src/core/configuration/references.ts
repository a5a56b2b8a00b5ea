// Owns the names by which a configuration's parts speak of each other, and the ids behind them in this database.
// An id that nothing has any more is written as it is: leaving it out could turn "these groups" into "everybody".
import type { Env } from '../env.ts';
import { invalid } from '../refusal.ts';
import type { ApplicationPart } from './document.ts';

type Kind = 'group' | 'user' | 'client' | 'hook' | 'server' | 'policy';

export type References = {
  nameOf(kind: Kind, id: string): string;
  /** Throws E0000001 when nothing has the name. */
  idOf(kind: Kind, name: string): string;
};

type Named = { id: string; name: string };

/**
 * As the database stands. `applications`: those that a document is about; their labels come before others. `naming`: rows or parts
 * whose conditions name people, of whom an org has too many to read them all.
 */
export async function readReferences(
  env: Env,
  { applications = [], naming }: { applications?: readonly ApplicationPart[]; naming: unknown },
): Promise<References> {
  const { db } = env;
  const clients = await db.selectFrom('applications').select(['client_id as id', 'label as name']).execute();
  const people = [...new Set(peopleIn(naming))];
  const all: Record<Kind, Named[]> = {
    group: await db.selectFrom('groups').select(['id', 'name']).execute(),
    user:
      people.length === 0
        ? []
        : await db
            .selectFrom('users')
            .select(['id', 'login as name'])
            .where((eb) => eb.or([eb('id', 'in', people), eb('login', 'in', people)]))
            .execute(),
    client: uniqueLabels(clients),
    hook: await db.selectFrom('inline_hooks').select(['id', 'name']).execute(),
    server: await db.selectFrom('authorization_servers').select(['id', 'name']).execute(),
    policy: await db.selectFrom('policies').select(['id', 'name']).where('type', '=', 'ACCESS_POLICY').execute(),
  };
  const names = mapped(all, ({ id, name }) => [id, name]);
  const ids = mapped(all, ({ id, name }) => [name, id]);
  const wanted = applications.map(({ clientId, label }) => ({ id: clientId, name: label }));
  for (const { id, name } of uniqueLabels(wanted)) ids.client.set(name, id);
  for (const { id } of [...clients, ...wanted]) ids.client.set(id, id);
  return {
    nameOf: (kind, id) => names[kind].get(id) ?? id,
    idOf(kind, name) {
      const id = ids[kind].get(name);
      if (id === undefined) throw invalid(kind, `${kind}: There is no ${kind} '${name}'`);
      return id;
    },
  };
}

function mapped(all: Record<Kind, Named[]>, entry: (one: Named) => [string, string]) {
  const of = (kind: Kind) => new Map(all[kind].map(entry));
  return {
    group: of('group'),
    user: of('user'),
    client: of('client'),
    hook: of('hook'),
    server: of('server'),
    policy: of('policy'),
  };
}

/** A label that two applications have, or that is another's client id, names neither. */
function uniqueLabels(clients: readonly Named[]): Named[] {
  const count = new Map<string, number>();
  for (const { id, name } of clients) for (const one of [id, name]) count.set(one, (count.get(one) ?? 0) + 1);
  return clients.filter(({ name }) => count.get(name) === 1);
}

/** Whatever stands in a list of users, at any depth. */
function peopleIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(peopleIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    key === 'users' && typeof member === 'object' && member !== null
      ? Object.values(member)
          .flat()
          .filter((one) => typeof one === 'string')
      : peopleIn(member),
  );
}

type Translate = (kind: 'group' | 'user', text: string) => string;

/** Conditions, settings or actions of an org's policy, with what they name translated. */
export function translated<T>(value: T, translate: Translate): T {
  if (Array.isArray(value)) return value.map((item) => translated(item, translate)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, member]) => {
    const kind = kinds[key];
    return [key, kind ? translatedLists(member, (text) => translate(kind, text)) : translated(member, translate)];
  });
  return Object.fromEntries(members) as T;
}

const kinds: Readonly<Record<string, 'group' | 'user'>> = { users: 'user', groups: 'group', targetGroupIds: 'group' };

function translatedLists(value: unknown, translate: (text: string) => string): unknown {
  if (typeof value === 'string') return translate(value);
  if (Array.isArray(value)) return value.map((item) => translatedLists(item, translate));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, translatedLists(member, translate)]));
}
