// Owns /api/v1/brands/{brandId}/templates/email: e-mails of a brand in other words. Not here: what may be said (core/).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import { getBrand } from '../core/brands.ts';
import {
  checkEmailPlace,
  createEmailCustomization,
  deleteEmailCustomization,
  deleteEmailCustomizations,
  type EmailCustomization,
  type EmailPlace,
  type EmailText,
  emailTemplates,
  getEmailCustomization,
  getEmailRecipients,
  listEmailCustomizations,
  recipients,
  replaceEmailCustomization,
  setEmailRecipients,
} from '../core/email-customizations.ts';
import type { Env } from '../core/env.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const TEMPLATES = '/api/v1/brands/{brandId}/templates/email';
const TEMPLATE = `${TEMPLATES}/{templateName}` as const;
const CUSTOMIZATIONS = `${TEMPLATE}/customizations` as const;
const CUSTOMIZATION = `${CUSTOMIZATIONS}/{customizationId}` as const;
const LIMITS = { default: 20, most: 200 };
const tags = ['Customization'];
const read = 'okta.templates.read';
const manage = 'okta.templates.manage';

const links = z.record(z.string(), z.unknown());
const template = z.object({ name: z.string(), _links: links });
const settings = z.object({ recipients: z.enum(recipients) });
const shownSettings = z.object({ recipients: z.string(), _links: links });
const text = z.object({
  subject: z.string().trim().min(1, 'The field cannot be left blank').max(998),
  body: z.string().min(1, 'The field cannot be left blank').max(500_000),
  language: z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'The value is not the tag of a language'),
  isDefault: z.boolean().nullish(),
});
const customization = z.object({
  subject: z.string(),
  body: z.string(),
  id: z.string(),
  language: z.string(),
  isDefault: z.boolean(),
  created: z.string(),
  lastUpdated: z.string(),
  _links: links,
});

export const emailTemplateRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: TEMPLATES,
    operationId: 'listEmailTemplates',
    summary: 'List the templates of e-mails',
    tags,
    access: read,
    query: pagingQuery,
    responses: { 200: z.array(template) },
    async handle({ env, params, query, request }) {
      const { id: brandId } = await getBrand(env, params.brandId);
      const list = `brands/${brandId}/templates/email`;
      const page = readPage(env, query, list, LIMITS);
      const known: readonly string[] = emailTemplates;
      const start = page.after === null ? 0 : known.indexOf(page.after) + 1;
      const names = known.slice(start, start + page.limit + 1);
      return pageOf(
        env,
        request,
        list,
        page,
        names,
        (name) => name,
        (name) => showTemplate(env, { brandId, template: name }),
      );
    },
  }),
  route({
    method: 'GET',
    path: TEMPLATE,
    operationId: 'getEmailTemplate',
    summary: 'Read a template of e-mails',
    tags,
    access: read,
    responses: { 200: template },
    async handle({ env, params }) {
      const place = placeOf(params);
      await checkEmailPlace(env, place);
      return json(showTemplate(env, place));
    },
  }),
  route({
    method: 'GET',
    path: `${TEMPLATE}/settings`,
    operationId: 'getEmailSettings',
    summary: 'Read who gets e-mails of a template',
    tags,
    access: read,
    responses: { 200: shownSettings },
    async handle({ env, params }) {
      const place = placeOf(params);
      return json(showSettings(env, place, await getEmailRecipients(env, place)));
    },
  }),
  route({
    method: 'PUT',
    path: `${TEMPLATE}/settings`,
    operationId: 'replaceEmailSettings',
    summary: 'Say who gets e-mails of a template',
    tags,
    access: manage,
    body: settings,
    responses: { 200: shownSettings },
    async handle({ env, params, body }) {
      const place = placeOf(params);
      await setEmailRecipients(env, place, body.recipients);
      return json(showSettings(env, place, body.recipients));
    },
  }),
  route({
    method: 'GET',
    path: CUSTOMIZATIONS,
    operationId: 'listEmailCustomizations',
    summary: 'List the languages in which a template was put into other words',
    tags,
    access: read,
    query: pagingQuery,
    responses: { 200: z.array(customization) },
    async handle({ env, params, query, request }) {
      const place = placeOf(params);
      const list = `brands/${place.brandId}/templates/email/${place.template}/customizations`;
      const page = readPage(env, query, list, LIMITS);
      const rows = await listEmailCustomizations(env, place, page);
      return pageOf(
        env,
        request,
        list,
        page,
        rows,
        ({ id }) => id,
        (row) => showCustomization(env, row),
      );
    },
  }),
  route({
    method: 'POST',
    path: CUSTOMIZATIONS,
    operationId: 'createEmailCustomization',
    summary: 'Put a template into other words, in one language',
    tags,
    access: manage,
    body: text,
    responses: { 201: customization },
    handle: async ({ env, params, body }) =>
      json(showCustomization(env, await createEmailCustomization(env, placeOf(params), textOf(body))), 201),
  }),
  route({
    method: 'DELETE',
    path: CUSTOMIZATIONS,
    operationId: 'deleteAllCustomizations',
    summary: 'Let a template say again what it says by default',
    tags,
    access: manage,
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteEmailCustomizations(env, placeOf(params));
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: CUSTOMIZATION,
    operationId: 'getEmailCustomization',
    summary: 'Read a template in other words',
    tags,
    access: read,
    responses: { 200: customization },
    handle: async ({ env, params }) =>
      json(showCustomization(env, await getEmailCustomization(env, placeOf(params), params.customizationId))),
  }),
  route({
    method: 'PUT',
    path: CUSTOMIZATION,
    operationId: 'replaceEmailCustomization',
    summary: 'Replace a template in other words',
    tags,
    access: manage,
    body: text,
    responses: { 200: customization },
    async handle({ env, params, body }) {
      const changed = await replaceEmailCustomization(env, placeOf(params), params.customizationId, textOf(body));
      return json(showCustomization(env, changed));
    },
  }),
  route({
    method: 'DELETE',
    path: CUSTOMIZATION,
    operationId: 'deleteEmailCustomization',
    summary: 'Delete a template in other words, in one language',
    tags,
    access: manage,
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteEmailCustomization(env, placeOf(params), params.customizationId);
      return noContent();
    },
  }),
];

