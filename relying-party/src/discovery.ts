// Owns: reading a provider's discovery document and holding it to the issuer it was asked for, character by character.
// Does not own: keys (issuer-keys.ts), what a failure is called to a caller (verification-error.ts, sign-in-error.ts).
import * as oauth from 'oauth4webapi';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export type ProviderMetadata = oauth.AuthorizationServer;

export type DiscoveryFailure = 'not_an_issuer' | 'unreachable' | 'not_metadata' | 'mismatch';

const TIMEOUT_MS = 5_000;
const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

export class DiscoveryError extends Error {
  readonly failure: DiscoveryFailure;
  /** The issuer that the document names, where it names another one. */
  readonly received: string | undefined;

  constructor(failure: DiscoveryFailure, message: string, details: { received?: string; cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.name = 'DiscoveryError';
    this.failure = failure;
    this.received = details.received;
  }
}

/** Why a string cannot be an issuer (OIDC Core 2: https, no query, no fragment), or undefined when it can. */
export function issuerFault(issuer: string): string | undefined {
  if (!URL.canParse(issuer)) return 'it is not an absolute URL';
  const url = new URL(issuer);
  if (url.protocol !== 'https:' && !isLoopback(url)) return 'it must use https (http is for loopback addresses only)';
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(issuer)) return 'it must have no query and no fragment';
  if (url.username !== '' || url.password !== '') return 'it must have no user name and no password';
  return undefined;
}

/** True for plain http to this very machine, the one place where it may carry tokens. */
export function isLoopback(url: URL): boolean {
  return url.protocol === 'http:' && LOOPBACK_HOSTS.has(url.hostname);
}

export function discoveryUrl(issuer: string): string {
  return `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

export async function discover(issuer: string, fetch: Fetch): Promise<ProviderMetadata> {
  const fault = issuerFault(issuer);
  if (fault !== undefined) throw new DiscoveryError('not_an_issuer', `"${issuer}" cannot be an issuer: ${fault}.`);

  const url = discoveryUrl(issuer);
  let response: Response;
  try {
    response = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new DiscoveryError('unreachable', `${url} could not be fetched.`, { cause });
  }
  if (!response.ok) {
    const failure = response.status >= 500 || response.status === 429 ? 'unreachable' : 'not_metadata';
    throw new DiscoveryError(failure, `${url} answered with status ${response.status}.`);
  }
  return readMetadata(issuer, url, response);
}

async function readMetadata(issuer: string, url: string, response: Response): Promise<ProviderMetadata> {
  let metadata: ProviderMetadata;
  try {
    metadata = await oauth.processDiscoveryResponse(new URL(issuer), response);
  } catch (cause) {
    const received = namedIssuer(cause);
    if (received !== undefined) throw mismatch(issuer, received);
    throw new DiscoveryError('not_metadata', `${url} did not answer with a discovery document.`, { cause });
  }
  // The library compares normalised URLs; an issuer identifier is an exact string (RFC 8414 section 3.3).
  if (metadata.issuer !== issuer) throw mismatch(issuer, metadata.issuer);
  return metadata;
}

function namedIssuer(cause: unknown): string | undefined {
  if (!(cause instanceof oauth.OperationProcessingError) || cause.code !== oauth.JSON_ATTRIBUTE_COMPARISON) return;
  const details = cause.cause as { body?: { issuer?: unknown } } | undefined;
  const received = details?.body?.issuer;
  return typeof received === 'string' ? received : undefined;
}

function mismatch(expected: string, received: string): DiscoveryError {
  const message = `The discovery document names the issuer ${JSON.stringify(received.slice(0, 200))}, but "${expected}" was configured.`;
  return new DiscoveryError('mismatch', message, { received });
}
