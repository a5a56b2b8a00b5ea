// Owns /api/v1/authn: signing in from an application's own page, as a sequence of states that ends in a session token. A state is
// known by its token alone, so no cookie is read and no other page can ride on one. Not here: the states (authn-state.ts), further
// factors (authn-factors.ts), forgotten passwords (authn-recovery.ts), and the session that the token buys.
import type { z } from 'zod';
import { authenticate } from '../core/authenticate.ts';
import type { Env } from '../core/env.ts';
import { passwordPolicy } from '../core/password-policy.ts';
import { endPendingSignIn, findPendingSignIn } from '../core/pending-sign-ins.ts';
import { invalid, Refusal } from '../core/refusal.ts';
import { deviceHash } from '../core/remembered-devices.ts';
import { changePassword } from '../core/user-credentials.ts';
import type { User } from '../core/users.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { giveAttemptBack, takeAttempt } from '../http/sign-in-throttle.ts';
import { authnRequest, cancelled, passwordChangeRequest, stateRequest, transaction } from './authn.schema.ts';
import { authnFactorRoutes } from './authn-factors.ts';
import { authnRecoveryRoutes, showRecovery } from './authn-recovery.ts';
import {
  beginSignIn,
  goOn,
  relayStateOf,
  type Shown,
  showState,
  waitingFor,
  waitingSignIn,
  wrongState,
} from './authn-state.ts';

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
    responses: { 200: transaction },
    async handle({ env, body }) {
      if (body.stateToken) return json(await readState(env, body.stateToken));
      const { username, password } = body;
      if (!username || !password)
        throw invalid('authRequest', "The 'username' and 'password' attributes are required in this context.");
      const proven = await provenBy(env, username, password);
      if (proven === 'locked') return json(lockedOut(body.relayState ?? undefined));
      const proof = { amr: ['pwd'], authenticatedAt: env.now() };
      return json(await beginSignIn(env, { person: proven, proof, kept: keptOf(body) }));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/introspect',
    operationId: 'introspectAuthentication',
    summary: 'Read the state that a token stands for',
    tags,
    access: 'public',
    body: stateRequest,
    responses: { 200: transaction },
    handle: async ({ env, body }) => json(await readState(env, body.stateToken)),
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
    async handle({ env, body: { stateToken } }) {
      for (const channel of ['authn', 'recovery'] as const) {
        const pending = await findPendingSignIn(env, channel, stateToken);
        if (pending && (await endPendingSignIn(env, channel, stateToken))) return json(relayStateOf(pending.kept));
      }
      throw new Refusal('E0000011');
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/previous',
    operationId: 'goBackInAuthentication',
    summary: 'Choose another factor, to prove by or to set up',
    tags,
    access: 'public',
    body: stateRequest,
    responses: { 200: transaction },
    async handle({ env, body: { stateToken } }) {
      const { pending } = await waitingFor(env, stateToken, 'verify-factor', 'enroll-factor');
      const { factorId, ...kept } = pending.kept;
      if (factorId === undefined) throw wrongState();
      return json(await goOn(env, stateToken, { ...pending, kept }));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/skip',
    operationId: 'skipAuthenticationStep',
    summary: 'Keep a password that will soon be too old',
    tags,
    access: 'public',
    body: stateRequest,
    responses: { 200: transaction },
    async handle({ env, body: { stateToken } }) {
      const { pending } = await waitingFor(env, stateToken, 'warn-of-password');
      const { warn: _, ...kept } = pending.kept;
      return json(await goOn(env, stateToken, { ...pending, kept }));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authn/credentials/change_password',
    operationId: 'changeExpiredPasswordByApi',
    summary: 'Replace a password that is or will soon be too old, and go on signing in',
    tags,
    access: 'public',
    body: passwordChangeRequest,
    responses: { 200: transaction },
    async handle({ env, body }) {
      const { stateToken, oldPassword, newPassword } = body;
      const { pending } = await waitingFor(env, stateToken, 'change-password', 'warn-of-password');
      limited(env);
      const change = { oldPassword, newPassword, revokeSessions: false, strict: false };
      const person = await changePassword(env, pending.person, change);
      giveAttemptBack(env);
      if (!(await endPendingSignIn(env, 'authn', stateToken))) throw new Refusal('E0000011');
      return json(await beginSignIn(env, { ...pending, person }));
    },
  }),
  ...authnFactorRoutes,
  ...authnRecoveryRoutes,
];

/** The person whose password this is. A wrong one, an unknown name and, unless policy tells it, a locked account are one refusal. */
async function provenBy(env: Env, username: string, password: string): Promise<User | 'locked'> {
  limited(env);
  const result = await authenticate(env, { identifier: username, password });
  if (!result.ok && result.reason === 'locked' && result.user) {
    const { showLock } = await passwordPolicy(env, { userId: result.user.id });
    if (showLock) return 'locked';
  }
  const person = result.ok || result.reason === 'password_expired' ? result.user : null;
  if (!person) throw new Refusal('E0000004');
  giveAttemptBack(env);
  return person;
}

function limited(env: Env): void {
  if (!takeAttempt(env)) throw new Refusal('E0000047');
}

function lockedOut(relayState: string | undefined): Shown {
  return { status: 'LOCKED_OUT', ...(relayState ? { relayState } : {}), _embedded: {}, _links: {} };
}

/** What the sign-in remembers of its beginning. A device is known by its secret's hash alone. */
function keptOf({ relayState, options, context }: z.output<typeof authnRequest>): Record<string, string> {
  const device = deviceHash(context?.deviceToken ?? null);
  return {
    ...(relayState ? { relayState } : {}),
    ...(device === null ? {} : { device }),
    ...(options?.warnBeforePasswordExpired === true ? { warn: 'yes' } : {}),
  };
}

async function readState(env: Env, stateToken: string): Promise<Shown> {
  const recovery = await findPendingSignIn(env, 'recovery', stateToken);
  if (recovery) return showRecovery(env, stateToken, recovery);
  const waiting = await waitingSignIn(env, stateToken);
  // A policy may have stopped asking meanwhile.
  return waiting.state === 'begin-session' ? goOn(env, stateToken, waiting.pending) : showState(env, waiting);
}
