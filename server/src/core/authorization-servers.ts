// Owns authorization servers: the org server, which has no row and cannot be changed, `default`, and the custom ones; their life from
// creation to deletion. Not here: their scopes, claims, policies and keys, each a module of its own, and their public names (issuers.ts).
import { idPrefixes, newId } from '../base/id.ts';
import type { KeyPair, SignatureAlgorithm } from '../base/key-pair.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { forget, remembered } from './brief-memory.ts';
import { deleteClaims, forgetClaims, insertSystemClaims } from './claims.ts';
import { deleteGrants } from './delete-grants.ts';
import { type Env, transact } from './env.ts';
import { forgetConsents } from './given-consents.ts';
import type { IssuerMode } from './issuers.ts';
import { deletePolicies, forgetPolicies, insertDefaultPolicy } from './policies/policies.ts';
import { invalid, notFound } from './refusal.ts';
import { deleteScopes, forgetScopes, insertSystemScopes } from './scopes.ts';
import {
  DEFAULT_ALGORITHM,
  deleteKeys,
  ensureKeys,
  forgetKeys,
  insertKeys,
  ORG_OWNER,
  replaceKeys,
  takeKeyPairs,
} from './signing-keys.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

/** Whose word holds where Okta's recorded behaviour and the specification contradict each other (docs/conformance.md). */
export type Conformance = (typeof conformances)[number];
export const conformances = ['OKTA', 'STRICT'] as const;

export type AuthorizationServer = {
  /** `org` for the org server. */
  id: string;
  kind: 'org' | 'custom';
  /** How paths name it: `default` for the default server, its id for another; null for the org server, whose paths name none. */
  pathId: string | null;
  name: string;
  description: string | null;
  /** The aud of its access tokens. */
  audience: string;
  issuerMode: IssuerMode;
  status: 'ACTIVE' | 'INACTIVE';
  rotationMode: 'AUTO' | 'MANUAL';
  signingAlg: SignatureAlgorithm;
  conformance: Conformance;
  isDefault: boolean;
  created: number;
  lastUpdated: number;
  lastRotated: number;
};

export type AuthorizationServerInput = {
  name: string;
  description: string | null;
  audience: string;
  /** Not given: as it is, or by the settings for a new server. */
  issuerMode: IssuerMode | undefined;
  rotationMode: AuthorizationServer['rotationMode'] | undefined;
  signingAlg?: SignatureAlgorithm | undefined;
  conformance?: Conformance | undefined;
};

const DEFAULT = 'default';

/** The org server: issuer without a path, no scopes, claims or policies of its own, access tokens for this org's API alone. */
export function orgAuthorizationServer(env: Env): AuthorizationServer {
  return {
    id: ORG_OWNER,
    kind: 'org',
    pathId: null,
    name: 'Org authorization server',
    description: null,
    audience: env.config.url,
    issuerMode: 'ORG_URL',
    status: 'ACTIVE',
    rotationMode: 'AUTO',
    signingAlg: DEFAULT_ALGORITHM,
    conformance: 'OKTA',
    isDefault: false,
    created: 0,
    lastUpdated: 0,
    lastRotated: 0,
  };
}

/** The custom server of this id, or the default one for `default`, ACTIVE or not; null: there is none. May be two seconds old. */
export function findAuthorizationServer(env: Env, idOrDefault: string): Promise<AuthorizationServer | null> {
  return remembered(env, 'authorization-servers', idOrDefault, () => readServer(env, idOrDefault));
}

/** As findAuthorizationServer, as the database has it now. Throws E0000007. */
export async function getAuthorizationServer(env: Env, idOrDefault: string): Promise<AuthorizationServer> {
  const server = await readServer(env, idOrDefault);
  if (!server) throw notFound(idOrDefault, 'AuthorizationServer');
  return server;
}

/** Custom servers in the order of their making, from behind `after`; `q`: those whose name or audience contains it. */
export async function listAuthorizationServers(
  env: Env,
  { q, after, limit }: { q: string | null; after: string | null; limit: number },
): Promise<AuthorizationServer[]> {
  let query = env.db.selectFrom('authorization_servers').selectAll().orderBy('id');
  if (after !== null) query = query.where('id', '>', after);
  if (q === null) return (await query.limit(limit).execute()).map(toServer);
  const wanted = q.toLowerCase();
  const servers = (await query.execute()).map(toServer);
  return servers
    .filter(({ name, audience }) => name.toLowerCase().includes(wanted) || audience.toLowerCase().includes(wanted))
    .slice(0, limit);
}

