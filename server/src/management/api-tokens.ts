// Owns /api/v1/api-tokens: which API tokens there are, their revocation, and the making of one, which Okta's API has not (there the
// console alone does it). A token's value is told once, by the answer that makes it.
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import {
  API_TOKEN_WINDOW_DAYS,
  type ApiToken,
  createApiToken,
  findApiToken,
  getApiToken,
  listApiTokens,
  revokeApiToken,
} from '../core/api-tokens.ts';
import type { Env } from '../core/env.ts';
import { notFound, Refusal } from '../core/refusal.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { apiTokenOf, requireConsole } from './access.ts';

const apiToken = z.object({
  id: z.string(),
  name: z.string(),
  userId: z.string(),
  clientName: z.string(),
  tokenWindow: z.string(),
  network: z.object({ connection: z.string() }),
  created: z.string(),
  lastUpdated: z.string(),
  expiresAt: z.string(),
  _links: z.record(z.string(), z.unknown()),
});

const newApiToken = z.object({ name: z.string().trim().min(1, 'The field cannot be left blank').max(255) });

export const apiTokenRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/api-tokens',
    operationId: 'listApiTokens',
    summary: 'List API tokens',
    tags: ['ApiToken'],
    access: 'okta.apiTokens.read',
    responses: { 200: z.array(apiToken) },
    async handle({ env }) {
      const rows = await listApiTokens(env);
      return json(rows.map((row) => showApiToken(env, row)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/api-tokens',
    operationId: 'createApiToken',
    summary: 'Make an API token that acts with the rights of the signed-in administrator; its value is told this once',
    tags: ['ApiToken'],
    access: 'okta.apiTokens.manage',
    body: newApiToken,
    responses: { 201: apiToken.extend({ token: z.string() }) },
    async handle({ env, body, request }) {
      const { id } = await requireConsole(env, request);
      const { row, value } = await createApiToken(env, { name: body.name, userId: id });
      return json({ ...showApiToken(env, row), token: value }, 201);
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/api-tokens/current',
    operationId: 'revokeCurrentApiToken',
    summary: 'Revoke the API token that sends this request',
    tags: ['ApiToken'],
    access: 'okta.apiTokens.manage',
    responses: { 204: null },
    async handle({ env, request }) {
      const value = apiTokenOf(request);
      const row = value === null ? null : await findApiToken(env, value);
      if (!row) throw new Refusal('E0000011');
      await revokeApiToken(env, row.id);
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/api-tokens/{apiTokenId}',
    operationId: 'getApiToken',
    summary: 'Read what is known of an API token',
    tags: ['ApiToken'],
    access: 'okta.apiTokens.read',
    responses: { 200: apiToken },
    async handle({ env, params }) {
      const row = await getApiToken(env, params.apiTokenId);
      if (!row) throw notFound(params.apiTokenId, 'ApiToken');
      return json(showApiToken(env, row));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/api-tokens/{apiTokenId}',
    operationId: 'revokeApiToken',
    summary: 'Revoke an API token',
    tags: ['ApiToken'],
    access: 'okta.apiTokens.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      if (!(await revokeApiToken(env, params.apiTokenId))) throw notFound(params.apiTokenId, 'ApiToken');
      return noContent();
    },
  }),
];

function showApiToken(env: Env, row: ApiToken) {
  return {
    id: row.id,
    name: row.name,
    userId: row.user_id,
    clientName: 'Okta API',
    tokenWindow: `P${API_TOKEN_WINDOW_DAYS}D`,
    network: { connection: 'ANYWHERE' },
    created: toIso(row.created),
    lastUpdated: toIso(row.last_updated),
    expiresAt: toIso(row.expires_at),
    _links: {
      self: { href: `${env.request.origin}/api/v1/api-tokens/${row.id}`, hints: { allow: ['GET', 'DELETE'] } },
    },
  };
}
