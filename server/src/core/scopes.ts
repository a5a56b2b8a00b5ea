// Owns the scopes of an authorization server: the seven that every custom server has, those that an administrator adds, and the
// fixed set of the org server. Not here: whether a request gets them (policies/access-policy.ts) and consent.
import { idPrefixes, newId } from '../base/id.ts';
import type { Row } from '../storage/tables.ts';
import { apiScopes } from './api-scopes.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export type Scope = {
  id: string;
  name: string;
  /** How a consent page words it. */
  displayName: string | null;
  description: string | null;
  /** One of the seven of every server. */
  system: boolean;
  /** Whether discovery names it. */
  metadataPublish: 'ALL_CLIENTS' | 'NO_CLIENTS';
  consent: 'IMPLICIT' | 'FLEXIBLE' | 'REQUIRED';
  /** Whether a person may untick it. */
  optional: boolean;
  /** Whether a request that names no scope gets it. */
  default: boolean;
};

export type ScopeInput = Omit<Scope, 'id' | 'system'>;

type Listed = Pick<AuthorizationServer, 'id' | 'kind'>;

const systemScopes: readonly { name: string; displayName: string; description: string }[] = [
  { name: 'openid', displayName: 'openid', description: 'Asks for a sign-in with OpenID Connect.' },
  {
    name: 'profile',
    displayName: 'View your profile information.',
    description: 'Whatever your profile holds, for example your name, your time zone, or a picture.',
  },
  { name: 'email', displayName: 'View your email address.', description: 'The app can see your email address.' },
  {
    name: 'address',
    displayName: 'View your address.',
    description: 'The app can see your address: street, city, state, postal code and country.',
  },
  { name: 'phone', displayName: 'View your phone number.', description: 'The app can see your phone number.' },
  {
    name: 'offline_access',
    displayName: 'Keep you signed in to the app.',
    description: 'You stay signed in to the app while you are away.',
  },
  {
    name: 'device_sso',
    displayName: 'Request device secret.',
    description: 'Apps on one device can share your sign-in.',
  },
];

const orgScopes: readonly Scope[] = [
  ...['openid', 'email', 'profile', 'address', 'phone', 'offline_access', 'groups', 'device_sso'].map((name) => {
    const known = systemScopes.find((scope) => scope.name === name);
    return orgScope(name, known?.displayName ?? null, known?.description ?? null);
  }),
  ...apiScopes.map(({ name, description }) => orgScope(name, null, description)),
];

/** All scopes of a server: the seven first, then an administrator's in the order of their making. May be two seconds old. */
export async function listScopes(env: Env, server: Listed): Promise<readonly Scope[]> {
  if (server.kind === 'org') return orgScopes;
  return (await remembered(env, 'scopes', server.id, () => readScopes(env, server))) ?? [];
}

/** The scope as the database has it now. Throws E0000007. */
export async function getScope(env: Env, server: Listed, id: string): Promise<Scope> {
  const row = await env.db
    .selectFrom('scopes')
    .selectAll()
    .where('id', '=', id)
    .where('authorization_server_id', '=', server.id)
    .executeTakeFirst();
  if (!row) throw notFound(id, 'OAuth2Scope');
  return toScope(row);
}

export async function createScope(env: Env, server: AuthorizationServer, input: ScopeInput): Promise<Scope> {
  refuseName(input.name);
  const scope: Scope = { ...input, id: newId(env, idPrefixes.scope), system: false };
  await transact(env, async (env) => {
    await insertScope(env, server, scope);
    await recordChange(env, 'oauth2.scope.created', 'OAuth2 scope is created', server, scope);
  });
  forgetScopes(env);
  return scope;
}

/** Replaces a scope. The name of a system scope stays, and none of them can be a default: nobody signs in by accident. */
export async function updateScope(
  env: Env,
  server: AuthorizationServer,
  id: string,
  input: ScopeInput,
): Promise<Scope> {
  const scope = await transact(env, async (env) => {
    const known = await getScope(env, server, id);
    if (known.name !== input.name) {
      if (known.system) throw invalid('name', 'name: The name of a system scope cannot be changed');
      refuseName(input.name);
    }
    if (known.system && input.default) throw invalid('default', 'default: A system scope cannot be a default scope');
    const scope = { ...known, ...input };
    await refusingTakenName(
      'authorization_server_id_name',
      env.db.updateTable('scopes').set(columnsOf(scope)).where('id', '=', id).execute(),
    );
    if (known.name !== scope.name) await deleteConsents(env, server, known.name);
    await recordChange(env, 'oauth2.scope.updated', 'OAuth2 scope is updated', server, scope);
    return scope;
  });
  forgetScopes(env);
  return scope;
}

