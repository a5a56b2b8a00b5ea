import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adviceFor } from './advice.ts';
import { SignInError, type SignInErrorCode } from './sign-in-error.ts';

/** The provider's words, and the step of the guide that mends it. */
const REFUSALS: [error: string, description: string, step: number | undefined, says: RegExp][] = [
  ['access_denied', 'User is not assigned to the client application.', 3, /assign/i],
  [
    'access_denied',
    'Policy evaluation failed for this request, please check the policy configurations.',
    7,
    /access polic/i,
  ],
  ['access_denied', 'Policy evaluation succeeded, but all the requested scopes were rejected.', 7, /scope/i],
  [
    'access_denied',
    'Some of the requested scopes were denied by the policy. Denied scopes: [offline_access].',
    7,
    /scope/i,
  ],
  ['access_denied', 'The resource owner or authorization server denied the request.', 8, /consent/i],
  [
    'unsupported_response_type',
    'The response type is not supported by the authorization server. Configured response types: [id_token, token].',
    3,
    /Authorization Code/,
  ],
  [
    'unauthorized_client',
    'The client is not authorized to use the provided grant type. Configured grant types: [implicit].',
    3,
    /grant/i,
  ],
  ['invalid_scope', 'One or more scopes are not configured for the authorization server resource.', 6, /scope/i],
  [
    'invalid_scope',
    "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
    6,
    /default scope/i,
  ],
  ['invalid_scope', 'Custom scopes are not allowed for this request.', 4, /issuer/i],
  ['consent_required', 'The following scopes require user consent: [tables].', 8, /User consent/],
  ['login_required', 'The client specified not to prompt, but the user is not logged in.', undefined, /Sign in again/],
  [
    'invalid_client',
    'Browser requests to the token endpoint must use Proof Key for Code Exchange.',
    3,
    /Single-Page Application/,
  ],
  ['invalid_client', "Invalid value for 'client_id' parameter.", 8, /client ID/],
  [
    'invalid_request',
    'Browser requests to the token endpoint must be made from one of the registered Trusted Origins.',
    3,
    /Base URIs/,
  ],
  [
    'invalid_request',
    'Browser requests to the token endpoint must be part of at least one whitelisted redirect_uri.',
    3,
    /Base URIs/,
  ],
  [
    'invalid_request',
    "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings.",
    3,
    /Sign-in redirect URIs/,
  ],
  [
    'invalid_request',
    "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings.",
    3,
    /Sign-out redirect URIs/,
  ],
  ['invalid_grant', 'The refresh token is invalid or expired.', undefined, /Sign in again/],
  ['invalid_grant', 'PKCE verification failed.', undefined, /Start the sign-in again/],
  ['server_error', 'Failed to create the id_token.', undefined, /system log/],
];

describe('what to check', () => {
  it.each(REFUSALS)('%s “%s” leads to step %s', (error, description, step, says) => {
    const advice = adviceFor('authorization_refused', error, description);
    expect(advice.guideStep).toBe(step);
    expect(advice.advice).toMatch(says);
  });

  it('failures that no provider words are told from their code', () => {
    const steps: [SignInErrorCode, number | undefined][] = [
      ['provider_unreachable', 8],
      ['issuer_mismatch', 5],
      ['network', 3],
      ['silent_timeout', 3],
      ['id_token_invalid', 5],
      ['state_unknown', undefined],
    ];
    for (const [code, step] of steps) expect([code, adviceFor(code).guideStep]).toEqual([code, step]);
  });

  it('every code has a sentence of its own', () => {
    const codes: SignInErrorCode[] = [
      'configuration',
      'provider_unreachable',
      'issuer_mismatch',
      'network',
      'state_unknown',
      'response_invalid',
      'id_token_invalid',
      'silent_timeout',
      'sign_in_required',
      'sign_in_loop',
      'different_person',
    ];
    const sentences = codes.map((code) => adviceFor(code).advice);
    expect(new Set(sentences).size).toBe(codes.length);
    expect(sentences).not.toContain(adviceFor('authorization_refused', 'never_heard_of').advice);
  });

  it('whatever a provider says, there is an advice, and the provider’s words are kept apart from it', () => {
    fc.assert(
      fc.property(fc.string(), fc.option(fc.string(), { nil: undefined }), (error, description) => {
        const failure = new SignInError('authorization_refused', { error, description });
        expect(failure.advice).toMatch(/^[A-Z].*\.$/s);
        expect(failure.error).toBe(error);
        expect(failure.description).toBe(description);
      }),
    );
  });
});
