// Owns proving by a factor: the count of guesses, the judgement, and that a code is good once. Guesses at all factors of a person are
// counted together, before they are judged, so that no number at once exceeds the limit; too many shut the account as wrong
// passwords do. Not here: which factor a sign-in asks for (next-step.ts), and the brake on one address (http/sign-in-throttle.ts).
import { textKey } from '../base/text-key.ts';
import { MINUTE } from '../base/time.ts';
import { matchingStep } from '../base/totp.ts';
import { userActor } from './actors.ts';
import { type Env, transact } from './env.ts';
import { activateAt, type Factor, factorTarget, secretOf } from './factors.ts';
import { shutAccount } from './lock-out.ts';
import { passwordPolicy } from './password-policy.ts';
import {
  clearAttempts,
  countAttempt,
  expireLock,
  factorFailureKey,
  failureKey,
  shutAttempts,
} from './sign-in-failures.ts';
import { record } from './system-log.ts';
import { findUserById, type User } from './users.ts';

/** What the person gave: a code, or the answer to their question. */
export type FactorProof = { passCode?: string | null | undefined; answer?: string | null | undefined };

/** `replayed`: the code was right and has been used. `locked`: the account is shut, or guesses must pause. */
export type FactorOutcome = 'proven' | 'wrong' | 'replayed' | 'locked';

/** Where an account never locks by policy, so many failures make guesses wait. */
const FAILURES_BEFORE_PAUSE = 10;
const PAUSE = 5 * MINUTE;

/** Judges a proof by an active factor, counts and records it. The outcome is returned, since the count must stay. */
export async function verifyFactor(env: Env, user: User, factor: Factor, proof: FactorProof): Promise<FactorOutcome> {
  return guess(env, user, factor, async () => {
    if (factor.factor_type === 'question')
      return (await env.passwords.verify(textKey(proof.answer ?? ''), factor.answer_hash)) ? 'proven' : 'wrong';
    const step = matchingStep(secretOf(env, factor), proof.passCode ?? '', env.now());
    if (step === null) return 'wrong';
    return (await useUp(env, factor, step)) ? 'proven' : 'replayed';
  });
}

/** Completes an enrolment with the first code of the app. */
export async function activateFactor(env: Env, user: User, factor: Factor, proof: FactorProof): Promise<FactorOutcome> {
  return guess(env, user, factor, async () => {
    const step = matchingStep(secretOf(env, factor), proof.passCode ?? '', env.now());
    return step !== null && (await activateAt(env, user, factor, step)) ? 'proven' : 'wrong';
  });
}

/** Whether the answer to the person's recovery question is right, counted like a guess at a factor. */
export async function proveAnswer(env: Env, user: User, answer: string): Promise<FactorOutcome> {
  return guess(env, user, null, async () =>
    (await env.passwords.verify(textKey(answer), user.recovery_answer_hash)) ? 'proven' : 'wrong',
  );
}

/** One statement: of any number of calls with a code, one gets true, and none for a code of an earlier step than one used. */
async function useUp(env: Env, { id }: Factor, step: number): Promise<boolean> {
  const used = await env.db
    .updateTable('factors')
    .set({ last_step: step })
    .where('id', '=', id)
    .where('status', '=', 'ACTIVE')
    .where('last_step', '<', step)
    .returning('id')
    .executeTakeFirst();
  return used !== undefined;
}

async function guess(
  env: Env,
  user: User,
  factor: Factor | null,
  judge: () => Promise<FactorOutcome>,
): Promise<FactorOutcome> {
  const policy = await passwordPolicy(env, { userId: user.id });
  const limit = policy.maxAttempts || FAILURES_BEFORE_PAUSE;
  const key = factorFailureKey(user.id);
  const number = await transact(env, async (env) => {
    await expireLock(env, key);
    return countAttempt(env, key);
  });
  const isShut = number > limit || (await findUserById(env, user.id))?.status === 'LOCKED_OUT';
  const outcome = isShut ? 'locked' : await judge();
  await transact(env, async (env) => {
    if (outcome === 'proven') await clearAttempts(env, key);
    else if (number === limit && policy.maxAttempts > 0) {
      await shutAttempts(env, failureKey(user.login_key), policy);
      await shutAttempts(env, key, policy);
      await shutAccount(env, user);
    } else if (number === limit) await shutAttempts(env, key, { ...policy, maxAttempts: limit, lockFor: PAUSE });
    await recordOutcome(env, user, factor, outcome);
  });
  return outcome;
}

async function recordOutcome(env: Env, user: User, factor: Factor | null, outcome: FactorOutcome): Promise<void> {
  const reasons = { wrong: 'INVALID_CREDENTIALS', replayed: 'PASSCODE_REPLAYED', locked: 'LOCKED_OUT' };
  const person = userActor(user);
  await record(env, {
    eventType: 'user.authentication.auth_via_mfa',
    displayMessage: 'Authentication of user via MFA',
    outcome: outcome === 'proven' ? { result: 'SUCCESS' } : { result: 'FAILURE', reason: reasons[outcome] },
    actor: person,
    target: [person, ...(factor ? [factorTarget(factor)] : [])],
  });
}
