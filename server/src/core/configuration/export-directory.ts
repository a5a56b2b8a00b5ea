// Owns reading the sections about people and groups out of the database: types, attributes, groups, people, rules, roles. Not here: the
// other sections (export.ts).
import type { Env } from '../env.ts';
import { toGroupRule } from '../group-rule-validity.ts';
import type { ProfileAttributes } from '../profile-attributes.ts';
import { findSchema, groupSchemaOwner, type SchemaOwner, standardAttributes } from '../profile-schemas.ts';
import { isRoleType, type RoleType, roles } from '../roles.ts';
import { defaultUserTypeId, listUserTypes } from '../user-types.ts';
import { byName, compare } from './compare.ts';
import {
  type AdministratorPart,
  type AttributePart,
  type AttributesPart,
  type GroupPart,
  type GroupRulePart,
  isSame,
  type RolePart,
  type UserPart,
  type UserTypePart,
} from './document.ts';
import { namedExpression, type References } from './references.ts';

export async function exportUserTypes(env: Env): Promise<UserTypePart[]> {
  const parts: UserTypePart[] = [];
  for (const { id, name, display_name: displayName, description } of await listUserTypes(env))
    parts.push({ name, displayName, description, ...(await exportAttributes(env, { kind: 'user', id })) });
  return byName(parts);
}

export async function exportAttributes(env: Env, owner: SchemaOwner): Promise<AttributesPart> {
  const { base, custom } = await findSchema(env, owner);
  const standard = standardAttributes(owner);
  return {
    attributes: partsOf(custom),
    baseAttributes: partsOf(base).filter(({ name, ...said }) => !isSame(said, standard[name])),
  };
}

function partsOf(attributes: ProfileAttributes): AttributePart[] {
  return byName(Object.entries(attributes).map(([name, attribute]) => ({ name, ...attribute })));
}

export async function exportGroups(env: Env): Promise<GroupPart[]> {
  const { custom } = await findSchema(env, groupSchemaOwner);
  const rows = await env.db.selectFrom('groups').selectAll().where('type', '=', 'OKTA_GROUP').execute();
  return byName(
    rows.map(({ name, profile }) => {
      const { description } = profile;
      // What an attribute that is gone has left behind is no part of a profile.
      const added = Object.entries(profile).filter(([key]) => Object.hasOwn(custom, key));
      return {
        name,
        description: typeof description === 'string' ? description : null,
        ...(added.length > 0 ? { profile: Object.fromEntries(added) } : {}),
      };
    }),
  );
}

export async function exportUsers(env: Env, { nameOf }: References): Promise<UserPart[]> {
  const usual = await defaultUserTypeId(env);
  const users = await env.db
    .selectFrom('users')
    .select(['id', 'login', 'profile', 'type_id'])
    .orderBy('login_key')
    .execute();
  const memberships = await env.db
    .selectFrom('group_memberships')
    .innerJoin('groups', 'groups.id', 'group_memberships.group_id')
    .select(['group_memberships.user_id', 'groups.name'])
    .where('groups.type', '=', 'OKTA_GROUP')
    // What a rule gave comes back with the rule.
    .where('group_memberships.source', '=', 'DIRECT')
    .orderBy('groups.name')
    .execute();
  const groups = Map.groupBy(memberships, ({ user_id }) => user_id);
  return users.map(({ id, login, profile, type_id }) => {
    const { login: _, ...rest } = profile;
    const type = type_id === usual ? {} : { type: nameOf('userType', type_id) };
    return { login, ...type, profile: rest, groups: (groups.get(id) ?? []).map(({ name }) => name).sort() };
  });
}

export async function exportGroupRules(env: Env, references: References): Promise<GroupRulePart[]> {
  const { nameOf } = references;
  const rows = await env.db.selectFrom('group_rules').selectAll().execute();
  return byName(
    rows.map(toGroupRule).map((rule) => ({
      name: rule.name,
      status: rule.status,
      expression: namedExpression(rule.expression, references),
      groups: rule.group_ids.map((id) => nameOf('group', id)).sort(),
      excludedUsers: rule.excluded_user_ids.map((id) => nameOf('user', id)).sort(),
      excludedGroups: rule.excluded_group_ids.map((id) => nameOf('group', id)).sort(),
    })),
  );
}

/** What groups and clients hold, by role. Roles with targets are left out: read back, they would open the whole org. */
export async function exportRoles(env: Env, { nameOf }: References): Promise<RolePart[]> {
  const rows = await env.db
    .selectFrom('role_assignments')
    .selectAll()
    .where('user_id', 'is', null)
    .where('limited', '=', 0)
    .execute();
  const types = (Object.keys(roles) as RoleType[]).sort();
  return types
    .map((type) => {
      const held = rows.filter((row) => row.type === type);
      const groups = held.flatMap(({ group_id }) => (group_id === null ? [] : [nameOf('group', group_id)]));
      const clients = held.flatMap(({ client_id }) => (client_id === null ? [] : [client_id]));
      return { type, groups: groups.sort(), clients: clients.sort() };
    })
    .filter(({ groups, clients }) => groups.length + clients.length > 0);
}

export async function exportAdministrators(env: Env): Promise<AdministratorPart[]> {
  const rows = await env.db
    .selectFrom('role_assignments')
    .innerJoin('users', 'users.id', 'role_assignments.user_id')
    .select(['users.login', 'role_assignments.type'])
    .where('role_assignments.limited', '=', 0)
    .where('role_assignments.limited', '=', 0)
    .execute();
  return [...Map.groupBy(rows, ({ login }) => login)]
    .map(([login, held]) => ({
      login,
      roles: held
        .map(({ type }) => type)
        .filter(isRoleType)
        .sort(),
    }))
    .filter((part) => part.roles.length > 0)
    .sort((one, other) => compare(one.login, other.login));
}
