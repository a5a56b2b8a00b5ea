// Owns the org-wide policies that are the system's own, at least one of each type, with their rule: they exist from the first start, and a
// database of an older version gets those it lacks. Administration may change what they set but not delete them.
// Not here: what each says (org-policy-types.ts) and what reads them.
import { newId } from '../../base/id.ts';
import { toJson } from '../../storage/schema.ts';
import { type Env, transact } from '../env.ts';
import { ensureEveryone } from '../groups.ts';
import {
  CATCH_ALL_PRIORITY,
  type OrgPolicyType,
  orgPolicyTypes,
  policyKinds,
  type SystemPolicy,
} from './org-policy-types.ts';

type Wanted = { type: OrgPolicyType; system: SystemPolicy };

/** Makes the policies of the system that are missing; of several processes that start at once one does. */
export async function ensureDefaultPolicies(env: Env): Promise<void> {
  if ((await missing(env)).length === 0) return;
  await transact(env, async (env) => {
    const everyone = await ensureEveryone(env);
    // An update that changes nothing is a lock on both kinds of database.
    await env.db
      .updateTable('org')
      .set((eb) => ({ last_updated: eb.ref('last_updated') }))
      .execute();
    for (const wanted of await missing(env)) await insertDefaultPolicy(env, wanted, everyone.id);
  });
}

async function missing(env: Env): Promise<Wanted[]> {
  const rows = await env.db
    .selectFrom('policies')
    .select(['type', 'name'])
    .where('system', '=', 1)
    .where('type', 'in', [...orgPolicyTypes])
    .execute();
  const isThere = ({ type, system }: Wanted) => rows.some((row) => row.type === type && row.name === system.name);
  return orgPolicyTypes
    .flatMap((type) =>
      [policyKinds[type].system, ...(policyKinds[type].further ?? [])].map((system) => ({ type, system })),
    )
    .filter((wanted) => !isThere(wanted));
}

async function insertDefaultPolicy(env: Env, { type, system }: Wanted, everyoneId: string): Promise<void> {
  const kind = policyKinds[type];
  const { name, description, rule } = system;
  const conditions = kind.conditions(everyoneId, system.conditions ?? null);
  const settings = kind.settings(system.settings ?? null);
  const common = { status: 'ACTIVE', system: 1, created: env.now(), last_updated: env.now() };
  const policyId = newId(env, kind.policyPrefix);
  const others = await env.db.selectFrom('policies').select('id').where('type', '=', type).execute();
  await env.db
    .insertInto('policies')
    .values({
      ...common,
      id: policyId,
      authorization_server_id: null,
      type,
      name,
      description,
      priority: kind.ruleOrder === 'dense' ? others.length + 1 : 1,
      conditions: conditions === null ? null : toJson<unknown>(conditions),
      settings: settings === null ? null : toJson<unknown>(settings),
    })
    .execute();
  await env.db
    .insertInto('policy_rules')
    .values({
      ...common,
      id: newId(env, kind.rulePrefix),
      policy_id: policyId,
      type: kind.ruleType,
      name: rule.name,
      priority: kind.ruleOrder === 'dense' ? 1 : CATCH_ALL_PRIORITY,
      conditions: rule.conditions === null ? null : toJson<unknown>(rule.conditions),
      actions: toJson<unknown>(rule.actions),
    })
    .execute();
}
