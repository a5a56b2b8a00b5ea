// Owns the targets of administrator roles: a role for groups may be limited to some groups, a role for applications to some
// applications. From its first target on an assignment opens nothing else of that kind, also when its targets are deleted.
// Not here: who holds which role (roles.ts), and which requests ask for what (management/role-reach.ts).
import { expressionBuilder, sql } from 'kysely';
import type { Tables } from '../storage/tables.ts';
import { lockApplication } from './applications.ts';
import { type Env, type Reach, transact } from './env.ts';
import { type Group, groupTarget, holdGroup } from './groups.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { lockHolder, type RoleAssignment, type RoleHolder, roleEventOf, rolesOf, scopesOfRoles } from './roles.ts';
import { type LogTarget, record } from './system-log.ts';

export type RoleTarget =
  | { kind: 'GROUP'; target: string }
  | { kind: 'APP'; target: string }
  | { kind: 'APP_INSTANCE'; target: string; name: string };

/** `limited`: resources of which targets alone stay open. `whole`: those that may be read as before. All else is shut. */
type Limit = { by: Reach['by']; limited: readonly string[]; whole: readonly string[] };

const limits: Readonly<Record<string, Limit>> = {
  USER_ADMIN: { by: 'groups', limited: ['users', 'groups'], whole: ['schemas', 'userTypes', 'orgs'] },
  HELP_DESK_ADMIN: { by: 'groups', limited: ['users', 'groups'], whole: ['schemas', 'userTypes', 'orgs'] },
  GROUP_MEMBERSHIP_ADMIN: { by: 'groups', limited: ['users', 'groups'], whole: ['orgs'] },
  APP_ADMIN: {
    by: 'apps',
    limited: ['apps', 'appGrants'],
    whole: ['users', 'groups', 'policies', 'schemas', 'orgs'],
  },
};

const APP_NAME = /^[\w.-]{1,100}$/;

/** Whether a role of this type may have targets. */
export function mayHaveTargets(type: string): boolean {
  return Object.hasOwn(limits, type);
}

/** How far standard roles open a scope: not at all, for the whole org, or for their targets. Custom ones: custom-role-rights.ts. */
export function reachOf(held: readonly RoleAssignment[], scope: string): Reach | 'everything' | null {
  const resource = scope.split('.')[1] ?? '';
  const opening = held.filter(({ type }) => scopesOfRoles([type])(scope));
  const isWhole = ({ type, limited }: RoleAssignment) =>
    limited === 0 || (scope.endsWith('.read') && limits[type]?.whole.includes(resource));
  if (opening.some(isWhole)) return 'everything';
  const within = opening.filter(({ type }) => limits[type]?.limited.includes(resource));
  const by = limits[within[0]?.type ?? '']?.by;
  return by === undefined ? null : { by, assignmentIds: within.map(({ id }) => id), setIds: [] };
}

function targetsWithin(reach: Reach, kind: RoleTarget['kind']) {
  return expressionBuilder<Tables, never>()
    .selectFrom('role_targets')
    .select('role_targets.target')
    .where('role_targets.assignment_id', 'in', orNone(reach.assignmentIds))
    .where('role_targets.kind', '=', kind);
}

/** The ids of single objects in resource sets: what stands between these two parts of a path. */
function resourcesWithin({ setIds }: Reach, before: string, after = '') {
  const id = sql<string>`substr(resource_set_resources.resource, ${sql.lit(before.length + 1)},
    length(resource_set_resources.resource) - ${sql.lit(before.length + after.length)})`;
  return expressionBuilder<Tables, never>()
    .selectFrom('resource_set_resources')
    .select(id.as('target'))
    .where('resource_set_resources.resource_set_id', 'in', orNone(setIds))
    .where('resource_set_resources.resource', 'like', `${before}%${after}`)
    .where(sql<boolean>`${id} not like '%/%'`);
}

// An empty list is no SQL.
function orNone(ids: readonly string[]): readonly string[] {
  return ids.length === 0 ? [''] : ids;
}

/** The ids of the groups that are within reach, as a query. */
export function groupsWithin(reach: Reach) {
  return targetsWithin(reach, 'GROUP').unionAll(resourcesWithin(reach, '/api/v1/groups/'));
}

/** The ids of the groups whose people are within reach, as a query. */
function peopleWithin(reach: Reach) {
  return targetsWithin(reach, 'GROUP').unionAll(resourcesWithin(reach, '/api/v1/groups/', '/users'));
}

