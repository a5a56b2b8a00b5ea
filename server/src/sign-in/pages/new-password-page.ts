// Owns the page on which a person chooses a password: at the first sign-in, after a reset, when the old one has expired.
// Not here: which passwords are allowed, and what choosing one leads to.
import { html } from 'hono/html';
import type { Env } from '../../core/env.ts';
import { page } from '../../http/page.ts';
import { alarm, field, hidden, titled } from './form-parts.ts';

export type NewPasswordPageParts = {
  title: string;
  lead: string;
  /** Path that the form is sent to. */
  action: string;
  /** Whose password: a password manager reads it from the form. */
  login: string;
  hidden: Record<string, string | null>;
  requirements: string;
  button: string;
  errors?: NewPasswordErrors;
  status?: number;
  cookies?: readonly string[];
  formAction?: readonly string[];
};

export type NewPasswordErrors = { form?: string; newPassword?: string; confirmPassword?: string };

export function newPasswordPage(env: Env, parts: NewPasswordPageParts): Response {
  const { title, lead, action, login, requirements, button, errors = {} } = parts;
  return page(env, {
    title: titled(title, Object.keys(errors).length > 0),
    status: parts.status ?? 200,
    cookies: parts.cookies ?? [],
    formAction: parts.formAction ?? [],
    body: html`<h1>${title}</h1>
<p class="lead">${lead}</p>
${alarm(errors.form)}
<form method="post" action="${action}">
${hidden(parts.hidden)}
<p class="who">Username: <strong>${login}</strong></p>
<input class="unseen" type="text" name="username" value="${login}" autocomplete="username" readonly tabindex="-1" aria-hidden="true">
${passwordFields(requirements, errors)}
<button type="submit">${button}</button>
</form>`,
  });
}

/** The two fields of a new password, as the set-up page shows them too. */
export function passwordFields(requirements: string, errors: NewPasswordErrors, focused = true) {
  return html`${field({ name: 'newPassword', label: 'New password', type: 'password', autocomplete: 'new-password', hint: requirements, error: errors.newPassword, focused: focused && !errors.confirmPassword })}
${field({ name: 'confirmPassword', label: 'New password again', type: 'password', autocomplete: 'new-password', error: errors.confirmPassword, focused: focused && errors.confirmPassword !== undefined && errors.newPassword === undefined })}`;
}
