// Owns event hooks: services of others that are told what happened here. Making, changing, verifying and ending them; the secret
// that they know us by is sealed and never shown. Not here: telling them (deliver-events.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { SECOND } from '../base/time.ts';
import { newUuid } from '../base/uuid.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { EgressError, guardedFetch } from './egress.ts';
import { type Env, transact } from './env.ts';
import { readSubscriptions } from './event-outbox.ts';
import { type HookChannel, headersOfChannel, refuseChannel, sealSecret } from './hook-channel.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export type EventHook = Omit<Row<'event_hooks'>, 'status' | 'verification_status' | 'channel'> & {
  status: 'ACTIVE' | 'INACTIVE';
  verification_status: 'VERIFIED' | 'UNVERIFIED';
  channel: HookChannel;
};

export type EventHookInput = {
  name: string;
  description: string | null;
  events: string[];
  channel: HookChannel;
  /** Of the authentication header; null: as it was. */
  secret: string | null;
  /** Not given: as it is. A new hook is ACTIVE. */
  status: EventHook['status'] | undefined;
};

const MOST_HOOKS = 25;
const TIMEOUT = 3 * SECOND;
const MOST_BYTES = 16 * 1024;

export async function listEventHooks(env: Env): Promise<EventHook[]> {
  return (await env.db.selectFrom('event_hooks').selectAll().orderBy('id').execute()).map(toHook);
}

export async function findEventHook(env: Env, id: string): Promise<EventHook | null> {
  const row = await env.db.selectFrom('event_hooks').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? toHook(row) : null;
}

/** Throws E0000007. */
export async function getEventHook(env: Env, id: string): Promise<EventHook> {
  const hook = await findEventHook(env, id);
  if (hook === null) throw notFound(id, 'EventHook');
  return hook;
}

/** A new hook is told nothing until it is verified. */
export async function createEventHook(env: Env, input: EventHookInput): Promise<EventHook> {
  refuseChannel(env, input);
  const id = newId(env, idPrefixes.eventHook);
  const now = env.now();
  const hook: EventHook = {
    id,
    name: input.name,
    name_key: textKey(input.name),
    description: input.description,
    status: 'ACTIVE',
    verification_status: 'UNVERIFIED',
    events: [...new Set(input.events)],
    channel: input.channel,
    sealed_secret: sealSecret(env, placeOf(id), input, null),
    created: now,
    created_by: env.actor?.id ?? null,
    last_updated: now,
  };
  return transact(env, async (env) => {
    const { count } = await env.db
      .selectFrom('event_hooks')
      .select((eb) => eb.fn.countAll<number | string>().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(count) >= MOST_HOOKS)
      throw invalid('eventHook', `eventHook: There are ${MOST_HOOKS} event hooks, the most`);
    await refusingTakenName('name_key', env.db.insertInto('event_hooks').values(toColumns(hook)).execute());
    await recordChange(env, hook, 'created', 'Create event hook');
    return hook;
  });
}

/** Replaces a hook. Another address is another service, which must be verified again. */
export function replaceEventHook(env: Env, id: string, input: EventHookInput): Promise<EventHook> {
  refuseChannel(env, input);
  return changed(env, id, 'updated', 'Update event hook', (hook) => ({
    ...hook,
    name: input.name,
    name_key: textKey(input.name),
    description: input.description,
    events: [...new Set(input.events)],
    channel: input.channel,
    sealed_secret: sealSecret(env, placeOf(id), input, hook.sealed_secret),
    status: input.status ?? hook.status,
    verification_status: hook.channel.config.uri === input.channel.config.uri ? hook.verification_status : 'UNVERIFIED',
  }));
}

export function setEventHookStatus(env: Env, id: string, status: EventHook['status']): Promise<EventHook> {
  const [what, message] =
    status === 'ACTIVE'
      ? (['activated', 'Activate event hook'] as const)
      : (['deactivated', 'Deactivate event hook'] as const);
  return changed(env, id, what, message, (hook) => ({ ...hook, status }));
}

