// Owns the rules of the org's policies on the management API. Not here: the policies (policies.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { getOrgPolicy } from '../core/policies/org-policies.ts';
import {
  createOrgPolicyRule,
  deleteOrgPolicyRule,
  getOrgPolicyRule,
  listOrgPolicyRules,
  type OrgPolicyRule,
  type OrgPolicyRuleInput,
  replaceOrgPolicyRule,
  setOrgPolicyRuleStatus,
} from '../core/policies/org-policy-rules.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { link } from './authorization-servers.ts';
import { creationQuery, givenOrgPolicyRule, orgPolicyRule } from './policies.schema.ts';

const tags = ['Policy'];

export const policyRuleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/policies/{policyId}/rules',
    operationId: 'listPolicyRules',
    summary: 'List the rules of a policy',
    tags,
    access: 'okta.policies.read',
    responses: { 200: z.array(orgPolicyRule) },
    async handle({ env, params }) {
      const { id } = await getOrgPolicy(env, params.policyId);
      return json((await listOrgPolicyRules(env, id)).map((rule) => showRule(env, rule)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/policies/{policyId}/rules',
    operationId: 'createPolicyRule',
    summary: 'Add a rule to a policy',
    tags,
    access: 'okta.policies.manage',
    query: creationQuery,
    body: givenOrgPolicyRule,
    responses: { 200: orgPolicyRule },
    async handle({ env, params, query, body }) {
      const status = query.activate === 'false' ? 'INACTIVE' : 'ACTIVE';
      return json(showRule(env, await createOrgPolicyRule(env, params.policyId, inputOf(body), status)));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/policies/{policyId}/rules/{ruleId}',
    operationId: 'getPolicyRule',
    summary: 'Read a rule of a policy',
    tags,
    access: 'okta.policies.read',
    responses: { 200: orgPolicyRule },
    async handle({ env, params }) {
      const { id } = await getOrgPolicy(env, params.policyId);
      return json(showRule(env, await getOrgPolicyRule(env, id, params.ruleId)));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/policies/{policyId}/rules/{ruleId}',
    operationId: 'replacePolicyRule',
    summary: 'Replace a rule of a policy',
    tags,
    access: 'okta.policies.manage',
    body: givenOrgPolicyRule,
    responses: { 200: orgPolicyRule },
    handle: async ({ env, params, body }) =>
      json(showRule(env, await replaceOrgPolicyRule(env, params.policyId, params.ruleId, inputOf(body)))),
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/policies/{policyId}/rules/{ruleId}',
    operationId: 'deletePolicyRule',
    summary: 'Delete a rule of a policy',
    tags,
    access: 'okta.policies.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteOrgPolicyRule(env, params.policyId, params.ruleId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/policies/{policyId}/rules/{ruleId}/lifecycle/${change}`,
      operationId: `${change}PolicyRule`,
      summary: change === 'activate' ? 'Activate a rule of a policy' : 'Deactivate a rule of a policy',
      tags,
      access: 'okta.policies.manage',
      responses: { 204: null },
      async handle({ env, params }) {
        const status = change === 'activate' ? 'ACTIVE' : 'INACTIVE';
        await setOrgPolicyRuleStatus(env, params.policyId, params.ruleId, status);
        return noContent();
      },
    }),
  ),
];

function inputOf({
  name,
  type,
  priority,
  conditions,
  actions,
}: z.output<typeof givenOrgPolicyRule>): OrgPolicyRuleInput {
  return {
    name,
    type: type ?? undefined,
    priority: priority ?? undefined,
    conditions: conditions ?? null,
    actions: actions ?? null,
  };
}

/** How a rule looks. */
export function showRule(env: Env, rule: OrgPolicyRule) {
  const url = `${env.request.origin}/api/v1/policies/${rule.policy_id}/rules/${rule.id}`;
  return {
    id: rule.id,
    status: rule.status,
    name: rule.name,
    priority: rule.priority,
    created: toIso(rule.created),
    lastUpdated: toIso(rule.last_updated),
    system: rule.system === 1,
    conditions: rule.conditions,
    actions: rule.actions,
    _links: linksOf(url, rule),
    type: rule.type,
  };
}

function linksOf(url: string, { system, status }: OrgPolicyRule) {
  if (system === 1) return { self: link(url, 'GET', 'PUT') };
  return {
    ...(status === 'INACTIVE' ? { activate: link(`${url}/lifecycle/activate`, 'POST') } : {}),
    self: link(url, 'GET', 'PUT', 'DELETE'),
    ...(status === 'ACTIVE' ? { deactivate: link(`${url}/lifecycle/deactivate`, 'POST') } : {}),
  };
}
