// Owns /api/v1/brands/{brandId}/pages: the pages of a brand in other words. Not here: what people see of them (core/brand-pages.ts).
import { z } from 'zod';
import {
  type BrandPage,
  findBrandPage,
  getBrandPage,
  refuseWidgetLinks,
  resetBrandPage,
  type Stage,
  setBrandPage,
} from '../core/brand-pages.ts';
import { getBrand } from '../core/brands.ts';
import type { Env } from '../core/env.ts';
import { invalid } from '../core/refusal.ts';
import { isWebAddress, type JsonObject } from '../core/setting-fields.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';

const PAGES = '/api/v1/brands/{brandId}/pages';
const tags = ['Customization'];

const labels = [
  'signInLabel',
  'usernameLabel',
  'usernameInfoTip',
  'passwordLabel',
  'passwordInfoTip',
  'forgotPasswordLabel',
  'forgotPasswordUrl',
  'unlockAccountLabel',
  'unlockAccountUrl',
  'helpLabel',
  'helpUrl',
  'customLink1Label',
  'customLink1Url',
  'customLink2Label',
  'customLink2Url',
  'authenticatorPageCustomLinkLabel',
  'authenticatorPageCustomLinkUrl',
  'classicRecoveryFlowEmailOrUsernameLabel',
  'classicFooterHelpTitle',
] as const;
const prompts = ['title', 'subtitle', 'acceptButtonText', 'rejectButtonText'] as const;

const label = z.string().max(1000).nullish();
const widgetCustomizations = z.object({
  ...shapeOf(labels, label),
  showPasswordVisibilityToggle: z.boolean().nullish(),
  showUserIdentifier: z.boolean().nullish(),
  widgetGeneration: z.enum(['G2', 'G3']).nullish(),
  postAuthKeepMeSignedInPrompt: z.object(shapeOf(prompts, label)).nullish(),
});

const contentSecurityPolicySetting = z
  .object({
    mode: z.enum(['enforced', 'report_only']).nullish(),
    reportUri: z.string().max(1024).nullish(),
    srcList: z.array(z.string().max(1024)).max(200).nullish(),
  })
  .nullish();
const pageContent = z.string().max(500_000).nullish();

const errorPage = z.object({ pageContent, contentSecurityPolicySetting });
const signInPage = errorPage.extend({
  widgetVersion: z.string().max(20).nullish(),
  widgetCustomizations: widgetCustomizations.nullish(),
});
const signOutPage = z.object({
  type: z.enum(['OKTA_DEFAULT', 'EXTERNALLY_HOSTED']),
  url: z.string().max(1024).nullish(),
});
const pageRoot = z.object({ _embedded: z.unknown().optional(), _links: z.record(z.string(), z.unknown()) });

const shapes = { 'sign-in': signInPage, error: errorPage } as const;
const names = { 'sign-in': 'SignInPage', error: 'ErrorPage' } as const;
const stages: readonly Stage[] = ['customized', 'preview'];

export const brandPageRoutes: readonly Route[] = [
  ...(['sign-in', 'error'] as const).flatMap((page) => [
    route({
      method: 'GET',
      path: `${PAGES}/${page}`,
      operationId: `get${names[page]}`,
      summary: `What there is of the ${page} page`,
      tags,
      access: 'okta.brands.read',
      query: z.object({ expand: z.string().optional() }),
      responses: { 200: pageRoot },
      handle: async ({ env, params, query }) => json(await showRoot(env, params.brandId, page, query.expand ?? '')),
    }),
    route({
      method: 'GET',
      path: `${PAGES}/${page}/default`,
      operationId: `getDefault${names[page]}`,
      summary: `The ${page} page as it is by default`,
      tags,
      access: 'okta.brands.read',
      responses: { 200: shapes[page] },
      async handle({ env, params }) {
        await getBrand(env, params.brandId);
        return json(defaultOf(page));
      },
    }),
    ...stages.flatMap((stage) => stageRoutes(page, stage)),
  ]),
  route({
    method: 'GET',
    path: `${PAGES}/sign-out/customized`,
    operationId: 'getSignOutPageSettings',
    summary: 'Where people go after signing out',
    tags,
    access: 'okta.brands.read',
    responses: { 200: signOutPage },
    handle: async ({ env, params }) =>
      json((await findBrandPage(env, params.brandId, 'sign-out', 'customized')) ?? { type: 'OKTA_DEFAULT' }),
  }),
  route({
    method: 'PUT',
    path: `${PAGES}/sign-out/customized`,
    operationId: 'replaceSignOutPageSettings',
    summary: 'Say where people go after signing out',
    tags,
    access: 'okta.brands.manage',
    body: signOutPage,
    responses: { 200: signOutPage },
    async handle({ env, params, body }) {
      const { type, url } = body;
      if (type === 'EXTERNALLY_HOSTED' && !(url && isWebAddress(url)))
        throw invalid('url', 'url: The value must be an address on the web');
      const content = type === 'EXTERNALLY_HOSTED' ? { type, url } : { type };
      await setBrandPage(env, params.brandId, 'sign-out', 'customized', content);
      return json(content);
    },
  }),
];

