// Owns the page that a signed-in person sees at the server's root, and the one after signing out.
import { html } from 'hono/html';
import type { AppLink } from '../../core/app-links.ts';
import type { Env } from '../../core/env.ts';
import { page } from '../../http/page.ts';
import { hidden } from './form-parts.ts';

export type HomePageParts = {
  name: string;
  login: string;
  links: readonly AppLink[];
  csrf: string;
  cookies: readonly string[];
};

export function homePage(env: Env, { name, login, links, csrf, cookies }: HomePageParts): Response {
  return page(env, {
    title: 'Signed in',
    cookies,
    body: html`<h1>Signed in as ${name}</h1>
<p class="lead">${login}</p>
${
  links.length > 0 &&
  html`<nav aria-label="Applications"><ul class="tiles">
${links.map(({ application, href }) => html`<li><a href="${href}">${application.label}</a></li>`)}
</ul></nav>`
}
<p><a href="/oauth2/consents">What applications may do for you</a></p>
<form method="post" action="/signout">
${hidden({ csrf })}
<button type="submit" class="quiet">Sign out</button>
</form>`,
  });
}
