// Owns custom roles as the lists of a person's or group's roles show them, and giving one there: type CUSTOM, with its role and
// resource set. Not here: standard roles (roles.ts), and the same from the side of the resource set (role-bindings.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { invalid, Refusal } from '../core/refusal.ts';
import {
  bindMembers,
  customRolesOf,
  customRolesOfUser,
  type HeldCustomRole,
  type Member,
  unbindMember,
} from '../core/role-bindings.ts';
import type { RoleHolder } from '../core/roles.ts';
import { addressOf } from './resource-sets.ts';

/** What a body of type CUSTOM says beside its type. */
export const customAssignment = { role: z.string().optional(), 'resource-set': z.string().optional() };

/** Those of a person also by groups; a client holds none. */
export async function listCustomAssignments(env: Env, holder: RoleHolder) {
  const rows = await heldBy(env, holder);
  return rows.map((row) => showCustomAssignment(env, row));
}

export async function findCustomAssignment(env: Env, holder: RoleHolder, id: string) {
  const row = (await heldBy(env, holder)).find((one) => one.id === id);
  return row ? showCustomAssignment(env, row) : null;
}

/** Throws E0000001 when something is not said, E0000090 when this holder has the role over this set already. */
export async function giveCustomRole(
  env: Env,
  holder: RoleHolder,
  { role, 'resource-set': set }: { role?: string | undefined; 'resource-set'?: string | undefined },
) {
  const member = asMember(holder);
  if (member === null) throw invalid('type', 'type: A client can be given standard roles only');
  if (role === undefined) throw invalid('role', 'role: The field cannot be left blank');
  if (set === undefined) throw invalid('resource-set', 'resource-set: The field cannot be left blank');
  const before = (await customRolesOf(env, member)).map(({ id }) => id);
  const binding = await bindMembers(env, set, role, [member]);
  const given = (await customRolesOf(env, member)).find(
    ({ id, role_id, resource_set_id }) =>
      !before.includes(id) && role_id === binding.role.id && resource_set_id === binding.set.id,
  );
  if (!given) throw new Refusal('E0000090');
  return showCustomAssignment(env, given);
}

/** False when this holder itself has no such assignment. */
export async function takeCustomRole(env: Env, holder: RoleHolder, id: string): Promise<boolean> {
  const member = asMember(holder);
  const row = member && (await customRolesOf(env, member)).find((one) => one.id === id);
  if (!row) return false;
  await unbindMember(env, row.resource_set_id, row.role_id, id);
  return true;
}

async function heldBy(env: Env, holder: RoleHolder): Promise<HeldCustomRole[]> {
  const member = asMember(holder);
  if (member === null) return [];
  return 'userId' in member ? customRolesOfUser(env, member.userId) : customRolesOf(env, member);
}

function asMember(holder: RoleHolder): Member | null {
  return 'clientId' in holder ? null : holder;
}

function showCustomAssignment(env: Env, row: HeldCustomRole) {
  const { id, label, role_id, resource_set_id, user_id, group_id, created } = row;
  const { origin } = env.request;
  const set = addressOf(env, resource_set_id);
  const role = `${origin}/api/v1/iam/roles/${role_id}`;
  return {
    id,
    role: role_id,
    label,
    type: 'CUSTOM',
    status: 'ACTIVE',
    created: toIso(created),
    lastUpdated: toIso(created),
    assignmentType: user_id !== null ? ('USER' as const) : ('GROUP' as const),
    'resource-set': resource_set_id,
    _links: {
      assignee: { href: `${origin}${user_id !== null ? `/api/v1/users/${user_id}` : `/api/v1/groups/${group_id}`}` },
      'resource-set': { href: set },
      member: { href: `${set}/bindings/${role_id}/members/${id}` },
      permissions: { href: `${role}/permissions` },
      role: { href: role },
    },
  };
}
