// Owns the authenticators of the org: which of those that this server has (authenticator-kinds.ts) are turned on, and their
// settings. Not here: who has enrolled which, and proving by one.
import { idPrefixes, newId } from '../base/id.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import {
  type AuthenticatorKey,
  type AuthenticatorKind,
  authenticatorKeys,
  authenticatorKinds,
} from './authenticator-kinds.ts';
import { type Env, transact } from './env.ts';
import { listOrgPolicies } from './policies/org-policies.ts';
import { completed, isObject, type Json } from './policies/policy-defaults.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { record } from './system-log.ts';

type MethodState = { status: 'ACTIVE' | 'INACTIVE'; settings: Json | null };

export type Authenticator = Omit<Row<'authenticators'>, 'key' | 'status' | 'method_settings'> & {
  key: AuthenticatorKey;
  status: 'ACTIVE' | 'INACTIVE';
  method_settings: Record<string, MethodState>;
};

export type AuthenticatorMethod = MethodState & { type: string };

/** Makes those that the org lacks, turned on. */
export async function ensureAuthenticators(env: Env): Promise<void> {
  for (const key of authenticatorKeys) {
    const now = env.now();
    const { settings, methods }: AuthenticatorKind = authenticatorKinds[key];
    const states = Object.entries(methods).map(([method, own]) => [method, { status: 'ACTIVE', settings: own }]);
    await env.db
      .insertInto('authenticators')
      .values({
        id: newId(env, idPrefixes.authenticator),
        key,
        status: 'ACTIVE',
        settings: settings === null ? null : toJson(settings),
        method_settings: toJson<Record<string, unknown>>(Object.fromEntries(states)),
        created: now,
        last_updated: now,
      })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
  }
}

/** In the order of the table of kinds. */
export async function listAuthenticators(env: Env): Promise<Authenticator[]> {
  const rows = (await env.db.selectFrom('authenticators').selectAll().execute()).map(toAuthenticator);
  return rows.toSorted((one, other) => authenticatorKeys.indexOf(one.key) - authenticatorKeys.indexOf(other.key));
}

/** Throws E0000007. */
export async function getAuthenticator(env: Env, id: string): Promise<Authenticator> {
  const row = await env.db.selectFrom('authenticators').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'Authenticator');
  return toAuthenticator(row);
}

export function methodsOf({ method_settings }: Authenticator): AuthenticatorMethod[] {
  return Object.entries(method_settings).map(([type, state]) => ({ type, ...state }));
}

/** Throws E0000007. */
export function methodOf(authenticator: Authenticator, type: string): AuthenticatorMethod {
  const method = methodsOf(authenticator).find((one) => one.type === type);
  if (!method) throw notFound(type, 'AuthenticatorMethod');
  return method;
}

/** Replaces the settings. Throws E0000001 for another key. */
export function replaceAuthenticator(
  env: Env,
  id: string,
  input: { key: string | undefined; settings: Json | null },
): Promise<Authenticator> {
  return changed(env, id, 'update', 'Update authenticator', (authenticator) => {
    if (input.key !== undefined && input.key !== authenticator.key)
      throw invalid('key', 'key: The key of an authenticator cannot be changed');
    const { settings: first }: AuthenticatorKind = authenticatorKinds[authenticator.key];
    return { ...authenticator, settings: first === null ? null : completed(first, input.settings) };
  });
}

/** Throws E0000148 to turn off what somebody must enrol, and E0000006 for passwords. */
export function setAuthenticatorStatus(env: Env, id: string, status: Authenticator['status']): Promise<Authenticator> {
  const [what, message] =
    status === 'ACTIVE'
      ? (['activate', 'Activate authenticator'] as const)
      : (['deactivate', 'Deactivate authenticator'] as const);
  return changed(env, id, what, message, async (authenticator, env) => {
    if (status === 'INACTIVE') await refuseNeeded(env, authenticator);
    return { ...authenticator, status };
  });
}

/** Replaces the settings of a method, or turns it on or off. Throws E0000007. */
export function changeMethod(
  env: Env,
  id: string,
  type: string,
  change: { status?: MethodState['status']; settings?: Json | null },
): Promise<Authenticator> {
  return changed(env, id, 'update', 'Update authenticator', async (authenticator, env) => {
    const { type: _, ...method } = methodOf(authenticator, type);
    if (change.status === 'INACTIVE') await refuseNeeded(env, authenticator);
    const { methods }: AuthenticatorKind = authenticatorKinds[authenticator.key];
    const first = methods[type] ?? null;
    const settings = 'settings' in change && first !== null ? completed(first, change.settings) : method.settings;
    const state = { status: change.status ?? method.status, settings };
    return { ...authenticator, method_settings: { ...authenticator.method_settings, [type]: state } };
  });
}

async function refuseNeeded(env: Env, { key }: Authenticator): Promise<void> {
  const { optional }: AuthenticatorKind = authenticatorKinds[key];
  if (!optional) throw new Refusal('E0000006', '', ['This authenticator is always active']);
  const requiring = (await listOrgPolicies(env, 'MFA_ENROLL')).filter(
    ({ status, settings }) => status === 'ACTIVE' && isRequired(settings, key),
  );
  if (requiring.length > 0)
    throw new Refusal('E0000148', '', [
      `Authenticator Enrollment Policies: ${requiring.map(({ name }) => name).join(', ')}`,
    ]);
}

function isRequired(settings: Json | null, key: string): boolean {
  const list = Array.isArray(settings?.authenticators) ? settings.authenticators : [];
  return list.some((one) => isObject(one) && one.key === key && isObject(one.enroll) && one.enroll.self === 'REQUIRED');
}

async function changed(
  env: Env,
  id: string,
  what: string,
  message: string,
  change: (authenticator: Authenticator, env: Env) => Authenticator | Promise<Authenticator>,
): Promise<Authenticator> {
  return transact(env, async (env) => {
    // An update that changes nothing is a lock on both kinds of database.
    await env.db
      .updateTable('authenticators')
      .set((eb) => ({ key: eb.ref('key') }))
      .where('id', '=', id)
      .execute();
    const authenticator = { ...(await change(await getAuthenticator(env, id), env)), last_updated: env.now() };
    const { settings, method_settings, status, last_updated } = authenticator;
    await env.db
      .updateTable('authenticators')
      .set({
        status,
        last_updated,
        settings: settings === null ? null : toJson(settings),
        method_settings: toJson<Record<string, unknown>>(method_settings),
      })
      .where('id', '=', id)
      .execute();
    const { name } = authenticatorKinds[authenticator.key];
    await record(env, {
      eventType: `security.authenticator.lifecycle.${what}`,
      displayMessage: message,
      target: [{ id, type: 'Authenticator', alternateId: authenticator.key, displayName: name }],
    });
    return authenticator;
  });
}

/** The columns are written by this module alone, so their contents are of these types. */
function toAuthenticator(row: Row<'authenticators'>): Authenticator {
  return row as unknown as Authenticator;
}
