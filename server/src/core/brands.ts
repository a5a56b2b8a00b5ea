// Owns brands: under which name and with which links the org appears to people. One of them is the default and cannot be deleted.
// Not here: how a brand looks (themes.ts), its pages (brand-pages.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { prefixRange, textKey } from '../base/text-key.ts';
import { isUniqueViolation } from '../storage/database.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { findOrg } from './org.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { isWebAddress } from './setting-fields.ts';
import { record } from './system-log.ts';
import { createTheme, deleteThemeOf } from './themes.ts';

export type BrandSettings = {
  removePoweredByOkta: boolean;
  customPrivacyPolicyUrl: string | null;
  agreeToCustomPrivacyPolicy: boolean;
  emailDomainId?: string | undefined;
  locale?: string | undefined;
  defaultApp: { appInstanceId: string | null; appLinkName: string | null; classicApplicationUri: string | null };
};

export type Brand = Omit<Row<'brands'>, 'settings'> & { settings: BrandSettings };

const MOST_BRANDS = 200;
const IN_USE = 'brand-in-use';

const freshSettings: BrandSettings = {
  removePoweredByOkta: false,
  customPrivacyPolicyUrl: null,
  agreeToCustomPrivacyPolicy: false,
  defaultApp: { appInstanceId: null, appLinkName: null, classicApplicationUri: null },
};

/** Makes the default brand, named as the organization, where there is none. */
export async function ensureDefaultBrand(env: Env): Promise<void> {
  await transact(env, async (env) => {
    const org = await findOrg(env);
    const known = await env.db.selectFrom('brands').select('id').where('is_default', '=', 1).executeTakeFirst();
    if (org && !known) await insertBrand(env, org.company_name, true);
  });
}

/** In the order of their making, one more than the limit when there are more. `q`: begins the name. */
export async function listBrands(
  env: Env,
  { q, after, limit }: { q: string | undefined; after: string | null; limit: number },
): Promise<Brand[]> {
  const { from, before } = prefixRange(textKey(q ?? ''));
  const rows = await env.db
    .selectFrom('brands')
    .selectAll()
    .where('id', '>', after ?? '')
    .where('name_key', '>=', from)
    .where('name_key', '<', before)
    .orderBy('id')
    .limit(limit + 1)
    .execute();
  return rows.map(toBrand);
}

/** Throws E0000007. */
export async function getBrand(env: Env, id: string): Promise<Brand> {
  const row = await env.db.selectFrom('brands').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'Brand');
  return toBrand(row);
}

/** Throws E0000007 before there is one. */
export async function getDefaultBrand(env: Env): Promise<Brand> {
  const row = await env.db.selectFrom('brands').selectAll().where('is_default', '=', 1).executeTakeFirst();
  if (!row) throw notFound('default', 'Brand');
  return toBrand(row);
}

/** The brand that people see; null before there is one. May be two seconds old. */
export function brandInUse(env: Env): Promise<Brand | null> {
  return remembered(env, IN_USE, '', async () => {
    const row = await env.db.selectFrom('brands').selectAll().where('is_default', '=', 1).executeTakeFirst();
    return row ? toBrand(row) : null;
  });
}

/** Throws E0000001, E0000202 when the name is taken. */
export async function createBrand(env: Env, name: string): Promise<Brand> {
  return refusingTakenBrand(
    transact(env, async (env) => {
      const { brands } = await env.db
        .selectFrom('brands')
        .select((eb) => eb.fn.countAll().as('brands'))
        .executeTakeFirstOrThrow();
      if (Number(brands) >= MOST_BRANDS) throw invalid('brands', `brands: There can be at most ${MOST_BRANDS} brands`);
      return insertBrand(env, name, false);
    }),
  );
}

/** Throws E0000007, E0000001, E0000202. */
export async function replaceBrand(env: Env, id: string, name: string, said: Partial<BrandSettings>): Promise<Brand> {
  const settings = { ...freshSettings, ...said };
  const { customPrivacyPolicyUrl: policy, defaultApp } = settings;
  if (policy !== null && !isWebAddress(policy))
    throw invalid('customPrivacyPolicyUrl', 'customPrivacyPolicyUrl: The value must be an address on the web');
  if (policy !== null && !settings.agreeToCustomPrivacyPolicy)
    throw invalid('agreeToCustomPrivacyPolicy', 'agreeToCustomPrivacyPolicy: A policy of your own needs your consent');
  if (defaultApp.classicApplicationUri !== null && !isWebAddress(defaultApp.classicApplicationUri))
    throw invalid('classicApplicationUri', 'classicApplicationUri: The value must be an address on the web');
  const changed = await refusingTakenBrand(
    transact(env, async (env) => {
      const before = await getBrand(env, id);
      const brand = { ...before, name, name_key: textKey(name), settings, last_updated: env.now() };
      await env.db
        .updateTable('brands')
        .set({ ...brand, settings: toJson<Record<string, unknown>>(settings) })
        .where('id', '=', id)
        .execute();
      await recordChange(env, brand, 'update');
      return brand;
    }),
  );
  forget(env, IN_USE);
  return changed;
}

/** Deletes a brand with all that is its own. Throws E0000007, E0000200 for the default. */
export async function deleteBrand(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const brand = await getBrand(env, id);
    if (brand.is_default) throw new Refusal('E0000200');
    await deleteThemeOf(env, id);
    for (const table of ['brand_pages', 'email_customizations', 'email_template_settings'] as const)
      await env.db.deleteFrom(table).where('brand_id', '=', id).execute();
    await env.db.deleteFrom('brands').where('id', '=', id).execute();
    await recordChange(env, brand, 'delete');
  });
}

async function insertBrand(env: Env, name: string, isDefault: boolean): Promise<Brand> {
  const now = env.now();
  const brand: Brand = {
    id: newId(env, idPrefixes.brand),
    name,
    name_key: textKey(name),
    is_default: isDefault ? 1 : 0,
    settings: freshSettings,
    created: now,
    last_updated: now,
  };
  await env.db
    .insertInto('brands')
    .values({ ...brand, settings: toJson<Record<string, unknown>>(freshSettings) })
    .execute();
  await createTheme(env, brand.id);
  await recordChange(env, brand, 'create');
  return brand;
}

async function refusingTakenBrand<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (isUniqueViolation(error, 'name_key')) throw new Refusal('E0000202');
    throw error;
  }
}

async function recordChange(env: Env, { id, name }: Brand, change: 'create' | 'update' | 'delete'): Promise<void> {
  await record(env, {
    eventType: `system.brand.${change}`,
    displayMessage: `Brand: ${change}`,
    target: [{ id, type: 'Brand', alternateId: name, displayName: name }],
  });
}

function toBrand(row: Row<'brands'>): Brand {
  return row as unknown as Brand;
}
