// Owns what a grant is: the one hole in the token endpoint's pipeline (token.ts). The endpoint authenticates the client, checks
// that it may use the grant, judges by policy, writes the log and mints; a grant only proves its authorization.
import type { Application } from '../../core/applications.ts';
import type { Authentication } from '../../core/authorization.ts';
import type { AuthorizationServer } from '../../core/authorization-servers.ts';
import type { Env } from '../../core/env.ts';
import type { User } from '../../core/users.ts';
import type { Judgement } from '../access-gate.ts';
import type { OAuthError } from '../oauth-error.ts';
import type { Parameters } from '../parameters.ts';

export type TokenRequest = {
  server: AuthorizationServer;
  application: Application;
  parameters: Parameters;
  /** The key that the client showed that it holds, to which tokens are bound (RFC 9449); null: none is wanted. */
  boundKey: string | null;
};

export type Proof = {
  user: User | null;
  /** Asked for, or null to take the server's defaults. */
  scopes: string[] | null;
  authentication: Authentication | null;
  nonce: string | null;
  /** The grant type by which access policy judges. */
  policyGrantType: string;
  /** Set when policy has judged already (at /authorize); otherwise the endpoint asks it now. */
  judged: Judgement | null;
  /** For grants without a page to ask on: throws unless whoever must agree to what policy granted has agreed before. */
  checkConsent?(scopes: readonly string[]): Promise<void>;
  /** The rest of the grant's work, in the transaction that records it, once policy has agreed: using up what is used once. */
  conclude(env: Env, gives: { accessTokenJti: string; refreshTokenId: string | null }): Promise<Conclusion>;
  /** The family that an existing refresh token belongs to; null begins a new one where offline_access was granted. */
  refreshTokenId: string | null;
  /** RFC 8693 section 2.2.1: said in the answer of a token exchange. */
  issuedTokenType?: string;
};

export type Conclusion =
  | { kind: 'done'; refreshToken?: string }
  /** Refused, yet what was written must stay (revocations). */
  | { kind: 'refused'; error: OAuthError };

export type Grant = {
  /** The grant_type that asks for it. */
  type: string;
  /** The org server, whose access tokens are for this server's own API alone, does not offer it. */
  customServersOnly?: true;
  /** Outside any transaction, so it may hash and verify; throws OAuthError when there is nothing to prove. */
  prove(env: Env, request: TokenRequest): Promise<Proof>;
};
