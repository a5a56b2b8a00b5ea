// Owns the access policies of authorization servers: for which clients each is, and in which order they are asked. A new server has
// none. Not here: their rules (policy-rules.ts) and the decision (access-policy.ts).
import { sql } from 'kysely';
import { idPrefixes, newId } from '../../base/id.ts';
import { toJson } from '../../storage/schema.ts';
import type { Row } from '../../storage/tables.ts';
import type { AuthorizationServer } from '../authorization-servers.ts';
import { forget } from '../brief-memory.ts';
import { type Env, transact } from '../env.ts';
import { notFound } from '../refusal.ts';
import { record } from '../system-log.ts';
import { insertCatchAllRule } from './policy-rules.ts';
import { holdParent, placed, writeOrder } from './priorities.ts';

export type AccessPolicy = {
  id: string;
  status: 'ACTIVE' | 'INACTIVE';
  name: string;
  description: string | null;
  /** 1 is asked first. */
  priority: number;
  system: boolean;
  /** Client ids, or ALL_CLIENTS alone or among them. */
  clients: string[];
  created: number;
  lastUpdated: number;
};

export type AccessPolicyInput = {
  name: string;
  description: string | null;
  clients: string[];
  /** Not given: it stays as it is; ACTIVE for a new policy. */
  status: AccessPolicy['status'] | undefined;
  /** Not given: it keeps its place; the last for a new policy. */
  priority: number | undefined;
};

export const ALL_CLIENTS = 'ALL_CLIENTS';

const TYPE = 'OAUTH_AUTHORIZATION_POLICY';

/** The policies of a server in the order in which they are asked. */
export async function listPolicies(env: Env, serverId: string): Promise<AccessPolicy[]> {
  return (await readPolicies(env, serverId)).map(toPolicy);
}

/** The ids of servers that have a policy which names this client, in the order of their making. */
export async function serversWithPolicyFor(env: Env, clientId: string): Promise<string[]> {
  // Narrows down what is read; which rows name the client says their content.
  const pattern = `%${JSON.stringify(clientId).replaceAll(/[\\%_]/g, '\\$&')}%`;
  const rows = await env.db
    .selectFrom('policies')
    .selectAll()
    .where('type', '=', TYPE)
    .where(sql<boolean>`cast(conditions as text) like ${pattern} escape '\\'`)
    .orderBy('authorization_server_id')
    .execute();
  const named = rows.filter((row) => toPolicy(row).clients.includes(clientId));
  return [...new Set(named.flatMap(({ authorization_server_id: id }) => (id === null ? [] : [id])))];
}

/** Throws E0000007. */
export async function getPolicy(env: Env, serverId: string, id: string): Promise<AccessPolicy> {
  const row = await env.db
    .selectFrom('policies')
    .selectAll()
    .where('id', '=', id)
    .where('authorization_server_id', '=', serverId)
    .where('type', '=', TYPE)
    .executeTakeFirst();
  if (!row) throw notFound(id, 'Policy');
  return toPolicy(row);
}

export async function createPolicy(
  env: Env,
  server: AuthorizationServer,
  input: AccessPolicyInput,
): Promise<AccessPolicy> {
  const policy = await transact(env, async (env) => {
    if (!(await holdParent(env, 'authorization_servers', server.id))) throw notFound(server.id, 'AuthorizationServer');
    const policy = await insertPolicy(env, server.id, input);
    await recordChange(env, 'policy.lifecycle.create', 'Create policy', policy);
    return policy;
  });
  forgetPolicies(env);
  return policy;
}

export async function updatePolicy(
  env: Env,
  server: AuthorizationServer,
  id: string,
  input: AccessPolicyInput,
): Promise<AccessPolicy> {
  return changed(env, server, id, 'policy.lifecycle.update', 'Update policy', (policy) => ({
    ...policy,
    name: input.name,
    description: input.description,
    clients: input.clients,
    status: input.status ?? policy.status,
    priority: input.priority ?? policy.priority,
  }));
}

export async function activatePolicy(env: Env, server: AuthorizationServer, id: string): Promise<void> {
  const activate = (policy: AccessPolicy): AccessPolicy => ({ ...policy, status: 'ACTIVE' });
  await changed(env, server, id, 'policy.lifecycle.activate', 'Activate policy', activate);
}

export async function deactivatePolicy(env: Env, server: AuthorizationServer, id: string): Promise<void> {
  const deactivate = (policy: AccessPolicy): AccessPolicy => ({ ...policy, status: 'INACTIVE' });
  await changed(env, server, id, 'policy.lifecycle.deactivate', 'Deactivate policy', deactivate);
}

