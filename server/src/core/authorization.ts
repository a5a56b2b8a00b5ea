// Owns what every grant ends in: who lets which client do what, on which server, for how long. Tokens are minted from this
// value alone (issue-tokens.ts), and it is what an authorization code and a refresh token remember.
import type { Application } from './applications.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import type { DecidingRule, Lifetimes } from './policies/access-policy.ts';
import type { Session } from './sessions.ts';
import type { User } from './users.ts';

export type Authentication = {
  /** Null when the person proved who they are without a browser session, as in the password grant. */
  sessionId: string | null;
  /** Epoch milliseconds at which the person proved who they are. */
  authenticatedAt: number;
  /** Methods of RFC 8176, such as `pwd`. */
  amr: string[];
  /** The external provider that vouched for the person; missing: this server. */
  identityProviderId?: string | undefined;
  /** The level that the request asked for and that was met (OIDC Core 2, `acr`). */
  acr?: string | undefined;
};

export type Authorization = {
  server: AuthorizationServer;
  application: Application;
  /** Null when the client acts for itself. */
  user: User | null;
  /** Granted, in the order asked. */
  scopes: readonly string[];
  lifetimes: Lifetimes;
  /** By which policy allowed it; null: the org server, which has no policies. */
  rule: DecidingRule | null;
  authentication: Authentication | null;
  nonce: string | null;
  /** The thumbprint of the key that must be shown with the tokens (RFC 9449); missing: whoever holds them may use them. */
  boundKey?: string | undefined;
};

/** The part of an authorization that codes and refresh tokens keep as JSON. */
export type KeptGrant = {
  scopes: string[];
  lifetimes: Lifetimes;
  rule: DecidingRule | null;
  authentication: Authentication | null;
  nonce: string | null;
  /** The grant type by which policy judged the first request; a refresh is judged by it again. */
  policyGrantType: string;
  /** Who redeems it must hold this key (RFC 9449 sections 5 and 10). */
  boundKey?: string | undefined;
};

/** As a browser session tells it. */
export function authenticationBy(session: Session): Authentication {
  const { id, authenticated_at, amr, identity_provider_id } = session;
  return {
    sessionId: id,
    authenticatedAt: authenticated_at,
    amr,
    ...(identity_provider_id === null ? {} : { identityProviderId: identity_provider_id }),
  };
}
