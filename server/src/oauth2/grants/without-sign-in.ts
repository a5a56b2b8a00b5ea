// Owns the conditions that grants share in whose course nobody sits at a browser: who may use them, which scopes mean nothing there,
// and that consent must have been given before. Not here: the grants.
import type { Application } from '../../core/applications.ts';
import type { AuthorizationServer } from '../../core/authorization-servers.ts';
import { scopesToConsent } from '../../core/consents.ts';
import type { Env } from '../../core/env.ts';
import type { User } from '../../core/users.ts';
import { oauthError } from '../oauth-error.ts';

/** Scopes that speak of a person's sign-in: who they are, and how long it lasts. */
export const SIGN_IN_SCOPES: readonly string[] = [
  'openid',
  'profile',
  'email',
  'address',
  'phone',
  'offline_access',
  'device_sso',
];

/** What these grants take (a token, an assertion) may have leaked; a client without credentials would be anybody. */
export function requireConfidentialClient({ credentials }: Application): void {
  if (credentials.oauthClient.token_endpoint_auth_method === 'none') throw oauthError('confidential_client_required');
}

/** Throws when such a scope is asked for: nobody signs in, so no token can say that and how somebody did. */
export function refuseSignInScopes(scopes: readonly string[] | null): void {
  const refused = (scopes ?? []).filter((scope) => SIGN_IN_SCOPES.includes(scope));
  if (refused.length > 0) throw oauthError('scope_without_sign_in', refused.join(', '));
}

/** Throws when the person would have to be asked: on these ways nobody can ask. */
export async function requireConsentGiven(
  env: Env,
  party: { server: AuthorizationServer; application: Application; user: User },
  scopes: readonly string[],
): Promise<void> {
  const missing = await scopesToConsent(env, party, scopes, false);
  if (missing.length > 0) throw oauthError('consent_required', missing.join(', '));
}
