// Owns the page that tells a person in a browser that something went wrong: what happened, where to look, and the id under which
// the log knows the request. Never what the program was doing. Not here: errors that programs read (api-error.ts, oauth-error.ts).
import { html } from 'hono/html';
import type { Env } from '../core/env.ts';
import { page } from './page.ts';

export type ErrorPageParts = {
  status: number;
  title: string;
  /** What happened, in a sentence. */
  what: string;
  /** Which setting to look at, in the console's words. */
  check?: string;
  /** The protocol's or the API's name of the error, such as `invalid_client`. */
  code?: string;
  /** A way on, on this server. */
  link?: { href: string; text: string };
  headers?: Record<string, string>;
  cookies?: readonly string[];
};

export function errorPage(env: Env, parts: ErrorPageParts): Response {
  const { status, title, what, check, link, code, headers, cookies } = parts;
  env.log.info({ status, title, code, requestId: env.request.id }, 'An error page was shown');
  return page(env, {
    title,
    status,
    kind: 'error',
    ...(headers ? { headers } : {}),
    ...(cookies ? { cookies } : {}),
    body: html`<h1>${title}</h1>
<p>${what}</p>
${check && html`<p class="note"><strong>What to check:</strong> ${check}</p>`}
${link && html`<p><a href="${link.href}">${link.text}</a></p>`}
<dl class="facts">
${code && html`<div><dt>Error</dt><dd><code>${code}</code></dd></div>`}
<div><dt>Request ID</dt><dd><code>${env.request.id}</code></dd></div>
</dl>`,
  });
}

/** For a browser that asks for a page which is not there. */
export function notFoundPage(env: Env): Response {
  return errorPage(env, {
    status: 404,
    title: 'Page not found',
    what: 'There is no page at this address.',
    check: 'The address in the browser, or the link that led here.',
  });
}
