// Owns the token endpoint: the pipeline that every grant passes. form → client → may it use the grant → the grant's proof → access
// policy → consent → what the tokens will say → [one transaction: what the grant concludes, refresh token, System Log] → signing →
// answer.
// A grant (grants/) fills one hole and cannot forget a step. Not here: what a grant proves.
import { newAccessTokenJti } from '../core/access-tokens.ts';
import type { Application } from '../core/applications.ts';
import type { Authorization } from '../core/authorization.ts';
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import { type Env, transact } from '../core/env.ts';
import { objectionToGrant } from '../core/grant-terms.ts';
import { type PreparedTokens, signAccessToken, signIdToken } from '../core/issue-tokens.ts';
import { createRefreshToken, newRefreshTokenId } from '../core/refresh-tokens.ts';
import { noteSessionClient } from '../core/single-logout.ts';
import { record } from '../core/system-log.ts';
import { json } from '../http/reply.ts';
import { type Judgement, judge, recordDenial } from './access-gate.ts';
import { checkBrowserOrigin } from './browser-origin.ts';
import { authenticateClient } from './client-authentication.ts';
import { boundKeyOf } from './dpop.ts';
import type { Conclusion, Grant, Proof, TokenRequest } from './grants/grant.ts';
import { grantsOf } from './grants/grants.ts';
import { OAuthError, oauthError } from './oauth-error.ts';
import { formParameters } from './parameters.ts';
import { preparedTokens } from './prepared-tokens.ts';
import { tokenEvents } from './token-events.ts';

/** POST …/v1/token: RFC 6749 section 3.2; answers section 5.1 or throws section 5.2. */
export async function answerToken(env: Env, server: AuthorizationServer, request: Request): Promise<Response> {
  const parameters = await formParameters(request);
  const grantType = parameters.get('grant_type');
  if (grantType === undefined) throw oauthError('missing_grant_type', supportedTypes(server));
  const application = await authenticateClient(env, request, parameters);
  await checkBrowserOrigin(env, request, application);
  const grant = grantFor(server, application, grantType);
  const boundKey = await boundKeyOf(env, request, application);
  const granted = await conclude(env, grant, { server, application, parameters, boundKey });
  return json(await tokenResponse(env, granted), 200, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

function grantFor(server: AuthorizationServer, application: Application, type: string): Grant {
  const grant = grantsOf(server).find((candidate) => candidate.type === type);
  if (!grant) throw oauthError('unsupported_grant_type', supportedTypes(server));
  const objection = objectionToGrant(application, type);
  if (objection) throw oauthError(objection.reason, objection.insert);
  return grant;
}

function supportedTypes(server: AuthorizationServer): string {
  return grantsOf(server)
    .map(({ type }) => type)
    .join(', ');
}

/** What is about to be issued, before anything is used up for it. */
type Offer = {
  authorization: Authorization;
  tokens: PreparedTokens;
  accessTokenJti: string;
  /** The family of refresh tokens; null: none. */
  refreshTokenId: string | null;
  /** The family is new, and its first token has to be made. */
  beginsFamily: boolean;
};
type Granted = Offer & { refreshToken: string | null; issuedTokenType: string | null };

async function conclude(env: Env, grant: Grant, context: TokenRequest): Promise<Granted> {
  let proof: Proof | null = null;
  let rule: Judgement['rule'] = null;
  try {
    const proven = await grant.prove(env, context);
    proof = proven;
    const judgement = proven.judged ?? (await judge(env, context, proven));
    rule = judgement.rule;
    await proven.checkConsent?.(judgement.scopes);
    const offer = await prepare(env, context, proven, judgement);
    const outcome = await transact(env, (env) => settle(env, grant, proven, offer));
    if (outcome instanceof OAuthError) throw outcome;
    return outcome;
  } catch (error) {
    if (error instanceof OAuthError)
      await recordDenial(env, context, { at: 'token', grantType: grant.type, proof, rule, error });
    throw error;
  }
}

async function prepare(env: Env, context: TokenRequest, proof: Proof, judgement: Judgement): Promise<Offer> {
  const { server, application } = context;
  const boundKey = context.boundKey ?? undefined;
  const { user, authentication, nonce } = proof;
  const authorization: Authorization = { server, application, user, ...judgement, authentication, nonce, boundKey };
  const beginsFamily = proof.refreshTokenId === null && mayRefresh(authorization);
  const refreshTokenId = beginsFamily ? newRefreshTokenId(env) : proof.refreshTokenId;
  const accessTokenJti = newAccessTokenJti(env, refreshTokenId);
  const wanted = { accessTokenJti, idToken: user !== null && judgement.scopes.includes('openid') };
  const { parameters } = context;
  const tokens = await preparedTokens(env, authorization, wanted, { endpoint: 'token', parameters });
  return { authorization, tokens, accessTokenJti, refreshTokenId, beginsFamily };
}

// Inside the transaction. Returns an OAuthError (instead of throwing it) when what was written must stay.
async function settle(env: Env, grant: Grant, proof: Proof, offer: Offer): Promise<Granted | OAuthError> {
  const { authorization, accessTokenJti: jti, refreshTokenId } = offer;
  const { user } = authorization;
  const conclusion: Conclusion = await proof.conclude(env, { accessTokenJti: jti, refreshTokenId });
  if (conclusion.kind === 'refused') return conclusion.error;
  let refreshToken = conclusion.refreshToken ?? null;
  if (offer.beginsFamily && refreshTokenId !== null && user !== null)
    refreshToken = await createRefreshToken(env, refreshTokenId, { ...authorization, user }, proof.policyGrantType);
  if (offer.tokens.identity !== null) await noteSessionClient(env, authorization);
  await record(env, ...tokenEvents({ authorization, grantType: grant.type, jti, refreshTokenId }));
  return { ...offer, refreshToken, issuedTokenType: proof.issuedTokenType ?? null };
}

// A refresh token needs a person, the scope, and the application's leave to use it.
function mayRefresh({ user, scopes, application }: Authorization): boolean {
  const { grant_types } = application.settings.oauthClient;
  return user !== null && scopes.includes('offline_access') && grant_types.includes('refresh_token');
}

async function tokenResponse(env: Env, granted: Granted): Promise<Record<string, unknown>> {
  const { authorization, tokens, refreshToken, issuedTokenType } = granted;
  const { access, identity } = tokens;
  const accessToken = access && (await signAccessToken(env, authorization, access));
  const idToken = identity && (await signIdToken(env, authorization, identity, { accessToken, code: null }));
  return {
    token_type: authorization.boundKey === undefined ? 'Bearer' : 'DPoP',
    expires_in: access?.lifetime,
    access_token: accessToken,
    scope: authorization.scopes.join(' '),
    ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
    ...(idToken === null ? {} : { id_token: idToken }),
    ...(issuedTokenType === null ? {} : { issued_token_type: issuedTokenType }),
  };
}
