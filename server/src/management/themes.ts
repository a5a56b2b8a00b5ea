// Owns /api/v1/brands/{brandId}/themes: how a brand looks, and its pictures. Not here: which pictures are taken (core/images.ts).
import { z } from 'zod';
import { getBrand } from '../core/brands.ts';
import type { Env } from '../core/env.ts';
import { type ImageUse, imagePath, imageRules, takeImage } from '../core/images.ts';
import { getTheme, listThemes, replaceTheme, setThemePicture, type Theme, type ThemePicture } from '../core/themes.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { readUpload } from '../http/upload.ts';
import { theme, themeBody, upload } from './brands.schema.ts';

const THEMES = '/api/v1/brands/{brandId}/themes';
const tags = ['Customization'];

const pictures: readonly { part: string; name: string; use: ImageUse; column: ThemePicture; status: 200 | 201 }[] = [
  { part: 'logo', name: 'Logo', use: 'logo', column: 'logo_id', status: 200 },
  { part: 'favicon', name: 'Favicon', use: 'favicon', column: 'favicon_id', status: 201 },
  { part: 'background-image', name: 'BackgroundImage', use: 'background', column: 'background_id', status: 201 },
];

export const themeRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: THEMES,
    operationId: 'listBrandThemes',
    summary: 'List the themes of a brand: it has one',
    tags,
    access: 'okta.brands.read',
    responses: { 200: z.array(theme) },
    async handle({ env, params }) {
      const { id } = await getBrand(env, params.brandId);
      return json((await listThemes(env, id)).map((row) => showTheme(env, row)));
    },
  }),
  route({
    method: 'GET',
    path: `${THEMES}/{themeId}`,
    operationId: 'getBrandTheme',
    summary: 'Read a theme',
    tags,
    access: 'okta.brands.read',
    responses: { 200: theme },
    handle: async ({ env, params }) => json(showTheme(env, await getTheme(env, params.brandId, params.themeId))),
  }),
  route({
    method: 'PUT',
    path: `${THEMES}/{themeId}`,
    operationId: 'replaceBrandTheme',
    summary: 'Replace the colours of a theme, and say which pages show it',
    tags,
    access: 'okta.brands.manage',
    body: themeBody,
    responses: { 200: theme },
    async handle({ env, params, body }) {
      const said = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as typeof body;
      return json(showTheme(env, await replaceTheme(env, params.brandId, params.themeId, said as never)));
    },
  }),
  ...pictures.flatMap(({ part, name, use, column, status }) => [
    route({
      method: 'POST',
      path: `${THEMES}/{themeId}/${part}`,
      operationId: `uploadBrandTheme${name}`,
      summary: `Upload the ${part} of a theme, as the field \`file\` of a form`,
      tags,
      access: 'okta.brands.manage',
      responses: { [status]: upload },
      async handle({ env, params, request }) {
        const image = takeImage(env, use, await readUpload(request, imageRules[use].mostBytes));
        await setThemePicture(env, params.brandId, params.themeId, column, image);
        return json({ url: `${env.request.origin}${imagePath(image.id)}` }, status);
      },
    }),
    route({
      method: 'DELETE',
      path: `${THEMES}/{themeId}/${part}`,
      operationId: `deleteBrandTheme${name}`,
      summary: `Delete the ${part} of a theme`,
      tags,
      access: 'okta.brands.manage',
      responses: { 204: null },
      async handle({ env, params }) {
        await setThemePicture(env, params.brandId, params.themeId, column, null);
        return noContent();
      },
    }),
  ]),
];

function showTheme(env: Env, { id, brand_id, look, ...pictures }: Theme): z.input<typeof theme> {
  const { origin } = env.request;
  const self = `${origin}/api/v1/brands/${brand_id}/themes/${id}`;
  const { logo_id, favicon_id, background_id } = pictures;
  const picture = (part: string) => ({ href: `${self}/${part}`, hints: { allow: ['POST', 'DELETE'] } });
  return {
    id,
    logo: logo_id === null ? `${origin}/assets/mark.svg` : origin + imagePath(logo_id),
    favicon: favicon_id === null ? `${origin}/favicon.ico` : origin + imagePath(favicon_id),
    backgroundImage: background_id === null ? null : origin + imagePath(background_id),
    ...look,
    _links: {
      favicon: picture('favicon'),
      self: { href: self, hints: { allow: ['GET', 'PUT'] } },
      logo: picture('logo'),
      'background-image': picture('background-image'),
    },
  };
}
