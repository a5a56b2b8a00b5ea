// Owns the claims of an authorization server on the management API.
import { z } from 'zod';
import { type AuthorizationServer, getAuthorizationServer } from '../core/authorization-servers.ts';
import {
  type Claim,
  type ClaimInput,
  createClaim,
  deleteClaim,
  getClaim,
  listClaims,
  updateClaim,
} from '../core/claims.ts';
import type { Env } from '../core/env.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { claimInput, claim as claimShape } from './authorization-servers.schema.ts';
import { link, serverUrl } from './authorization-servers.ts';

export const authorizationServerClaimRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/claims',
    operationId: 'listOAuth2Claims',
    summary: 'List the claims of an authorization server',
    tags: ['AuthorizationServerClaims'],
    access: 'okta.authorizationServers.read',
    responses: { 200: z.array(claimShape) },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json((await listClaims(env, server)).map((claim) => showClaim(env, server, claim)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/claims',
    operationId: 'createOAuth2Claim',
    summary: 'Add a claim to an authorization server',
    tags: ['AuthorizationServerClaims'],
    access: 'okta.authorizationServers.manage',
    body: claimInput,
    responses: { 201: claimShape },
    async handle({ env, params, body }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(showClaim(env, server, await createClaim(env, server, inputOf(body))), 201);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/claims/{claimId}',
    operationId: 'getOAuth2Claim',
    summary: 'Read a claim of an authorization server',
    tags: ['AuthorizationServerClaims'],
    access: 'okta.authorizationServers.read',
    responses: { 200: claimShape },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(showClaim(env, server, await getClaim(env, server, params.claimId)));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/authorizationServers/{authServerId}/claims/{claimId}',
    operationId: 'replaceOAuth2Claim',
    summary: 'Replace a claim of an authorization server',
    tags: ['AuthorizationServerClaims'],
    access: 'okta.authorizationServers.manage',
    body: claimInput,
    responses: { 200: claimShape },
    async handle({ env, params, body }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(showClaim(env, server, await updateClaim(env, server, params.claimId, inputOf(body))));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/authorizationServers/{authServerId}/claims/{claimId}',
    operationId: 'deleteOAuth2Claim',
    summary: 'Delete a claim of an authorization server',
    tags: ['AuthorizationServerClaims'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      await deleteClaim(env, server, params.claimId);
      return noContent();
    },
  }),
];

function inputOf(body: z.output<typeof claimInput>): ClaimInput {
  return {
    name: body.name,
    status: body.status,
    claimType: body.claimType,
    valueType: body.valueType,
    value: body.value,
    groupFilterType: body.group_filter_type ?? null,
    scopes: body.conditions?.scopes ?? [],
    alwaysIncludeInToken: body.alwaysIncludeInToken,
  };
}

function showClaim(env: Env, server: AuthorizationServer, claim: Claim) {
  return {
    id: claim.id,
    name: claim.name,
    status: claim.status,
    claimType: claim.claimType,
    valueType: claim.valueType,
    ...(claim.value === null ? {} : { value: claim.value }),
    conditions: { scopes: claim.scopes },
    system: claim.system,
    alwaysIncludeInToken: claim.alwaysIncludeInToken,
    apiResourceId: null,
    ...(claim.groupFilterType === null ? {} : { group_filter_type: claim.groupFilterType }),
    _links: { self: link(`${serverUrl(env, server)}/claims/${claim.id}`, 'GET', 'PUT', 'DELETE') },
  };
}
