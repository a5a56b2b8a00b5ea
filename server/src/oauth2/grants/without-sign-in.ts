// Owns refusing by the terms of a grant (core/grant-terms.ts): the client that may not use it, scopes that cannot come of it, consent
// that nobody can be asked for. Not here: the grants.
import type { Application } from '../../core/applications.ts';
import type { AuthorizationServer } from '../../core/authorization-servers.ts';
import type { Env } from '../../core/env.ts';
import {
  type BeginningGrant,
  type Objection,
  objectionToClient,
  objectionToConsent,
  objectionToScopes,
} from '../../core/grant-terms.ts';
import type { User } from '../../core/users.ts';
import { oauthError } from '../oauth-error.ts';

/** Throws unless this kind of client may use the grant. */
export function requireClient(application: Application, grantType: BeginningGrant): void {
  refuse(objectionToClient(application, grantType));
}

/** Throws when a scope is asked for that the grant cannot give. */
export function requireScopes(
  application: Application,
  grantType: BeginningGrant,
  scopes: readonly string[] | null,
): void {
  refuse(objectionToScopes(application, grantType, scopes));
}

/** Throws when the person would have to be asked: on these ways nobody can ask. */
export async function requireConsent(
  env: Env,
  party: { server: AuthorizationServer; application: Application; user: User | null },
  grantType: BeginningGrant,
  scopes: readonly string[],
): Promise<void> {
  refuse(await objectionToConsent(env, party, grantType, scopes));
}

function refuse(objection: Objection | null): void {
  if (objection) throw oauthError(objection.reason, objection.insert);
}
