// Owns telling event hooks what happened: which row of the outbox is whose turn, its request, and when it is tried again. Several
// processes may deliver at once: a row is claimed by one of them. An event may come twice, and is known by its id.
// Not here: the outbox (event-outbox.ts) and the hooks (event-hooks.ts).
import { HOUR, MINUTE, SECOND, toIso } from '../base/time.ts';
import type { Row } from '../storage/tables.ts';
import { EgressError, guardedFetch } from './egress.ts';
import { type Env, transact } from './env.ts';
import { type EventHook, findEventHook, headersOfHook } from './event-hooks.ts';
import { readSubscriptions, subscriptionsOf } from './event-outbox.ts';

/** How long after each attempt the next one comes; after the last of them the event is given up. */
const PAUSES = [5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR];
const AT_ONCE = 20;
const TIMEOUT = 3 * SECOND;
const MOST_BYTES = 64 * 1024;

type Delivery = Row<'event_deliveries'>;

/** Tells what is due, and learns which hooks there are. Never inside a transaction. */
export async function deliverEvents(env: Env): Promise<void> {
  try {
    await readSubscriptions(env);
    if (subscriptionsOf(env).length === 0) return;
    const due = await env.db
      .selectFrom('event_deliveries')
      .selectAll()
      .where('next_attempt', '<=', env.now())
      .orderBy('next_attempt')
      .orderBy('id')
      .limit(AT_ONCE)
      .execute();
    await Promise.all(due.map((delivery) => deliver(env, delivery)));
  } catch (error) {
    env.log.error({ err: error }, 'Events were not delivered; they will be tried again');
  }
}

async function deliver(env: Env, delivery: Delivery): Promise<void> {
  if (!(await claim(env, delivery))) return;
  const hook = await findEventHook(env, delivery.event_hook_id);
  const isWanted = hook !== null && hook.status === 'ACTIVE' && hook.verification_status === 'VERIFIED';
  const problem = isWanted ? await tell(env, hook, delivery) : null;
  if (problem === null) return forgetDelivery(env, delivery);
  const facts = {
    eventHookId: delivery.event_hook_id,
    deliveryId: delivery.id,
    attempt: delivery.attempts + 1,
    problem,
  };
  if (delivery.attempts + 1 <= PAUSES.length) return env.log.info(facts, 'An event was not delivered yet');
  env.log.warn(facts, 'An event is given up: its hook did not take it');
  return forgetDelivery(env, delivery);
}

/** Puts the next attempt off before this one begins, so that a process that dies in between loses nothing. */
async function claim(env: Env, { id, attempts }: Delivery): Promise<boolean> {
  const pause = PAUSES[Math.min(attempts, PAUSES.length - 1)] ?? HOUR;
  const claimed = await transact(env, (env) =>
    env.db
      .updateTable('event_deliveries')
      .set({ attempts: attempts + 1, next_attempt: env.now() + pause })
      .where('id', '=', id)
      .where('attempts', '=', attempts)
      .returning('id')
      .executeTakeFirst(),
  );
  return claimed !== undefined;
}

async function forgetDelivery(env: Env, { id }: Delivery): Promise<void> {
  await env.db.deleteFrom('event_deliveries').where('id', '=', id).execute();
}

/** Null when the hook took it, else what was wrong. */
async function tell(env: Env, hook: EventHook, { id, event }: Delivery): Promise<string | null> {
  const payload = {
    eventType: 'com.okta.event_hook',
    eventTypeVersion: '1.0',
    cloudEventsVersion: '0.1',
    source: `${env.config.url}/api/v1/eventHooks/${hook.id}`,
    eventId: id,
    data: { events: [event] },
    eventTime: toIso(env.now()),
    contentType: 'application/json',
  };
  try {
    const { status } = await guardedFetch(env, hook.channel.config.uri, {
      method: 'POST',
      headers: { ...headersOfHook(env, hook), 'content-type': 'application/json' },
      body: JSON.stringify(payload),
      timeout: TIMEOUT,
      maxBytes: MOST_BYTES,
    });
    return status >= 200 && status < 300 ? null : `status ${status}`;
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    return error.message;
  }
}
