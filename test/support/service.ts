// Owns a service application: it signs that it is itself and acts on the management API with the scopes and roles it was given.
import { asAssertion, assertionClaims, type ClientKeyPair, newClientKey, sign } from './client-keys.ts';
import { makeApplication } from './guide.ts';
import type { Answer, Application, ManagementApi } from './management-api.ts';
import { type OAuthError, postForm, type TokenAnswer } from './oauth.ts';
import type { TestServer } from './server.ts';

export type Service = { app: Application; clientId: string; key: ClientKeyPair };

/** `role`: without one, scopes open nothing. */
export async function makeService(
  api: ManagementApi,
  server: Pick<TestServer, 'url'>,
  { scopes = [], role = null, settings = {} }: { scopes?: string[]; role?: string | null; settings?: object },
): Promise<Service> {
  const key = await newClientKey('RS256');
  const app = await makeApplication(
    api,
    {
      application_type: 'service',
      grant_types: ['client_credentials'],
      response_types: ['token'],
      redirect_uris: [],
      jwks: { keys: [key.publicJwk] },
      ...settings,
    },
    { token_endpoint_auth_method: 'private_key_jwt', pkce_required: false },
  );
  const clientId = app.credentials.oauthClient.client_id;
  for (const scopeId of scopes) await api.post(`/api/v1/apps/${app.id}/grants`, { scopeId, issuer: server.url });
  if (role !== null) await api.post(`/oauth2/v1/clients/${clientId}/roles`, { type: role });
  return { app, clientId, key };
}

/** Asks the org server for a token of its own. */
export async function serviceToken(
  server: Pick<TestServer, 'url'>,
  { clientId, key }: Service,
  scope: string,
  headers: Record<string, string> = {},
): Promise<Answer<TokenAnswer & OAuthError>> {
  const url = `${server.url}/oauth2/v1/token`;
  const assertion = await sign(
    key.privateKey,
    { alg: 'RS256', kid: key.publicJwk.kid },
    assertionClaims(clientId, url),
  );
  return postForm(url, { grant_type: 'client_credentials', scope, ...asAssertion(assertion) }, headers);
}
