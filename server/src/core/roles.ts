// Owns administrator roles: which exist, who holds them (a user, a group for its members, a client), and what each opens on the
// management API. Not here: how a caller proves who it is (management/access.ts).
import { idPrefixes, newId } from '../base/id.ts';
import type { Row } from '../storage/tables.ts';
import { includesScope } from './api-scopes.ts';
import { handOverSystemTokens, systemPrincipal } from './api-tokens.ts';
import { holdsCustomRole } from './custom-role-rights.ts';
import { type Env, transact } from './env.ts';
import { keepingAnAdministrator } from './last-administrator.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { type LogTarget, record } from './system-log.ts';

/** Type → label, as Okta names them. CUSTOM is not here: it needs resource sets. */
export const roles = {
  SUPER_ADMIN: 'Super Administrator',
  ORG_ADMIN: 'Organizational Administrator',
  APP_ADMIN: 'Application Administrator',
  USER_ADMIN: 'Group Administrator',
  GROUP_MEMBERSHIP_ADMIN: 'Group Membership Administrator',
  HELP_DESK_ADMIN: 'Help Desk Administrator',
  READ_ONLY_ADMIN: 'Read-only Administrator',
  MOBILE_ADMIN: 'Mobile Administrator',
  API_ACCESS_MANAGEMENT_ADMIN: 'API Access Management Administrator',
  REPORT_ADMIN: 'Report Administrator',
} as const;

export type RoleType = keyof typeof roles;
export type RoleAssignment = Row<'role_assignments'>;
export type RoleHolder = { userId: string } | { groupId: string } | { clientId: string };

/** What a role opens: resources it may manage and resources it may only read. `all` stands for every scope. */
const powers: Record<RoleType, { manage: 'all' | readonly string[]; read: 'all' | readonly string[] }> = {
  SUPER_ADMIN: { manage: 'all', read: 'all' },
  ORG_ADMIN: { manage: 'all', read: 'all' },
  APP_ADMIN: {
    manage: ['apps', 'appGrants', 'clients'],
    read: ['users', 'groups', 'logs', 'policies', 'schemas', 'orgs'],
  },
  USER_ADMIN: { manage: ['users', 'groups', 'sessions'], read: ['apps', 'logs', 'schemas', 'userTypes', 'orgs'] },
  GROUP_MEMBERSHIP_ADMIN: { manage: ['groups'], read: ['users', 'orgs'] },
  HELP_DESK_ADMIN: { manage: ['users', 'sessions'], read: ['groups', 'schemas', 'userTypes', 'orgs'] },
  READ_ONLY_ADMIN: { manage: [], read: 'all' },
  MOBILE_ADMIN: { manage: ['devices'], read: ['users', 'groups', 'orgs'] },
  API_ACCESS_MANAGEMENT_ADMIN: {
    manage: ['authorizationServers', 'trustedOrigins', 'inlineHooks'],
    read: ['apps', 'clients', 'users', 'groups', 'logs', 'orgs'],
  },
  REPORT_ADMIN: { manage: [], read: ['logs', 'orgs'] },
};

export function isRoleType(text: string): text is RoleType {
  return Object.hasOwn(roles, text);
}

/** Whether holders of these roles may use a scope. Unknown types open nothing. */
export function scopesOfRoles(types: readonly string[]): (scope: string) => boolean {
  const known = types.filter(isRoleType);
  return (scope) => known.some((type) => opens(type, scope));
}

function opens(type: RoleType, scope: string): boolean {
  // Who may hand out roles could give itself every other one, and who says who vouches for people could become any of them.
  if (scope === 'okta.roles.manage' || scope === 'okta.idps.manage') return type === 'SUPER_ADMIN';
  const { manage, read } = powers[type];
  if (manage === 'all' || (read === 'all' && scope.endsWith('.read'))) return true;
  const held = [
    ...manage.map((resource) => `okta.${resource}.manage`),
    ...listOf(read).map((resource) => `okta.${resource}.read`),
  ];
  return held.some((one) => includesScope(one, scope));
}

