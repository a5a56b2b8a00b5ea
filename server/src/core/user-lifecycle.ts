// Owns the operations that lead an account from one status to the next, to its deletion. Each holds the account for its
// transaction, so that of two at once the second sees what the first made. Not here: passwords (user-credentials.ts) and the
// table of what is allowed when (user-status.ts).
import { DAY } from '../base/time.ts';
import { type Env, transact } from './env.ts';
import { removeFactors } from './factors.ts';
import { forgetConsents } from './given-consents.ts';
import { followGroupRules } from './group-rule-memberships.ts';
import { noteMembershipChange } from './groups.ts';

import { keepingAnAdministrator } from './last-administrator.ts';

import { deleteLinksOf } from './linked-objects.ts';

import { cancelOneTimeTokens, issueOneTimeToken } from './one-time-tokens.ts';
import { passwordPolicy } from './password-policy.ts';
import { deleteRolesOf } from './roles.ts';
import { endSessionsOfUser } from './sessions.ts';
import { clearAttempts, countFailures, factorFailureKey, failureKey, isShut } from './sign-in-failures.ts';
import {
  isAllowed,
  isLiving,
  requireAllowed,
  statusOnceActivated,
  type UserOperation,
  type UserStatus,
} from './user-status.ts';
import { holdUserForChange, recordUserEvent, type User } from './users.ts';

const ACTIVATION_LIFETIME = 7 * DAY;

/** Moves a held account to another status. */
export async function moveUser(env: Env, user: User, status: UserStatus, further: Partial<User> = {}): Promise<User> {
  const changed = { status, status_changed: env.now(), ...further };
  const { profile: _, credential_provider: __, ...columns } = changed;
  const move = () => env.db.updateTable('users').set(columns).where('id', '=', user.id).execute();
  await (isLiving(status) ? move() : keepingAnAdministrator(env, { userId: user.id }, move));
  return { ...user, ...changed };
}

async function change(
  env: Env,
  userId: string,
  operation: UserOperation,
  event: readonly [type: string, message: string],
  work: (env: Env, user: User) => Promise<User>,
): Promise<User> {
  return transact(env, async (env) => {
    const user = await holdUserForChange(env, userId);
    requireAllowed(operation, user.status);
    const changed = await work(env, user);
    await recordUserEvent(env, changed, ...event);
    return changed;
  });
}

/**
 * Begins the life of a STAGED or DEPROVISIONED account. Without a password the person gets a link; here is its token. Of all
 * changes of status this one alone has group rules look again: whom they put into groups stays there through a deactivation.
 */
export async function activateUser(env: Env, userId: string): Promise<{ user: User; token: string | null }> {
  return transact(env, async (env) => {
    let token: string | null = null;
    const event = ['user.lifecycle.activate', 'Activate Okta user'] as const;
    const user = await change(env, userId, 'activate', event, async (env, user) => {
      const status = statusOnceActivated(user.password_hash !== null, user.credential_provider.type);
      token = status === 'PROVISIONED' ? await issueActivationToken(env, userId) : null;
      return moveUser(env, user, status, { activated: env.now() });
    });
    await followGroupRules(env, [user]);
    return { user, token };
  });
}

/** A fresh activation link for a person who has not finished; earlier ones stop working. */
export async function reactivateUser(env: Env, userId: string): Promise<{ user: User; token: string }> {
  return transact(env, async (env) => {
    const event = ['user.lifecycle.reactivate', 'Reactivate Okta user'] as const;
    const user = await change(env, userId, 'reactivate', event, (env, user) =>
      user.status === 'PROVISIONED' ? Promise.resolve(user) : moveUser(env, user, 'PROVISIONED'),
    );
    return { user, token: await issueActivationToken(env, userId) };
  });
}

async function issueActivationToken(env: Env, userId: string): Promise<string> {
  await cancelOneTimeTokens(env, userId, ['activation', 'recovery']);
  return issueOneTimeToken(env, { purpose: 'activation', userId, lifetime: ACTIVATION_LIFETIME });
}

/** Ends the account's life: nothing of it works any longer, and its secrets are gone. It can still be activated again. */
export async function deactivateUser(env: Env, userId: string): Promise<User> {
  const event = ['user.lifecycle.deactivate', 'Deactivate Okta user'] as const;
  return change(env, userId, 'deactivate', event, async (env, user) => {
    await endSessionsOfUser(env, userId, { oauthTokens: true });
    await cancelOneTimeTokens(env, userId, ['activation', 'recovery', 'session-token']);
    await env.db.deleteFrom('application_users').where('user_id', '=', userId).execute();
    await forgetConsents(env, { userId });
    return moveUser(env, user, 'DEPROVISIONED', {
      password_hash: null,
      password_changed: null,
      recovery_question: null,
      recovery_answer_hash: null,
    });
  });
}

