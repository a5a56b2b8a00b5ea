// Owns remembering the rules of the org's policies for sign-ins, and forgetting them when one changes. Not here: the rules.
import { forget, remembered } from '../brief-memory.ts';
import { type Env, transact } from '../env.ts';

const RULES = 'org-policy-rules';

/** What `read` finds for this key, remembered for a moment. */
export function rememberedRules<T>(env: Env, key: string, read: () => Promise<T | null>): Promise<T | null> {
  return remembered(env, RULES, key, read);
}

/** A transaction that changes policies or rules: from its end on they are read anew. */
export async function changingPolicies<T>(env: Env, work: (env: Env) => Promise<T>): Promise<T> {
  const result = await transact(env, work);
  forget(env, RULES);
  return result;
}
