// Owns the page that the one-time set-up link opens: who the first administrator is. Not here: making that account.
import { html } from 'hono/html';
import type { Env } from '../../core/env.ts';
import { page } from '../../http/page.ts';
import { alarm, field, hidden, titled } from './form-parts.ts';
import { type NewPasswordErrors, passwordFields } from './new-password-page.ts';

export type SetUpFields = { firstName: string; lastName: string; email: string };
export type SetUpErrors = NewPasswordErrors & { [Name in keyof SetUpFields]?: string };

export type SetUpPageParts = {
  action: string;
  csrf: string;
  values: SetUpFields;
  requirements: string;
  errors?: SetUpErrors;
  status?: number;
  cookies?: readonly string[];
};

export function setUpPage(env: Env, parts: SetUpPageParts): Response {
  const { action, csrf, values, requirements, errors = {} } = parts;
  const hasErrors = Object.keys(errors).length > 0;
  return page(env, {
    title: titled('Set up Gatehouse', hasErrors),
    status: parts.status ?? 200,
    cookies: parts.cookies ?? [],
    body: html`<h1>Set up Gatehouse</h1>
<p class="lead">Create the first administrator. This account can manage everything in this organization.</p>
${alarm(errors.form)}
<form method="post" action="${action}">
${hidden({ csrf })}
${field({ name: 'firstName', label: 'First name', type: 'text', autocomplete: 'given-name', value: values.firstName, error: errors.firstName, focused: !hasErrors })}
${field({ name: 'lastName', label: 'Last name', type: 'text', autocomplete: 'family-name', value: values.lastName, error: errors.lastName })}
${field({ name: 'email', label: 'Email address', type: 'email', autocomplete: 'username', value: values.email, hint: 'You sign in with this address.', error: errors.email })}
${passwordFields(requirements, errors, errors.newPassword !== undefined || errors.confirmPassword !== undefined)}
<button type="submit">Create administrator</button>
</form>`,
  });
}
