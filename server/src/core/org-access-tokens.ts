// Owns the org server's access tokens as the management API sees them: who calls, with which scopes.
import { verifyAccessToken } from './access-tokens.ts';
import { orgAuthorizationServer } from './authorization-servers.ts';
import type { Env } from './env.ts';

export type OrgAccessToken = {
  clientId: string;
  userId: string | null;
  scopes: string[];
  jti: string;
  /** The thumbprint of the key that must be shown with it; null: none. */
  boundKey: string | null;
};

/** What the token allows; null when it is not a good access token of the org server (a custom server's is not). */
export async function verifyOrgAccessToken(env: Env, token: string): Promise<OrgAccessToken | null> {
  const verified = await verifyAccessToken(env, orgAuthorizationServer(env), token);
  if (!verified) return null;
  const { claims } = verified;
  const { cid: clientId, uid: userId = null, scp: scopes = [], jti, cnf } = claims;
  return { clientId, userId, scopes, jti, boundKey: cnf?.jkt ?? null };
}
