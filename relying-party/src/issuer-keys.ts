// Owns: the public keys of one issuer: found through discovery, cached, read again for an unknown kid, and how often that
// may cost a fetch. Does not own: what a token must claim (verifier.ts).
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { DiscoveryError, discover, type Fetch, isLoopback } from './discovery.ts';
import { quote, VerificationError } from './verification-error.ts';

export type KeySet = ReturnType<typeof createLocalJWKSet>;

export type IssuerKeys = {
  /** A key set that holds this kid; throws when there is none or the provider cannot be asked. */
  withKid: (kid: string) => Promise<KeySet>;
};

type Cached = { set: KeySet; kids: ReadonlySet<string>; readAt: number };

const SECOND = 1_000;
const FETCH_TIMEOUT_MS = 5 * SECOND;
const FRESH_MS = 600 * SECOND;
// How long known keys outlive a provider that cannot be asked.
const STALE_MS = 3_600 * SECOND;
const METADATA_MS = 86_400 * SECOND;
// At most one fetch in this time, however many unknown kids arrive.
const COOLDOWN_MS = 30 * SECOND;
// Without any key nothing can be verified, so a first failure is retried sooner.
const FIRST_RETRY_MS = 2 * SECOND;
const MISSING_MS = 300 * SECOND;
const MISSING_LIMIT = 1_000;
const ASYMMETRIC_KEY_TYPES: ReadonlySet<unknown> = new Set(['RSA', 'EC', 'OKP']);

export function createIssuerKeys(options: { issuer: string; fetch: Fetch; now: () => number }): IssuerKeys {
  const { issuer, fetch, now } = options;
  let cached: Cached | undefined;
  let metadata: { jwksUri: string; readAt: number } | undefined;
  let lastAttempt: { at: number; failure: VerificationError | undefined } | undefined;
  let inFlight: Promise<void> | undefined;
  const missing = new Map<string, number>();

  const age = () => (cached === undefined ? Number.POSITIVE_INFINITY : now() - cached.readAt);

  async function jwksUri(): Promise<string> {
    if (metadata === undefined || now() - metadata.readAt > METADATA_MS) {
      const document = await discover(issuer, fetch);
      metadata = { jwksUri: checkedJwksUri(issuer, document.jwks_uri), readAt: now() };
    }
    return metadata.jwksUri;
  }

  async function read(): Promise<void> {
    lastAttempt = { at: now(), failure: undefined };
    try {
      const keys = await fetchKeys(await jwksUri(), fetch);
      cached = { set: createLocalJWKSet({ keys }), kids: new Set(keys.map((key) => key.kid)), readAt: now() };
    } catch (cause) {
      metadata = undefined;
      lastAttempt.failure = providerFailure(issuer, cause);
    }
  }

  /** Reads the keys again unless that was tried a moment ago; answers the failure of the latest attempt. */
  async function readAgain(): Promise<VerificationError | undefined> {
    const pause = cached === undefined ? FIRST_RETRY_MS : COOLDOWN_MS;
    if (inFlight === undefined && (lastAttempt === undefined || now() - lastAttempt.at >= pause)) {
      inFlight = read().finally(() => {
        inFlight = undefined;
      });
    }
    await inFlight;
    return lastAttempt?.failure;
  }

  function rememberMissing(kid: string): void {
    missing.delete(kid);
    missing.set(kid, now() + MISSING_MS);
    const oldest = missing.keys().next();
    if (missing.size > MISSING_LIMIT && !oldest.done) missing.delete(oldest.value);
  }

  async function withKid(kid: string): Promise<KeySet> {
    const holds = (held: Cached | undefined): held is Cached => held?.kids.has(kid) === true;
    if (holds(cached) && age() < FRESH_MS) return cached.set;
    if (!holds(cached) && age() < FRESH_MS && (missing.get(kid) ?? 0) > now()) throw unknownKey(issuer, kid);

    const attemptBefore = lastAttempt;
    const failure = await readAgain();
    if (holds(cached) && age() < STALE_MS) return cached.set;
    if (failure !== undefined) throw failure;
    if (lastAttempt !== attemptBefore) rememberMissing(kid);
    throw unknownKey(issuer, kid);
  }

  return { withKid };
}

type NamedKey = JSONWebKeySet['keys'][number] & { kid: string };

async function fetchKeys(uri: string, fetch: Fetch): Promise<NamedKey[]> {
  const response = await fetch(uri, {
    headers: { accept: 'application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`${uri} answered with status ${response.status}.`);
  const body: unknown = await response.json();
  const keys = isRecord(body) && Array.isArray(body.keys) ? body.keys.filter(isUsable) : [];
  if (keys.length === 0) throw new Error(`${uri} did not answer with a set of public signing keys.`);
  return keys;
}

function isUsable(key: unknown): key is NamedKey {
  return (
    isRecord(key) &&
    typeof key.kid === 'string' &&
    ASYMMETRIC_KEY_TYPES.has(key.kty) &&
    key.use !== 'enc' &&
    !('d' in key)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkedJwksUri(issuer: string, uri: unknown): string {
  if (typeof uri !== 'string' || !URL.canParse(uri))
    throw new Error(`The discovery document of "${issuer}" names no jwks_uri.`);
  const url = new URL(uri);
  if (url.protocol !== 'https:' && !isLoopback(url))
    throw new Error(`The jwks_uri ${quote(uri)} must use https (http is for loopback addresses only).`);
  return uri;
}

function providerFailure(issuer: string, cause: unknown): VerificationError {
  if (cause instanceof DiscoveryError && cause.failure === 'mismatch')
    return new VerificationError('issuer_mismatch', cause.message, cause);
  const reason = cause instanceof Error ? cause.message : 'unknown failure';
  return new VerificationError('keys_unavailable', `The keys of "${issuer}" cannot be read now: ${reason}`, cause);
}

function unknownKey(issuer: string, kid: string): VerificationError {
  return new VerificationError(
    'key_unknown',
    `The token is signed with the key ${quote(kid)}, which "${issuer}" does not publish.`,
  );
}
