// Owns the judgement of places that a request asks to be sent to after signing in or out (`fromURI`, `redirectUrl`): a path of
// this server, or an origin that the org trusts for redirects. Not here: redirect URIs of applications, which are compared whole.
import type { Env } from '../core/env.ts';
import { isTrustedOrigin } from '../core/trusted-origins.ts';

const LONGEST = 4096;

/** The place as a Location header may carry it, or null when it is not allowed. */
export async function safeTarget(env: Env, wanted: string | null): Promise<string | null> {
  if (wanted === null || wanted.length > LONGEST || !isPlain(wanted)) return null;
  const url = URL.parse(wanted, env.request.origin);
  if (!url || url.username + url.password !== '') return null;
  if (wanted.startsWith('/')) return isOwnPath(env, wanted, url) ? `${url.pathname}${url.search}${url.hash}` : null;
  // `https:evil` and `https:/evil` are absolute to a browser and look relative to a reader: only the full form is read.
  if (!/^https?:\/\/[^/?#]/i.test(wanted)) return null;
  return (await isAllowedOrigin(env, url.origin)) ? url.href : null;
}

// Browsers read a backslash as a slash and drop tabs and line breaks, so none of these may reach the parser.
function isPlain(text: string): boolean {
  return /^[\x21-\x5b\x5d-\x7e]+$/.test(text);
}

// `//host` names another server, also where dot segments only unfold to it (`/.//host`).
function isOwnPath(env: Env, wanted: string, url: URL): boolean {
  return !wanted.startsWith('//') && url.origin === env.request.origin && !url.pathname.startsWith('//');
}

async function isAllowedOrigin(env: Env, origin: string): Promise<boolean> {
  return origin === env.request.origin || origin === env.config.url || isTrustedOrigin(env, origin, 'REDIRECT');
}
