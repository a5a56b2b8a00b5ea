// Owns which claims about a person an ID token or userinfo carries: the scopes granted, what the server's claims say, and whether
// the token is thin (an access token came with it) or fat. Not here: the claims of every token (issue-tokens.ts).
import type { Application } from './applications.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import { type Claim, listClaims } from './claims.ts';
import type { Env } from './env.ts';
import { type ClaimedUser, findStandardClaim, standardClaims } from './standard-claims.ts';
import type { User } from './users.ts';

export type ClaimsQuestion = {
  server: AuthorizationServer;
  application: Application;
  user: User;
  scopes: readonly string[];
  /** thin: only what is always included. fat and userinfo: everything that the scopes give. */
  form: 'thin' | 'fat' | 'userinfo';
};

type Source = Pick<Claim, 'name' | 'scopes' | 'alwaysIncludeInToken' | 'valueType'>;

// Leading members of every ID token that Okta's documents show; the rest follow in the server's own order.
const FIRST = ['name', 'email'];

/** Claims by name; what the profile does not say is absent. */
export async function identityClaims(env: Env, question: ClaimsQuestion): Promise<Record<string, unknown>> {
  const { scopes, form, user } = question;
  const sources = (await sourcesOf(env, question.server)).filter(
    (claim) =>
      (claim.scopes.length === 0 || claim.scopes.some((scope) => scopes.includes(scope))) &&
      (form !== 'thin' || claim.alwaysIncludeInToken),
  );
  const ordered = [...sources].sort((left, right) => rank(left.name) - rank(right.name));
  const entries = ordered.map((claim) => [claim.name, claimValue(claim, user)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}

function rank(name: string): number {
  const index = FIRST.indexOf(name);
  return index === -1 ? FIRST.length : index;
}

async function sourcesOf(env: Env, server: AuthorizationServer): Promise<readonly Source[]> {
  if (server.kind === 'org')
    return standardClaims.map(({ name, scope, always }) => ({
      name,
      scopes: [scope],
      alwaysIncludeInToken: always,
      valueType: 'SYSTEM',
    }));
  const claims = await listClaims(env, server);
  return claims.filter(({ claimType, status }) => claimType === 'IDENTITY' && status === 'ACTIVE');
}

function claimValue({ name, valueType }: Source, user: ClaimedUser): unknown {
  return valueType === 'SYSTEM' ? findStandardClaim(name)?.value(user) : undefined;
}
