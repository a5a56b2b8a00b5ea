// Owns minting: from an authorization to signed tokens with exactly the claims that clients know. Every grant ends here.
// Signing is slow: call it outside transactions. Not here: whether anything may be issued, refresh tokens, responses.
import { leftHalfHash, newOpaqueToken } from '../base/opaque-token.ts';
import { MINUTE, toSeconds } from '../base/time.ts';
import { accessTokenPurpose } from './access-tokens.ts';
import { appUserName } from './application-assignments.ts';
import type { Authorization } from './authorization.ts';
import type { Env } from './env.ts';
import { identityClaims } from './identity-claims.ts';
import { issuerOf } from './issuers.ts';
import { signJwt } from './json-web-tokens.ts';
import { orgId } from './org.ts';

/** ID tokens live an hour, whatever the policy says of access tokens. */
export const ID_TOKEN_LIFETIME = 60 * MINUTE;

/** Signs an access token; `jti` was chosen where the grant was recorded. */
export async function issueAccessToken(env: Env, authorization: Authorization, jti: string): Promise<string> {
  const { server, application, user, scopes, lifetimes, authentication } = authorization;
  const iat = toSeconds(env.now());
  const sub = user ? await appUserName(env, application, user) : application.client_id;
  const claims = {
    ver: 1,
    jti,
    iss: issuerOf(env, server),
    aud: server.kind === 'org' ? issuerOf(env, server) : server.audience,
    iat,
    exp: iat + lifetimes.accessTokenMinutes * 60,
    cid: application.client_id,
    ...(user ? { uid: user.id } : {}),
    scp: [...scopes],
    ...(authentication ? { auth_time: toSeconds(authentication.authenticatedAt) } : {}),
    sub,
  };
  return signJwt(env, { owner: server.id, purpose: accessTokenPurpose(server) }, claims);
}

/**
 * Signs an ID token. With an access token beside it, it is thin: only the claims that are always included; alone, it is fat.
 * `hashes`: the tokens issued together with it (OIDC Core 3.1.3.6, 3.3.2.11).
 */
export async function issueIdToken(
  env: Env,
  authorization: Authorization & { user: NonNullable<Authorization['user']> },
  hashes: { accessToken: string | null; code: string | null },
): Promise<string> {
  const { server, application, user, scopes, authentication, nonce } = authorization;
  const iat = toSeconds(env.now());
  const form = hashes.accessToken === null ? 'fat' : 'thin';
  const claims = {
    sub: user.id,
    ...(await identityClaims(env, { server, application, user, scopes, form })),
    ver: 1,
    iss: idTokenIssuer(env, authorization),
    aud: application.client_id,
    iat,
    exp: iat + ID_TOKEN_LIFETIME / 1000,
    jti: `ID.${newOpaqueToken(env.random)}`,
    amr: authentication?.amr ?? [],
    idp: await orgId(env),
    ...(nonce === null ? {} : { nonce }),
    auth_time: toSeconds(authentication?.authenticatedAt ?? env.now()),
    ...(hashes.accessToken === null ? {} : { at_hash: leftHalfHash(hashes.accessToken) }),
    ...(hashes.code === null ? {} : { c_hash: leftHalfHash(hashes.code) }),
  };
  return signJwt(env, { owner: server.id, purpose: 'sig' }, claims);
}

// On the org server an application chooses the issuer of its ID tokens; on a custom server the server does.
function idTokenIssuer(env: Env, { server, application }: Authorization): string {
  if (server.kind === 'custom') return issuerOf(env, server);
  return issuerOf(env, { ...server, issuerMode: application.settings.oauthClient.issuer_mode });
}
