// Owns people's accounts: finding one, making one, changing its profile. Not here: the life of an account (user-lifecycle.ts),
// its secrets (user-credentials.ts), lists and search (user-search.ts), and proving who somebody is (authenticate.ts).
import { idPrefixes, isId, newId } from '../base/id.ts';
import { type ImportedPassword, storeImported } from '../base/imported-password.ts';
import { prefixRange, textKey } from '../base/text-key.ts';
import { isUniqueViolation } from '../storage/database.ts';
import { prepared } from '../storage/prepared.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { followGroupRules } from './group-rule-memberships.ts';
import { addMembership, groupTarget, holdGroup } from './groups.ts';
import { importProvider } from './password-import.ts';
import { passwordPolicy, passwordProblem } from './password-policy.ts';
import type { PolicySubject } from './policies/org-policies.ts';
import type { ProfileAttributes } from './profile-attributes.ts';
import { claimUniqueValues, userAttributes } from './profile-schemas.ts';
import { writeProfileWords } from './profile-words.ts';
import { defaultRealmId, holdRealm } from './realms.ts';
import { alreadyExists, invalid, notFound, Refusal } from './refusal.ts';
import { requireRightsOver } from './roles.ts';
import { type LogTarget, record } from './system-log.ts';
import { checkedProfile, displayNameOf, mergedProfile, type Profile, requireMutable } from './user-profile.ts';
import { isLiving, statusOnceActivated } from './user-status.ts';
import { holdUserType, userTypeIdOf } from './user-types.ts';

export type User = Row<'users'>;

/** By id, by login, or by the part of a login before the @ when only one account has it. */
export async function findUser(env: Env, idOrLogin: string): Promise<User | null> {
  return (await findUserById(env, idOrLogin)) ?? findUserByLogin(env, idOrLogin);
}

/** By id alone: what a token or a row says of a person is never taken for a login. */
export async function findUserById(env: Env, id: string): Promise<User | null> {
  if (!isId(id, idPrefixes.user)) return null;
  const [user] = await userById(env.db, { id });
  return user ?? null;
}

const userById = prepared((db, { id }: { id: string }) => db.selectFrom('users').selectAll().where('id', '=', id));

/** By login or its short name; an id is not a login. */
export async function findUserByLogin(env: Env, login: string): Promise<User | null> {
  const key = textKey(login);
  const { from, before } = prefixRange(`${key}@`);
  const found = await env.db
    .selectFrom('users')
    .selectAll()
    .where((eb) =>
      eb.or([eb('login_key', '=', key), eb.and([eb('login_key', '>=', from), eb('login_key', '<', before)])]),
    )
    .orderBy('login_key')
    .limit(2)
    .execute();
  const [first] = found;
  return first && (first.login_key === key || found.length === 1) ? first : null;
}

/** As findUser; throws E0000007. */
export async function getUser(env: Env, idOrLogin: string): Promise<User> {
  const user = await findUser(env, idOrLogin);
  if (!user) throw notFound(idOrLogin, 'User');
  return user;
}

/** Whether tokens and sessions of this person may be used. */
export function isUsable(user: Pick<User, 'status'>): boolean {
  return isLiving(user.status);
}

/** The id of the group that every user is in. It never changes once it is committed, so it is read once. */
export async function everyoneGroupId(env: Env): Promise<string> {
  const known = env.memory.of('everyone-group-id', (): { id: string | null } => ({ id: null }));
  if (known.id !== null) return known.id;
  const { id } = await env.db
    .selectFrom('groups')
    .select('id')
    .where('type', '=', 'BUILT_IN')
    .where('name_key', '=', textKey('Everyone'))
    .executeTakeFirstOrThrow();
  if (!env.db.isTransaction) known.id = id;
  return id;
}

export type RecoveryQuestion = { question: string; answer: string };

export type NewUser = {
  profile: Record<string, unknown>;
  password?: string | null | undefined;
  /** In place of a password: what another system made of it. */
  importedPassword?: ImportedPassword | undefined;
  recoveryQuestion?: RecoveryQuestion | null | undefined;
  provider?: { type: string; name: string } | null | undefined;
  /** Whether the account begins its life at once; the default. */
  activate?: boolean | undefined;
  nextLogin?: 'changePassword' | null | undefined;
  groupIds?: readonly string[] | undefined;
  typeId?: string | null | undefined;
  /** By default the org's default realm. */
  realmId?: string | null | undefined;
};

