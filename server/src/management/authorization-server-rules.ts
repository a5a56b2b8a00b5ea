// Owns the rules of access policies on the management API. Not here: the policies (authorization-server-policies.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import { type AuthorizationServer, getAuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { type AccessPolicy, getPolicy } from '../core/policies/policies.ts';
import {
  type AccessRule,
  type AccessRuleInput,
  activateRule,
  createRule,
  deactivateRule,
  deleteRule,
  getRule,
  listRules,
  updateRule,
} from '../core/policies/policy-rules.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { policyUrl } from './authorization-server-policies.ts';
import { ruleInput, rule as ruleShape } from './authorization-servers.schema.ts';
import { lifecycleLink, link } from './authorization-servers.ts';

export const authorizationServerRuleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules',
    operationId: 'listAuthorizationServerPolicyRules',
    summary: 'List the rules of an access policy',
    tags: ['AuthorizationServerRules'],
    access: 'okta.authorizationServers.read',
    responses: { 200: z.array(ruleShape) },
    async handle({ env, params }) {
      const parent = await parentOf(env, params);
      return json((await listRules(env, parent.policy.id)).map((rule) => showRule(env, parent, rule)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules',
    operationId: 'createAuthorizationServerPolicyRule',
    summary: 'Add a rule to an access policy',
    tags: ['AuthorizationServerRules'],
    access: 'okta.authorizationServers.manage',
    body: ruleInput,
    responses: { 201: ruleShape },
    async handle({ env, params, body }) {
      const parent = await parentOf(env, params);
      return json(showRule(env, parent, await createRule(env, parent.policy, inputOf(body))), 201);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules/{ruleId}',
    operationId: 'getAuthorizationServerPolicyRule',
    summary: 'Read a rule of an access policy',
    tags: ['AuthorizationServerRules'],
    access: 'okta.authorizationServers.read',
    responses: { 200: ruleShape },
    async handle({ env, params }) {
      const parent = await parentOf(env, params);
      return json(showRule(env, parent, await getRule(env, parent.policy.id, params.ruleId)));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules/{ruleId}',
    operationId: 'replaceAuthorizationServerPolicyRule',
    summary: 'Replace a rule of an access policy',
    tags: ['AuthorizationServerRules'],
    access: 'okta.authorizationServers.manage',
    body: ruleInput,
    responses: { 200: ruleShape },
    async handle({ env, params, body }) {
      const parent = await parentOf(env, params);
      return json(showRule(env, parent, await updateRule(env, parent.policy, params.ruleId, inputOf(body))));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules/{ruleId}',
    operationId: 'deleteAuthorizationServerPolicyRule',
    summary: 'Delete a rule of an access policy',
    tags: ['AuthorizationServerRules'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const { policy } = await parentOf(env, params);
      await deleteRule(env, policy, params.ruleId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules/{ruleId}/lifecycle/activate',
    operationId: 'activateAuthorizationServerPolicyRule',
    summary: 'Activate a rule of an access policy',
    tags: ['AuthorizationServerRules'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const { policy } = await parentOf(env, params);
      await activateRule(env, policy, params.ruleId);
      return noContent();
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules/{ruleId}/lifecycle/deactivate',
    operationId: 'deactivateAuthorizationServerPolicyRule',
    summary: 'Deactivate a rule of an access policy',
    tags: ['AuthorizationServerRules'],
    access: 'okta.authorizationServers.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      const { policy } = await parentOf(env, params);
      await deactivateRule(env, policy, params.ruleId);
      return noContent();
    },
  }),
];

type Parent = { server: AuthorizationServer; policy: AccessPolicy };

async function parentOf(
  env: Env,
  { authServerId, policyId }: { authServerId: string; policyId: string },
): Promise<Parent> {
  const server = await getAuthorizationServer(env, authServerId);
  return { server, policy: await getPolicy(env, server.id, policyId) };
}

function inputOf({ name, status, priority, conditions, actions }: z.output<typeof ruleInput>): AccessRuleInput {
  const { inlineHook, ...lifetimes } = actions.token;
  const token = { ...lifetimes, ...(inlineHook?.id ? { inlineHook: { id: inlineHook.id } } : {}) };
  return { name, status, priority, conditions, token };
}

function showRule(env: Env, { server, policy }: Parent, rule: AccessRule) {
  const url = `${policyUrl(env, server, policy.id)}/rules/${rule.id}`;
  return {
    id: rule.id,
    status: rule.status,
    name: rule.name,
    priority: rule.priority,
    created: toIso(rule.created),
    lastUpdated: toIso(rule.lastUpdated),
    system: rule.system,
    conditions: showConditions(rule.conditions),
    actions: { token: rule.token },
    _links: { self: link(url, 'GET', 'PUT', 'DELETE'), ...lifecycleLink(url, rule.status) },
    type: 'RESOURCE_ACCESS',
  };
}

// Who is excluded by name, which groups are included and which scopes are shown always, the other two lists when they say something.
function showConditions({ people: { users, groups }, grantTypes, scopes }: AccessRule['conditions']) {
  return {
    people: {
      users: { ...(users.include.length > 0 ? { include: users.include } : {}), exclude: users.exclude },
      groups: { include: groups.include, ...(groups.exclude.length > 0 ? { exclude: groups.exclude } : {}) },
    },
    grantTypes,
    scopes,
  };
}
