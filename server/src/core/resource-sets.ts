// Owns resource sets: what a custom role is held over. A resource is a path of the management API (`/api/v1/users`, one group, the
// people of one group), or a resource name (ORN). Not here: who holds what over a set (role-bindings.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { orgId } from './org.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export type ResourceSet = Row<'resource_sets'>;
export type ResourceSetResource = Row<'resource_set_resources'>;

const MOST_RESOURCES = 1000;

/** Oldest first, from behind `after`. */
export async function listResourceSets(
  env: Env,
  { after, limit }: { after: string | null; limit: number },
): Promise<ResourceSet[]> {
  let query = env.db.selectFrom('resource_sets').selectAll().orderBy('id').limit(limit);
  if (after !== null) query = query.where('id', '>', after);
  return query.execute();
}

/** By its id or label. Throws E0000007. */
export async function getResourceSet(env: Env, idOrLabel: string): Promise<ResourceSet> {
  const rows = await env.db
    .selectFrom('resource_sets')
    .selectAll()
    .where((eb) => eb.or([eb('id', '=', idOrLabel), eb('label_key', '=', textKey(idOrLabel))]))
    .execute();
  const found = rows.find(({ id }) => id === idOrLabel) ?? rows[0];
  if (!found) throw notFound(idOrLabel, 'ResourceSet');
  return found;
}

/** Throws E0000001 for a label that is taken and for what is no resource of this org. */
export async function createResourceSet(
  env: Env,
  given: { label: string; description: string; resources: readonly string[] },
): Promise<ResourceSet> {
  const now = env.now();
  const row = { id: newId(env, idPrefixes.resourceSet), ...named(given), created: now, last_updated: now };
  const resources = await readResources(env, given.resources);
  return refusingTakenName(
    'label_key',
    transact(env, async (env) => {
      await env.db.insertInto('resource_sets').values(row).execute();
      await insertResources(env, row, resources);
      await recordSet(env, row, 'iam.resourceset.create', 'Create resource set', resources);
      return row;
    }),
    'label',
  );
}

/** Label and description; the resources stay. */
export async function renameResourceSet(
  env: Env,
  idOrLabel: string,
  given: { label: string; description: string },
): Promise<ResourceSet> {
  return refusingTakenName(
    'label_key',
    transact(env, async (env) => {
      const row = { ...(await holdResourceSet(env, idOrLabel)), ...named(given), last_updated: env.now() };
      await env.db.updateTable('resource_sets').set(row).where('id', '=', row.id).execute();
      await recordSet(env, row, 'iam.resourceset.update', 'Update resource set');
      return row;
    }),
    'label',
  );
}

/** Deletes a set with all that is held over it. */
export async function deleteResourceSet(env: Env, idOrLabel: string): Promise<void> {
  await transact(env, async (env) => {
    const set = await holdResourceSet(env, idOrLabel);
    await env.db.deleteFrom('role_binding_members').where('resource_set_id', '=', set.id).execute();
    await env.db.deleteFrom('resource_set_resources').where('resource_set_id', '=', set.id).execute();
    await env.db.deleteFrom('resource_sets').where('id', '=', set.id).execute();
    await recordSet(env, set, 'iam.resourceset.delete', 'Delete resource set');
  });
}

export async function listResources(
  env: Env,
  setId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<ResourceSetResource[]> {
  let query = env.db
    .selectFrom('resource_set_resources')
    .selectAll()
    .where('resource_set_id', '=', setId)
    .orderBy('id')
    .limit(limit);
  if (after !== null) query = query.where('id', '>', after);
  return query.execute();
}

/** Throws E0000007. */
export async function getResource(env: Env, setId: string, id: string): Promise<ResourceSetResource> {
  const found = await env.db
    .selectFrom('resource_set_resources')
    .selectAll()
    .where('resource_set_id', '=', setId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!found) throw notFound(id, 'ResourceSetResource');
  return found;
}

/** Adds resources; those that the set has already stay as they are. Answers with all that were named. */
export async function addResources(
  env: Env,
  idOrLabel: string,
  given: readonly string[],
): Promise<{ set: ResourceSet; added: ResourceSetResource[] }> {
  const resources = await readResources(env, given);
  return transact(env, async (env) => {
    const set = await holdResourceSet(env, idOrLabel);
    await insertResources(env, set, resources);
    await recordSet(env, set, 'iam.resourceset.resources.add', 'Add resources to resource set', resources);
    const added = await env.db
      .selectFrom('resource_set_resources')
      .selectAll()
      .where('resource_set_id', '=', set.id)
      .where('resource', 'in', resources)
      .execute();
    return { set, added };
  });
}

/** Throws E0000007. */
export async function removeResource(env: Env, idOrLabel: string, id: string): Promise<void> {
  await transact(env, async (env) => {
    const set = await holdResourceSet(env, idOrLabel);
    const { resource } = await getResource(env, set.id, id);
    await env.db.deleteFrom('resource_set_resources').where('id', '=', id).execute();
    await recordSet(env, set, 'iam.resourceset.resources.delete', 'Delete resource from resource set', [resource]);
  });
}

/** The set, held for this transaction. Throws E0000007. */
export async function holdResourceSet(env: Env, idOrLabel: string): Promise<ResourceSet> {
  const { id } = await getResourceSet(env, idOrLabel);
  const held = await env.db
    .updateTable('resource_sets')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!held) throw notFound(idOrLabel, 'ResourceSet');
  return held;
}

