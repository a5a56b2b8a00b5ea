// Owns /api/v1/domains: hosts by which the org is to be reached. Not here: what makes a host serve it (core/domains.ts says it).
import { z } from 'zod';
import { getDefaultBrand } from '../core/brands.ts';
import {
  certificateSourceTypes,
  createDomain,
  type Domain,
  deleteDomain,
  getDomain,
  listDomains,
  servesOrg,
} from '../core/domains.ts';
import type { Env } from '../core/env.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const links = z.record(z.string(), z.unknown());
const listed = z.object({
  id: z.string(),
  domain: z.string(),
  certificateSourceType: z.string(),
  validationStatus: z.string(),
  brandId: z.string(),
  _links: links,
});
const domain = listed.extend({
  dnsRecords: z.array(z.object({ recordType: z.string(), fqdn: z.string(), values: z.array(z.string()) })),
});

const tags = ['CustomDomain'];

export const domainRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/domains',
    operationId: 'listCustomDomains',
    summary: 'List the hosts by which the org is to be reached',
    tags,
    access: 'okta.domains.read',
    responses: { 200: z.object({ domains: z.array(listed) }) },
    async handle({ env }) {
      const { id: brandId } = await getDefaultBrand(env);
      const own = { id: 'default', domain: new URL(env.config.url).hostname, certificate_source_type: 'MANUAL' };
      const rows = [...(await listDomains(env)), own];
      return json({ domains: rows.map((row) => showListed(env, row, brandId)) });
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/domains',
    operationId: 'createCustomDomain',
    summary: 'Keep a host by which the org is to be reached',
    tags,
    access: 'okta.domains.manage',
    body: z.object({ domain: z.string().trim(), certificateSourceType: z.enum(certificateSourceTypes) }),
    responses: { 201: domain },
    async handle({ env, body }) {
      const { id: brandId } = await getDefaultBrand(env);
      const row = await createDomain(env, body.domain, body.certificateSourceType);
      return json(showDomain(env, row, brandId), 201);
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/domains/{domainId}',
    operationId: 'getCustomDomain',
    summary: 'Read a host',
    tags,
    access: 'okta.domains.read',
    responses: { 200: domain },
    async handle({ env, params }) {
      const { id: brandId } = await getDefaultBrand(env);
      return json(showDomain(env, await getDomain(env, params.domainId), brandId));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/domains/{domainId}',
    operationId: 'deleteCustomDomain',
    summary: 'Keep a host no longer',
    tags,
    access: 'okta.domains.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteDomain(env, params.domainId);
      return noContent();
    },
  }),
];

type Named = Pick<Domain, 'id' | 'domain' | 'certificate_source_type'>;

function showListed(env: Env, row: Named, brandId: string): z.input<typeof listed> {
  const { id, domain: name, certificate_source_type: certificateSourceType } = row;
  const base = `${env.request.origin}/api/v1`;
  const allow = id === 'default' ? ['GET'] : ['GET', 'DELETE'];
  return {
    ...{ id, domain: name, certificateSourceType },
    validationStatus: servesOrg(env, name) ? 'COMPLETED' : 'NOT_STARTED',
    brandId,
    _links: {
      self: { href: `${base}/domains/${id}`, hints: { allow } },
      verify: { href: `${base}/domains/${id}/verify`, hints: { allow: ['POST'] } },
      brand: { href: `${base}/brands/${brandId}`, hints: { allow: ['GET', 'PUT', 'DELETE'] } },
    },
  };
}

function showDomain(env: Env, row: Domain, brandId: string): z.input<typeof domain> {
  return {
    ...showListed(env, row, brandId),
    dnsRecords: [
      { recordType: 'TXT', fqdn: `_oktaverification.${row.domain}`, values: [row.proof] },
      { recordType: 'CNAME', fqdn: row.domain, values: [new URL(env.config.url).hostname] },
    ],
  };
}
