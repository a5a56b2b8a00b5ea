// Owns one call of an inline hook: its headers, its time (three seconds, and once more after a failure that may pass), and whether
// what comes back is an answer at all. Not here: what the answer means (token-hook.ts).
import { SECOND } from '../base/time.ts';
import { EgressError, guardedFetch } from './egress.ts';
import type { Env } from './env.ts';
import { headersOfInlineHook, type InlineHook } from './inline-hooks.ts';

export type HookAnswer =
  /** `body` null: 204, nothing to say. */
  | { kind: 'answer'; body: Record<string, unknown> | null; attempts: number }
  | { kind: 'failure'; why: string; attempts: number };

const TIMEOUT = 3 * SECOND;
const ATTEMPTS = 2;
const MOST_BYTES = 256 * 1024;

/** Never inside a transaction. The message of a failure is for administrators. */
export async function callInlineHook(env: Env, hook: InlineHook, payload: object): Promise<HookAnswer> {
  const body = JSON.stringify(payload);
  for (let attempts = 1; ; attempts++) {
    const result = await attempt(env, hook, body);
    if (result.kind === 'again' && attempts < ATTEMPTS) continue;
    return result.kind === 'answer' ? { ...result, attempts } : { kind: 'failure', why: result.why, attempts };
  }
}

type Attempt =
  | { kind: 'answer'; body: Record<string, unknown> | null }
  /** Asking once more may help; after a refusal it will not. */
  | { kind: 'again' | 'refused'; why: string };

async function attempt(env: Env, hook: InlineHook, body: string): Promise<Attempt> {
  try {
    const { uri } = hook.channel.config;
    const { status, text } = await guardedFetch(env, uri, {
      method: 'POST',
      headers: { ...headersOfInlineHook(env, hook), 'content-type': 'application/json' },
      body,
      timeout: TIMEOUT,
      maxBytes: MOST_BYTES,
    });
    if (status === 204) return { kind: 'answer', body: null };
    if (status === 200) return read(text);
    return { kind: status >= 500 ? 'again' : 'refused', why: `It answered with status ${status}` };
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    // What the network says is for the log: it tells of addresses that a caller need not know.
    env.log.warn({ err: error, inlineHookId: hook.id, requestId: env.request.id }, 'An inline hook was not reached');
    return { kind: 'again', why: 'It could not be reached, or did not answer in time' };
  }
}

function read(text: string): Attempt {
  if (text.trim() === '') return { kind: 'answer', body: null };
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body))
      return { kind: 'answer', body: body as Record<string, unknown> };
  } catch {
    // Told below.
  }
  return { kind: 'refused', why: 'Its answer is no JSON object' };
}
