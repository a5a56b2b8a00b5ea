// Owns: from a failure to the setting that most likely caused it, in one table.
// Does not own: recognising the failure, showing it.
import type { SignInErrorCode } from './sign-in-error.ts';

export type Advice = { advice: string; guideStep: number | undefined };

type Row = { code?: SignInErrorCode; error?: string; says?: RegExp; step?: number; advice: string };

const RETRY = 'Start the sign-in again.';

/** The first row that matches decides; a row without `code` is about the provider's error, wherever it came from. */
const ROWS: readonly Row[] = [
  {
    error: 'access_denied',
    says: /not assigned/i,
    step: 3,
    advice:
      'This person is not assigned to the application. Open the application, Assignments, and assign the person or one of their groups (the guide calls it “Controlled access”).',
  },
  {
    error: 'access_denied',
    says: /policy evaluation failed/i,
    step: 7,
    advice:
      'No access policy of the authorization server lets this request through. Open Security, API, the authorization server, Access Policies: a policy must be assigned to this client, and one of its rules must cover the Authorization Code grant, this person, and every scope that is asked for (offline_access too).',
  },
  {
    error: 'access_denied',
    says: /scope/i,
    step: 7,
    advice:
      'The access policy’s rule does not allow a scope that is asked for. Widen the rule’s scopes or ask for fewer.',
  },
  {
    error: 'access_denied',
    step: 8,
    advice:
      'The request was declined, by the person on the consent page or by a policy. To stop asking for consent, open the application, General, and deselect “User consent”.',
  },
  {
    error: 'unsupported_response_type',
    step: 3,
    advice: 'The application may not use the code flow. Open the application, General, and tick “Authorization Code”.',
  },
  {
    error: 'unauthorized_client',
    says: /custom authorization server/i,
    step: 4,
    advice: 'This client may not use a custom authorization server. Check the issuer URL.',
  },
  {
    error: 'unauthorized_client',
    step: 3,
    advice:
      'The application lacks a grant type. Open the application, General, and tick “Authorization Code” and “Refresh Token”.',
  },
  {
    error: 'unsupported_grant_type',
    step: 3,
    advice:
      'The application lacks a grant type. Open the application, General, and tick “Authorization Code” and “Refresh Token”.',
  },
  {
    error: 'invalid_scope',
    says: /custom scopes/i,
    step: 4,
    advice:
      'The issuer is the org’s own authorization server, which has no custom scopes. Use the issuer URL of the authorization server made for this application.',
  },
  {
    error: 'invalid_scope',
    says: /default scope/i,
    step: 6,
    advice:
      'No scope was asked for and the authorization server has no default scope. Create a scope and set it as a default scope.',
  },
  {
    error: 'invalid_scope',
    step: 6,
    advice:
      'A scope that is asked for does not exist on this authorization server. Add it under Security, API, Scopes, or stop asking for it.',
  },
  {
    error: 'consent_required',
    step: 8,
    advice:
      'Consent is asked for, which a hidden renewal cannot show. Open the application, General, and deselect “User consent”, or sign in visibly once.',
  },
  { error: 'login_required', advice: 'The session at the sign-in server has ended. Sign in again.' },
  { error: 'interaction_required', advice: 'The sign-in server wants to ask something. Sign in visibly.' },
  { error: 'account_selection_required', advice: 'The sign-in server wants to ask something. Sign in visibly.' },
  {
    error: 'invalid_request',
    says: /post_logout_redirect_uri/i,
    step: 3,
    advice:
      'The address to return to after signing out is not listed. Add it, exactly as it is sent, to the application’s Sign-out redirect URIs.',
  },
  {
    error: 'invalid_request',
    says: /trusted origin|whitelisted/i,
    step: 3,
    advice:
      'This application’s origin is not trusted. Enter it under “Base URIs”, or add it under Security, API, Trusted Origins with CORS.',
  },
  {
    error: 'invalid_request',
    says: /redirect_uri/i,
    step: 3,
    advice:
      'The callback address is not listed. Add it, exactly as it is sent (scheme, host, port, path, no extra slash), to the application’s Sign-in redirect URIs.',
  },
  {
    error: 'invalid_client',
    says: /proof key|pkce/i,
    step: 3,
    advice: 'The application is not of the type “Single-Page Application”. Create it again with this type.',
  },
  {
    error: 'invalid_client',
    step: 8,
    advice:
      'The client ID is unknown or the application expects a secret. Compare the client ID with the one on the application’s page; the type must be “Single-Page Application” (client authentication “None”).',
  },
  {
    error: 'invalid_grant',
    says: /refresh token/i,
    advice:
      'The refresh token is used up, expired or revoked. Sign in again; if it happens often, look at the refresh token lifetime in the access policy’s rule (guide step 7).',
  },
  { error: 'invalid_grant', advice: `The code was used already or is too old. ${RETRY}` },
  {
    error: 'server_error',
    advice: 'The sign-in server failed. Its system log tells what happened, at the time of this error.',
  },
  { error: 'temporarily_unavailable', advice: 'The sign-in server is busy. Try again in a moment.' },
  {
    code: 'configuration',
    advice: 'The application’s own settings cannot work: correct what the message names.',
  },
  {
    code: 'provider_unreachable',
    step: 8,
    advice:
      'The discovery document cannot be read. Check that the issuer URL is exactly the one on the authorization server’s page, that it can be reached from this browser, and that this application’s origin is listed under “Base URIs” (step 3).',
  },
  {
    code: 'issuer_mismatch',
    step: 5,
    advice:
      'The issuer that is configured and the one that the server states differ. Set the authorization server’s issuer from “Dynamic” to the fixed URL, and configure exactly that URL.',
  },
  {
    code: 'network',
    step: 3,
    advice:
      'The sign-in server gave no answer that this page may read. Check the network, and that this application’s origin is listed under “Base URIs” or as a trusted origin with CORS.',
  },
  {
    code: 'state_unknown',
    advice: `This answer belongs to no sign-in that this tab began: it was opened twice, is too old, or began elsewhere. ${RETRY}`,
  },
  {
    code: 'response_invalid',
    step: 4,
    advice: `The sign-in server’s answer breaks the protocol. Check that the issuer URL is right and that no proxy changes the answers. ${RETRY}`,
  },
  {
    code: 'id_token_invalid',
    step: 5,
    advice:
      'The ID token is not the one that this application expects. The message names the claim: issuer (steps 4 and 5), audience (the client ID, step 8), times (compare the clocks of both machines).',
  },
  {
    code: 'silent_timeout',
    step: 3,
    advice:
      'The hidden renewal got no answer. Check that the silent callback is listed among the application’s Sign-in redirect URIs, and that the browser lets the sign-in server use its cookies in a frame.',
  },
  { code: 'sign_in_required', advice: 'There is no session. Sign in.' },
  {
    code: 'sign_in_loop',
    advice:
      'Signing in was tried several times in a row without a lasting result. Look at the last error, and check that cookies are allowed and that the API accepts the tokens (its audience must be the authorization server’s, step 4).',
  },
  {
    code: 'different_person',
    advice: 'Another person has signed in at the sign-in server in this browser. Sign in again to continue as them.',
  },
];

const FALLBACK = 'The sign-in server refused the request for a reason of its own. Its system log tells more.';

export function adviceFor(code: SignInErrorCode, error?: string, description?: string): Advice {
  const row = ROWS.find(
    (each) =>
      (each.code === undefined || each.code === code) &&
      (each.error === undefined ? error === undefined : each.error === error) &&
      (each.says === undefined || each.says.test(description ?? '')),
  );
  return { advice: row?.advice ?? FALLBACK, guideStep: row?.step };
}