function listOf(resources: 'all' | readonly string[]): readonly string[] {
  return resources === 'all' ? [] : resources;
}

/** Who may be given a role, found and locked until the transaction ends, so that two requests cannot both give the same role. */
export async function lockHolder(env: Env, holder: RoleHolder): Promise<LogTarget> {
  if ('userId' in holder) {
    const user = await env.db
      .updateTable('users')
      .set((eb) => ({ last_updated: eb.ref('last_updated') }))
      .where('id', '=', holder.userId)
      .returning(['login', 'profile'])
      .executeTakeFirst();
    if (!user) throw notFound(holder.userId, 'User');
    const displayName = `${user.profile.firstName ?? ''} ${user.profile.lastName ?? ''}`.trim() || user.login;
    return { id: holder.userId, type: 'User', alternateId: user.login, displayName };
  }
  if ('groupId' in holder) {
    const group = await env.db
      .updateTable('groups')
      .set((eb) => ({ last_updated: eb.ref('last_updated') }))
      .where('id', '=', holder.groupId)
      .returning('name')
      .executeTakeFirst();
    if (!group) throw notFound(holder.groupId, 'UserGroup');
    return { id: holder.groupId, type: 'UserGroup', alternateId: 'unknown', displayName: group.name };
  }
  const client = await env.db
    .updateTable('applications')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('client_id', '=', holder.clientId)
    .returning('label')
    .executeTakeFirst();
  if (!client) throw notFound(holder.clientId, 'PublicClientApp');
  return { id: holder.clientId, type: 'PublicClientApp', alternateId: holder.clientId, displayName: client.label };
}

/** Gives a role. Throws E0000090 when this holder has it already. */
export async function assignRole(env: Env, assignment: RoleHolder & { type: string }): Promise<RoleAssignment> {
  const { type } = assignment;
  if (!isRoleType(type)) throw invalid('type', `type: The role type must be one of ${Object.keys(roles).join(', ')}`);
  return transact(env, async (env) => {
    const target = await lockHolder(env, assignment);
    if ((await rolesOf(env, assignment)).some((known) => known.type === type)) throw new Refusal('E0000090');
    const now = env.now();
    const row: RoleAssignment = {
      id: newId(env, 'groupId' in assignment ? idPrefixes.groupRoleAssignment : idPrefixes.roleAssignment),
      type,
      user_id: 'userId' in assignment ? assignment.userId : null,
      group_id: 'groupId' in assignment ? assignment.groupId : null,
      client_id: 'clientId' in assignment ? assignment.clientId : null,
      limited: 0,
      created: now,
      last_updated: now,
    };
    await env.db.insertInto('role_assignments').values(row).execute();
    if (type === 'SUPER_ADMIN' && 'userId' in assignment) await handOverSystemTokens(env, assignment.userId);
    await record(env, {
      eventType: roleEventOf(assignment, 'grant'),
      displayMessage: 'Grant administrator role',
      target: [target],
      debugData: { privilegeGranted: roles[type] },
    });
    return row;
  });
}

/** Takes a role away; false when this holder has no such assignment. */
export async function unassignRole(env: Env, holder: RoleHolder, assignmentId: string): Promise<boolean> {
  return transact(env, async (env) => {
    const target = await lockHolder(env, holder);
    const found = (await rolesOf(env, holder)).find(({ id }) => id === assignmentId);
    if (!found) return false;
    const takeAway = () => deleteAssignments(env, [found]);
    // A client is nobody who could sign in to make things good again.
    await ('clientId' in holder ? takeAway() : keepingAnAdministrator(env, holder, takeAway));
    await record(env, {
      eventType: roleEventOf(holder, 'revoke'),
      displayMessage: 'Revoke administrator role',
      target: [target],
      debugData: { privilegeRevoked: found.type },
    });
    return true;
  });
}

