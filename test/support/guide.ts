// Owns the world that a sign-in needs, made as an administrator's script makes it: the seed guide's steps by management API.
import { randomBytes } from 'node:crypto';
import {
  type Application,
  type AuthorizationServer,
  type ManagementApi,
  managementApi,
  type Policy,
  type Rule,
  type Scope,
  type User,
} from './management-api.ts';
import type { OAuthClient } from './oauth.ts';
import type { TestServer } from './server.ts';
import type { Person } from './user-agent.ts';

export type Guide = OAuthClient & {
  api: ManagementApi;
  app: Application;
  authorizationServer: AuthorizationServer;
  defaultScope: Scope;
  policy: Policy;
  rule: Rule;
  user: Person & { id: string };
};

export const CALLBACK = 'http://localhost:4555/callback';
const PASSWORD = 'Correct-horse-7-battery';

/** A single-page application, a server of its own with a default scope, a policy and a rule, and one person assigned to it. */
export async function followGuide(
  server: TestServer,
  changes: { oauthClient?: object; audience?: string; token?: object } = {},
): Promise<Guide> {
  const api = managementApi(server);
  const app = await makeApplication(api, changes.oauthClient);
  const clientId = app.credentials.oauthClient.client_id;
  const authorizationServer = await makeAuthorizationServer(api, changes.audience ?? clientId);
  const defaultScope = await api.post<Scope>(`/api/v1/authorizationServers/${authorizationServer.id}/scopes`, {
    name: 'catalogue',
    description: 'Read the catalogue',
    consent: 'IMPLICIT',
    default: true,
    metadataPublish: 'ALL_CLIENTS',
  });
  const { policy, rule } = await allow(api, authorizationServer.id, [clientId], changes.token);
  const user = await makeUser(api);
  await api.post(`/api/v1/apps/${app.id}/users`, { id: user.id, scope: 'USER' });
  return {
    api,
    app,
    authorizationServer,
    defaultScope,
    policy,
    rule,
    user,
    issuer: authorizationServer.issuer,
    clientId,
    redirectUri: app.settings.oauthClient.redirect_uris[0] ?? CALLBACK,
    scope: 'openid profile email offline_access',
  };
}

export function unique(name: string): string {
  return `${name} ${randomBytes(5).toString('hex')}`;
}

export function makeApplication(
  api: ManagementApi,
  oauthClient: object = {},
  credentials: object = { token_endpoint_auth_method: 'none', pkce_required: true },
): Promise<Application> {
  return api.post('/api/v1/apps', {
    name: 'oidc_client',
    label: unique('Catalogue'),
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { autoKeyRotation: true, ...credentials } },
    settings: {
      oauthClient: {
        application_type: 'browser',
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        redirect_uris: [CALLBACK],
        post_logout_redirect_uris: ['http://localhost:4555/signed-out'],
        refresh_token: { rotation_type: 'ROTATE', leeway: 30 },
        ...oauthClient,
      },
    },
  });
}

/** A web application that keeps a secret; PKCE is its own choice. */
export function makeWebApplication(api: ManagementApi, oauthClient: object = {}, credentials: object = {}) {
  return makeApplication(
    api,
    { application_type: 'web', refresh_token: { rotation_type: 'STATIC' }, ...oauthClient },
    { token_endpoint_auth_method: 'client_secret_basic', pkce_required: false, ...credentials },
  );
}

export function makeAuthorizationServer(api: ManagementApi, audience: string): Promise<AuthorizationServer> {
  return api.post('/api/v1/authorizationServers', {
    name: unique('Catalogue'),
    description: 'Tokens for the catalogue',
    audiences: [audience],
    issuerMode: 'ORG_URL',
  });
}

/** One policy for these clients, with one rule for everyone and every scope. */
export async function allow(
  api: ManagementApi,
  authorizationServerId: string,
  clientIds: string[],
  token: object = {},
  grantTypes: string[] = ['authorization_code'],
): Promise<{ policy: Policy; rule: Rule }> {
  const policies = `/api/v1/authorizationServers/${authorizationServerId}/policies`;
  const policy = await api.post<Policy>(policies, {
    type: 'OAUTH_AUTHORIZATION_POLICY',
    name: unique('Catalogue'),
    description: 'Who may have tokens',
    priority: 1,
    conditions: { clients: { include: clientIds } },
  });
  const rule = await api.post<Rule>(`${policies}/${policy.id}/rules`, {
    type: 'RESOURCE_ACCESS',
    name: 'Everyone who is assigned',
    priority: 1,
    conditions: {
      people: { groups: { include: ['EVERYONE'] } },
      grantTypes: { include: grantTypes },
      scopes: { include: ['*'] },
    },
    actions: {
      token: {
        accessTokenLifetimeMinutes: 60,
        refreshTokenLifetimeMinutes: 0,
        refreshTokenWindowMinutes: 10_080,
        ...token,
      },
    },
  });
  return { policy, rule };
}

export async function makeUser(api: ManagementApi, profile: object = {}): Promise<Person & { id: string }> {
  const login = `ada-${randomBytes(6).toString('hex')}@example.com`;
  const user = await api.post<User>('/api/v1/users?activate=true', {
    profile: { firstName: 'Ada', lastName: 'Lovelace', email: login, login, ...profile },
    credentials: { password: { value: PASSWORD } },
  });
  return { id: user.id, login: user.profile.login, password: PASSWORD };
}
