// Owns bringing types of users, attributes, groups, people and group rules to what a document says of them. Not here: who administers
// (apply-roles.ts), and the other sections (apply.ts). What goes is named in `later`, which runs when nothing names it any more.
import type { GivenAttribute } from '../attribute-definition.ts';
import { deleteGroup } from '../delete-groups.ts';
import type { Env } from '../env.ts';
import { addUserToGroup, removeUserFromGroup } from '../group-memberships.ts';
import type { GroupRule } from '../group-rule-validity.ts';
import { toGroupRule } from '../group-rule-validity.ts';
import {
  activateGroupRule,
  createGroupRule,
  deactivateGroupRule,
  deleteGroupRule,
  replaceGroupRule,
} from '../group-rules.ts';
import { createGroup, updateGroup } from '../groups.ts';
import { changeSchema, groupSchemaOwner, type SchemaOwner, standardAttributes } from '../profile-schemas.ts';
import type { LogTarget } from '../system-log.ts';
import {
  createUserType,
  defaultUserTypeId,
  deleteUserType,
  listUserTypes,
  updateUserType,
  userTypeTarget,
} from '../user-types.ts';
import { changeProfile, createUser, findUserByLogin, holdUser } from '../users.ts';
import {
  type AttributePart,
  type AttributesPart,
  type GroupPart,
  type GroupRulePart,
  isSame,
  type UserPart,
  type UserTypePart,
} from './document.ts';
import { exportAttributes } from './export-directory.ts';
import { matched } from './match.ts';
import { expressionOf, type References } from './references.ts';

export type Later = (env: Env) => Promise<void>;

export async function applyUserTypes(env: Env, wanted: readonly UserTypePart[], later: Later[]): Promise<void> {
  const usual = await defaultUserTypeId(env);
  const { pairs, surplus } = matched(await listUserTypes(env), wanted, nameOf, nameOf);
  for (const { has, wanted: part } of pairs) {
    const { name, displayName, description } = part;
    const type = has ?? (await createUserType(env, { name, displayName, description }));
    if (type.display_name !== displayName || type.description !== description)
      await updateUserType(env, type.id, { displayName, description });
    await applyAttributes(env, { kind: 'user', id: type.id }, part, userTypeTarget(type));
  }
  for (const { id } of surplus) if (id !== usual) later.push((env) => deleteUserType(env, id));
}

export async function applyGroupAttributes(env: Env, wanted: AttributesPart): Promise<void> {
  const target = { id: 'group', type: 'GroupSchema', alternateId: 'group', displayName: 'Group' };
  await applyAttributes(env, groupSchemaOwner, wanted, target);
}

export async function applyAttributes(
  env: Env,
  owner: SchemaOwner,
  wanted: AttributesPart,
  target: LogTarget,
): Promise<void> {
  const said = await exportAttributes(env, owner);
  const custom = changed(said.attributes, wanted.attributes, definitionOf, () => null);
  const usual = (name: string): GivenAttribute => {
    const standard: GivenAttribute = standardAttributes(owner)[name] ?? {};
    return Object.fromEntries(CHANGEABLE.map((member) => [member, standard[member] ?? null]));
  };
  const base = changed(
    said.baseAttributes,
    wanted.baseAttributes,
    (part) => ({ ...usual(part.name), ...definitionOf(part) }),
    usual,
  );
  if (Object.keys({ ...custom, ...base }).length > 0) await changeSchema(env, owner, { base, custom }, target);
}

/** What may be said anew of an attribute that every profile has. */
const CHANGEABLE = ['permissions', 'master', 'required', 'minLength', 'maxLength', 'pattern', 'unique'] as const;

function changed<T>(
  said: readonly AttributePart[],
  wanted: readonly AttributePart[],
  given: (part: AttributePart) => GivenAttribute,
  gone: (name: string) => T,
): Record<string, GivenAttribute | T> {
  const kept = wanted.filter((part) => !said.some((one) => isSame(one, part)));
  const lost = said.filter(({ name }) => !wanted.some((part) => part.name === name));
  return Object.fromEntries([
    ...lost.map(({ name }) => [name, gone(name)] as const),
    ...kept.map((part) => [part.name, given(part)] as const),
  ]);
}

function definitionOf({ name: _, ...definition }: AttributePart): GivenAttribute {
  return definition;
}

function nameOf({ name }: { name: string }): string {
  return name;
}

function keyOf({ name }: { name: string }): string {
  return name.toLowerCase();
}

