// Owns asking a signed-in person to prove again who they are, in the very form that needs it: by the password, and by a second factor
// where they have one. A browser left open is not enough to change how somebody signs in. Not here: what the form is for.

import { provePassword } from '../core/authenticate.ts';
import type { Env } from '../core/env.ts';
import { kindOf } from '../core/factor-kinds.ts';
import { type Factor, usableFactors } from '../core/factors.ts';
import type { User } from '../core/users.ts';
import { verifyFactor } from '../core/verify-factor.ts';
import { FACTORS, giveAttemptBack, secondsToWait, takeAttempt } from '../http/sign-in-throttle.ts';
import { single } from './own-form.ts';

export type ProofErrors = { form?: string; password?: string; proof?: string };

/** What the form asks for beside the password; null: the person has no factor yet. */
export type FurtherProof = { factorId: string; label: string; isCode: boolean };

/** The factor that the form asks for: an app before a question, since it proves more. */
export async function furtherProof(env: Env, user: User): Promise<FurtherProof | null> {
  const factor = chosen(await usableFactors(env, user.id));
  if (!factor) return null;
  const isCode = factor.factor_type !== 'question';
  const label = isCode ? `Code that ${kindOf(factor).label} shows` : String(factor.profile.questionText);
  return { factorId: factor.id, label, isCode };
}

/** Null when everything was proven. Wrong ones count as they do at the sign-in. */
export async function proveAgain(env: Env, user: User, form: URLSearchParams): Promise<ProofErrors | null> {
  const password = single(form, 'password') ?? '';
  if (password === '') return { password: 'Enter your password.' };
  const factor = chosen(await usableFactors(env, user.id));
  const given = single(form, 'proof') ?? '';
  if (factor && given === '') return { proof: 'This is needed too.' };
  if (!takeAttempt(env)) return { form: `Too many attempts. Try again in ${secondsToWait(env)} seconds.` };
  if (!(await provePassword(env, user, password))) return { password: 'This is not your password.' };
  giveAttemptBack(env);
  if (!factor) return null;
  if (!takeAttempt(env, FACTORS))
    return { form: `Too many attempts. Try again in ${secondsToWait(env, FACTORS)} seconds.` };
  const proof = { passCode: given.replaceAll(/\s/g, ''), answer: given };
  const outcome = await verifyFactor(env, user, factor, proof);
  if (outcome === 'replayed') return { proof: 'This code has been used. Wait for the next one.' };
  if (outcome === 'locked') return { form: 'Too many attempts. Your account is locked; ask your administrator.' };
  if (outcome !== 'proven') return { proof: 'This is not right.' };
  giveAttemptBack(env, FACTORS);
  return null;
}

function chosen(factors: readonly Factor[]): Factor | null {
  return factors.find(({ factor_type }) => factor_type !== 'question') ?? factors[0] ?? null;
}
