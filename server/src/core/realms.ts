// Owns realms: the parts that an org's people are divided into, each with a name and the e-mail domains that it is meant for. Everybody
// is in one; the default one was there from the start. Not here: who is in which (users.ts); a realm gives no rights.
import { sql } from 'kysely';
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { equality, type FilterAttributes, filterToSql, parseFilter, textOperators, timeOperators } from './filter.ts';
import { defaultRealmIdOf, orgId } from './org.ts';
import { invalid, notFound } from './refusal.ts';
import { afterPosition, positionOf, readOrder } from './sorted-list.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export type Realm = Row<'realms'>;
export type ListedRealm = Realm & { position: string };

/** PARTNER: of an organization that one works with. Only the default realm and those that say no more are DEFAULT. */
export type RealmInput = { name: string; realmType: 'DEFAULT' | 'PARTNER'; domains: readonly string[] };

const searchAttributes: FilterAttributes = {
  id: { column: sql.ref('realms.id'), kind: 'exact', operators: equality },
  created: { column: sql.ref('realms.created'), kind: 'time', operators: timeOperators },
  lastUpdated: { column: sql.ref('realms.last_updated'), kind: 'time', operators: timeOperators },
  'profile.name': { column: sql.ref('realms.name'), kind: 'text', operators: textOperators },
  'profile.realmType': { column: sql.ref('realms.realm_type'), kind: 'exact', operators: equality },
};

export async function defaultRealmId(env: Env): Promise<string> {
  return defaultRealmIdOf(await orgId(env));
}

export type RealmListQuery = {
  search?: string | undefined;
  sortBy?: string | undefined;
  sortOrder?: string | undefined;
  after: string | null;
  limit: number;
};

export async function listRealms(env: Env, query: RealmListQuery): Promise<ListedRealm[]> {
  const order = readOrder(searchAttributes, query.sortBy, query.sortOrder);
  let select = env.db
    .selectFrom('realms')
    .selectAll()
    .select((order?.key ?? sql<string | number | null>`null`).as('sort_value'))
    .limit(query.limit);
  if (query.search) select = select.where(filterToSql(parseFilter(query.search), searchAttributes));
  if (order) select = select.orderBy(order.key, order.direction);
  if (query.after !== null) select = select.where(afterPosition(order, sql.ref('realms.id'), query.after));
  const rows = await select.orderBy('realms.id').execute();
  return rows.map(({ sort_value, ...realm }) => ({ ...realm, position: positionOf({ id: realm.id, sort_value }) }));
}

/** Throws E0000007. */
export async function getRealm(env: Env, id: string): Promise<Realm> {
  const realm = await env.db.selectFrom('realms').selectAll().where('id', '=', id).executeTakeFirst();
  if (!realm) throw notFound(id, 'Realm');
  return realm;
}

/** Throws E0000001 when the name is taken. */
export async function createRealm(env: Env, input: RealmInput): Promise<Realm> {
  const now = env.now();
  const row: Realm = { id: newId(env, idPrefixes.realm), ...columnsOf(input), created: now, last_updated: now };
  return refusingTakenName(
    'name_key',
    transact(env, async (env) => {
      await env.db
        .insertInto('realms')
        .values({ ...row, domains: toJson(row.domains) })
        .execute();
      await recordChange(env, row, 'create', 'Create realm');
      return row;
    }),
  );
}

/** Of the default realm the name alone can change. */
export async function replaceRealm(env: Env, id: string, input: RealmInput): Promise<Realm> {
  return refusingTakenName(
    'name_key',
    transact(env, async (env) => {
      const realm = await holdRealm(env, id);
      if (id === (await defaultRealmId(env)) && (input.realmType !== 'DEFAULT' || input.domains.length > 0))
        throw invalid('profile', 'profile: The default realm has neither domains nor another type');
      const columns = { ...columnsOf(input), last_updated: env.now() };
      await env.db
        .updateTable('realms')
        .set({ ...columns, domains: toJson(columns.domains) })
        .where('id', '=', id)
        .execute();
      const changed = { ...realm, ...columns };
      await recordChange(env, changed, 'update', 'Update realm');
      return changed;
    }),
  );
}

/** Deletes a realm that nobody is in. */
export async function deleteRealm(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const realm = await holdRealm(env, id);
    if (id === (await defaultRealmId(env))) throw invalid('realm', 'id: The default realm cannot be deleted');
    const user = await env.db.selectFrom('users').select('id').where('realm_id', '=', id).limit(1).executeTakeFirst();
    if (user) throw invalid('realm', 'id: A realm that users are in cannot be deleted');
    await env.db.deleteFrom('realms').where('id', '=', id).execute();
    await recordChange(env, realm, 'delete', 'Delete realm');
  });
}

/** The realm, held for this transaction: nobody comes into it while it goes. Throws E0000007. */
export async function holdRealm(env: Env, id: string): Promise<Realm> {
  const held = await env.db
    .updateTable('realms')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!held) throw notFound(id, 'Realm');
  return held;
}

function columnsOf({ name, realmType, domains }: RealmInput) {
  const lower = domains.map((domain) => domain.toLowerCase());
  return { name, name_key: textKey(name), realm_type: realmType, domains: [...new Set(lower)] };
}

async function recordChange(env: Env, { id, name }: Realm, what: string, displayMessage: string): Promise<void> {
  const target = [{ id, type: 'Realm', alternateId: 'unknown', displayName: name }];
  await record(env, { eventType: `realm.${what}`, displayMessage, target });
}
