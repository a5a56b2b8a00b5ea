// Owns the management API's error table (code, HTTP status, text) and its error body. A refusal of core/ becomes an answer here.
// Source of codes and texts: Okta's public error catalogue. Not here: the errors of OAuth endpoints (oauth2/oauth-error.ts).
import { newOpaqueToken } from '../base/opaque-token.ts';
import type { Env } from '../core/env.ts';
import { Refusal, type RefusalCode } from '../core/refusal.ts';
import { BodyTooLarge } from './read-body.ts';
import { json } from './reply.ts';

/** Code → status and text; `{0}` takes the refusal's subject. */
export const apiErrors: Readonly<Record<RefusalCode, readonly [status: number, summary: string]>> = {
  E0000001: [400, 'Api validation failed: {0}'],
  E0000002: [400, 'The request was not valid: {0}'],
  E0000003: [400, 'The request body was not well-formed.'],
  E0000004: [401, 'Authentication failed'],
  E0000005: [403, 'Invalid session'],
  E0000006: [403, 'You do not have permission to perform the requested action'],
  E0000007: [404, 'Not found: Resource not found: {0}'],
  E0000008: [404, 'The requested path was not found'],
  E0000009: [500, 'Internal Server Error'],
  E0000011: [401, 'Invalid token provided'],
  E0000014: [403, 'Update of credentials failed'],
  E0000015: [401, 'You do not have permission to access the feature you are requesting'],
  E0000016: [403, 'Activation failed because the user is already active'],
  E0000017: [403, 'Password reset failed'],
  E0000021: [400, 'Bad request.  Accept and/or Content-Type headers likely do not match supported values.'],
  E0000022: [405, 'The endpoint does not support the provided HTTP method'],
  E0000024: [400, 'Bad request.  This operation on app metadata is not yet supported.'],
  E0000028: [400, 'The request is missing a required parameter.'],
  E0000029: [400, 'Invalid paging request.'],
  E0000031: [400, 'Invalid search criteria.'],
  E0000032: [403, 'Unlock is not allowed for this user.'],
  E0000033: [400, "Bad request. Can't specify a search query and filter in the same request."],
  E0000034: [403, 'Forgot password not allowed on specified user.'],
  E0000035: [403, 'Change password not allowed on specified user.'],
  E0000036: [403, 'Change recovery question not allowed on specified user.'],
  E0000038: [403, "This operation is not allowed in the user's current status."],
  E0000040: [400, 'Application label must not be the same as another existing application label.'],
  E0000047: [429, 'API call exceeded rate limit due to too many requests.'],
  E0000055: [409, 'Duplicate group.'],
  E0000056: [403, 'Delete application forbidden.'],
  E0000060: [501, 'Unsupported operation.'],
  E0000062: [409, 'The specified user is already assigned to the application.'],
  E0000064: [401, 'Password is expired and must be changed.'],
  E0000068: [403, 'Invalid Passcode/Answer'],
  E0000069: [403, 'User Locked'],
  E0000077: [403, 'Cannot modify the {0} attribute because it is read-only.'],
  E0000078: [403, 'Cannot modify the {0} attribute because it is immutable.'],
  E0000079: [403, 'This operation is not allowed in the current authentication state.'],
  E0000080: [403, 'The password does not meet the complexity requirements of the current password policy.'],
  E0000082: [403, 'Each code can only be used once. Please wait for a new code and try again.'],
  E0000087: [403, 'The recovery question answer did not match our records.'],
  E0000090: [409, 'The role specified is already assigned to the user.'],
  E0000095: [403, 'Recovery not allowed for unknown user.'],
  E0000105: [403, 'You have accessed an account recovery link that has expired or been previously used.'],
  E0000112: [409, 'Cannot update this user because they are still being activated. Please try again in a few minutes.'],
  E0000119: [403, 'Your account is locked. Please contact your administrator.'],
  E0000124: [
    400,
    'Could not create user. To create a user and expire their password immediately, a password must be specified',
  ],
  E0000125: [
    400,
    'Could not create user. To create a user and expire their password immediately, "activate" must be true',
  ],
  E0000148: [
    403,
    'Cannot modify/disable this authenticator because it is enabled in one or more policies. To continue, disable the authenticator in these policies.',
  ],
  E0000182: [409, 'An email template customization for that language already exists.'],
  E0000183: [409, 'A default email template customization already exists.'],
  E0000184: [409, "The isDefault parameter of the default email template customization can't be set to false."],
  E0000185: [409, 'The default email template customization can be deleted only after all others.'],
  E0000200: [409, 'The default brand cannot be deleted.'],
  E0000202: [409, 'Brand name already exists.'],
};

/** The answer to anything thrown on the management surface. What is not a refusal is logged and told as E0000009. */
export function answerApiError(env: Env, error: unknown): Response {
  if (error instanceof Refusal) return apiError(env, error.code, error.subject, error.causes);
  if (error instanceof BodyTooLarge) return apiError(env, 'E0000002', 'the body is too large');
  env.log.error({ err: error, requestId: env.request.id, path: env.request.path }, 'A request failed');
  return apiError(env, 'E0000009');
}

export function apiError(env: Env, code: RefusalCode, subject = '', causes: readonly string[] = []): Response {
  const [status, summary] = apiErrors[code] ?? [400, 'The request was not valid: {0}'];
  const errorId = `oae${newOpaqueToken(env.random, 16)}`;
  env.log.info({ code, subject, causes, errorId, requestId: env.request.id }, 'A request was refused');
  return json(
    {
      errorCode: code,
      errorSummary: summary.replace('{0}', () => subject),
      errorLink: code,
      errorId,
      errorCauses: causes.map((cause) => ({ errorSummary: cause })),
    },
    status,
  );
}
