// Owns what a brand puts on every page: the style sheet that its theme becomes, its logo and favicon, and uploaded pictures. Pages only
// point here, so that none of them waits for the database. Nothing here runs in a page: pictures are pictures by their first bytes, and a
// style sheet holds colours and addresses of this server alone. Not here: who may change a theme (core/themes.ts).
import type { Env } from '../core/env.ts';
import { findImage, imagePath } from '../core/images.ts';
import { isColour, type Theme, themeInUse } from '../core/themes.ts';
import { assetOf } from './assets.ts';
import { type Route, route } from './route.ts';

const kinds = ['sign-in', 'error', 'home'] as const;
/** Which of a brand's looks a page has. */
export type PageKind = (typeof kinds)[number];

export const themePath = (kind: PageKind) => `/brand/${kind}/theme.css`;
export const logoPath = (kind: PageKind) => `/brand/${kind}/logo`;
export const faviconPath = (kind: PageKind) => `/brand/${kind}/favicon`;

/** Where each kind of page looks up whether it shows the theme at all. */
const variants = {
  'sign-in': 'signInPageTouchPointVariant',
  error: 'errorPageTouchPointVariant',
  home: 'endUserDashboardTouchPointVariant',
} as const;

const tags = ['Pages'];
const responses = { 200: null, 304: null, 404: null };

export const brandAssetRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/brand/{kind}/{part}',
    operationId: 'getBrandAsset',
    summary: 'What a brand puts on a kind of page: theme.css, logo or favicon',
    tags,
    access: 'public',
    responses,
    async handle({ env, params, request }) {
      const kind = kinds.find((one) => one === params.kind);
      if (!kind) return new Response(null, { status: 404 });
      const theme = await shownTheme(env, kind);
      if (params.part === 'theme.css') return styleSheet(request, theme, kind);
      if (params.part === 'logo') return picture(env, request, theme?.logo_id ?? null);
      if (params.part === 'favicon') return picture(env, request, theme?.favicon_id ?? null);
      return new Response(null, { status: 404 });
    },
  }),
  // Asked for by browsers themselves, and named by a theme that has no favicon of its own.
  route({
    method: 'GET',
    path: '/favicon.ico',
    operationId: 'getFavicon',
    summary: 'The favicon',
    tags,
    access: 'public',
    responses,
    handle: async ({ env, request }) => picture(env, request, (await shownTheme(env, 'sign-in'))?.favicon_id ?? null),
  }),
  route({
    method: 'GET',
    path: '/fs/bco/{shelf}/{imageId}',
    operationId: 'getUploadedImage',
    summary: 'A picture that was uploaded',
    tags,
    access: 'public',
    responses,
    async handle({ env, params, request }) {
      const { pathname } = new URL(request.url);
      if (pathname !== imagePath(params.imageId)) return new Response(null, { status: 404 });
      return picture(env, request, params.imageId, 'public, max-age=31536000, immutable');
    },
  }),
];

/** The theme of the brand, where pages of this kind show it. */
async function shownTheme(env: Env, kind: PageKind): Promise<Theme | null> {
  const theme = await themeInUse(env);
  return theme && theme.look[variants[kind]] !== 'OKTA_DEFAULT' ? theme : null;
}

/** The uploaded picture; the server's own mark where there is none. */
async function picture(env: Env, request: Request, id: string | null, caching = 'no-cache'): Promise<Response> {
  const etag = `"${id ?? assetOf(env, 'mark.svg').digest}"`;
  const headers = { etag, 'cache-control': caching };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const image = id === null ? null : await findImage(env, id);
  if (id !== null && !image) return new Response(null, { status: 404 });
  const content = image ? Buffer.from(image.content, 'base64') : assetOf(env, 'mark.svg').content;
  return new Response(new Uint8Array(content), {
    headers: {
      ...headers,
      'content-type': image?.media_type ?? 'image/svg+xml',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
    },
  });
}

function styleSheet(request: Request, theme: Theme | null, kind: PageKind): Response {
  const etag = theme ? `"${theme.id}-${theme.last_updated}"` : '"none"';
  const headers = { etag, 'cache-control': 'no-cache', 'content-type': 'text/css; charset=utf-8' };
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  return new Response(theme ? rulesOf(theme, kind) : '', { headers });
}

function rulesOf({ look, logo_id, background_id }: Theme, kind: PageKind): string {
  const { primaryColorHex: primary, primaryColorContrastHex: onPrimary, secondaryColorHex: secondary } = look;
  if (![primary, onPrimary, secondary].every(isColour)) return '';
  const variant = look[variants[kind]];
  const ground = variant === 'BACKGROUND_SECONDARY_COLOR' ? `\n  --ground: ${secondary};` : '';
  const rules = [
    `:root {\n  --accent: ${primary};\n  --accent-strong: color-mix(in srgb, ${primary} 80%, black);\n  --on-accent: ${onPrimary};${ground}\n}`,
    // On a dark ground a colour that was chosen for a light one is too dark to read.
    `@media (prefers-color-scheme: dark) {\n  :root {\n    --accent: color-mix(in srgb, ${primary} 45%, white);\n    --accent-strong: color-mix(in srgb, ${primary} 30%, white);\n    --on-accent: #000000;\n  }\n}`,
  ];
  if (logo_id !== null)
    rules.push(
      '.brand img {\n  width: auto;\n  height: auto;\n  max-width: 100%;\n  max-height: 3.5rem;\n}',
      '.brand span {\n  position: absolute;\n  width: 1px;\n  height: 1px;\n  overflow: hidden;\n  clip-path: inset(50%);\n}',
    );
  if (background_id !== null && variant === 'BACKGROUND_IMAGE')
    rules.push(
      `body {\n  background: var(--ground) url("${imagePath(background_id)}") center / cover no-repeat fixed;\n}`,
    );
  return `${rules.join('\n\n')}\n`;
}