export async function applyGroups(
  env: Env,
  before: readonly GroupPart[],
  wanted: readonly GroupPart[],
  later: Later[],
): Promise<void> {
  const rows = await env.db.selectFrom('groups').select(['id', 'name']).where('type', '=', 'OKTA_GROUP').execute();
  const { pairs, surplus } = matched(rows, wanted, keyOf, keyOf);
  for (const { has, wanted: part } of pairs) {
    const profile = { ...part.profile, name: part.name, description: part.description };
    if (!has) await createGroup(env, profile);
    else if (!before.some((said) => isSame(said, part))) await updateGroup(env, has.id, profile);
  }
  for (const { id } of surplus) later.push((env) => deleteGroup(env, id));
}

/** People are added and changed, never removed: a person who is missing from a file may still be somebody. */
export async function applyUsers(
  env: Env,
  before: readonly UserPart[],
  wanted: readonly UserPart[],
  names: References,
): Promise<void> {
  const usual = await defaultUserTypeId(env);
  const rows = await env.db.selectFrom('groups').select(['id', 'name']).where('type', '=', 'OKTA_GROUP').execute();
  const groups = new Map(rows.map(({ id, name }) => [name, id]));
  const known = new Map(before.map((said) => [said.login.toLowerCase(), said]));
  // Nobody leaves before all have joined: an administrator may hand over to another.
  const leaving: { userId: string; name: string }[] = [];
  for (const part of wanted) {
    const said = known.get(part.login.toLowerCase());
    if (said && isSame(said, { ...part, groups: part.groups.toSorted() })) continue;
    const profile = { ...part.profile, login: part.login };
    const typeId = part.type === undefined ? usual : names.idOf('userType', part.type);
    const found = said ? await findUserByLogin(env, part.login) : null;
    const user = found ?? (await createUser(env, { profile, activate: true, typeId }));
    const isOther = said && !isSame([said.profile, said.type], [part.profile, part.type]);
    if (isOther) await changeProfile(env, await holdUser(env, user.id), { profile, how: 'replace', typeId });
    const leaves = (said?.groups ?? []).filter((name) => !part.groups.includes(name));
    const joins = part.groups.filter((name) => !said?.groups.includes(name));
    for (const name of joins) await addUserToGroup(env, groups.get(name) ?? name, user.id);
    leaving.push(...leaves.map((name) => ({ userId: user.id, name })));
  }
  for (const { userId, name } of leaving) await removeUserFromGroup(env, groups.get(name) ?? name, userId);
}

/** A rule that goes takes those along whom it alone put into groups. */
export async function applyGroupRules(
  env: Env,
  before: readonly GroupRulePart[],
  wanted: readonly GroupRulePart[],
  names: References,
): Promise<void> {
  const rows = await env.db.selectFrom('group_rules').selectAll().orderBy('id').execute();
  const { pairs, surplus } = matched(rows.map(toGroupRule), wanted, keyOf, keyOf);
  for (const { id } of surplus) await deleteGroupRule(env, id, { removeUsers: true });
  for (const { has, wanted: part } of pairs) {
    const said = before.find(({ name }) => name === has?.name);
    if (said && isSame(said, inOrder(part))) continue;
    await applyGroupRule(env, has, part, names);
  }
}

function inOrder(part: GroupRulePart): GroupRulePart {
  const { groups, excludedUsers, excludedGroups } = part;
  return {
    ...part,
    groups: groups.toSorted(),
    excludedUsers: excludedUsers.toSorted(),
    excludedGroups: excludedGroups.toSorted(),
  };
}

async function applyGroupRule(env: Env, has: GroupRule | null, part: GroupRulePart, names: References): Promise<void> {
  const input = {
    name: part.name,
    expression: expressionOf(part.expression, names),
    groupIds: part.groups.map((name) => names.idOf('group', name)),
    excludedUserIds: part.excludedUsers.map((name) => names.idOf('user', name)),
    excludedGroupIds: part.excludedGroups.map((name) => names.idOf('group', name)),
  };
  // Which groups a rule fills never changes: it is another rule.
  const isOther = has !== null && new Set(has.group_ids).symmetricDifference(new Set(input.groupIds)).size > 0;
  if (isOther) await deleteGroupRule(env, has.id, { removeUsers: true });
  const rule = has === null || isOther ? await createGroupRule(env, input) : has;
  let { status } = rule;
  const asks = (one: GroupRule | typeof input) =>
    'group_ids' in one
      ? [one.name, one.expression, one.excluded_user_ids.toSorted(), one.excluded_group_ids.toSorted()]
      : [one.name, one.expression, one.excludedUserIds.toSorted(), one.excludedGroupIds.toSorted()];
  if (!isSame(asks(rule), asks(input))) {
    await deactivateGroupRule(env, rule.id);
    await replaceGroupRule(env, rule.id, input);
    status = 'INACTIVE';
  }
  if (part.status === 'ACTIVE' && status !== 'ACTIVE') await activateGroupRule(env, rule.id);
  if (part.status === 'INACTIVE' && status !== 'INACTIVE') await deactivateGroupRule(env, rule.id);
}
