// Owns asking for a new password in the middle of a sign-in. Not here: taking it in (change-password.ts).
import type { Env } from '../core/env.ts';
import type { User } from '../core/users.ts';
import { type Browser, formToken } from '../http/csrf.ts';
import { requirementsOf } from './new-password.ts';
import { type NewPasswordErrors, newPasswordPage } from './pages/new-password-page.ts';

export type Asking = {
  /** Of the sign-in that waits. */
  token: string;
  person: User;
  formAction: readonly string[];
  errors?: NewPasswordErrors;
};

export async function askForNewPassword(env: Env, browser: Browser, asking: Asking): Promise<Response> {
  const { token, person, formAction, errors } = asking;
  return newPasswordPage(env, {
    title: 'Choose a new password',
    lead: 'Your password has expired. Choose a new one to finish signing in.',
    action: '/signin/password',
    login: person.login,
    hidden: { csrf: formToken(env, browser, changePurpose(token)), pending: token },
    requirements: await requirementsOf(env, person.id),
    button: 'Change password',
    ...(errors ? { errors, status: 400 } : {}),
    cookies: browser.cookie ? [browser.cookie] : [],
    formAction,
  });
}

export function changePurpose(token: string | null): string {
  return `change-password:${token ?? ''}`;
}
