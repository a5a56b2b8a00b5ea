// Owns custom administrator roles: a label and the permissions that it stands for. Not here: over what they are held (resource-sets.ts),
// by whom (role-bindings.ts), and what a permission opens (custom-role-rights.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export type CustomRole = Row<'custom_roles'>;
export type RolePermission = CustomRole['permissions'][number];

/** `okta.users.manage`, `okta.users.credentials.resetPassword`. One that Gatehouse does not know is kept and opens nothing. */
const PERMISSION = /^okta(\.[A-Za-z][A-Za-z0-9]*){2,5}$/;
const MOST_PERMISSIONS = 200;

/** Oldest first, from behind `after`. */
export async function listCustomRoles(
  env: Env,
  { after, limit }: { after: string | null; limit: number },
): Promise<CustomRole[]> {
  let query = env.db.selectFrom('custom_roles').selectAll().orderBy('id').limit(limit);
  if (after !== null) query = query.where('id', '>', after);
  return query.execute();
}

/** By its id or label. Throws E0000007. */
export async function getCustomRole(env: Env, idOrLabel: string): Promise<CustomRole> {
  const rows = await env.db
    .selectFrom('custom_roles')
    .selectAll()
    .where((eb) => eb.or([eb('id', '=', idOrLabel), eb('label_key', '=', textKey(idOrLabel))]))
    .execute();
  const found = rows.find(({ id }) => id === idOrLabel) ?? rows[0];
  if (!found) throw notFound(idOrLabel, 'CustomRole');
  return found;
}

/** Throws E0000001 for a label that is taken and for what is no permission. */
export async function createCustomRole(
  env: Env,
  given: { label: string; description: string; permissions: readonly string[] },
): Promise<CustomRole> {
  const now = env.now();
  const row: CustomRole = {
    id: newId(env, idPrefixes.customRole),
    ...named(given),
    permissions: [...new Set(given.permissions)].map((label) => permission(label, now)),
    created: now,
    last_updated: now,
  };
  requireFew(row.permissions);
  return refusingTakenName(
    'label_key',
    transact(env, async (env) => {
      await env.db
        .insertInto('custom_roles')
        .values({ ...row, permissions: toJson(row.permissions) })
        .execute();
      await recordRole(env, row, 'iam.role.create', 'Create custom role');
      return row;
    }),
    'label',
  );
}

/** Label and description; the permissions stay. */
export async function renameCustomRole(
  env: Env,
  idOrLabel: string,
  given: { label: string; description: string },
): Promise<CustomRole> {
  const event = ['iam.role.update', 'Update custom role'] as const;
  const change = changeRole(env, idOrLabel, event, (role) => ({ ...role, ...named(given) }));
  return refusingTakenName('label_key', change, 'label');
}

/** Throws E0000006 while somebody holds it. */
export async function deleteCustomRole(env: Env, idOrLabel: string): Promise<void> {
  await transact(env, async (env) => {
    const role = await holdCustomRole(env, idOrLabel);
    const held = await env.db
      .selectFrom('role_binding_members')
      .select('id')
      .where('role_id', '=', role.id)
      .limit(1)
      .executeTakeFirst();
    if (held) throw new Refusal('E0000006', '', ['The role is still assigned: delete its bindings first']);
    await env.db.deleteFrom('custom_roles').where('id', '=', role.id).execute();
    await recordRole(env, role, 'iam.role.delete', 'Delete custom role');
  });
}

/** Adds a permission; one that the role has stays as it is. */
export async function addPermission(env: Env, idOrLabel: string, label: string): Promise<void> {
  const added = permission(label, env.now());
  await changeRole(env, idOrLabel, ['iam.role.permissions.add', 'Add permission to custom role'], (role) => {
    if (role.permissions.some((one) => one.label === label)) return role;
    const permissions = [...role.permissions, added];
    requireFew(permissions);
    return { ...role, permissions };
  });
}

/** Throws E0000007 when the role has no such permission. */
export async function getPermission(
  env: Env,
  idOrLabel: string,
  label: string,
): Promise<{ role: CustomRole; permission: RolePermission }> {
  const role = await getCustomRole(env, idOrLabel);
  return { role, permission: permissionOf(role, label) };
}

/** Throws E0000007, and E0000001 for the last one: a role stands for something. */
export async function removePermission(env: Env, idOrLabel: string, label: string): Promise<void> {
  const event = ['iam.role.permissions.delete', 'Delete permission from custom role'] as const;
  await changeRole(env, idOrLabel, event, (role) => {
    permissionOf(role, label);
    const permissions = role.permissions.filter((one) => one.label !== label);
    if (permissions.length === 0) throw invalid('permissions', 'permissions: A role needs at least one permission');
    return { ...role, permissions };
  });
}

/** The role, held for this transaction: it can neither change nor go meanwhile. Throws E0000007. */
export async function holdCustomRole(env: Env, idOrLabel: string): Promise<CustomRole> {
  const { id } = await getCustomRole(env, idOrLabel);
  const held = await env.db
    .updateTable('custom_roles')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!held) throw notFound(idOrLabel, 'CustomRole');
  return held;
}

async function changeRole(
  env: Env,
  idOrLabel: string,
  event: readonly [type: string, message: string],
  change: (role: CustomRole) => CustomRole,
): Promise<CustomRole> {
  return transact(env, async (env) => {
    const before = await holdCustomRole(env, idOrLabel);
    const row = { ...change(before), last_updated: env.now() };
    await env.db
      .updateTable('custom_roles')
      .set({ ...row, permissions: toJson(row.permissions) })
      .where('id', '=', row.id)
      .execute();
    await recordRole(env, row, ...event);
    return row;
  });
}

function named({ label, description }: { label: string; description: string }) {
  return { label, label_key: textKey(label), description };
}

function permission(label: string, created: number): RolePermission {
  if (!PERMISSION.test(label)) throw invalid('permissions', `permissions: ${label} is not a permission`);
  return { label, created };
}

function requireFew(permissions: readonly RolePermission[]): void {
  if (permissions.length === 0) throw invalid('permissions', 'permissions: A role needs at least one permission');
  if (permissions.length > MOST_PERMISSIONS)
    throw invalid('permissions', `permissions: There cannot be more than ${MOST_PERMISSIONS}`);
}

function permissionOf(role: CustomRole, label: string): RolePermission {
  const found = role.permissions.find((one) => one.label === label);
  if (!found) throw notFound(label, 'Permission');
  return found;
}

async function recordRole(env: Env, role: CustomRole, eventType: string, displayMessage: string): Promise<void> {
  await record(env, {
    eventType,
    displayMessage,
    target: [{ id: role.id, type: 'ROLE', alternateId: role.label, displayName: role.label }],
    debugData: { permissions: role.permissions.map(({ label }) => label).join(',') },
  });
}
