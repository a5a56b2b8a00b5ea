// Owns linked objects: which relationships between two people there are (a manager and those who have that manager), and who is
// linked to whom. An associated person has one primary person of a relationship, a primary person any number of associated ones.
// Not here: what a link would give (it gives no rights).
import { idPrefixes, newId } from '../base/id.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { type LogTarget, record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';
import { holdUser, userTarget } from './users.ts';

type NameRow = Row<'linked_object_names'>;

/** One end of a relationship. */
export type LinkEnd = { name: string; title: string; description: string | null };
export type LinkedObjectDefinition = { primary: LinkEnd; associated: LinkEnd };

const MOST_DEFINITIONS = 200;
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;

/** All of them, oldest first. */
export async function listLinkedObjectDefinitions(env: Env): Promise<LinkedObjectDefinition[]> {
  const rows = await env.db.selectFrom('linked_object_names').selectAll().orderBy('definition_id').execute();
  return [...Map.groupBy(rows, ({ definition_id }) => definition_id).values()].flatMap(
    (pair) => toDefinition(pair) ?? [],
  );
}

/** The definition that has this name for one of its ends. Throws E0000007. */
export async function getLinkedObjectDefinition(env: Env, name: string): Promise<LinkedObjectDefinition> {
  return definitionOf(env, await getName(env, name));
}

/** Throws E0000001 when one of the names is taken, or there are too many definitions. */
export async function createLinkedObjectDefinition(
  env: Env,
  given: LinkedObjectDefinition,
): Promise<LinkedObjectDefinition> {
  const definitionId = newId(env, idPrefixes.linkedObjectDefinition);
  const rows = (['primary', 'associated'] as const).map((side): NameRow => {
    const { name, title, description } = given[side];
    if (!NAME.test(name))
      throw invalid(
        `${side}.name`,
        `${side}.name: The field must have letters, digits and underscores, and begin with a letter`,
      );
    return { name, definition_id: definitionId, side, title, description };
  });
  if (given.primary.name === given.associated.name)
    throw invalid('associated.name', 'associated.name: The two ends of a relationship need different names');
  return refusingTakenName(
    'name',
    transact(env, async (env) => {
      const { count } = await env.db
        .selectFrom('linked_object_names')
        .select((eb) => eb.fn.countAll().as('count'))
        .where('side', '=', 'primary')
        .executeTakeFirstOrThrow();
      if (Number(count) >= MOST_DEFINITIONS)
        throw invalid('linkedObject', `There cannot be more than ${MOST_DEFINITIONS} linked object definitions`);
      await env.db.insertInto('linked_object_names').values(rows).execute();
      await recordChange(env, given, 'create', 'Create linked object definition');
      return given;
    }),
  );
}

/** Deletes a relationship with every link of it. Throws E0000007. */
export async function deleteLinkedObjectDefinition(env: Env, name: string): Promise<void> {
  await transact(env, async (env) => {
    const row = await holdName(env, name);
    const definition = await definitionOf(env, row);
    await env.db.deleteFrom('linked_objects').where('definition_id', '=', row.definition_id).execute();
    await env.db.deleteFrom('linked_object_names').where('definition_id', '=', row.definition_id).execute();
    await recordChange(env, definition, 'delete', 'Delete linked object definition');
  });
}

/** Links two people; a link to another primary person of this relationship ends. Throws E0000007. */
export async function setLink(
  env: Env,
  { associatedId, primaryName, primaryId }: { associatedId: string; primaryName: string; primaryId: string },
): Promise<void> {
  await transact(env, async (env) => {
    const { definition_id } = await holdPrimaryName(env, primaryName);
    const people = new Map<string, LogTarget>();
    for (const id of [...new Set([associatedId, primaryId])].sort())
      people.set(id, userTarget(await holdUser(env, id)));
    const link = {
      definition_id,
      associated_user_id: associatedId,
      primary_user_id: primaryId,
      created: env.now(),
    };
    const { primary_user_id, created } = link;
    await env.db
      .insertInto('linked_objects')
      .values(link)
      .onConflict((conflict) =>
        conflict.columns(['definition_id', 'associated_user_id']).doUpdateSet({ primary_user_id, created }),
      )
      .execute();
    await recordLink(
      env,
      'set',
      primaryName,
      [associatedId, primaryId].flatMap((id) => people.get(id) ?? []),
    );
  });
}

