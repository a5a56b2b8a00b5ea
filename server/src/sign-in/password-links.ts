// Owns the pages behind the links that let a person set a password: `/welcome/…` after an activation, `/reset_password/…` after a
// reset. Opening a link changes nothing, so a mail scanner that follows it does no harm; the form uses it up.
// Not here: issuing the links (core/user-lifecycle.ts, core/user-credentials.ts).
import type { Env } from '../core/env.ts';
import { findOneTimeToken } from '../core/one-time-tokens.ts';
import { setPasswordByLink } from '../core/user-credentials.ts';
import { findUserById, type User } from '../core/users.ts';
import { type Browser, browserOf, formToken } from '../http/csrf.ts';
import { errorPage } from '../http/error-page.ts';
import { type Route, route } from '../http/route.ts';
import { continueSignIn } from './continue-sign-in.ts';
import { atTheField, readNewPassword, requirementsOf } from './new-password.ts';
import { foreignFormPage, readOwnForm } from './own-form.ts';
import { type NewPasswordErrors, newPasswordPage } from './pages/new-password-page.ts';

type Kind = {
  purpose: 'activation' | 'recovery';
  path: 'welcome' | 'reset_password';
  title: string;
  lead: string;
  button: string;
};

const welcome: Kind = {
  purpose: 'activation',
  path: 'welcome',
  title: 'Welcome',
  lead: 'Choose a password to activate your account.',
  button: 'Activate account',
};

const reset: Kind = {
  purpose: 'recovery',
  path: 'reset_password',
  title: 'Set a new password',
  lead: 'Choose a new password for your account. You will be signed out everywhere else.',
  button: 'Set password',
};

export const passwordLinkRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/welcome/{token}',
    operationId: 'showActivation',
    summary: 'The page of an activation link',
    tags: ['Sign-in'],
    access: 'public',
    responses: { 200: null },
    handle: ({ env, params, request }) => show(env, request, welcome, params.token),
  }),
  route({
    method: 'POST',
    path: '/welcome/{token}',
    operationId: 'activateByLink',
    summary: 'Set the first password and sign in',
    tags: ['Sign-in'],
    access: 'public',
    responses: { 303: null },
    handle: ({ env, params, request }) => take(env, request, welcome, params.token),
  }),
  route({
    method: 'GET',
    path: '/reset_password/{token}',
    operationId: 'showPasswordReset',
    summary: 'The page of a recovery link',
    tags: ['Sign-in'],
    access: 'public',
    responses: { 200: null },
    handle: ({ env, params, request }) => show(env, request, reset, params.token),
  }),
  route({
    method: 'POST',
    path: '/reset_password/{token}',
    operationId: 'resetPasswordByLink',
    summary: 'Set a new password and sign in',
    tags: ['Sign-in'],
    access: 'public',
    responses: { 303: null },
    handle: ({ env, params, request }) => take(env, request, reset, params.token),
  }),
];

async function show(env: Env, request: Request, kind: Kind, token: string): Promise<Response> {
  const person = await holderOf(env, kind, token);
  return person ? form(env, browserOf(env, request), kind, token, person) : deadLinkPage(env, kind);
}

async function take(env: Env, request: Request, kind: Kind, token: string): Promise<Response> {
  const browser = browserOf(env, request);
  const fields = await readOwnForm(env, request, browser, () => purposeOf(kind, token));
  if (!fields) return foreignFormPage(env);
  const person = await holderOf(env, kind, token);
  if (!person) return deadLinkPage(env, kind);
  const { password, errors } = readNewPassword(fields);
  if (password === null) return form(env, browser, kind, token, person, errors);
  const authenticatedAt = env.now();
  const outcome = await setPasswordByLink(env, { purpose: kind.purpose, token, password });
  if (outcome.ok) {
    const proof = { amr: ['pwd'], authenticatedAt };
    const destination = { handle: null, fromURI: null };
    const answer = await continueSignIn(env, request, browser, { person: outcome.user, proof, destination });
    return answer ?? deadLinkPage(env, kind);
  }
  if (outcome.reason === 'link') return deadLinkPage(env, kind);
  return form(env, browser, kind, token, person, { newPassword: atTheField(outcome.problem) });
}

async function holderOf(env: Env, { purpose }: Kind, token: string): Promise<User | null> {
  const link = await findOneTimeToken(env, purpose, token);
  return link?.user_id ? findUserById(env, link.user_id) : null;
}

async function form(
  env: Env,
  browser: Browser,
  kind: Kind,
  token: string,
  person: User,
  errors?: NewPasswordErrors,
): Promise<Response> {
  const { path, title, lead, button } = kind;
  return newPasswordPage(env, {
    title,
    lead,
    button,
    action: `/${path}/${encodeURIComponent(token)}`,
    login: person.login,
    hidden: { csrf: formToken(env, browser, purposeOf(kind, token)) },
    requirements: await requirementsOf(env, person.id),
    ...(errors ? { errors, status: 400 } : {}),
    cookies: browser.cookie ? [browser.cookie] : [],
  });
}

function purposeOf({ path }: Kind, token: string): string {
  return `${path}:${token}`;
}

function deadLinkPage(env: Env, { purpose }: Kind): Response {
  return errorPage(env, {
    status: 403,
    title: 'This link no longer works',
    what: 'It has been used, it has expired, or a newer one was sent.',
    check:
      purpose === 'activation'
        ? 'If you have chosen a password already, sign in with it. Otherwise ask your administrator for a new activation link.'
        : 'If you have set a new password already, sign in with it. Otherwise ask your administrator for a new link.',
    code: 'E0000105',
  });
}
