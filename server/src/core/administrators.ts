// Owns the list of who administers this org: every standard role and every custom one that somebody holds, with its holder's name.
// Not here: what a role opens and how it is given (roles.ts, role-bindings.ts).
import { sql } from 'kysely';
import type { Env } from './env.ts';
import { displayNameOf } from './user-profile.ts';

export type Administrator = {
  id: string;
  /** CUSTOM: `custom` says which. */
  type: string;
  user_id: string | null;
  group_id: string | null;
  client_id: string | null;
  /** Whether it opens some groups or applications alone. */
  limited: boolean;
  custom: { roleId: string; label: string; resourceSetId: string; resourceSetLabel: string } | null;
  created: number;
  last_updated: number;
  holder: {
    kind: 'USER' | 'GROUP' | 'CLIENT';
    id: string;
    name: string;
    /** Of a person. */
    login: string | null;
    /** Of a person or a client. */
    status: string | null;
    /** How many people have the role by this group. */
    members: number | null;
  };
};

/** The assignments after this one, oldest first of each sort. */
export async function listAdministrators(
  env: Env,
  { after, limit }: { after: string | null; limit: number },
): Promise<Administrator[]> {
  let select = env.db
    .selectFrom(allRoles(env).as('held'))
    .leftJoin('users as user', 'user.id', 'held.user_id')
    .leftJoin('groups as group', 'group.id', 'held.group_id')
    .leftJoin('applications as client', 'client.client_id', 'held.client_id')
    .leftJoin('custom_roles as role', 'role.id', 'held.role_id')
    .leftJoin('resource_sets as set', 'set.id', 'held.resource_set_id')
    .selectAll('held')
    .select(['user.login', 'user.profile', 'user.status as user_status', 'group.name as group_name'])
    .select(['client.label as client_label', 'client.status as client_status'])
    .select(['role.label as role_label', 'set.label as set_label'])
    .select((eb) =>
      eb
        .selectFrom('group_memberships as membership')
        .select((eb) => eb.fn.countAll<number | string>().as('count'))
        .whereRef('membership.group_id', '=', 'held.group_id')
        .as('members'),
    )
    .orderBy('held.id')
    .limit(limit);
  if (after !== null) select = select.where('held.id', '>', after);
  return (await select.execute()).map((row) => ({
    id: row.id,
    type: row.type,
    user_id: row.user_id,
    group_id: row.group_id,
    client_id: row.client_id,
    limited: Number(row.limited) === 1,
    custom:
      row.role_id === null || row.resource_set_id === null
        ? null
        : {
            roleId: row.role_id,
            label: row.role_label ?? row.role_id,
            resourceSetId: row.resource_set_id,
            resourceSetLabel: row.set_label ?? row.resource_set_id,
          },
    created: row.created,
    last_updated: row.last_updated,
    holder: holderOf(row),
  }));
}

/** Both sorts of roles in the columns of one. */
function allRoles(env: Env) {
  const nothing = sql<string | null>`null`;
  return env.db
    .selectFrom('role_assignments')
    .select(['id', 'type', 'user_id', 'group_id', 'client_id', 'limited', 'created', 'last_updated'])
    .select([nothing.as('role_id'), nothing.as('resource_set_id')])
    .unionAll(
      env.db
        .selectFrom('role_binding_members')
        .select(['id', sql<string>`'CUSTOM'`.as('type'), 'user_id', 'group_id', nothing.as('client_id')])
        .select([sql<number>`0`.as('limited'), 'created', 'created as last_updated', 'role_id', 'resource_set_id']),
    );
}

type Named = Pick<Administrator, 'user_id' | 'group_id' | 'client_id'> & {
  login: string | null;
  profile: Record<string, unknown> | null;
  user_status: string | null;
  group_name: string | null;
  client_label: string | null;
  client_status: string | null;
  members: number | string | null;
};

function holderOf(row: Named): Administrator['holder'] {
  const { group_id, client_id, login } = row;
  const none = { login: null, status: null, members: null };
  if (group_id !== null)
    return { ...none, kind: 'GROUP', id: group_id, name: row.group_name ?? group_id, members: Number(row.members) };
  if (client_id !== null)
    return { ...none, kind: 'CLIENT', id: client_id, name: row.client_label ?? client_id, status: row.client_status };
  const name = login === null ? '' : displayNameOf({ login, profile: row.profile ?? {} });
  return { ...none, kind: 'USER', id: row.user_id ?? '', name, login, status: row.user_status };
}
