// Owns the signing keys of an authorization server on the management API: which there are, and their rotation.
// Private halves never leave core/. Not here: the JWK set that applications read (oauth2/keys.ts).
import { z } from 'zod';
import { type AuthorizationServer, getAuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { revokeSigningKey, rotateSigningKeys } from '../core/key-rotation.ts';
import { invalid, notFound } from '../core/refusal.ts';
import { listPublishedKeys, type SigningKey } from '../core/signing-keys.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { keyRotation, signingKey } from './authorization-servers.schema.ts';
import { link, serverUrl } from './authorization-servers.ts';

export const authorizationServerKeyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/credentials/keys',
    operationId: 'listAuthorizationServerKeys',
    summary: 'List the signing keys of an authorization server',
    tags: ['AuthorizationServerKeys'],
    access: 'okta.authorizationServers.read',
    responses: { 200: z.array(signingKey) },
    handle: async ({ env, params }) =>
      json(await showKeys(env, await getAuthorizationServer(env, params.authServerId))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/credentials/keys/{keyId}',
    operationId: 'getAuthorizationServerKey',
    summary: 'Read a signing key of an authorization server',
    tags: ['AuthorizationServerKeys'],
    access: 'okta.authorizationServers.read',
    responses: { 200: signingKey },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      const key = (await listPublishedKeys(env, server.id)).find(({ kid }) => kid === params.keyId);
      if (!key) throw notFound(params.keyId, 'JsonWebKey');
      return json(showKey(env, server, key));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/credentials/lifecycle/keyRotate',
    operationId: 'rotateAuthorizationServerKeys',
    summary: 'Rotate the signing keys of an authorization server',
    tags: ['AuthorizationServerKeys'],
    access: 'okta.authorizationServers.manage',
    body: keyRotation,
    responses: { 200: z.array(signingKey) },
    async handle({ env, params, body }) {
      if (body?.use !== 'sig')
        throw invalid('rotateKeys', "rotateKeys: Invalid value specified for key 'use' parameter.");
      return json(await showKeys(env, await rotateSigningKeys(env, params.authServerId)));
    },
  }),
  // An extension of ours: Okta has no way to take a key back.
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/credentials/keys/{keyId}/lifecycle/revoke',
    operationId: 'revokeAuthorizationServerKey',
    summary: 'Revoke a signing key at once, with all that it signed; if it signs now, the next key signs from now on',
    tags: ['AuthorizationServerKeys'],
    access: 'okta.authorizationServers.manage',
    responses: { 200: z.array(signingKey) },
    handle: async ({ env, params }) =>
      json(await showKeys(env, await revokeSigningKey(env, params.authServerId, params.keyId))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/resourceservercredentials/keys',
    operationId: 'listOAuth2ResourceServerJsonWebKeys',
    summary: 'List the keys that access tokens are encrypted with: none, they are signed only',
    tags: ['OAuth2ResourceServerCredentialsKeys'],
    access: 'okta.authorizationServers.read',
    responses: { 200: z.array(z.never()) },
    async handle({ env, params }) {
      await getAuthorizationServer(env, params.authServerId);
      return json([]);
    },
  }),
];

async function showKeys(env: Env, server: AuthorizationServer) {
  return (await listPublishedKeys(env, server.id)).map((key) => showKey(env, server, key));
}

function showKey(env: Env, server: AuthorizationServer, { kid, status, alg, publicJwk }: SigningKey) {
  const { kty, ...members } = publicJwk;
  const self = link(`${serverUrl(env, server)}/credentials/keys/${kid}`, 'GET');
  return { kty, status, alg, kid, use: 'sig', _links: { self }, ...members };
}
