// Owns: the one HTML page that every address of the catalogue answers with, and the headers that guard it.
// Does not own: what the page shows (browser/).
import { html } from 'hono/html';

export type ShellOptions = { issuer: string; clientId: string; entry: string };

export function shell({ issuer, clientId, entry }: ShellOptions) {
  return html`<!doctype html>
<html lang="en" data-issuer="${issuer}" data-client-id="${clientId}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Catalogue</title>
    <link rel="icon" href="/icon.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="/catalogue.css" />
    <script type="module" src="${entry}"></script>
  </head>
  <body>
    <noscript><p class="notice">This catalogue signs people in within the browser, so it needs JavaScript.</p></noscript>
  </body>
</html>
`;
}

/** The hidden frame loads the silent callback from this very origin; nothing else is ever framed. */
export function guardHeaders(issuer: string, framable: boolean): Record<string, string> {
  const provider = new URL(issuer).origin;
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${provider}`,
    `frame-src 'self' ${provider}`,
    "base-uri 'none'",
    "form-action 'self'",
    `frame-ancestors ${framable ? "'self'" : "'none'"}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Frame-Options': framable ? 'SAMEORIGIN' : 'DENY',
    'X-Content-Type-Options': 'nosniff',
    // The callback's address holds a code.
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  };
}
