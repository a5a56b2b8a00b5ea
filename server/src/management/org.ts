// Owns /api/v1/org: who this server belongs to.
import { toIso } from '../base/time.ts';
import type { Env } from '../core/env.ts';
import { getOrg, type Org, orgDetails, updateOrg } from '../core/org.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { orgChange, orgReplacement, org as orgShape } from './org.schema.ts';

export const orgRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/org',
    operationId: 'getOrgSettings',
    summary: 'Read the organization',
    tags: ['OrgSettingGeneral'],
    access: 'okta.orgs.read',
    responses: { 200: orgShape },
    handle: async ({ env }) => json(showOrg(env, await getOrg(env))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/org',
    operationId: 'updateOrgSettings',
    summary: 'Change some settings of the organization',
    tags: ['OrgSettingGeneral'],
    access: 'okta.orgs.manage',
    body: orgChange,
    responses: { 200: orgShape },
    handle: async ({ env, body }) => json(showOrg(env, await updateOrg(env, body, 'merge'))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/org',
    operationId: 'replaceOrgSettings',
    summary: 'Replace the settings of the organization',
    tags: ['OrgSettingGeneral'],
    access: 'okta.orgs.manage',
    body: orgReplacement,
    responses: { 200: orgShape },
    handle: async ({ env, body }) => json(showOrg(env, await updateOrg(env, body, 'replace'))),
  }),
];

function showOrg(env: Env, row: Org) {
  const base = `${env.request.origin}/api/v1/org`;
  return {
    id: row.id,
    subdomain: row.subdomain,
    companyName: row.company_name,
    status: row.status,
    expiresAt: null,
    created: toIso(row.created),
    lastUpdated: toIso(row.last_updated),
    ...Object.fromEntries(orgDetails.map((name) => [name, row.details[name] ?? null])),
    _links: {
      preferences: { href: `${base}/preferences` },
      uploadLogo: { href: `${base}/logo`, hints: { allow: ['POST'] } },
      oktaCommunication: { href: `${base}/privacy/oktaCommunication` },
      logo: null,
      oktaSupport: { href: `${base}/privacy/oktaSupport` },
      contacts: { href: `${base}/contacts` },
    },
  };
}
