// Owns the page that a signed-in person sees at the server's root, and the one after signing out.
import { html } from 'hono/html';
import type { Env } from '../../core/env.ts';
import { page } from '../../http/page.ts';
import { hidden } from './form-parts.ts';

export function homePage(
  env: Env,
  { name, login, csrf, cookies }: { name: string; login: string; csrf: string; cookies: readonly string[] },
): Response {
  return page(env, {
    title: 'Signed in',
    cookies,
    body: html`<h1>Signed in as ${name}</h1>
<p class="lead">${login}</p>
<p><a href="/oauth2/consents">What applications may do for you</a></p>
<form method="post" action="/signout">
${hidden({ csrf })}
<button type="submit" class="quiet">Sign out</button>
</form>`,
  });
}
