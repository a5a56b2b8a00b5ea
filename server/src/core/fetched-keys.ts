// Owns the key sets that others publish, clients at their jwks_uri and identity providers at theirs: fetched when first needed, kept for
// a while, fetched again when a key is asked for that is not there, but never more often than the cooldown allows, whoever asks and
// whatever came back. Not here: keys kept with an application (client-keys.ts), and verifying (client-jwts.ts, external-sign-in/).
import { HOUR, MINUTE, SECOND } from '../base/time.ts';
import { type GivenKey, MOST_CLIENT_KEYS, objectionToKey } from './client-keys.ts';
import { EgressError, guardedFetch } from './egress.ts';
import type { Env } from './env.ts';

export type FetchedKey = GivenKey & { kty: string; kid?: unknown; use?: unknown };
export type FetchProblem = 'jwks_uri_error' | 'jwks_uri_no_key' | 'jwks_uri_ambiguous_keys';

const FRESH = 10 * MINUTE;
/** While their server is down, the last known keys still serve for so long. */
const LAST_RESORT = HOUR;
const COOLDOWN = 30 * SECOND;
const LIMITS = { timeout: 5 * SECOND, maxBytes: 131_072 };
const MOST_SETS = 1000;

type KeySet = {
  keys: FetchedKey[] | null;
  /** When `keys` came. */
  fetched: number;
  /** When it was last tried, with this outcome. */
  tried: number;
  problem: FetchProblem | null;
  pending: Promise<void> | null;
};

/** The keys at that URI; fetched anew, if the cooldown allows, when none of the known ones is wanted. */
export async function fetchedKeys(
  env: Env,
  uri: string,
  isWanted: (key: FetchedKey) => boolean,
): Promise<FetchedKey[] | FetchProblem> {
  const set = setOf(env, uri);
  const now = env.now();
  const satisfied = set.keys?.some(isWanted) && now - set.fetched < FRESH;
  if (!satisfied && (set.pending || now - set.tried >= COOLDOWN)) {
    set.pending ??= refresh(env, uri, set).finally(() => {
      set.pending = null;
    });
    await set.pending;
  }
  if (set.keys && now - set.fetched < LAST_RESORT) return set.keys;
  return set.problem ?? 'jwks_uri_error';
}

function setOf(env: Env, uri: string): KeySet {
  const sets = env.memory.of('fetched-keys', () => new Map<string, KeySet>());
  const known = sets.get(uri);
  if (known) return known;
  // The one that was asked for first makes room.
  const oldest = sets.size >= MOST_SETS ? sets.keys().next().value : undefined;
  if (oldest !== undefined) sets.delete(oldest);
  const set: KeySet = { keys: null, fetched: 0, tried: 0, problem: null, pending: null };
  sets.set(uri, set);
  return set;
}

async function refresh(env: Env, uri: string, set: KeySet): Promise<void> {
  const found = await fetchKeys(env, uri);
  set.tried = env.now();
  if (typeof found === 'string') {
    set.problem = found;
    return;
  }
  Object.assign(set, { keys: found, fetched: set.tried, problem: null });
}

async function fetchKeys(env: Env, uri: string): Promise<FetchedKey[] | FetchProblem> {
  try {
    const { status, text } = await guardedFetch(env, uri, { ...LIMITS, headers: { accept: 'application/json' } });
    const keys = status === 200 ? keysIn(text) : null;
    if (keys) return problemOf(keys) ?? keys;
    env.log.warn({ uri, status }, 'A jwks_uri gave no key set');
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    env.log.warn({ uri, reason: error.message }, 'A jwks_uri could not be fetched');
  }
  return 'jwks_uri_error';
}

/** The usable keys of a JWK Set (RFC 7517 section 5: what is not understood is ignored); null when it is none. */
function keysIn(text: string): FetchedKey[] | null {
  const set = parsed(text) as { keys?: unknown } | null;
  if (!Array.isArray(set?.keys) || set.keys.length > MOST_CLIENT_KEYS) return null;
  return set.keys.filter(
    (key): key is FetchedKey => typeof key === 'object' && key !== null && objectionToKey(key) === null,
  );
}

function problemOf(keys: readonly FetchedKey[]): FetchProblem | null {
  if (keys.length === 0) return 'jwks_uri_no_key';
  return keys.length > 1 && new Set(keys.map(({ kid }) => kid)).size < keys.length ? 'jwks_uri_ambiguous_keys' : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
