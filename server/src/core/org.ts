// Owns the organization: the one row that says who this server belongs to. It is made at the first start (first-start.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { record } from './system-log.ts';

export type Org = Row<'org'>;

/** What an administrator may say of the organization beside its name; null where nothing was said. */
export const orgDetails = [
  'website',
  'phoneNumber',
  'endUserSupportHelpURL',
  'supportPhoneNumber',
  'address1',
  'address2',
  'city',
  'state',
  'country',
  'postalCode',
] as const;

export type OrgDetail = (typeof orgDetails)[number];

/** The organization. It exists from the first start on. */
export async function getOrg(env: Env): Promise<Org> {
  return env.db.selectFrom('org').selectAll().limit(1).executeTakeFirstOrThrow();
}

/** Holds the organization for this transaction: whatever must be judged for the whole org is judged one at a time. */
export async function holdOrg(env: Env): Promise<void> {
  await env.db
    .updateTable('org')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .execute();
}

/** The organization's id, which never changes: read once. */
export async function orgId(env: Env): Promise<string> {
  const known = env.memory.of('org-id', (): { id: string | null } => ({ id: null }));
  known.id ??= (await getOrg(env)).id;
  return known.id;
}

/** The organization, or null before the first start. */
export async function findOrg(env: Env): Promise<Org | null> {
  return (await env.db.selectFrom('org').selectAll().limit(1).executeTakeFirst()) ?? null;
}

const DEFAULT_REALM = 'Default Realm';

/** What kind of person everybody is who is of no other. */
export const defaultUserType = {
  name: 'user',
  displayName: 'User',
  description: 'Profile of every user that is of no other type',
};

/** Makes the organization's row and its default type of users. */
export async function createOrg(env: Env): Promise<Org> {
  const now = env.now();
  const row: Org = {
    id: newId(env, idPrefixes.org),
    subdomain: new URL(env.config.url).hostname.split('.')[0] ?? 'gatehouse',
    company_name: 'Gatehouse',
    status: 'ACTIVE',
    details: {},
    default_user_type_id: newId(env, idPrefixes.userType),
    created: now,
    last_updated: now,
  };
  await env.db
    .insertInto('org')
    .values({ ...row, details: toJson(row.details) })
    .execute();
  await env.db
    .insertInto('user_types')
    .values({
      id: row.default_user_type_id,
      name: defaultUserType.name,
      display_name: defaultUserType.displayName,
      description: defaultUserType.description,
      created: now,
      created_by: 'system',
      last_updated: now,
      last_updated_by: 'system',
    })
    .execute();
  await env.db
    .insertInto('realms')
    .values({
      id: defaultRealmIdOf(row.id),
      name: DEFAULT_REALM,
      name_key: textKey(DEFAULT_REALM),
      realm_type: 'DEFAULT',
      domains: toJson([]),
      created: now,
      last_updated: now,
    })
    .execute();
  return row;
}

/** The realm of everybody who is in no other. An org and its default realm share the end of their ids. */
export function defaultRealmIdOf(orgId: string): string {
  return `${idPrefixes.realm}${orgId.slice(3)}`;
}

export type OrgChanges = { companyName?: string | undefined } & { [K in OrgDetail]?: string | null | undefined };

/** Changes the organization. `replace`: what is not given loses its value; otherwise it keeps it. */
export async function updateOrg(env: Env, changes: OrgChanges, how: 'merge' | 'replace'): Promise<Org> {
  return transact(env, async (env) => {
    const org = await getOrg(env);
    const given = Object.fromEntries(
      orgDetails.filter((name) => changes[name] !== undefined).map((name) => [name, changes[name]]),
    );
    const details = how === 'merge' ? { ...org.details, ...given } : given;
    const company_name = changes.companyName ?? org.company_name;
    const last_updated = env.now();
    await env.db
      .updateTable('org')
      .set({ company_name, details: toJson(details), last_updated })
      .where('id', '=', org.id)
      .execute();
    await record(env, {
      eventType: 'system.org.update',
      displayMessage: 'Update organization settings',
      target: [{ id: org.id, type: 'Org', alternateId: org.subdomain, displayName: company_name }],
    });
    return { ...org, company_name, details, last_updated };
  });
}