/** The ids of the people in groups that are within reach, as a query. */
export function usersWithin(reach: Reach) {
  return expressionBuilder<Tables, never>()
    .selectFrom('group_memberships')
    .select('group_memberships.user_id')
    .where('group_memberships.group_id', 'in', peopleWithin(reach));
}

/** Whether an application is within reach, as a condition. */
export function applicationsWithin(reach: Reach) {
  const eb = expressionBuilder<Tables, 'applications'>();
  return eb.or([
    eb('applications.id', 'in', targetsWithin(reach, 'APP_INSTANCE').unionAll(resourcesWithin(reach, '/api/v1/apps/'))),
    eb('applications.name', 'in', targetsWithin(reach, 'APP')),
  ]);
}

/**
 * Throws E0000006 unless there is at least one of these groups and all of them are within reach: themselves, or for `people` to make
 * somebody one of them.
 */
export async function requireGroupsWithin(
  env: Env,
  reach: Reach,
  groupIds: readonly string[],
  what: 'groups' | 'people' = 'groups',
): Promise<void> {
  const ids = new Set(groupIds);
  if (reach.by !== 'groups' || ids.size === 0) throw new Refusal('E0000006');
  const found = await env.db
    .selectFrom('groups')
    .select('id')
    .where('id', 'in', [...ids])
    .where('id', 'in', what === 'groups' ? groupsWithin(reach) : peopleWithin(reach))
    .execute();
  if (found.length < ids.size) throw new Refusal('E0000006');
}

export async function isUserWithin(env: Env, reach: Reach, userId: string): Promise<boolean> {
  if (reach.by !== 'groups') return false;
  const select = env.db.selectFrom('users').select('id').where('id', '=', userId);
  return (await select.where('id', 'in', usersWithin(reach)).executeTakeFirst()) !== undefined;
}

export async function isApplicationWithin(env: Env, reach: Reach, id: string): Promise<boolean> {
  if (reach.by !== 'apps') return false;
  const select = env.db.selectFrom('applications').select('id').where('id', '=', id);
  return (await select.where(applicationsWithin(reach)).executeTakeFirst()) !== undefined;
}

/** The groups that the assignment is limited to, by id, after the one with this id. */
export async function listGroupTargets(
  env: Env,
  assignmentId: string,
  { after, limit }: { after: string | null; limit: number },
): Promise<Group[]> {
  const reach: Reach = { by: 'groups', assignmentIds: [assignmentId], setIds: [] };
  let select = env.db
    .selectFrom('groups')
    .selectAll()
    .where('id', 'in', targetsWithin(reach, 'GROUP'))
    .orderBy('id')
    .limit(limit);
  if (after !== null) select = select.where('id', '>', after);
  return select.execute();
}

export type AppTarget = { name: string; instance: { id: string; label: string; status: string } | null };

/** The applications that the assignment is limited to: names first, then single ones in the order of their making. */
export async function listAppTargets(env: Env, assignmentId: string): Promise<AppTarget[]> {
  const reach: Reach = { by: 'apps', assignmentIds: [assignmentId], setIds: [] };
  const names = await env.db
    .selectFrom('role_targets')
    .select('target')
    .where('assignment_id', '=', assignmentId)
    .where('kind', '=', 'APP')
    .orderBy('target')
    .execute();
  const instances = await env.db
    .selectFrom('applications')
    .select(['id', 'name', 'label', 'status'])
    .where('id', 'in', targetsWithin(reach, 'APP_INSTANCE'))
    .orderBy('id')
    .execute();
  return [
    ...names.map(({ target }): AppTarget => ({ name: target, instance: null })),
    ...instances.map(({ name, ...instance }): AppTarget => ({ name, instance })),
  ];
}

/** The assignment that this holder itself has. Throws E0000007. */
async function lockAssignment(
  env: Env,
  holder: RoleHolder,
  assignmentId: string,
): Promise<{ assignment: RoleAssignment; who: LogTarget }> {
  const who = await lockHolder(env, holder);
  const assignment = (await rolesOf(env, holder)).find(({ id }) => id === assignmentId);
  if (!assignment) throw notFound(assignmentId, 'RoleAssignment');
  return { assignment, who };
}

