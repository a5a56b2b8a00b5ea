// Owns /api/v1/apps/{appId}/credentials: the secrets of an OAuth client and its public keys.
// Not here: what a secret or a key must be (core/client-secrets.ts, core/client-keys.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { ClientKey } from '../core/application-settings.ts';
import { getOAuthClient } from '../core/applications.ts';
import { addClientKey, deleteClientKey, getClientKey, setClientKeyStatus } from '../core/change-client-keys.ts';
import {
  addSecret,
  type ClientSecret,
  deleteSecret,
  readSecret,
  readSecrets,
  secretHash,
  setSecretStatus,
} from '../core/client-secrets.ts';
import type { Env } from '../core/env.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const clientSecret = z.object({
  id: z.string(),
  created: z.string(),
  lastUpdated: z.string(),
  status: z.enum(['ACTIVE', 'INACTIVE']),
  client_secret: z.string(),
  secret_hash: z.string(),
  _links: z.record(z.string(), z.unknown()),
});

const clientSecretBody = z
  .object({ client_secret: z.string().nullish(), status: z.enum(['ACTIVE', 'INACTIVE']).nullish() })
  .optional();

const clientKey = z.looseObject({ kty: z.string(), id: z.string(), status: z.enum(['ACTIVE', 'INACTIVE']) });

const tags = ['ApplicationSSOCredentialOAuth2ClientAuth'];
// Reading a secret is using it: whoever holds one acts with all that is granted to the client. So it needs the right to manage.
const secretAccess = 'okta.apps.manage';

const secretRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/credentials/secrets',
    operationId: 'listOAuth2ClientSecrets',
    summary: 'List the secrets of a client',
    tags,
    access: secretAccess,
    responses: { 200: z.array(clientSecret) },
    async handle({ env, params }) {
      const client = await getOAuthClient(env, params.appId);
      const secrets = await readSecrets(env, client);
      return json(secrets.map((secret) => showSecret(env, params.appId, secret)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/credentials/secrets',
    operationId: 'createOAuth2ClientSecret',
    summary: 'Add a secret to a client that has at most one',
    tags,
    access: secretAccess,
    body: clientSecretBody,
    responses: { 201: clientSecret },
    async handle({ env, params, body }) {
      const secret = await addSecret(env, params.appId, {
        value: body?.client_secret || undefined,
        status: body?.status ?? undefined,
      });
      return json(showSecret(env, params.appId, secret), 201);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/credentials/secrets/{secretId}',
    operationId: 'getOAuth2ClientSecret',
    summary: 'Read a secret of a client',
    tags,
    access: secretAccess,
    responses: { 200: clientSecret },
    async handle({ env, params }) {
      const secret = await readSecret(env, await getOAuthClient(env, params.appId), params.secretId);
      return json(showSecret(env, params.appId, secret));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/apps/{appId}/credentials/secrets/{secretId}',
    operationId: 'deleteOAuth2ClientSecret',
    summary: 'Delete an inactive secret',
    tags,
    access: secretAccess,
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteSecret(env, params.appId, params.secretId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/apps/{appId}/credentials/secrets/{secretId}/lifecycle/${change}`,
      operationId: `${change}OAuth2ClientSecret`,
      summary: change === 'activate' ? 'Activate a secret' : 'Deactivate a secret that is not the only active one',
      tags,
      access: secretAccess,
      responses: { 200: clientSecret },
      async handle({ env, params }) {
        const status = change === 'activate' ? 'ACTIVE' : 'INACTIVE';
        const secret = await setSecretStatus(env, params.appId, params.secretId, status);
        return json(showSecret(env, params.appId, secret));
      },
    }),
  ),
];

const keyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/credentials/jwks',
    operationId: 'listJwk',
    summary: 'List the public keys of a client',
    tags,
    access: 'okta.apps.read',
    responses: { 200: z.object({ keys: z.array(clientKey) }) },
    async handle({ env, params }) {
      const client = await getOAuthClient(env, params.appId);
      const keys = client.settings.oauthClient.jwks?.keys ?? [];
      return json({ keys: keys.map((key) => showKey(env, params.appId, key)) });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/credentials/jwks',
    operationId: 'addJwk',
    summary: 'Add a public key to a client',
    tags,
    access: 'okta.apps.manage',
    body: z.record(z.string(), z.unknown()),
    responses: { 201: clientKey },
    async handle({ env, params, body }) {
      return json(showKey(env, params.appId, await addClientKey(env, params.appId, body)), 201);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/credentials/jwks/{keyId}',
    operationId: 'getJwk',
    summary: 'Read a public key of a client',
    tags,
    access: 'okta.apps.read',
    responses: { 200: clientKey },
    async handle({ env, params }) {
      const client = await getOAuthClient(env, params.appId);
      return json(showKey(env, params.appId, getClientKey(client, params.keyId)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/apps/{appId}/credentials/jwks/{keyId}',
    operationId: 'deletejwk',
    summary: 'Delete an inactive public key',
    tags,
    access: 'okta.apps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteClientKey(env, params.appId, params.keyId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/apps/{appId}/credentials/jwks/{keyId}/lifecycle/${change}`,
      operationId: `${change}OAuth2ClientJsonWebKey`,
      summary: change === 'activate' ? 'Activate a public key' : 'Deactivate a public key',
      tags,
      access: 'okta.apps.manage',
      responses: { 200: clientKey },
      async handle({ env, params }) {
        const status = change === 'activate' ? 'ACTIVE' : 'INACTIVE';
        return json(showKey(env, params.appId, await setClientKeyStatus(env, params.appId, params.keyId, status)));
      },
    }),
  ),
];

export const appCredentialRoutes: readonly Route[] = [...secretRoutes, ...keyRoutes];

function showSecret(env: Env, appId: string, secret: ClientSecret): z.input<typeof clientSecret> {
  const { id, status } = secret;
  const self = `${env.request.origin}/api/v1/apps/${appId}/credentials/secrets/${id}`;
  const change = (name: string) => ({ href: `${self}/lifecycle/${name}`, hints: { allow: ['POST'] } });
  return {
    id,
    created: toIso(secret.created),
    lastUpdated: toIso(secret.last_updated),
    status,
    client_secret: secret.secret,
    secret_hash: secretHash(env, secret),
    _links:
      status === 'ACTIVE'
        ? { deactivate: change('deactivate') }
        : { activate: change('activate'), delete: { href: self, hints: { allow: ['DELETE'] } } },
  };
}

function showKey(env: Env, appId: string, key: ClientKey) {
  const self = `${env.request.origin}/api/v1/apps/${appId}/credentials/jwks/${key.id}`;
  const change = (name: string) => ({ href: `${self}/lifecycle/${name}`, hints: { allow: ['POST'] } });
  return {
    ...key,
    use: key.use ?? 'sig',
    _links:
      key.status === 'ACTIVE'
        ? { deactivate: change('deactivate') }
        : { activate: change('activate'), delete: { href: self, hints: { allow: ['DELETE'] } } },
  };
}
