// Owns: the OpenID Connect requests of a public client and the checks on their answers, over oauth4webapi and jose.
// Does not own: when they are made, where tokens are kept (browser.ts), a verified token's rules (verifier.ts).
import { decodeProtectedHeader } from 'jose';
import * as oauth from 'oauth4webapi';
import { DiscoveryError, discover, type Fetch, isLoopback, type ProviderMetadata } from './discovery.ts';
import { SignInError } from './sign-in-error.ts';
import type { Transaction } from './transaction.ts';
import { createVerifier, VerificationError } from './verifier.ts';

export type IdClaims = Readonly<Record<string, unknown>> & { sub: string };

export type TokenSet = {
  accessToken: string;
  /** Epoch milliseconds of this machine's clock. */
  accessExpiresAt: number;
  refreshToken: string | undefined;
  idToken: string;
  claims: IdClaims;
  scopes: readonly string[];
  /** Epoch milliseconds of this machine's clock. */
  receivedAt: number;
};

export type AuthorizationRequest = {
  transaction: Transaction;
  scopes: readonly string[];
  prompt?: 'none' | 'login' | undefined;
  loginHint?: string | undefined;
};

export type Protocol = {
  newTransaction: (redirectUri: string, returnTo: string) => Transaction;
  authorizationUrl: (request: AuthorizationRequest) => Promise<string>;
  /** Checks the callback's parameters and redeems the code. */
  redeem: (parameters: URLSearchParams, transaction: Transaction) => Promise<TokenSet>;
  refresh: (tokens: TokenSet) => Promise<TokenSet>;
  revoke: (tokens: TokenSet) => Promise<void>;
  /** Undefined when the provider offers no sign-out. */
  logoutUrl: (idToken: string, postLogoutRedirectUri: string) => Promise<string | undefined>;
};

export type ProtocolOptions = {
  issuer: string;
  clientId: string;
  clockSkewSeconds: number;
  fetch: Fetch;
  now: () => number;
};

type Endpoint = 'authorization_endpoint' | 'token_endpoint' | 'revocation_endpoint' | 'end_session_endpoint';

// A provider that tells no lifetime gets the shortest that Gatehouse issues.
const DEFAULT_LIFETIME_SECONDS = 300;
const REQUEST_TIMEOUT_MS = 15_000;