export async function suspendUser(env: Env, userId: string): Promise<User> {
  const event = ['user.lifecycle.suspend', 'Suspend Okta user'] as const;
  return change(env, userId, 'suspend', event, async (env, user) => {
    await endSessionsOfUser(env, userId, { oauthTokens: false });
    await cancelOneTimeTokens(env, userId, ['recovery', 'session-token']);
    return moveUser(env, user, 'SUSPENDED');
  });
}

export async function unsuspendUser(env: Env, userId: string): Promise<User> {
  const event = ['user.lifecycle.unsuspend', 'Unsuspend Okta user'] as const;
  return change(env, userId, 'unsuspend', event, (env, user) => moveUser(env, user, 'ACTIVE'));
}

/** Opens an account that failed sign-ins have shut, whatever its status otherwise. */
export async function unlockUser(env: Env, userId: string): Promise<User> {
  return transact(env, async (env) => {
    const user = await holdUserForChange(env, userId);
    const key = failureKey(user.login_key);
    const { maxAttempts } = await passwordPolicy(env, { userId });
    const isShut = maxAttempts > 0 && (await countFailures(env, key)) >= maxAttempts;
    if (!isShut) requireAllowed('unlock', user.status);
    await clearAttempts(env, key);
    await clearAttempts(env, factorFailureKey(userId));
    const unlocked = isAllowed('unlock', user.status) ? await moveUser(env, user, 'ACTIVE') : user;
    await recordUserEvent(env, unlocked, 'user.account.unlock', 'Unlock user account');
    return unlocked;
  });
}

/** Whether failed sign-ins keep this person out at the moment. */
export async function isBlocked(env: Env, user: User): Promise<boolean> {
  const policy = await passwordPolicy(env, { userId: user.id });
  return isShut(env, failureKey(user.login_key), policy, user.status === 'LOCKED_OUT');
}

/** Takes away every further factor that the person had enrolled. */
export async function resetFactors(env: Env, userId: string): Promise<User> {
  const event = ['user.mfa.factor.reset_all', 'Reset all factors for user'] as const;
  return change(env, userId, 'resetFactors', event, async (env, user) => {
    await removeFactors(env, userId);
    await clearAttempts(env, factorFailureKey(userId));
    return user;
  });
}

/** The first call deactivates, the second removes the account and all that hangs on it. */
export async function deleteUser(env: Env, userId: string): Promise<void> {
  await transact(env, async (env) => {
    const user = await holdUserForChange(env, userId);
    if (!isAllowed('delete', user.status)) {
      await deactivateUser(env, userId);
      return;
    }
    await recordUserEvent(env, user, 'user.lifecycle.delete.initiated', 'Delete Okta user initiated');
    await deleteWhatHangsOn(env, user);
    await env.db.deleteFrom('users').where('id', '=', userId).execute();
    await recordUserEvent(env, user, 'user.lifecycle.delete.completed', 'Delete Okta user completed');
  });
}

/** Tables whose rows mean nothing without their person. */
const OF_ONE_PERSON = [
  'group_rule_memberships',
  'sessions',
  'recent_sign_ins',
  'application_users',
  'role_binding_members',
  'consents',
  'api_tokens',
  'one_time_tokens',
  'factors',
  'remembered_devices',
  'identity_provider_users',
  'unique_profile_values',
  'profile_words',
] as const;

async function deleteWhatHangsOn(env: Env, user: User): Promise<void> {
  const memberships = await env.db
    .deleteFrom('group_memberships')
    .where('user_id', '=', user.id)
    .returning('group_id')
    .execute();
  await noteMembershipChange(
    env,
    memberships.map(({ group_id }) => group_id),
  );
  await endSessionsOfUser(env, user.id, { oauthTokens: true });
  await clearAttempts(env, failureKey(user.login_key));
  await clearAttempts(env, factorFailureKey(user.id));
  await env.db.deleteFrom('group_owners').where('owner_id', '=', user.id).execute();
  await deleteLinksOf(env, user.id);
  await deleteRolesOf(env, { userId: user.id });
  for (const table of OF_ONE_PERSON) await env.db.deleteFrom(table).where('user_id', '=', user.id).execute();
}
