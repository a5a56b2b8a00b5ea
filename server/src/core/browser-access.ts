// Owns the question whether pages of an origin may get tokens by script for an application: the application must be public, and the
// origin that of one of its redirect URIs or a trusted one. Not here: CORS headers (http/cors.ts), and the refusal (oauth2/).
import type { Application } from './applications.ts';
import type { Env } from './env.ts';
import { isRedirectOriginOf } from './redirect-uris.ts';
import { isTrustedOrigin } from './trusted-origins.ts';

/** Why not, by the names of the table of OAuth errors; null: they may. */
export async function objectionToBrowser(
  env: Env,
  application: Application,
  origin: string,
): Promise<'browser_needs_pkce' | 'browser_origin_not_allowed' | null> {
  if (application.credentials.oauthClient.token_endpoint_auth_method !== 'none') return 'browser_needs_pkce';
  if (isRedirectOriginOf(application, origin)) return null;
  return (await isTrustedOrigin(env, origin, 'CORS')) ? null : 'browser_origin_not_allowed';
}
