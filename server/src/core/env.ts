// Owns the world as plain functions see it: the first argument of every function that needs more than its inputs.
// Not here: any behaviour beyond opening a transaction.
import type { Network } from '../base/network.ts';
import type { PasswordHashing } from '../base/password-hash.ts';
import type { Sealer } from '../base/seal.ts';
import type { Config } from '../config.ts';
import { type Db, isRetryable } from '../storage/database.ts';

export type Env = {
  config: Config;
  db: Db;
  /** Epoch milliseconds. */
  now(): number;
  random(bytes: number): Uint8Array;
  sealer: Sealer;
  passwords: PasswordHashing;
  /** Connections to others. Use guardedFetch (egress.ts), which judges where they lead. */
  network: Network;
  log: Log;
  /** Values worth keeping between requests; each module of core owns its own part. */
  memory: Memory;
  /** What the running request says of itself; background work has a made-up one. */
  request: RequestFacts;
  /** On whose behalf the management API is called; null elsewhere. */
  actor: Actor | null;
  /** Set where the caller's roles open some groups or applications only. */
  reach?: Reach;
};

/** By which kind it is limited: to the targets of these assignments, and to the single objects in these resource sets. */
export type Reach = { by: 'groups' | 'apps'; assignmentIds: readonly string[]; setIds: readonly string[] };

export type Log = {
  debug(facts: object, message: string): void;
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
};

export type RequestFacts = {
  /** Goes out as X-Okta-Request-Id, into the log, and onto error pages. */
  id: string;
  /** The caller's address; a proxy's word counts only when the proxy is trusted. */
  ip: string;
  userAgent: string;
  /** The org's public origin as this caller reaches it: config.url, or the registered domain that the request came to. */
  origin: string;
  path: string;
};

export type Actor = {
  id: string;
  type: 'User' | 'PublicClientApp' | 'SystemPrincipal';
  alternateId: string;
  displayName: string;
};

/** A place for caches: one entry a purpose, made at its first use. */
export type Memory = { of<T>(purpose: string, make: () => T): T };

export function createMemory(): Memory {
  const entries = new Map<string, unknown>();
  return {
    of<T>(purpose: string, make: () => T): T {
      if (!entries.has(purpose)) entries.set(purpose, make());
      return entries.get(purpose) as T;
    },
  };
}

const TRANSACTION_ATTEMPTS = 4;

/**
 * Runs the work in one transaction: a throw undoes it all. Inside an open transaction it joins that one.
 * The work may run again when PostgreSQL gives the transaction up, so it must have no effect but on its own env's db,
 * and must not wait for anything slow (hashing, signing, fetch).
 */
export async function transact<T>(env: Env, work: (env: Env) => Promise<T>): Promise<T> {
  if (env.db.isTransaction) return work(env);
  for (let attempt = 1; ; attempt++) {
    try {
      return await env.db.transaction().execute((db) => work({ ...env, db }));
    } catch (error) {
      if (attempt >= TRANSACTION_ATTEMPTS || !isRetryable(error)) throw error;
    }
  }
}