/** A new server with its system scopes, system claims and keys, and no policy: it issues nothing until somebody allows it. */
export async function createAuthorizationServer(
  env: Env,
  input: AuthorizationServerInput,
): Promise<AuthorizationServer> {
  refuseIssuerMode(env, input.issuerMode);
  const now = env.now();
  const server = toServer({
    id: newId(env, idPrefixes.authorizationServer),
    name: input.name,
    description: input.description,
    audiences: [input.audience],
    issuer_mode: input.issuerMode ?? (env.config.domains.length > 0 ? 'DYNAMIC' : 'ORG_URL'),
    status: 'ACTIVE',
    rotation_mode: input.rotationMode ?? 'AUTO',
    signing_alg: input.signingAlg ?? DEFAULT_ALGORITHM,
    conformance: input.conformance ?? 'OKTA',
    is_default: 0,
    created: now,
    last_updated: now,
    last_rotated: now,
  });
  const pairs = await takeKeyPairs(env, 2, server.signingAlg);
  await transact(env, async (env) => {
    await refusingTakenName('_name', env.db.insertInto('authorization_servers').values(columnsOf(server)).execute());
    await furnish(env, server, pairs);
  });
  forgetServers(env);
  return server;
}

/** Replaces what an administrator may change. Issuer mode and rotation mode stay as they are when they are not given. */
export async function updateAuthorizationServer(
  env: Env,
  idOrDefault: string,
  input: AuthorizationServerInput,
): Promise<AuthorizationServer> {
  refuseIssuerMode(env, input.issuerMode);
  const { signingAlg } = input;
  const isOther =
    signingAlg !== undefined && (await getAuthorizationServer(env, idOrDefault)).signingAlg !== signingAlg;
  const pairs = isOther ? await takeKeyPairs(env, 2, signingAlg) : [];
  const server = await transact(env, async (env) => {
    const updated = await changed(
      env,
      idOrDefault,
      'oauth2.as.updated',
      'OAuth2 authorization server is updated',
      (server) => ({
        ...server,
        name: input.name,
        description: input.description,
        audience: input.audience,
        issuerMode: input.issuerMode ?? server.issuerMode,
        rotationMode: input.rotationMode ?? server.rotationMode,
        conformance: input.conformance ?? server.conformance,
        ...(isOther ? { signingAlg, lastRotated: env.now() } : {}),
      }),
    );
    if (isOther) await replaceKeys(env, { owner: updated.id, purpose: 'sig' }, pairs);
    return updated;
  });
  forgetServers(env);
  return server;
}

export async function activateAuthorizationServer(env: Env, idOrDefault: string): Promise<void> {
  await changed(env, idOrDefault, 'oauth2.as.activated', 'OAuth2 authorization server is activated', (server) => ({
    ...server,
    status: 'ACTIVE',
  }));
}

/** An INACTIVE server issues nothing, and what it issued is good for nothing. */
export async function deactivateAuthorizationServer(env: Env, idOrDefault: string): Promise<void> {
  await transact(env, async (env) => {
    const change = (server: AuthorizationServer) => ({ ...server, status: 'INACTIVE' as const });
    const event = ['oauth2.as.deactivated', 'OAuth2 authorization server is deactivated'] as const;
    const { id } = await changed(env, idOrDefault, ...event, change);
    await forgetConsents(env, { serverId: id });
  });
  forgetServers(env);
}

/** Deletes an INACTIVE server and everything that exists because of it. The default server stays. */
export async function deleteAuthorizationServer(env: Env, idOrDefault: string): Promise<void> {
  await transact(env, async (env) => {
    const server = await lockServer(env, idOrDefault);
    if (server.isDefault)
      throw invalid('authorizationServer', 'id: The default authorization server cannot be deleted');
    if (server.status === 'ACTIVE')
      throw invalid(
        'authorizationServer',
        'status: An authorization server must be deactivated before it can be deleted',
      );
    await deleteGrants(env, 'authorization_server_id', server.id);
    await forgetTrust(env, server.id);
    await deletePolicies(env, server.id);
    await deleteClaims(env, server.id);
    await deleteScopes(env, server.id);
    await deleteKeys(env, server.id);
    await env.db.deleteFrom('authorization_servers').where('id', '=', server.id).execute();
    await recordServerChange(env, 'oauth2.as.deleted', 'OAuth2 authorization server is deleted', server);
  });
  forgetServers(env);
}

/**
 * What an org has from its first start on: the org server's keys, and the server `default`, which lets every client have every
 * scope of everybody assigned. Safe to call again, and from many processes at once. Not for use inside a transaction.
 */
export async function ensureDefaultServers(env: Env): Promise<void> {
  await ensureKeys(env, { owner: ORG_OWNER, purpose: 'sig' });
  await ensureKeys(env, { owner: ORG_OWNER, purpose: 'org-access-token' });
  if (await readServer(env, DEFAULT)) return;
  const pairs = await takeKeyPairs(env, 2);
  await transact(env, async (env) => {
    const now = env.now();
    const server = toServer({
      id: newId(env, idPrefixes.authorizationServer),
      name: DEFAULT,
      description: 'Default Authorization Server for your Applications',
      audiences: ['api://default'],
      // Without registered domains this is the org's URL; with some, clients of each see theirs.
      issuer_mode: 'DYNAMIC',
      status: 'ACTIVE',
      rotation_mode: 'AUTO',
      signing_alg: DEFAULT_ALGORITHM,
      conformance: 'OKTA',
      is_default: 1,
      created: now,
      last_updated: now,
      last_rotated: now,
    });
    // Another process may have been first: its server stands.
    const inserted = await env.db
      .insertInto('authorization_servers')
      .values(columnsOf(server))
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!inserted) return;
    await furnish(env, server, pairs);
    await insertDefaultPolicy(env, server.id);
  });
  forgetServers(env);
}

