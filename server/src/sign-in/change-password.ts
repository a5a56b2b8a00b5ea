// Owns taking in the new password of somebody whose old one has expired, in the middle of a sign-in. Not here: asking for it
// (expired-password.ts), and what comes after (continue-sign-in.ts).
import type { Env } from '../core/env.ts';
import { passwordPolicy, passwordProblem } from '../core/password-policy.ts';
import { endPendingSignIn, findPendingSignIn } from '../core/pending-sign-ins.ts';
import { updateUser } from '../core/user-credentials.ts';
import type { User } from '../core/users.ts';
import { browserOf } from '../http/csrf.ts';
import { errorPage } from '../http/error-page.ts';
import { type Route, route } from '../http/route.ts';
import { continueSignIn, destinationOf, leadsTo } from './continue-sign-in.ts';
import { askForNewPassword, changePurpose } from './expired-password.ts';
import { atTheField, readNewPassword } from './new-password.ts';
import { foreignFormPage, readOwnForm, single } from './own-form.ts';

export const changePasswordRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/signin/password',
    operationId: 'changeExpiredPassword',
    summary: 'Replace an expired password and finish signing in',
    tags: ['Sign-in'],
    access: 'public',
    responses: { 303: null },
    async handle({ env, request }) {
      const browser = browserOf(env, request);
      const form = await readOwnForm(env, request, browser, (fields) => changePurpose(single(fields, 'pending')));
      if (!form) return foreignFormPage(env);
      const token = single(form, 'pending') ?? '';
      const pending = await findPendingSignIn(env, 'pages', token);
      if (pending?.person.status !== 'PASSWORD_EXPIRED') return tooLatePage(env);
      const { person, proof } = pending;
      const destination = destinationOf(pending.kept);
      const { password, errors } = await judged(env, form, person);
      if (password === null) {
        const formAction = await leadsTo(env, browser, destination);
        return askForNewPassword(env, browser, { token, person, formAction, errors });
      }
      if (!(await endPendingSignIn(env, 'pages', token))) return tooLatePage(env);
      const changed = await updateUser(env, person, { password });
      return (await continueSignIn(env, request, browser, { person: changed, proof, destination })) ?? tooLatePage(env);
    },
  }),
];

async function judged(env: Env, form: URLSearchParams, person: User): Promise<ReturnType<typeof readNewPassword>> {
  const read = readNewPassword(form);
  if (read.password === null) return read;
  const problem = passwordProblem(await passwordPolicy(env, { userId: person.id }), read.password, person);
  if (problem !== null) return { password: null, errors: { newPassword: atTheField(problem) } };
  if (await env.passwords.verify(read.password, person.password_hash))
    return { password: null, errors: { newPassword: 'This is your present password. Choose another one.' } };
  return read;
}

function tooLatePage(env: Env): Response {
  return errorPage(env, {
    status: 400,
    title: 'This sign-in cannot go on',
    what: 'It waited too long for a new password, or the password was changed meanwhile.',
    check: 'Sign in again, with the new password if you have set one.',
  });
}
