// Owns inline hooks: services of others that this server asks while it does something, such as issuing tokens. Making, changing,
// finding and ending them; the secret that they know us by is sealed and never shown. Not here: calling them (call-inline-hook.ts)
// and what an answer changes (token-hook.ts).
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { forget, remembered } from './brief-memory.ts';
import { type Env, transact } from './env.ts';
import { type HookChannel, headersOfChannel, refuseChannel, sealSecret } from './hook-channel.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { type LogTarget, record } from './system-log.ts';
import { refusingTakenName } from './taken-name.ts';

export const inlineHookTypes = [
  'com.okta.oauth2.tokens.transform',
  'com.okta.import.transform',
  'com.okta.saml.tokens.transform',
  'com.okta.telephony.provider',
  'com.okta.user.credential.password.import',
  'com.okta.user.pre-registration',
] as const;

export type InlineHookType = (typeof inlineHookTypes)[number];

/** The only type that anything here calls by itself. */
export const TOKEN_HOOK: InlineHookType = 'com.okta.oauth2.tokens.transform';
export const PASSWORD_HOOK: InlineHookType = 'com.okta.user.credential.password.import';

export type InlineHook = Omit<Row<'inline_hooks'>, 'type' | 'status' | 'channel'> & {
  type: InlineHookType;
  status: 'ACTIVE' | 'INACTIVE';
  channel: HookChannel;
};

export type InlineHookInput = {
  name: string;
  type: InlineHookType;
  version: string;
  channel: HookChannel;
  /** Of the authentication header; null: as it was. */
  secret: string | null;
};

/** What is not given stays. */
export type InlineHookChange = {
  name?: string | undefined;
  type?: InlineHookType | undefined;
  version?: string | undefined;
  config?: { [Name in keyof HookChannel['config']]?: HookChannel['config'][Name] | undefined };
  secret: string | null;
};

const CACHE = 'inline-hooks';
const MOST_HOOKS = 100;

export async function listInlineHooks(env: Env, type: string | null): Promise<InlineHook[]> {
  let query = env.db.selectFrom('inline_hooks').selectAll().orderBy('id');
  if (type !== null) query = query.where('type', '=', type);
  return (await query.execute()).map(toHook);
}

/** The hook as the database has it now. Throws E0000007. */
export async function getInlineHook(env: Env, id: string): Promise<InlineHook> {
  const row = await env.db.selectFrom('inline_hooks').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'InlineHook');
  return toHook(row);
}

/** The hook that is to be called; null when it is not there. May be two seconds old. */
export function findInlineHook(env: Env, id: string): Promise<InlineHook | null> {
  return remembered(env, CACHE, id, async () => {
    const row = await env.db.selectFrom('inline_hooks').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toHook(row) : null;
  });
}

/** A new hook is ACTIVE, whatever its maker says. */
export async function createInlineHook(env: Env, input: InlineHookInput): Promise<InlineHook> {
  refuseChannel(env, input);
  const id = newId(env, idPrefixes.inlineHook);
  const now = env.now();
  const hook: InlineHook = {
    id,
    name: input.name,
    name_key: textKey(input.name),
    type: input.type,
    version: input.version,
    status: 'ACTIVE',
    channel: input.channel,
    sealed_secret: sealSecret(env, placeOf(id), input, null),
    created: now,
    last_updated: now,
  };
  return transact(env, async (env) => {
    const { count } = await env.db
      .selectFrom('inline_hooks')
      .select((eb) => eb.fn.countAll<number | string>().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(count) >= MOST_HOOKS)
      throw invalid('inlineHook', `inlineHook: There are ${MOST_HOOKS} inline hooks, which is the most`);
    await refusingTakenName(
      'name_key',
      env.db
        .insertInto('inline_hooks')
        .values({ ...hook, channel: toJson<Record<string, unknown>>(hook.channel) })
        .execute(),
    );
    await recordChange(env, hook, 'created', 'Create inline hook');
    return hook;
  });
}

/** Replaces a hook; its type, and whether it is active, stay. */
export async function replaceInlineHook(env: Env, id: string, input: InlineHookInput): Promise<InlineHook> {
  refuseChannel(env, input);
  return changed(env, id, 'updated', 'Update inline hook', (hook) => replacedHook(env, hook, input));
}

