// Owns what an administrator changed of profile mappings, as it is stored. Not here: what mappings are without that, and which changes
// there may be (profile-mappings.ts).
import { idPrefixes } from '../base/id.ts';
import { toJson } from '../storage/schema.ts';
import type { Env } from './env.ts';
import type { Mapping } from './mapping-expression.ts';

/** What was changed of the mapping to this application, or from this provider. */
export async function changedMapping(env: Env, otherId: string): Promise<Mapping> {
  const id = mappingIdOf(otherId);
  return (await changesOf(env, [id])).get(id) ?? {};
}

/** For an application or provider that is being deleted. */
export async function deleteMapping(env: Env, otherId: string): Promise<void> {
  await env.db.deleteFrom('profile_mappings').where('id', '=', mappingIdOf(otherId)).execute();
}

/** For attributes of an application's people that are no more. */
export async function forgetMapped(env: Env, applicationId: string, attributes: readonly string[]): Promise<void> {
  const id = mappingIdOf(applicationId);
  const before = (await changesOf(env, [id])).get(id);
  if (!before || !attributes.some((name) => Object.hasOwn(before, name))) return;
  const left = Object.entries(before).filter(([name]) => !attributes.includes(name));
  await env.db
    .updateTable('profile_mappings')
    .set({ properties: toJson(Object.fromEntries(left)) })
    .where('id', '=', id)
    .execute();
}

/** By the mapping's id; those that nobody changed are not in it. */
export async function changesOf(env: Env, ids: readonly string[]): Promise<Map<string, Mapping>> {
  if (ids.length === 0) return new Map();
  const rows = await env.db.selectFrom('profile_mappings').selectAll().where('id', 'in', ids).execute();
  return new Map(rows.map(({ id, properties }) => [id, properties]));
}

/** A mapping and the application or provider that it is for share the end of their ids. */
export function mappingIdOf(otherId: string): string {
  return `${idPrefixes.profileMapping}${otherId.slice(3)}`;
}
