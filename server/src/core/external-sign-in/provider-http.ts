// Owns one call to a provider over the guarded network, and reading JSON from its answer. Not here: what is asked (ask-provider.ts).
import { SECOND } from '../../base/time.ts';
import { EgressError, guardedFetch } from '../egress.ts';
import type { Env } from '../env.ts';
import { isObject } from '../policies/policy-defaults.ts';

const LIMITS = { timeout: 10 * SECOND, maxBytes: 131_072 };

/** Null: there is no answer. */
export async function ask(
  env: Env,
  url: string,
  request: { method?: 'GET' | 'POST'; headers: Record<string, string>; body?: string },
): Promise<{ status: number; text: string } | null> {
  try {
    return await guardedFetch(env, url, { ...LIMITS, ...request });
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    env.log.warn({ url, reason: error.message }, 'An identity provider could not be asked');
    return null;
  }
}

export function jsonObject(text: string): Record<string, unknown> | null {
  const value = jsonIn(text);
  return isObject(value) ? value : null;
}

export function jsonIn(text: string): unknown {
  // Databases choke on a null character, and no name has one.
  if (text.includes('\\u0000')) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