function stageRoutes(page: 'sign-in' | 'error', stage: Stage): Route[] {
  const path = `${PAGES}/${page}/${stage}` as const;
  const name = `${stage === 'preview' ? 'Preview' : 'Customized'}${names[page]}`;
  return [
    route({
      method: 'GET',
      path,
      operationId: `get${name}`,
      summary: `The ${page} page, ${stage}`,
      tags,
      access: 'okta.brands.read',
      responses: { 200: shapes[page] },
      handle: async ({ env, params }) => json(await getBrandPage(env, params.brandId, page, stage)),
    }),
    route({
      method: 'PUT',
      path,
      operationId: `replace${name}`,
      summary: `Put the ${page} page, ${stage}, into other words`,
      tags,
      access: 'okta.brands.manage',
      body: signInPage,
      responses: { 200: shapes[page] },
      async handle({ env, params, body }) {
        const content = page === 'sign-in' ? toSignInPage(body) : toErrorPage(body);
        await setBrandPage(env, params.brandId, page, stage, content);
        return json(content);
      },
    }),
    route({
      method: 'DELETE',
      path,
      operationId: `delete${name}`,
      summary: `Let the ${page} page, ${stage}, say again what it says by default`,
      tags,
      access: 'okta.brands.manage',
      responses: { 204: null },
      async handle({ env, params }) {
        await resetBrandPage(env, params.brandId, page, stage);
        return noContent();
      },
    }),
  ];
}

async function showRoot(env: Env, brandId: string, page: 'sign-in' | 'error', expand: string) {
  await getBrand(env, brandId);
  const self = `${env.request.origin}/api/v1/brands/${brandId}/pages/${page}`;
  const link = (part: string, allow: string[]) => ({ href: `${self}/${part}`, hints: { allow } });
  const wanted = expand.split(',').map((one) => one.trim());
  const embedded: Record<string, unknown> = {};
  if (wanted.includes('default')) embedded.default = defaultOf(page);
  for (const stage of stages) {
    const content = wanted.includes(stage) ? await findBrandPage(env, brandId, page as BrandPage, stage) : null;
    if (content) embedded[stage] = content;
  }
  return {
    ...(Object.keys(embedded).length > 0 ? { _embedded: embedded } : {}),
    _links: {
      self: { href: self, hints: { allow: ['GET'] } },
      default: link('default', ['GET']),
      customized: link('customized', ['GET', 'PUT', 'DELETE']),
      preview: link('preview', ['GET', 'PUT', 'DELETE']),
    },
  };
}

function toSignInPage(body: z.output<typeof signInPage>): JsonObject {
  const said = body.widgetCustomizations ?? {};
  refuseWidgetLinks(said);
  const { postAuthKeepMeSignedInPrompt: prompt } = said;
  const text = (value: string | null | undefined) => value || null;
  return {
    pageContent: body.pageContent || null,
    widgetVersion: body.widgetVersion || null,
    ...policyOf(body),
    widgetCustomizations: {
      ...Object.fromEntries(labels.slice(0, 5).map((name) => [name, text(said[name])])),
      showPasswordVisibilityToggle: said.showPasswordVisibilityToggle ?? false,
      showUserIdentifier: said.showUserIdentifier ?? false,
      ...Object.fromEntries(labels.slice(5).map((name) => [name, text(said[name])])),
      widgetGeneration: said.widgetGeneration ?? 'G2',
      postAuthKeepMeSignedInPrompt: Object.fromEntries(prompts.map((name) => [name, text(prompt?.[name])])),
    },
  };
}

function toErrorPage(body: z.output<typeof errorPage>): JsonObject {
  return { pageContent: body.pageContent || null, ...policyOf(body) };
}

function policyOf({ contentSecurityPolicySetting: said }: z.output<typeof errorPage>): JsonObject {
  if (!said) return {};
  const { mode, reportUri, srcList } = said;
  const given = { mode: mode ?? 'enforced', reportUri: reportUri || '', srcList: srcList ?? [] };
  return { contentSecurityPolicySetting: given };
}

function defaultOf(page: 'sign-in' | 'error'): JsonObject {
  const title = page === 'sign-in' ? 'Sign in' : 'Something went wrong';
  const pageContent = `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n</body>\n</html>\n`;
  return page === 'error'
    ? { pageContent }
    : { ...toSignInPage({ widgetCustomizations: { widgetGeneration: 'G3' } }), pageContent, widgetVersion: '*' };
}

function shapeOf<Name extends string, Shape extends z.ZodType>(names: readonly Name[], shape: Shape) {
  return Object.fromEntries(names.map((name) => [name, shape])) as Record<Name, Shape>;
}
