// Owns the pages of a brand that an administrator may put into other words: sign-in, error and sign-out, as customized and as tried
// out (preview). Not here: how pages look (themes.ts). Pages hold no script, so the document of a customized page is kept and not
// shown: what people see of it are its labels and links.
import { toJson } from '../storage/schema.ts';
import { brandInUse, getBrand } from './brands.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { isWebAddress, type JsonObject } from './setting-fields.ts';
import { record } from './system-log.ts';

export type BrandPage = 'sign-in' | 'error' | 'sign-out';
export type Stage = 'customized' | 'preview';

const IN_USE = 'brand-pages-in-use';

/** Null when the page says what it says by default. Throws E0000007 for the brand. */
export async function findBrandPage(
  env: Env,
  brandId: string,
  page: BrandPage,
  stage: Stage,
): Promise<JsonObject | null> {
  await getBrand(env, brandId);
  return contentOf(env, brandId, page, stage);
}

/** Throws E0000007, also where nothing was customized. */
export async function getBrandPage(env: Env, brandId: string, page: BrandPage, stage: Stage): Promise<JsonObject> {
  const content = await findBrandPage(env, brandId, page, stage);
  if (!content) throw notFound(`${page}/${stage}`, 'BrandPage');
  return content;
}

/** Throws E0000007. */
export async function setBrandPage(
  env: Env,
  brandId: string,
  page: BrandPage,
  stage: Stage,
  content: JsonObject,
): Promise<void> {
  await change(env, brandId, page, stage, async (env) => {
    const row = { content: toJson(content), last_updated: env.now() };
    await env.db
      .insertInto('brand_pages')
      .values({ brand_id: brandId, page, stage, ...row })
      .onConflict((conflict) => conflict.columns(['brand_id', 'page', 'stage']).doUpdateSet(row))
      .execute();
  });
}

/** The page says again what it says by default. Throws E0000007 for the brand. */
export async function resetBrandPage(env: Env, brandId: string, page: BrandPage, stage: Stage): Promise<void> {
  await change(env, brandId, page, stage, async (env) => {
    await env.db
      .deleteFrom('brand_pages')
      .where('brand_id', '=', brandId)
      .where('page', '=', page)
      .where('stage', '=', stage)
      .execute();
  });
}

async function change(
  env: Env,
  brandId: string,
  page: BrandPage,
  stage: Stage,
  write: (env: Env) => Promise<void>,
): Promise<void> {
  await transact(env, async (env) => {
    const brand = await getBrand(env, brandId);
    await write(env);
    await record(env, {
      eventType: 'system.brand.page.update',
      displayMessage: `Brand page ${page}, ${stage}: update`,
      target: [{ id: brandId, type: 'Brand', alternateId: brand.name, displayName: brand.name }],
    });
  });
  forget(env, IN_USE);
}

async function contentOf(env: Env, brandId: string, page: BrandPage, stage: Stage): Promise<JsonObject | null> {
  const row = await env.db
    .selectFrom('brand_pages')
    .select('content')
    .where('brand_id', '=', brandId)
    .where('page', '=', page)
    .where('stage', '=', stage)
    .executeTakeFirst();
  return row?.content ?? null;
}

type Field = { label: string; hint?: string };

/** What the sign-in page says. */
export type SignInWords = {
  /** In whose name. */
  brand: string;
  heading: string;
  username: Field;
  password: Field;
  /** Where a person who cannot sign in may turn to; empty by default. */
  links: readonly { label: string; href: string }[];
};

/** The words of the brand that people see. May be two seconds old. */
export async function signInWords(env: Env): Promise<SignInWords> {
  const brand = await brandInUse(env);
  const said = (await inUse(env, 'sign-in')).widgetCustomizations as JsonObject | undefined;
  const text = (name: string) => {
    const value = said?.[name];
    return typeof value === 'string' && value.trim() !== '' ? value : null;
  };
  const field = (label: string, named: string, hinted: string): Field => {
    const hint = text(hinted);
    return { label: text(named) ?? label, ...(hint === null ? {} : { hint }) };
  };
  const links = widgetLinks.map(({ name, label }) => ({
    label: text(`${name}Label`) ?? label,
    href: text(`${name}Url`),
  }));
  const { customPrivacyPolicyUrl = null } = brand?.settings ?? {};
  return {
    brand: brand?.name ?? 'Gatehouse',
    heading: text('signInLabel') ?? 'Sign in',
    username: field('Username', 'usernameLabel', 'usernameInfoTip'),
    password: field('Password', 'passwordLabel', 'passwordInfoTip'),
    links: [...links, { label: 'Privacy policy', href: customPrivacyPolicyUrl }].flatMap(({ label, href }) =>
      href !== null && isWebAddress(href) ? [{ label, href }] : [],
    ),
  };
}

const widgetLinks = [
  { name: 'forgotPassword', label: 'Forgot password?' },
  { name: 'unlockAccount', label: 'Unlock account?' },
  { name: 'help', label: 'Help' },
  { name: 'customLink1', label: 'More' },
  { name: 'customLink2', label: 'More' },
  { name: 'authenticatorPageCustomLink', label: 'More' },
] as const;

/** Throws E0000001 for a link that a page must not hold. */
export function refuseWidgetLinks(said: JsonObject): void {
  for (const { name } of widgetLinks) {
    const address = said[`${name}Url`];
    if (typeof address === 'string' && address !== '' && !isWebAddress(address))
      throw invalid(`${name}Url`, `widgetCustomizations.${name}Url: The value must be an address on the web`);
  }
}

/** Where people go after signing out, if not to the sign-in page. May be two seconds old. */
export async function signOutPlace(env: Env): Promise<string | null> {
  const { type, url } = await inUse(env, 'sign-out');
  return type === 'EXTERNALLY_HOSTED' && typeof url === 'string' && isWebAddress(url) ? url : null;
}

async function inUse(env: Env, page: BrandPage): Promise<JsonObject> {
  const content = await remembered(env, IN_USE, page, async () => {
    const brand = await brandInUse(env);
    return (brand && (await contentOf(env, brand.id, page, 'customized'))) ?? {};
  });
  return content ?? {};
}
