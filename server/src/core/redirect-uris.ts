// Owns where a browser may be sent for an application: which redirect URIs may be registered, whether a given one is, and which
// origins follow from them. The comparison is byte for byte (OAuth 2.0 Security BCP, section 2.1); nothing is parsed, decoded
// or normalised first, since every normalisation is a way in. Not here: when an application needs any (oauth-client-rules.ts).
import { type Application, applicationCache } from './applications.ts';
import { remembered } from './brief-memory.ts';
import type { Env } from './env.ts';

const LONGEST_URI = 1024;

// Schemes under which a browser runs or shows what the URI itself carries, or that reach into the machine.
const DANGEROUS_SCHEMES = new Set([
  'about:',
  'blob:',
  'data:',
  'file:',
  'filesystem:',
  'ftp:',
  'intent:',
  'javascript:',
  'vbscript:',
  'view-source:',
  'ws:',
  'wss:',
]);

/**
 * Why this URI may not be registered as a place that a browser is sent to; null when it may. `schemes`: whether an application
 * may have a scheme of its own (native ones, RFC 8252 section 7.1). `wildcard`: whether one `*` may stand in the lowest label.
 */
export function objectionTo(uri: string, allowed: { schemes: boolean; wildcard: boolean }): string | null {
  if (uri.length > LONGEST_URI) return `must have at most ${LONGEST_URI} characters`;
  // What is outside RFC 3986 is read one way here and another way by a browser.
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:[!$%&'()*+,\-./0-9:;=?@A-Z[\]_a-z~]+$/.test(uri))
    return uri.includes('#') ? 'must not have a fragment' : 'must be an absolute URI';
  const url = URL.parse(uri.replace('*', 'wildcard'));
  if (!url) return 'must be an absolute URI';
  if (DANGEROUS_SCHEMES.has(url.protocol)) return `must not use the scheme ${url.protocol}`;
  const web = url.protocol === 'http:' || url.protocol === 'https:';
  if (!web && !allowed.schemes) return 'must use http or https: only native applications have schemes of their own';
  if (web && !/^https?:\/\/[^/?@]+([/?]|$)/i.test(uri)) return 'must name a host, and no user';
  if (uri.includes('*')) return allowed.wildcard ? objectionToWildcard(uri) : 'must not have a wildcard';
  return null;
}

function objectionToWildcard(uri: string): string | null {
  return /^https:\/\/[a-z0-9-]*\*[a-z0-9-]*(\.[a-z0-9-]+){2,}(:\d+)?([/?][^*]*)?$/.test(uri)
    ? null
    : 'may have one wildcard, in the lowest label of an https host under a domain, such as https://*.example.com/callback';
}

/** Whether an authorization response for this application may go to this URI. */
export function isRegisteredRedirectUri(application: Application, uri: string): boolean {
  const { redirect_uris, wildcard_redirect } = application.settings.oauthClient;
  return redirect_uris.some((registered) =>
    registered.includes('*')
      ? wildcard_redirect === 'SUBDOMAIN' && matchesWildcard(registered, uri)
      : registered === uri,
  );
}

/** Whether a browser may be sent to this URI after sign-out. There is no wildcard here. */
export function isRegisteredPostLogoutUri(application: Application, uri: string): boolean {
  return (application.settings.oauthClient.post_logout_redirect_uris ?? []).includes(uri);
}

/** The web origin of an http or https URI; null for anything that has none. */
export function originOf(uri: string): string | null {
  const url = URL.parse(uri);
  return url && /^https?:$/.test(url.protocol) ? url.origin : null;
}

/** The origins of the application's redirect URIs, without those that a wildcard covers (isRedirectOriginOf knows them). */
export function redirectOriginsOf(application: Application): string[] {
  const uris = application.settings.oauthClient.redirect_uris.filter((uri) => !uri.includes('*'));
  return [...new Set(uris.map(originOf).filter((origin) => origin !== null))];
}

/** Whether pages of this origin may receive an authorization response of the application. */
export function isRedirectOriginOf(application: Application, origin: string): boolean {
  if (redirectOriginsOf(application).includes(origin)) return true;
  return wildcardOriginsOf(application).some((pattern) => matchesWildcard(pattern, origin));
}

/** Whether the origin belongs to a redirect URI of any active application: such pages may call this server by script. */
export async function isRedirectOrigin(env: Env, origin: string): Promise<boolean> {
  const origins = await remembered(env, applicationCache.redirectOrigins, 'all', () => readRedirectOrigins(env));
  return (
    origins !== null && (origins.exact.has(origin) || origins.patterns.some((one) => matchesWildcard(one, origin)))
  );
}

type RedirectOrigins = { exact: Set<string>; patterns: string[] };

async function readRedirectOrigins(env: Env): Promise<RedirectOrigins> {
  const rows = await env.db
    .selectFrom('applications')
    .select(['sign_on_mode', 'settings'])
    .where('status', '=', 'ACTIVE')
    .where('sign_on_mode', '=', 'OPENID_CONNECT')
    .execute();
  const applications = rows as unknown as Application[];
  return {
    exact: new Set(applications.flatMap(redirectOriginsOf)),
    patterns: [...new Set(applications.flatMap(wildcardOriginsOf))],
  };
}

function wildcardOriginsOf(application: Application): string[] {
  const { redirect_uris, wildcard_redirect } = application.settings.oauthClient;
  if (wildcard_redirect !== 'SUBDOMAIN') return [];
  return redirect_uris.filter((uri) => uri.includes('*')).map((uri) => /^https:\/\/[^/?#]*/.exec(uri)?.[0] ?? uri);
}

/**
 * One `*` stands for letters, digits and hyphens of its own label, at least one. Around it the comparison is still byte for
 * byte; and the label as a whole is one that DNS allows, so that nothing else can hide in it.
 */
function matchesWildcard(registered: string, uri: string): boolean {
  const star = registered.indexOf('*');
  const before = registered.slice(0, star);
  const after = registered.slice(star + 1);
  if (uri.length <= before.length + after.length || !uri.startsWith(before) || !uri.endsWith(after)) return false;
  const middle = uri.slice(before.length, uri.length - after.length);
  if (!/^[a-z0-9-]+$/.test(middle)) return false;
  const label = /^https:\/\/([a-z0-9-]+)\./.exec(uri)?.[1] ?? '';
  return label.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label);
}
