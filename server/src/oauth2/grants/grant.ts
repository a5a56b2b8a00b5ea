// Owns what a grant is: the one hole in the token endpoint's pipeline (token.ts). The endpoint authenticates the client, checks
// that it may use the grant, judges by policy, writes the log and mints; a grant only proves its authorization.
import type { Application } from '../../core/applications.ts';
import type { Authentication } from '../../core/authorization.ts';
import type { AuthorizationServer } from '../../core/authorization-servers.ts';
import type { Env } from '../../core/env.ts';
import type { Lifetimes } from '../../core/policies/access-policy.ts';
import type { User } from '../../core/users.ts';
import type { OAuthError } from '../oauth-error.ts';
import type { Parameters } from '../parameters.ts';

export type TokenRequest = {
  server: AuthorizationServer;
  application: Application;
  parameters: Parameters;
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
  judged: { scopes: string[]; lifetimes: Lifetimes } | null;
  /** The rest of the grant's work in the same transaction, once policy has agreed. */
  conclude(env: Env, gives: { accessTokenJti: string; refreshTokenId: string | null }): Promise<Conclusion>;
  /** The family that an existing refresh token belongs to; null begins a new one where offline_access was granted. */
  refreshTokenId: string | null;
};

export type Conclusion =
  | { kind: 'done'; refreshToken?: string }
  /** Refused, yet what was written must stay (revocations). */
  | { kind: 'refused'; error: OAuthError };

export type Grant = {
  /** The grant_type that asks for it. */
  type: string;
  /** Checks what needs no transaction, then what does; throws OAuthError when there is nothing to prove. */
  prove(env: Env, request: TokenRequest): Promise<Proof>;
};
