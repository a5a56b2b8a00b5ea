// Owns what a browser gets when its session has ended: the way on, or first a page whose frames tell the applications of the session
// (OIDC Front-Channel Logout 1.0). The page goes on by itself, without script. Not here: ending the session.
import { html } from 'hono/html';
import type { Env } from '../core/env.ts';
import { page } from './page.ts';

/** Long enough for the frames to be answered; a browser does not tell when without script. */
const SECONDS = 2;

/** Null when nobody has to be told: the caller redirects. `target`: where the browser goes on. */
export function frontChannelPage(
  env: Env,
  { uris, target, cookies }: { uris: readonly string[]; target: string; cookies: readonly string[] },
): Response | null {
  if (uris.length === 0) return null;
  return page(env, {
    title: 'Signing out',
    cookies,
    frames: uris,
    headers: { refresh: `${SECONDS}; url=${target}` },
    body: html`<h1>Signing you out</h1>
<p role="status">Your applications are told that you have signed out.</p>
<p><a href="${target}">Continue</a></p>
${uris.map((uri) => html`<iframe src="${uri}" title="Sign-out of an application" hidden></iframe>`)}`,
  });
}
