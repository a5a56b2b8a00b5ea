// Owns the frame of the pages that belong to a signed-in person: the way from each to the others, and out. Both surfaces have some.
// Not here: what the pages show, and who is signed in.
import { html } from 'hono/html';
import type { Env } from '../core/env.ts';
import { type Browser, formToken } from './csrf.ts';
import { type Markup, page } from './page.ts';

/** In the order of the navigation. */
const places = [
  { path: '/', label: 'Applications' },
  { path: '/account/profile', label: 'Profile' },
  { path: '/account/password', label: 'Password' },
  { path: '/account/factors', label: 'Second factors' },
  { path: '/account/sessions', label: 'Devices' },
  { path: '/oauth2/consents', label: 'Consents' },
  { path: '/account/history', label: 'History' },
] as const;

export type OwnPlace = (typeof places)[number]['path'];

export type OwnPageParts = {
  here: OwnPlace;
  title: string;
  body: Markup;
  /** Whose pages they are. */
  login: string;
  status?: number;
  cookies?: readonly string[];
};

export function ownPage(env: Env, browser: Browser, parts: OwnPageParts): Response {
  const { here, title, body, login, status, cookies = [] } = parts;
  return page(env, {
    title,
    body,
    kind: 'home',
    around: { before: navigation(here), after: farewell(env, browser, login) },
    ...(status === undefined ? {} : { status }),
    cookies: [...(browser.cookie ? [browser.cookie] : []), ...cookies],
  });
}

function navigation(here: OwnPlace): Markup {
  return html`<nav aria-label="Your account"><ul class="places">
${places.map(({ path, label }) => html`<li><a href="${path}"${path === here ? html` aria-current="page"` : ''}>${label}</a></li>`)}
</ul></nav>`;
}

function farewell(env: Env, browser: Browser, login: string): Markup {
  return html`<p>${login}</p>
<form method="post" action="/signout">
<input type="hidden" name="csrf" value="${formToken(env, browser, 'sign-out')}">
<button type="submit" class="quiet">Sign out</button>
</form>`;
}