function placeOf({ brandId, templateName }: { brandId: string; templateName: string }): EmailPlace {
  return { brandId, template: templateName };
}

function textOf({ isDefault, ...said }: z.output<typeof text>): EmailText {
  return { ...said, isDefault: isDefault ?? false };
}

function linkOf(env: Env, { brandId, template }: EmailPlace, part: string, ...allow: string[]) {
  const self = `${env.request.origin}/api/v1/brands/${brandId}/templates/email/${template}`;
  return { href: self + part, hints: { allow } };
}

function showTemplate(env: Env, place: EmailPlace): z.input<typeof template> {
  return {
    name: place.template,
    _links: {
      settings: linkOf(env, place, '/settings', 'GET', 'PUT'),
      self: linkOf(env, place, '', 'GET'),
      defaultContent: linkOf(env, place, '/default-content', 'GET'),
      test: linkOf(env, place, '/test', 'POST'),
      customizations: linkOf(env, place, '/customizations', 'GET', 'POST', 'DELETE'),
    },
  };
}

function showSettings(env: Env, place: EmailPlace, recipients: string): z.input<typeof shownSettings> {
  return {
    recipients,
    _links: { template: linkOf(env, place, '', 'GET'), self: linkOf(env, place, '/settings', 'GET', 'PUT') },
  };
}

function showCustomization(env: Env, row: EmailCustomization): z.input<typeof customization> {
  const { subject, body, id, language, template, brand_id: brandId } = row;
  const place = { brandId, template };
  const times = { created: toIso(row.created), lastUpdated: toIso(row.last_updated) };
  return {
    ...{ subject, body, id, language, isDefault: row.is_default === 1, ...times },
    _links: {
      preview: linkOf(env, place, `/customizations/${id}/preview`, 'GET'),
      template: linkOf(env, place, '', 'GET'),
      settings: linkOf(env, place, '/settings', 'GET', 'PUT'),
      self: linkOf(env, place, `/customizations/${id}`, 'GET', 'PUT', 'DELETE'),
      test: linkOf(env, place, '/test', 'POST'),
    },
  };
}
