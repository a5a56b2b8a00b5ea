// Owns the device_code grant (RFC 8628 section 3.4): a device asks until a person has decided on another screen.
import { consumeDeviceCode, type DeviceCode, findDeviceCode, notePoll } from '../../core/device-codes.ts';
import type { Env } from '../../core/env.ts';
import { wasEnded } from '../../core/sessions.ts';
import { findUserById, isUsable, type User } from '../../core/users.ts';
import { type OAuthError, oauthError } from '../oauth-error.ts';
import type { Grant, TokenRequest } from './grant.ts';
import { requireConsent } from './without-sign-in.ts';

const TYPE = 'urn:ietf:params:oauth:grant-type:device_code';

export const deviceCodeGrant: Grant = {
  type: TYPE,
  async prove(env, request) {
    const presented = request.parameters.get('device_code');
    if (presented === undefined) throw oauthError('missing_parameter', 'device_code');
    const code = await findDeviceCode(env, presented);
    if (!code) throw oauthError('invalid_device_code');
    const problem = problemOf(env, code, request) ?? (await undecided(env, code));
    if (problem) throw problem;
    if (code.session_id !== null && (await wasEnded(env, code.session_id))) throw oauthError('invalid_device_code');
    const user = await approver(env, code);
    return {
      user,
      // Those that the person was shown; policy is asked again, since it may have changed while the device waited.
      scopes: code.scopes,
      authentication: code.grant?.authentication ?? null,
      nonce: null,
      policyGrantType: TYPE,
      judged: null,
      refreshTokenId: null,
      // The yes at /activate was remembered; it may have been taken back meanwhile.
      checkConsent: (scopes) => requireConsent(env, { ...request, user }, TYPE, scopes),
      conclude: async (inner) =>
        (await consumeDeviceCode(inner, code))
          ? { kind: 'done' }
          : { kind: 'refused', error: oauthError('invalid_device_code') },
    };
  },
};

function problemOf(env: Env, code: DeviceCode, { server, application }: TokenRequest): OAuthError | null {
  if (code.client_id !== application.client_id) return oauthError('code_of_another_client');
  if (code.authorization_server_id !== server.id) return oauthError('code_of_another_server');
  if (code.consumed_at !== null) return oauthError('invalid_device_code');
  return code.expires_at <= env.now() ? oauthError('expired_device_code') : null;
}

async function undecided(env: Env, code: DeviceCode): Promise<OAuthError | null> {
  if (code.status === 'DENIED') return oauthError('device_refused');
  if (code.status === 'APPROVED') return null;
  const { tooSoon } = await notePoll(env, code);
  return oauthError(tooSoon ? 'slow_down' : 'authorization_pending');
}

async function approver(env: Env, code: DeviceCode): Promise<User> {
  const user = code.user_id === null ? null : await findUserById(env, code.user_id);
  if (!user || !isUsable(user)) throw oauthError('invalid_device_code');
  return user;
}
