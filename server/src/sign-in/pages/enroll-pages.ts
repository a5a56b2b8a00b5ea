// Owns the pages on which a person sets up a further factor: the choice, the secret of an app, a question. Not here: what they lead to.
import { html } from 'hono/html';
import type { Env } from '../../core/env.ts';
import { securityQuestions } from '../../core/security-questions.ts';
import { type Markup, page } from '../../http/page.ts';
import { field, hidden, titled } from './form-parts.ts';

export type EnrollPageParts = {
  login: string;
  hidden: Record<string, string>;
  errors: { passCode?: string; question?: string; answer?: string };
  status: number;
  cookies: readonly string[];
  formAction: readonly string[];
};

type Choice = { name: string; label: string; isApp: boolean };

export function choicePage(env: Env, parts: EnrollPageParts & { choices: readonly Choice[] }): Response {
  const lead = 'Your organization wants more than a password. Choose what you will prove by from now on.';
  return enrollPage(
    env,
    parts,
    'Set up a second step',
    html`<p class="lead">${lead}</p>
<form method="post" action="/signin/enroll">
${hidden(parts.hidden)}
<p class="who">Username: <strong>${parts.login}</strong></p>
${parts.choices.map(({ name, label, isApp }) => html`<button class="quiet" type="submit" name="kind" value="${name}">${label}${isApp ? html`: codes of an app on your phone` : ''}</button>\n`)}
</form>`,
  );
}

export function appPage(env: Env, parts: EnrollPageParts & { app: string; secret: string; picture: string }): Response {
  const { app, secret, picture, errors } = parts;
  return enrollPage(
    env,
    parts,
    `Set up ${app}`,
    html`<p class="lead">Scan this picture with the app, then enter the code that it shows.</p>
<p class="qr"><img src="${picture}" alt="QR code with the secret key below" width="200" height="200"></p>
<p>Or type this key into the app: <code>${secret.match(/.{1,4}/g)?.join(' ') ?? secret}</code></p>
<form method="post" action="/signin/enroll/activate">
${hidden(parts.hidden)}
${field({ name: 'passCode', label: 'Code', type: 'text', autocomplete: 'one-time-code', inputmode: 'numeric', error: errors.passCode, focused: true })}
<button type="submit">Finish</button>
</form>`,
  );
}

export function questionPage(env: Env, parts: EnrollPageParts): Response {
  return enrollPage(
    env,
    parts,
    'Set up a security question',
    html`<p class="lead">Choose a question whose answer you alone know.</p>
<form method="post" action="/signin/enroll/question">
${hidden(parts.hidden)}
<div class="field">
<label for="question">Question</label>
<select id="question" name="question">
${Object.entries(securityQuestions).map(([key, text]) => html`<option value="${key}">${text}</option>\n`)}
</select>
</div>
${field({ name: 'answer', label: 'Answer', type: 'text', autocomplete: 'off', error: parts.errors.answer, focused: true })}
<button type="submit">Finish</button>
</form>`,
  );
}

function enrollPage(env: Env, parts: EnrollPageParts, title: string, body: Markup): Response {
  const { status, cookies, formAction, errors } = parts;
  return page(env, {
    title: titled(title, Object.keys(errors).length > 0),
    status,
    cookies,
    formAction,
    body: html`<h1>${title}</h1>
${body}`,
  });
}
