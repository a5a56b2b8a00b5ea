// Owns the page that a signed-in person sees at the server's root: their applications as tiles.
import { html } from 'hono/html';
import type { AppLink } from '../../core/app-links.ts';
import type { Env } from '../../core/env.ts';
import type { Browser } from '../../http/csrf.ts';
import { ownPage } from '../../http/own-page.ts';

export type HomePageParts = {
  name: string;
  login: string;
  links: readonly AppLink[];
  /** Whether the person administers something here. */
  administers: boolean;
};

export function homePage(env: Env, browser: Browser, { name, login, links, administers }: HomePageParts): Response {
  return ownPage(env, browser, {
    here: '/',
    title: 'Your applications',
    login,
    body: html`<h1>Your applications</h1>
<p class="lead">Signed in as ${name}</p>
${
  links.length > 0
    ? html`<nav aria-label="Applications"><ul class="tiles">
${links.map(({ application: { label }, href }) => html`<li data-mark="${markOf(label)}"><a href="${href}">${label}</a></li>`)}
</ul></nav>`
    : html`<p class="note">No application that starts from here is assigned to you yet. You can still sign in from an application’s own page; if you miss one, ask your administrator.</p>`
}
${administers && html`<p><a href="/admin">Go to the Admin Console</a></p>`}`,
  });
}

/** One letter stands for a picture: nothing is loaded from elsewhere. */
function markOf(label: string): string {
  return ([...label].find((character) => /[\p{L}\p{N}]/u.test(character)) ?? '·').toUpperCase();
}
