// Owns the two discovery documents (OIDC Discovery 1.0, RFC 8414). What they list is read from the lists that serve it, so nothing
// is advertised that is not there.
import { newOpaqueToken } from '../base/opaque-token.ts';
import { clientAuthenticationMethods, responseTypes as responseTypeNames } from '../core/application-settings.ts';
import { findClient } from '../core/applications.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import { clientJwtAlgorithms } from '../core/client-jwts.ts';
import { dpopAlgorithms } from '../core/dpop-proofs.ts';
import type { Env } from '../core/env.ts';
import { endpointBase, issuerOf } from '../core/issuers.ts';
import { listScopes } from '../core/scopes.ts';
import { publishedAlgorithms } from '../core/signing-keys.ts';
import { standardClaims } from '../core/standard-claims.ts';
import { queryOf } from '../http/received.ts';
import { json } from '../http/reply.ts';
import { grantsOf } from './grants/grants.ts';
import { oauthErrors } from './oauth-error.ts';
import { responseModes } from './response-mode.ts';

const BASE_CLAIMS = ['iss', 'ver', 'sub', 'aud', 'iat', 'exp', 'jti', 'auth_time', 'amr', 'idp', 'nonce'];
const ACCESS_TOKEN_CLAIMS = ['ver', 'jti', 'iss', 'aud', 'iat', 'exp', 'cid', 'uid', 'scp', 'sub'];
const HYBRID = ['code id_token', 'code token', 'id_token token', 'code id_token token'];

// RFC 8414 section 2 wants them beside methods that sign; Okta leaves them out.
const assertionAlgorithms = {
  token_endpoint_auth_signing_alg_values_supported: clientJwtAlgorithms,
  introspection_endpoint_auth_signing_alg_values_supported: clientJwtAlgorithms,
  revocation_endpoint_auth_signing_alg_values_supported: clientJwtAlgorithms,
};

// Okta has the first two; the back channel is ours.
const logoutFeatures = {
  frontchannel_logout_supported: true,
  frontchannel_logout_session_supported: true,
  backchannel_logout_supported: true,
  backchannel_logout_session_supported: true,
};

/** What both documents say alike, after what is each one's own. `at` gives the address of an endpoint. */
function featuresOf(at: (name: string) => string) {
  return {
    code_challenge_methods_supported: ['S256'],
    introspection_endpoint: at('introspect'),
    introspection_endpoint_auth_methods_supported: clientAuthenticationMethods,
    revocation_endpoint: at('revoke'),
    revocation_endpoint_auth_methods_supported: clientAuthenticationMethods,
    end_session_endpoint: at('logout'),
    request_parameter_supported: true,
    request_object_signing_alg_values_supported: clientJwtAlgorithms,
    request_uri_parameter_supported: false,
    device_authorization_endpoint: at('device/authorize'),
    pushed_authorization_request_endpoint: at('par'),
    dpop_signing_alg_values_supported: dpopAlgorithms,
    ...logoutFeatures,
    ...assertionAlgorithms,
  };
}

/** GET …/.well-known/openid-configuration */
export async function answerOpenidConfiguration(
  env: Env,
  named: AuthorizationServer,
  request: Request,
): Promise<Response> {
  const server = await asKnownToClient(env, named, request);
  if (!server) return unknownClient(env);
  const at = endpoints(env, server);
  return discoveryAnswer({
    issuer: issuerOf(env, server),
    authorization_endpoint: at('authorize'),
    token_endpoint: at('token'),
    userinfo_endpoint: at('userinfo'),
    registration_endpoint: registrationEndpoint(env, server),
    jwks_uri: at('keys'),
    response_types_supported: ['code', 'id_token', ...HYBRID],
    response_modes_supported: responseModes,
    grant_types_supported: grantTypes(server),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: await publishedAlgorithms(env, server.id),
    scopes_supported: await publishedScopes(env, server),
    token_endpoint_auth_methods_supported: clientAuthenticationMethods,
    claims_supported: [...BASE_CLAIMS, ...standardClaims.map(({ name }) => name), 'at_hash', 'c_hash'],
    ...featuresOf(at),
    ...(server.conformance === 'STRICT' ? { claims_parameter_supported: false } : {}),
  });
}

/** GET …/.well-known/oauth-authorization-server. The org server's own names no keys: its access tokens are for this server alone. */
export async function answerOAuthServerMetadata(
  env: Env,
  named: AuthorizationServer,
  request: Request,
): Promise<Response> {
  const server = await asKnownToClient(env, named, request);
  if (!server) return unknownClient(env);
  const at = endpoints(env, server);
  return discoveryAnswer({
    issuer: issuerOf(env, server),
    authorization_endpoint: at('authorize'),
    token_endpoint: at('token'),
    registration_endpoint: registrationEndpoint(env, server),
    ...(server.kind === 'custom' ? { jwks_uri: at('keys') } : {}),
    response_types_supported: [...responseTypeNames, ...HYBRID],
    response_modes_supported: responseModes,
    grant_types_supported: grantTypes(server),
    subject_types_supported: ['public'],
    scopes_supported: await publishedScopes(env, server),
    token_endpoint_auth_methods_supported: clientAuthenticationMethods,
    claims_supported: ACCESS_TOKEN_CLAIMS,
    ...featuresOf(at),
  });
}

/** The query `client_id`: an application's issuer mode names the org server for it. Null: there is no such application. */
async function asKnownToClient(
  env: Env,
  server: AuthorizationServer,
  request: Request,
): Promise<AuthorizationServer | null> {
  const clientId = new URLSearchParams(queryOf(request)).get('client_id');
  if (clientId === null) return server;
  const application = await findClient(env, clientId);
  if (application?.status !== 'ACTIVE') return null;
  return server.kind === 'org' ? { ...server, issuerMode: application.settings.oauthClient.issuer_mode } : server;
}

/** The management API's shape around an OAuth code, as the contract has it here alone. */
function unknownClient(env: Env): Response {
  return json(
    {
      errorCode: 'invalid_client',
      errorSummary: oauthErrors.invalid_client_id[2],
      errorLink: 'invalid_client',
      errorId: `oae${newOpaqueToken(env.random, 16)}`,
      errorCauses: [],
    },
    400,
  );
}

function endpoints(env: Env, server: AuthorizationServer): (name: string) => string {
  const base = endpointBase(env, server);
  return (name) => `${base}/v1/${name}`;
}

// The org's, for every server: a client is not of one server.
function registrationEndpoint(env: Env, { issuerMode }: AuthorizationServer): string {
  return `${endpointBase(env, { kind: 'org', pathId: null, issuerMode })}/v1/clients`;
}

function grantTypes(server: AuthorizationServer): string[] {
  const [code, ...others] = grantsOf(server).map(({ type }) => type);
  return [code ?? '', 'implicit', ...others];
}

async function publishedScopes(env: Env, server: AuthorizationServer): Promise<string[]> {
  const scopes = await listScopes(env, server);
  return scopes.filter(({ metadataPublish }) => metadataPublish === 'ALL_CLIENTS').map(({ name }) => name);
}

function discoveryAnswer(document: Record<string, unknown>): Response {
  return json(document, 200, { 'cache-control': 'max-age=300, must-revalidate' });
}
