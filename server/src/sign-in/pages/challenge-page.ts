// Owns the page that asks for a further proof: a code of an app, or the answer to a question. Not here: what its answer leads to.
import { html } from 'hono/html';
import type { Env } from '../../core/env.ts';
import { page } from '../../http/page.ts';
import { alarm, field, hidden, titled } from './form-parts.ts';

export type ChallengePageParts = {
  login: string;
  hidden: Record<string, string>;
  /** Null: a code of the app is asked for. */
  question: string | null;
  app: string;
  others: readonly { id: string; label: string }[];
  /** For how long the person may leave it out on this device; null: they may not. */
  remember: { words: string; isProposed: boolean } | null;
  error?: string;
  status?: number;
  headers?: Record<string, string>;
  cookies: readonly string[];
  formAction: readonly string[];
};

export function challengePage(env: Env, parts: ChallengePageParts): Response {
  const { login, question, app, others, remember, error, status, headers, cookies, formAction } = parts;
  return page(env, {
    title: titled('Verify that it’s you', error !== undefined),
    status: status ?? 200,
    headers: headers ?? {},
    cookies,
    formAction,
    body: html`<h1>Verify that it’s you</h1>
<p class="lead">${question === null ? `Enter the code that ${app} shows.` : 'Answer your security question.'}</p>
${alarm(error)}
<form method="post" action="/signin/factor">
${hidden(parts.hidden)}
<p class="who">Username: <strong>${login}</strong></p>
${
  question === null
    ? field({
        name: 'passCode',
        label: 'Code',
        type: 'text',
        autocomplete: 'one-time-code',
        inputmode: 'numeric',
        focused: true,
      })
    : field({ name: 'answer', label: question, type: 'password', autocomplete: 'off', focused: true })
}
${remember && html`<p class="check"><input type="checkbox" id="remember" name="remember" value="yes"${remember.isProposed ? html` checked` : ''}><label for="remember">Do not ask again on this device for ${remember.words}</label></p>`}
<button type="submit">Verify</button>
${others.map(({ id, label }) => html`<button class="quiet" type="submit" formaction="/signin/factor/choose" formnovalidate name="other" value="${id}">Use ${label} instead</button>\n`)}
</form>`,
  });
}
