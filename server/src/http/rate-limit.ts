// Owns counting requests of one caller against RATE_LIMIT, in windows of a minute, in this process's memory, and the headers that
// tell of it. A caller is an address: any token in the request is not verified yet, and inventing tokens must not help.
import { MINUTE, SECOND } from '../base/time.ts';
import type { Env } from '../core/env.ts';

export type Allowance = {
  limit: number;
  remaining: number;
  /** When the window ends, epoch milliseconds. */
  reset: number;
  exceeded: boolean;
};

/** Told when no limit is set: clients expect the headers on every answer. Such requests are not counted. */
const UNLIMITED = 1_000_000;

type Window = { start: number; counts: Map<string, number> };

/** Counts this request and says what is left to its caller. */
export function countRequest(env: Env): Allowance {
  const now = env.now();
  const start = now - (now % MINUTE);
  const reset = start + MINUTE;
  const { rateLimit } = env.config;
  if (rateLimit === 0) return { limit: UNLIMITED, remaining: UNLIMITED, reset, exceeded: false };
  const held = env.memory.of<{ window: Window }>('rate-limit', () => ({ window: { start, counts: new Map() } }));
  // A new minute forgets everybody, so the map holds at most the callers of one minute.
  if (held.window.start !== start) held.window = { start, counts: new Map() };
  const { counts } = held.window;
  const count = (counts.get(env.request.ip) ?? 0) + 1;
  counts.set(env.request.ip, count);
  return { limit: rateLimit, remaining: Math.max(0, rateLimit - count), reset, exceeded: count > rateLimit };
}

export function rateLimitHeaders({ limit, remaining, reset }: Allowance): Record<string, string> {
  return {
    'x-rate-limit-limit': String(limit),
    'x-rate-limit-remaining': String(remaining),
    'x-rate-limit-reset': String(Math.floor(reset / SECOND)),
  };
}
