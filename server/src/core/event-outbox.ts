// Owns the outbox of event hooks: what happened and must still be told, written in the transaction in which it happened.
// Not here: the hooks themselves (event-hooks.ts) and the telling (deliver-events.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { toJson } from '../storage/schema.ts';
import type { Env } from './env.ts';

/** Which events a hook is told of, as this process knows it: read again every second, and after each change made here. */
export type Subscription = { hookId: string; eventTypes: ReadonlySet<string> };

/** `event`: as the API shows it, made when somebody wants it. */
type Event = { eventType: string; event: () => Record<string, unknown> };

function known(env: Env): { subscriptions: readonly Subscription[] } {
  return env.memory.of('event-subscriptions', () => ({ subscriptions: [] }));
}

export function subscriptionsOf(env: Env): readonly Subscription[] {
  return known(env).subscriptions;
}

/** Asks the database which hooks are to be told: those that are active and verified. */
export async function readSubscriptions(env: Env): Promise<void> {
  const rows = await env.db
    .selectFrom('event_hooks')
    .select(['id', 'events'])
    .where('status', '=', 'ACTIVE')
    .where('verification_status', '=', 'VERIFIED')
    .execute();
  known(env).subscriptions = rows.map(({ id, events }) => ({ hookId: id, eventTypes: new Set(events) }));
}

/** Puts events into the outbox of every hook that wants them. Costs nothing where no hook does. */
export async function enqueueEvents(env: Env, events: readonly Event[]): Promise<void> {
  const wanted = subscriptionsOf(env).flatMap(({ hookId, eventTypes }) =>
    events.filter(({ eventType }) => eventTypes.has(eventType)).map(({ event }) => ({ hookId, event })),
  );
  if (wanted.length === 0) return;
  const now = env.now();
  const rows = wanted.map(({ hookId, event }) => ({
    id: newId(env, idPrefixes.eventDelivery),
    event_hook_id: hookId,
    event: toJson(event()),
    attempts: 0,
    created: now,
    next_attempt: now,
  }));
  await env.db.insertInto('event_deliveries').values(rows).execute();
}
