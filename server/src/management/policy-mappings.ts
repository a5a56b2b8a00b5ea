// Owns what the org's access policies are assigned to, on the management API: applications, seen from the policy.
// Not here: the same assignment seen from the application (apps.ts).
import { z } from 'zod';
import { getApplication } from '../core/applications.ts';
import { assignAccessPolicy } from '../core/change-applications.ts';
import type { Env } from '../core/env.ts';
import { applicationsUnder, getOrgPolicy, type OrgPolicy } from '../core/policies/org-policies.ts';
import { invalid, notFound } from '../core/refusal.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { application } from './apps.schema.ts';
import { showApplications } from './apps.ts';
import { link } from './authorization-servers.ts';
import { givenPolicyMapping, policyMapping } from './policies.schema.ts';
import { policyUrl } from './policies.ts';

const tags = ['Policy'];

export const policyMappingRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/policies/{policyId}/app',
    operationId: 'listPolicyApps',
    summary: 'List the applications that fall under an access policy',
    tags,
    access: 'okta.policies.read',
    responses: { 200: z.array(application) },
    async handle({ env, params }) {
      const ids = await applicationsUnder(env, await getOrgPolicy(env, params.policyId));
      return json(await showApplications(env, await Promise.all(ids.map((id) => getApplication(env, id)))));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/policies/{policyId}/mappings',
    operationId: 'listPolicyMappings',
    summary: 'List what a policy is assigned to',
    tags,
    access: 'okta.policies.read',
    responses: { 200: z.array(policyMapping) },
    async handle({ env, params }) {
      const policy = await getOrgPolicy(env, params.policyId);
      return json((await applicationsUnder(env, policy)).map((id) => showMapping(env, policy, id)));
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/policies/{policyId}/mappings',
    operationId: 'mapResourceToPolicy',
    summary: 'Assign an access policy to an application',
    tags,
    access: 'okta.policies.manage',
    body: givenPolicyMapping,
    responses: { 200: policyMapping },
    async handle({ env, params, body }) {
      const policy = await getOrgPolicy(env, params.policyId);
      if (policy.type !== 'ACCESS_POLICY')
        throw invalid('policy', `policy: A policy of the type ${policy.type} is not assigned to applications here`);
      await assignAccessPolicy(env, body.resourceId, policy.id);
      return json(showMapping(env, policy, body.resourceId));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/policies/{policyId}/mappings/{mappingId}',
    operationId: 'getPolicyMapping',
    summary: 'Read an assignment of a policy',
    tags,
    access: 'okta.policies.read',
    responses: { 200: policyMapping },
    async handle({ env, params }) {
      const policy = await mappedPolicy(env, params);
      return json(showMapping(env, policy, params.mappingId));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/policies/{policyId}/mappings/{mappingId}',
    operationId: 'deletePolicyResourceMapping',
    summary: "Withdraw a policy from an application, which falls under the system's",
    tags,
    access: 'okta.policies.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await mappedPolicy(env, params);
      await assignAccessPolicy(env, params.mappingId, null);
      return noContent();
    },
  }),
];

/** The policy, if it has this mapping: a mapping is known by its application's id. Throws E0000007. */
async function mappedPolicy(env: Env, { policyId, mappingId }: { policyId: string; mappingId: string }) {
  const policy = await getOrgPolicy(env, policyId);
  if (!(await applicationsUnder(env, policy)).includes(mappingId)) throw notFound(mappingId, 'PolicyMapping');
  return policy;
}

function showMapping(env: Env, policy: OrgPolicy, applicationId: string) {
  const url = policyUrl(env, policy.id);
  return {
    id: applicationId,
    _links: {
      application: { href: `${env.request.origin}/api/v1/apps/${applicationId}` },
      policy: link(url, 'GET', 'PUT', 'DELETE'),
      self: link(`${url}/mappings/${applicationId}`, 'GET', 'DELETE'),
    },
  };
}
