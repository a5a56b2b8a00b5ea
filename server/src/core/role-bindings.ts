// Owns who holds a custom role over a resource set: people, and groups for their members. The members of one role over one set are
// its binding; there is no binding without members. Not here: what that opens (custom-role-rights.ts).
import { idPrefixes, newId } from '../base/id.ts';
import type { Row } from '../storage/tables.ts';
import { type CustomRole, getCustomRole, holdCustomRole } from './custom-roles.ts';
import { type Env, transact } from './env.ts';
import { getGroup } from './groups.ts';
import { invalid, notFound } from './refusal.ts';
import { getResourceSet, holdResourceSet, type ResourceSet } from './resource-sets.ts';
import { record } from './system-log.ts';
import { getUser } from './users.ts';

export type BindingMember = Row<'role_binding_members'>;
export type Binding = { set: ResourceSet; role: CustomRole };
export type Member = { userId: string } | { groupId: string };
/** With the label of its role. */
export type HeldCustomRole = BindingMember & { label: string };
type Page = { after: string | null; limit: number };

/** The ids of the roles that somebody holds over the set, in order, from behind `after`. */
export async function listBoundRoles(env: Env, setId: string, { after, limit }: Page): Promise<string[]> {
  let query = env.db
    .selectFrom('role_binding_members')
    .select('role_id')
    .distinct()
    .where('resource_set_id', '=', setId)
    .orderBy('role_id')
    .limit(limit);
  if (after !== null) query = query.where('role_id', '>', after);
  return (await query.execute()).map(({ role_id }) => role_id);
}

/** Throws E0000007 when nobody holds this role over the set. */
export async function getBinding(env: Env, setIdOrLabel: string, roleIdOrLabel: string): Promise<Binding> {
  const set = await getResourceSet(env, setIdOrLabel);
  const role = await getCustomRole(env, roleIdOrLabel);
  if ((await listMembers(env, { set, role }, { after: null, limit: 1 })).length === 0)
    throw notFound(roleIdOrLabel, 'RoleResourceSetBinding');
  return { set, role };
}

export async function listMembers(env: Env, { set, role }: Binding, { after, limit }: Page): Promise<BindingMember[]> {
  let query = env.db
    .selectFrom('role_binding_members')
    .selectAll()
    .where('resource_set_id', '=', set.id)
    .where('role_id', '=', role.id)
    .orderBy('id')
    .limit(limit);
  if (after !== null) query = query.where('id', '>', after);
  return query.execute();
}

/** Throws E0000007. */
export async function getMember(env: Env, { set, role }: Binding, id: string): Promise<BindingMember> {
  const found = await env.db
    .selectFrom('role_binding_members')
    .selectAll()
    .where('id', '=', id)
    .where('resource_set_id', '=', set.id)
    .where('role_id', '=', role.id)
    .executeTakeFirst();
  if (!found) throw notFound(id, 'Member');
  return found;
}

/** Gives the role over the set; members that hold it already keep it. Throws E0000007 and E0000001. */
export async function bindMembers(
  env: Env,
  setIdOrLabel: string,
  roleIdOrLabel: string,
  members: readonly Member[],
): Promise<Binding> {
  if (members.length === 0) throw invalid('members', 'members: The field cannot be left blank');
  return transact(env, async (env) => {
    const role = await holdCustomRole(env, roleIdOrLabel);
    const set = await holdResourceSet(env, setIdOrLabel);
    for (const member of members) await bindMember(env, { set, role }, member);
    return { set, role };
  });
}

async function bindMember(env: Env, binding: Binding, member: Member): Promise<void> {
  const { set, role } = binding;
  const holder =
    'userId' in member
      ? { user_id: (await getUser(env, member.userId)).id, group_id: null }
      : { user_id: null, group_id: (await getGroup(env, member.groupId)).id };
  const known = await env.db
    .selectFrom('role_binding_members')
    .select('id')
    .where('resource_set_id', '=', set.id)
    .where('role_id', '=', role.id)
    .where(holder.user_id === null ? 'group_id' : 'user_id', '=', holder.user_id ?? holder.group_id)
    .executeTakeFirst();
  if (known) return;
  const id = newId(env, idPrefixes.roleBindingMember);
  const row = { id, resource_set_id: set.id, role_id: role.id, ...holder, created: env.now() };
  await env.db.insertInto('role_binding_members').values(row).execute();
  await recordMember(env, binding, row, 'iam.resourceset.bindings.add', 'Add member to resource set binding');
}

/** Throws E0000007. */
export async function unbindMember(env: Env, setIdOrLabel: string, roleIdOrLabel: string, id: string): Promise<void> {
  await transact(env, async (env) => {
    const binding = await getBinding(env, setIdOrLabel, roleIdOrLabel);
    await unbind(env, binding, await getMember(env, binding, id));
  });
}

/** Takes the role over this set away from everybody. Throws E0000007. */
export async function deleteBinding(env: Env, setIdOrLabel: string, roleIdOrLabel: string): Promise<void> {
  await transact(env, async (env) => {
    const binding = await getBinding(env, setIdOrLabel, roleIdOrLabel);
    for (const member of await listMembers(env, binding, { after: null, limit: Number.MAX_SAFE_INTEGER }))
      await unbind(env, binding, member);
  });
}

async function unbind(env: Env, binding: Binding, member: BindingMember): Promise<void> {
  await env.db.deleteFrom('role_binding_members').where('id', '=', member.id).execute();
  await recordMember(
    env,
    binding,
    member,
    'iam.resourceset.bindings.delete',
    'Delete member from resource set binding',
  );
}

/** Each with its role, as the lists of roles show it: given to this person or group itself. */
export async function customRolesOf(env: Env, member: Member): Promise<HeldCustomRole[]> {
  const [column, id] =
    'userId' in member ? (['user_id', member.userId] as const) : (['group_id', member.groupId] as const);
  return withLabels(env).where(column, '=', id).execute();
}

/** The same with those that the person has through groups. */
export async function customRolesOfUser(env: Env, userId: string): Promise<HeldCustomRole[]> {
  return withLabels(env)
    .where((eb) =>
      eb.or([
        eb('user_id', '=', userId),
        eb('group_id', 'in', eb.selectFrom('group_memberships').select('group_id').where('user_id', '=', userId)),
      ]),
    )
    .execute();
}

const withLabels = (env: Env) =>
  env.db
    .selectFrom('role_binding_members')
    .innerJoin('custom_roles', 'custom_roles.id', 'role_binding_members.role_id')
    .selectAll('role_binding_members')
    .select('custom_roles.label')
    .orderBy('role_binding_members.id');

async function recordMember(
  env: Env,
  { set, role }: Binding,
  { user_id, group_id }: Pick<BindingMember, 'user_id' | 'group_id'>,
  eventType: string,
  displayMessage: string,
): Promise<void> {
  const member =
    user_id !== null
      ? { id: user_id, type: 'User', alternateId: user_id, displayName: user_id }
      : { id: group_id ?? '', type: 'UserGroup', alternateId: 'unknown', displayName: group_id ?? '' };
  await record(env, {
    eventType,
    displayMessage,
    target: [
      { id: set.id, type: 'RESOURCE_SET', alternateId: set.label, displayName: set.label },
      { id: role.id, type: 'ROLE', alternateId: role.label, displayName: role.label },
      member,
    ],
  });
}
