// Owns the org's policies of every type but those of authorization servers (policies.ts): for whom each is, in which order they are
// asked, and what they set. Not here: their rules (org-policy-rules.ts), the types (org-policy-types.ts), and what follows from them.
import { newId } from '../../base/id.ts';
import { toJson } from '../../storage/schema.ts';
import type { Row } from '../../storage/tables.ts';
import type { Env } from '../env.ts';
import { findGroup } from '../groups.ts';
import { alreadyExists, invalid, notFound, Refusal } from '../refusal.ts';
import { type LogTarget, record } from '../system-log.ts';
import { CATCH_ALL, CATCH_ALL_PRIORITY, type OrgPolicyType, orgPolicyTypes, policyKinds } from './org-policy-types.ts';
import { isObject, type Json, listAt } from './policy-defaults.ts';
import { refusePasswordSettings } from './policy-limits.ts';
import { changingPolicies } from './policy-memory.ts';
import { holdParent, placed, writeOrder } from './priorities.ts';

export type OrgPolicy = Omit<Row<'policies'>, 'type' | 'status' | 'conditions' | 'settings'> & {
  type: OrgPolicyType;
  status: 'ACTIVE' | 'INACTIVE';
  conditions: Json | null;
  settings: Json | null;
};

export type OrgPolicyInput = {
  name: string;
  description: string | null;
  /** Not given: it keeps its place; the last before the system's for a new policy. */
  priority: number | undefined;
  conditions: Json | null;
  settings: Json | null;
};

export function isOrgPolicyType(type: string): type is OrgPolicyType {
  return (orgPolicyTypes as readonly string[]).includes(type);
}

/** In the order in which they are asked, the system's last. */
export async function listOrgPolicies(env: Env, type: OrgPolicyType): Promise<OrgPolicy[]> {
  const rows = await env.db
    .selectFrom('policies')
    .selectAll()
    .where('type', '=', type)
    .orderBy('system')
    .orderBy('priority')
    .orderBy('id')
    .execute();
  return rows.map(toPolicy);
}

/** Throws E0000007, also for a policy of an authorization server. */
export async function getOrgPolicy(env: Env, id: string): Promise<OrgPolicy> {
  const row = await env.db
    .selectFrom('policies')
    .selectAll()
    .where('id', '=', id)
    .where('authorization_server_id', 'is', null)
    .executeTakeFirst();
  if (!row) throw notFound(id, 'Policy');
  return toPolicy(row);
}

export async function createOrgPolicy(
  env: Env,
  type: OrgPolicyType,
  input: OrgPolicyInput,
  status: OrgPolicy['status'],
): Promise<OrgPolicy> {
  const kind = policyKinds[type];
  if (kind.making === 'rules')
    throw new Refusal('E0000006', '', [`There is one policy of the type ${type}: the system's`]);
  return changingPolicies(env, async (env) => {
    const others = await holdType(env, type);
    refuseTakenName(others, input.name, null);
    const described = await describe(env, type, input);
    const id = newId(env, kind.policyPrefix);
    const now = env.now();
    const fixed = { id, authorization_server_id: null, type, system: 0, status, created: now, last_updated: now };
    const order = orderOf(type, others, id, input.priority ?? null);
    const policy: OrgPolicy = { ...fixed, ...described, priority: order ? order.indexOf(id) + 1 : 1 };
    await env.db.insertInto('policies').values(toColumns(policy)).execute();
    if (order) await writeOrder(env, 'policies', others, order);
    if (kind.catchAll !== null) await insertCatchAll(env, policy, kind.catchAll);
    await recordChange(env, policy, 'create', 'Create policy');
    return policy;
  });
}

/** Replaces what may change: of the system's own policies that is their settings. */
export function replaceOrgPolicy(
  env: Env,
  id: string,
  type: string | undefined,
  input: OrgPolicyInput,
): Promise<OrgPolicy> {
  return changed(env, id, 'update', 'Update policy', async (env, policy, others) => {
    if (type !== undefined && type !== policy.type)
      throw invalid('type', 'type: The type of a policy cannot be changed');
    if (policy.system === 1) {
      const { settings } = await describe(env, policy.type, { ...input, conditions: policy.conditions });
      return { policy: { ...policy, settings }, order: null };
    }
    refuseTakenName(others, input.name, id);
    const described = await describe(env, policy.type, input);
    const order = orderOf(policy.type, others, id, input.priority ?? policy.priority);
    return { policy: { ...policy, ...described, priority: order ? order.indexOf(id) + 1 : policy.priority }, order };
  });
}

/** Throws E0000006 for a policy of the system: it is always active. */
export function setOrgPolicyStatus(env: Env, id: string, status: OrgPolicy['status']): Promise<OrgPolicy> {
  const [what, message] =
    status === 'ACTIVE' ? (['activate', 'Activate policy'] as const) : (['deactivate', 'Deactivate policy'] as const);
  return changed(env, id, what, message, async (_env, policy) => {
    if (policy.system === 1 && status !== 'ACTIVE') throw new Refusal('E0000006', '', ['This policy is always active']);
    return { policy: { ...policy, status }, order: null };
  });
}

