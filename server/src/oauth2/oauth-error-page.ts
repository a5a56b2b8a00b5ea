// Owns what a person sees when an authorization or logout request cannot be answered to its client: which of the console's
// settings to look at, for each cause. Not here: errors that reach the client (response-mode.ts).
import type { Env } from '../core/env.ts';
import { Refusal } from '../core/refusal.ts';
import { errorPage } from '../http/error-page.ts';
import { asOAuthError, OAuthError, type OAuthErrorName } from './oauth-error.ts';

const TITLES: Partial<Record<OAuthErrorName, string>> = {
  invalid_client_id: 'This application is not known here',
  illegal_redirect_uri: 'This application may not send you back there',
  illegal_post_logout_redirect_uri: 'This application may not send you back there',
  expired_transaction: 'This sign-in cannot be continued',
  server_error: 'Something went wrong here',
};

const CHECKS: Partial<Record<OAuthErrorName, string>> = {
  invalid_client_id:
    'The Client ID in the application against Applications > the application > General; and that the application is active.',
  illegal_redirect_uri:
    'Applications > the application > General > Sign-in redirect URIs. The address must be there exactly: every character, letter case and trailing slash counts.',
  illegal_post_logout_redirect_uri:
    'Applications > the application > General > Sign-out redirect URIs. The address must be there exactly: every character, letter case and trailing slash counts.',
  missing_parameter: 'The link or the application that led here: it left out a required parameter.',
  duplicate_parameters: 'The link or the application that led here: it gave a parameter twice.',
  invalid_authorization_server: 'Security > API > Authorization Servers: the server of this address is not active.',
  invalid_id_token_hint: 'The application must sign out with an ID token that this authorization server issued to it.',
  missing_id_token_hint: 'The application must sign out with the ID token that it got at sign-in.',
  invalid_request_uri:
    'Whether this page was loaded again: what an application pushed ahead is used once, within an hour. Go back to the application and start again.',
  request_uri_of_another_client: 'The Client ID in the application: it must be the one by which it pushed the request.',
  request_uri_of_another_server:
    'The Issuer URL in the application: it must sign people in where it pushed the request.',
  expired_transaction: 'Whether the browser keeps cookies for this site, and that only one sign-in is open at a time.',
};

/** The page for an error that has no client to go to. Anything that is not the client's doing is logged and told without detail. */
export function showAuthorizationError(env: Env, error: unknown): Response {
  if (error instanceof Refusal) return unknownServerPage(env);
  const known = asOAuthError(error);
  if (!known) env.log.error({ err: error, requestId: env.request.id, path: env.request.path }, 'A request failed');
  const shown = known ?? new OAuthError('server_error');
  const check = CHECKS[shown.errorName];
  return errorPage(env, {
    status: shown.status === 401 ? 400 : shown.status,
    title: TITLES[shown.errorName] ?? 'This request cannot be answered',
    what: shown.description,
    ...(check === undefined ? {} : { check }),
    code: shown.error,
  });
}

function unknownServerPage(env: Env): Response {
  return errorPage(env, {
    status: 404,
    title: 'This authorization server is not known here',
    what: 'There is no authorization server at this address.',
    check: 'The Issuer URL in the application against Security > API > Authorization Servers.',
    code: 'E0000007',
  });
}
