// Owns what a sign-in by another provider does to accounts: the linked one is found, an account is linked, or one is made, as the
// provider's policy has it, in one transaction with its events. What is refused changes nothing.
// Not here: what the provider said (ask-provider.ts) and which account a name means (account-match.ts).
import { toJson } from '../../storage/schema.ts';
import { userActor } from '../actors.ts';
import { type Env, transact } from '../env.ts';
import { isMemberOfAny } from '../groups.ts';
import { type IdentityProviderUser, linkIdentityProviderUser } from '../identity-provider-users.ts';
import { type IdentityProvider, providerClass, providerTarget } from '../identity-providers.ts';
import { mappedValue } from '../mapping-expression.ts';
import { cancelOneTimeTokens } from '../one-time-tokens.ts';
import { isObject, type Json, listAt } from '../policies/policy-defaults.ts';
import { providerMapping } from '../profile-mappings.ts';
import { Refusal } from '../refusal.ts';
import { rolesOfUser } from '../roles.ts';
import { record } from '../system-log.ts';
import { activateUser, moveUser, unsuspendUser } from '../user-lifecycle.ts';
import { changeProfile, createUser, holdUser, recordUserEvent, type User, userTarget } from '../users.ts';
import { accountsNamed, type NameProblem, nameFor } from './account-match.ts';
import type { ExternalIdentity } from './external-identity.ts';
import { assignGroups } from './group-assignment.ts';

export type AccountProblem =
  | NameProblem
  | 'ACCOUNT_AMBIGUOUS'
  | 'ACCOUNT_LINKED_OTHERWISE'
  | 'ACCOUNT_LINK_DISABLED'
  | 'ACCOUNT_LINK_FILTERED'
  | 'ACCOUNT_NOT_ACTIVE'
  | 'PROVISIONING_DISABLED'
  | 'PROFILE_REFUSED';

export type AccountOutcome =
  | { user: User }
  | { problem: AccountProblem; user: User | null; causes?: readonly string[] };

/** How the account was come by, as the System Log tells it. */
type Way = 'LINKED_BEFORE' | 'LINKED_NOW' | 'CREATED';
type Found = { user: User; way: Way; link: IdentityProviderUser };

/** Undoes the link to an account that turns out to be closed. */
class NotActive extends Error {
  override name = 'NotActive';
  readonly user: User;

  constructor(user: User) {
    super(`The account ${user.id} is ${user.status}`);
    this.user = user;
  }
}

/** The account of this person, which may sign in now. */
export async function accountFor(
  env: Env,
  provider: IdentityProvider,
  identity: ExternalIdentity,
): Promise<AccountOutcome> {
  const attempt = () => transact(env, (env) => signInTo(env, provider, identity));
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof NotActive) return { problem: 'ACCOUNT_NOT_ACTIVE', user: error.user };
    if (!(error instanceof Refusal)) throw error;
    // Another sign-in of the same person may have made the account or the link meanwhile: then it is there now.
    return attempt().catch((again: unknown) => {
      if (again instanceof NotActive) return { problem: 'ACCOUNT_NOT_ACTIVE', user: again.user };
      if (again instanceof Refusal) return { problem: 'PROFILE_REFUSED', user: null, causes: again.causes };
      throw again;
    });
  }
}

async function signInTo(env: Env, provider: IdentityProvider, identity: ExternalIdentity): Promise<AccountOutcome> {
  const found = (await linkedAccount(env, provider, identity)) ?? (await newLink(env, provider, identity));
  if ('problem' in found) return found;
  const user = await awakened(env, provider, found.user);
  if (user.status !== 'ACTIVE' && user.status !== 'PASSWORD_EXPIRED') throw new NotActive(user);
  const followed = found.way === 'CREATED' ? user : await followProfile(env, provider, user, identity);
  await noteProfile(env, found.link, identity);
  await assignGroups(env, provider, followed, identity.claims);
  const person = userActor(followed);
  await record(env, {
    eventType: providerEventType(provider),
    displayMessage: 'User was authenticated by an identity provider',
    actor: person,
    target: [person, providerTarget(provider)],
    debugData: { account: found.way },
  });
  return { user: followed };
}

export function providerEventType({ type }: IdentityProvider): string {
  return `user.authentication.auth_via_${providerClass(type) === 'SOCIAL' ? 'social' : 'IDP'}`;
}

async function linkedAccount(
  env: Env,
  provider: IdentityProvider,
  { externalId }: ExternalIdentity,
): Promise<Found | null> {
  const link = await env.db
    .selectFrom('identity_provider_users')
    .selectAll()
    .where('identity_provider_id', '=', provider.id)
    .where('external_id', '=', externalId)
    .executeTakeFirst();
  return link ? { user: await holdUser(env, link.user_id), way: 'LINKED_BEFORE', link } : null;
}

async function newLink(
  env: Env,
  provider: IdentityProvider,
  identity: ExternalIdentity,
): Promise<Found | Extract<AccountOutcome, { problem: unknown }>> {
  const named = nameFor(env, provider, identity);
  if ('problem' in named) return { problem: named.problem, user: null };
  const [user, another] = await accountsNamed(env, provider, named.userName);
  if (another) return { problem: 'ACCOUNT_AMBIGUOUS', user: null };
  const problem = user ? await objectionToLink(env, provider, user) : objectionToProvisioning(provider);
  if (problem !== null) return { problem, user: user ?? null };
  const account = user ?? (await newAccount(env, provider, identity, named.userName));
  const link = await linkIdentityProviderUser(env, provider, account, identity.externalId);
  return { user: account, way: user ? 'LINKED_NOW' : 'CREATED', link };
}

