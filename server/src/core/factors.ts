// Owns the factors that people enrolled: finding, enrolling, activating and taking them away. Secrets of code apps are sealed,
// answers hashed. Not here: proving by a factor (verify-factor.ts) and when a sign-in asks for one (next-step.ts).
import { newId } from '../base/id.ts';
import { equalInConstantTime } from '../base/opaque-token.ts';
import { newTotpSecret, otpauthUri } from '../base/totp.ts';
import { isUniqueViolation } from '../storage/database.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { listAuthenticators } from './authenticators.ts';
import { type Env, transact } from './env.ts';
import { type FactorKind, factorKinds, findFactorKind, kindOf } from './factor-kinds.ts';
import { type Enrollment, enrollmentTerms } from './policies/enrollment-policy.ts';
import { invalid, notFound } from './refusal.ts';
import { isSecurityQuestion, securityQuestions } from './security-questions.ts';
import type { LogTarget } from './system-log.ts';
import { hashRecoveryAnswer, holdUser, recordUserEvent, type User } from './users.ts';

export type Factor = Omit<Row<'factors'>, 'status' | 'profile'> & {
  status: 'PENDING_ACTIVATION' | 'ACTIVE';
  profile: Record<string, unknown>;
};

export type FactorInput = {
  factorType: string;
  provider: string;
  profile: { question?: string | null | undefined; answer?: string | null | undefined };
};

/** In the order in which they were enrolled. */
export async function listFactors(env: Env, userId: string): Promise<Factor[]> {
  const rows = await env.db.selectFrom('factors').selectAll().where('user_id', '=', userId).orderBy('id').execute();
  return rows.map(toFactor).toSorted((one, other) => one.created - other.created);
}

/** Throws E0000007. */
export async function getFactor(env: Env, userId: string, id: string): Promise<Factor> {
  const factor = await findFactor(env, userId, id);
  if (!factor) throw notFound(id, 'UserFactor');
  return factor;
}

export async function findFactor(env: Env, userId: string, id: string): Promise<Factor | null> {
  const row = await env.db
    .selectFrom('factors')
    .selectAll()
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row ? toFactor(row) : null;
}

/** The factors that a sign-in may ask of this person: activated, and their authenticators are still on. */
export async function usableFactors(env: Env, userId: string): Promise<Factor[]> {
  const active = (await listFactors(env, userId)).filter(({ status }) => status === 'ACTIVE');
  if (active.length === 0) return [];
  const on = await kindsTurnedOn(env);
  return active.filter((factor) => on.includes(kindOf(factor)));
}

export type OfferedFactor = { kind: FactorKind; enrollment: Enrollment; status: Factor['status'] | 'NOT_SETUP' };

/** What this person may enrol, or has enrolled of it: turned on in the org and allowed by policy. */
export async function offeredFactors(env: Env, userId: string): Promise<OfferedFactor[]> {
  const terms = await enrollmentTerms(env, userId);
  const own = await listFactors(env, userId);
  const statusOf = (kind: FactorKind): OfferedFactor['status'] =>
    own.find((factor) => kindOf(factor) === kind)?.status ?? 'NOT_SETUP';
  return (await kindsTurnedOn(env))
    .map((kind) => ({ kind, enrollment: terms.of(kind), status: statusOf(kind) }))
    .filter(({ enrollment }) => enrollment !== 'NOT_ALLOWED');
}

/** A security question serves sign-ins only where its authenticator says so: by itself it is for recovery. */
export async function kindsTurnedOn(env: Env): Promise<FactorKind[]> {
  const authenticators = await listAuthenticators(env);
  return factorKinds.filter((kind) => {
    const found = authenticators.find(({ key }) => key === kind.authenticator);
    const methodIsOn = Object.values(found?.method_settings ?? {}).some(({ status }) => status === 'ACTIVE');
    return found?.status === 'ACTIVE' && methodIsOn && found.settings?.allowedFor !== 'recovery';
  });
}

/** Enrols a factor; one of the same kind that was never activated makes way. Throws E0000001. */
export async function enrollFactor(env: Env, user: User, input: FactorInput): Promise<Factor> {
  const kind = await allowedKind(env, user, input);
  const columns = kind.factorType === 'question' ? await questionColumns(env, input.profile) : totpColumns(env, user);
  const id = newId(env, kind.idPrefix);
  const { secret, ...others } = columns;
  const values = {
    ...others,
    sealed_secret: secret === null ? null : env.sealer.seal(secret, placeOf(id)),
    id,
    user_id: user.id,
    factor_type: kind.factorType,
    provider: kind.provider,
    last_step: 0,
    created: env.now(),
    last_updated: env.now(),
  };
  try {
    return await transact(env, async (env) => {
      await holdUser(env, user.id);
      await removePending(env, user.id, kind);
      const row = await env.db.insertInto('factors').values(values).returningAll().executeTakeFirstOrThrow();
      const factor = toFactor(row);
      if (factor.status === 'ACTIVE') await recordActivation(env, user, factor);
      return factor;
    });
  } catch (error) {
    if (!isUniqueViolation(error, '_user_id_factor_type_provider')) throw error;
    throw refusedEnrollment('A factor of this type is already set up.');
  }
}