/** Changes what is given of a hook. */
export async function updateInlineHook(env: Env, id: string, change: InlineHookChange): Promise<InlineHook> {
  return changed(env, id, 'updated', 'Update inline hook', (hook) => {
    const { uri, headers, method, authScheme } = hook.channel.config;
    const { config = {} } = change;
    const input: InlineHookInput = {
      name: change.name ?? hook.name,
      type: change.type ?? hook.type,
      version: change.version ?? hook.version,
      channel: {
        ...hook.channel,
        config: {
          uri: config.uri ?? uri,
          headers: config.headers ?? headers,
          method: config.method ?? method,
          authScheme: config.authScheme === undefined ? authScheme : config.authScheme,
        },
      },
      secret: change.secret,
    };
    refuseChannel(env, input);
    return replacedHook(env, hook, input);
  });
}

function replacedHook(env: Env, hook: InlineHook, input: InlineHookInput): InlineHook {
  if (hook.type !== input.type) throw invalid('type', 'type: The type of an inline hook cannot be changed');
  const { name, version, channel } = input;
  const sealed_secret = sealSecret(env, placeOf(hook.id), input, hook.sealed_secret);
  return { ...hook, name, name_key: textKey(name), version, channel, sealed_secret };
}

export function setInlineHookStatus(env: Env, id: string, status: InlineHook['status']): Promise<InlineHook> {
  const [what, message] =
    status === 'ACTIVE'
      ? (['activated', 'Activate inline hook'] as const)
      : (['deactivated', 'Deactivate inline hook'] as const);
  return changed(env, id, what, message, (hook) => ({ ...hook, status }));
}

/** Throws E0000006 while the hook is active. Rules that name it go on without it. */
export async function deleteInlineHook(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const hook = await holdInlineHook(env, id);
    if (hook.status === 'ACTIVE') throw new Refusal('E0000006', '', ['Deactivate the inline hook before deleting it']);
    await env.db.deleteFrom('inline_hooks').where('id', '=', id).execute();
    await recordChange(env, hook, 'deleted', 'Delete inline hook');
  });
  forget(env, CACHE);
}

/** What every call of the hook carries. */
export function headersOfInlineHook(env: Env, { id, channel, sealed_secret }: InlineHook): Record<string, string> {
  return headersOfChannel(env, placeOf(id), channel, sealed_secret);
}

export function inlineHookTarget({ id, name }: InlineHook): LogTarget {
  return { id, type: 'InlineHook', alternateId: name, displayName: name };
}

async function changed(
  env: Env,
  id: string,
  what: string,
  message: string,
  change: (hook: InlineHook) => InlineHook,
): Promise<InlineHook> {
  const hook = await transact(env, async (env) => {
    const hook = { ...change(await holdInlineHook(env, id)), last_updated: env.now() };
    const { id: _, created: __, channel, ...columns } = hook;
    await refusingTakenName(
      'name_key',
      env.db
        .updateTable('inline_hooks')
        .set({ ...columns, channel: toJson<Record<string, unknown>>(channel) })
        .where('id', '=', id)
        .execute(),
    );
    await recordChange(env, hook, what, message);
    return hook;
  });
  forget(env, CACHE);
  return hook;
}

/** The hook, held for this transaction: two changes at once follow one another. Throws E0000007. */
async function holdInlineHook(env: Env, id: string): Promise<InlineHook> {
  // An update that changes nothing is a lock on both kinds of database.
  const row = await env.db
    .updateTable('inline_hooks')
    .set((eb) => ({ name: eb.ref('name') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw notFound(id, 'InlineHook');
  return toHook(row);
}

function placeOf(id: string): string {
  return `inline_hooks:sealed_secret:${id}`;
}

/** The columns are written by this module alone, so their contents are of these types. */
function toHook(row: Row<'inline_hooks'>): InlineHook {
  return row as unknown as InlineHook;
}

async function recordChange(env: Env, hook: InlineHook, what: string, displayMessage: string): Promise<void> {
  await record(env, { eventType: `inline_hook.${what}`, displayMessage, target: [inlineHookTarget(hook)] });
}
