// Owns the two pages by which a browser carries an answer to an application without a redirect: a form that submits itself, and a
// message to the window that opened this one or frames it. They hold the shape of data that the scripts in assets/ read.
// Not here: which answer, and whether the place may have it.
import { html } from 'hono/html';
import type { Env } from '../core/env.ts';
import { page } from './page.ts';

/** A page that posts `fields` to `action`; without script, by its button. */
export function autoSubmitPage(
  env: Env,
  { action, fields }: { action: string; fields: Record<string, string> },
): Response {
  return page(env, {
    title: 'Continue to the application',
    script: 'auto-submit',
    formAction: [action],
    body: html`<h1>Back to the application</h1>
<p class="lead">You are being taken to the application. If nothing happens, press Continue.</p>
<form method="post" action="${action}">
${Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button type="submit">Continue</button>
</form>`,
  });
}

/** A page that posts `message` to its opener or its parent, if that is of `targetOrigin`, which alone may frame it. */
export function postMessagePage(
  env: Env,
  { targetOrigin, message }: { targetOrigin: string; message: Record<string, unknown> },
): Response {
  return page(env, {
    title: 'Continue to the application',
    script: 'post-message',
    frameAncestors: [targetOrigin],
    body: html`<h1>Back to the application</h1>
<p class="lead" data-message="${JSON.stringify(message)}" data-target-origin="${targetOrigin}">
You may close this window and go back to the application.
</p>`,
  });
}
