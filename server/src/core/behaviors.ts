// Owns behaviors: what an administrator calls unusual about a sign-in, and whether a person's sign-in shows it. New addresses are
// noticed, by those of the last sign-ins (users.ts notes them). This server knows neither places nor devices, so that behaviors of
// those kinds are kept and never shown. Not here: what a policy does about it (policies/session-policy.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { type Env, transact } from './env.ts';
import { listAt } from './policies/policy-defaults.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export const behaviorTypes = ['ANOMALOUS_DEVICE', 'ANOMALOUS_IP', 'ANOMALOUS_LOCATION', 'VELOCITY'] as const;
export type BehaviorType = (typeof behaviorTypes)[number];
export type Behavior = Omit<Row<'behaviors'>, 'type'> & { type: BehaviorType };
export type BehaviorSettings = Record<string, string | number>;
export type BehaviorInput = {
  name: string;
  type: BehaviorType;
  /** As given; which a type has, and what they are otherwise, is said here. */
  settings: Readonly<Record<string, unknown>>;
};

const GRANULARITIES = ['LAT_LONG', 'CITY', 'COUNTRY', 'SUBDIVISION'];
const MOST_EVENTS = 100;

/** Oldest first, after the one with this id. */
export async function listBehaviors(
  env: Env,
  { after, limit }: { after: string | null; limit: number },
): Promise<Behavior[]> {
  let select = env.db.selectFrom('behaviors').selectAll().orderBy('id').limit(limit);
  if (after !== null) select = select.where('id', '>', after);
  return (await select.execute()).map(toBehavior);
}

/** Throws E0000007. */
export async function getBehavior(env: Env, id: string): Promise<Behavior> {
  const row = await env.db.selectFrom('behaviors').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'BehaviorDetectionRule');
  return toBehavior(row);
}

export async function createBehavior(env: Env, input: BehaviorInput, status: 'ACTIVE' | 'INACTIVE'): Promise<Behavior> {
  const now = env.now();
  const row: Behavior = {
    id: newId(env, idPrefixes.behavior),
    ...columnsOf(input),
    type: input.type,
    status,
    created: now,
    last_updated: now,
  };
  return refusingTakenName(
    'name_key',
    transact(env, async (env) => {
      await env.db
        .insertInto('behaviors')
        .values({ ...row, settings: toJson(row.settings) })
        .execute();
      await recordChange(env, row, 'create', 'Create behavior detection rule');
      return row;
    }),
  );
}

/** Replaces name and settings; the type stays, and the status, which has operations of its own. */
export async function replaceBehavior(env: Env, id: string, input: BehaviorInput): Promise<Behavior> {
  const change = (env: Env) =>
    changed(env, id, 'update', 'Update behavior detection rule', (behavior) => {
      if (behavior.type !== input.type) throw invalid('type', 'type: The type of a behavior cannot be changed');
      return columnsOf(input);
    });
  return refusingTakenName('name_key', change(env));
}

export function setBehaviorStatus(env: Env, id: string, status: 'ACTIVE' | 'INACTIVE'): Promise<Behavior> {
  const [what, message] =
    status === 'ACTIVE'
      ? (['activate', 'Activate behavior detection rule'] as const)
      : (['deactivate', 'Deactivate behavior detection rule'] as const);
  return changed(env, id, what, message, () => ({ status }));
}

/** Deletes a behavior that no rule asks for: a rule that asks for nothing known would never be met again. */
export async function deleteBehavior(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const behavior = await holdBehavior(env, id);
    const rules = await env.db
      .selectFrom('policy_rules')
      .select(['name', 'conditions'])
      .where('type', '=', 'SIGN_ON')
      .execute();
    const rule = rules.find(({ conditions }) =>
      listAt(conditions, 'risk', 'behaviors').some((asked) => asked === id || asked === behavior.name),
    );
    if (rule) throw invalid('behavior', `id: The policy rule '${rule.name}' asks for this behavior`);
    await env.db.deleteFrom('behaviors').where('id', '=', id).execute();
    await recordChange(env, behavior, 'delete', 'Delete behavior detection rule');
  });
}

