// Owns the rule that an org which somebody can administer stays so: no change may take the last super administrator who can
// sign in. Not here: who holds which role, and what a role opens (roles.ts).
import type { Env } from './env.ts';
import { holdOrg } from './org.ts';
import { Refusal } from './refusal.ts';
import { LIVING } from './user-status.ts';

/** Whose part in administration a change may end. */
export type Affected = { userId: string } | { groupId: string };

/**
 * Carries out a change that may end somebody's administration. Call it in a transaction, with the person or group already held.
 * Throws E0000001, which undoes the change, when it leaves no living super administrator where there was one.
 */
export async function keepingAnAdministrator<T>(env: Env, affected: Affected, change: () => Promise<T>): Promise<T> {
  if (!(await administersBy(env, affected))) return change();
  // Two changes, each of which would leave the other's administrator, must see each other: the second waits here.
  await holdOrg(env);
  const before = await hasLivingAdministrator(env);
  const result = await change();
  if (before && !(await hasLivingAdministrator(env))) throw lastOne();
  return result;
}

/** Whether the org would have no living super administrator without this membership. Call it in a transaction. */
export async function needsMembership(env: Env, membership: { groupId: string; userId: string }): Promise<boolean> {
  if (!(await administersBy(env, { groupId: membership.groupId }))) return false;
  await holdOrg(env);
  return (await hasLivingAdministrator(env)) && !(await hasLivingAdministrator(env, membership));
}

function lastOne(): Refusal {
  return new Refusal('E0000001', 'roles', [
    'roles: This would leave no active super administrator. Make somebody else a super administrator first',
  ]);
}

const superAdministrators = (env: Env) => env.db.selectFrom('role_assignments').where('type', '=', 'SUPER_ADMIN');

async function administersBy(env: Env, affected: Affected): Promise<boolean> {
  const held = superAdministrators(env).select('role_assignments.id').limit(1);
  const found =
    'groupId' in affected
      ? held.where('group_id', '=', affected.groupId)
      : held.where((eb) =>
          eb.or([
            eb('user_id', '=', affected.userId),
            eb(
              'group_id',
              'in',
              eb.selectFrom('group_memberships').select('group_id').where('user_id', '=', affected.userId),
            ),
          ]),
        );
  return (await found.executeTakeFirst()) !== undefined;
}

async function hasLivingAdministrator(env: Env, without?: { groupId: string; userId: string }): Promise<boolean> {
  const own = await superAdministrators(env)
    .innerJoin('users', 'users.id', 'role_assignments.user_id')
    .select('users.id')
    .where('users.status', 'in', LIVING)
    .limit(1)
    .executeTakeFirst();
  if (own) return true;
  let members = superAdministrators(env)
    .innerJoin('group_memberships', 'group_memberships.group_id', 'role_assignments.group_id')
    .innerJoin('users', 'users.id', 'group_memberships.user_id')
    .select('users.id')
    .where('users.status', 'in', LIVING)
    .limit(1);
  if (without)
    members = members.where((eb) =>
      eb.or([
        eb('group_memberships.group_id', '!=', without.groupId),
        eb('group_memberships.user_id', '!=', without.userId),
      ]),
    );
  return (await members.executeTakeFirst()) !== undefined;
}