/** How a whole kind of objects is named: `users` is every person of the org. */
const KINDS = {
  users: 'directory',
  groups: 'directory',
  apps: 'idp',
  authorizationServers: 'idp',
  policies: 'idp',
  idps: 'idp',
  customizations: 'idp',
} as const;

const ORN_NAMES: Readonly<Record<string, string>> = {
  authorizationServers: 'authorization_servers',
  idps: 'identity_providers',
};

/** The name (ORN) of a resource, or null for a path that has none. */
export async function ornOf(env: Env, resource: string): Promise<string | null> {
  if (resource.startsWith('orn:')) return resource;
  const [, kind = '', id] = /^\/api\/v1\/(\w+)(?:\/(\w+))?$/.exec(resource) ?? [];
  if (!Object.hasOwn(KINDS, kind)) return null;
  const realm = KINDS[kind as keyof typeof KINDS];
  const whole = `orn:okta:${realm}:${await orgId(env)}:${ORN_NAMES[kind] ?? kind}`;
  return id === undefined ? whole : `${whole}:${id}`;
}

async function readResources(env: Env, given: readonly string[]): Promise<string[]> {
  if (given.length === 0) throw invalid('resources', 'resources: The field cannot be left blank');
  const wholes = new Map<string, string>();
  for (const kind of Object.keys(KINDS)) {
    const path = `/api/v1/${kind}`;
    const orn = await ornOf(env, path);
    if (orn !== null) wholes.set(orn, path);
  }
  return [...new Set(given.map((one) => readResource(env, one, wholes)))];
}

/** As it is kept: a path without the origin, so that it stays right when the org's address changes. */
function readResource(env: Env, given: string, wholes: ReadonlyMap<string, string>): string {
  if (/^orn:[\w:.*-]{1,300}$/.test(given)) return wholes.get(given) ?? pathOfSingle(given, wholes) ?? given;
  const url = URL.parse(given);
  const own = [env.request.origin, new URL(env.config.url).origin];
  if (!url || !own.includes(url.origin) || !/^\/api\/v1\/[\w/-]{1,200}$/.test(url.pathname))
    throw invalid('resources', `resources: ${given.slice(0, 200)} is not a resource of this organization`);
  return url.pathname.replace(/\/+$/, '') + url.search;
}

/** A single group or application by its name is the same as by its path. */
function pathOfSingle(orn: string, wholes: ReadonlyMap<string, string>): string | null {
  const [, whole = '', id] = /^(.+):(\w+)$/.exec(orn) ?? [];
  const kind = wholes.get(whole);
  return id !== undefined && (kind === '/api/v1/groups' || kind === '/api/v1/apps') ? `${kind}/${id}` : null;
}

async function insertResources(env: Env, set: ResourceSet, resources: readonly string[]): Promise<void> {
  for (const resource of resources)
    await env.db
      .insertInto('resource_set_resources')
      .values({
        id: newId(env, idPrefixes.resourceSetResource),
        resource_set_id: set.id,
        resource,
        created: env.now(),
      })
      .onConflict((conflict) => conflict.columns(['resource_set_id', 'resource']).doNothing())
      .execute();
  const { count } = await env.db
    .selectFrom('resource_set_resources')
    .select((eb) => eb.fn.countAll<number | string>().as('count'))
    .where('resource_set_id', '=', set.id)
    .executeTakeFirstOrThrow();
  if (Number(count) > MOST_RESOURCES)
    throw invalid('resources', `resources: There cannot be more than ${MOST_RESOURCES} in a set`);
}

function named({ label, description }: { label: string; description: string }) {
  return { label, label_key: textKey(label), description };
}

async function recordSet(
  env: Env,
  set: ResourceSet,
  eventType: string,
  displayMessage: string,
  resources: readonly string[] = [],
): Promise<void> {
  await record(env, {
    eventType,
    displayMessage,
    target: [{ id: set.id, type: 'RESOURCE_SET', alternateId: set.label, displayName: set.label }],
    ...(resources.length === 0 ? {} : { debugData: { resources: resources.join(',') } }),
  });
}