/** Holds the server's row until the transaction ends, so that changes of what belongs to it come one after another. */
export async function lockServer(env: Env, idOrDefault: string): Promise<AuthorizationServer> {
  // An update that changes nothing is a lock on both kinds of database.
  const update = env.db.updateTable('authorization_servers').set((eb) => ({ name: eb.ref('name') }));
  const row = await (idOrDefault === DEFAULT
    ? update.where('is_default', '=', 1)
    : update.where('id', '=', idOrDefault)
  )
    .returningAll()
    .executeTakeFirst();
  if (!row) throw notFound(idOrDefault, 'AuthorizationServer');
  return toServer(row);
}

async function changed(
  env: Env,
  idOrDefault: string,
  eventType: string,
  displayMessage: string,
  change: (server: AuthorizationServer) => AuthorizationServer,
): Promise<AuthorizationServer> {
  const server = await transact(env, async (env) => {
    const server = { ...change(await lockServer(env, idOrDefault)), lastUpdated: env.now() };
    await refusingTakenName(
      '_name',
      env.db.updateTable('authorization_servers').set(columnsOf(server)).where('id', '=', server.id).execute(),
    );
    await recordServerChange(env, eventType, displayMessage, server);
    return server;
  });
  forgetServers(env);
  return server;
}

async function readServer(env: Env, idOrDefault: string): Promise<AuthorizationServer | null> {
  const query = env.db.selectFrom('authorization_servers').selectAll();
  const row = await (idOrDefault === DEFAULT ? query.where('is_default', '=', 1) : query.where('id', '=', idOrDefault))
    .limit(1)
    .executeTakeFirst();
  return row ? toServer(row) : null;
}

/** What every custom server starts with. */
async function furnish(env: Env, server: AuthorizationServer, pairs: readonly KeyPair[]): Promise<void> {
  await insertSystemScopes(env, server);
  await insertSystemClaims(env, server);
  await insertKeys(env, { owner: server.id, purpose: 'sig' }, pairs);
  await recordServerChange(env, 'oauth2.as.created', 'OAuth2 authorization server is created', server);
}

/** Its trust in other servers, and theirs in it. */
async function forgetTrust({ db }: Env, serverId: string): Promise<void> {
  for (const column of ['authorization_server_id', 'trusted_server_id'] as const)
    await db.deleteFrom('trusted_servers').where(column, '=', serverId).execute();
}

/** The columns are written by this module alone, so their texts are of these types. */
function toServer(row: Row<'authorization_servers'>): AuthorizationServer {
  const isDefault = row.is_default === 1;
  return {
    id: row.id,
    kind: 'custom',
    pathId: isDefault ? DEFAULT : row.id,
    name: row.name,
    description: row.description,
    audience: row.audiences[0] ?? '',
    issuerMode: row.issuer_mode as IssuerMode,
    status: row.status as AuthorizationServer['status'],
    rotationMode: row.rotation_mode as AuthorizationServer['rotationMode'],
    signingAlg: row.signing_alg as SignatureAlgorithm,
    conformance: row.conformance as Conformance,
    isDefault,
    created: row.created,
    lastUpdated: row.last_updated,
    lastRotated: row.last_rotated,
  };
}

function columnsOf(server: AuthorizationServer) {
  return {
    id: server.id,
    name: server.name,
    description: server.description,
    audiences: toJson([server.audience]),
    issuer_mode: server.issuerMode,
    status: server.status,
    rotation_mode: server.rotationMode,
    signing_alg: server.signingAlg,
    conformance: server.conformance,
    is_default: server.isDefault ? 1 : 0,
    created: server.created,
    last_updated: server.lastUpdated,
    last_rotated: server.lastRotated,
  };
}

function refuseIssuerMode(env: Env, mode: IssuerMode | undefined): void {
  if (mode === 'CUSTOM_URL' && env.config.domains.length === 0)
    throw invalid('issuerMode', 'issuerMode: CUSTOM_URL needs a custom domain, and this organization has none');
}

/** What this process remembers of servers and what belongs to them is forgotten. */
export function forgetServers(env: Env): void {
  forget(env, 'authorization-servers');
  forgetScopes(env);
  forgetClaims(env);
  forgetPolicies(env);
  forgetKeys(env);
}

export async function recordServerChange(
  env: Env,
  eventType: string,
  displayMessage: string,
  { id, name }: AuthorizationServer,
): Promise<void> {
  await record(env, {
    eventType,
    displayMessage,
    target: [{ id, type: 'AuthorizationServer', alternateId: name, displayName: name }],
  });
}
