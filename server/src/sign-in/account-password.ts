// Owns changing one's own password: proven by the present one, and every other session ends with it. Not here: what a password must
// be (core/password-policy.ts).

import { Refusal } from '../core/refusal.ts';
import { changePassword } from '../core/user-credentials.ts';
import { renewSessionCookie } from '../http/establish-session.ts';
import { ownPage } from '../http/own-page.ts';
import { type Route, route } from '../http/route.ts';
import { giveAttemptBack, secondsToWait, takeAttempt } from '../http/sign-in-throttle.ts';
import { atTheField, readNewPassword, requirementsOf } from './new-password.ts';
import { backTo, type OwnAccount, wasDone, withOwnAccount, withOwnForm } from './own-account.ts';
import { single } from './own-form.ts';
import { type OwnPasswordErrors, ownPasswordBody } from './pages/own-password-page.ts';
import { seeOther } from './see-other.ts';

const PATH = '/account/password';
const PURPOSE = 'password';
const tags = ['Account'];

export const accountPasswordRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    operationId: 'showOwnPassword',
    summary: 'The page on which a person changes their password',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnAccount(env, request, (account) => show(account, {}, 200, wasDone(PATH, account, request))),
  }),
  route({
    method: 'POST',
    path: PATH,
    operationId: 'changeOwnPassword',
    summary: 'Change one’s own password, proven by the present one',
    tags,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) =>
      withOwnForm(
        env,
        request,
        () => PURPOSE,
        async (account, form) => {
          const { env, user, session } = account;
          const oldPassword = single(form, 'password') ?? '';
          if (oldPassword === '') return show(account, { password: 'Enter your present password.' });
          const { password, errors } = readNewPassword(form);
          if (password === null) return show(account, errors);
          if (password === oldPassword)
            return show(account, { newPassword: 'This is your present password. Choose another one.' });
          if (!takeAttempt(env))
            return show(account, { form: `Too many attempts. Try again in ${secondsToWait(env)} seconds.` }, 429);
          const change = { oldPassword, newPassword: password, revokeSessions: true, keepSession: session.id };
          try {
            await changePassword(env, user, { ...change, strict: true });
          } catch (error) {
            if (!(error instanceof Refusal)) throw error;
            const told = errorsOf(error);
            if (!told.password) giveAttemptBack(env);
            return show(account, told);
          }
          giveAttemptBack(env);
          // Whoever holds a copy of the cookie is not the one who knew the password. What the session proves stays as it was:
          // a password alone is not what a sign-on policy may ask for.
          const cookie = await renewSessionCookie(env, session.id);
          return cookie === null ? seeOther('/signin') : backTo(PATH, account, [cookie]);
        },
      ),
  }),
];

async function show(
  { env, user, browser, formToken }: OwnAccount,
  errors: OwnPasswordErrors,
  status = 200,
  changed = false,
): Promise<Response> {
  const { title, body } = ownPasswordBody({
    action: PATH,
    csrf: formToken(PURPOSE),
    login: user.login,
    hasPassword: user.password_hash !== null,
    provider: user.credential_provider.name,
    requirements: await requirementsOf(env, user.id),
    errors,
    changed,
  });
  return ownPage(env, browser, { here: PATH, title, body, login: user.login, status });
}

/** Where each refusal belongs. */
function errorsOf({ code, causes }: Refusal): OwnPasswordErrors {
  const cause = causes[0] ?? '';
  if (code === 'E0000014' && cause.startsWith('Old Password'))
    return { password: 'This is not your present password. After too many wrong ones the account is locked.' };
  if (code === 'E0000080' || code === 'E0000014') return { newPassword: `${atTheField(cause).replace(/\.$/, '')}.` };
  return { form: 'The password of this account cannot be changed now. Ask your administrator.' };
}
