// Owns the cookies of this server: their names, their attributes, and reading them. Not here: what a value means.
import type { Env } from '../core/env.ts';

/** `idx`: the session. `gh_browser`: which browser an authorization request and its forms belong to. `DT`: the device. */
export type CookieName = 'idx' | 'gh_browser' | 'DT';

/** The value of a cookie, or null. Two cookies of one name count as none: one of them was planted. */
export function readCookie(request: Request, name: CookieName): string | null {
  const values = (request.headers.get('cookie') ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? (values[0] ?? null) : null;
}

/**
 * A Set-Cookie value: host-only, for every path, out of scripts' reach. `maxAge` in seconds; none: until the browser closes.
 * Over HTTPS it is Secure and SameSite=None, so that renewal in a frame of an application on another site works; every form
 * and every state-changing call therefore has a check of its own (csrf.ts). Over HTTP browsers allow Lax at most.
 */
export function setCookie(env: Env, name: CookieName, value: string, maxAge?: number): string {
  const secure = env.request.origin.startsWith('https:');
  const parts = [
    `${name}=${value}`,
    'Path=/',
    'HttpOnly',
    secure ? 'Secure' : '',
    `SameSite=${secure ? 'None' : 'Lax'}`,
  ];
  if (maxAge !== undefined) parts.push(`Max-Age=${maxAge}`);
  return parts.filter((part) => part !== '').join('; ');
}

export function clearCookie(env: Env, name: CookieName): string {
  return setCookie(env, name, '', 0);
}
