// Owns the delivery of the admin console under /admin: the built files of console/dist, their types, caching and compression, and the
// documents with their content security policy. Every address that is no file is a page of the console, which routes by itself.
// Not here: the console (console/), its OAuth client (core/console-client.ts), files that sign-in pages load (assets.ts).
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { html } from 'hono/html';
import { newOpaqueToken, sha256Base64url } from '../base/opaque-token.ts';
import type { Env } from '../core/env.ts';
import { page } from './page.ts';
import { redirect } from './reply.ts';
import { type Route, route } from './route.ts';

const FOLDER = join(import.meta.dirname, '../../../console/dist');
const PREFIX = '/admin/';
const DOCUMENT = 'index.html';
/** The only document that may stand in a frame: the console's own hidden one, by which it continues a session. */
const FRAMED_DOCUMENT = 'silent-callback.html';
/** Vite names these files by their content. */
const NAMED_BY_CONTENT = 'assets/';

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

type File = { content: Uint8Array<ArrayBuffer>; type: string; etag: string; brotli: Uint8Array<ArrayBuffer> | null };
type Build = { builtAt: number; documents: ReadonlyMap<string, string>; files: ReadonlyMap<string, File> };

export const consoleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/admin/*',
    operationId: 'showConsole',
    summary: 'The admin console',
    tags: ['Pages'],
    access: 'public',
    responses: { 200: null, 302: null, 304: null },
    async handle({ env, request }) {
      const build = currentBuild(env);
      if (!build) return notBuiltPage(env);
      const url = new URL(request.url);
      const name = url.pathname.slice(PREFIX.length);
      const file = build.files.get(name);
      if (file) return fileResponse(file, name, request);
      if (name.startsWith(NAMED_BY_CONTENT)) return new Response(null, { status: 404 });
      // Its tokens are the org URL's, and so is its redirect URI.
      if (env.request.origin !== env.config.url || !hasHostOf(request, env.config.url))
        return redirect(`${env.config.url}${url.pathname}${url.search}`);
      const framed = name === 'silent-callback';
      return documentResponse(env, build.documents.get(framed ? FRAMED_DOCUMENT : DOCUMENT) ?? '', framed);
    },
  }),
];

// A host that nobody registered stands for the org's own, unless it plainly is another: the browser would then be at another origin.
function hasHostOf(request: Request, orgUrl: string): boolean {
  const { hostname } = new URL(request.url);
  const isLoopback = (name: string) => name === '127.0.0.1' || name === '[::1]' || name === 'localhost';
  return !isLoopback(hostname) || hostname === new URL(orgUrl).hostname || !isLoopback(new URL(orgUrl).hostname);
}

/** The build on disk, read once and again after the next one; null when there is none. */
function currentBuild(env: Env): Build | null {
  const known = env.memory.of('console-files', (): { build: Build | null } => ({ build: null }));
  const builtAt = statSync(join(FOLDER, DOCUMENT), { throwIfNoEntry: false })?.mtimeMs ?? null;
  if (builtAt === null) return null;
  if (known.build?.builtAt !== builtAt) known.build = readBuild(builtAt);
  return known.build;
}

function readBuild(builtAt: number): Build {
  const documents = new Map<string, string>();
  const files = new Map<string, File>();
  for (const entry of readdirSync(FOLDER, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(FOLDER.length + 1).replaceAll('\\', '/');
    if (name.endsWith('.html')) documents.set(name, readFileSync(path, 'utf8'));
    else files.set(name, readConsoleFile(path));
  }
  return { builtAt, documents, files };
}

function readConsoleFile(path: string): File {
  const content = new Uint8Array(readFileSync(path));
  return {
    content,
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    etag: `"${sha256Base64url(Buffer.from(content).toString('latin1')).slice(0, 22)}"`,
    brotli: null,
  };
}

function fileResponse(file: File, name: string, request: Request): Response {
  const headers: Record<string, string> = {
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': name.startsWith(NAMED_BY_CONTENT) ? 'public, max-age=31536000, immutable' : 'no-cache',
  };
  if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers });
  headers['content-type'] = file.type;
  if (!/\bbr\b/.test(request.headers.get('accept-encoding') ?? '') || !/text|svg/.test(file.type))
    return new Response(file.content, { headers });
  file.brotli ??= compressed(file.content);
  return new Response(file.brotli, { headers: { ...headers, 'content-encoding': 'br' } });
}

function compressed(content: Uint8Array): Uint8Array<ArrayBuffer> {
  const params = { [constants.BROTLI_PARAM_QUALITY]: 6 };
  return new Uint8Array(brotliCompressSync(content, { params }));
}

// The component library writes its theme's variables into style elements: these, and no others, carry the nonce of this answer.
// It is handed to the script in a meta element, since browsers hide the nonces of elements.
function documentResponse(env: Env, document: string, framed: boolean): Response {
  const nonce = newOpaqueToken(env.random, 18);
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "form-action 'none'",
    `frame-ancestors ${framed ? "'self'" : "'none'"}`,
    "base-uri 'none'",
  ];
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy.join('; '),
    'referrer-policy': 'same-origin',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-frame-options': framed ? 'SAMEORIGIN' : 'DENY',
  };
  return new Response(document.replaceAll('STYLE_NONCE', nonce), { headers });
}

function notBuiltPage(env: Env): Response {
  return page(env, {
    title: 'The console is not built',
    status: 503,
    body: html`<h1>The console is not built</h1>
<p>The files of the admin console are not on this server yet. Its sign-in, its tokens and its management API work without them.</p>
<p class="note"><strong>To build it:</strong> run <code>npm run build</code> in the folder of Gatehouse, then load this page again.</p>`,
  });
}