/** Whether the sign-in that this request is about shows at least one of these behaviors, which rules name by id or by name. */
export async function showsBehavior(env: Env, userId: string, asked: readonly string[]): Promise<boolean> {
  const behaviors = await env.db
    .selectFrom('behaviors')
    .select(['settings'])
    .where((eb) => eb.or([eb('id', 'in', asked), eb('name', 'in', asked)]))
    .where('status', '=', 'ACTIVE')
    .where('type', '=', 'ANOMALOUS_IP')
    .execute();
  if (behaviors.length === 0) return false;
  const before = await env.db
    .selectFrom('recent_sign_ins')
    .select('ip_address')
    .where('user_id', '=', userId)
    .orderBy('id', 'desc')
    .limit(MOST_EVENTS)
    .execute();
  return behaviors.some(({ settings }) => {
    const looked = before.slice(0, Number(settings.maxEventsUsedForEvaluation));
    const isEnough = looked.length >= Number(settings.minEventsNeededForEvaluation);
    return isEnough && !looked.some(({ ip_address }) => ip_address === env.request.ip);
  });
}

async function changed(
  env: Env,
  id: string,
  what: string,
  message: string,
  change: (behavior: Behavior) => Partial<Omit<Behavior, 'id' | 'settings'>> & { settings?: BehaviorSettings },
): Promise<Behavior> {
  return transact(env, async (env) => {
    const behavior = await holdBehavior(env, id);
    const { settings = behavior.settings, ...columns } = change(behavior);
    const last_updated = env.now();
    await env.db
      .updateTable('behaviors')
      .set({ ...columns, settings: toJson(settings), last_updated })
      .where('id', '=', id)
      .execute();
    const after = { ...behavior, ...columns, settings, last_updated };
    await recordChange(env, after, what, message);
    return after;
  });
}

async function holdBehavior(env: Env, id: string): Promise<Behavior> {
  const held = await env.db
    .updateTable('behaviors')
    .set((eb) => ({ last_updated: eb.ref('last_updated') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!held) throw notFound(id, 'BehaviorDetectionRule');
  return toBehavior(held);
}

function columnsOf({ name, type, settings }: BehaviorInput) {
  return { name, name_key: textKey(name), settings: settingsOf(type, settings) };
}

/** Every setting that the type has, in the order in which they are shown. */
function settingsOf(type: BehaviorType, given: BehaviorInput['settings']): BehaviorSettings {
  if (type === 'VELOCITY') return { velocityKph: number(given, 'velocityKph', 805, 1, 100_000) };
  const usual = type === 'ANOMALOUS_IP' ? 50 : 20;
  const most = number(given, 'maxEventsUsedForEvaluation', usual, 1, MOST_EVENTS);
  const least = number(given, 'minEventsNeededForEvaluation', 0, 0, 10);
  if (least > most)
    throw invalid('settings', 'settings.minEventsNeededForEvaluation: The field must not be more than are looked at');
  const events = { minEventsNeededForEvaluation: least, maxEventsUsedForEvaluation: most };
  if (type !== 'ANOMALOUS_LOCATION') return events;
  const { granularity } = given;
  if (typeof granularity !== 'string' || !GRANULARITIES.includes(granularity))
    throw invalid('settings', `settings.granularity: The field must be one of ${GRANULARITIES.join(', ')}`);
  if (granularity !== 'LAT_LONG') return { ...events, granularity };
  if (given.radiusKilometers === undefined || given.radiusKilometers === null)
    throw invalid('settings', 'settings.radiusKilometers: The field cannot be left blank');
  return { ...events, granularity, radiusKilometers: number(given, 'radiusKilometers', 20, 1, 20_000) };
}

function number(given: BehaviorInput['settings'], name: string, usual: number, least: number, most: number): number {
  const value = given[name] ?? usual;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid('settings', `settings.${name}: The field must be a whole number from ${least} to ${most}`);
}

function toBehavior(row: Row<'behaviors'>): Behavior {
  return { ...row, type: row.type as BehaviorType };
}

async function recordChange(env: Env, { id, name }: Behavior, what: string, displayMessage: string): Promise<void> {
  const target = [{ id, type: 'BehaviorDetectionRule', alternateId: 'unknown', displayName: name }];
  await record(env, { eventType: `security.behavior.settings.${what}`, displayMessage, target });
}
