// Owns /api/v1/users/{userId}/credentials: operations that ask for a proof, the old password or the recovery answer. Not here:
// what an administrator sets without one (users.ts).
import { invalid } from '../core/refusal.ts';
import { changePassword, changeRecoveryQuestion, forgotPassword, recoverPassword } from '../core/user-credentials.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { credentialsBody } from './user-body.ts';
import { answerRecovery } from './user-lifecycle.ts';
import {
  changePasswordQuery,
  credentials,
  forgottenPassword,
  passwordChange,
  recoveryLink,
  recoveryQuestionChange,
  sendEmailQuery,
} from './users.schema.ts';
import { userOfPath } from './users.ts';

export const userCredentialRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/credentials/change_password',
    operationId: 'changePassword',
    summary: 'Change a password, proven by the old one',
    tags: ['UserCred'],
    access: 'okta.users.manage',
    query: changePasswordQuery,
    body: passwordChange,
    responses: { 200: credentials },
    async handle({ env, params, query, body }) {
      const changed = await changePassword(env, await userOfPath(env, params.userId), {
        oldPassword: body.oldPassword.value,
        newPassword: body.newPassword.value,
        revokeSessions: body.revokeSessions ?? false,
        strict: query.strict === 'true',
      });
      return json(credentialsBody(changed));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/credentials/change_recovery_question',
    operationId: 'changeRecoveryQuestion',
    summary: 'Change the recovery question, proven by the password',
    tags: ['UserCred'],
    access: 'okta.users.manage',
    body: recoveryQuestionChange,
    responses: { 200: credentials },
    async handle({ env, params, body }) {
      const changed = await changeRecoveryQuestion(env, await userOfPath(env, params.userId), {
        password: body.password.value,
        recoveryQuestion: body.recovery_question,
      });
      return json(credentialsBody(changed));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/credentials/forgot_password',
    operationId: 'forgotPassword',
    summary: 'Make a recovery link, or set a password proven by the recovery answer',
    tags: ['UserCred'],
    access: 'okta.users.manage',
    query: sendEmailQuery,
    body: forgottenPassword,
    responses: { 200: recoveryLink.or(credentials) },
    async handle({ env, params, query, body }) {
      const user = await userOfPath(env, params.userId);
      const { password, recovery_question: recovery } = body ?? {};
      if (!password && !recovery)
        return answerRecovery(env, user, await forgotPassword(env, user.id), query.sendEmail !== 'false');
      if (!password) throw invalid('password', 'password: The field cannot be left blank');
      if (!recovery) throw invalid('recovery_question', 'recovery_question: The field cannot be left blank');
      const changed = await recoverPassword(env, user, { answer: recovery.answer, password: password.value });
      return json(credentialsBody(changed));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/users/{userId}/credentials/forgot_password_recovery_question',
    operationId: 'forgotPasswordSetNewPassword',
    summary: 'Set a password, proven by the recovery answer',
    tags: ['UserCred'],
    access: 'okta.users.manage',
    query: sendEmailQuery,
    body: forgottenPassword.unwrap().required(),
    responses: { 200: credentials },
    async handle({ env, params, body }) {
      const { password, recovery_question: recovery } = body;
      if (!password || !recovery) throw invalid('password', 'password: The field cannot be left blank');
      const user = await userOfPath(env, params.userId);
      return json(
        credentialsBody(await recoverPassword(env, user, { answer: recovery.answer, password: password.value })),
      );
    },
  }),
];
