// Owns issuing at the authorization endpoint: a code, tokens of the implicit and hybrid flows, or both (OIDC Core 3.2, 3.3).

import { newAccessTokenJti } from '../core/access-tokens.ts';
import { clientActor } from '../core/actors.ts';
import { type Authorization, authenticationBy, type KeptGrant } from '../core/authorization.ts';
import { createAuthorizationCode } from '../core/authorization-codes.ts';
import { consumeAuthorizationRequest } from '../core/authorization-requests.ts';
import { type Env, transact } from '../core/env.ts';
import { type PreparedTokens, signAccessToken, signIdToken } from '../core/issue-tokens.ts';
import type { Session } from '../core/sessions.ts';
import { noteSessionClient } from '../core/single-logout.ts';
import { type LogEntry, record } from '../core/system-log.ts';
import type { User } from '../core/users.ts';
import type { Judgement } from './access-gate.ts';
import { oauthError } from './oauth-error.ts';
import type { Pending } from './pending-authorization.ts';
import { preparedTokens } from './prepared-tokens.ts';
import { deliver } from './response-mode.ts';
import { oauthEventType, userTarget } from './token-events.ts';

/** `judgement`: of the code, or of what there is without one. `frontChannel`: of the tokens that come at once. */
type Granted = {
  session: Session;
  user: User;
  /** The level of assurance that was asked for and is met. */
  acr: string | undefined;
  judgement: Judgement;
  frontChannel: Judgement;
  policyGrantType: string;
};

export async function issueAuthorizationResponse(env: Env, pending: Pending, granted: Granted): Promise<Response> {
  const { responseTypes } = pending.parameters;
  const authorization = frontChannelAuthorization(pending, granted);
  const wanted = {
    accessTokenJti: responseTypes.has('token') ? newAccessTokenJti(env, null) : null,
    idToken: responseTypes.has('id_token'),
  };
  const request = { endpoint: 'authorize', parameters: pending.given } as const;
  const tokens = await preparedTokens(env, authorization, wanted, request);
  const code = await transact(env, async (env) => {
    if (pending.kept && !(await consumeAuthorizationRequest(env, pending.kept.row)))
      throw oauthError('expired_transaction');
    const code = responseTypes.has('code') ? await createCode(env, pending, granted) : null;
    if (wanted.idToken) await noteSessionClient(env, authorization);
    await record(env, ...events(pending, granted));
    return code;
  });
  const signed = await frontChannelTokens(env, authorization, tokens, code);
  return deliver(env, pending.channel, { ...(code === null ? {} : { code }), ...signed }, pending.cookies);
}

function createCode(
  env: Env,
  pending: Pending,
  { session, user, acr, judgement, policyGrantType }: Granted,
): Promise<string> {
  const { server, application, channel, parameters } = pending;
  const grant: KeptGrant = {
    ...judgement,
    authentication: authenticationOf(session, acr),
    nonce: parameters.nonce,
    policyGrantType,
    boundKey: parameters.boundKey ?? undefined,
  };
  return createAuthorizationCode(env, {
    serverId: server.id,
    clientId: application.client_id,
    userId: user.id,
    sessionId: session.id,
    redirectUri: channel.redirectUri,
    codeChallenge: parameters.codeChallenge,
    grant,
  });
}

function authenticationOf(session: Session, acr: string | undefined) {
  return { ...authenticationBy(session), acr };
}

function frontChannelAuthorization(pending: Pending, { session, user, acr, frontChannel }: Granted): Authorization {
  const { server, application, parameters } = pending;
  // No refresh token comes out of the front channel, so offline_access means nothing there.
  const scopes = frontChannel.scopes.filter((scope) => scope !== 'offline_access');
  const authentication = authenticationOf(session, acr);
  return { server, application, user, ...frontChannel, scopes, authentication, nonce: parameters.nonce };
}

async function frontChannelTokens(
  env: Env,
  authorization: Authorization,
  { access, identity }: PreparedTokens,
  code: string | null,
): Promise<Record<string, string>> {
  const accessToken = access && (await signAccessToken(env, authorization, access));
  const idToken = identity && (await signIdToken(env, authorization, identity, { accessToken, code }));
  return {
    ...(access && accessToken !== null
      ? { access_token: accessToken, token_type: 'Bearer', expires_in: String(access.lifetime) }
      : {}),
    ...(accessToken === null && idToken === null ? {} : { scope: authorization.scopes.join(' ') }),
    ...(idToken === null ? {} : { id_token: idToken }),
  };
}

function events({ server, application, parameters }: Pending, { session, user, judgement }: Granted): LogEntry[] {
  const about = (eventType: string, displayMessage: string): LogEntry => ({
    eventType,
    displayMessage,
    actor: { id: user.id, type: 'User', alternateId: user.login, displayName: user.login },
    externalSessionId: session.id,
    target: [{ ...clientActor(application), type: 'AppInstance' }, userTarget(user)],
    debugData: { grantedScopes: judgement.scopes.join(','), authorizationServerId: server.id },
  });
  const kinds: readonly (readonly ['code' | 'token' | 'id_token', string, string])[] = [
    ['code', 'authorize.code', 'OAuth2 authorization code request'],
    ['token', 'authorize.implicit.access_token', 'OAuth2 access token is granted at the authorization endpoint'],
    ['id_token', 'authorize.implicit.id_token', 'OpenID Connect ID token is granted at the authorization endpoint'],
  ];
  return [
    ...kinds
      .filter(([type]) => parameters.responseTypes.has(type))
      .map(([, what, message]) => about(oauthEventType(server, what), message)),
    about('user.authentication.sso', 'User single sign on to app'),
  ];
}