/** Deletes a policy with its rules; those behind it move up. */
export async function deletePolicy(env: Env, server: AuthorizationServer, id: string): Promise<void> {
  await transact(env, async (env) => {
    await holdParent(env, 'authorization_servers', server.id);
    const policy = await getPolicy(env, server.id, id);
    // A rule that is being added comes first, or finds no policy.
    await holdParent(env, 'policies', id);
    await env.db.deleteFrom('policy_rules').where('policy_id', '=', id).execute();
    await env.db.deleteFrom('policies').where('id', '=', id).execute();
    const rest = await readPolicies(env, server.id);
    await writeOrder(env, 'policies', rest, idsOf(rest));
    await recordChange(env, 'policy.lifecycle.delete', 'Delete policy', policy);
  });
  forgetPolicies(env);
}

/** The policy that lets every client have everything: the default server starts with it. */
export async function insertDefaultPolicy(env: Env, serverId: string): Promise<void> {
  const input = { name: 'Default Policy', description: 'Default Policy', clients: [ALL_CLIENTS] };
  const policy = await insertPolicy(env, serverId, { ...input, status: 'ACTIVE', priority: undefined });
  await insertCatchAllRule(env, policy.id);
}

/** Deletes all policies of a server with their rules. */
export async function deletePolicies(env: Env, serverId: string): Promise<void> {
  await env.db
    .deleteFrom('policy_rules')
    .where('policy_id', 'in', (eb) =>
      eb.selectFrom('policies').select('id').where('authorization_server_id', '=', serverId),
    )
    .execute();
  await env.db.deleteFrom('policies').where('authorization_server_id', '=', serverId).execute();
}

/** What this process remembers of policies and rules is forgotten; call it after a change has committed. */
export function forgetPolicies(env: Env): void {
  forget(env, 'access-policies');
}

async function insertPolicy(env: Env, serverId: string, input: AccessPolicyInput): Promise<AccessPolicy> {
  const others = await readPolicies(env, serverId);
  const id = newId(env, idPrefixes.policy);
  const order = placed(idsOf(others), id, input.priority ?? null);
  const now = env.now();
  const policy: AccessPolicy = {
    id,
    status: input.status ?? 'ACTIVE',
    name: input.name,
    description: input.description,
    priority: order.indexOf(id) + 1,
    system: false,
    clients: input.clients,
    created: now,
    lastUpdated: now,
  };
  await env.db
    .insertInto('policies')
    .values({ id, authorization_server_id: serverId, type: TYPE, system: 0, created: now, ...columnsOf(policy) })
    .execute();
  await writeOrder(env, 'policies', others, order);
  return policy;
}

async function changed(
  env: Env,
  server: AuthorizationServer,
  id: string,
  eventType: string,
  displayMessage: string,
  change: (policy: AccessPolicy) => AccessPolicy,
): Promise<AccessPolicy> {
  const policy = await transact(env, async (env) => {
    await holdParent(env, 'authorization_servers', server.id);
    const wanted = { ...change(await getPolicy(env, server.id, id)), lastUpdated: env.now() };
    const all = await readPolicies(env, server.id);
    const order = placed(idsOf(all), id, wanted.priority);
    const policy = { ...wanted, priority: order.indexOf(id) + 1 };
    await env.db.updateTable('policies').set(columnsOf(policy)).where('id', '=', id).execute();
    await writeOrder(env, 'policies', all, order);
    await recordChange(env, eventType, displayMessage, policy);
    return policy;
  });
  forgetPolicies(env);
  return policy;
}

function readPolicies(env: Env, serverId: string): Promise<Row<'policies'>[]> {
  return env.db
    .selectFrom('policies')
    .selectAll()
    .where('authorization_server_id', '=', serverId)
    .where('type', '=', TYPE)
    .orderBy('priority')
    .orderBy('id')
    .execute();
}

function idsOf(rows: readonly { id: string }[]): string[] {
  return rows.map(({ id }) => id);
}

/** The columns are written by this module alone, so their contents are of these types. */
function toPolicy(row: Row<'policies'>): AccessPolicy {
  const { clients } = row.conditions as { clients: { include: string[] } };
  return {
    id: row.id,
    status: row.status as AccessPolicy['status'],
    name: row.name,
    description: row.description,
    priority: row.priority,
    system: row.system === 1,
    clients: clients.include,
    created: row.created,
    lastUpdated: row.last_updated,
  };
}

function columnsOf(policy: AccessPolicy) {
  return {
    status: policy.status,
    name: policy.name,
    description: policy.description,
    priority: policy.priority,
    conditions: toJson({ clients: { include: policy.clients } }),
    last_updated: policy.lastUpdated,
  };
}

async function recordChange(
  env: Env,
  eventType: string,
  displayMessage: string,
  { id, name }: AccessPolicy,
): Promise<void> {
  await record(env, {
    eventType,
    displayMessage,
    target: [{ id, type: 'PolicyEntity', alternateId: name, displayName: name, detailEntry: { policyType: TYPE } }],
  });
}
