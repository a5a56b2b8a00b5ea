// Owns the order of policies, and of the rules of a policy: priorities are 1, 2, 3 … without gap or tie, whoever writes at once.
// Not here: what a policy or a rule is.
import type { Env } from '../env.ts';

type Ordered = { id: string; priority: number };

/**
 * The ids in their new order: `id` comes to stand at this priority (1 is first) and those behind it move down. A priority beyond
 * the end is the end; null keeps the place that it has, and is the end for a newcomer.
 */
export function placed(ids: readonly string[], id: string, priority: number | null): string[] {
  const others = ids.filter((other) => other !== id);
  const present = ids.indexOf(id);
  const place = priority === null ? (present === -1 ? others.length : present) : Math.max(0, priority - 1);
  return others.toSpliced(place, 0, id);
}

/**
 * Holds the row whose members are to be put in order until the transaction ends; false: there is no such row. Whoever changes an
 * order takes this first, so that two changes never see the same order.
 */
export async function holdParent(env: Env, table: 'authorization_servers' | 'policies', id: string): Promise<boolean> {
  // An update that changes nothing is a lock on both kinds of database.
  const held = await env.db
    .updateTable(table)
    .set((eb) => ({ name: eb.ref('name') }))
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return held !== undefined;
}

/** Writes the order down: only rows whose priority changes are touched. */
export async function writeOrder(
  env: Env,
  table: 'policies' | 'policy_rules',
  members: readonly Ordered[],
  order: readonly string[],
): Promise<void> {
  for (const { id, priority } of members) {
    const place = order.indexOf(id) + 1;
    if (place > 0 && place !== priority)
      await env.db.updateTable(table).set({ priority: place }).where('id', '=', id).execute();
  }
}
