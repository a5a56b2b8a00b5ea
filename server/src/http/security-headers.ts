// Owns the headers that every answer carries, unless the handler chose another value. Not here: the stricter ones of pages
// (content security policy, framing) and CORS (cors.ts).
import type { Env } from '../core/env.ts';

const HSTS = 'max-age=31536000';

/** Adds what is missing to the answer. */
export function addStandardHeaders(env: Env, response: Response): void {
  const { headers } = response;
  headers.set('x-okta-request-id', env.request.id);
  for (const [name, value] of standardHeaders(env)) if (!headers.has(name)) headers.set(name, value);
}

function standardHeaders(env: Env): [name: string, value: string][] {
  const headers: [string, string][] = [
    ['accept-ch', 'Sec-CH-UA-Platform-Version'],
    ['cache-control', 'no-store'],
    ['referrer-policy', 'strict-origin-when-cross-origin'],
    ['x-content-type-options', 'nosniff'],
  ];
  if (env.request.origin.startsWith('https:')) headers.push(['strict-transport-security', HSTS]);
  return headers;
}
