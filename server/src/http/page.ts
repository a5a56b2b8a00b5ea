// Owns the frame of every page for people: document, headers, and what the browser may load, run, frame and submit to.
// A page holds no inline script or style, works without script, and is not kept by any cache. Not here: what pages say.
import type { html } from 'hono/html';
import { html as markup } from 'hono/html';
import type { Env } from '../core/env.ts';
import { assetPath } from './assets.ts';

/** What hono's `html` template returns: text that is safe to place into a document. */
export type Markup = ReturnType<typeof html>;

export type PageScript = 'post-message' | 'auto-submit';

export type PageParts = {
  /** Names the page in the tab and to a screen reader; the page's own heading says it again. */
  title: string;
  body: Markup;
  status?: number;
  headers?: Record<string, string>;
  /** Set-Cookie values. */
  cookies?: readonly string[];
  script?: PageScript;
  /** Origins that may show the page in a frame; nobody by default. */
  frameAncestors?: readonly string[];
  /** URIs that its form, or a redirect that answers its form, may lead to, besides this server. */
  formAction?: readonly string[];
};

export function page(env: Env, parts: PageParts): Response {
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(parts),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...parts.headers,
  });
  if (!parts.frameAncestors?.length) headers.set('x-frame-options', 'DENY');
  for (const cookie of parts.cookies ?? []) headers.append('set-cookie', cookie);
  return new Response(String(documentOf(env, parts)), { status: parts.status ?? 200, headers });
}

function documentOf(env: Env, { title, body, script }: PageParts): Markup {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Gatehouse</title>
<link rel="icon" href="${assetPath(env, 'mark.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath(env, 'page.css')}">
${script && markup`<script src="${assetPath(env, `${script}.js`)}" defer></script>`}
</head>
<body>
<main class="card">
<p class="brand"><img src="${assetPath(env, 'mark.svg')}" alt="" width="28" height="28"> Gatehouse</p>
${body}
</main>
</body>
</html>
`;
}

function contentSecurityPolicy({ script, frameAncestors, formAction }: PageParts): string {
  const list = (sources: readonly string[] | undefined) => [...new Set((sources ?? []).map(sourceOf))];
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    ...(script ? ["script-src 'self'"] : []),
    // Chromium holds every redirect that follows a submission to this list, so a form whose answer leads to an application names it.
    `form-action ${["'self'", ...list(formAction)].join(' ')}`,
    `frame-ancestors ${frameAncestors?.length ? list(frameAncestors).join(' ') : "'none'"}`,
    "base-uri 'none'",
  ].join('; ');
}

/**
 * The narrowest source expression of CSP Level 3 that covers this URI: its origin, or its scheme where the grammar has no way to
 * write the host (IPv6 literals) or there is none (`com.example.app:/callback`). Anything that could end the directive is refused.
 */
function sourceOf(uri: string): string {
  const url = URL.parse(uri);
  if (!url || !/^[a-z][a-z0-9+.-]*:$/.test(url.protocol))
    throw new Error('A page names a place that is not an absolute URI');
  return /^https?:$/.test(url.protocol) && /^[a-z0-9.-]+$/i.test(url.hostname) ? url.origin : url.protocol;
}
