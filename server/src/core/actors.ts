// Owns who may act on the management API, in the words of the System Log: a person whose account can be used, or an active
// client. Not here: what they may do (roles.ts).
import type { Actor, Env } from './env.ts';

// A lock-out, an expired password and a begun recovery stop the next sign-in only: otherwise whoever knows an administrator's
// login could stop their automation by guessing passwords.
const ACTING_STATUSES: readonly string[] = ['ACTIVE', 'LOCKED_OUT', 'PASSWORD_EXPIRED', 'RECOVERY'];

/** The person, or null when there is none or the account cannot be used. */
export async function findUserActor(env: Env, userId: string): Promise<Actor | null> {
  const user = await env.db
    .selectFrom('users')
    .select(['id', 'status', 'login', 'profile'])
    .where('id', '=', userId)
    .executeTakeFirst();
  return user && ACTING_STATUSES.includes(user.status) ? userActor(user) : null;
}

export function userActor(user: { id: string; login: string; profile: Record<string, unknown> }): Actor {
  const names = [user.profile.firstName, user.profile.lastName].filter((name) => typeof name === 'string');
  return { id: user.id, type: 'User', alternateId: user.login, displayName: names.join(' ') || user.login };
}

export function clientActor(client: { client_id: string; label: string }): Actor {
  return { id: client.client_id, type: 'PublicClientApp', alternateId: client.client_id, displayName: client.label };
}

/** The client that acts for itself, or null when there is none or it is inactive. */
export async function findClientActor(env: Env, clientId: string): Promise<Actor | null> {
  const client = await env.db
    .selectFrom('applications')
    .select(['client_id', 'status', 'label'])
    .where('client_id', '=', clientId)
    .executeTakeFirst();
  return client?.status === 'ACTIVE' ? clientActor(client) : null;
}
