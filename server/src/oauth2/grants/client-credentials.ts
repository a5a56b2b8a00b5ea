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
import { requireClient, requireConsent, requireScopes } from './without-sign-in.ts';

const TYPE = 'client_credentials';

export const clientCredentialsGrant: Grant = {
  type: TYPE,
  async prove(env, { server, application, parameters }) {
    requireClient(application, TYPE);
    if (server.kind === 'org') checkOrgClient(application);
    const asked = scopeList(parameters.get('scope'));
    requireScopes(application, TYPE, asked);
    return {
      user: null,
      scopes: server.kind === 'org' && asked ? await grantedAtOrg(env, server, application, asked) : asked,
      authentication: null,
      nonce: null,
      policyGrantType: TYPE,
      judged: null,
      refreshTokenId: null,
      checkConsent: (scopes) => requireConsent(env, { server, application, user: null }, TYPE, scopes),
      conclude: async () => ({ kind: 'done' }),
    };
  },
};

function checkOrgClient({ settings, credentials }: TokenRequest['application']): void {
  if (settings.oauthClient.application_type !== 'service') throw oauthError('service_client_required');
  if (credentials.oauthClient.token_endpoint_auth_method !== 'private_key_jwt')
    throw oauthError('private_key_jwt_required');
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
