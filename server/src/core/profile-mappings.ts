// Owns profile mappings: how a person's profile becomes the one that an OpenID Connect application sees, and how what an identity
// provider tells becomes a person's. There is one for each such application and provider; what was never changed is the default.
// Not here: the default of applications (app-user-profile.ts), the expressions (mapping-expression.ts), and how an account comes by
// its login and address (external-sign-in/), which no mapping decides.
import { idPrefixes } from '../base/id.ts';
import { toJson } from '../storage/schema.ts';
import { defaultAppMapping } from './app-user-profile.ts';
import { type Env, transact } from './env.ts';
import { changedMapping, changesOf, mappingIdOf } from './mapping-changes.ts';
import { type Mapping, type MappingRoot, objectionToMapping } from './mapping-expression.ts';
import { findSchema, userAttributes } from './profile-schemas.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';
import { defaultUserTypeId } from './user-types.ts';

/** `other`: the application that people are mapped to, or the provider that they are mapped from. */
export type ProfileMapping = {
  id: string;
  kind: 'application' | 'identityProvider';
  other: { id: string; name: string; label: string };
  mapping: Mapping;
};

/** What a provider tells under these names (external-sign-in/external-identity.ts). Login and address are beyond mappings. */
const defaultProviderMapping: Mapping = {
  firstName: 'appuser.firstName',
  lastName: 'appuser.lastName',
  displayName: 'appuser.displayName',
};

const BEYOND = ['login', 'email', 'userName'];

type Found = Omit<ProfileMapping, 'mapping'>;

/** By id, after the one with this id. `kind` and `otherId` narrow the list. */
export async function listProfileMappings(
  env: Env,
  {
    kind,
    otherId,
    after,
    limit,
  }: { kind: ProfileMapping['kind'] | null; otherId: string | null; after: string | null; limit: number },
): Promise<ProfileMapping[]> {
  const applications = kind === 'identityProvider' ? [] : await mappedApplications(env, { otherId, after, limit });
  const providers = kind === 'application' ? [] : await mappedProviders(env, { otherId, after, limit });
  const found = [...applications, ...providers].sort((one, other) => (one.id < other.id ? -1 : 1)).slice(0, limit);
  const changes = await changesOf(
    env,
    found.map(({ id }) => id),
  );
  return found.map((one) => ({ ...one, mapping: { ...defaultOf(one), ...changes.get(one.id) } }));
}

/** Throws E0000007. */
export async function getProfileMapping(env: Env, id: string): Promise<ProfileMapping> {
  const otherId = id.startsWith(idPrefixes.profileMapping) ? `${idPrefixes.application}${id.slice(3)}` : '';
  const [found] = await listProfileMappings(env, { kind: null, otherId, after: null, limit: 1 });
  if (!found) throw notFound(id, 'ProfileMapping');
  return found;
}

/** Maps attributes otherwise; null: from nothing. Those that are not named stay. */
export async function updateProfileMapping(env: Env, id: string, given: Mapping): Promise<ProfileMapping> {
  return transact(env, async (env) => {
    const now = env.now();
    await env.db
      .insertInto('profile_mappings')
      .values({ id, properties: toJson({}), created: now, last_updated: now })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    const { properties } = await env.db
      .updateTable('profile_mappings')
      .set({ last_updated: now })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    const found = await getProfileMapping(env, id);
    await requireUsable(env, found, given);
    const changed = { ...properties, ...given };
    await env.db
      .updateTable('profile_mappings')
      .set({ properties: toJson(changed) })
      .where('id', '=', id)
      .execute();
    const { other } = found;
    await record(env, {
      eventType: 'directory.mapping.update',
      displayMessage: 'Update profile mapping',
      target: [{ id, type: 'ProfileMapping', alternateId: other.id, displayName: other.label }],
      debugData: { attributes: Object.keys(given).join(',') },
    });
    return { ...found, mapping: { ...defaultOf(found), ...changed } };
  });
}

/** How what this provider tells becomes a profile: all of it but login and address. */
export async function providerMapping(env: Env, providerId: string): Promise<Mapping> {
  return { ...defaultProviderMapping, ...(await changedMapping(env, providerId)) };
}

function otherIdAfter(mappingId: string): string {
  return `${idPrefixes.application}${mappingId.slice(3)}`;
}

type Part = { otherId: string | null; after: string | null; limit: number };

async function mappedApplications(env: Env, { otherId, after, limit }: Part): Promise<Found[]> {
  let select = env.db
    .selectFrom('applications')
    .select(['id', 'name', 'label'])
    .where('sign_on_mode', '=', 'OPENID_CONNECT')
    .where('id', 'like', `${idPrefixes.application}%`)
    .orderBy('id')
    .limit(limit);
  if (otherId !== null) select = select.where('id', '=', otherId);
  if (after !== null) select = select.where('id', '>', otherIdAfter(after));
  const rows = await select.execute();
  return rows.map((other) => ({ id: mappingIdOf(other.id), kind: 'application', other }));
}

async function mappedProviders(env: Env, { otherId, after, limit }: Part): Promise<Found[]> {
  let select = env.db.selectFrom('identity_providers').select(['id', 'type', 'name']).orderBy('id').limit(limit);
  if (otherId !== null) select = select.where('id', '=', otherId);
  if (after !== null) select = select.where('id', '>', otherIdAfter(after));
  const rows = await select.execute();
  return rows.map(({ id, type, name }) => ({
    id: mappingIdOf(id),
    kind: 'identityProvider',
    other: { id, name: `${type.toLowerCase()}_idp`, label: name },
  }));
}

function defaultOf({ kind }: Found): Mapping {
  return kind === 'application' ? defaultAppMapping : defaultProviderMapping;
}

async function requireUsable(env: Env, { kind, other }: ProfileMapping, given: Mapping): Promise<void> {
  const root: MappingRoot = kind === 'application' ? 'user' : 'appuser';
  const attributes = await targetAttributes(env, kind, other.id);
  for (const [name, expression] of Object.entries(given)) {
    if (BEYOND.includes(name) && (kind === 'identityProvider' || name === 'userName'))
      throw invalid('properties', `${name}: The value of this attribute is decided elsewhere, and cannot be mapped`);
    if (!Object.hasOwn(attributes, name)) throw invalid('properties', `${name}: There is no attribute of this name`);
    const problem = expression === null ? null : objectionToMapping(expression, root);
    if (problem !== null) throw invalid('properties', `${name}: ${problem}`);
  }
}

async function targetAttributes(env: Env, kind: ProfileMapping['kind'], id: string): Promise<object> {
  if (kind === 'identityProvider') return userAttributes(env, await defaultUserTypeId(env));
  const { base, custom } = await findSchema(env, { kind: 'app', id, signOnMode: 'OPENID_CONNECT' });
  return { ...base, ...custom };
}