/** Makes an account. Call it outside a transaction: hashing is slow. */
export async function createUser(env: Env, user: NewUser): Promise<User> {
  const activate = user.activate ?? true;
  const password = user.password ?? null;
  const imported = user.importedPassword ?? null;
  const hasPassword = password !== null || imported !== null;
  if (user.nextLogin === 'changePassword' && !hasPassword) throw new Refusal('E0000124');
  if (user.nextLogin === 'changePassword' && !activate) throw new Refusal('E0000125');
  const typeId = await userTypeIdOf(env, user.typeId ?? null);
  const attributes = await userAttributes(env, typeId);
  const profile = checkedProfile(attributes, user.profile, 'newUser');
  const secrets = await hashedSecrets(env, { login: profile.login, profile }, password, user.recoveryQuestion ?? null, {
    groupIds: [...(user.groupIds ?? []), await everyoneGroupId(env)],
  });
  const provider = imported ? importProvider : (user.provider ?? { type: 'OKTA', name: 'OKTA' });
  const now = env.now();
  const living = statusOnceActivated(hasPassword, provider.type);
  const row: User = {
    id: newId(env, idPrefixes.user),
    status: activate ? (user.nextLogin === 'changePassword' ? 'PASSWORD_EXPIRED' : living) : 'STAGED',
    ...profileColumns(profile),
    type_id: typeId,
    realm_id: user.realmId ?? (await defaultRealmId(env)),
    ...secrets,
    ...(imported ? { password_hash: storeImported(imported) } : {}),
    credential_provider: provider,
    created: now,
    activated: activate ? now : null,
    status_changed: activate ? now : null,
    last_login: null,
    last_updated: now,
    password_changed: hasPassword ? now : null,
  };
  const everyone = await everyoneGroupId(env);
  await refusingTakenLogin(() =>
    transact(env, async (env) => {
      if (user.typeId) await holdUserType(env, typeId);
      if (user.realmId) await holdRealm(env, user.realmId);
      await insertUser(env, row, attributes, everyone, user.groupIds ?? []);
    }),
  );
  return row;
}

async function insertUser(
  env: Env,
  row: User,
  attributes: ProfileAttributes,
  everyone: string,
  groupIds: readonly string[],
): Promise<void> {
  await env.db
    .insertInto('users')
    .values({ ...row, profile: toJson(row.profile), credential_provider: toJson(row.credential_provider) })
    .execute();
  await claimUniqueValues(env, row, attributes);
  await writeProfileWords(env, row, { isNew: true });
  await recordUserEvent(env, row, 'user.lifecycle.create', 'Create user');
  if (row.activated !== null) await recordUserEvent(env, row, 'user.lifecycle.activate', 'Activate user');
  await addMembership(env, everyone, row.id, 'EVERYONE');
  for (const groupId of [...new Set(groupIds)].sort()) {
    const group = await holdGroup(env, groupId);
    if (group.type === 'BUILT_IN') continue;
    await addMembership(env, group.id, row.id, 'DIRECT');
    await recordUserEvent(env, row, 'group.user_membership.add', 'Add user to group membership', groupTarget(group));
  }
  await followGroupRules(env, [row]);
}

/** Hashes what must not be stored as it is, after the policy has agreed to it. */
async function hashedSecrets(
  env: Env,
  owner: { login: string; profile: Record<string, unknown> },
  password: string | null,
  recovery: RecoveryQuestion | null,
  subject: PolicySubject,
): Promise<Pick<User, 'password_hash' | 'recovery_question' | 'recovery_answer_hash'>> {
  if (password !== null) await requireGoodPassword(env, password, owner, subject);
  return {
    password_hash: password === null ? null : await env.passwords.hash(password),
    recovery_question: recovery?.question ?? null,
    recovery_answer_hash: recovery === null ? null : await hashRecoveryAnswer(env, recovery),
  };
}

/** Throws E0000001 with what the policy asks for. */
export async function requireGoodPassword(
  env: Env,
  password: string,
  owner: { login: string; profile: Record<string, unknown> },
  subject: PolicySubject,
): Promise<void> {
  const problem = passwordProblem(await passwordPolicy(env, subject), password, owner);
  if (problem !== null) throw invalid('password', `password: ${problem}`);
}

const SHORTEST_ANSWER = 4;

/** The hash of a recovery answer; answers are compared without regard to case and outer white space. */
export async function hashRecoveryAnswer(env: Env, { question, answer }: RecoveryQuestion): Promise<string> {
  const key = textKey(answer);
  const length = [...key].length;
  if (length < SHORTEST_ANSWER || length > 100)
    throw invalid(
      'recovery_question',
      `answer: The security question answer must have ${SHORTEST_ANSWER} to 100 characters`,
    );
  if (textKey(question).includes(key))
    throw invalid('recovery_question', 'answer: The security question answer must not be part of the question');
  return env.passwords.hash(key);
}

