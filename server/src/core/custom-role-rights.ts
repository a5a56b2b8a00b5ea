// Owns what custom roles open on the management API. A permission counts over every object of its kind, over single groups and
// applications, and over the people of single groups. Over anything else it opens nothing, rather than too much.
// Not here: who holds which role (role-bindings.ts).
import { sql } from 'kysely';
import { includesScope } from './api-scopes.ts';
import type { Env, Reach } from './env.ts';

/**
 * Permission → the kind of objects that the set must hold, and the scope that it then opens. Managing roles is no permission, nor is
 * managing identity providers: who says who vouches for people could become anybody, super administrators too.
 */
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
  'okta.identityProviders.read': ['idps', 'okta.idps.read'],
  'okta.customizations.manage': ['customizations', 'okta.brands.manage'],
  'okta.customizations.read': ['customizations', 'okta.brands.read'],
};

/** How a single object is named, by the kind that a permission is for; people by a group of theirs. */
const SINGLES: Readonly<Record<string, { by: Reach['by']; form: RegExp }>> = {
  users: { by: 'groups', form: /^\/api\/v1\/groups\/\w+\/users$/ },
  groups: { by: 'groups', form: /^\/api\/v1\/groups\/\w+$/ },
  apps: { by: 'apps', form: /^\/api\/v1\/apps\/\w+$/ },
};

/** How far custom roles of the person's own, or of a group, open a scope: not at all, for every object, or for those of some sets. */
export async function customReachOf(env: Env, userId: string, scope: string): Promise<Reach | 'everything' | null> {
  const rows = await env.db
    .selectFrom('role_binding_members')
    .innerJoin('custom_roles as role', 'role.id', 'role_binding_members.role_id')
    .innerJoin('resource_set_resources as resource', 'resource.resource_set_id', 'role_binding_members.resource_set_id')
    .select(['role.permissions', 'resource.resource', 'resource.resource_set_id'])
    .where(isHeldBy(userId))
    .execute();
  const opened = rows.flatMap(({ permissions, resource, resource_set_id: setId }) =>
    permissions.map(({ label }) => ({ setId, what: opens(label, resource, scope) })),
  );
  if (opened.some(({ what }) => what === 'everything')) return 'everything';
  const single = opened.find(({ what }) => what !== null)?.what;
  if (!single || single === 'everything') return null;
  const setIds = opened.filter(({ what }) => what !== null).map(({ setId }) => setId);
  return { by: single, assignmentIds: [], setIds: [...new Set(setIds)] };
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

/** Whether a permission over this resource opens the scope: for all of its kind, or by which kind of single objects. */
function opens(permission: string, resource: string, scope: string): 'everything' | Reach['by'] | null {
  if (!Object.hasOwn(RIGHTS, permission)) return null;
  const [kind, opened] = RIGHTS[permission] ?? ['', ''];
  if (!includesScope(opened, scope)) return null;
  if (resource === `/api/v1/${kind}`) return 'everything';
  const single = Object.hasOwn(SINGLES, kind) ? SINGLES[kind] : undefined;
  return single?.form.test(resource) ? single.by : null;
}
