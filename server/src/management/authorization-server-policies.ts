// Owns the access policies of an authorization server on the management API. Not here: their rules (authorization-server-rules.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import { type AuthorizationServer, getAuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import {
  type AccessPolicy,
  type AccessPolicyInput,
  activatePolicy,
  createPolicy,
  deactivatePolicy,
  deletePolicy,
  getPolicy,
  listPolicies,
  updatePolicy,
} from '../core/policies/policies.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { policyInput, policy as policyShape } from './authorization-servers.schema.ts';
import { lifecycleLink, link, serverUrl } from './authorization-servers.ts';

export const authorizationServerPolicyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/policies',
    operationId: 'listAuthorizationServerPolicies',
    summary: 'List the access policies of an authorization server',
    tags: ['AuthorizationServerPolicies'],
    access: 'okta.authorizationServers.read',
    responses: { 200: z.array(policyShape) },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json((await listPolicies(env, server.id)).map((policy) => showPolicy(env, server, policy)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/policies',
    operationId: 'createAuthorizationServerPolicy',
    summary: 'Add an access policy to an authorization server',
    tags: ['AuthorizationServerPolicies'],
    access: 'okta.authorizationServers.manage',
    body: policyInput,
    responses: { 201: policyShape },
    async handle({ env, params, body }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(showPolicy(env, server, await createPolicy(env, server, inputOf(body))), 201);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}',
    operationId: 'getAuthorizationServerPolicy',
    summary: 'Read an access policy',
    tags: ['AuthorizationServerPolicies'],
    access: 'okta.authorizationServers.read',
    responses: { 200: policyShape },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(showPolicy(env, server, await getPolicy(env, server.id, params.policyId)));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}',
    operationId: 'replaceAuthorizationServerPolicy',
    summary: 'Replace an access policy',
    tags: ['AuthorizationServerPolicies'],
    access: 'okta.authorizationServers.manage',
    body: policyInput,
    responses: { 200: policyShape },
    async handle({ env, params, body }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      return json(showPolicy(env, server, await updatePolicy(env, server, params.policyId, inputOf(body))));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}',
    operationId: 'deleteAuthorizationServerPolicy',
    summary: 'Delete an access policy',
    tags: ['AuthorizationServerPolicies'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      await deletePolicy(env, server, params.policyId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}/lifecycle/activate',
    operationId: 'activateAuthorizationServerPolicy',
    summary: 'Activate an access policy',
    tags: ['AuthorizationServerPolicies'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      await activatePolicy(env, server, params.policyId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}/lifecycle/deactivate',
    operationId: 'deactivateAuthorizationServerPolicy',
    summary: 'Deactivate an access policy',
    tags: ['AuthorizationServerPolicies'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const server = await getAuthorizationServer(env, params.authServerId);
      await deactivatePolicy(env, server, params.policyId);
      return noContent();
    },
  }),
];

/** The URL of a policy on this API. */
export function policyUrl(env: Env, server: AuthorizationServer, policyId: string): string {
  return `${serverUrl(env, server)}/policies/${policyId}`;
}

function inputOf(body: z.output<typeof policyInput>): AccessPolicyInput {
  const { name, description, status, priority, conditions } = body;
  return { name, description, status, priority, clients: conditions.clients.include };
}

function showPolicy(env: Env, server: AuthorizationServer, policy: AccessPolicy) {
  const url = policyUrl(env, server, policy.id);
  return {
    id: policy.id,
    status: policy.status,
    name: policy.name,
    description: policy.description,
    priority: policy.priority,
    system: policy.system,
    conditions: { clients: { include: policy.clients } },
    created: toIso(policy.created),
    lastUpdated: toIso(policy.lastUpdated),
    _links: {
      self: link(url, 'GET', 'PUT', 'DELETE'),
      rules: link(`${url}/rules`, 'GET'),
      ...lifecycleLink(url, policy.status),
    },
    type: 'OAUTH_AUTHORIZATION_POLICY',
  };
}
