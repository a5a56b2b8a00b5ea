// Owns how a person is asked about scopes, on whatever page, and how the answer is read: optional ones have a box that may be
// unticked. Not here: which scopes need an answer (core/consents.ts), and the pages.
import { html } from 'hono/html';
import type { Scope } from '../core/scopes.ts';
import type { Markup } from '../http/page.ts';

/** A list; a box for each optional scope, ticked unless its name is among `declined`. */
export function scopeList(
  scopes: readonly Scope[],
  mayLeaveOut: (scope: Scope) => boolean,
  declined: string[] = [],
): Markup {
  return html`<ul>
${scopes.map((scope) => html`<li>${mayLeaveOut(scope) ? box(scope, !declined.includes(scope.name)) : words(scope)}</li>`)}
</ul>`;
}

/** Which of the scopes that were asked about the person agreed to; what the form says of any other scope counts for nothing. */
export function readAnswer(form: URLSearchParams, asked: readonly Scope[]): { given: string[]; declined: string[] } {
  const ticked = new Set(form.getAll('scope'));
  const isGiven = ({ name, optional }: Scope) => !optional || ticked.has(name);
  const names = (scopes: Scope[]) => scopes.map(({ name }) => name);
  return { given: names(asked.filter(isGiven)), declined: names(asked.filter((scope) => !isGiven(scope))) };
}

function words({ name, displayName, description }: Scope): Markup {
  return html`<strong>${displayName || name}</strong>${description ? html`<br>${description}` : ''}`;
}

function box(scope: Scope, ticked: boolean): Markup {
  return html`<label><input type="checkbox" name="scope" value="${scope.name}"${ticked ? html` checked` : ''}> ${words(scope)} <em>(you may leave this out)</em></label>`;
}
