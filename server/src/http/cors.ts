// Owns cross-origin access: which headers let a page of another origin read an answer, and the answer to its preflight.
// Not here: which origins are trusted (core/trusted-origins.ts, redirect URIs of applications); the surface asks them.
import type { Env } from '../core/env.ts';

/** `listed`: only trusted origins, which may also send cookies. `everyone`: any other origin too, without cookies. */
export type Audience = 'listed' | 'everyone';

type IsTrusted = (origin: string) => Promise<boolean>;

/** What a script may read beside the body. */
const EXPOSED = [
  'WWW-Authenticate',
  'dpop-nonce',
  'Link',
  'X-Okta-Request-Id',
  'X-Rate-Limit-Limit',
  'X-Rate-Limit-Remaining',
  'X-Rate-Limit-Reset',
].join(', ');
const MAX_AGE_SECONDS = '3600';
/** A list of field names (RFC 9110 section 5.1) of a sane length, fit to be echoed. */
const FIELD_NAMES = /^[\w!#$%&'*+.^`|~-]+( *, *[\w!#$%&'*+.^`|~-]+)*$/;
const FIELD_NAMES_LENGTH = 1024;

/** The headers that the answer to this request needs. Empty for a request that no other origin's page sent. */
export async function corsHeaders(
  env: Env,
  request: Request,
  isTrusted: IsTrusted,
  audience: Audience = 'listed',
): Promise<Record<string, string>> {
  const allowed = await allowOrigin(env, request, isTrusted, audience);
  return allowed && 'access-control-allow-origin' in allowed
    ? { ...allowed, 'access-control-expose-headers': EXPOSED }
    : { ...allowed };
}

/** The answer to OPTIONS: always 204; whether the page may go on is said by its headers. */
export async function answerPreflight(
  env: Env,
  request: Request,
  methods: readonly string[],
  isTrusted: IsTrusted,
  audience: Audience = 'listed',
): Promise<Response> {
  const headers = new Headers(await allowOrigin(env, request, isTrusted, audience));
  if (headers.has('access-control-allow-origin')) {
    headers.set('access-control-allow-methods', methods.join(', '));
    headers.set('access-control-max-age', MAX_AGE_SECONDS);
    const wanted = request.headers.get('access-control-request-headers') ?? '';
    if (wanted.length <= FIELD_NAMES_LENGTH && FIELD_NAMES.test(wanted))
      headers.set('access-control-allow-headers', wanted);
  }
  return new Response(null, { status: 204, headers });
}

async function allowOrigin(
  env: Env,
  request: Request,
  isTrusted: IsTrusted,
  audience: Audience,
): Promise<Record<string, string>> {
  const origin = request.headers.get('origin');
  if (origin === env.request.origin || origin === env.config.url) return {};
  // Caches must keep the answers to different origins, and to none, apart.
  const vary = { vary: 'Origin' };
  if (origin === null) return vary;
  // `null` is sent by sandboxed frames and local files: nobody in particular.
  if (origin !== 'null' && (await isTrusted(origin)))
    return { ...vary, 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' };
  return audience === 'everyone' ? { ...vary, 'access-control-allow-origin': origin } : vary;
}
