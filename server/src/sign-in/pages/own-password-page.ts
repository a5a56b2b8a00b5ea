// Owns the page on which a signed-in person changes their password.
import { html } from 'hono/html';
import type { Markup } from '../../http/page.ts';
import { alarm, done, field, hidden, titled } from './form-parts.ts';
import { type NewPasswordErrors, passwordFields } from './new-password-page.ts';

export type OwnPasswordErrors = NewPasswordErrors & { password?: string };

export type OwnPasswordParts = {
  action: string;
  csrf: string;
  login: string;
  hasPassword: boolean;
  provider: string;
  requirements: string;
  errors: OwnPasswordErrors;
  /** It has just been changed. */
  changed: boolean;
};

export function ownPasswordBody(parts: OwnPasswordParts): { title: string; body: Markup } {
  const { action, csrf, login, hasPassword, provider, requirements, errors, changed } = parts;
  const title = 'Password';
  if (!hasPassword)
    return {
      title,
      body: html`<h1>${title}</h1>
<p>You have no password here: you sign in by ${provider}.</p>`,
    };
  return {
    title: titled(title, Object.keys(errors).length > 0),
    body: html`<h1>${title}</h1>
${changed ? done('Your password is changed. Every other device was signed out.') : html`<p class="lead">Changing it signs you out everywhere else.</p>`}
${alarm(errors.form)}
<form method="post" action="${action}" class="narrow">
${hidden({ csrf })}
<input class="unseen" type="text" name="username" value="${login}" autocomplete="username" readonly tabindex="-1" aria-hidden="true">
${field({ name: 'password', label: 'Present password', type: 'password', autocomplete: 'current-password', error: errors.password })}
${passwordFields(requirements, errors, false)}
<button type="submit">Change password</button>
</form>`,
  };
}