export function createProtocol(options: ProtocolOptions): Protocol {
  const { issuer, clientId, clockSkewSeconds, fetch, now } = options;
  const client = (): oauth.Client => ({
    client_id: clientId,
    [oauth.clockTolerance]: clockSkewSeconds,
    // The library reads the system's clock; this brings it to the page's.
    [oauth.clockSkew]: Math.round((now() - Date.now()) / 1000),
  });
  const verifier = createVerifier({
    issuer,
    audience: clientId,
    kind: 'id',
    algorithms: ['RS256', 'ES256'],
    clockSkewSeconds,
    fetch,
    now,
  });
  const http = () => ({
    [oauth.allowInsecureRequests]: isLoopback(new URL(issuer)),
    [oauth.customFetch]: (url: string, init: oauth.CustomFetchOptions<'POST', URLSearchParams>) =>
      fetch(url, { ...init, signal: init.signal ?? null }),
    signal: () => AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });

  let metadata: Promise<ProviderMetadata> | undefined;
  function provider(): Promise<ProviderMetadata> {
    metadata ??= discover(issuer, fetch).catch((cause: unknown) => {
      metadata = undefined;
      throw discoveryFailure(cause);
    });
    return metadata;
  }

  async function readTokens(response: oauth.TokenEndpointResponse, nonce: string | undefined, before?: TokenSet) {
    const receivedAt = now();
    const idToken = response.id_token ?? before?.idToken;
    if (idToken === undefined)
      throw new SignInError('response_invalid', {
        detail: 'The token answer holds no ID token. Is “openid” among the scopes?',
      });
    const claims =
      response.id_token === undefined && before !== undefined
        ? before.claims
        : await verifiedIdClaims(idToken, response.access_token, nonce);
    // OIDC Core 12.2: a renewal that speaks of somebody else is no renewal.
    if (before !== undefined && before.claims.sub !== claims.sub) throw new SignInError('different_person');
    return {
      accessToken: response.access_token,
      accessExpiresAt: receivedAt + (response.expires_in ?? DEFAULT_LIFETIME_SECONDS) * 1000,
      refreshToken: response.refresh_token ?? before?.refreshToken,
      idToken,
      claims,
      scopes: response.scope?.split(' ') ?? before?.scopes ?? [],
      receivedAt,
    };
  }

  async function verifiedIdClaims(idToken: string, accessToken: string, nonce: string | undefined): Promise<IdClaims> {
    const verified = await verifier.verify(idToken, nonce === undefined ? {} : { nonce });
    await assertAccessTokenHash(verified.claims.at_hash, idToken, accessToken);
    return { ...verified.claims, sub: verified.subject };
  }

  return {
    newTransaction: (redirectUri, returnTo) => ({
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      codeVerifier: oauth.generateRandomCodeVerifier(),
      redirectUri,
      returnTo,
      startedAt: now(),
    }),

    authorizationUrl: async ({ transaction, scopes, prompt, loginHint }) => {
      const url = endpoint(await provider(), 'authorization_endpoint');
      const parameters = {
        client_id: clientId,
        response_type: 'code',
        redirect_uri: transaction.redirectUri,
        scope: scopes.join(' '),
        state: transaction.state,
        nonce: transaction.nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(transaction.codeVerifier),
        code_challenge_method: 'S256',
        ...(prompt === undefined ? {} : { prompt }),
        ...(loginHint === undefined ? {} : { login_hint: loginHint }),
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return url.href;
    },

    redeem: (parameters, transaction) =>
      told(async () => {
        const as = await provider();
        const checked = oauth.validateAuthResponse(as, client(), parameters, transaction.state);
        const response = await oauth.authorizationCodeGrantRequest(
          as,
          client(),
          oauth.None(),
          checked,
          transaction.redirectUri,
          transaction.codeVerifier,
          http(),
        );
        const answer = await oauth.processAuthorizationCodeResponse(as, client(), response, {
          expectedNonce: transaction.nonce,
          requireIdToken: true,
        });
        return readTokens(answer, transaction.nonce);
      }),

    refresh: (tokens) =>
      told(async () => {
        if (tokens.refreshToken === undefined) throw new SignInError('sign_in_required');
        const as = await provider();
        const response = await oauth.refreshTokenGrantRequest(as, client(), oauth.None(), tokens.refreshToken, http());
        return readTokens(await oauth.processRefreshTokenResponse(as, client(), response), undefined, tokens);
      }),

    revoke: (tokens) =>
      told(async () => {
        const as = await provider();
        if (as.revocation_endpoint === undefined) return;
        const revoke = async (token: string | undefined, hint: string) => {
          if (token === undefined) return;
          const additionalParameters = { token_type_hint: hint };
          const response = await oauth.revocationRequest(as, client(), oauth.None(), token, {
            ...http(),
            additionalParameters,
          });
          await oauth.processRevocationResponse(response);
        };
        await revoke(tokens.refreshToken, 'refresh_token');
        await revoke(tokens.accessToken, 'access_token');
      }),

    logoutUrl: async (idToken, postLogoutRedirectUri) => {
      const as = await provider();
      if (as.end_session_endpoint === undefined) return undefined;
      const url = endpoint(as, 'end_session_endpoint');
      url.searchParams.set('id_token_hint', idToken);
      url.searchParams.set('post_logout_redirect_uri', postLogoutRedirectUri);
      return url.href;
    },
  };
}

function endpoint(metadata: ProviderMetadata, name: Endpoint): URL {
  const value = metadata[name];
  if (value === undefined || !URL.canParse(value))
    throw new SignInError('response_invalid', { detail: `The discovery document names no ${name}.` });
  const url = new URL(value);
  if (url.protocol !== 'https:' && !isLoopback(url))
    throw new SignInError('response_invalid', { detail: `The ${name} must use https.` });
  return url;
}

/** OIDC Core 3.1.3.6: the left half of the hash that belongs to the ID token's algorithm. */
async function assertAccessTokenHash(expected: unknown, idToken: string, accessToken: string): Promise<void> {
  if (expected === undefined) return;
  const bits = decodeProtectedHeader(idToken).alg?.slice(-3) ?? '256';
  const digest = new Uint8Array(await crypto.subtle.digest(`SHA-${bits}`, new TextEncoder().encode(accessToken)));
  const half = String.fromCharCode(...digest.subarray(0, digest.length / 2));
  const hash = btoa(half).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  if (expected !== hash)
    throw new SignInError('id_token_invalid', {
      detail: 'The ID token’s at_hash does not fit the access token that came with it.',
    });
}

function discoveryFailure(cause: unknown): SignInError {
  if (cause instanceof DiscoveryError)
    return new SignInError(cause.failure === 'mismatch' ? 'issuer_mismatch' : 'provider_unreachable', {
      detail: cause.message,
      cause,
    });
  return new SignInError('provider_unreachable', { cause });
}

/** Runs a request and tells its failure in this package's own words. */
async function told<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (cause) {
    throw toSignInError(cause);
  }
}

function toSignInError(cause: unknown): unknown {
  if (cause instanceof SignInError) return cause;
  if (cause instanceof oauth.AuthorizationResponseError)
    return new SignInError('authorization_refused', {
      error: cause.error,
      description: cause.error_description,
      cause,
    });
  if (cause instanceof oauth.ResponseBodyError)
    return new SignInError('token_refused', { error: cause.error, description: cause.error_description, cause });
  if (cause instanceof oauth.WWWAuthenticateChallengeError) {
    const { error, error_description: description } = cause.cause[0]?.parameters ?? {};
    return new SignInError('token_refused', { error: error ?? 'invalid_client', description, cause });
  }
  if (cause instanceof VerificationError) {
    const code = cause.code === 'keys_unavailable' ? 'network' : 'id_token_invalid';
    return new SignInError(cause.code === 'issuer_mismatch' ? 'issuer_mismatch' : code, {
      detail: cause.message,
      cause,
    });
  }
  if (cause instanceof oauth.OperationProcessingError) return processingFailure(cause);
  // fetch reports being offline and a refusal by CORS alike, as a TypeError; a time-out as a DOMException.
  if (cause instanceof TypeError || cause instanceof DOMException)
    return new SignInError('network', { detail: 'The sign-in server gave no answer that this page may read.', cause });
  return cause;
}

const ID_TOKEN_FAILURES: ReadonlySet<string | undefined> = new Set([
  oauth.JWT_CLAIM_COMPARISON,
  oauth.JWT_TIMESTAMP_CHECK,
]);

function processingFailure(cause: oauth.OperationProcessingError): SignInError {
  // The library's error holds the whole answer, tokens and all: it must not travel on to a console or a log.
  return new SignInError(ID_TOKEN_FAILURES.has(cause.code) ? 'id_token_invalid' : 'response_invalid', {
    detail: cause.message,
  });
}
