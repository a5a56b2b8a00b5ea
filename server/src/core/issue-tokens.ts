// Owns minting: from an authorization to tokens with exactly the claims that clients know. Every grant ends here, in two steps:
// preparing says what the tokens will say and may fail or take time, so it comes before anything is used up; signing comes after.
// Both stay outside of transactions. Not here: whether anything may be issued, refresh tokens, responses.
import { hashOf } from '../base/key-pair.ts';
import { leftHalfHash, newOpaqueToken } from '../base/opaque-token.ts';
import { MINUTE, SECOND, toSeconds } from '../base/time.ts';
import { accessTokenPurpose } from './access-tokens.ts';
import type { Authorization } from './authorization.ts';
import { claimValues } from './claim-values.ts';
import type { Env } from './env.ts';
import { issuerOf } from './issuers.ts';
import { signJwt, signJwtWith } from './json-web-tokens.ts';
import { orgId } from './org.ts';
import { activeSigningKey } from './signing-keys.ts';
import { idTokenIssuer, takesPartInLogout } from './single-logout.ts';

/** ID tokens live an hour, whatever the policy says of access tokens. */
export const ID_TOKEN_LIFETIME = 60 * MINUTE;

/** A token but for its signature, and the hashes of the tokens beside it. `iat` and `exp` are set when it is signed. */
export type PreparedToken = {
  claims: Record<string, unknown>;
  /** Seconds that it will live. */
  lifetime: number;
};

export type PreparedTokens = { access: PreparedToken | null; identity: PreparedToken | null };

/**
 * What the tokens will say. `accessTokenJti` null: no access token; an ID token is then fat and carries all that the scopes give,
 * otherwise thin. Throws ClaimFailure.
 */
export async function prepareTokens(
  env: Env,
  authorization: Authorization,
  wanted: { accessTokenJti: string | null; idToken: boolean },
): Promise<PreparedTokens> {
  const { accessTokenJti, idToken } = wanted;
  return {
    access: accessTokenJti === null ? null : await prepareAccessToken(env, authorization, accessTokenJti),
    identity: idToken ? await prepareIdToken(env, authorization, accessTokenJti === null ? 'fat' : 'thin') : null,
  };
}

async function prepareAccessToken(env: Env, authorization: Authorization, jti: string): Promise<PreparedToken> {
  const { server, application, user, scopes, lifetimes, authentication, boundKey } = authorization;
  const { sub, ...others } = await claimValues(env, { ...authorization, form: 'access' });
  const claims = {
    ver: 1,
    jti,
    iss: issuerOf(env, server),
    aud: server.kind === 'org' ? issuerOf(env, server) : server.audience,
    iat: 0,
    exp: 0,
    cid: application.client_id,
    ...(user ? { uid: user.id } : {}),
    scp: [...scopes],
    ...(authentication ? { auth_time: toSeconds(authentication.authenticatedAt) } : {}),
    ...(authentication?.acr ? { acr: authentication.acr } : {}),
    sub,
    ...others,
    ...(boundKey === undefined ? {} : { cnf: { jkt: boundKey } }),
  };
  return { claims, lifetime: (lifetimes.accessTokenMinutes * MINUTE) / SECOND };
}

async function prepareIdToken(env: Env, authorization: Authorization, form: 'thin' | 'fat'): Promise<PreparedToken> {
  const { application, user, authentication, nonce } = authorization;
  const claims = {
    sub: user?.id,
    ...(await claimValues(env, { ...authorization, form })),
    ver: 1,
    iss: idTokenIssuer(env, authorization),
    aud: application.client_id,
    iat: 0,
    exp: 0,
    jti: `ID.${newOpaqueToken(env.random)}`,
    amr: authentication?.amr ?? [],
    idp: authentication?.identityProviderId ?? (await orgId(env)),
    ...(nonce === null ? {} : { nonce }),
    auth_time: toSeconds(authentication?.authenticatedAt ?? env.now()),
    ...(authentication?.acr ? { acr: authentication.acr } : {}),
    // OIDC Front-Channel Logout 1.0 section 3, Back-Channel 2.1: by this name the client hears of the session's end.
    ...(authentication?.sessionId && takesPartInLogout(application) ? { sid: authentication.sessionId } : {}),
  };
  return { claims, lifetime: ID_TOKEN_LIFETIME / SECOND };
}

export async function signAccessToken(
  env: Env,
  { server }: Pick<Authorization, 'server'>,
  token: PreparedToken,
): Promise<string> {
  return signJwt(env, { owner: server.id, purpose: accessTokenPurpose(server) }, dated(env, token));
}

/** `hashes`: the tokens issued together with it (OIDC Core 3.1.3.6, 3.3.2.11). */
export async function signIdToken(
  env: Env,
  { server }: Pick<Authorization, 'server'>,
  token: PreparedToken,
  hashes: { accessToken: string | null; code: string | null },
): Promise<string> {
  const key = await activeSigningKey(env, { owner: server.id, purpose: 'sig' });
  const digest = hashOf(key.alg);
  const claims = {
    ...dated(env, token),
    ...(hashes.accessToken === null ? {} : { at_hash: leftHalfHash(digest, hashes.accessToken) }),
    ...(hashes.code === null ? {} : { c_hash: leftHalfHash(digest, hashes.code) }),
  };
  return signJwtWith(key, claims);
}

/** The claims of a token that is signed now. */
export function dated(env: Env, { claims, lifetime }: PreparedToken): Record<string, unknown> {
  const iat = toSeconds(env.now());
  return { ...claims, iat, exp: iat + lifetime };
}