/** Deletes a policy with its rules. Throws E0000006 for the system's, and while it is assigned to an application. */
export async function deleteOrgPolicy(env: Env, id: string): Promise<void> {
  await changingPolicies(env, async (env) => {
    const { type } = await getOrgPolicy(env, id);
    const all = await holdType(env, type);
    const policy = all.find((one) => one.id === id);
    if (!policy) throw notFound(id, 'Policy');
    if (policy.system === 1) throw new Refusal('E0000006', '', ['The default policy cannot be deleted']);
    if ((await applicationsUnder(env, policy)).length > 0)
      throw new Refusal('E0000006', '', ['The policy is assigned to applications']);
    await holdParent(env, 'policies', id);
    await env.db.deleteFrom('policy_rules').where('policy_id', '=', id).execute();
    await env.db.deleteFrom('policies').where('id', '=', id).execute();
    if (policyKinds[type].ruleOrder === 'dense') {
      const rest = all.filter((one) => one.id !== id);
      await writeOrder(env, 'policies', rest, idsOf(rest));
    }
    await recordChange(env, policy, 'delete', 'Delete policy');
  });
}

/** A copy of a policy with its rules, under another name. */
export async function cloneOrgPolicy(env: Env, id: string): Promise<OrgPolicy> {
  return changingPolicies(env, async (env) => {
    const original = await getOrgPolicy(env, id);
    if (original.type !== 'ACCESS_POLICY')
      throw invalid('type', 'type: Only policies of the type ACCESS_POLICY can be cloned');
    const others = await holdType(env, original.type);
    const now = env.now();
    const copy: OrgPolicy = {
      ...original,
      id: newId(env, policyKinds[original.type].policyPrefix),
      name: freeName(others, `[cloned] ${original.name}`),
      system: 0,
      status: 'ACTIVE',
      created: now,
      last_updated: now,
    };
    await env.db.insertInto('policies').values(toColumns(copy)).execute();
    const rules = await env.db.selectFrom('policy_rules').selectAll().where('policy_id', '=', id).execute();
    for (const rule of rules) {
      const written = {
        ...rule,
        id: newId(env, policyKinds[original.type].rulePrefix),
        policy_id: copy.id,
        conditions: rule.conditions === null ? null : toJson<unknown>(rule.conditions),
        actions: toJson<unknown>(rule.actions),
        created: now,
        last_updated: now,
      };
      await env.db.insertInto('policy_rules').values(written).execute();
    }
    await recordChange(env, copy, 'create', 'Create policy');
    return copy;
  });
}

/** The applications that an access policy is assigned to; those that none is assigned to are under the system's. */
export async function applicationsUnder(env: Env, policy: OrgPolicy): Promise<string[]> {
  if (policy.type !== 'ACCESS_POLICY') return [];
  const rows = await env.db.selectFrom('applications').select(['id', 'settings']).orderBy('id').execute();
  const isUnder = (assigned: unknown) => assigned === policy.id || (!assigned && policy.system === 1);
  return rows.filter(({ settings }) => isUnder(settings.accessPolicyId)).map(({ id }) => id);
}

/** Whom policies are asked for: somebody, or who will be in these groups. */
export type PolicySubject = { userId: string } | { groupIds: readonly string[] };

/** The active policies of a type that are for somebody, in the order in which they are asked; the system's is for everybody. */
export async function policiesFor(env: Env, type: OrgPolicyType, subject: PolicySubject): Promise<OrgPolicy[]> {
  const policies = (await listOrgPolicies(env, type)).filter(({ status }) => status === 'ACTIVE');
  const named = policies
    .filter(({ system }) => system === 0)
    .map(({ conditions }) => groupsOf(conditions))
    .flatMap(({ include, exclude }) => [...include, ...exclude]);
  const memberships = new Set(await membershipsIn(env, [...new Set(named)], subject));
  return policies.filter(({ system, conditions }) => {
    // Nobody's password is kept by a directory here.
    if (isObject(conditions?.authProvider) && conditions.authProvider.provider !== 'OKTA') return false;
    if (system === 1) return true;
    const { include, exclude } = groupsOf(conditions);
    return include.some((id) => memberships.has(id)) && !exclude.some((id) => memberships.has(id));
  });
}

async function membershipsIn(env: Env, groupIds: string[], subject: PolicySubject): Promise<readonly string[]> {
  if (groupIds.length === 0 || 'groupIds' in subject) return 'groupIds' in subject ? subject.groupIds : [];
  const rows = await env.db
    .selectFrom('group_memberships')
    .select('group_id')
    .where('user_id', '=', subject.userId)
    .where('group_id', 'in', groupIds)
    .execute();
  return rows.map(({ group_id }) => group_id);
}

