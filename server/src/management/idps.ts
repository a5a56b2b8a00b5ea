// Owns /api/v1/idps: identity providers. Not here: their keys and the people that they know (idp-users.ts), and their use.
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { redirectUriOf } from '../core/external-sign-in/provider-terms.ts';
import {
  createIdentityProvider,
  deleteIdentityProvider,
  getIdentityProvider,
  type IdentityProvider,
  type IdentityProviderInput,
  listIdentityProviders,
  replaceIdentityProvider,
  secretsOf,
  setIdentityProviderStatus,
} from '../core/identity-providers.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { link } from './authorization-servers.ts';
import { givenIdentityProvider, identityProvider } from './idps.schema.ts';

const tags = ['IdentityProvider'];
const LIMITS = { default: 20, most: 200 };

export const idpRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/idps',
    operationId: 'listIdentityProviders',
    summary: 'List identity providers, all or those whose name or type is asked for',
    tags,
    access: 'okta.idps.read',
    query: pagingQuery.extend({ q: z.string().optional(), type: z.string().optional() }),
    responses: { 200: z.array(identityProvider) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, 'idps', LIMITS);
      const wanted = { q: query.q || null, type: query.type || null, after: page.after, limit: page.limit + 1 };
      const rows = await listIdentityProviders(env, wanted);
      return pageOf(
        env,
        request,
        'idps',
        page,
        rows,
        ({ id }) => id,
        (row) => showProvider(env, row),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/idps',
    operationId: 'createIdentityProvider',
    summary: 'Create an identity provider',
    tags,
    access: 'okta.idps.manage',
    body: givenIdentityProvider,
    responses: { 200: identityProvider },
    handle: async ({ env, body }) => json(showProvider(env, await createIdentityProvider(env, inputOf(body)))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/idps/{idpId}',
    operationId: 'getIdentityProvider',
    summary: 'Read an identity provider',
    tags,
    access: 'okta.idps.read',
    responses: { 200: identityProvider },
    handle: async ({ env, params }) => json(showProvider(env, await getIdentityProvider(env, params.idpId))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/idps/{idpId}',
    operationId: 'replaceIdentityProvider',
    summary: 'Replace an identity provider',
    tags,
    access: 'okta.idps.manage',
    body: givenIdentityProvider,
    responses: { 200: identityProvider },
    handle: async ({ env, params, body }) =>
      json(showProvider(env, await replaceIdentityProvider(env, params.idpId, inputOf(body)))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/idps/{idpId}',
    operationId: 'deleteIdentityProvider',
    summary: 'Delete an identity provider',
    tags,
    access: 'okta.idps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteIdentityProvider(env, params.idpId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/idps/{idpId}/lifecycle/${change}`,
      operationId: `${change}IdentityProvider`,
      summary: change === 'activate' ? 'Activate an identity provider' : 'Deactivate an identity provider',
      tags,
      access: 'okta.idps.manage',
      responses: { 200: identityProvider },
      async handle({ env, params }) {
        const status = change === 'activate' ? 'ACTIVE' : 'INACTIVE';
        return json(showProvider(env, await setIdentityProviderStatus(env, params.idpId, status)));
      },
    }),
  ),
];

function inputOf(body: z.output<typeof givenIdentityProvider>): IdentityProviderInput {
  const { name, type, issuerMode, protocol, policy, status } = body;
  return {
    name,
    type,
    issuerMode: issuerMode ?? 'ORG_URL',
    protocol,
    policy: policy ?? {},
    status: status ?? undefined,
  };
}

/** How a provider looks; with its secret, as tools that keep an org in step expect it. */
export function showProvider(env: Env, provider: IdentityProvider) {
  const { clientSecret } = secretsOf(env, provider);
  const { credentials, ...protocol } = provider.protocol as { credentials: { client: Record<string, unknown> } };
  const { client_id, ...client } = credentials.client;
  const shown = { client_id, ...(clientSecret === undefined ? {} : { client_secret: clientSecret }), ...client };
  return {
    id: provider.id,
    issuerMode: provider.issuer_mode,
    name: provider.name,
    status: provider.status,
    created: toIso(provider.created),
    lastUpdated: toIso(provider.last_updated),
    protocol: { ...protocol, credentials: { ...credentials, client: shown } },
    policy: provider.policy,
    type: provider.type,
    _links: {
      authorize: {
        href: `${env.request.origin}/oauth2/v1/authorize?idp=${provider.id}&${AUTHORIZE_PARAMETERS}`,
        templated: true,
        hints: { allow: ['GET'] },
      },
      clientRedirectUri: link(redirectUriOf(env, provider), 'POST'),
    },
  };
}

const AUTHORIZE_PARAMETERS = [
  'client_id={clientId}',
  'response_type={responseType}',
  'response_mode={responseMode}',
  'scope={scopes}',
  'redirect_uri={redirectUri}',
  'state={state}',
  'nonce={nonce}',
].join('&');
