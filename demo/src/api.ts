// Owns: the catalogue's API and its door: an access token that the verifier accepts, or no answer.
// Does not own: what makes a token good (the verifier), the tables (tables.ts).
import { VerificationError, type VerifiedToken, type Verifier } from 'gatehouse-relying-party/verifier';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { readEdit, type Tables } from './tables.ts';

type ApiEnv = { Variables: { caller: VerifiedToken } };

const LARGEST_BODY = 16_384;

export function createApi({ verifier, tables, now }: { verifier: Verifier; tables: Tables; now: () => number }) {
  const api = new Hono<ApiEnv>();

  api.use(async (c, next) => {
    c.header('Cache-Control', 'no-store');
    const token = bearerToken(c.req.header('authorization'));
    if (token === undefined) return unauthorized(c, undefined, 'Send an access token: Authorization: Bearer …');
    try {
      c.set('caller', await verifier.verify(token));
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      if (error.concerns === 'provider') return c.json({ error: error.code, message: error.message }, 503);
      return unauthorized(c, error.code, error.message);
    }
    return next();
  });

  api.get('/tables', (c) => c.json(tables.list().map(({ columns: _, ...table }) => table)));

  api.get('/tables/:id', (c) => {
    const table = tables.get(c.req.param('id'));
    return table === undefined ? notFound(c) : c.json(table);
  });

  api.patch('/tables/:id', bodyLimit({ maxSize: LARGEST_BODY }), async (c) => {
    const edit = readEdit(await c.req.json().catch(() => undefined));
    if ('fault' in edit) return c.json({ error: 'invalid_edit', message: edit.fault }, 400);
    const editor = { name: c.get('caller').subject, at: new Date(now()).toISOString() };
    const table = tables.edit(c.req.param('id'), edit, editor);
    return table === undefined ? notFound(c) : c.json(table);
  });

  api.get('/whoami', (c) => {
    const { subject, clientId, scopes, issuedAt, expiresAt, claims } = c.get('caller');
    return c.json({ subject, clientId, scopes, issuedAt, expiresAt, claims });
  });

  api.notFound((c) => notFound(c));
  return api;
}

/** RFC 6750 section 2.1; tokens in a query or a form are not accepted. */
function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([\w.~+/-]+=*)$/i.exec(header ?? '')?.[1];
}

/** RFC 6750 section 3: a request without any token is challenged without an error code. */
function unauthorized(c: Context, code: string | undefined, message: string) {
  const description = message.replaceAll(/[^ -~]/g, '?').replaceAll(/["\\]/g, "'");
  c.header(
    'WWW-Authenticate',
    code === undefined
      ? 'Bearer realm="catalogue"'
      : `Bearer realm="catalogue", error="invalid_token", error_description="${description}"`,
  );
  return c.json({ error: code ?? 'token_missing', message }, 401);
}

function notFound(c: Context) {
  return c.json({ error: 'not_found', message: 'There is no such thing in this catalogue.' }, 404);
}