function groupsOf(conditions: Json | null): { include: string[]; exclude: string[] } {
  const list = (name: string) => listAt(conditions, 'people', 'groups', name);
  return { include: list('include'), exclude: list('exclude') };
}

export function policyTarget({ id, name, type }: OrgPolicy): LogTarget {
  return { id, type: 'PolicyEntity', alternateId: name, displayName: name, detailEntry: { policyType: type } };
}

async function changed(
  env: Env,
  id: string,
  what: string,
  message: string,
  change: (env: Env, policy: OrgPolicy, others: OrgPolicy[]) => Promise<{ policy: OrgPolicy; order: string[] | null }>,
): Promise<OrgPolicy> {
  return changingPolicies(env, async (env) => {
    const { type } = await getOrgPolicy(env, id);
    const all = await holdType(env, type);
    const held = all.find((one) => one.id === id);
    if (!held) throw notFound(id, 'Policy');
    const { policy: wanted, order } = await change(env, held, all);
    const policy = { ...wanted, last_updated: env.now() };
    await env.db.updateTable('policies').set(toColumns(policy)).where('id', '=', id).execute();
    if (order) await writeOrder(env, 'policies', all, order);
    await recordChange(env, policy, what, message);
    return policy;
  });
}

/** The policies of a type, held by the system's own until the transaction ends: two changes never see the same order. */
async function holdType(env: Env, type: OrgPolicyType): Promise<OrgPolicy[]> {
  const own = await env.db
    .selectFrom('policies')
    .select('id')
    .where('type', '=', type)
    .where('system', '=', 1)
    .orderBy('id')
    .executeTakeFirst();
  if (own) await holdParent(env, 'policies', own.id);
  return listOrgPolicies(env, type);
}

/** Null where priorities mean nothing. The system's policy stays the last. */
function orderOf(type: OrgPolicyType, policies: OrgPolicy[], id: string, priority: number | null): string[] | null {
  if (policyKinds[type].ruleOrder !== 'dense') return null;
  const own = policies.filter(({ system }) => system === 1).map((policy) => policy.id);
  const others = policies.filter(({ system }) => system === 0).map((policy) => policy.id);
  return [...placed(others, id, priority), ...own];
}

async function describe(env: Env, type: OrgPolicyType, input: OrgPolicyInput) {
  const kind = policyKinds[type];
  const everyone = await env.db
    .selectFrom('groups')
    .select('id')
    .where('type', '=', 'BUILT_IN')
    .orderBy('id')
    .executeTakeFirstOrThrow();
  const conditions = kind.conditions(everyone.id, input.conditions);
  for (const id of listAt(conditions, 'people', 'groups', 'include'))
    if (!(await findGroup(env, id))) throw invalid('conditions', `conditions: There is no group ${id}`);
  const settings = kind.settings(input.settings);
  if (type === 'PASSWORD') refusePasswordSettings(settings);
  return { name: input.name, description: input.description, conditions, settings };
}

function refuseTakenName(policies: OrgPolicy[], name: string, id: string | null): void {
  if (policies.some((policy) => policy.id !== id && policy.name === name)) throw alreadyExists('name', 'name');
}

function freeName(policies: OrgPolicy[], name: string): string {
  const taken = new Set(policies.map((policy) => policy.name));
  for (let number = 1; ; number++) {
    const tried = number === 1 ? name : `${name} ${number}`;
    if (!taken.has(tried)) return tried;
  }
}

async function insertCatchAll(env: Env, { id, type }: OrgPolicy, actions: Json): Promise<void> {
  const kind = policyKinds[type];
  const now = env.now();
  await env.db
    .insertInto('policy_rules')
    .values({
      id: newId(env, kind.rulePrefix),
      policy_id: id,
      type: kind.ruleType,
      name: CATCH_ALL,
      status: 'ACTIVE',
      priority: CATCH_ALL_PRIORITY,
      system: 1,
      conditions: null,
      actions: toJson<unknown>(actions),
      created: now,
      last_updated: now,
    })
    .execute();
}

function idsOf(policies: readonly { id: string }[]): string[] {
  return policies.map(({ id }) => id);
}

/** The columns are written by this module alone, so their contents are of these types. */
function toPolicy(row: Row<'policies'>): OrgPolicy {
  return row as OrgPolicy;
}

function toColumns(policy: OrgPolicy) {
  const { conditions, settings } = policy;
  return {
    ...policy,
    conditions: conditions === null ? null : toJson<unknown>(conditions),
    settings: settings === null ? null : toJson<unknown>(settings),
  };
}

async function recordChange(env: Env, policy: OrgPolicy, what: string, displayMessage: string): Promise<void> {
  await record(env, { eventType: `policy.lifecycle.${what}`, displayMessage, target: [policyTarget(policy)] });
}
