// Owns /api/v1/brands: brands. Not here: how a brand looks (themes.ts), its pages (brand-pages.ts), its e-mails.
import { z } from 'zod';
import { type Brand, createBrand, deleteBrand, getBrand, listBrands, replaceBrand } from '../core/brands.ts';
import type { Env } from '../core/env.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { brand, brandBody, brandCreation, toBrandSettings } from './brands.schema.ts';

const LIST = 'brands';
const LIMITS = { default: 200, most: 200 };
const tags = ['Customization'];

export const brandRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/brands',
    operationId: 'listBrands',
    summary: 'List the brands',
    tags,
    access: 'okta.brands.read',
    query: pagingQuery.extend({ q: z.string().optional() }),
    responses: { 200: z.array(brand) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, LIST, LIMITS);
      const rows = await listBrands(env, { q: query.q, ...page });
      return pageOf(
        env,
        request,
        LIST,
        page,
        rows,
        ({ id }) => id,
        (row) => showBrand(env, row),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/brands',
    operationId: 'createBrand',
    summary: 'Make a brand',
    tags,
    access: 'okta.brands.manage',
    body: brandCreation,
    responses: { 201: brand },
    handle: async ({ env, body }) => json(showBrand(env, await createBrand(env, body.name)), 201),
  }),
  route({
    method: 'GET',
    path: '/api/v1/brands/{brandId}',
    operationId: 'getBrand',
    summary: 'Read a brand',
    tags,
    access: 'okta.brands.read',
    responses: { 200: brand },
    handle: async ({ env, params }) => json(showBrand(env, await getBrand(env, params.brandId))),
  }),
  route({
    method: 'PUT',
    path: '/api/v1/brands/{brandId}',
    operationId: 'replaceBrand',
    summary: 'Replace a brand',
    tags,
    access: 'okta.brands.manage',
    body: brandBody,
    responses: { 200: brand },
    async handle({ env, params, body }) {
      return json(showBrand(env, await replaceBrand(env, params.brandId, body.name, toBrandSettings(body))));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/brands/{brandId}',
    operationId: 'deleteBrand',
    summary: 'Delete a brand that is not the default',
    tags,
    access: 'okta.brands.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteBrand(env, params.brandId);
      return noContent();
    },
  }),
];

function showBrand(env: Env, { id, name, is_default, settings }: Brand): z.input<typeof brand> {
  const self = `${env.request.origin}/api/v1/brands/${id}`;
  const { removePoweredByOkta, customPrivacyPolicyUrl, agreeToCustomPrivacyPolicy, ...rest } = settings;
  const { locale, emailDomainId, defaultApp } = rest;
  return {
    ...{ id, name, removePoweredByOkta, customPrivacyPolicyUrl, agreeToCustomPrivacyPolicy },
    ...{ isDefault: is_default === 1, locale, emailDomainId, defaultApp },
    _links: {
      themes: { href: `${self}/themes`, hints: { allow: ['GET'] } },
      self: { href: self, hints: { allow: ['GET', 'PUT', 'DELETE'] } },
    },
  };
}
