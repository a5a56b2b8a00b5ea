// Owns: the decision whether a token is good for this application: issuer, signature, audience, times, kind, client, scopes.
// Does not own: where keys come from (issuer-keys.ts), reading the Authorization header (the API).
import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { type Fetch, issuerFault } from './discovery.ts';
import { createIssuerKeys, type IssuerKeys } from './issuer-keys.ts';
import { quote, VerificationError } from './verification-error.ts';

export type TokenKind = 'access' | 'id';

const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'] as const;
export type Algorithm = (typeof ALGORITHMS)[number];

export type TrustedIssuer = {
  /** Compared with `iss` character by character. */
  issuer: string;
  /** Who the token must be for: the authorization server's audience, or for ID tokens the client ID. */
  audience: string;
  kind: TokenKind;
  /** RS256 unless told otherwise. */
  algorithms?: readonly Algorithm[];
  /** Access tokens only: the clients they may have been issued to; any when absent. */
  clientIds?: readonly string[];
  /** Access tokens only: scopes of which none may be missing. */
  scopes?: readonly string[];
  /** How far the two clocks may disagree; 60 unless told otherwise, 300 at most. */
  clockSkewSeconds?: number;
  fetch?: Fetch;
  /** Epoch milliseconds. */
  now?: () => number;
};

export type VerifiedToken = {
  kind: TokenKind;
  issuer: string;
  subject: string;
  clientId: string;
  scopes: readonly string[];
  /** Epoch seconds. */
  issuedAt: number;
  /** Epoch seconds. */
  expiresAt: number;
  claims: Readonly<Record<string, unknown>>;
};

export type Verifier = {
  verify: (token: string, expected?: { nonce?: string }) => Promise<VerifiedToken>;
};

const DEFAULT_SKEW_SECONDS = 60;
const LARGEST_SKEW_SECONDS = 300;
const LONGEST_TOKEN = 16_384;
const KIND_NAMES: Record<TokenKind, string> = { access: 'an access token', id: 'an ID token' };

type Settings = Required<Omit<TrustedIssuer, 'clientIds' | 'fetch'>> & { clientIds: readonly string[] | undefined };
type Trust = { keys: IssuerKeys; byKind: Map<TokenKind, Settings> };

export function createVerifier(trusted: TrustedIssuer | readonly TrustedIssuer[]): Verifier {
  const trust = readTrust(isList(trusted) ? trusted : [trusted]);
  const issuers = [...trust.keys()].map((issuer) => `"${issuer}"`).join(' or ');

  return {
    verify: async (token, expected = {}) => {
      const { header, payload } = decode(token);
      const issuer = typeof payload.iss === 'string' ? trust.get(payload.iss) : undefined;
      if (issuer === undefined)
        throw new VerificationError(
          'issuer_untrusted',
          `Expected a token of ${issuers}, but its issuer is ${quote(payload.iss)}.`,
        );
      const settings = settingsForKind(issuer, kindOf(header.typ, payload));
      assertAlgorithm(header.alg, settings.algorithms);
      if (typeof header.kid !== 'string' || header.kid === '')
        throw new VerificationError('token_malformed', 'The token names no key (kid) in its header.');

      const keys = await issuer.keys.withKid(header.kid);
      const claims = await verifySigned(token, payload, keys, settings);
      return settings.kind === 'access' ? acceptAccess(claims, settings) : acceptId(claims, settings, expected.nonce);
    },
  };
}

function isList(trusted: TrustedIssuer | readonly TrustedIssuer[]): trusted is readonly TrustedIssuer[] {
  return Array.isArray(trusted);
}

function readTrust(entries: readonly TrustedIssuer[]): Map<string, Trust> {
  if (entries.length === 0) throw new TypeError('A verifier needs at least one trusted issuer.');
  const trust = new Map<string, Trust>();
  for (const entry of entries) {
    const settings = readSettings(entry);
    const known = trust.get(entry.issuer) ?? {
      keys: createIssuerKeys({
        issuer: entry.issuer,
        fetch: entry.fetch ?? ((url, init) => globalThis.fetch(url, init)),
        now: settings.now,
      }),
      byKind: new Map(),
    };
    if (known.byKind.has(entry.kind))
      throw new TypeError(`"${entry.issuer}" is trusted twice for ${KIND_NAMES[entry.kind]}.`);
    known.byKind.set(entry.kind, settings);
    trust.set(entry.issuer, known);
  }
  return trust;
}

