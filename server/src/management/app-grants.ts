// Owns /api/v1/apps/{appId}/grants: which okta.* scopes an application may be given.
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import { type ApplicationGrant, createGrant, deleteGrant, getGrant, listGrants } from '../core/application-grants.ts';
import { type Application, getOAuthClient } from '../core/applications.ts';
import type { Env } from '../core/env.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const grant = z.object({
  id: z.string(),
  status: z.string(),
  created: z.string(),
  createdBy: z.object({ id: z.string(), type: z.string() }),
  lastUpdated: z.string(),
  issuer: z.string(),
  clientId: z.string(),
  scopeId: z.string(),
  source: z.literal('ADMIN'),
  _links: z.record(z.string(), z.unknown()),
});

const tags = ['ApplicationGrants'];

export const appGrantRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/grants',
    operationId: 'listScopeConsentGrants',
    summary: 'List the scopes granted to an application',
    tags,
    access: 'okta.appGrants.read',
    responses: { 200: z.array(grant) },
    async handle({ env, params }) {
      const client = await getOAuthClient(env, params.appId);
      return json((await listGrants(env, params.appId)).map((row) => showGrant(env, client, row)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/grants',
    operationId: 'grantConsentToScope',
    summary: 'Grant a scope to an application',
    tags,
    access: 'okta.appGrants.manage',
    body: z.object({ scopeId: z.string(), issuer: z.string() }),
    responses: { 201: grant },
    async handle({ env, params, body }) {
      const row = await createGrant(env, params.appId, body);
      return json(showGrant(env, await getOAuthClient(env, params.appId), row), 201);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}/grants/{grantId}',
    operationId: 'getScopeConsentGrant',
    summary: 'Read a grant of an application',
    tags,
    access: 'okta.appGrants.read',
    responses: { 200: grant },
    async handle({ env, params }) {
      const client = await getOAuthClient(env, params.appId);
      return json(showGrant(env, client, await getGrant(env, params.appId, params.grantId)));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/apps/{appId}/grants/{grantId}',
    operationId: 'revokeScopeConsentGrant',
    summary: 'Take a scope back from an application',
    tags,
    access: 'okta.appGrants.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteGrant(env, params.appId, params.grantId);
      return noContent();
    },
  }),
];

function showGrant(env: Env, client: Application, row: ApplicationGrant): z.input<typeof grant> {
  const app = `${env.request.origin}/api/v1/apps/${client.id}`;
  return {
    id: row.id,
    status: row.status,
    created: toIso(row.created),
    createdBy: row.created_by,
    lastUpdated: toIso(row.last_updated),
    issuer: row.issuer,
    clientId: client.client_id,
    scopeId: row.scope_id,
    source: 'ADMIN',
    _links: {
      app: { href: app, title: client.label },
      self: { href: `${app}/grants/${row.id}`, hints: { allow: ['GET', 'DELETE'] } },
      client: { href: `${env.request.origin}/oauth2/v1/clients/${client.client_id}`, title: client.label },
    },
  };
}
