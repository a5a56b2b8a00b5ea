// Owns the page behind the one-time set-up link: it makes the first administrator and signs them in. Not here: the rule that the
// link works once and only while nobody administers (core/set-up.ts).
import type { Env } from '../core/env.ts';
import { Refusal } from '../core/refusal.ts';
import { isSetUpLink, makeFirstAdministrator } from '../core/set-up.ts';
import type { User } from '../core/users.ts';
import { type Browser, browserOf, formToken } from '../http/csrf.ts';
import { errorPage } from '../http/error-page.ts';
import { type Route, route } from '../http/route.ts';
import { continueSignIn } from './continue-sign-in.ts';
import { atTheField, readNewPassword, requirementsOf } from './new-password.ts';
import { foreignFormPage, readOwnForm, single } from './own-form.ts';
import { type SetUpErrors, type SetUpFields, setUpPage } from './pages/set-up-page.ts';

const NOTHING: SetUpFields = { firstName: '', lastName: '', email: '' };

export const setUpRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/set-up/{token}',
    operationId: 'showSetUp',
    summary: 'The page of the one-time set-up link',
    tags: ['Set-up'],
    access: 'public',
    responses: { 200: null },
    async handle({ env, params, request }) {
      if (!(await isSetUpLink(env, params.token))) return deadLinkPage(env);
      return form(env, browserOf(env, request), params.token, NOTHING);
    },
  }),
  route({
    method: 'POST',
    path: '/set-up/{token}',
    operationId: 'makeFirstAdministrator',
    summary: 'Make the first administrator and sign in',
    tags: ['Set-up'],
    access: 'public',
    responses: { 303: null },
    async handle({ env, params: { token }, request }) {
      const browser = browserOf(env, request);
      const fields = await readOwnForm(env, request, browser, () => purposeOf(token));
      if (!fields) return foreignFormPage(env);
      if (!(await isSetUpLink(env, token))) return deadLinkPage(env);
      const values = readFields(fields);
      const { password, errors } = readNewPassword(fields);
      if (password === null) return form(env, browser, token, values, errors);
      const made = await attempt(env, token, { ...values, password });
      if ('errors' in made) return form(env, browser, token, values, made.errors);
      if (made.user === null) return deadLinkPage(env);
      const proof = { amr: ['pwd'], authenticatedAt: env.now() };
      const destination = { handle: null, fromURI: null };
      const answer = await continueSignIn(env, request, browser, { person: made.user, proof, destination });
      return answer ?? deadLinkPage(env);
    },
  }),
];

function readFields(fields: URLSearchParams): SetUpFields {
  const of = (name: string) => (single(fields, name) ?? '').trim();
  return { firstName: of('firstName'), lastName: of('lastName'), email: of('email') };
}

async function attempt(
  env: Env,
  token: string,
  person: SetUpFields & { password: string },
): Promise<{ user: User | null } | { errors: SetUpErrors }> {
  try {
    return { user: await makeFirstAdministrator(env, token, person) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { errors: errorsOf(error) };
  }
}

/** A refusal's causes read `field: what is wrong`; login and email are one field here. */
function errorsOf({ causes, message }: Refusal): SetUpErrors {
  const errors: SetUpErrors = {};
  for (const cause of causes) {
    const [, name = '', text = cause] = /^(\w+): (.*)$/s.exec(cause) ?? [];
    errors[FIELD_OF[name] ?? 'form'] ??= atTheField(text);
  }
  return causes.length === 0 ? { form: message } : errors;
}

const FIELD_OF: Record<string, keyof SetUpErrors> = {
  firstName: 'firstName',
  lastName: 'lastName',
  email: 'email',
  login: 'email',
  password: 'newPassword',
};

async function form(
  env: Env,
  browser: Browser,
  token: string,
  values: SetUpFields,
  errors?: SetUpErrors,
): Promise<Response> {
  return setUpPage(env, {
    action: `/set-up/${encodeURIComponent(token)}`,
    csrf: formToken(env, browser, purposeOf(token)),
    values,
    requirements: await requirementsOf(env, null),
    ...(errors ? { errors, status: 400 } : {}),
    cookies: browser.cookie ? [browser.cookie] : [],
  });
}

function purposeOf(token: string): string {
  return `set-up:${token}`;
}

function deadLinkPage(env: Env): Response {
  return errorPage(env, {
    status: 403,
    title: 'This set-up link no longer works',
    what: 'It has been used, it is older than 15 minutes, or this organization has an administrator already.',
    check: 'Without an administrator, each start of the server prints a new link on its terminal.',
  });
}
