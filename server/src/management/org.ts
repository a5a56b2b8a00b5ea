// Owns /api/v1/org: who this server belongs to.
import { toIso } from '../base/time.ts';
import { getDefaultBrand } from '../core/brands.ts';
import type { Env } from '../core/env.ts';
import { imagePath, imageRules, takeImage } from '../core/images.ts';
import { getOrg, type Org, orgDetails, updateOrg } from '../core/org.ts';
import { listThemes, setThemePicture, themeInUse } from '../core/themes.ts';
import { json } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { readUpload } from '../http/upload.ts';
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
    handle: async ({ env }) => json(await showOrg(env, await getOrg(env))),
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
    handle: async ({ env, body }) => json(await showOrg(env, await updateOrg(env, body, 'merge'))),
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
    handle: async ({ env, body }) => json(await showOrg(env, await updateOrg(env, body, 'replace'))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/org/logo',
    operationId: 'uploadOrgLogo',
    summary: 'Upload the logo of the default brand, as the field `file` of a form',
    tags: ['OrgSettingCustomization'],
    access: 'okta.orgs.manage',
    responses: { 201: null },
    async handle({ env, request }) {
      const image = takeImage(env, 'logo', await readUpload(request, imageRules.logo.mostBytes));
      const brand = await getDefaultBrand(env);
      for (const { id } of await listThemes(env, brand.id)) await setThemePicture(env, brand.id, id, 'logo_id', image);
      return new Response(null, { status: 201, headers: { location: env.request.origin + imagePath(image.id) } });
    },
  }),
];

async function showOrg(env: Env, row: Org) {
  const logo = (await themeInUse(env))?.logo_id ?? null;
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
      logo: logo === null ? null : { href: env.request.origin + imagePath(logo) },
      oktaSupport: { href: `${base}/privacy/oktaSupport` },
      contacts: { href: `${base}/contacts` },
    },
  };
}
