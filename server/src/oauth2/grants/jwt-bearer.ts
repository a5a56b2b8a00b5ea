// Owns the JWT bearer grant (RFC 7523 section 2.1): a client vouches for one of its people by a JWT that it signs with a key
// registered for it. Whoever gives a client this grant lets it act as anybody who is assigned to it and whom policy lets through.
import { type ForeignJwt, readForeignJwt } from '../../base/foreign-jwt.ts';
import { textKey } from '../../base/text-key.ts';
import { SECOND } from '../../base/time.ts';
import type { Application } from '../../core/applications.ts';
import type { AuthorizationServer } from '../../core/authorization-servers.ts';
import { isHmac, objectionToClientJwt } from '../../core/client-jwts.ts';
import type { Env } from '../../core/env.ts';
import { issuerOf } from '../../core/issuers.ts';
import { rememberJti } from '../../core/used-jtis.ts';
import { findUser, isUsable, type User } from '../../core/users.ts';
import { type LifetimeProblem, objectionToLifetime } from '../jwt-lifetime.ts';
import { type OAuthErrorName, oauthError } from '../oauth-error.ts';
import { scopeList } from '../parameters.ts';
import type { Grant } from './grant.ts';
import { requireClient, requireConsent, requireScopes } from './without-sign-in.ts';

const TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const LONGEST_JTI = 1024;
/** A request object is signed by the same keys for the same audience, and passes through browsers. */
const REQUEST_OBJECT_CLAIMS = ['response_type', 'redirect_uri', 'client_id', 'code_challenge'];

const LIFETIME_ERRORS: Record<LifetimeProblem, OAuthErrorName> = {
  malformed: 'invalid_assertion',
  without_exp: 'assertion_expired',
  expired: 'assertion_expired',
  expires_too_late: 'assertion_expired',
  from_the_future: 'invalid_assertion',
  too_early: 'invalid_assertion',
};

export const jwtBearerGrant: Grant = {
  type: TYPE,
  customServersOnly: true,
  async prove(env, { server, application, parameters }) {
    requireClient(application, TYPE);
    const text = parameters.get('assertion');
    if (text === undefined) throw oauthError('missing_parameter', 'assertion');
    const scopes = scopeList(parameters.get('scope'));
    requireScopes(application, TYPE, scopes);
    const jwt = readForeignJwt(text);
    if (!jwt) throw oauthError('invalid_assertion', '', { check: 'form' });
    await checkSignature(env, application, jwt);
    const { jti, expiresAt } = checkedClaims(env, server, jwt);
    const user = await subjectOf(env, application, jwt);
    return {
      user,
      scopes,
      authentication: null,
      nonce: null,
      policyGrantType: TYPE,
      judged: null,
      refreshTokenId: null,
      checkConsent: (granted) => requireConsent(env, { server, application, user }, TYPE, granted),
      conclude: async (inner) =>
        (await rememberJti(inner, { issuer: `jwt-bearer:${application.client_id}`, jti, expiresAt }))
          ? { kind: 'done' }
          : { kind: 'refused', error: oauthError('assertion_used') },
    };
  },
};

async function checkSignature(env: Env, application: Application, jwt: ForeignJwt): Promise<void> {
  // A secret is sent with every request; only who holds the private key may speak for people.
  const objection = isHmac(jwt) ? 'algorithm' : await objectionToClientJwt(env, application, jwt);
  if (objection !== null) throw oauthError('invalid_assertion', '', { check: objection });
  if (jwt.claims.iss !== application.client_id) throw oauthError('invalid_assertion', '', { check: 'iss' });
  if (REQUEST_OBJECT_CLAIMS.some((name) => name in jwt.claims))
    throw oauthError('invalid_assertion', '', { check: 'request object' });
}

/** RFC 7523 section 3, and stricter: a single audience, and an id, since an assertion is used once. */
function checkedClaims(env: Env, server: AuthorizationServer, { claims }: ForeignJwt) {
  const { aud, exp, jti } = claims;
  const audience = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (audience !== issuerOf(env, server)) throw oauthError('assertion_audience');
  const lifetime = objectionToLifetime(env, claims);
  if (lifetime !== null) throw oauthError(LIFETIME_ERRORS[lifetime], '', { check: lifetime });
  if (typeof jti !== 'string' || jti === '' || jti.length > LONGEST_JTI)
    throw oauthError('invalid_assertion', '', { check: 'jti' });
  return { jti, expiresAt: Number(exp) * SECOND };
}

/** `sub` is the id or the whole login of a person; never the client, whose own assertions prove something else. */
async function subjectOf(env: Env, { client_id }: Application, { claims }: ForeignJwt): Promise<User> {
  const { sub } = claims;
  const named = typeof sub === 'string' && sub !== '' && sub !== client_id ? sub : null;
  const user = named === null ? null : await findUser(env, named);
  // A login is also found by its part before the @, which is for people who type it.
  const isMeant = user !== null && (user.id === named || user.login_key === textKey(named ?? ''));
  if (!isMeant || !isUsable(user)) throw oauthError('assertion_subject');
  return user;
}
