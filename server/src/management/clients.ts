// Owns /oauth2/v1/clients: OAuth clients that are registered and changed by their metadata (RFC 7591, RFC 7592; contract 1.13). Each is
// an application, the same one that /api/v1/apps shows. The callers are those of the management API; the errors are OAuth's.
// Not here: the roles of a client (roles.ts).
import { z } from 'zod';
import { listOAuthClients } from '../core/application-search.ts';
import { type Application, findClient, forgetApplications } from '../core/applications.ts';
import {
  type ChangedApplication,
  createApplication,
  deleteApplication,
  replaceApplication,
  setApplicationStatus,
} from '../core/change-applications.ts';
import { renewSecret } from '../core/client-secrets.ts';
import { type Env, transact } from '../core/env.ts';
import { invalid, notFound, Refusal } from '../core/refusal.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route, type Surface } from '../http/route.ts';
import { managementSurface } from './access.ts';
import { client, clientBody, showClient, toApplicationInput } from './clients.schema.ts';

const LIST = 'clients';
const LIMITS = { default: 20, most: 200 };
const tags = ['Client'];

/** There is no such client, in the words of the OAuth endpoints. */
class UnknownClient extends Error {
  override name = 'UnknownClient';
}

export const clientSurface: Surface = {
  admit: managementSurface.admit,
  refuse(env, error, request) {
    if (error instanceof UnknownClient)
      return oauthError('invalid_client', "Invalid value for 'client_id' parameter.", 401);
    const metadata = error instanceof Refusal ? objectionToMetadata(error) : null;
    return metadata === null
      ? managementSurface.refuse(env, error, request)
      : oauthError('invalid_client_metadata', metadata, 400);
  },
};

function objectionToMetadata({ code, causes }: Refusal): string | null {
  if (code === 'E0000001') return causes[0] ?? 'Invalid request';
  return code === 'E0000003' || code === 'E0000021' ? 'The request body is no JSON object.' : null;
}

function oauthError(error: string, description: string, status: number): Response {
  return json({ error, error_description: description }, status, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

export const clientRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/oauth2/v1/clients',
    operationId: 'listClients',
    summary: 'List OAuth clients',
    tags,
    access: 'okta.clients.read',
    query: pagingQuery.extend({ q: z.string().optional() }),
    responses: { 200: z.array(client) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, LIST, LIMITS);
      const rows = await listOAuthClients(env, { q: query.q, ...page });
      return pageOf(
        env,
        request,
        LIST,
        page,
        rows,
        ({ id }) => id,
        (row) => showClient(row),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/oauth2/v1/clients',
    operationId: 'createClient',
    summary: 'Register an OAuth client',
    tags,
    access: 'okta.clients.register',
    body: clientBody,
    responses: { 201: client },
    async handle({ env, body }) {
      return answer(await createApplication(env, toApplicationInput(body, null), 'ACTIVE'), 201);
    },
  }),
  route({
    method: 'GET',
    path: '/oauth2/v1/clients/{clientId}',
    operationId: 'getClient',
    summary: 'Read an OAuth client',
    tags,
    access: 'okta.clients.read',
    responses: { 200: client },
    handle: async ({ env, params }) => json(showClient(await clientOf(env, params.clientId))),
  }),
  route({
    method: 'PUT',
    path: '/oauth2/v1/clients/{clientId}',
    operationId: 'replaceClient',
    summary: 'Replace the metadata of an OAuth client: what is not named takes its default',
    tags,
    access: 'okta.clients.manage',
    body: clientBody,
    responses: { 200: client },
    async handle({ env, params, body }) {
      const before = await findClient(env, params.clientId);
      if (!before) throw notFound(params.clientId, 'PublicClientApp');
      if ((body.client_id ?? before.client_id) !== before.client_id)
        throw invalid('client_id', 'client_id: The client ID cannot be changed');
      return answer(await replaceApplication(env, before.id, toApplicationInput(body, before)), 200);
    },
  }),
  route({
    method: 'DELETE',
    path: '/oauth2/v1/clients/{clientId}',
    operationId: 'deleteClient',
    summary: 'Delete an OAuth client and everything that hangs on it',
    tags,
    access: 'okta.clients.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const { id } = await clientOf(env, params.clientId);
      await transact(env, async (env) => {
        await setApplicationStatus(env, id, 'INACTIVE');
        await deleteApplication(env, id);
      });
      forgetApplications(env);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/oauth2/v1/clients/{clientId}/lifecycle/newSecret',
    operationId: 'generateNewClientSecret',
    summary: 'Put a new secret in the place of all that the client has',
    tags,
    access: 'okta.clients.manage',
    responses: { 200: client },
    async handle({ env, params }) {
      const row = await clientOf(env, params.clientId);
      return json(showClient(row, await renewSecret(env, row.id)));
    },
  }),
];

async function clientOf(env: Env, clientId: string): Promise<Application> {
  const row = await findClient(env, clientId);
  if (!row) throw new UnknownClient();
  return row;
}

function answer({ application, clientSecret }: ChangedApplication, status: number): Response {
  return json(showClient(application as Application, clientSecret), status, { 'cache-control': 'no-store' });
}