function readSettings(entry: TrustedIssuer): Settings {
  const fault = issuerFault(entry.issuer);
  if (fault !== undefined) throw new TypeError(`"${entry.issuer}" cannot be an issuer: ${fault}.`);
  if (typeof entry.audience !== 'string' || entry.audience === '')
    throw new TypeError('An audience is needed: without one, tokens issued for other applications would be accepted.');
  const algorithms = entry.algorithms ?? ['RS256'];
  if (algorithms.length === 0 || !algorithms.every((algorithm) => ALGORITHMS.includes(algorithm)))
    throw new TypeError(`Each algorithm must be one of ${ALGORITHMS.join(', ')}.`);
  const clockSkewSeconds = entry.clockSkewSeconds ?? DEFAULT_SKEW_SECONDS;
  if (!(clockSkewSeconds >= 0 && clockSkewSeconds <= LARGEST_SKEW_SECONDS))
    throw new TypeError(`clockSkewSeconds must lie between 0 and ${LARGEST_SKEW_SECONDS}.`);
  return {
    issuer: entry.issuer,
    audience: entry.audience,
    kind: entry.kind,
    algorithms,
    clientIds: entry.clientIds,
    scopes: entry.scopes ?? [],
    clockSkewSeconds,
    now: entry.now ?? Date.now,
  };
}

type Decoded = { header: ReturnType<typeof decodeProtectedHeader>; payload: JWTPayload };

function decode(token: string): Decoded {
  if (typeof token !== 'string') throw new VerificationError('token_malformed', 'The token is not a string.');
  if (token.length > LONGEST_TOKEN)
    throw new VerificationError('token_malformed', `The token is longer than ${LONGEST_TOKEN} characters.`);
  try {
    return { header: decodeProtectedHeader(token), payload: decodeJwt(token) };
  } catch {
    // The cause is left out: a parser's message may quote its input.
    throw new VerificationError('token_malformed', 'The token is not a signed JWT in compact form.');
  }
}

/** The header of Gatehouse's tokens holds kid and alg only, so their kind is told by their claims. */
function kindOf(typ: unknown, payload: JWTPayload): TokenKind | undefined {
  if (typ !== undefined && (typeof typ !== 'string' || typ.toUpperCase() !== 'JWT')) return undefined;
  if (typeof payload.jti !== 'string') return undefined;
  const hasScopes = Array.isArray(payload.scp) && payload.scp.every((scope) => typeof scope === 'string');
  if (payload.jti.startsWith('AT.'))
    return hasScopes && typeof payload.cid === 'string' && !('nonce' in payload) && !('at_hash' in payload)
      ? 'access'
      : undefined;
  return payload.jti.startsWith('ID.') && !('scp' in payload) && !('cid' in payload) ? 'id' : undefined;
}

function settingsForKind(issuer: Trust, kind: TokenKind | undefined): Settings {
  const settings = kind === undefined ? undefined : issuer.byKind.get(kind);
  if (settings !== undefined) return settings;
  const expected = [...issuer.byKind.keys()].map((each) => KIND_NAMES[each]).join(' or ');
  const received = kind === undefined ? 'neither an access token nor an ID token' : KIND_NAMES[kind];
  throw new VerificationError('wrong_kind', `Expected ${expected}, but this is ${received}.`);
}

function assertAlgorithm(received: unknown, algorithms: readonly string[]): void {
  if (typeof received === 'string' && algorithms.includes(received)) return;
  throw new VerificationError(
    'algorithm_refused',
    `Expected a signature by ${algorithms.join(' or ')}, but the token says ${quote(received)}.`,
  );
}

type SignedClaims = JWTPayload & { iss: string; sub: string; iat: number; exp: number };

async function verifySigned(
  token: string,
  payload: JWTPayload,
  keys: Awaited<ReturnType<IssuerKeys['withKid']>>,
  settings: Settings,
): Promise<SignedClaims> {
  const now = settings.now();
  try {
    const verified = await jwtVerify(token, keys, {
      algorithms: [...settings.algorithms],
      issuer: settings.issuer,
      audience: settings.audience,
      requiredClaims: ['exp', 'iat', 'sub'],
      clockTolerance: settings.clockSkewSeconds,
      currentDate: new Date(now),
    });
    return assertClaims(verified.payload, now, settings.clockSkewSeconds);
  } catch (cause) {
    throw cause instanceof errors.JOSEError ? refusal(cause, payload, now, settings) : cause;
  }
}

