// Owns what custom roles open on the management API. A permission counts where the set that it is held over takes in every object
// of its kind, since routes are judged by kind: over single groups or applications it opens nothing, rather than too much.
// Not here: who holds which role (role-bindings.ts).
import { sql } from 'kysely';
import { includesScope } from './api-scopes.ts';
import type { Env } from './env.ts';

/** Permission → the kind of objects that the set must hold, and the scope that it then opens. Managing roles is no permission. */
const RIGHTS: Readonly<Record<string, readonly [kind: string, scope: string]>> = {
  'okta.users.manage': ['users', 'okta.users.manage'],
  'okta.users.read': ['users', 'okta.users.read'],
  'okta.groups.manage': ['groups', 'okta.groups.manage'],
  'okta.groups.read': ['groups', 'okta.groups.read'],
  'okta.apps.manage': ['apps', 'okta.apps.manage'],
  'okta.apps.read': ['apps', 'okta.apps.read'],
  'okta.authzServers.manage': ['authorizationServers', 'okta.authorizationServers.manage'],
  'okta.authzServers.read': ['authorizationServers', 'okta.authorizationServers.read'],
  'okta.policies.manage': ['policies', 'okta.policies.manage'],
  'okta.policies.read': ['policies', 'okta.policies.read'],
  'okta.identityProviders.manage': ['idps', 'okta.idps.manage'],
  'okta.identityProviders.read': ['idps', 'okta.idps.read'],
  'okta.customizations.manage': ['customizations', 'okta.brands.manage'],
  'okta.customizations.read': ['customizations', 'okta.brands.read'],
};

/** Whether the person may use a scope by a custom role of their own or of a group. */
export async function hasCustomRight(env: Env, userId: string, scope: string): Promise<boolean> {
  const rows = await env.db
    .selectFrom('role_binding_members')
    .innerJoin('custom_roles as role', 'role.id', 'role_binding_members.role_id')
    .innerJoin('resource_set_resources as resource', 'resource.resource_set_id', 'role_binding_members.resource_set_id')
    .select(['role.permissions', 'resource.resource'])
    .where(
      'resource.resource',
      'in',
      Object.values(RIGHTS).map(([kind]) => `/api/v1/${kind}`),
    )
    .where(isHeldBy(userId))
    .execute();
  return rows.some(({ permissions, resource }) => permissions.some(({ label }) => opens(label, resource, scope)));
}

/** Whether this person (directly or by a group) or this group holds any custom role. */
export async function holdsCustomRole(env: Env, target: { userId: string } | { groupId: string }): Promise<boolean> {
  const members = env.db.selectFrom('role_binding_members').select('id').limit(1);
  const held =
    'groupId' in target ? members.where('group_id', '=', target.groupId) : members.where(isHeldBy(target.userId));
  return (await held.executeTakeFirst()) !== undefined;
}

function isHeldBy(userId: string) {
  return sql<boolean>`(role_binding_members.user_id = ${userId} or role_binding_members.group_id in
    (select group_id from group_memberships where group_memberships.user_id = ${userId}))`;
}

function opens(permission: string, resource: string, scope: string): boolean {
  if (!Object.hasOwn(RIGHTS, permission)) return false;
  const [kind, opened] = RIGHTS[permission] ?? ['', ''];
  return resource === `/api/v1/${kind}` && includesScope(opened, scope);
}
