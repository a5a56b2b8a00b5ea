// Owns the client_credentials grant (RFC 6749 section 4.4): the client acts for itself. A custom server judges it by policy like any
// other grant; the org server has service applications that sign (private_key_jwt) and the okta.* scopes granted to them.
import { grantedScopes } from '../../core/application-grants.ts';
import type { Application } from '../../core/applications.ts';
import type { AuthorizationServer } from '../../core/authorization-servers.ts';
import type { Env } from '../../core/env.ts';
import { listScopes } from '../../core/scopes.ts';
import { oauthError } from '../oauth-error.ts';
import { scopeList } from '../parameters.ts';
import type { Grant, TokenRequest } from './grant.ts';
import { requireConfidentialClient, SIGN_IN_SCOPES } from './without-sign-in.ts';

export const clientCredentialsGrant: Grant = {
  type: 'client_credentials',
  async prove(env, { server, application, parameters }) {
    requireConfidentialClient(application);
    if (server.kind === 'org') checkOrgClient(application);
    const asked = scopeList(parameters.get('scope'));
    if (asked) refuseScopesOfPeople(asked);
    return {
      user: null,
      scopes: server.kind === 'org' && asked ? await grantedAtOrg(env, server, application, asked) : asked,
      authentication: null,
      nonce: null,
      policyGrantType: 'client_credentials',
      judged: null,
      refreshTokenId: null,
      checkConsent: (scopes) => refuseScopesThatNeedConsent(env, server, scopes),
      conclude: async () => ({ kind: 'done' }),
    };
  },
};

function checkOrgClient({ settings, credentials }: TokenRequest['application']): void {
  if (settings.oauthClient.application_type !== 'service') throw oauthError('service_client_required');
  if (credentials.oauthClient.token_endpoint_auth_method !== 'private_key_jwt')
    throw oauthError('private_key_jwt_required');
}

function refuseScopesOfPeople(asked: readonly string[]): void {
  if (asked.some((scope) => SIGN_IN_SCOPES.includes(scope))) throw oauthError('openid_scope_with_client_credentials');
  const self = asked.filter((scope) => /^okta\..*\.self$/.test(scope));
  if (self.length > 0) throw oauthError('self_scope_with_client_credentials', self.join(', '));
}

/** Scopes that the application was not granted are dropped without a word; unknown ones stay, to be refused as such. */
async function grantedAtOrg(
  env: Env,
  server: AuthorizationServer,
  application: Application,
  asked: readonly string[],
): Promise<string[]> {
  const known = new Set((await listScopes(env, server)).map(({ name }) => name));
  const granted = new Set(await grantedScopes(env, application.id));
  const kept = asked.filter((scope) => granted.has(scope) || !known.has(scope));
  if (kept.length === 0 && asked.length > 0) throw oauthError('no_org_scopes_granted');
  return kept;
}

// Consent is a person's, and there is none. FLEXIBLE means just this: asked for where somebody can answer.
async function refuseScopesThatNeedConsent(
  env: Env,
  server: AuthorizationServer,
  scopes: readonly string[],
): Promise<void> {
  const known = await listScopes(env, server);
  const needing = known.filter(({ name, consent }) => consent === 'REQUIRED' && scopes.includes(name));
  if (needing.length > 0) throw oauthError('consent_impossible', needing.map(({ name }) => name).join(', '));
}
