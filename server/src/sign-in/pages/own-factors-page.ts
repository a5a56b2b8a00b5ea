// Owns the pages of a person's own second factors: which there are, setting one up, and taking one away.
import { html } from 'hono/html';
import { securityQuestions } from '../../core/security-questions.ts';
import type { Markup } from '../../http/page.ts';
import type { FurtherProof, ProofErrors } from '../prove-again.ts';
import { alarm, done, field, hidden, titled } from './form-parts.ts';

export const factorPaths = {
  list: '/account/factors',
  setUp: '/account/factors/set-up',
  activate: '/account/factors/activate',
  takeAway: '/account/factors/take-away',
} as const;

type Titled = { title: string; body: Markup };

export type ShownFactor = { id: string; label: string; since: string };

export function ownFactorsBody(parts: {
  factors: readonly ShownFactor[];
  offered: readonly { name: string; label: string; isApp: boolean }[];
  hasPassword: boolean;
  changed: boolean;
}): Titled {
  const { factors, offered, hasPassword, changed } = parts;
  const title = 'Second factors';
  return {
    title,
    body: html`<h1>${title}</h1>
<p class="lead">What proves that you are you, beside your password.</p>
${changed && done('Your second factors have changed.')}
${
  factors.length === 0
    ? html`<p class="note">None is set up.</p>`
    : html`<ul class="rows">
${factors.map(
  ({ id, label, since }) => html`<li><div><strong>${label}</strong>
<p class="lead">Set up ${since}</p></div>
${hasPassword && html`<a href="${factorPaths.takeAway}?${new URLSearchParams({ factor: id }).toString()}">Take away<span class="unseen"> ${label}</span></a>`}</li>`,
)}
</ul>`
}
${
  offered.length > 0 && hasPassword
    ? html`<h2>${factors.length === 0 ? 'What you can set up' : 'Set up another'}</h2>
<ul class="rows">
${offered.map(
  ({ name, label, isApp }) => html`<li><div><strong>${label}</strong>
<p class="lead">${isApp ? 'Codes of an app on your phone' : 'An answer that you alone know'}</p></div>
<a href="${factorPaths.setUp}?${new URLSearchParams({ kind: name }).toString()}">Set up<span class="unseen"> ${label}</span></a></li>`,
)}
</ul>`
    : ''
}
<p class="aside">If you have lost one, ask your administrator to reset it.</p>`,
  };
}

export type ProofFormParts = {
  csrf: string;
  login: string;
  further: FurtherProof | null;
  errors: ProofErrors & { question?: string; answer?: string };
};

export function setUpBody(parts: ProofFormParts & { kind: string; label: string; isQuestion: boolean }): Titled {
  const { csrf, kind, label, isQuestion, errors } = parts;
  const title = `Set up ${label}`;
  return {
    title: titled(title, Object.keys(errors).length > 0),
    body: html`<h1>${title}</h1>
<p class="lead">First prove that it is you.</p>
${alarm(errors.form)}
<form method="post" action="${factorPaths.setUp}" class="narrow">
${hidden({ csrf, kind })}
${proofFields(parts)}
${
  isQuestion
    ? html`<div class="field">
<label for="question">Question</label>
<select id="question" name="question">
${Object.entries(securityQuestions).map(([key, text]) => html`<option value="${key}">${text}</option>\n`)}
</select>
</div>
${field({ name: 'answer', label: 'Answer', type: 'text', autocomplete: 'off', error: errors.answer })}`
    : ''
}
<button type="submit">${isQuestion ? 'Set up' : 'Next'}</button>
</form>
<p class="aside"><a href="${factorPaths.list}">Leave it as it is</a></p>`,
  };
}

export function activateBody(parts: {
  csrf: string;
  factorId: string;
  label: string;
  secret: string;
  picture: string;
  error: string | undefined;
}): Titled {
  const { csrf, factorId, label, secret, picture, error } = parts;
  const title = `Set up ${label}`;
  return {
    title: titled(title, error !== undefined),
    body: html`<h1>${title}</h1>
<p class="lead">Scan this picture with the app, then enter the code that it shows.</p>
<p class="qr"><img src="${picture}" alt="QR code with the secret key below" width="200" height="200"></p>
<p>Or type this key into the app: <code>${secret.match(/.{1,4}/g)?.join(' ') ?? secret}</code></p>
<form method="post" action="${factorPaths.activate}" class="narrow">
${hidden({ csrf, factor: factorId })}
${field({ name: 'passCode', label: 'Code', type: 'text', autocomplete: 'one-time-code', inputmode: 'numeric', error, focused: true })}
<button type="submit">Finish</button>
</form>
<p class="aside"><a href="${factorPaths.list}">Leave it as it is</a></p>`,
  };
}

export function takeAwayBody(parts: ProofFormParts & { factorId: string; label: string }): Titled {
  const { csrf, factorId, label, errors } = parts;
  const title = `Take away ${label}?`;
  return {
    title: titled(title, Object.keys(errors).length > 0),
    body: html`<h1>${title}</h1>
<p class="lead">From then on it proves nothing any more. If your organization asks for a second factor, you set one up at your next sign-in.</p>
${alarm(errors.form)}
<form method="post" action="${factorPaths.takeAway}" class="narrow">
${hidden({ csrf, factor: factorId })}
${proofFields(parts)}
<button type="submit">Take away</button>
</form>
<p class="aside"><a href="${factorPaths.list}">Leave it as it is</a></p>`,
  };
}

function proofFields({ login, further, errors }: ProofFormParts): Markup {
  return html`<input class="unseen" type="text" name="username" value="${login}" autocomplete="username" readonly tabindex="-1" aria-hidden="true">
${field({ name: 'password', label: 'Your password', type: 'password', autocomplete: 'current-password', error: errors.password })}
${
  further &&
  field(
    further.isCode
      ? {
          name: 'proof',
          label: further.label,
          type: 'text',
          autocomplete: 'one-time-code',
          inputmode: 'numeric',
          error: errors.proof,
        }
      : { name: 'proof', label: further.label, type: 'password', autocomplete: 'off', error: errors.proof },
  )
}`;
}
