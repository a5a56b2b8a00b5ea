// Owns: the catalogue as one web application: pages, modules, API, and the headers around them.
// Does not own: listening and settings (main.ts), the parts themselves.
import { readFileSync } from 'node:fs';
import { createVerifier, type TrustedIssuer } from 'gatehouse-relying-party/verifier';
import { Hono } from 'hono';
import { createApi } from './api.ts';
import { createBrowserModules } from './modules.ts';
import { guardHeaders, shell } from './shell.ts';
import { createTables } from './tables.ts';

export type CatalogueOptions = {
  issuer: string;
  clientId: string;
  /** What access tokens must be for; the client ID unless told otherwise, as the set-up guide has it. */
  audience?: string | undefined;
  fetch?: TrustedIssuer['fetch'];
  now?: () => number;
};

const SILENT_CALLBACK = '/silent-callback';
const PAGES = ['/', '/tables/:id', '/me', '/callback', SILENT_CALLBACK];
const ASSETS = { '/catalogue.css': 'text/css; charset=utf-8', '/icon.svg': 'image/svg+xml' };

export function createCatalogue(options: CatalogueOptions) {
  const { issuer, clientId, audience = clientId, now = Date.now } = options;
  const verifier = createVerifier({
    issuer,
    audience,
    kind: 'access',
    clientIds: [clientId],
    now,
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
  });
  const modules = createBrowserModules();
  const page = shell({ issuer, clientId, entry: modules.entry });
  const app = new Hono();

  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(guardHeaders(issuer, c.req.path === SILENT_CALLBACK)))
      c.res.headers.set(name, value);
  });

  app.route('/api', createApi({ verifier, tables: createTables(), now }));

  app.get('/health', (c) => c.json({ status: 'ok' }));

  for (const path of PAGES)
    app.get(path, (c) => {
      c.header('Cache-Control', 'no-store');
      return c.html(page);
    });

  for (const [path, type] of Object.entries(ASSETS)) {
    const content = readFileSync(new URL(`static${path}`, import.meta.url));
    app.get(path, (c) => c.body(content, 200, { 'Content-Type': type, 'Cache-Control': 'no-cache' }));
  }

  app.get('/modules/*', (c) => {
    const module = modules.get(c.req.path);
    if (module === undefined) return c.notFound();
    c.header('ETag', module.etag);
    c.header('Cache-Control', module.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (c.req.header('if-none-match') === module.etag) return c.body(null, 304);
    return c.body(module.code, 200, { 'Content-Type': 'text/javascript; charset=utf-8' });
  });

  app.notFound((c) => {
    // The page itself says that there is nothing here; it needs no answer of its own.
    return c.req.header('accept')?.includes('text/html') === true ? c.html(page, 404) : c.text('Not found', 404);
  });

  return app;
}
