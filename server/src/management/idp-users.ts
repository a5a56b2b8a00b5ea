// Owns the keys of identity providers and the people that they know, on the management API. Not here: the providers (idps.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import {
  addIdentityProviderKey,
  deleteIdentityProviderKey,
  getIdentityProviderKey,
  type IdentityProviderKey,
  listIdentityProviderKeys,
  replaceIdentityProviderKey,
} from '../core/identity-provider-keys.ts';
import {
  getIdentityProviderUser,
  type IdentityProviderUser,
  linkIdentityProviderUser,
  listIdentityProviderUsers,
  unlinkIdentityProviderUser,
} from '../core/identity-provider-users.ts';
import { getIdentityProvider, listIdentityProvidersOfUser } from '../core/identity-providers.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { link } from './authorization-servers.ts';
import {
  givenIdentityProviderKey,
  givenIdentityProviderUser,
  identityProvider,
  identityProviderKey,
  identityProviderUser,
} from './idps.schema.ts';
import { showProvider } from './idps.ts';
import { userOfPath } from './users.ts';

const tags = ['IdentityProvider'];
const LIMITS = { default: 20, most: 200 };

export const idpKeyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/idps/credentials/keys',
    operationId: 'listIdentityProviderKeys',
    summary: 'List the keys by which identity providers are known',
    tags,
    access: 'okta.idps.read',
    query: pagingQuery,
    responses: { 200: z.array(identityProviderKey) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, 'idp keys', LIMITS);
      const rows = await listIdentityProviderKeys(env, { after: page.after, limit: page.limit + 1 });
      return pageOf(env, request, 'idp keys', page, rows, ({ kid }) => kid, showKey);
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/idps/credentials/keys',
    operationId: 'createIdentityProviderKey',
    summary: "Keep an identity provider's certificate",
    tags,
    access: 'okta.idps.manage',
    body: givenIdentityProviderKey,
    responses: { 200: identityProviderKey },
    handle: async ({ env, body }) => json(showKey(await addIdentityProviderKey(env, body.x5c[0] ?? ''))),
  }),
  route({
    method: 'GET',
    path: '/api/v1/idps/credentials/keys/{kid}',
    operationId: 'getIdentityProviderKey',
    summary: 'Read a key by which identity providers are known',
    tags,
    access: 'okta.idps.read',
    responses: { 200: identityProviderKey },
    handle: async ({ env, params }) => json(showKey(await getIdentityProviderKey(env, params.kid))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/idps/credentials/keys/{kid}',
    operationId: 'replaceIdentityProviderKey',
    summary: "Put another certificate in the place of a key's",
    tags,
    access: 'okta.idps.manage',
    body: givenIdentityProviderKey,
    responses: { 200: identityProviderKey },
    handle: async ({ env, params, body }) =>
      json(showKey(await replaceIdentityProviderKey(env, params.kid, body.x5c[0] ?? ''))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/idps/credentials/keys/{kid}',
    operationId: 'deleteIdentityProviderKey',
    summary: 'Forget a key by which identity providers are known',
    tags,
    access: 'okta.idps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteIdentityProviderKey(env, params.kid);
      return noContent();
    },
  }),
];

export const idpUserRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/idps/{idpId}/users',
    operationId: 'listIdentityProviderApplicationUsers',
    summary: 'List the people that an identity provider knows',
    tags,
    access: 'okta.idps.read',
    query: pagingQuery.extend({ q: z.string().optional() }),
    responses: { 200: z.array(identityProviderUser) },
    async handle({ env, params, query, request }) {
      const { id } = await getIdentityProvider(env, params.idpId);
      const list = `users of ${id}`;
      const page = readPage(env, query, list, LIMITS);
      const rows = await listIdentityProviderUsers(env, id, {
        q: query.q || null,
        after: page.after,
        limit: page.limit + 1,
      });
      return pageOf(
        env,
        request,
        list,
        page,
        rows,
        (row) => row.user_id,
        (row) => showUser(env, row),
      );
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/idps/{idpId}/users/{userId}',
    operationId: 'getIdentityProviderApplicationUser',
    summary: 'Read how an identity provider knows somebody',
    tags,
    access: 'okta.idps.read',
    responses: { 200: identityProviderUser },
    async handle({ env, params }) {
      const provider = await getIdentityProvider(env, params.idpId);
      return json(showUser(env, await getIdentityProviderUser(env, provider.id, params.userId)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/idps/{idpId}/users/{userId}',
    operationId: 'linkUserToIdentityProvider',
    summary: 'Link somebody to the name by which an identity provider knows them',
    tags,
    access: 'okta.idps.manage',
    body: givenIdentityProviderUser,
    responses: { 200: identityProviderUser },
    async handle({ env, params, body }) {
      const provider = await getIdentityProvider(env, params.idpId);
      const user = await userOfPath(env, params.userId);
      return json(showUser(env, await linkIdentityProviderUser(env, provider, user, body.externalId)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/idps/{idpId}/users/{userId}',
    operationId: 'unlinkUserFromIdentityProvider',
    summary: 'Unlink somebody from an identity provider',
    tags,
    access: 'okta.idps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const provider = await getIdentityProvider(env, params.idpId);
      await unlinkIdentityProviderUser(env, provider, await userOfPath(env, params.userId));
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/users/{userId}/idps',
    operationId: 'listUserIdentityProviders',
    summary: 'List the identity providers that know somebody',
    tags,
    access: 'okta.users.read',
    responses: { 200: z.array(identityProvider) },
    async handle({ env, params }) {
      const providers = await listIdentityProvidersOfUser(env, (await userOfPath(env, params.userId)).id);
      // Who may read people need not be one who may read what providers know this server by.
      return json(providers.map((provider) => showProvider(env, { ...provider, sealed_secrets: null })));
    },
  }),
];

function showKey({ kid, jwk, created, last_updated, expires_at }: IdentityProviderKey) {
  return { kid, created: toIso(created), lastUpdated: toIso(last_updated), expiresAt: toIso(expires_at), ...jwk };
}

function showUser(env: Env, row: IdentityProviderUser) {
  const { origin } = env.request;
  const idp = `${origin}/api/v1/idps/${row.identity_provider_id}`;
  return {
    id: row.user_id,
    externalId: row.external_id,
    created: toIso(row.created),
    lastUpdated: toIso(row.last_updated),
    profile: row.profile,
    _links: {
      self: link(`${idp}/users/${row.user_id}`, 'GET', 'DELETE'),
      idp: link(idp, 'GET', 'PUT', 'DELETE'),
      user: { href: `${origin}/api/v1/users/${row.user_id}`, hints: { allow: ['GET'] } },
    },
  };
}
