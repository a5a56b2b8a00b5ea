// Owns /api/v1/users/{userId}/lifecycle: the operations that lead an account from one status to the next. Not here: what each
// does and when it is allowed (core/user-lifecycle.ts, core/user-status.ts).
import type { Env } from '../core/env.ts';
import { Refusal } from '../core/refusal.ts';
import { endSessionsOfUser } from '../core/sessions.ts';
import { expirePassword, resetPassword } from '../core/user-credentials.ts';
import {
  activateUser,
  deactivateUser,
  reactivateUser,
  resetFactors,
  suspendUser,
  unlockUser,
  unsuspendUser,
} from '../core/user-lifecycle.ts';
import type { User } from '../core/users.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { userBody } from './user-body.ts';
import {
  activationLink,
  empty,
  expirePasswordQuery,
  recoveryLink,
  resetPasswordQuery,
  sendEmailQuery,
  userOrTemporaryPassword,
} from './users.schema.ts';
import { logUndeliveredLink, userOfPath } from './users.ts';

type Operation = { name: string; operationId: string; summary: string; run(env: Env, userId: string): Promise<User> };

/** Operations that answer with an empty object. */
const plainOperations: readonly Operation[] = [
  { name: 'suspend', operationId: 'suspendUser', summary: 'Suspend an active user', run: suspendUser },
  { name: 'unsuspend', operationId: 'unsuspendUser', summary: 'End a suspension', run: unsuspendUser },
  { name: 'unlock', operationId: 'unlockUser', summary: 'Open an account that failed sign-ins shut', run: unlockUser },
  { name: 'reset_factors', operationId: 'resetFactors', summary: "Remove all of a user's factors", run: resetFactors },
];

const plainRoutes = plainOperations.map(({ name, operationId, summary, run }) =>
  route({
    method: 'POST',
    path: `/api/v1/users/{userId}/lifecycle/${name}` as '/api/v1/users/{userId}/lifecycle/suspend',
    operationId,
    summary,
    tags: ['UserLifecycle'],
    access: 'okta.users.manage',
    responses: { 200: empty },
    async handle({ env, params }) {
      await run(env, (await userOfPath(env, params.userId)).id);
      return json({});
    },
  }),
);

/** The link itself with sendEmail=false; otherwise nothing, and a line in the server's log. */
function answerActivation(env: Env, user: User, token: string | null, sendEmail: boolean): Response {
  if (token === null) return json({});
  if (!sendEmail) return json({ activationUrl: `${env.request.origin}/welcome/${token}`, activationToken: token });
  logUndeliveredLink(env, user, 'welcome');
  return json({});
}

export const userLifecycleRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/lifecycle/activate',
    operationId: 'activateUser',
    summary: 'Activate a staged or deactivated user',
    tags: ['UserLifecycle'],
    access: 'okta.users.manage',
    query: sendEmailQuery,
    responses: { 200: activationLink },
    async handle({ env, params, query }) {
      const { id } = await userOfPath(env, params.userId);
      const { user, token } = await activateUser(env, id);
      return answerActivation(env, user, token, query.sendEmail !== 'false');
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/lifecycle/reactivate',
    operationId: 'reactivateUser',
    summary: 'Make a fresh activation link for a user who has not finished',
    tags: ['UserLifecycle'],
    access: 'okta.users.manage',
    query: sendEmailQuery,
    responses: { 200: activationLink },
    async handle({ env, params, query }) {
      const { id } = await userOfPath(env, params.userId);
      const { user, token } = await reactivateUser(env, id);
      return answerActivation(env, user, token, query.sendEmail === 'true');
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/lifecycle/deactivate',
    operationId: 'deactivateUser',
    summary: 'Deactivate a user: sessions, tokens, assignments and password end',
    tags: ['UserLifecycle'],
    access: 'okta.users.manage',
    query: sendEmailQuery,
    responses: { 200: empty },
    async handle({ env, params }) {
      await deactivateUser(env, (await userOfPath(env, params.userId)).id);
      return json({});
    },
  }),
  ...plainRoutes,
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/lifecycle/reset_password',
    operationId: 'resetPassword',
    summary: 'Begin a password recovery',
    tags: ['UserLifecycle'],
    access: 'okta.users.manage',
    query: resetPasswordQuery,
    responses: { 200: recoveryLink },
    async handle({ env, params, query }) {
      if (query.provider !== undefined && query.provider !== 'OKTA') throw new Refusal('E0000060');
      const { id } = await userOfPath(env, params.userId);
      const { user, token } = await resetPassword(env, id, { revokeSessions: query.revokeSessions === 'true' });
      return answerRecovery(env, user, token, query.sendEmail !== 'false');
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/lifecycle/expire_password',
    operationId: 'expirePassword',
    summary: 'Ask for a new password at the next sign-in, with `tempPassword` after a temporary one',
    tags: ['UserLifecycle'],
    access: 'okta.users.manage',
    query: expirePasswordQuery,
    responses: { 200: userOrTemporaryPassword },
    async handle({ env, params, query }) {
      const { id } = await userOfPath(env, params.userId);
      const { user, password } = await expirePassword(env, id, { temporary: query.tempPassword === 'true' });
      if (query.revokeSessions === 'true') await endSessionsOfUser(env, id, { oauthTokens: true });
      return json(password === null ? userBody(env, user) : { tempPassword: password });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/lifecycle/expire_password_with_temp_password',
    operationId: 'expirePasswordAndGetTemporaryPassword',
    summary: 'Replace the password by a temporary one that must be changed at the next sign-in',
    tags: ['UserLifecycle'],
    access: 'okta.users.manage',
    query: expirePasswordQuery,
    responses: { 200: userOrTemporaryPassword },
    async handle({ env, params, query }) {
      const { id } = await userOfPath(env, params.userId);
      const { password } = await expirePassword(env, id, { temporary: true });
      if (query.revokeSessions === 'true') await endSessionsOfUser(env, id, { oauthTokens: true });
      return json({ tempPassword: password });
    },
  }),
];

/** As answerActivation, for a link that sets a new password. */
export function answerRecovery(env: Env, user: User, token: string, sendEmail: boolean): Response {
  if (!sendEmail) return json({ resetPasswordUrl: `${env.request.origin}/reset_password/${token}` });
  logUndeliveredLink(env, user, 'reset_password');
  return json({});
}