/** Every role that this holder itself has, for one that is being deleted. */
export async function deleteRolesOf(env: Env, holder: RoleHolder): Promise<void> {
  await deleteAssignments(env, await rolesOf(env, holder));
}

async function deleteAssignments(env: Env, assignments: readonly RoleAssignment[]): Promise<void> {
  if (assignments.length === 0) return;
  const ids = assignments.map(({ id }) => id);
  await env.db.deleteFrom('role_targets').where('assignment_id', 'in', ids).execute();
  await env.db.deleteFrom('role_assignments').where('id', 'in', ids).execute();
}

export function roleEventOf(holder: RoleHolder, what: 'grant' | 'update' | 'revoke'): string {
  if ('userId' in holder) return `user.account.privilege.${what}`;
  return 'groupId' in holder ? `group.privilege.${what}` : `app.oauth2.client.privilege.${what}`;
}

/** The roles given to this holder itself, oldest first. */
export async function rolesOf(env: Env, holder: RoleHolder): Promise<RoleAssignment[]> {
  const select = env.db.selectFrom('role_assignments').selectAll().orderBy('id');
  if ('userId' in holder) return select.where('user_id', '=', holder.userId).execute();
  if ('groupId' in holder) return select.where('group_id', '=', holder.groupId).execute();
  return select.where('client_id', '=', holder.clientId).execute();
}

/** The roles that a user holds, directly and through groups, oldest first; one type may appear more than once. */
export async function rolesOfUser(env: Env, userId: string): Promise<RoleAssignment[]> {
  return env.db
    .selectFrom('role_assignments')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('user_id', '=', userId),
        eb('group_id', 'in', eb.selectFrom('group_memberships').select('group_id').where('user_id', '=', userId)),
      ]),
    )
    .orderBy('id')
    .execute();
}

/** The people who hold a role, directly or by a group, by id, after this one. */
export async function listRoleHolders(
  env: Env,
  { after, limit }: { after: string | null; limit: number },
): Promise<string[]> {
  const rows = await env.db
    .selectFrom('users')
    .select('id')
    .where((eb) =>
      eb.or([
        eb('id', 'in', eb.selectFrom('role_assignments').select('user_id').where('user_id', 'is not', null)),
        eb(
          'id',
          'in',
          eb
            .selectFrom('group_memberships')
            .innerJoin('role_assignments', 'role_assignments.group_id', 'group_memberships.group_id')
            .select('group_memberships.user_id'),
        ),
      ]),
    )
    .where('id', '>', after ?? '')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * Who holds a role, directly or by a group, is changed by super administrators and by themselves only: otherwise whoever may
 * reset passwords or fill groups could make every other role their own. Throws E0000006. Nobody's call (actor null) passes.
 */
export async function requireRightsOver(env: Env, target: RoleHolder): Promise<void> {
  const { actor } = env;
  if (actor === null || actor.id === systemPrincipal.id) return;
  if ('userId' in target && target.userId === actor.id) return;
  const held = 'userId' in target ? await rolesOfUser(env, target.userId) : await rolesOf(env, target);
  const custom = 'clientId' in target ? false : await holdsCustomRole(env, target);
  if (held.length === 0 && !custom) return;
  const own = actor.type === 'User' ? await rolesOfUser(env, actor.id) : await rolesOf(env, { clientId: actor.id });
  if (!own.some(({ type }) => type === 'SUPER_ADMIN')) throw new Refusal('E0000006');
}

/** Whether anybody administers this org: a person or a group with SUPER_ADMIN. Until then a set-up link is offered. */
export async function hasAdministrator(env: Env): Promise<boolean> {
  const found = await env.db
    .selectFrom('role_assignments')
    .select('id')
    .where('type', '=', 'SUPER_ADMIN')
    .where((eb) => eb.or([eb('user_id', 'is not', null), eb('group_id', 'is not', null)]))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
