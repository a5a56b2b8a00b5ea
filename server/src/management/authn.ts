// Owns /api/v1/authn: signing in from an application's own page, as a sequence of states that ends in a session token. A state is
// known by its token alone, so no cookie is read and no other page can ride on one. Not here: the session that the token buys.
import type { z } from 'zod';
import { toIso, toIsoOrNull } from '../base/time.ts';
import { authenticate } from '../core/authenticate.ts';
import type { Env } from '../core/env.ts';
import { nextStep } from '../core/next-step.ts';
import { passwordPolicy } from '../core/password-policy.ts';
import {
  findPendingSignIn,
  keepPendingSignIn,
  type PendingSignIn,
  takePendingSignIn,
} from '../core/pending-sign-ins.ts';
import { invalid, Refusal } from '../core/refusal.ts';
import { issueSessionToken } from '../core/session-tokens.ts';
import type { IdentityProof } from '../core/sessions.ts';
import { changePassword, forgotPassword } from '../core/user-credentials.ts';
import { findUserById, findUserByLogin, type User } from '../core/users.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { giveAttemptBack, takeAttempt } from '../http/sign-in-throttle.ts';
import { managementSurface } from './access.ts';
import {
  authnRequest,
  cancelled,
  passwordChangeRequest,
  recoveryRequest,
  stateRequest,
  transaction as transactionShape,
} from './authn.schema.ts';

type Shown = z.input<typeof transactionShape>;

const tags = ['Authentication'];

export const authnRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/authn',
    operationId: 'authenticate',
    summary: 'Prove who you are with username and password, or read the state that a token stands for',
    tags,
    access: 'public',
    body: authnRequest,
    responses: { 200: transactionShape },
    async handle({ env, body }) {
      if (body.stateToken)
        return json(await showState(env, body.stateToken, await waitingSignIn(env, body.stateToken)));
      const { username, password } = body;
      if (!username || !password)
        throw invalid('authRequest', "The 'username' and 'password' attributes are required in this context.");
      const person = await provenBy(env, username, password);
      const proof = { amr: ['pwd'], authenticatedAt: env.now() };
      return json(await goOn(env, person, proof, body.relayState ? { relayState: body.relayState } : {}));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/cancel',
    operationId: 'cancelAuthentication',
    summary: 'Give up a sign-in that waits for a step',
    tags,
    access: 'public',
    body: stateRequest,
    responses: { 200: cancelled },
    async handle({ env, body }) {
      const taken = await takePendingSignIn(env, 'authn', body.stateToken);
      if (!taken) throw new Refusal('E0000011');
      return json(relayStateOf(taken.kept));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/credentials/change_password',
    operationId: 'changeExpiredPasswordByApi',
    summary: 'Replace an expired password and finish signing in',
    tags,
    access: 'public',
    body: passwordChangeRequest,
    responses: { 200: transactionShape },
    async handle({ env, body }) {
      const { stateToken, oldPassword, newPassword } = body;
      const { person, pending } = await waitingSignIn(env, stateToken);
      limited(env);
      const change = { oldPassword, newPassword, revokeSessions: false, strict: false };
      const changed = await changePassword(env, person, change);
      giveAttemptBack(env);
      if (!(await takePendingSignIn(env, 'authn', stateToken))) throw new Refusal('E0000011');
      return json(await goOn(env, changed, pending.proof, pending.kept));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/recovery/password',
    operationId: 'forgotPasswordByApi',
    summary: 'Begin the recovery of a password, for a caller that may manage users',
    tags,
    access: 'public',
    body: recoveryRequest,
    responses: { 200: transactionShape },
    async handle({ env, body, request }) {
      // To the person it would have to go by mail, which this server does not send: refused to everybody alike, known or not.
      if (!request.headers.has('authorization')) throw new Refusal('E0000034');
      return json(await recoverFor(await managementSurface.admit(env, 'okta.users.manage', request), body));
    },
  }),
];

/** The person whose password this is. A wrong one, an unknown name and a locked account are one refusal. */
async function provenBy(env: Env, username: string, password: string): Promise<User> {
  limited(env);
  const result = await authenticate(env, { identifier: username, password });
  const person = result.ok || result.reason === 'password_expired' ? result.user : null;
  if (!person) throw new Refusal('E0000004');
  giveAttemptBack(env);
  return person;
}

function limited(env: Env): void {
  if (!takeAttempt(env)) throw new Refusal('E0000047');
}

async function goOn(env: Env, person: User, proof: IdentityProof, kept: Record<string, string>): Promise<Shown> {
  switch (nextStep(person)) {
    case 'begin-session': {
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
    case 'change-password': {
      const { token, expiresAt } = await keepPendingSignIn(env, 'authn', { userId: person.id, proof, kept });
      return showState(env, token, { person, pending: { userId: person.id, proof, kept, expiresAt } });
    }
    case 'refuse':
      throw new Refusal('E0000004');
  }
}

type Waiting = { person: User; pending: PendingSignIn };

/** What a state token stands for. Throws E0000011 when it is unknown, used or too old, or its proof has become worthless. */
async function waitingSignIn(env: Env, stateToken: string): Promise<Waiting> {
  const pending = await findPendingSignIn(env, 'authn', stateToken);
  const person = pending && (await findUserById(env, pending.userId));
  if (!pending || !person) throw new Refusal('E0000011');
  const isOld = (person.password_changed ?? 0) > pending.proof.authenticatedAt;
  if (isOld || nextStep(person) !== 'change-password') throw new Refusal('E0000011');
  return { person, pending };
}

async function showState(env: Env, stateToken: string, { person, pending }: Waiting): Promise<Shown> {
  const { minLength, minLowerCase, minUpperCase, minNumber, minSymbol, excludeUsername } = await passwordPolicy(env, {
    userId: person.id,
  });
  const complexity = { minLength, minLowerCase, minUpperCase, minNumber, minSymbol, excludeUsername };
  return {
    stateToken,
    expiresAt: toIso(pending.expiresAt),
    status: 'PASSWORD_EXPIRED',
    ...relayStateOf(pending.kept),
    _embedded: { user: showPerson(person), policy: { complexity } },
    _links: {
      next: { name: 'changePassword', ...linkTo(env, 'credentials/change_password') },
      cancel: linkTo(env, 'cancel'),
    },
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

function showPerson({ id, password_changed, login, profile }: User) {
  const { firstName = null, lastName = null, locale = 'en', timezone = 'UTC' } = profile;
  return {
    id,
    passwordChanged: toIsoOrNull(password_changed),
    profile: { login, firstName, lastName, locale, timeZone: timezone },
  };
}

function relayStateOf({ relayState }: Record<string, string>): { relayState?: string } {
  return relayState === undefined ? {} : { relayState };
}

function linkTo(env: Env, path: string) {
  return { href: `${env.request.origin}/api/v1/authn/${path}`, hints: { allow: ['POST'] } };
}
