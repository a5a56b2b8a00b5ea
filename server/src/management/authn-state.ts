// Owns the states of the authentication API: which one a sign-in is in, how each is shown, and the session token at the end. A state is
// known by its token alone. Not here: the routes that lead from one to the next (authn.ts, authn-factors.ts, authn-recovery.ts).
import type { z } from 'zod';
import { DAY, MINUTE, toIso, toIsoOrNull } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { type Factor, findFactor, usableFactors } from '../core/factors.ts';
import type { Step } from '../core/next-step.ts';
import { type PasswordPolicy, passwordPolicy } from '../core/password-policy.ts';
import {
  changePendingSignIn,
  endPendingSignIn,
  findPendingSignIn,
  keepPendingSignIn,
  type PendingSignIn,
} from '../core/pending-sign-ins.ts';
import { sessionTerms } from '../core/policies/session-policy.ts';
import { Refusal } from '../core/refusal.ts';
import { issueSessionToken } from '../core/session-tokens.ts';
import { enrollable, stepOf } from '../core/sign-in-step.ts';
import type { User } from '../core/users.ts';
import type { transaction as transactionShape } from './authn.schema.ts';
import { activationOf, nameFactor, showOffered } from './factor-body.ts';

export type Shown = z.input<typeof transactionShape>;

/** Steps of a sign-in, and what is only said: that the password will soon be too old. */
export type State = Step | 'warn-of-password';

export type Waiting = { stateToken: string; state: State; pending: PendingSignIn };

type Proven = Pick<PendingSignIn, 'person' | 'proof' | 'kept'>;

/** What a state token stands for. Throws E0000011 when it is unknown, used or too old, or its proof has become worthless. */
export async function waitingSignIn(env: Env, stateToken: string): Promise<Waiting> {
  const pending = await findPendingSignIn(env, 'authn', stateToken);
  const state = pending && (await stateOf(env, pending));
  if (!pending || !state || state === 'refuse') throw new Refusal('E0000011');
  return { stateToken, state, pending };
}

/** As waitingSignIn; throws E0000079 when it waits for something else. */
export async function waitingFor(env: Env, stateToken: string, ...states: State[]): Promise<Waiting> {
  const waiting = await waitingSignIn(env, stateToken);
  if (!states.includes(waiting.state)) throw wrongState();
  return waiting;
}

export function wrongState(): Refusal {
  const text = 'This operation is not allowed in the current authentication state.';
  return new Refusal('E0000079', '', [text]);
}

/** The first answer to who has proven their identity: the end, or a state that waits. Throws E0000004. */
export async function beginSignIn(env: Env, proven: Proven): Promise<Shown> {
  const state = await stateOf(env, proven);
  if (state === 'refuse') throw new Refusal('E0000004');
  if (state === 'begin-session') return success(env, proven);
  const { token, expiresAt } = await keepPendingSignIn(env, 'authn', proven);
  return showState(env, { stateToken: token, state, pending: { ...proven, expiresAt } });
}

/** The answer to who has done what a state asked. Of several at once for one state, one gets to the end. */
export async function goOn(env: Env, stateToken: string, proven: Proven): Promise<Shown> {
  const state = await stateOf(env, proven);
  if (state === 'refuse') throw new Refusal('E0000004');
  if (state === 'begin-session') {
    if (!(await endPendingSignIn(env, 'authn', stateToken))) throw new Refusal('E0000011');
    return success(env, proven);
  }
  const pending = await changePendingSignIn(env, 'authn', stateToken, { ...proven, expiresAt: 0 });
  if (!pending) throw new Refusal('E0000011');
  return showState(env, { stateToken, state, pending });
}

async function stateOf(env: Env, { person, proof, kept }: Proven): Promise<State> {
  const step = await stepOf(env, person, proof, { asked: [], application: null, device: kept.device ?? null });
  if (step !== 'begin-session' || kept.warn === undefined) return step;
  return daysLeft(env, person, await passwordPolicy(env, { userId: person.id })) === null ? step : 'warn-of-password';
}

/** Whole days until the password is too old, once that is near enough to be said. */
function daysLeft(env: Env, person: User, { maxAge, warnBefore }: PasswordPolicy): number | null {
  const left = (person.password_changed ?? person.created) + maxAge - env.now();
  return maxAge > 0 && left <= warnBefore ? Math.max(0, Math.floor(left / DAY)) : null;
}

async function success(env: Env, { person, proof, kept }: Proven): Promise<Shown> {
  const { token, expiresAt } = await issueSessionToken(env, person, proof);
  return {
    expiresAt: toIso(expiresAt),
    status: 'SUCCESS',
    ...relayStateOf(kept),
    sessionToken: token,
    _embedded: { user: showPerson(person) },
    _links: { cancel: linkTo(env, 'cancel') },
  };
}