function profileColumns(profile: Profile): Pick<User, 'login' | 'login_key' | 'email_key' | 'profile'> {
  const { login, email } = profile;
  return { login, login_key: textKey(login), email_key: textKey(email), profile };
}

/** Runs a transaction that writes a login; throws E0000001 when another account has it. */
export async function refusingTakenLogin<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isUniqueViolation(error, 'login_key')) throw alreadyExists('login', 'login');
    throw error;
  }
}

/** `merge`: attributes that are not named stay. `replace`: they go. */
export type ProfileChange = {
  profile: Record<string, unknown>;
  how: 'merge' | 'replace';
  /** The type that the person is of from now on. */
  typeId?: string | undefined;
  realmId?: string | undefined;
};

/** The profile that a change leads to, checked, and the attributes that it was checked by. */
export async function changedProfile(
  env: Env,
  user: Pick<User, 'profile' | 'type_id'>,
  { profile, how, typeId = user.type_id }: ProfileChange,
): Promise<{ profile: Profile; attributes: ProfileAttributes; typeId: string }> {
  const attributes = await userAttributes(env, typeId);
  const changed = checkedProfile(attributes, how === 'merge' ? mergedProfile(user.profile, profile) : profile, 'user');
  requireMutable(attributes, user.profile, changed);
  return { profile: changed, attributes, typeId };
}

/** Changes the profile of an account that this transaction holds. */
export async function changeProfile(env: Env, user: User, change: ProfileChange): Promise<User> {
  if (change.typeId !== undefined) await holdUserType(env, change.typeId);
  if (change.realmId !== undefined) await holdRealm(env, change.realmId);
  const { profile, attributes, typeId } = await changedProfile(env, user, change);
  const columns = { ...profileColumns(profile), type_id: typeId, realm_id: change.realmId ?? user.realm_id };
  await env.db
    .updateTable('users')
    .set({ ...columns, profile: toJson(columns.profile) })
    .where('id', '=', user.id)
    .execute();
  const changed = { ...user, ...columns };
  await claimUniqueValues(env, changed, attributes);
  await writeProfileWords(env, changed, { isNew: false });
  await recordUserEvent(env, changed, 'user.account.update_profile', 'Update user profile for Okta');
  await followGroupRules(env, [changed]);
  return changed;
}

/**
 * The account as it is now, held for this transaction: two changes at once follow one another. Throws E0000007, and E0000006
 * for an administrator's account that the caller may not touch.
 */
export async function holdUser(env: Env, userId: string): Promise<User> {
  return held(
    env,
    userId,
    await env.db
      .updateTable('users')
      .set((eb) => ({ last_updated: eb.ref('last_updated') }))
      .where('id', '=', userId)
      .returningAll()
      .executeTakeFirst(),
  );
}

/** As holdUser; counts as an update. */
export async function holdUserForChange(env: Env, userId: string): Promise<User> {
  return held(
    env,
    userId,
    await env.db
      .updateTable('users')
      .set({ last_updated: env.now() })
      .where('id', '=', userId)
      .returningAll()
      .executeTakeFirst(),
  );
}

async function held(env: Env, userId: string, user: User | undefined): Promise<User> {
  if (!user) throw notFound(userId, 'User');
  await requireRightsOver(env, { userId });
  return user;
}

/** Notes that the person signed in, and from where. Call it where a session starts. */
export async function noteSignIn(env: Env, userId: string): Promise<void> {
  const now = env.now();
  await env.db.updateTable('users').set({ last_login: now }).where('id', '=', userId).execute();
  const id = newId(env, idPrefixes.signIn);
  await env.db
    .insertInto('recent_sign_ins')
    .values({ id, user_id: userId, ip_address: env.request.ip, created: now })
    .execute();
}

export async function recordUserEvent(
  env: Env,
  user: Pick<User, 'id' | 'login' | 'profile'>,
  eventType: string,
  displayMessage: string,
  ...further: LogTarget[]
): Promise<void> {
  await record(env, { eventType, displayMessage, target: [userTarget(user), ...further] });
}

/** The person as the System Log names them. */
export function userTarget(user: Pick<User, 'id' | 'login' | 'profile'>): LogTarget {
  return { id: user.id, type: 'User', alternateId: user.login, displayName: displayNameOf(user) };
}
