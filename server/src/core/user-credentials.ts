// Owns the secrets of an account, and changes of an account as a whole: setting, changing, expiring and recovering a password, and the recovery question. Policy is
// asked and hashes are made before a transaction begins. Not here: proving a password (authenticate.ts).
import { type ImportedPassword, readImported, storeImported } from '../base/imported-password.ts';
import { newOpaqueToken } from '../base/opaque-token.ts';
import { textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import { provePassword } from './authenticate.ts';
import { type Env, transact } from './env.ts';
import { cancelOneTimeTokens, findOneTimeToken, issueOneTimeToken, redeemOneTimeToken } from './one-time-tokens.ts';
import { importProvider } from './password-import.ts';
import { type PasswordPolicy, passwordPolicy, passwordProblem } from './password-policy.ts';
import { Refusal } from './refusal.ts';
import { endSessionsOfUser } from './sessions.ts';
import { clearAttempts, factorFailureKey, failureKey } from './sign-in-failures.ts';
import { moveUser } from './user-lifecycle.ts';
import { isAllowed, requireAllowed, statusOncePasswordSet, type UserStatus } from './user-status.ts';
import {
  changedProfile,
  changeProfile,
  hashRecoveryAnswer,
  holdUserForChange,
  type ProfileChange,
  type RecoveryQuestion,
  recordUserEvent,
  refusingTakenLogin,
  requireGoodPassword,
  type User,
} from './users.ts';

/** Puts a hashed password in place of the old one; links that would set another stop working, and failures are forgotten. */
async function storePassword(env: Env, user: User, hash: string, status: UserStatus): Promise<User> {
  await clearAttempts(env, failureKey(user.login_key));
  // Only where it opens a shut account: who knows a password must not win guesses at the factors by changing it.
  if (user.status === 'LOCKED_OUT') await clearAttempts(env, factorFailureKey(user.id));
  await cancelOneTimeTokens(env, user.id, ['activation', 'recovery', 'authn-recovery']);
  const columns = { password_hash: hash, password_changed: env.now() };
  if (status !== user.status) return moveUser(env, user, status, columns);
  await env.db.updateTable('users').set(columns).where('id', '=', user.id).execute();
  return { ...user, ...columns };
}

/** What an administrator may change of an account; a member that is absent stays as it is. */
export type UserChange = {
  profile?: ProfileChange | undefined;
  password?: string | undefined;
  /** In place of a password: what another system made of it. */
  importedPassword?: ImportedPassword | undefined;
  recoveryQuestion?: RecoveryQuestion | undefined;
};

/** Changes profile, password and recovery question, all or none, without asking for the old ones. */
export async function updateUser(env: Env, user: User, change: UserChange): Promise<User> {
  const { profile, password, importedPassword, recoveryQuestion } = change;
  const setsSecrets = (password ?? importedPassword ?? recoveryQuestion) !== undefined;
  const planned = profile ? (await changedProfile(env, user, profile)).profile : user.profile;
  if (password !== undefined)
    await requireGoodPassword(env, password, { login: String(planned.login), profile: planned }, { userId: user.id });
  const hash = password === undefined ? importedHash(importedPassword) : await env.passwords.hash(password);
  const answer = recoveryQuestion === undefined ? null : await hashRecoveryAnswer(env, recoveryQuestion);
  return refusingTakenLogin(() =>
    transact(env, async (env) => {
      let changed = await holdUserForChange(env, user.id);
      if (setsSecrets && changed.status === 'DEPROVISIONED') throw new Refusal('E0000038');
      if (profile) changed = await changeProfile(env, changed, profile);
      if (hash !== null) {
        changed = await storePassword(env, changed, hash, statusOncePasswordSet(changed.status));
        changed = await noteProvider(env, changed, hash);
        await recordUserEvent(env, changed, 'user.account.update_password', 'User update password for Okta');
      }
      if (recoveryQuestion !== undefined && answer !== null)
        changed = await storeRecoveryQuestion(env, changed, recoveryQuestion.question, answer);
      return changed;
    }),
  );
}

function importedHash(imported: ImportedPassword | undefined): string | null {
  return imported === undefined ? null : storeImported(imported);
}

/** Who keeps the password changes with it, between us and where it was imported from. */
async function noteProvider(env: Env, user: User, hash: string): Promise<User> {
  const wasImported = user.credential_provider.type === importProvider.type;
  if (wasImported === (readImported(hash) !== null)) return user;
  const credential_provider = wasImported ? { type: 'OKTA', name: 'OKTA' } : importProvider;
  await env.db
    .updateTable('users')
    .set({ credential_provider: toJson(credential_provider) })
    .where('id', '=', user.id)
    .execute();
  return { ...user, credential_provider };
}

async function storeRecoveryQuestion(env: Env, user: User, question: string, answerHash: string): Promise<User> {
  const columns = { recovery_question: question, recovery_answer_hash: answerHash };
  await env.db.updateTable('users').set(columns).where('id', '=', user.id).execute();
  await recordUserEvent(env, user, 'user.account.update_profile', 'Change recovery question');
  return { ...user, ...columns };
}

export type PasswordChange = {
  oldPassword: string;
  newPassword: string;
  /** Whether every session and refresh token ends. */
  revokeSessions: boolean;
  /** The session that goes on nevertheless, with its applications. */
  keepSession?: string;
  /** Whether the policy's minimum age of a password counts. */
  strict: boolean;
};

/** Changes a password with the old one as proof. */
export async function changePassword(env: Env, user: User, change: PasswordChange): Promise<User> {
  requireAllowed('changePassword', user.status);
  const { oldPassword, newPassword } = change;
  if (!(await provePassword(env, user, oldPassword))) throw refusedChange('Old Password is not correct');
  const policy = await passwordPolicy(env, { userId: user.id });
  requireComplex(policy, newPassword, user);
  if (policy.historyCount > 0 && newPassword === oldPassword)
    throw refusedChange('Password has been used too recently. Choose a password that you have not used before');
  if (change.strict && env.now() - (user.password_changed ?? 0) < policy.minAge)
    throw refusedChange('The password was changed too recently');
  const hash = await env.passwords.hash(newPassword);
  return transact(env, async (env) => {
    const held = await holdUserForChange(env, user.id);
    requireAllowed('changePassword', held.status);
    const changed = await storePassword(env, held, hash, statusOncePasswordSet(held.status));
    if (change.revokeSessions) await endSessionsOfUser(env, user.id, { oauthTokens: true, keep: change.keepSession });
    await recordUserEvent(env, changed, 'user.account.update_password', 'User update password for Okta');
    return changed;
  });
}

function refusedChange(cause: string): Refusal {
  return new Refusal('E0000014', '', [cause]);
}

function requireComplex(policy: PasswordPolicy, password: string, user: User): void {
  const problem = passwordProblem(policy, password, user);
  if (problem !== null) throw new Refusal('E0000080', '', [problem]);
}

/** The next sign-in asks for a new password. `temporary`: the old one stops working too, and here is its replacement. */
export async function expirePassword(
  env: Env,
  userId: string,
  { temporary }: { temporary: boolean },
): Promise<{ user: User; password: string | null }> {
  const password = temporary ? temporaryPassword(env, await passwordPolicy(env, { userId })) : null;
  const hash = password === null ? null : await env.passwords.hash(password);
  return transact(env, async (env) => {
    const held = await holdUserForChange(env, userId);
    requireAllowed('expirePassword', held.status);
    const user =
      hash === null
        ? await moveUser(env, held, 'PASSWORD_EXPIRED')
        : await storePassword(env, held, hash, 'PASSWORD_EXPIRED');
    await recordUserEvent(env, user, 'user.account.expire_password', 'Expire user password');
    return { user, password };
  });
}

/** Chance enough by itself; the rest is there for a policy that counts kinds of characters. */
function temporaryPassword(env: Env, policy: PasswordPolicy): string {
  const { minLowerCase, minUpperCase, minNumber, minSymbol } = policy;
  const kinds = 'z'.repeat(minLowerCase) + 'Z'.repeat(minUpperCase) + '7'.repeat(minNumber) + '#'.repeat(minSymbol);
  const bytes = Math.max(12, Math.ceil((policy.minLength * 3) / 4));
  return newOpaqueToken(env.random, bytes) + kinds;
}

/** Begins a recovery by an administrator: the old password no longer signs in. The token of the link that sets a new one. */
export async function resetPassword(
  env: Env,
  userId: string,
  { revokeSessions }: { revokeSessions: boolean },
): Promise<{ user: User; token: string }> {
  const policy = await passwordPolicy(env, { userId });
  return transact(env, async (env) => {
    const held = await holdUserForChange(env, userId);
    requireAllowed('resetPassword', held.status);
    const user = await moveUser(env, held, 'RECOVERY');
    await clearAttempts(env, failureKey(user.login_key));
    await clearAttempts(env, factorFailureKey(userId));
    if (revokeSessions) await endSessionsOfUser(env, userId, { oauthTokens: true });
    await recordUserEvent(env, user, 'user.account.reset_password', 'User reset password for Okta (by admin)');
    return { user, token: await issueRecoveryToken(env, userId, policy) };
  });
}

/** The token of a link with which the person sets a new password; until it is used nothing about the account changes. */
export async function forgotPassword(env: Env, userId: string): Promise<string> {
  const policy = await passwordPolicy(env, { userId });
  return transact(env, async (env) => {
    const user = await holdUserForChange(env, userId);
    requireAllowed('forgotPassword', user.status);
    await recordUserEvent(env, user, 'user.account.reset_password', 'Forgot password link requested');
    return issueRecoveryToken(env, userId, policy);
  });
}

async function issueRecoveryToken(env: Env, userId: string, policy: PasswordPolicy): Promise<string> {
  await cancelOneTimeTokens(env, userId, ['activation', 'recovery']);
  return issueOneTimeToken(env, { purpose: 'recovery', userId, lifetime: policy.recoveryTokenLifetime });
}

/** Sets a new password with the answer to the recovery question as proof. */
export async function recoverPassword(
  env: Env,
  user: User,
  { answer, password }: { answer: string; password: string },
): Promise<User> {
  requireAllowed('forgotPassword', user.status);
  if (!(await env.passwords.verify(textKey(answer), user.recovery_answer_hash))) throw new Refusal('E0000087');
  requireComplex(await passwordPolicy(env, { userId: user.id }), password, user);
  const hash = await env.passwords.hash(password);
  return transact(env, async (env) => {
    const held = await holdUserForChange(env, user.id);
    requireAllowed('forgotPassword', held.status);
    const changed = await storePassword(env, held, hash, held.status as UserStatus);
    await recordUserEvent(env, changed, 'user.account.reset_password', 'User reset password for Okta');
    return changed;
  });
}

/** Changes the recovery question with the password as proof. */
export async function changeRecoveryQuestion(
  env: Env,
  user: User,
  { password, recoveryQuestion }: { password: string; recoveryQuestion: RecoveryQuestion },
): Promise<User> {
  requireAllowed('changeRecoveryQuestion', user.status);
  if (!(await provePassword(env, user, password))) throw refusedChange('Password is not correct');
  const answerHash = await hashRecoveryAnswer(env, recoveryQuestion);
  return transact(env, async (env) => {
    const held = await holdUserForChange(env, user.id);
    requireAllowed('changeRecoveryQuestion', held.status);
    return storeRecoveryQuestion(env, held, recoveryQuestion.question, answerHash);
  });
}

export type LinkOutcome =
  | { ok: true; user: User }
  /** The link is unknown, used, or too old, or the account is not waiting for it. */
  | { ok: false; reason: 'link' }
  /** The link still works; `problem` says what the password lacks. */
  | { ok: false; reason: 'password'; problem: string };

type LinkPurpose = 'activation' | 'recovery' | 'authn-recovery';

/** Sets the password of whoever holds an activation or recovery link, or has recovered by the authentication API. It is used up only by success. */
export async function setPasswordByLink(
  env: Env,
  { purpose, token, password }: { purpose: LinkPurpose; token: string; password: string },
): Promise<LinkOutcome> {
  const link = await findOneTimeToken(env, purpose, token);
  const owner = await env.db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', link?.user_id ?? '')
    .executeTakeFirst();
  if (!owner || !isWaitingFor(purpose, owner.status)) return { ok: false, reason: 'link' };
  const problem = passwordProblem(await passwordPolicy(env, { userId: owner.id }), password, owner);
  if (problem !== null) return { ok: false, reason: 'password', problem };
  const hash = await env.passwords.hash(password);
  return transact(env, async (env): Promise<LinkOutcome> => {
    const held = await holdUserForChange(env, owner.id);
    if (!isWaitingFor(purpose, held.status) || !(await redeemOneTimeToken(env, purpose, token)))
      return { ok: false, reason: 'link' };
    const user = await storePassword(env, held, hash, 'ACTIVE');
    // Whoever needs a recovery may have lost the password to somebody who is signed in.
    if (purpose !== 'activation') await endSessionsOfUser(env, user.id, { oauthTokens: true });
    await recordUserEvent(env, user, 'user.account.update_password', 'User update password for Okta');
    return { ok: true, user };
  });
}

export function isWaitingFor(purpose: LinkPurpose, status: string): boolean {
  return purpose === 'activation' ? status === 'PROVISIONED' : isAllowed('resetPassword', status);
}
