// Owns who may act on the management API, in the words of the System Log: a person whose account can be used, or an active
// client. Not here: what they may do (roles.ts).
import type { Actor, Env } from './env.ts';
import { isUsable, type User, userTarget } from './users.ts';

/** The person, or null when there is none or the account cannot be used. */
export async function findUserActor(env: Env, userId: string): Promise<Actor | null> {
  const user = await env.db
    .selectFrom('users')
    .select(['id', 'status', 'login', 'profile'])
    .where('id', '=', userId)
    .executeTakeFirst();
  return user && isUsable(user) ? userActor(user) : null;
}

export function userActor(user: Pick<User, 'id' | 'login' | 'profile'>): Actor {
  const { id, alternateId, displayName } = userTarget(user);
  return { id, type: 'User', alternateId, displayName };
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

export function clientActor({ client_id, label }: { client_id: string; label: string }): Actor {
  return { id: client_id, type: 'PublicClientApp', alternateId: client_id, displayName: label };
}
