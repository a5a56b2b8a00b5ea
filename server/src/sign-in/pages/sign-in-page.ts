// Owns the page that asks who you are. Not here: what its answer leads to (sign-in.ts).
import { html } from 'hono/html';
import type { SignInWords } from '../../core/brand-pages.ts';
import type { Env } from '../../core/env.ts';
import { type Markup, page } from '../../http/page.ts';
import { alarm, field, hidden, titled } from './form-parts.ts';

export type SignInPageParts = {
  csrf: string;
  /** The waiting authorization request and the label of the application that made it. */
  request: { handle: string; application: string | null } | null;
  fromURI: string | null;
  /** `nothing`: the person chooses among `providers`. */
  asks: 'password' | 'identifier' | 'nothing';
  /** Whether the person goes around the routing rules. */
  local: boolean;
  identifier: string;
  problem?: string;
  status?: number;
  headers?: Record<string, string>;
  cookies: readonly string[];
  /** Where the answer may lead beyond this server. */
  formAction: readonly string[];
  /** Other identity providers by which the person may sign in. */
  providers: readonly { id: string; name: string }[];
  words: SignInWords;
};

export function signInPage(env: Env, parts: SignInPageParts): Response {
  const { request, problem, status, headers, cookies, formAction, asks, providers, words } = parts;
  const heading = asks === 'nothing' ? 'Sign in with' : 'Or sign in with';
  return page(env, {
    title: titled(words.heading, problem !== undefined),
    brand: words.brand,
    status: status ?? 200,
    headers: headers ?? {},
    cookies,
    formAction,
    body: html`<h1>${words.heading}</h1>
${request?.application && html`<p class="lead">to continue to <strong>${request.application}</strong></p>`}
${alarm(problem)}
${asks === 'nothing' ? '' : ownForm(parts)}
${providers.length > 0 && html`<h2 class="other-ways">${heading}</h2>`}
${providers.map(
  ({ id, name }) => html`<p><a class="button" href="${providerPath(id, parts)}">${name}</a></p>
`,
)}
${
  words.links.length === 0
    ? html`<p class="aside">Can’t sign in? Ask your administrator for a link to set a new password.</p>`
    : html`<ul class="links">
${words.links.map(({ label, href }) => html`<li><a href="${href}" rel="noreferrer">${label}</a></li>`)}
</ul>`
}`,
  });
}

function ownForm({ csrf, request, fromURI, local, asks, identifier, words }: SignInPageParts): Markup {
  const asksPassword = asks === 'password';
  const knowsWho = identifier !== '' && asksPassword;
  return html`<form method="post" action="/signin">
${hidden({ csrf, request: request?.handle ?? null, fromURI, local: local ? 'true' : null })}
${field({ name: 'identifier', ...words.username, type: 'text', autocomplete: 'username', value: identifier, focused: !knowsWho })}
${asksPassword && field({ name: 'password', ...words.password, type: 'password', autocomplete: 'current-password', focused: knowsWho })}
<button type="submit">${asksPassword ? 'Sign in' : 'Next'}</button>
</form>`;
}

function providerPath(id: string, { request, fromURI }: SignInPageParts): string {
  const wanted = request ? { request: request.handle } : fromURI === null ? {} : { fromURI };
  const query = String(new URLSearchParams(wanted));
  return `/sso/idps/${id}${query === '' ? '' : `?${query}`}`;
}
