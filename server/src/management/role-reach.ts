// Owns which requests a role with targets, or a custom one over single objects, opens: those that name a group, a person or an application within its reach, and lists,
// which then show no more than that. Every other request is refused, so that a route which is added later is shut until it is
// named here. Not here: what targets are (core/role-targets.ts).
import type { Env, Reach } from '../core/env.ts';
import { Refusal } from '../core/refusal.ts';
import { isApplicationWithin, isUserWithin, requireGroupsWithin } from '../core/role-targets.ts';
import { findUser } from '../core/users.ts';
import type { Place } from '../http/route.ts';

/** Lists that are narrowed, and POST /users, which looks at the groups that it is given. */
const narrowed: Readonly<Record<Reach['by'], readonly string[]>> = {
  groups: ['GET /api/v1/users', 'POST /api/v1/users', 'GET /api/v1/groups'],
  apps: ['GET /api/v1/apps'],
};

const MEMBER = 'PUT /api/v1/groups/{groupId}/users/{userId}';

/** Throws E0000006. `reachFor`: how far the caller's roles open another scope. */
export async function requireWithinReach(
  env: Env,
  reach: Reach,
  reachFor: (scope: string) => Promise<Reach | 'everything' | null>,
  { method, path, params }: Place,
): Promise<void> {
  const operation = `${method} ${path}`;
  if (narrowed[reach.by].includes(operation)) return;
  const [root, kind, name] = /^\/api\/v1\/(users|groups|apps)\/\{(\w+)\}/.exec(path) ?? [];
  const value = params[name ?? ''] ?? '';
  if (root === undefined || value === '' || (kind === 'apps') !== (reach.by === 'apps')) throw new Refusal('E0000006');
  if (kind === 'groups') await requireGroupsWithin(env, reach, [value]);
  if (kind === 'users') await requireUserWithin(env, reach, value);
  if (kind === 'apps' && !(await isApplicationWithin(env, reach, value))) throw new Refusal('E0000006');
  if (operation !== MEMBER) return;
  // Who may change the people of some groups cannot draw others into them.
  const people = await reachFor('okta.users.manage');
  if (people !== null && people !== 'everything') await requireUserWithin(env, people, params.userId ?? '');
}

async function requireUserWithin(env: Env, reach: Reach, name: string): Promise<void> {
  const id = name === 'me' ? env.actor?.id : (await findUser(env, name))?.id;
  if (id === undefined || !(await isUserWithin(env, reach, id))) throw new Refusal('E0000006');
}
