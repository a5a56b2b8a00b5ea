// Owns trusted origins: web origins outside this server that may call it by script (CORS), be sent to (REDIRECT) or frame its
// pages (IFRAME_EMBED). Not here: the origins that follow from redirect URIs (redirect-uris.ts), and the headers.
import { sql } from 'kysely';
import type { Filter } from '../base/filter-expression.ts';
import { idPrefixes, newId } from '../base/id.ts';
import { isUniqueViolation } from '../storage/database.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { type FilterAttributes, filterToSql, parseFilter } from './filter.ts';
import { alreadyExists, invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type TrustedOriginScope = 'CORS' | 'REDIRECT' | 'IFRAME_EMBED';
export type TrustedOrigin = Row<'trusted_origins'>;

export type TrustedOriginInput = {
  name: string;
  origin: string;
  scopes: { type: TrustedOriginScope; allowedOktaApps?: string[] | undefined }[];
  status?: 'ACTIVE' | 'INACTIVE' | undefined;
};

const CACHE = 'trusted-origins';

/** Whether an active entry trusts exactly this origin for this purpose. */
export async function isTrustedOrigin(env: Env, origin: string, scope: TrustedOriginScope): Promise<boolean> {
  const trusted = await remembered(env, CACHE, 'active', () => readActive(env));
  return trusted?.get(origin)?.includes(scope) ?? false;
}

async function readActive(env: Env): Promise<Map<string, string[]>> {
  const rows = await env.db
    .selectFrom('trusted_origins')
    .select(['origin', 'scopes'])
    .where('status', '=', 'ACTIVE')
    .execute();
  return new Map(rows.map(({ origin, scopes }) => [origin, scopes.map(({ type }) => type)]));
}

/**
 * The origin as browsers write it in an Origin header: lower case, without a default port. Null for what is more or less than an
 * http or https origin: a path, even `/`, would promise a narrower trust than an origin can give.
 */
export function normalOrigin(text: string): string | null {
  if (!/^https?:\/\/[^\s/?#@\\*]+$/i.test(text)) return null;
  return URL.parse(text)?.origin ?? null;
}

const filterAttributes: FilterAttributes = {
  name: { column: sql.ref('name'), kind: 'text', operators: ['eq', 'sw', 'co'] },
  origin: { column: sql.ref('origin'), kind: 'text', operators: ['eq', 'sw', 'co'] },
  status: { column: sql.ref('status'), kind: 'exact', operators: ['eq'] },
};

/** In the order of creation, one more than the limit when there are more. `q` is part of the name or the origin. */
export async function listTrustedOrigins(
  env: Env,
  search: { q?: string | undefined; filter?: string | undefined; after: string | null; limit: number },
): Promise<TrustedOrigin[]> {
  const conditions: Filter[] = [];
  if (search.filter) conditions.push(parseFilter(search.filter));
  if (search.q) {
    const { q } = search;
    const part = (attribute: string): Filter => ({ kind: 'test', attribute, operator: 'co', value: q });
    conditions.push({ kind: 'or', parts: [part('name'), part('origin')] });
  }
  let query = env.db
    .selectFrom('trusted_origins')
    .selectAll()
    .orderBy('id')
    .limit(search.limit + 1);
  if (search.after !== null) query = query.where('id', '>', search.after);
  for (const condition of conditions) query = query.where(filterToSql(condition, filterAttributes));
  return query.execute();
}

/** Throws E0000007. */
export async function getTrustedOrigin(env: Env, id: string): Promise<TrustedOrigin> {
  const row = await env.db.selectFrom('trusted_origins').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'TrustedOrigin');
  return row;
}

/** Throws E0000001 for an origin that is none, and for a name or an origin that is taken. */
export async function createTrustedOrigin(env: Env, input: TrustedOriginInput): Promise<TrustedOrigin> {
  const now = env.now();
  const by = env.actor?.id ?? 'system';
  const row: TrustedOrigin = {
    id: newId(env, idPrefixes.trustedOrigin),
    ...described(input),
    status: input.status ?? 'ACTIVE',
    created: now,
    created_by: by,
    last_updated: now,
    last_updated_by: by,
  };
  return changing(env, async (env) => {
    await env.db
      .insertInto('trusted_origins')
      .values({ ...row, scopes: toJson(row.scopes) })
      .execute();
    await recordChange(env, row, 'create');
    return row;
  });
}

/** Throws E0000007, and E0000001 as createTrustedOrigin does. */
export async function replaceTrustedOrigin(env: Env, id: string, input: TrustedOriginInput): Promise<TrustedOrigin> {
  const replaced = described(input);
  return changing(env, async (env) => {
    const before = await getTrustedOrigin(env, id);
    const row = { ...before, ...replaced, status: input.status ?? before.status, ...changedNow(env) };
    await update(env, row);
    await recordChange(env, row, 'update');
    return row;
  });
}

/** Throws E0000007. */
export async function setTrustedOriginStatus(
  env: Env,
  id: string,
  status: 'ACTIVE' | 'INACTIVE',
): Promise<TrustedOrigin> {
  return changing(env, async (env) => {
    const before = await getTrustedOrigin(env, id);
    if (before.status === status) return before;
    const row = { ...before, status, ...changedNow(env) };
    await update(env, row);
    await recordChange(env, row, status === 'ACTIVE' ? 'activate' : 'deactivate');
    return row;
  });
}

/** Throws E0000007. */
export async function deleteTrustedOrigin(env: Env, id: string): Promise<void> {
  await changing(env, async (env) => {
    const row = await getTrustedOrigin(env, id);
    await env.db.deleteFrom('trusted_origins').where('id', '=', id).execute();
    await recordChange(env, row, 'delete');
  });
}

function described({ name, origin, scopes }: TrustedOriginInput) {
  const normal = normalOrigin(origin);
  if (normal === null) throw invalid('origin', 'origin: Origin value is not valid');
  if (scopes.length === 0) throw invalid('scopes', 'scopes: The field cannot be left blank');
  if (new Set(scopes.map(({ type }) => type)).size < scopes.length)
    throw invalid('scopes', 'scopes: A type may be named once');
  return { name, origin: normal, scopes };
}

async function changing<T>(env: Env, work: (env: Env) => Promise<T>): Promise<T> {
  try {
    return await transact(env, work);
  } catch (error) {
    if (isUniqueViolation(error, '_name')) throw alreadyExists('name', 'name');
    if (isUniqueViolation(error, '_origin')) throw alreadyExists('origin', 'origin');
    throw error;
  } finally {
    forget(env, CACHE);
  }
}

function changedNow(env: Env) {
  return { last_updated: env.now(), last_updated_by: env.actor?.id ?? 'system' };
}

async function update(env: Env, row: TrustedOrigin): Promise<void> {
  await env.db
    .updateTable('trusted_origins')
    .set({ ...row, scopes: toJson(row.scopes) })
    .where('id', '=', row.id)
    .execute();
}

async function recordChange(
  env: Env,
  row: TrustedOrigin,
  change: 'create' | 'update' | 'activate' | 'deactivate' | 'delete',
) {
  await record(env, {
    eventType: `security.trusted_origin.${change}`,
    displayMessage: `Trusted origin: ${change}`,
    target: [{ id: row.id, type: 'TrustedOrigin', alternateId: row.origin, displayName: row.name }],
  });
}
