// Owns bringing who administers the org to what a document says of it: groups and clients in one section, people in another. The rules
// of roles, above all that an administrator remains, are core's own (roles.ts). Not here: roles that a document cannot name,
// which are custom ones and those over single objects; they stay as they are.
import type { Env } from '../env.ts';
import { assignRole, isRoleType, type RoleAssignment, type RoleHolder, unassignRole } from '../roles.ts';
import type { Configuration } from './document.ts';
import type { References } from './references.ts';

/** Gives before it takes, so that a change of hands leaves nobody out between. */
export async function applyRoles(
  env: Env,
  { roles, administrators }: Pick<Configuration, 'roles' | 'administrators'>,
  { idOf }: References,
): Promise<void> {
  const wanted: (RoleHolder & { type: string })[] = [
    ...(roles ?? []).flatMap(({ type, groups, clients }) => [
      ...groups.map((name) => ({ type, groupId: idOf('group', name) })),
      ...clients.map((clientId) => ({ type, clientId })),
    ]),
    ...(administrators ?? []).flatMap(({ login, roles }) =>
      roles.map((type) => ({ type, userId: idOf('user', login) })),
    ),
  ];
  const held = (await env.db.selectFrom('role_assignments').selectAll().orderBy('id').execute())
    // Roles with targets are left as they are: a document has no words for these.
    .filter(({ type, limited }) => isRoleType(type) && limited === 0)
    .filter(({ user_id }) => (user_id === null ? roles !== undefined : administrators !== undefined))
    .map((row) => ({ row, key: keyOf({ ...holderOf(row), type: row.type }) }));
  const keys = new Set(wanted.map(keyOf));
  for (const one of wanted) if (!held.some(({ key }) => key === keyOf(one))) await assignRole(env, one);
  for (const { row, key } of held) if (!keys.has(key)) await unassignRole(env, holderOf(row), row.id);
}

function holderOf({ user_id, group_id, client_id }: RoleAssignment): RoleHolder {
  if (user_id !== null) return { userId: user_id };
  return group_id === null ? { clientId: client_id ?? '' } : { groupId: group_id };
}

function keyOf(one: RoleHolder & { type: string }): string {
  if ('userId' in one) return `${one.type} user ${one.userId}`;
  return 'groupId' in one ? `${one.type} group ${one.groupId}` : `${one.type} client ${one.clientId}`;
}
