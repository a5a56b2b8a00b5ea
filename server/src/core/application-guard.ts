// Owns the protection of applications that hold administrator roles: whoever can read or set their credentials acts with those
// roles, so only who could hand out the roles may; the console's client, with which administrators act, belongs to the server
// alone (console-client.ts). Not here: which scope of the API a caller needs (management/access.ts).
import type { AnyApplication } from './applications.ts';
import type { Actor, Env } from './env.ts';
import { Refusal } from './refusal.ts';
import { rolesOf, rolesOfUser, scopesOfRoles } from './roles.ts';

const MAY_HAND_OUT_ROLES = 'okta.roles.manage';

/** The admin console, as an OAuth client. */
export const CONSOLE_CLIENT_ID = 'gatehouse-console';

/** Throws E0000006 when the application holds a role that the caller of the management API may not give, or is the console. */
export async function guardPrivileged(env: Env, application: AnyApplication): Promise<void> {
  const { actor } = env;
  if (actor === null) return;
  if (application.client_id === CONSOLE_CLIENT_ID) throw new Refusal('E0000006');
  if (actor.type === 'SystemPrincipal') return;
  const held = await rolesOf(env, { clientId: application.client_id });
  if (held.length > 0 && !(await mayHandOutRoles(env, actor))) throw new Refusal('E0000006');
}

async function mayHandOutRoles(env: Env, actor: Actor): Promise<boolean> {
  const held = actor.type === 'User' ? await rolesOfUser(env, actor.id) : await rolesOf(env, { clientId: actor.id });
  return scopesOfRoles(held.map(({ type }) => type))(MAY_HAND_OUT_ROLES);
}