export async function showState(env: Env, waiting: Waiting): Promise<Shown> {
  const { stateToken, pending } = waiting;
  const { status, _embedded, _links } = await partsOf(env, waiting);
  return {
    stateToken,
    expiresAt: toIso(pending.expiresAt),
    status,
    ...relayStateOf(pending.kept),
    _embedded: { user: showPerson(pending.person), ..._embedded },
    _links: { ..._links, cancel: linkTo(env, 'cancel') },
  };
}

type Parts = { status: Shown['status']; _embedded: Record<string, unknown>; _links: Record<string, unknown> };

async function partsOf(env: Env, { state, pending }: Waiting): Promise<Parts> {
  const { person } = pending;
  switch (state) {
    case 'change-password':
      return { status: 'PASSWORD_EXPIRED', ...(await newPasswordParts(env, person)) };
    case 'warn-of-password': {
      const { _embedded, _links } = await newPasswordParts(env, person);
      const passwordExpireDays = daysLeft(env, person, await passwordPolicy(env, { userId: person.id })) ?? 0;
      return {
        status: 'PASSWORD_WARN',
        _embedded: { policy: { expiration: { passwordExpireDays }, ..._embedded.policy } },
        _links: { ..._links, skip: { name: 'skip', ...linkTo(env, 'skip') } },
      };
    }
    case 'verify-factor':
      return challengeParts(env, pending);
    case 'enroll-factor':
      return enrollmentParts(env, pending);
    case 'begin-session':
    case 'refuse':
      throw new Error('There is nothing to show of a sign-in that waits for nothing');
  }
}

export async function newPasswordParts(env: Env, person: User) {
  const { minLength, minLowerCase, minUpperCase, minNumber, minSymbol, excludeUsername } = await passwordPolicy(env, {
    userId: person.id,
  });
  const complexity = { minLength, minLowerCase, minUpperCase, minNumber, minSymbol, excludeUsername };
  return {
    _embedded: { policy: { complexity } },
    _links: { next: { name: 'changePassword', ...linkTo(env, 'credentials/change_password') } },
  };
}

async function challengeParts(env: Env, { person, kept }: PendingSignIn): Promise<Parts> {
  const factors = await usableFactors(env, person.id);
  const { rememberFor, rememberByDefault } = (await sessionTerms(env, person.id)).factor;
  const policy = {
    allowRememberDevice: rememberFor > 0 && kept.device !== undefined,
    rememberDeviceLifetimeInMinutes: Math.floor(rememberFor / MINUTE),
    rememberDeviceByDefault: rememberByDefault,
  };
  const chosen = factors.find(({ id }) => id === kept.factorId);
  if (!chosen) {
    const shown = factors.map((factor) => ({
      ...nameProfile(factor),
      _links: { verify: linkTo(env, `factors/${factor.id}/verify`) },
    }));
    return { status: 'MFA_REQUIRED', _embedded: { factors: shown, policy }, _links: {} };
  }
  return {
    status: 'MFA_CHALLENGE',
    _embedded: { factor: nameProfile(chosen), policy },
    _links: {
      next: { name: 'verify', ...linkTo(env, `factors/${chosen.id}/verify`) },
      prev: linkTo(env, 'previous'),
    },
  };
}

async function enrollmentParts(env: Env, { person, kept }: PendingSignIn): Promise<Parts> {
  const begun = kept.factorId === undefined ? null : await findFactor(env, person.id, kept.factorId);
  if (begun?.status === 'PENDING_ACTIVATION')
    return {
      status: 'MFA_ENROLL_ACTIVATE',
      _embedded: { factor: { ...nameProfile(begun), ...activationOf(env, begun) } },
      _links: {
        next: { name: 'activate', ...linkTo(env, `factors/${begun.id}/lifecycle/activate`) },
        prev: linkTo(env, 'previous'),
      },
    };
  const questions = { href: `${env.request.origin}/api/v1/users/${person.id}/factors/questions` };
  const factors = (await enrollable(env, person)).map((offered) =>
    showOffered(offered, {
      ...(offered.kind.factorType === 'question' ? { questions: { ...questions, hints: { allow: ['GET'] } } } : {}),
      enroll: linkTo(env, 'factors'),
    }),
  );
  return { status: 'MFA_ENROLL', _embedded: { factors }, _links: {} };
}

function nameProfile(factor: Factor) {
  return { ...nameFactor(factor), profile: factor.profile };
}

export function showPerson({ id, password_changed, login, profile }: User) {
  const { firstName = null, lastName = null, locale = 'en', timezone = 'UTC' } = profile;
  return {
    id,
    passwordChanged: toIsoOrNull(password_changed),
    profile: { login, firstName, lastName, locale, timeZone: timezone },
  };
}

export function relayStateOf({ relayState }: Record<string, string>): { relayState?: string } {
  return relayState === undefined ? {} : { relayState };
}

export function linkTo(env: Env, path: string) {
  return { href: `${env.request.origin}/api/v1/authn/${path}`, hints: { allow: ['POST'] } };
}