async function allowedKind(env: Env, user: User, { factorType, provider }: FactorInput): Promise<FactorKind> {
  const kind = findFactorKind(factorType, provider);
  const offered = await offeredFactors(env, user.id);
  if (!kind || !offered.some((one) => one.kind === kind))
    throw refusedEnrollment('Factor not allowed for the user based on the Multifactor policy.');
  return kind;
}

type NewColumns = {
  status: Factor['status'];
  profile: ReturnType<typeof toJson<Record<string, unknown>>>;
  answer_hash: string | null;
  secret: string | null;
};

async function questionColumns(env: Env, { question, answer }: FactorInput['profile']): Promise<NewColumns> {
  if (!isSecurityQuestion(question)) throw refusedEnrollment('question: The security question is not one of the list');
  const questionText = securityQuestions[question];
  const answer_hash = await hashRecoveryAnswer(env, { question: questionText, answer: answer ?? '' });
  return { status: 'ACTIVE', profile: toJson({ question, questionText }), answer_hash, secret: null };
}

function totpColumns(env: Env, user: User): NewColumns {
  return {
    status: 'PENDING_ACTIVATION',
    profile: toJson({ credentialId: user.login }),
    answer_hash: null,
    secret: newTotpSecret(env.random),
  };
}

async function removePending(env: Env, userId: string, { factorType, provider }: FactorKind): Promise<void> {
  await env.db
    .deleteFrom('factors')
    .where('user_id', '=', userId)
    .where('factor_type', '=', factorType)
    .where('provider', '=', provider)
    .where('status', '=', 'PENDING_ACTIVATION')
    .execute();
}

/** Takes a factor away, and with it the devices that need none. Throws E0000007. */
export async function unenrollFactor(env: Env, user: User, id: string): Promise<void> {
  await transact(env, async (env) => {
    await holdUser(env, user.id);
    const factor = await getFactor(env, user.id, id);
    await env.db.deleteFrom('factors').where('id', '=', id).execute();
    await forgetDevices(env, user.id);
    await recordUserEvent(env, user, 'user.mfa.factor.deactivate', 'Reset factor for user', factorTarget(factor));
  });
}

/** Takes away every factor, within a transaction that holds the account. */
export async function removeFactors(env: Env, userId: string): Promise<void> {
  await env.db.deleteFrom('factors').where('user_id', '=', userId).execute();
  await forgetDevices(env, userId);
}

async function forgetDevices(env: Env, userId: string): Promise<void> {
  await env.db.deleteFrom('remembered_devices').where('user_id', '=', userId).execute();
}

/** Makes the factor usable from this code on; false when it was activated, replaced or taken away meanwhile. */
export async function activateAt(env: Env, user: User, factor: Factor, step: number): Promise<boolean> {
  return transact(env, async (env) => {
    const activated = await env.db
      .updateTable('factors')
      .set({ status: 'ACTIVE', last_step: step, last_updated: env.now() })
      .where('id', '=', factor.id)
      .where('status', '=', 'PENDING_ACTIVATION')
      .returning('id')
      .executeTakeFirst();
    if (activated) await recordActivation(env, user, factor);
    return activated !== undefined;
  });
}

async function recordActivation(env: Env, user: User, factor: Factor): Promise<void> {
  await recordUserEvent(env, user, 'user.mfa.factor.activate', 'Activate factor for user', factorTarget(factor));
}

/** The secret of a code app in the clear: to check a code, and to show while the factor waits for its first one. */
export function secretOf(env: Env, { id, sealed_secret }: Factor): string {
  if (sealed_secret === null) throw new Error('This factor has no secret');
  return env.sealer.unseal(sealed_secret, placeOf(id));
}

/** What an authenticator app scans. */
export async function activationUri(env: Env, factor: Factor): Promise<string> {
  const { company_name } = await env.db.selectFrom('org').select('company_name').executeTakeFirstOrThrow();
  const account = String(factor.profile.credentialId);
  return otpauthUri(secretOf(env, factor), { issuer: company_name, account });
}

/** Opens the picture of the code that an app scans, while the factor waits: whoever has it may see the secret. */
export function qrToken(env: Env, { id, created }: Factor): string {
  return env.sealer.mac(`${id} ${created}`, 'factor-qr');
}

/** The factor that waits for its first code, for the holder of that token. */
export async function findFactorByQrToken(
  env: Env,
  { userId, id, token }: { userId: string; id: string; token: string },
): Promise<Factor | null> {
  const factor = await findFactor(env, userId, id);
  if (factor?.status !== 'PENDING_ACTIVATION' || factor.sealed_secret === null) return null;
  return equalInConstantTime(qrToken(env, factor), token) ? factor : null;
}

export function factorTarget(factor: Pick<Factor, 'id' | 'factor_type' | 'provider'>): LogTarget {
  const { orgFactor, label } = kindOf(factor);
  return { id: factor.id, type: 'Factor', alternateId: orgFactor, displayName: label };
}

function refusedEnrollment(cause: string) {
  return invalid('factorEnrollRequest', cause);
}

function placeOf(id: string): string {
  return `factors.sealed_secret:${id}`;
}

/** The columns are written by this module alone, so their contents are of these types. */
function toFactor(row: Row<'factors'>): Factor {
  return row as Factor;
}
