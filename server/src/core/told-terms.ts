// Owns how the terms of a grant are told to an administrator: what speaks against a request, and what would have to change.
// Not here: the terms (grant-terms.ts), and how a refusal is worded to a client (oauth2/oauth-error.ts).
import type { ToldChange } from './denial.ts';
import type { Objection, TermsReason } from './grant-terms.ts';

type Wording = { sentence: string; changes: [kind: string, description: string][] };

export function termsSentence(objection: Objection): string {
  return wordingOf(objection).sentence;
}

export function termsChanges(objection: Objection): ToldChange[][] {
  return wordingOf(objection).changes.map(([kind, description]) => [{ kind, description }]);
}

function wordingOf({ reason, insert }: Objection): Wording {
  const without = (scopes: string): [string, string] => ['leave-out-scopes', `Leave ${scopes} out of the request`];
  const words: Record<TermsReason, Wording> = {
    unauthorized_grant: {
      sentence: `The application has only the grants ${insert}`,
      changes: [['allow-grant', 'Tick the grant in the General settings of the application']],
    },
    unsupported_response_type: {
      sentence: `The application has only the response types ${insert}`,
      changes: [['allow-response-type', 'Allow the response type in the General settings of the application']],
    },
    service_not_allowed: {
      sentence: 'A service application signs nobody in',
      changes: [['other-application', 'Use an application of another type']],
    },
    password_in_browser: {
      sentence: 'An application that runs in a browser may not handle passwords',
      changes: [['other-grant', 'Send the person to the sign-in page: use authorization_code']],
    },
    confidential_client_required: {
      sentence: 'The application has no credentials, and this grant needs them',
      changes: [['give-credentials', 'Give the application a client secret or keys']],
    },
    openid_scope_required: { sentence: 'openid is missing', changes: [['ask-for-openid', 'Ask for the scope openid']] },
    openid_scope_with_client_credentials: {
      sentence: 'No person signs in, so no scope can speak of one',
      changes: [without('openid, profile, email, address, phone, offline_access and device_sso')],
    },
    self_scope_with_client_credentials: {
      sentence: `The client is no person, and ${insert} are of persons`,
      changes: [without(insert)],
    },
    openid_scope_with_token_exchange: {
      sentence: 'A service application gets no ID token by token exchange',
      changes: [without('openid')],
    },
    scope_without_sign_in: {
      sentence: `Nobody signs in in this grant, and ${insert} speak of a sign-in`,
      changes: [without(insert)],
    },
    consent_impossible: {
      sentence: `The scopes ${insert} need the consent of a person, and there is none`,
      changes: [without(insert), ['loosen-consent', `Set the consent of ${insert} to FLEXIBLE or IMPLICIT`]],
    },
    consent_required: {
      sentence: `The person has not agreed to ${insert}, and cannot be asked`,
      changes: [
        ['give-consent', `Let the person agree to ${insert} once, on the consent page`],
        ['trust-application', 'Let the application be trusted: turn "Require consent" off'],
      ],
    },
  };
  return words[reason];
}
