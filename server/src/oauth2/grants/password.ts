// Owns the password grant (RFC 6749 section 4.3): the client hands over what a person typed. The account is judged exactly as at the
// sign-in page, with its counts and locks, and no answer tells an unknown name from a wrong password.
import type { Application } from '../../core/applications.ts';
import { authenticate } from '../../core/authenticate.ts';
import type { Env } from '../../core/env.ts';
import { stepOf } from '../../core/sign-in-step.ts';
import type { User } from '../../core/users.ts';
import { giveAttemptBack, takeAttempt } from '../../http/sign-in-throttle.ts';
import { requireSignOn } from '../access-gate.ts';
import { oauthError } from '../oauth-error.ts';
import { scopeList } from '../parameters.ts';
import type { Grant } from './grant.ts';
import { requireClient, requireConsent } from './without-sign-in.ts';

export const passwordGrant: Grant = {
  type: 'password',
  async prove(env, { server, application, parameters }) {
    // What runs in a browser can send its person to the sign-in page.
    requireClient(application, 'password');
    const identifier = parameters.get('username');
    if (identifier === undefined) throw oauthError('missing_parameter', 'username');
    const password = parameters.get('password');
    if (password === undefined) throw oauthError('missing_parameter', 'password');
    const user = await signedIn(env, application, { identifier, password });
    return {
      user,
      scopes: scopeList(parameters.get('scope')),
      authentication: { sessionId: null, authenticatedAt: env.now(), amr: ['pwd'] },
      nonce: null,
      policyGrantType: 'password',
      judged: null,
      refreshTokenId: null,
      checkConsent: (scopes) => requireConsent(env, { server, application, user }, 'password', scopes),
      conclude: async () => ({ kind: 'done' }),
    };
  },
};

async function signedIn(
  env: Env,
  application: Application,
  credentials: { identifier: string; password: string },
): Promise<User> {
  if (!takeAttempt(env)) throw oauthError('too_many_attempts');
  const result = await authenticate(env, credentials);
  if (result.user === null || (!result.ok && result.reason !== 'password_expired'))
    throw oauthError('invalid_credentials');
  giveAttemptBack(env);
  const proof = { amr: ['pwd'], authenticatedAt: env.now() };
  switch (await stepOf(env, result.user, proof, { asked: [], application, device: null })) {
    case 'begin-session':
      await requireSignOn(env, application, result.user);
      return result.user;
    case 'change-password':
      throw oauthError('password_expired');
    case 'verify-factor':
    case 'enroll-factor':
      throw oauthError('factor_required');
    case 'refuse':
      throw oauthError('invalid_credentials');
  }
}
