// Owns who is known to an identity provider, and by which name of its own. Not here: the providers (identity-providers.ts).
import { prefixRange, textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { type IdentityProvider, providerTarget } from './identity-providers.ts';
import { alreadyExists, notFound } from './refusal.ts';
import { record } from './system-log.ts';
import { holdUserForChange, type User, userTarget } from './users.ts';

export type IdentityProviderUser = Row<'identity_provider_users'>;

/** By id, after the one with this id. `q`: how the provider's name for them, or their login, begins. */
export function listIdentityProviderUsers(
  env: Env,
  providerId: string,
  { q, after, limit }: { q: string | null; after: string | null; limit: number },
): Promise<IdentityProviderUser[]> {
  const query = env.db
    .selectFrom('identity_provider_users')
    .selectAll('identity_provider_users')
    .where('identity_provider_id', '=', providerId)
    .where('user_id', '>', after ?? '')
    .orderBy('user_id')
    .limit(limit);
  if (q === null) return query.execute();
  const [name, login] = [prefixRange(q), prefixRange(textKey(q))];
  return query
    .innerJoin('users', 'users.id', 'identity_provider_users.user_id')
    .where((eb) =>
      eb.or([
        eb.and([eb('external_id', '>=', name.from), eb('external_id', '<', name.before)]),
        eb.and([eb('users.login_key', '>=', login.from), eb('users.login_key', '<', login.before)]),
      ]),
    )
    .execute();
}

/** Throws E0000007. */
export async function getIdentityProviderUser(
  env: Env,
  providerId: string,
  userId: string,
): Promise<IdentityProviderUser> {
  const row = await env.db
    .selectFrom('identity_provider_users')
    .selectAll()
    .where('identity_provider_id', '=', providerId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (!row) throw notFound(userId, 'IdpAppUser');
  return row;
}

/** Links a person. Throws E0000001 when they, or the name, are linked already. */
export async function linkIdentityProviderUser(
  env: Env,
  provider: IdentityProvider,
  user: User,
  externalId: string,
): Promise<IdentityProviderUser> {
  const now = env.now();
  const row = {
    identity_provider_id: provider.id,
    user_id: user.id,
    external_id: externalId,
    profile: {},
    created: now,
    last_updated: now,
  };
  return transact(env, async (env) => {
    // Who may sign in as somebody is decided here: that takes the right to change them.
    await holdUserForChange(env, user.id);
    const linked = await env.db
      .insertInto('identity_provider_users')
      .values({ ...row, profile: toJson<Record<string, unknown>>(row.profile) })
      .onConflict((conflict) => conflict.doNothing())
      .returning('user_id')
      .executeTakeFirst();
    if (!linked) throw alreadyExists('externalId', 'externalId');
    await recordChange(env, provider, user, 'link', 'Link user to identity provider');
    return row;
  });
}

/** Throws E0000007 when they are not linked. */
export async function unlinkIdentityProviderUser(env: Env, provider: IdentityProvider, user: User): Promise<void> {
  await transact(env, async (env) => {
    await getIdentityProviderUser(env, provider.id, user.id);
    await env.db
      .deleteFrom('identity_provider_users')
      .where('identity_provider_id', '=', provider.id)
      .where('user_id', '=', user.id)
      .execute();
    await recordChange(env, provider, user, 'unlink', 'Unlink user from identity provider');
  });
}

async function recordChange(env: Env, provider: IdentityProvider, user: User, what: string, displayMessage: string) {
  const target = [userTarget(user), providerTarget(provider)];
  await record(env, { eventType: `user.identity_provider.${what}`, displayMessage, target });
}
