// Owns how a brand looks: its colours, its pictures, and which pages show them. Every brand has one theme. Not here: brands
// (brands.ts), pictures themselves (images.ts), and the style sheet that a theme becomes (http/brand-assets.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { dropImage, type Image, keepImage } from './images.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export const pageVariants = ['OKTA_DEFAULT', 'BACKGROUND_SECONDARY_COLOR', 'BACKGROUND_IMAGE'] as const;
export const dashboardVariants = [
  'OKTA_DEFAULT',
  'WHITE_LOGO_BACKGROUND',
  'FULL_THEME',
  'LOGO_ON_FULL_WHITE_BACKGROUND',
] as const;
export const emailVariants = ['OKTA_DEFAULT', 'FULL_THEME'] as const;
export const loadingVariants = ['OKTA_DEFAULT', 'NONE'] as const;

export type Look = {
  primaryColorHex: string;
  primaryColorContrastHex: string;
  secondaryColorHex: string;
  secondaryColorContrastHex: string;
  signInPageTouchPointVariant: (typeof pageVariants)[number];
  endUserDashboardTouchPointVariant: (typeof dashboardVariants)[number];
  errorPageTouchPointVariant: (typeof pageVariants)[number];
  emailTemplateTouchPointVariant: (typeof emailVariants)[number];
  loadingPageTouchPointVariant: (typeof loadingVariants)[number];
};

export type Theme = Omit<Row<'themes'>, 'look'> & { look: Look };
export type ThemePicture = 'logo_id' | 'favicon_id' | 'background_id';

const IN_USE = 'theme-in-use';

const freshLook: Look = {
  primaryColorHex: '#1a665d',
  primaryColorContrastHex: '#ffffff',
  secondaryColorHex: '#eef2f1',
  secondaryColorContrastHex: '#000000',
  signInPageTouchPointVariant: 'OKTA_DEFAULT',
  endUserDashboardTouchPointVariant: 'OKTA_DEFAULT',
  errorPageTouchPointVariant: 'OKTA_DEFAULT',
  emailTemplateTouchPointVariant: 'OKTA_DEFAULT',
  loadingPageTouchPointVariant: 'OKTA_DEFAULT',
};

/** In the transaction that makes the brand. */
export async function createTheme(env: Env, brandId: string): Promise<void> {
  const now = env.now();
  await env.db
    .insertInto('themes')
    .values({
      ...{ id: newId(env, idPrefixes.theme), brand_id: brandId, look: toJson<Record<string, unknown>>(freshLook) },
      ...{ logo_id: null, favicon_id: null, background_id: null, created: now, last_updated: now },
    })
    .execute();
}

/** In the transaction that deletes the brand. */
export async function deleteThemeOf(env: Env, brandId: string): Promise<void> {
  for (const theme of await listThemes(env, brandId)) {
    for (const picture of ['logo_id', 'favicon_id', 'background_id'] as const) await dropImage(env, theme[picture]);
    await env.db.deleteFrom('themes').where('id', '=', theme.id).execute();
  }
}

export async function listThemes(env: Env, brandId: string): Promise<Theme[]> {
  return (await env.db.selectFrom('themes').selectAll().where('brand_id', '=', brandId).execute()).map(toTheme);
}

/** Throws E0000007. */
export async function getTheme(env: Env, brandId: string, id: string): Promise<Theme> {
  const theme = (await listThemes(env, brandId)).find((one) => one.id === id);
  if (!theme) throw notFound(id, 'Theme');
  return theme;
}

/** The theme of the brand that people see; null before there is one. May be two seconds old. */
export function themeInUse(env: Env): Promise<Theme | null> {
  return remembered(env, IN_USE, '', async () => {
    const row = await env.db
      .selectFrom('themes')
      .innerJoin('brands', 'brands.id', 'themes.brand_id')
      .selectAll('themes')
      .where('brands.is_default', '=', 1)
      .executeTakeFirst();
    return row ? toTheme(row) : null;
  });
}

/** A colour's contrast that was not said is black or white, whichever reads better. Throws E0000007, E0000001. */
export async function replaceTheme(
  env: Env,
  brandId: string,
  id: string,
  said: Partial<Look> & Pick<Look, 'primaryColorHex' | 'secondaryColorHex'>,
): Promise<Theme> {
  const colours = {
    ...{ primaryColorHex: said.primaryColorHex, secondaryColorHex: said.secondaryColorHex },
    primaryColorContrastHex: said.primaryColorContrastHex ?? contrastOf(said.primaryColorHex),
    secondaryColorContrastHex: said.secondaryColorContrastHex ?? contrastOf(said.secondaryColorHex),
  };
  for (const [name, colour] of Object.entries(colours))
    if (!isColour(colour)) throw invalid(name, `${name}: The value must be a colour such as #1662dd`);
  return changeTheme(env, brandId, id, async (theme) => ({ ...theme, look: { ...theme.look, ...said, ...colours } }));
}

/** Null: the picture goes, and the server's own takes its place. Throws E0000007. */
export function setThemePicture(
  env: Env,
  brandId: string,
  id: string,
  picture: ThemePicture,
  image: Image | null,
): Promise<Theme> {
  return changeTheme(env, brandId, id, async (theme, env) => {
    if (image) await keepImage(env, image);
    await dropImage(env, theme[picture]);
    return { ...theme, [picture]: image?.id ?? null };
  });
}

async function changeTheme(
  env: Env,
  brandId: string,
  id: string,
  change: (theme: Theme, env: Env) => Promise<Theme>,
): Promise<Theme> {
  const changed = await transact(env, async (env) => {
    // Two changes of one theme take turns, so that each picture that is replaced is also dropped.
    await env.db
      .updateTable('themes')
      .set((eb) => ({ created: eb.ref('created') }))
      .where('id', '=', id)
      .execute();
    const theme = { ...(await change(await getTheme(env, brandId, id), env)), last_updated: env.now() };
    const { look, logo_id, favicon_id, background_id, last_updated } = theme;
    await env.db
      .updateTable('themes')
      .set({ look: toJson<Record<string, unknown>>(look), logo_id, favicon_id, background_id, last_updated })
      .where('id', '=', id)
      .execute();
    await record(env, {
      eventType: 'system.theme.update',
      displayMessage: 'Theme: update',
      target: [{ id, type: 'Theme', alternateId: brandId, displayName: id }],
    });
    return theme;
  });
  forget(env, IN_USE);
  return changed;
}

export function isColour(text: string): boolean {
  return /^#[0-9a-f]{6}$/i.test(text);
}

/** By the relative luminance of WCAG 2, at which black and white contrast alike. */
function contrastOf(colour: string): string {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff';
}

function toTheme(row: Row<'themes'>): Theme {
  return row as unknown as Theme;
}