/** Throws E0000001 when this type of role cannot have such a target, E0000007 when there is no such target. */
export async function addRoleTarget(
  env: Env,
  holder: RoleHolder,
  assignmentId: string,
  added: RoleTarget,
): Promise<void> {
  await transact(env, async (env) => {
    const { assignment, who } = await lockAssignment(env, holder, assignmentId);
    requireKind(assignment.type, added.kind === 'GROUP' ? 'groups' : 'apps');
    const target = await heldTarget(env, added);
    // The name stands for every application that has it.
    if (added.kind === 'APP') await dropInstances(env, assignmentId, added.target);
    const row = { assignment_id: assignmentId, kind: added.kind, target: added.target, created: env.now() };
    await env.db
      .insertInto('role_targets')
      .values(row)
      .onConflict((conflict) => conflict.columns(['assignment_id', 'kind', 'target']).doNothing())
      .execute();
    await noteChange(env, assignmentId, 1);
    await recordChange(env, holder, assignment, 'Add target of administrator role', [who, target]);
  });
}

/** Throws E0000007 when it is no target, E0000001 when it is the last: without any the role would open everything, or nothing. */
export async function removeRoleTarget(
  env: Env,
  holder: RoleHolder,
  assignmentId: string,
  { kind, target }: Pick<RoleTarget, 'kind' | 'target'>,
): Promise<void> {
  await transact(env, async (env) => {
    const { assignment, who } = await lockAssignment(env, holder, assignmentId);
    const rows = await env.db
      .selectFrom('role_targets')
      .selectAll()
      .where('assignment_id', '=', assignmentId)
      .execute();
    if (!rows.some((row) => row.kind === kind && row.target === target)) throw notFound(target, 'RoleTarget');
    if (rows.length === 1)
      throw invalid(
        'roleId',
        'roleId: The last target of a role cannot be removed; take the role away and give it anew',
      );
    await env.db
      .deleteFrom('role_targets')
      .where('assignment_id', '=', assignmentId)
      .where('kind', '=', kind)
      .where('target', '=', target)
      .execute();
    await noteChange(env, assignmentId, 1);
    const removed = { id: target, type: kind, alternateId: 'unknown', displayName: target };
    await recordChange(env, holder, assignment, 'Remove target of administrator role', [who, removed]);
  });
}

/** Makes the role one for all applications again. */
export async function removeAppTargets(env: Env, holder: RoleHolder, assignmentId: string): Promise<void> {
  await transact(env, async (env) => {
    const { assignment, who } = await lockAssignment(env, holder, assignmentId);
    requireKind(assignment.type, 'apps');
    await env.db.deleteFrom('role_targets').where('assignment_id', '=', assignmentId).execute();
    await noteChange(env, assignmentId, 0);
    await recordChange(env, holder, assignment, 'Open administrator role to all applications', [who]);
  });
}

/** For a group or an application that is being deleted. */
export async function forgetTarget(env: Env, kind: 'GROUP' | 'APP_INSTANCE', id: string): Promise<void> {
  await env.db.deleteFrom('role_targets').where('kind', '=', kind).where('target', '=', id).execute();
}

function requireKind(type: string, by: Reach['by']): void {
  if (limits[type]?.by !== by)
    throw invalid(
      'roleId',
      `roleId: A role of the type ${type} cannot be limited to ${by === 'apps' ? 'applications' : 'groups'}`,
    );
}

async function heldTarget(env: Env, added: RoleTarget): Promise<LogTarget> {
  if (added.kind === 'GROUP') return groupTarget(await holdGroup(env, added.target));
  if (added.kind === 'APP') {
    if (!APP_NAME.test(added.target)) throw notFound(added.target, 'CatalogApplication');
    return { id: added.target, type: 'App', alternateId: 'unknown', displayName: added.target };
  }
  const application = await lockApplication(env, added.target);
  if (application.name !== added.name) throw notFound(added.target, 'AppInstance');
  return { id: application.id, type: 'AppInstance', alternateId: application.label, displayName: application.label };
}

async function dropInstances(env: Env, assignmentId: string, name: string): Promise<void> {
  await env.db
    .deleteFrom('role_targets')
    .where('assignment_id', '=', assignmentId)
    .where('kind', '=', 'APP_INSTANCE')
    .where('target', 'in', (eb) => eb.selectFrom('applications').select('id').where('name', '=', name))
    .execute();
}

async function noteChange(env: Env, assignmentId: string, limited: 0 | 1): Promise<void> {
  const changed = { limited, last_updated: env.now() };
  await env.db.updateTable('role_assignments').set(changed).where('id', '=', assignmentId).execute();
}

async function recordChange(
  env: Env,
  holder: RoleHolder,
  { type }: RoleAssignment,
  displayMessage: string,
  target: LogTarget[],
): Promise<void> {
  await record(env, { eventType: roleEventOf(holder, 'update'), displayMessage, target, debugData: { role: type } });
}
