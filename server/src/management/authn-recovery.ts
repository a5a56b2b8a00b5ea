// Owns forgotten passwords in the authentication API: a recovery token, the answer to the recovery question where the person has one,
// a new password, and on with the sign-in. Not here: the pages behind recovery links (sign-in/password-links.ts).
import type { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { redeemOneTimeToken } from '../core/one-time-tokens.ts';
import { passwordPolicy } from '../core/password-policy.ts';
import {
  changePendingSignIn,
  findPendingSignIn,
  keepPendingSignIn,
  type PendingSignIn,
} from '../core/pending-sign-ins.ts';
import { Refusal } from '../core/refusal.ts';
import { forgotPassword, isWaitingFor, setPasswordByLink } from '../core/user-credentials.ts';
import { findUserById, findUserByLogin } from '../core/users.ts';
import { proveAnswer } from '../core/verify-factor.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { FACTORS, giveAttemptBack, takeAttempt } from '../http/sign-in-throttle.ts';
import { managementSurface } from './access.ts';
import {
  passwordResetRequest,
  recoveryAnswer,
  recoveryRequest,
  recoveryTokenRequest,
  transaction,
} from './authn.schema.ts';
import {
  beginSignIn,
  linkTo,
  newPasswordParts,
  relayStateOf,
  type Shown,
  showPerson,
  wrongState,
} from './authn-state.ts';

const tags = ['Authentication'];

export const authnRecoveryRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/authn/recovery/password',
    operationId: 'forgotPasswordByApi',
    summary: 'Begin the recovery of a password, for a caller that may manage users',
    tags,
    access: 'public',
    body: recoveryRequest,
    responses: { 200: transaction },
    async handle({ env, body, request }) {
      // To the person it would have to go by mail, which this server does not send: refused to everybody alike, known or not.
      if (!request.headers.has('authorization')) throw new Refusal('E0000034');
      return json(await recoverFor(await managementSurface.admit(env, 'okta.users.manage', request), body));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/recovery/token',
    operationId: 'verifyRecoveryToken',
    summary: 'Begin a recovery with its token, which is used up',
    tags,
    access: 'public',
    body: recoveryTokenRequest,
    responses: { 200: transaction },
    async handle({ env, body }) {
      const redeemed = await redeemOneTimeToken(env, 'recovery', body.recoveryToken);
      const person = redeemed?.user_id ? await findUserById(env, redeemed.user_id) : null;
      if (!person || !isWaitingFor('recovery', person.status)) throw new Refusal('E0000011');
      const proof = { amr: [], authenticatedAt: env.now() };
      const kept: Record<string, string> = {
        ...(body.relayState ? { relayState: body.relayState } : {}),
        ...(person.recovery_question === null ? { answered: 'nothing' } : {}),
      };
      const { token, expiresAt } = await keepPendingSignIn(env, 'recovery', { person, proof, kept });
      return json(await showRecovery(env, token, { person, proof, kept, expiresAt }));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/recovery/answer',
    operationId: 'answerRecoveryQuestion',
    summary: 'Answer the recovery question',
    tags,
    access: 'public',
    body: recoveryAnswer,
    responses: { 200: transaction },
    async handle({ env, body: { stateToken, answer } }) {
      const pending = await recovering(env, stateToken);
      if (pending.kept.answered) throw wrongState();
      if (!takeAttempt(env, FACTORS)) throw new Refusal('E0000047');
      const outcome = await proveAnswer(env, pending.person, answer);
      if (outcome !== 'proven') throw new Refusal(outcome === 'locked' ? 'E0000069' : 'E0000087');
      giveAttemptBack(env, FACTORS);
      const kept = { ...pending.kept, answered: 'rightly' };
      const changed = await changePendingSignIn(env, 'recovery', stateToken, { ...pending, kept });
      if (!changed) throw new Refusal('E0000011');
      return json(await showRecovery(env, stateToken, changed));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/credentials/reset_password',
    operationId: 'resetPasswordByApi',
    summary: 'Set the new password of a recovery, and go on signing in',
    tags,
    access: 'public',
    body: passwordResetRequest,
    responses: { 200: transaction },
    async handle({ env, body: { stateToken, newPassword } }) {
      const { kept } = await recovering(env, stateToken);
      if (!kept.answered) throw wrongState();
      const { answered: _, ...others } = kept;
      const outcome = await setPasswordByLink(env, {
        purpose: 'authn-recovery',
        token: stateToken,
        password: newPassword,
      });
      if (!outcome.ok && outcome.reason === 'password') throw new Refusal('E0000080', '', [outcome.problem]);
      if (!outcome.ok) throw new Refusal('E0000011');
      const proof = { amr: ['pwd'], authenticatedAt: env.now() };
      return json(await beginSignIn(env, { person: outcome.user, proof, kept: others }));
    },
  }),
];

/** Throws E0000011. */
async function recovering(env: Env, stateToken: string): Promise<PendingSignIn> {
  const pending = await findPendingSignIn(env, 'recovery', stateToken);
  if (!pending || !isWaitingFor('recovery', pending.person.status)) throw new Refusal('E0000011');
  return pending;
}

export async function showRecovery(env: Env, stateToken: string, pending: PendingSignIn): Promise<Shown> {
  const { person, kept, expiresAt } = pending;
  const common = { stateToken, expiresAt: toIso(expiresAt), ...relayStateOf(kept), recoveryType: 'PASSWORD' as const };
  const cancel = linkTo(env, 'cancel');
  if (!kept.answered)
    return {
      ...common,
      status: 'RECOVERY',
      _embedded: { user: { ...showPerson(person), recovery_question: { question: person.recovery_question } } },
      _links: { next: { name: 'answer', ...linkTo(env, 'recovery/answer') }, cancel },
    };
  const { _embedded } = await newPasswordParts(env, person);
  return {
    ...common,
    status: 'PASSWORD_RESET',
    _embedded: { user: showPerson(person), ..._embedded },
    _links: { next: { name: 'resetPassword', ...linkTo(env, 'credentials/reset_password') }, cancel },
  };
}

/** A recovery token for a caller that manages users and gets it to the person by ways of its own. */
async function recoverFor(env: Env, { username, relayState }: z.output<typeof recoveryRequest>): Promise<Shown> {
  const person = await findUserByLogin(env, username);
  if (!person) throw new Refusal('E0000095');
  const recoveryToken = await forgotPassword(env, person.id);
  const { recoveryTokenLifetime } = await passwordPolicy(env, { userId: person.id });
  return {
    recoveryToken,
    expiresAt: toIso(env.now() + recoveryTokenLifetime),
    status: 'RECOVERY',
    ...(relayState ? { relayState } : {}),
    recoveryType: 'PASSWORD',
    _embedded: { user: showPerson(person) },
  };
}
