// Owns logging out without an ID token at a STRICT server (OIDC RP-Initiated Logout 1.0 section 2): whoever sent the browser here has
// proven nothing, so the person is asked, and nobody is redirected to; and the page that says that it is done.
// Not here: logging out with a hint (logout.ts).
import { html } from 'hono/html';
import type { Env } from '../core/env.ts';
import { findSession } from '../core/sessions.ts';
import { readCookie } from '../http/cookies.ts';
import { browserOf, formToken, isOwnForm } from '../http/csrf.ts';
import { page } from '../http/page.ts';
import type { Parameters } from './parameters.ts';

const PURPOSE = 'logout';

/** The question, or null when there is nothing to ask: nobody is signed in, or the person has just said yes. */
export async function questionBeforeLogout(
  env: Env,
  request: Request,
  parameters: Parameters,
): Promise<Response | null> {
  const browser = browserOf(env, request);
  const isAnswer = request.method === 'POST' && isOwnForm(env, browser, PURPOSE, parameters.get('csrf') ?? null);
  const signedIn = isAnswer ? null : await findSession(env, readCookie(request, 'idx'));
  if (!signedIn) return null;
  const title = 'Sign out?';
  return page(env, {
    title,
    cookies: browser.cookie === null ? [] : [browser.cookie],
    body: html`<h1>${title}</h1>
<p>An application asks to sign you out. You are signed in as <strong>${signedIn.user.login}</strong>.</p>
<form method="post" action="${new URL(request.url).pathname}">
<input type="hidden" name="csrf" value="${formToken(env, browser, PURPOSE)}">
<p class="actions"><button type="submit">Sign out</button></p>
</form>
<p class="aside"><a href="/">Stay signed in</a></p>`,
  });
}

export function signedOutPage(env: Env, cookie: string): Response {
  const title = 'You are signed out';
  return page(env, {
    title,
    cookies: [cookie],
    body: html`<h1>${title}</h1>
<p>You can close this page.</p>
<p class="aside"><a href="/signin">Sign in again</a></p>`,
  });
}
