// Owns the System Log events of issued tokens: names and targets as Okta's catalogue has them, one event a token.
import { clientActor } from '../core/actors.ts';
import type { Authorization } from '../core/authorization.ts';
import type { LogEntry, LogTarget } from '../core/system-log.ts';
import type { User } from '../core/users.ts';

/** `app.oauth2.as.x` for a custom server, `app.oauth2.x` for the org server. */
export function oauthEventType(server: { kind: 'org' | 'custom' }, what: string): string {
  return server.kind === 'org' ? `app.oauth2.${what}` : `app.oauth2.as.${what}`;
}

export function userTarget(user: { id: string; login: string }): LogTarget {
  return { id: user.id, type: 'User', alternateId: user.login, displayName: user.login };
}

/** The events of one token answer: access token, and ID and refresh token where they are part of it. */
export function tokenEvents(facts: {
  authorization: Authorization;
  grantType: string;
  jti: string;
  refreshTokenId: string | null;
}): LogEntry[] {
  const { authorization, grantType, jti, refreshTokenId } = facts;
  const { server, application, user, scopes } = authorization;
  const people = user ? [userTarget(user)] : [];
  const event = (kind: string, title: string, id: string): LogEntry => ({
    eventType: oauthEventType(server, `token.grant.${kind}`),
    displayMessage: `OAuth2 ${title} is granted`,
    actor: clientActor(application),
    target: [{ id, type: kind, alternateId: id, displayName: title }, ...people],
    debugData: { grantType, grantedScopes: scopes.join(','), authorizationServerId: server.id },
  });
  return [
    event('access_token', 'access token', jti),
    ...(user && scopes.includes('openid') ? [event('id_token', 'id token', user.id)] : []),
    ...(refreshTokenId === null ? [] : [event('refresh_token', 'refresh token', refreshTokenId)]),
  ];
}

/** A person's decision about a device, and on a yes the sign-on that it is. */
export function deviceEvents(
  { server, application, user }: Pick<Authorization, 'server' | 'application'> & { user: User },
  sessionId: string,
  decision: 'approved' | 'denied',
  scopes: readonly string[],
): LogEntry[] {
  const about = {
    actor: { id: user.id, type: 'User' as const, alternateId: user.login, displayName: user.login },
    externalSessionId: sessionId,
    target: [{ ...clientActor(application), type: 'AppInstance' }, userTarget(user)],
    debugData: { grantedScopes: scopes.join(','), authorizationServerId: server.id },
  };
  const authorize: LogEntry = {
    ...about,
    eventType: oauthEventType(server, 'authorize'),
    displayMessage: `OAuth2 device authorization is ${decision}`,
    outcome: decision === 'approved' ? { result: 'SUCCESS' } : { result: 'DENY', reason: 'device_refused' },
  };
  const signOn = { ...about, eventType: 'user.authentication.sso', displayMessage: 'User single sign on to app' };
  return decision === 'approved' ? [authorize, signOn] : [authorize];
}