async function objectionToLink(env: Env, provider: IdentityProvider, user: User): Promise<AccountProblem | null> {
  // Who is another person there already is not this one as well.
  const link = await env.db
    .selectFrom('identity_provider_users')
    .select('external_id')
    .where('identity_provider_id', '=', provider.id)
    .where('user_id', '=', user.id)
    .executeTakeFirst();
  if (link) return 'ACCOUNT_LINKED_OTHERWISE';
  const { action, filter } = partOf(provider.policy, 'accountLink');
  if (action !== 'AUTO') return 'ACCOUNT_LINK_DISABLED';
  const groups = listAt(filter, 'groups', 'include');
  if (groups.length > 0 && !(await isMemberOfAny(env, user.id, groups))) return 'ACCOUNT_LINK_FILTERED';
  if (listAt(filter, 'users', 'exclude').includes(user.id)) return 'ACCOUNT_LINK_FILTERED';
  const sparesAdmins = partOf(filter, 'users').excludeAdmins === true;
  return sparesAdmins && (await rolesOfUser(env, user.id)).length > 0 ? 'ACCOUNT_LINK_FILTERED' : null;
}

function objectionToProvisioning({ policy }: IdentityProvider): AccountProblem | null {
  return partOf(policy, 'provisioning').action === 'AUTO' ? null : 'PROVISIONING_DISABLED';
}

async function newAccount(
  env: Env,
  provider: IdentityProvider,
  identity: ExternalIdentity,
  userName: string,
): Promise<User> {
  const type = providerClass(provider.type);
  const { email, emailVerified } = identity;
  const profile = await mappedProfile(env, provider, identity);
  return createUser(env, {
    // Applications are told that an address in a profile is verified.
    profile: { ...profile, login: userName, email: (emailVerified && email) || userName },
    provider: { type, name: type },
  });
}

/** The account as the policy's conditions let a sign-in bring it back to life. */
async function awakened(env: Env, { policy }: IdentityProvider, user: User): Promise<User> {
  const provisioning = partOf(policy, 'provisioning');
  if (provisioning.action !== 'AUTO') return user;
  const conditions = partOf(provisioning, 'conditions');
  const asks = (condition: string, action: string) => partOf(conditions, condition).action === action;
  if (user.status === 'SUSPENDED' && asks('suspended', 'UNSUSPEND')) return unsuspendUser(env, user.id);
  if (user.status === 'DEPROVISIONED' && asks('deprovisioned', 'REACTIVATE'))
    return begun(env, (await activateUser(env, user.id)).user);
  return begun(env, user);
}

/** An account that only waits for its first password needs none when another provider vouches for the person. */
async function begun(env: Env, user: User): Promise<User> {
  if (user.status !== 'PROVISIONED') return user;
  const active = await moveUser(env, user, 'ACTIVE');
  await cancelOneTimeTokens(env, user.id, ['activation']);
  await recordUserEvent(env, active, 'user.lifecycle.activate', 'Activate user who came by an identity provider');
  return active;
}

/** A provider that is the source of profiles overwrites what it tells; an address only when it is verified. */
async function followProfile(
  env: Env,
  provider: IdentityProvider,
  user: User,
  identity: ExternalIdentity,
): Promise<User> {
  if (partOf(provider.policy, 'provisioning').profileMaster !== true) return user;
  const { email, emailVerified } = identity;
  const others = await mappedProfile(env, provider, identity);
  const told = emailVerified === true && email !== null ? { ...others, email } : others;
  const changed = Object.entries(told).filter(([name, value]) => user.profile[name] !== value);
  if (changed.length === 0) return user;
  return changeProfile(env, user, { profile: Object.fromEntries(changed), how: 'merge' });
}

/** Login and address are beyond it: who vouches for those is asked (account-match.ts). */
async function mappedProfile(
  env: Env,
  { id }: IdentityProvider,
  { claims, profile, externalId }: ExternalIdentity,
): Promise<Record<string, unknown>> {
  const told = { ...claims, ...profile, externalId };
  const mapped = Object.entries(await providerMapping(env, id)).map(([name, expression]) => [
    name,
    expression === null ? null : mappedValue(env, expression, 'appuser', told),
  ]);
  return Object.fromEntries(mapped.filter(([, value]) => value !== null && value !== ''));
}

async function noteProfile(env: Env, link: IdentityProviderUser, { profile }: ExternalIdentity): Promise<void> {
  await env.db
    .updateTable('identity_provider_users')
    .set({ profile: toJson<Record<string, unknown>>(profile), last_updated: env.now() })
    .where('identity_provider_id', '=', link.identity_provider_id)
    .where('user_id', '=', link.user_id)
    .execute();
}

/** Writes that a sign-in by this provider failed, and why. */
export async function recordExternalFailure(
  env: Env,
  provider: IdentityProvider | null,
  { reason, user, detail }: { reason: string; user?: User | null; detail?: Record<string, unknown> },
): Promise<void> {
  const nobody = { id: 'unknown', type: 'User', alternateId: 'unknown', displayName: 'unknown' } as const;
  await record(env, {
    eventType: provider ? providerEventType(provider) : 'user.authentication.auth_via_IDP',
    displayMessage: 'User was not authenticated by an identity provider',
    outcome: { result: 'FAILURE', reason },
    actor: user ? userActor(user) : nobody,
    target: [...(user ? [userTarget(user)] : []), ...(provider ? [providerTarget(provider)] : [])],
    debugData: { ...detail },
  });
}

function partOf(value: unknown, name: string): Json {
  const part = isObject(value) ? value[name] : undefined;
  return isObject(part) ? part : {};
}
