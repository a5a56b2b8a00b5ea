// Owns taking in a form of this surface: only when it was made for the browser that sends it and for the purpose that it claims.
// Not here: what the fields mean.
import type { Env } from '../core/env.ts';
import { type Browser, isOwnForm } from '../http/csrf.ts';
import { errorPage } from '../http/error-page.ts';
import { readForm } from '../http/read-body.ts';

/** A field that is given once; null when it is missing, and also when it is given twice: one of the two was added by somebody. */
export function single(fields: URLSearchParams, name: string): string | null {
  const values = fields.getAll(name);
  return values.length === 1 ? (values[0] ?? null) : null;
}

/** The form's fields, or null when it must not be believed. `purposeOf` says what submitting it would do. */
export async function readOwnForm(
  env: Env,
  request: Request,
  browser: Browser,
  purposeOf: (fields: URLSearchParams) => string,
): Promise<URLSearchParams | null> {
  const fields = await readForm(request);
  if (!fields || !isOwnForm(env, browser, purposeOf(fields), single(fields, 'csrf'))) return null;
  return fields;
}

/** The answer to a form that was not made for this browser, or for something else. */
export function foreignFormPage(env: Env): Response {
  return errorPage(env, {
    status: 403,
    title: 'This form could not be accepted',
    what: 'It was opened in another browser, or it is older than this browser’s cookies. Nothing was changed.',
    check: 'Whether the browser accepts cookies from this site. Then open the page anew and try again.',
  });
}