/** Ends the link of an associated person; does nothing when there is none. Throws E0000007 for a name of no primary end. */
export async function removeLink(env: Env, associatedId: string, primaryName: string): Promise<void> {
  await transact(env, async (env) => {
    const { definition_id } = await holdPrimaryName(env, primaryName);
    const associated = await holdUser(env, associatedId);
    const removed = await env.db
      .deleteFrom('linked_objects')
      .where('definition_id', '=', definition_id)
      .where('associated_user_id', '=', associated.id)
      .returning('primary_user_id')
      .executeTakeFirst();
    if (!removed) return;
    const primary = await env.db
      .selectFrom('users')
      .select(['id', 'login', 'profile'])
      .where('id', '=', removed.primary_user_id)
      .executeTakeFirst();
    await recordLink(env, 'remove', primaryName, [userTarget(associated), ...(primary ? [userTarget(primary)] : [])]);
  });
}

/**
 * Whom a person is linked to: by the name of the primary end their one primary person, by that of the associated end all who have
 * them as primary person, by id. Throws E0000007 for a name of no relationship.
 */
export async function listLinked(env: Env, userId: string, relationshipName: string): Promise<string[]> {
  const { definition_id, side } = await getName(env, relationshipName);
  const links = env.db.selectFrom('linked_objects').where('definition_id', '=', definition_id);
  if (side === 'primary') {
    const rows = await links.select('primary_user_id as id').where('associated_user_id', '=', userId).execute();
    return rows.map(({ id }) => id);
  }
  const rows = await links
    .select('associated_user_id as id')
    .where('primary_user_id', '=', userId)
    .orderBy('associated_user_id')
    .execute();
  return rows.map(({ id }) => id);
}

/** For a person who is being deleted. */
export async function deleteLinksOf(env: Env, userId: string): Promise<void> {
  await env.db
    .deleteFrom('linked_objects')
    .where((eb) => eb.or([eb('associated_user_id', '=', userId), eb('primary_user_id', '=', userId)]))
    .execute();
}

async function getName(env: Env, name: string): Promise<NameRow> {
  const row = await env.db.selectFrom('linked_object_names').selectAll().where('name', '=', name).executeTakeFirst();
  if (!row) throw notFound(name, 'LinkedObject');
  return row;
}

/** The name, held for this transaction: its relationship does not go meanwhile. */
async function holdName(env: Env, name: string): Promise<NameRow> {
  const { definition_id } = await getName(env, name);
  const held = await env.db
    .updateTable('linked_object_names')
    .set((eb) => ({ title: eb.ref('title') }))
    .where('definition_id', '=', definition_id)
    .where('side', '=', 'primary')
    .returning('definition_id')
    .executeTakeFirst();
  if (!held) throw notFound(name, 'LinkedObject');
  return getName(env, name);
}

async function holdPrimaryName(env: Env, name: string): Promise<NameRow> {
  const row = await holdName(env, name);
  if (row.side !== 'primary') throw notFound(name, 'LinkedObject');
  return row;
}

async function definitionOf(env: Env, { name, definition_id }: NameRow): Promise<LinkedObjectDefinition> {
  const pair = await env.db
    .selectFrom('linked_object_names')
    .selectAll()
    .where('definition_id', '=', definition_id)
    .execute();
  const definition = toDefinition(pair);
  if (!definition) throw notFound(name, 'LinkedObject');
  return definition;
}

function toDefinition(pair: readonly NameRow[]): LinkedObjectDefinition | null {
  const primary = pair.find(({ side }) => side === 'primary');
  const associated = pair.find(({ side }) => side === 'associated');
  return primary && associated ? { primary: endOf(primary), associated: endOf(associated) } : null;
}

function endOf({ name, title, description }: NameRow): LinkEnd {
  return { name, title, description };
}

async function recordChange(
  env: Env,
  { primary, associated }: LinkedObjectDefinition,
  what: 'create' | 'delete',
  displayMessage: string,
): Promise<void> {
  await record(env, {
    eventType: `directory.linked_object_definition.${what}`,
    displayMessage,
    target: [{ id: primary.name, type: 'LinkedObject', alternateId: associated.name, displayName: primary.title }],
  });
}

async function recordLink(env: Env, what: 'set' | 'remove', name: string, target: LogTarget[]): Promise<void> {
  await record(env, {
    eventType: `user.linked_object.${what}`,
    displayMessage: what === 'set' ? 'Link user to another' : 'Remove link of user to another',
    target,
    debugData: { linkedObject: name },
  });
}
