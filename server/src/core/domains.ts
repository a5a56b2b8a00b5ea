// Owns the hosts by which the org is to be reached. Keeping one opens nothing: a host serves the org once the operator has named it in
// the settings, and only then is it complete. Not here: issuers and redirects, which follow the settings alone.
import { idPrefixes, newId } from '../base/id.ts';
import { isUniqueViolation } from '../storage/database.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { alreadyExists, invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type Domain = Row<'domains'>;

export const certificateSourceTypes = ['MANUAL', 'OKTA_MANAGED'] as const;
const MOST_DOMAINS = 200;
const PROOF_BYTES = 16;

/** In the order of their making. */
export function listDomains(env: Env): Promise<Domain[]> {
  return env.db.selectFrom('domains').selectAll().orderBy('id').execute();
}

/** Throws E0000007. */
export async function getDomain(env: Env, id: string): Promise<Domain> {
  const row = await env.db.selectFrom('domains').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'CustomDomain');
  return row;
}

/** Throws E0000001 for what is no host, the server's own host, and one that is there already. */
export async function createDomain(
  env: Env,
  name: string,
  certificateSourceType: (typeof certificateSourceTypes)[number],
): Promise<Domain> {
  const domain = name.toLowerCase();
  if (!/^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/.test(domain))
    throw invalid('domain', 'domain: The value must be the name of a host');
  if (domain === new URL(env.config.url).hostname) throw alreadyExists('domain', 'domain');
  const row: Domain = {
    id: newId(env, idPrefixes.domain),
    domain,
    certificate_source_type: certificateSourceType,
    proof: Buffer.from(env.random(PROOF_BYTES)).toString('hex'),
    created: env.now(),
  };
  try {
    return await transact(env, async (env) => {
      if ((await listDomains(env)).length >= MOST_DOMAINS)
        throw invalid('domains', `domains: There can be at most ${MOST_DOMAINS} domains`);
      await env.db.insertInto('domains').values(row).execute();
      await recordChange(env, row, 'create');
      return row;
    });
  } catch (error) {
    if (isUniqueViolation(error, 'domain')) throw alreadyExists('domain', 'domain');
    throw error;
  }
}

/** Throws E0000007. */
export async function deleteDomain(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const row = await getDomain(env, id);
    await env.db.deleteFrom('domains').where('id', '=', id).execute();
    await recordChange(env, row, 'delete');
  });
}

/** Whether the operator has named the host. */
export function servesOrg(env: Env, domain: string): boolean {
  return [env.config.url, ...env.config.domains].some((url) => URL.parse(url)?.hostname === domain);
}

async function recordChange(env: Env, { id, domain }: Domain, change: 'create' | 'delete'): Promise<void> {
  await record(env, {
    eventType: `system.custom_url_domain.${change}`,
    displayMessage: `Custom domain: ${change}`,
    target: [{ id, type: 'CustomDomain', alternateId: domain, displayName: domain }],
  });
}
