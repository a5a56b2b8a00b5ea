// Owns the question whether a page in a browser may call the token endpoint: its origin must be the origin of one of the
// client's redirect URIs, a trusted origin, or the org's own; and the client must be public.
import type { Application } from '../core/applications.ts';
import type { Env } from '../core/env.ts';
import { isRedirectOriginOf } from '../core/redirect-uris.ts';
import { isTrustedOrigin } from '../core/trusted-origins.ts';
import { oauthError } from './oauth-error.ts';

/** Throws when the request comes from a page that may not make it. A request without Origin is no page's. */
export async function checkBrowserOrigin(env: Env, request: Request, application: Application): Promise<void> {
  const origin = request.headers.get('origin');
  if (origin === null || origin === env.request.origin) return;
  if (application.credentials.oauthClient.token_endpoint_auth_method !== 'none') throw oauthError('browser_needs_pkce');
  if (isRedirectOriginOf(application, origin)) return;
  if (await isTrustedOrigin(env, origin, 'CORS')) return;
  throw oauthError('browser_origin_not_allowed');
}
