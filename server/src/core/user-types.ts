// Owns types of users: each has attributes of its own beside those of all. One is the default; it was there from the start.
// Not here: the attributes (profile-schemas.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { isUniqueViolation } from '../storage/database.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { getOrg } from './org.ts';
import { deleteSchema } from './profile-schemas.ts';
import { alreadyExists, invalid, notFound } from './refusal.ts';
import { type LogTarget, record } from './system-log.ts';

export type UserType = Row<'user_types'>;

/** Oldest first. */
export async function listUserTypes(env: Env): Promise<UserType[]> {
  return env.db.selectFrom('user_types').selectAll().orderBy('id').execute();
}

/** By id, or `default`. Throws E0000007. */
export async function getUserType(env: Env, asked: string): Promise<UserType> {
  const id = asked === 'default' ? await defaultUserTypeId(env) : asked;
  const type = await env.db.selectFrom('user_types').selectAll().where('id', '=', id).executeTakeFirst();
  if (!type) throw notFound(asked, 'UserType');
  return type;
}

/** The id of the type that a person is of; null asks for the default one. Throws E0000007 for an unknown one. */
export async function userTypeIdOf(env: Env, asked: string | null): Promise<string> {
  const byDefault = await defaultUserTypeId(env);
  if (asked === null || asked === 'default' || asked === byDefault) return byDefault;
  return (await getUserType(env, asked)).id;
}

/** It never changes once it is committed, so it is read once. */
export async function defaultUserTypeId(env: Env): Promise<string> {
  const known = env.memory.of('default-user-type-id', (): { id: string | null } => ({ id: null }));
  if (known.id !== null) return known.id;
  const { default_user_type_id: id } = await getOrg(env);
  if (!env.db.isTransaction) known.id = id;
  return id;
}

/** The schema that a type's people have, by its id. A type and its schema share the end of their ids. */
export function schemaIdOf(typeId: string): string {
  return `${idPrefixes.userSchema}${typeId.slice(3)}`;
}

/** The type whose schema this is: `default`, or the schema's id. Throws E0000007. */
export async function getUserTypeOfSchema(env: Env, schemaId: string): Promise<UserType> {
  if (schemaId === 'default') return getUserType(env, 'default');
  const id = schemaId.startsWith(idPrefixes.userSchema) ? `${idPrefixes.userType}${schemaId.slice(3)}` : '';
  const type = await env.db.selectFrom('user_types').selectAll().where('id', '=', id).executeTakeFirst();
  if (!type) throw notFound(schemaId, 'UserSchema');
  return type;
}

export type UserTypeInput = { name: string; displayName: string; description?: string | null | undefined };

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

export async function createUserType(env: Env, { name, displayName, description }: UserTypeInput): Promise<UserType> {
  if (!NAME.test(name))
    throw invalid('name', 'name: The field must have letters, digits and underscores, and not begin with a digit');
  const now = env.now();
  const by = env.actor?.id ?? 'system';
  const row: UserType = {
    id: newId(env, idPrefixes.userType),
    name,
    display_name: requireText('displayName', displayName),
    description: description ?? null,
    created: now,
    created_by: by,
    last_updated: now,
    last_updated_by: by,
  };
  try {
    return await transact(env, async (env) => {
      await env.db.insertInto('user_types').values(row).execute();
      await recordEvent(env, row, 'directory.non_default_user_profile.create', 'Create user type');
      return row;
    });
  } catch (error) {
    if (isUniqueViolation(error, 'name')) throw alreadyExists('name', 'name');
    throw error;
  }
}

/** What is not given stays. The name, which expressions and scripts use, never changes. */
export async function updateUserType(
  env: Env,
  id: string,
  given: { [K in keyof UserTypeInput]?: UserTypeInput[K] | undefined },
): Promise<UserType> {
  return transact(env, async (env) => {
    const type = await getUserType(env, id);
    if (given.name !== undefined && given.name !== type.name)
      throw invalid('name', 'name: The name of a user type cannot be changed');
    const changed = {
      display_name: requireText('displayName', given.displayName ?? type.display_name),
      description: given.description === undefined ? type.description : given.description,
      last_updated: env.now(),
      last_updated_by: env.actor?.id ?? 'system',
    };
    await env.db.updateTable('user_types').set(changed).where('id', '=', type.id).execute();
    const updated = { ...type, ...changed };
    await recordEvent(env, updated, 'directory.user_profile.update', 'Update user type');
    return updated;
  });
}

export async function deleteUserType(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const type = await holdUserType(env, id);
    if (type.id === (await getOrg(env)).default_user_type_id)
      throw invalid('userType', 'id: The default user type cannot be deleted');
    const user = await env.db
      .selectFrom('users')
      .select('id')
      .where('type_id', '=', type.id)
      .limit(1)
      .executeTakeFirst();
    if (user) throw invalid('userType', 'id: A user type that users have cannot be deleted');
    await deleteSchema(env, type.id);
    await env.db.deleteFrom('user_types').where('id', '=', type.id).execute();
    await recordEvent(env, type, 'directory.non_default_user_profile.delete', 'Delete user type');
  });
}

/** The type, held for this transaction: nobody becomes one of its people while it goes. */
export async function holdUserType(env: Env, id: string): Promise<UserType> {
  const { id: known } = await getUserType(env, id);
  const held = await env.db
    .updateTable('user_types')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('id', '=', known)
    .returningAll()
    .executeTakeFirst();
  if (!held) throw notFound(id, 'UserType');
  return held;
}

function requireText(field: string, text: string): string {
  if (text.trim() === '') throw invalid(field, `${field}: The field cannot be left blank`);
  return text;
}

/** The type as the System Log names it. */
export function userTypeTarget({ id, name, display_name }: UserType): LogTarget {
  return { id, type: 'UserType', alternateId: name, displayName: display_name };
}

async function recordEvent(env: Env, type: UserType, eventType: string, displayMessage: string): Promise<void> {
  await record(env, { eventType, displayMessage, target: [userTypeTarget(type)] });
}
