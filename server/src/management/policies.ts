// Owns the org's policies on the management API: /api/v1/policies. Not here: their rules (policy-rules.ts), what they are assigned
// to (policy-mappings.ts), and policies of authorization servers (authorization-server-policies.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import {
  cloneOrgPolicy,
  createOrgPolicy,
  deleteOrgPolicy,
  getOrgPolicy,
  isOrgPolicyType,
  listOrgPolicies,
  type OrgPolicy,
  type OrgPolicyInput,
  replaceOrgPolicy,
  setOrgPolicyStatus,
} from '../core/policies/org-policies.ts';
import { listOrgPolicyRules } from '../core/policies/org-policy-rules.ts';
import { invalid } from '../core/refusal.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { link } from './authorization-servers.ts';
import {
  changedOrgPolicy,
  creationQuery,
  givenOrgPolicy,
  orgPolicy,
  policyListQuery,
  policyQuery,
} from './policies.schema.ts';
import { showRule } from './policy-rules.ts';

const tags = ['Policy'];

export const policyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/policies',
    operationId: 'listPolicies',
    summary: "List the org's policies of a type",
    tags,
    access: 'okta.policies.read',
    query: policyListQuery,
    responses: { 200: z.array(orgPolicy) },
    async handle({ env, query }) {
      if (!isOrgPolicyType(query.type)) throw invalid('type', `type: '${query.type}' is no type of policy`);
      const policies = (await listOrgPolicies(env, query.type)).filter(
        ({ status, name }) =>
          (!query.status || status === query.status) &&
          (!query.q || name.toLowerCase().startsWith(query.q.toLowerCase())),
      );
      return json(await Promise.all(policies.map((policy) => showExpanded(env, policy, query.expand, true))));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/policies',
    operationId: 'createPolicy',
    summary: 'Create a policy',
    tags,
    access: 'okta.policies.manage',
    query: creationQuery,
    body: givenOrgPolicy,
    responses: { 200: orgPolicy },
    async handle({ env, query, body }) {
      const status = query.activate === 'false' ? 'INACTIVE' : 'ACTIVE';
      return json(showPolicy(env, await createOrgPolicy(env, body.type, inputOf(body), status)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/policies/{policyId}',
    operationId: 'getPolicy',
    summary: 'Read a policy',
    tags,
    access: 'okta.policies.read',
    query: policyQuery,
    responses: { 200: orgPolicy },
    handle: async ({ env, params, query }) =>
      json(await showExpanded(env, await getOrgPolicy(env, params.policyId), query.expand, false)),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/policies/{policyId}',
    operationId: 'replacePolicy',
    summary: 'Replace a policy',
    tags,
    access: 'okta.policies.manage',
    body: changedOrgPolicy,
    responses: { 200: orgPolicy },
    handle: async ({ env, params, body }) =>
      json(showPolicy(env, await replaceOrgPolicy(env, params.policyId, body.type, inputOf(body)))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/policies/{policyId}',
    operationId: 'deletePolicy',
    summary: 'Delete a policy with its rules',
    tags,
    access: 'okta.policies.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteOrgPolicy(env, params.policyId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/policies/{policyId}/lifecycle/${change}`,
      operationId: `${change}Policy`,
      summary: change === 'activate' ? 'Activate a policy' : 'Deactivate a policy',
      tags,
      access: 'okta.policies.manage',
      responses: { 204: null },
      async handle({ env, params }) {
        await setOrgPolicyStatus(env, params.policyId, change === 'activate' ? 'ACTIVE' : 'INACTIVE');
        return noContent();
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/api/v1/policies/{policyId}/clone',
    operationId: 'clonePolicy',
    summary: 'Copy an access policy with its rules',
    tags,
    access: 'okta.policies.manage',
    responses: { 200: orgPolicy },
    handle: async ({ env, params }) => json(showPolicy(env, await cloneOrgPolicy(env, params.policyId))),
  }),
];

export function policyUrl(env: Env, id: string): string {
  return `${env.request.origin}/api/v1/policies/${id}`;
}

function inputOf({
  name,
  description,
  priority,
  conditions,
  settings,
}: z.output<typeof changedOrgPolicy>): OrgPolicyInput {
  return {
    name,
    description: description ?? null,
    priority: priority ?? undefined,
    conditions: conditions ?? null,
    settings: settings ?? null,
  };
}

async function showExpanded(env: Env, policy: OrgPolicy, expand: string | undefined, listed: boolean) {
  const { type, ...shown } = showPolicy(env, policy);
  const rules = expand === 'rules' ? { rules: await rulesOf(env, policy.id) } : {};
  const embedded = { ...rules, ...(listed && type === 'ACCESS_POLICY' ? { resourceType: 'APP' } : {}) };
  return { ...shown, ...(Object.keys(embedded).length > 0 ? { _embedded: embedded } : {}), type };
}

async function rulesOf(env: Env, policyId: string) {
  return (await listOrgPolicyRules(env, policyId)).map((rule) => showRule(env, rule));
}

function showPolicy(env: Env, policy: OrgPolicy) {
  return {
    id: policy.id,
    status: policy.status,
    name: policy.name,
    ...(policy.description === null ? {} : { description: policy.description }),
    priority: policy.priority,
    system: policy.system === 1,
    conditions: policy.conditions,
    created: toIso(policy.created),
    lastUpdated: toIso(policy.last_updated),
    ...(policy.settings === null ? {} : { settings: policy.settings }),
    _links: linksOf(policyUrl(env, policy.id), policy),
    type: policy.type,
  };
}

function linksOf(url: string, { system, status }: OrgPolicy) {
  const rules = link(`${url}/rules`, 'GET', 'POST');
  if (system === 1) return { self: link(url, 'GET', 'PUT'), rules };
  return {
    mappings: link(`${url}/mappings`, 'GET', 'POST'),
    ...(status === 'INACTIVE' ? { activate: link(`${url}/lifecycle/activate`, 'POST') } : {}),
    self: link(url, 'GET', 'PUT', 'DELETE'),
    rules,
    ...(status === 'ACTIVE' ? { deactivate: link(`${url}/lifecycle/deactivate`, 'POST') } : {}),
  };
}