/** Throws E0000006 while the hook is active. */
export async function deleteEventHook(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const hook = await getEventHook(env, id);
    if (hook.status === 'ACTIVE') throw new Refusal('E0000006', '', ['Deactivate the event hook before deleting it']);
    await env.db.deleteFrom('event_deliveries').where('event_hook_id', '=', id).execute();
    await env.db.deleteFrom('event_hooks').where('id', '=', id).execute();
    await recordChange(env, hook, 'deleted', 'Delete event hook');
  });
  await readSubscriptions(env);
}

/** Asks the service to repeat a word, which only one that means to be told can. Throws E0000001 when it does not. */
export async function verifyEventHook(env: Env, id: string): Promise<EventHook> {
  const hook = await getEventHook(env, id);
  const word = newUuid(env.random);
  const answer = await challenge(env, hook, word);
  if (answer !== word)
    throw invalid('eventHook', 'eventHook: The service did not answer with the verification challenge');
  return changed(env, id, 'verified', 'Verify event hook', (held) => {
    if (held.channel.config.uri !== hook.channel.config.uri)
      throw invalid('eventHook', 'eventHook: The address was changed meanwhile');
    return { ...held, verification_status: 'VERIFIED' };
  });
}

/** What the service answers to the word, if anything. */
async function challenge(env: Env, hook: EventHook, word: string): Promise<unknown> {
  try {
    const { status, text } = await guardedFetch(env, hook.channel.config.uri, {
      method: 'GET',
      headers: { ...headersOfHook(env, hook), 'x-okta-verification-challenge': word },
      timeout: TIMEOUT,
      maxBytes: MOST_BYTES,
    });
    if (status !== 200) return null;
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>).verification : null;
  } catch (error) {
    if (!(error instanceof EgressError) && !(error instanceof SyntaxError)) throw error;
    // What the network says is for the log: it tells of addresses that a caller need not know.
    env.log.warn({ err: error, eventHookId: hook.id, requestId: env.request.id }, 'An event hook was not verified');
    return null;
  }
}

/** What every request to the hook carries. */
export function headersOfHook(env: Env, { id, channel, sealed_secret }: EventHook): Record<string, string> {
  return headersOfChannel(env, placeOf(id), channel, sealed_secret);
}

async function changed(
  env: Env,
  id: string,
  what: string,
  message: string,
  change: (hook: EventHook) => EventHook,
): Promise<EventHook> {
  const hook = await transact(env, async (env) => {
    // An update that changes nothing is a lock on both kinds of database.
    await env.db
      .updateTable('event_hooks')
      .set((eb) => ({ name: eb.ref('name') }))
      .where('id', '=', id)
      .execute();
    const hook = { ...change(await getEventHook(env, id)), last_updated: env.now() };
    await refusingTakenName(
      'name_key',
      env.db.updateTable('event_hooks').set(toColumns(hook)).where('id', '=', id).execute(),
    );
    await recordChange(env, hook, what, message);
    return hook;
  });
  await readSubscriptions(env);
  return hook;
}

function placeOf(id: string): string {
  return `event_hooks:sealed_secret:${id}`;
}

/** The columns are written by this module alone, so their contents are of these types. */
function toHook(row: Row<'event_hooks'>): EventHook {
  return row as unknown as EventHook;
}

function toColumns(hook: EventHook) {
  return { ...hook, events: toJson(hook.events), channel: toJson<Record<string, unknown>>(hook.channel) };
}

async function recordChange(env: Env, hook: EventHook, what: string, displayMessage: string): Promise<void> {
  const target = [{ id: hook.id, type: 'EventHook', alternateId: hook.name, displayName: hook.name }];
  await record(env, { eventType: `event_hook.${what}`, displayMessage, target });
}
