// Owns the list of who administers this org: every assignment of a role, with its holder's name. Not here: what a role opens and how
// it is given (roles.ts).
import type { Env } from './env.ts';
import type { RoleAssignment } from './roles.ts';
import { displayNameOf } from './user-profile.ts';

export type RoleHolderKind = 'USER' | 'GROUP' | 'CLIENT';

export type Administrator = RoleAssignment & {
  holder: {
    kind: RoleHolderKind;
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

/** The assignments after this one, oldest first. */
export async function listAdministrators(
  env: Env,
  { after, limit }: { after: string | null; limit: number },
): Promise<Administrator[]> {
  let select = env.db
    .selectFrom('role_assignments as role')
    .leftJoin('users as user', 'user.id', 'role.user_id')
    .leftJoin('groups as group', 'group.id', 'role.group_id')
    .leftJoin('applications as client', 'client.client_id', 'role.client_id')
    .selectAll('role')
    .select(['user.login', 'user.profile', 'user.status as user_status', 'group.name as group_name'])
    .select(['client.label', 'client.status as client_status'])
    .select((eb) =>
      eb
        .selectFrom('group_memberships as membership')
        .select((eb) => eb.fn.countAll<number | string>().as('count'))
        .whereRef('membership.group_id', '=', 'role.group_id')
        .as('members'),
    )
    .orderBy('role.id')
    .limit(limit);
  if (after !== null) select = select.where('role.id', '>', after);
  const rows = await select.execute();
  return rows.map(({ login, profile, user_status, group_name, label, client_status, members, ...role }) => ({
    ...role,
    holder:
      role.group_id !== null
        ? {
            kind: 'GROUP',
            id: role.group_id,
            name: group_name ?? role.group_id,
            login: null,
            status: null,
            members: Number(members),
          }
        : role.client_id !== null
          ? {
              kind: 'CLIENT',
              id: role.client_id,
              name: label ?? role.client_id,
              login: null,
              status: client_status,
              members: null,
            }
          : {
              kind: 'USER',
              id: role.user_id ?? '',
              name: login === null ? '' : displayNameOf({ login, profile: profile ?? {} }),
              login,
              status: user_status,
              members: null,
            },
  }));
}
