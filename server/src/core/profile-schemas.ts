// Owns which attributes profiles have: those of the kind, as an administrator changed them, and those that an administrator
// added, by whose profiles they are of: a user type, the groups, an application. And the values that must be unique among the
// people of a type. Not here: what an attribute is (profile-attributes.ts) and how a definition is read (attribute-definition.ts).
import { textKey } from '../base/text-key.ts';
import { isUniqueViolation, withoutMember } from '../storage/database.ts';
import { prepared } from '../storage/prepared.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import {
  type AttributeKind,
  changedBaseAttribute,
  type GivenAttribute,
  readAttribute,
} from './attribute-definition.ts';
import { applicationBaseAttributes, groupBaseAttributes, userBaseAttributes } from './base-attributes.ts';
import { type Env, transact } from './env.ts';
import { forgetMapped } from './mapping-changes.ts';
import { isUnique, type ProfileAttribute, type ProfileAttributes } from './profile-attributes.ts';
import { forgetProfileWords } from './profile-words.ts';
import { alreadyExists, invalid } from './refusal.ts';
import { type LogTarget, record } from './system-log.ts';

/** Whose profiles a schema is of. `id`: a user type's, an application's; of all groups there is one. */
export type SchemaOwner =
  | { kind: 'user'; id: string }
  | { kind: 'group'; id: 'group' }
  | { kind: 'app'; id: string; signOnMode: string };

export type ProfileSchema = { base: ProfileAttributes; custom: ProfileAttributes; lastUpdated: number | null };

export const groupSchemaOwner: SchemaOwner = { kind: 'group', id: 'group' };

type SchemaRow = Row<'profile_schemas'>;

const schemaOf = prepared((db, { owner }: { owner: string }) =>
  db.selectFrom('profile_schemas').selectAll().where('owner', '=', owner),
);

export async function findSchema(env: Env, owner: SchemaOwner): Promise<ProfileSchema> {
  const [row] = await schemaOf(env.db, { owner: owner.id });
  return { base: baseOf(owner, row), custom: customOf(row), lastUpdated: row?.last_updated ?? null };
}

/** Every attribute of a person of this type. */
export async function userAttributes(env: Env, typeId: string): Promise<ProfileAttributes> {
  const { base, custom } = await findSchema(env, { kind: 'user', id: typeId });
  return { ...base, ...custom };
}

/** The attributes that were added to any type of user; where types disagree about a name, the oldest type's. */
export async function customUserAttributes(env: Env): Promise<ProfileAttributes> {
  const rows = await env.db
    .selectFrom('profile_schemas')
    .selectAll()
    .where('kind', '=', 'user')
    .orderBy('owner', 'desc')
    .execute();
  return Object.assign({}, ...rows.map(customOf));
}

/** The attributes that profiles have from the start, before anybody changed them. */
export function standardAttributes(owner: SchemaOwner): ProfileAttributes {
  if (owner.kind === 'user') return userBaseAttributes;
  return owner.kind === 'group' ? groupBaseAttributes : applicationBaseAttributes(owner.signOnMode);
}

function baseOf(owner: SchemaOwner, row: SchemaRow | undefined): ProfileAttributes {
  return { ...standardAttributes(owner), ...(row?.base as ProfileAttributes | undefined) };
}

function customOf(row: SchemaRow | undefined): ProfileAttributes {
  return (row?.custom ?? {}) as ProfileAttributes;
}

/** Definitions by name; null takes a custom attribute away, and its values with it. What is not named stays. */
export type SchemaChange = {
  base: Readonly<Record<string, GivenAttribute | null>>;
  custom: Readonly<Record<string, GivenAttribute | null>>;
};

const eventTypes: Record<AttributeKind, string> = {
  user: 'directory.user_profile.update',
  group: 'directory.user_profile.update',
  app: 'directory.app_user_profile.update',
};

export async function changeSchema(
  env: Env,
  owner: SchemaOwner,
  change: SchemaChange,
  target: LogTarget,
): Promise<ProfileSchema> {
  return transact(env, async (env) => {
    const row = await holdSchema(env, owner);
    const base = changedBase(owner, baseOf(owner, row), change.base);
    const before = customOf(row);
    const custom = changedCustom(owner, base, before, change.custom);
    const last_updated = env.now();
    const changedNames = Object.keys(change.base).map((name): [string, unknown] => [name, base[name]]);
    await env.db
      .updateTable('profile_schemas')
      .set({
        base: toJson({ ...row.base, ...Object.fromEntries(changedNames) }),
        custom: toJson({ ...custom }),
        last_updated,
      })
      .where('owner', '=', owner.id)
      .execute();
    if (owner.kind === 'user') await followUserSchema(env, owner.id, before, custom);
    if (owner.kind === 'app') await forgetMapped(env, owner.id, gone(before, custom));
    await record(env, {
      eventType: eventTypes[owner.kind],
      displayMessage: 'Update profile schema',
      target: [target],
      debugData: { attributes: Object.keys({ ...change.base, ...change.custom }).join(',') },
    });
    return { base, custom, lastUpdated: last_updated };
  });
}

function gone(before: ProfileAttributes, after: ProfileAttributes): string[] {
  return Object.keys(before).filter((name) => !Object.hasOwn(after, name));
}