/** Deletes a scope and what people consented to under its name: a later scope of that name must be asked for anew. */
export async function deleteScope(env: Env, server: AuthorizationServer, id: string): Promise<void> {
  await transact(env, async (env) => {
    const scope = await getScope(env, server, id);
    if (scope.system) throw invalid('scope', 'scope: A system scope cannot be deleted');
    await env.db.deleteFrom('scopes').where('id', '=', id).execute();
    await deleteConsents(env, server, scope.name);
    await recordChange(env, 'oauth2.scope.deleted', 'OAuth2 scope is deleted', server, scope);
  });
  forgetScopes(env);
}

/** The seven scopes that every custom server has. */
export async function insertSystemScopes(env: Env, server: Listed): Promise<void> {
  for (const { name, displayName, description } of systemScopes) {
    const rest = { metadataPublish: 'ALL_CLIENTS', consent: 'IMPLICIT', optional: false, default: false } as const;
    const id = newId(env, idPrefixes.scope);
    await insertScope(env, server, { id, name, displayName, description, system: true, ...rest });
  }
}

export async function deleteScopes(env: Env, serverId: string): Promise<void> {
  await env.db.deleteFrom('scopes').where('authorization_server_id', '=', serverId).execute();
}

/** What this process remembers of scopes is forgotten; call it after a change has committed. */
export function forgetScopes(env: Env): void {
  forget(env, 'scopes');
}

async function readScopes(env: Env, server: Listed): Promise<Scope[]> {
  const rows = await env.db
    .selectFrom('scopes')
    .selectAll()
    .where('authorization_server_id', '=', server.id)
    .orderBy('id')
    .execute();
  const place = ({ system, name }: Scope) =>
    system ? systemScopes.findIndex((scope) => scope.name === name) : systemScopes.length;
  return rows.map(toScope).sort((one, other) => place(one) - place(other));
}

/** The columns are written by this module alone, so their texts are of these types. */
function toScope(row: Row<'scopes'>): Scope {
  return {
    id: row.id,
    name: row.name,
    displayName: row.display_name,
    description: row.description,
    system: row.system === 1,
    metadataPublish: row.metadata_publish as Scope['metadataPublish'],
    consent: row.consent as Scope['consent'],
    optional: row.optional === 1,
    default: row.is_default === 1,
  };
}

function columnsOf(scope: Scope) {
  return {
    name: scope.name,
    display_name: scope.displayName,
    description: scope.description,
    metadata_publish: scope.metadataPublish,
    consent: scope.consent,
    optional: scope.optional ? 1 : 0,
    is_default: scope.default ? 1 : 0,
  };
}

async function insertScope(env: Env, server: Listed, scope: Scope): Promise<void> {
  const keys = { id: scope.id, authorization_server_id: server.id, system: scope.system ? 1 : 0 };
  await refusingTakenName(
    'authorization_server_id_name',
    env.db
      .insertInto('scopes')
      .values({ ...keys, ...columnsOf(scope) })
      .execute(),
  );
}

// RFC 6749 section 3.3 says which characters a scope may have; the rest keeps names apart from the org's own and from wildcards.
function refuseName(name: string): void {
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(name))
    throw invalid('name', 'name: A scope name consists of printable ASCII characters other than space, " and \\');
  if (/^okta[.:]/i.test(name) || name.toLowerCase() === 'okta' || name === '*')
    throw invalid('name', `name: '${name}' is a reserved name`);
  if (name.includes('<') && name.includes('>'))
    throw invalid('name', "name: A scope name cannot contain both '<' and '>'");
}

/** By id alone: the scope's name, and the server whose it is. */
export async function findScopePlace(env: Env, id: string): Promise<{ scope: string; serverId: string } | null> {
  const row = await env.db
    .selectFrom('scopes')
    .select(['name', 'authorization_server_id'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? { scope: row.name, serverId: row.authorization_server_id } : null;
}

async function deleteConsents(env: Env, server: Listed, scope: string): Promise<void> {
  await env.db
    .deleteFrom('consents')
    .where('authorization_server_id', '=', server.id)
    .where('scope', '=', scope)
    .execute();
}

function orgScope(name: string, displayName: string | null, description: string | null): Scope {
  const rest = { metadataPublish: 'ALL_CLIENTS', consent: 'IMPLICIT', optional: false, default: false } as const;
  return { id: name, name, displayName, description, system: true, ...rest };
}

async function recordChange(
  env: Env,
  eventType: string,
  displayMessage: string,
  server: AuthorizationServer,
  scope: Scope,
): Promise<void> {
  await record(env, {
    eventType,
    displayMessage,
    target: [
      { id: scope.id, type: 'OAuth2Scope', alternateId: scope.name, displayName: scope.displayName ?? scope.name },
      { id: server.id, type: 'AuthorizationServer', alternateId: server.name, displayName: server.name },
    ],
  });
}
