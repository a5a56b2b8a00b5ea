// Owns the frame of every page for people: document, headers, and what the browser may load, run, frame and submit to.
// A page holds no inline script or style, works without script, and is not kept by any cache. Not here: what pages say.
import { html } from 'hono/html';
import type { Env } from '../core/env.ts';
import { assetPath } from './assets.ts';
import { faviconPath, logoPath, type PageKind, themePath } from './brand-assets.ts';

/** What hono's `html` template returns: text that is safe to place into a document. */
export type Markup = ReturnType<typeof html>;

export type PageScript = 'post-message' | 'auto-submit';

export type PageParts = {
  /** Names the page in the tab and to a screen reader; the page's own heading says it again. */
  title: string;
  body: Markup;
  /** What stands around the body of a page that is one of several: their navigation before it, and what follows after. */
  around?: { before: Markup; after: Markup };
  /** Which of the brand's looks it has; that of the sign-in pages by default. */
  kind?: PageKind;
  /** In whose name the page speaks. */
  brand?: string;
  status?: number;
  headers?: Record<string, string>;
  /** Set-Cookie values. */
  cookies?: readonly string[];
  script?: PageScript;
  /** A page to look things up in: as wide as its text, with a look of its own. */
  reference?: boolean;
  /** URIs that the page shows in frames of its own. */
  frames?: readonly string[];
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

function documentOf(env: Env, parts: PageParts): Markup {
  const { title, body, around, script, reference, kind = 'sign-in', brand: name = 'Gatehouse' } = parts;
  const brand = html`<p class="brand"><img src="${logoPath(kind)}" alt="" width="28" height="28"> <span>${name}</span></p>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · ${name}</title>
<link rel="icon" href="${faviconPath(kind)}">
<link rel="stylesheet" href="${assetPath(env, 'page.css')}">
<link rel="stylesheet" href="${themePath(kind)}">
${reference && html`<link rel="stylesheet" href="${assetPath(env, 'reference.css')}">`}
${script && html`<script src="${assetPath(env, `${script}.js`)}" defer></script>`}
</head>
<body>
${
  around
    ? html`<div class="card wide">
<header>${brand}
${around.before}</header>
<main>
${body}
</main>
<footer class="farewell">${around.after}</footer>
</div>`
    : html`<main class="${reference ? 'reference' : 'card'}">
${brand}
${body}
</main>`
}
</body>
</html>
`;
}

function contentSecurityPolicy({ script, frames, frameAncestors, formAction }: PageParts): string {
  return [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    ...(script ? ["script-src 'self'"] : []),
    ...(frames?.length ? [`frame-src ${[...new Set(frames.map(originOf))].join(' ')}`] : []),
    `form-action ${["'self'", ...new Set(formAction?.map(schemeOf))].join(' ')}`,
    `frame-ancestors ${frameAncestors?.length ? frameAncestors.map(originOf).join(' ') : "'none'"}`,
    "base-uri 'none'",
  ].join('; ');
}

// Chromium holds every redirect that follows a submission to form-action, also those that an application makes after its
// callback, to hosts that nobody here can know. So a form whose answer leaves this server opens a scheme, not a host.
function schemeOf(uri: string): string {
  const protocol = URL.parse(uri)?.protocol;
  if (!protocol) throw new Error('The place that a form leads to is not an absolute URI');
  return protocol;
}

function originOf(uri: string): string {
  const origin = URL.parse(uri)?.origin;
  if (!origin || origin === 'null')
    throw new Error('A place that frames a page, or is framed by one, is not a web origin');
  return origin;
}