async function holdSchema(env: Env, { id, kind }: SchemaOwner): Promise<SchemaRow> {
  const now = env.now();
  await env.db
    .insertInto('profile_schemas')
    .values({ owner: id, kind, base: toJson({}), custom: toJson({}), created: now, last_updated: now })
    .onConflict((conflict) => conflict.column('owner').doNothing())
    .execute();
  return env.db
    .updateTable('profile_schemas')
    .set({ last_updated: now })
    .where('owner', '=', id)
    .returningAll()
    .executeTakeFirstOrThrow();
}

function changedBase({ kind }: SchemaOwner, base: ProfileAttributes, change: SchemaChange['base']): ProfileAttributes {
  const changed = Object.entries(change).map(([name, given]): [string, ProfileAttribute] => {
    const before = Object.hasOwn(base, name) ? base[name] : undefined;
    if (!before) throw invalid('definitions.base', `${name}: There is no base property of this name`);
    if (given === null) throw invalid('definitions.base', `${name}: A base property cannot be removed`);
    return [name, changedBaseAttribute(name, before, given, kind)];
  });
  return { ...base, ...Object.fromEntries(changed) };
}

function changedCustom(
  { kind }: SchemaOwner,
  base: ProfileAttributes,
  before: ProfileAttributes,
  change: SchemaChange['custom'],
): ProfileAttributes {
  const custom: Record<string, ProfileAttribute> = { ...before };
  for (const [name, given] of Object.entries(change)) {
    if (given === null) {
      delete custom[name];
      continue;
    }
    if (Object.hasOwn(base, name)) throw invalid(name, `${name}: A base property of this name exists`);
    const attribute = readAttribute(name, given, kind);
    const known = Object.hasOwn(custom, name) ? custom[name] : undefined;
    if (known && (known.type !== attribute.type || known.items?.type !== attribute.items?.type))
      throw invalid(`${name}.type`, `${name}.type: The type of a property cannot be changed`);
    custom[name] = attribute;
  }
  return custom;
}

/** Takes away values whose attribute is gone, and watches over those that are unique from now on. */
async function followUserSchema(env: Env, typeId: string, before: ProfileAttributes, after: ProfileAttributes) {
  for (const name of Object.keys(before)) {
    const attribute = after[name];
    if (!attribute) {
      await env.db
        .updateTable('users')
        .set({ profile: withoutMember(env.db, 'users.profile', name) })
        .where('type_id', '=', typeId)
        .execute();
      await forgetProfileWords(env, typeId, name);
    }
    if (!attribute || !isUnique(attribute)) await forgetUniqueValues(env, typeId, name);
  }
  for (const [name, attribute] of Object.entries(after)) {
    const known = before[name];
    if (isUnique(attribute) && !(known && isUnique(known))) await collectUniqueValues(env, typeId, name);
  }
}

const BATCH = 500;

async function collectUniqueValues(env: Env, typeId: string, name: string): Promise<void> {
  let after = '';
  for (;;) {
    const users = await env.db
      .selectFrom('users')
      .select(['id', 'profile'])
      .where('type_id', '=', typeId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(BATCH)
      .execute();
    for (const { id, profile } of users) await claimValue(env, { typeId, userId: id, name, value: profile[name] });
    const last = users.at(-1);
    if (!last || users.length < BATCH) return;
    after = last.id;
  }
}

async function forgetUniqueValues(env: Env, typeId: string, name: string): Promise<void> {
  await env.db
    .deleteFrom('unique_profile_values')
    .where('type_id', '=', typeId)
    .where('attribute', '=', name)
    .execute();
}

type Claim = { typeId: string; userId: string; name: string; value: unknown };

/** Throws E0000001 when another person of the type has the value. */
async function claimValue(env: Env, { typeId, userId, name, value }: Claim): Promise<void> {
  if (value === undefined || value === null || value === '') return;
  const row = { user_id: userId, type_id: typeId, attribute: name, value_key: textKey(String(value)) };
  try {
    await env.db.insertInto('unique_profile_values').values(row).execute();
  } catch (error) {
    if (isUniqueViolation(error, 'value_key')) throw alreadyExists(name, name);
    throw error;
  }
}

/** Takes the person's unique values for them. Call it in the transaction that writes the profile. */
export async function claimUniqueValues(
  env: Env,
  user: { id: string; type_id: string; profile: Readonly<Record<string, unknown>> },
  attributes: ProfileAttributes,
): Promise<void> {
  const unique = Object.keys(attributes).filter((name) => isUnique(attributes[name] as ProfileAttribute));
  if (unique.length === 0) return;
  await releaseUniqueValues(env, user.id);
  for (const name of unique)
    await claimValue(env, { typeId: user.type_id, userId: user.id, name, value: user.profile[name] });
}

export async function releaseUniqueValues(env: Env, userId: string): Promise<void> {
  await env.db.deleteFrom('unique_profile_values').where('user_id', '=', userId).execute();
}

/** Forgets the schema of what is deleted. */
export async function deleteSchema(env: Env, ownerId: string): Promise<void> {
  await env.db.deleteFrom('profile_schemas').where('owner', '=', ownerId).execute();
}