function assertClaims(claims: JWTPayload, now: number, skewSeconds: number): SignedClaims {
  const { iss, sub, iat, exp } = claims;
  if (typeof iss !== 'string' || typeof sub !== 'string' || sub === '') throw invalidClaim('sub');
  if (typeof iat !== 'number') throw invalidClaim('iat');
  if (typeof exp !== 'number') throw invalidClaim('exp');
  const ahead = iat - Math.floor(now / 1000);
  if (ahead > skewSeconds)
    throw new VerificationError(
      'issued_in_future',
      `The token was issued ${ahead} s in the future; ${skewSeconds} s of difference are allowed. Compare this machine’s clock with the provider’s.`,
    );
  return { ...claims, iss, sub, iat, exp };
}

function invalidClaim(claim: string): VerificationError {
  return new VerificationError('claim_invalid', `The claim "${claim}" is missing or not of the right type.`);
}

function refusal(cause: errors.JOSEError, payload: JWTPayload, now: number, settings: Settings): VerificationError {
  const skew = `${settings.clockSkewSeconds} s of difference are allowed`;
  const seconds = Math.floor(now / 1000);
  if (cause instanceof errors.JWTExpired)
    return new VerificationError('expired', `The token expired ${seconds - Number(payload.exp)} s ago; ${skew}.`);
  if (cause instanceof errors.JWTClaimValidationFailed) {
    if (cause.claim === 'aud') return wrongAudience(settings.audience, payload.aud);
    if (cause.claim === 'nbf' && cause.reason === 'check_failed')
      return new VerificationError(
        'not_yet_valid',
        `The token is valid only in ${Number(payload.nbf) - seconds} s; ${skew}.`,
      );
    return invalidClaim(cause.claim);
  }
  if (cause instanceof errors.JWSSignatureVerificationFailed)
    return new VerificationError(
      'signature_invalid',
      `The signature does not fit the key that "${settings.issuer}" publishes under this kid.`,
    );
  if (cause instanceof errors.JWKSNoMatchingKey || cause instanceof errors.JWKSMultipleMatchingKeys)
    return new VerificationError(
      'key_unknown',
      `"${settings.issuer}" publishes no key of this kid for the token’s algorithm.`,
    );
  return new VerificationError('token_malformed', 'The token is not a signed JWT that can be understood.', cause);
}

function wrongAudience(expected: string, received: unknown): VerificationError {
  return new VerificationError(
    'audience_mismatch',
    `Expected a token for the audience "${expected}", but this one is for ${quote(received)}.`,
  );
}

function acceptAccess(claims: SignedClaims, settings: Settings): VerifiedToken {
  const clientId = String(claims.cid);
  const scopes = claims.scp as string[];
  if (settings.clientIds !== undefined && !settings.clientIds.includes(clientId))
    throw new VerificationError('client_refused', `The token was issued to the client ${quote(clientId)}.`);
  const missing = settings.scopes.filter((scope) => !scopes.includes(scope));
  if (missing.length > 0)
    throw new VerificationError(
      'scope_missing',
      `The token lacks the scope ${missing.join(' ')}; it has ${quote(scopes.join(' '))}.`,
    );
  return accepted(claims, settings, clientId, scopes);
}

function acceptId(claims: SignedClaims, settings: Settings, nonce: string | undefined): VerifiedToken {
  // OIDC Core 3.1.3.7: further audiences are trusted only when the authorized party is this client.
  const several = Array.isArray(claims.aud) && claims.aud.length > 1;
  if ((several || claims.azp !== undefined) && claims.azp !== settings.audience)
    throw new VerificationError(
      'audience_mismatch',
      `Expected the authorized party (azp) "${settings.audience}", but it is ${quote(claims.azp)}.`,
    );
  if (nonce !== undefined && claims.nonce !== nonce)
    throw new VerificationError(
      'nonce_mismatch',
      'The nonce is not the one that this sign-in sent, so the token answers another request.',
    );
  return accepted(claims, settings, settings.audience, []);
}

function accepted(
  claims: SignedClaims,
  settings: Settings,
  clientId: string,
  scopes: readonly string[],
): VerifiedToken {
  return {
    kind: settings.kind,
    issuer: settings.issuer,
    subject: claims.sub,
    clientId,
    scopes,
    issuedAt: claims.iat,
    expiresAt: claims.exp,
    claims,
  };
}

// biome-ignore lint/performance/noBarrelFile: callers tell refusals by this class, and './verifier' is all they can import
export { VerificationError, type VerificationErrorCode } from './verification-error.ts';
