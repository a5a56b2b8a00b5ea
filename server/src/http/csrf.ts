// Owns the proof that a form was asked for by this browser (double submit: a cookie of chance, and in the form a keyed digest of
// it bound to the form's purpose), and that a state-changing call by cookie was not sent from a foreign page.
import { equalInConstantTime, newOpaqueToken } from '../base/opaque-token.ts';
import type { Env } from '../core/env.ts';
import { readCookie, setCookie } from './cookies.ts';

export type Browser = {
  /** Chance that only this browser holds. */
  id: string;
  /** The Set-Cookie value when this browser is new; null otherwise. */
  cookie: string | null;
};

/** The browser that sends the request; a new one gets an id, which the answer must set. */
export function browserOf(env: Env, request: Request): Browser {
  const known = readCookie(request, 'gh_browser');
  if (known && /^[\w-]{43}$/.test(known)) return { id: known, cookie: null };
  const id = newOpaqueToken(env.random);
  return { id, cookie: setCookie(env, 'gh_browser', id) };
}

/** The value for a form's hidden field `csrf`. `purpose` says what submitting it does, such as `sign-in:HANDLE`. */
export function formToken(env: Env, browser: Browser, purpose: string): string {
  return env.sealer.mac(browser.id, `form:${purpose}`);
}

/** Whether the form was rendered for this browser and this purpose. */
export function isOwnForm(env: Env, browser: Browser, purpose: string, token: string | null): boolean {
  return token !== null && browser.cookie === null && equalInConstantTime(formToken(env, browser, purpose), token);
}

/**
 * Whether a state-changing request that carries cookies may be believed: browsers say where it comes from.
 * `isTrusted` is asked for origins other than the org's own.
 */
export async function isFromTrustedPage(
  env: Env,
  request: Request,
  isTrusted: (origin: string) => Promise<boolean>,
): Promise<boolean> {
  const origin = request.headers.get('origin');
  if (origin === null) return request.headers.get('sec-fetch-site') !== 'cross-site';
  return origin === env.request.origin || origin === env.config.url || isTrusted(origin);
}
