// Owns a confidential client with the grants that a test is about, on an authorization server that allows them, and its requests
// at the token endpoint. Not here: the way through the browser (user-agent.ts) and devices (device.ts).
import { allow, CALLBACK, makeAuthorizationServer, makeUser, makeWebApplication, unique } from './guide.ts';
import {
  type Answer,
  type Application,
  type AuthorizationServer,
  type ManagementApi,
  managementApi,
  type Policy,
  type Rule,
} from './management-api.ts';
import {
  basic,
  endpointsOf,
  type OAuthClient,
  type OAuthError,
  type Parameters,
  postForm,
  type TokenAnswer,
  withChanges,
} from './oauth.ts';
import type { TestServer } from './server.ts';
import type { Person } from './user-agent.ts';

export type GrantClient = OAuthClient & {
  api: ManagementApi;
  app: Application;
  secret: string;
  audience: string;
  authorizationServer: AuthorizationServer;
  policy: Policy;
  rule: Rule;
  user: Person & { id: string };
};

export type GrantAnswer = Answer<TokenAnswer & OAuthError & { issued_token_type?: string }>;

/**
 * A web application that keeps a secret, a server with the scopes `catalogue` (default) and `orders`, a policy whose one rule allows
 * these grants to everyone, and a person who is assigned.
 */
export async function makeGrantClient(
  server: TestServer,
  grantTypes: string[],
  changes: { oauthClient?: object; credentials?: object; allowed?: string[] } = {},
): Promise<GrantClient> {
  const api = managementApi(server);
  const redirects = grantTypes.includes('authorization_code') || grantTypes.includes('implicit');
  const app = await makeWebApplication(
    api,
    {
      grant_types: grantTypes,
      response_types: [
        ...(grantTypes.includes('authorization_code') ? ['code'] : []),
        ...(grantTypes.includes('implicit') || !redirects ? ['token'] : []),
        ...(grantTypes.includes('implicit') ? ['id_token'] : []),
      ],
      redirect_uris: redirects ? [CALLBACK] : [],
      ...changes.oauthClient,
    },
    changes.credentials,
  );
  const { client_id: clientId, client_secret: secret = '' } = app.credentials.oauthClient;
  const audience = unique('api://grants').replace(' ', '-');
  const authorizationServer = await makeAuthorizationServer(api, audience);
  for (const scope of [{ name: 'catalogue', default: true }, { name: 'orders' }])
    await api.post(`/api/v1/authorizationServers/${authorizationServer.id}/scopes`, scope);
  const { policy, rule } = await allow(api, authorizationServer.id, [clientId], {}, changes.allowed ?? grantTypes);
  const user = await makeUser(api);
  await api.post(`/api/v1/apps/${app.id}/users`, { id: user.id, scope: 'USER' });
  return {
    api,
    app,
    clientId,
    secret,
    audience,
    authorizationServer,
    policy,
    rule,
    user,
    issuer: authorizationServer.issuer,
    redirectUri: CALLBACK,
    scope: 'catalogue',
  };
}

/** Asks the token endpoint as this client, by its secret. */
export function askToken(
  client: Pick<GrantClient, 'issuer' | 'clientId' | 'secret'>,
  form: Parameters,
  changes: Parameters = {},
): Promise<GrantAnswer> {
  const headers: Record<string, string> =
    client.secret === '' ? {} : { authorization: basic(client.clientId, client.secret) };
  const identified = client.secret === '' ? { client_id: client.clientId, ...form } : form;
  return postForm(`${endpointsOf(client.issuer)}/token`, withChanges(identified, changes), headers);
}

export const CLIENT_CREDENTIALS = 'client_credentials';
export const PASSWORD = 'password';
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

export function byClientCredentials(client: GrantClient, changes: Parameters = {}): Promise<GrantAnswer> {
  return askToken(client, { grant_type: CLIENT_CREDENTIALS, scope: client.scope }, changes);
}

export function byPassword(client: GrantClient, person: Person, changes: Parameters = {}): Promise<GrantAnswer> {
  const { login: username, password } = person;
  return askToken(client, { grant_type: PASSWORD, username, password, scope: client.scope }, changes);
}

export function byExchange(client: GrantClient, subjectToken: string, changes: Parameters = {}): Promise<GrantAnswer> {
  const form = {
    grant_type: TOKEN_EXCHANGE,
    subject_token: subjectToken,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: client.audience,
    scope: client.scope,
  };
  return askToken(client, form, changes);
}

export function byAssertion(client: GrantClient, assertion: string, changes: Parameters = {}): Promise<GrantAnswer> {
  return askToken(client, { grant_type: JWT_BEARER, assertion, scope: client.scope }, changes);
}

/** Runs it so many times at once. */
export function together<T>(count: number, act: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, act));
}
