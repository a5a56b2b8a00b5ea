// Owns what each grant asks beside its proof: of the client that uses it, of the scopes that can come out of it, and of consent. The
// endpoints refuse by it, and explain tells by it. Not here: proofs (oauth2/grants/), assignment and policy (judgement.ts).
import type { GrantType, ResponseType } from './application-settings.ts';
import type { Application } from './applications.ts';
import type { AuthorizationServer } from './authorization-servers.ts';
import { scopesToConsent } from './consents.ts';
import type { Env } from './env.ts';
import { listScopes } from './scopes.ts';
import type { User } from './users.ts';

export type Terms = {
  /** Nobody signs in in its course: a client without credentials would be anybody. */
  confidential?: true;
  /** Kinds of applications that cannot use it, and why. */
  notFor?: Partial<Record<string, 'service_not_allowed' | 'password_in_browser'>>;
  /** Scopes that mean nothing in it. */
  scopes?: 'without-person' | 'without-sign-in';
  /** page: the person is asked. before: they must have agreed already. impossible: there is nobody to agree. */
  consent: 'page' | 'before' | 'impossible';
  actsFor: 'person' | 'client';
};

export const grantTerms = {
  authorization_code: { notFor: { service: 'service_not_allowed' }, consent: 'page', actsFor: 'person' },
  implicit: { notFor: { service: 'service_not_allowed' }, consent: 'page', actsFor: 'person' },
  client_credentials: { confidential: true, scopes: 'without-person', consent: 'impossible', actsFor: 'client' },
  password: { notFor: { browser: 'password_in_browser' }, consent: 'before', actsFor: 'person' },
  // Whoever connects a device says yes at /activate, before the device asks.
  'urn:ietf:params:oauth:grant-type:device_code': { consent: 'before', actsFor: 'person' },
  'urn:ietf:params:oauth:grant-type:token-exchange': {
    confidential: true,
    scopes: 'without-sign-in',
    consent: 'before',
    actsFor: 'person',
  },
  'urn:ietf:params:oauth:grant-type:jwt-bearer': {
    confidential: true,
    scopes: 'without-sign-in',
    consent: 'before',
    actsFor: 'person',
  },
} as const satisfies Partial<Record<GrantType, Terms>>;

/** A grant by which something begins. A refresh continues one of them. */
export type BeginningGrant = keyof typeof grantTerms;

/** Why not, by the names of the table of OAuth errors. */
export type TermsReason =
  | 'unauthorized_grant'
  | 'unsupported_response_type'
  | 'service_not_allowed'
  | 'password_in_browser'
  | 'confidential_client_required'
  | 'openid_scope_required'
  | 'openid_scope_with_client_credentials'
  | 'self_scope_with_client_credentials'
  | 'openid_scope_with_token_exchange'
  | 'scope_without_sign_in'
  | 'consent_impossible'
  | 'consent_required';

export type Objection = {
  reason: TermsReason;
  /** What the reason's text names, such as the scopes. */
  insert: string;
};

/** Scopes that speak of a person's sign-in: who they are, and how long it lasts. */
const SIGN_IN_SCOPES: readonly string[] = [
  'openid',
  'profile',
  'email',
  'address',
  'phone',
  'offline_access',
  'device_sso',
];

export function termsOf(grantType: BeginningGrant): Terms {
  return grantTerms[grantType];
}

/** The response types of a request to the authorization endpoint that says no more than its grant and scopes. */
export function usualResponseTypes(grantType: BeginningGrant, scopes: readonly string[] | null): ResponseType[] {
  if (grantType !== 'implicit') return ['code'];
  return scopes?.includes('openid') ? ['token', 'id_token'] : ['token'];
}

/** Whether the application was given the grant at all. */
export function objectionToGrant({ settings }: Application, grantType: string): Objection | null {
  const configured: readonly string[] = settings.oauthClient.grant_types;
  return configured.includes(grantType) ? null : objection('unauthorized_grant', configured.join(', '));
}

/** What the grant asks of whoever has it. `endpoint`: the name that a refusal gives to where it was asked for. */
export function objectionToClient(
  { settings, credentials }: Application,
  grantType: BeginningGrant,
  endpoint = 'token',
): Objection | null {
  const { confidential, notFor } = termsOf(grantType);
  const reason = notFor?.[settings.oauthClient.application_type];
  if (reason) return objection(reason, reason === 'service_not_allowed' ? endpoint : '');
  const isPublic = credentials.oauthClient.token_endpoint_auth_method === 'none';
  return confidential && isPublic ? objection('confidential_client_required') : null;
}

/** Response types that the application has, with the grants that they take. */
export function objectionToResponseTypes(application: Application, asked: readonly string[]): Objection | null {
  const { response_types: configured, grant_types: grants } = application.settings.oauthClient;
  const isKnown = (type: string) => configured.some((one: ResponseType) => one === type);
  if (asked.length === 0 || !asked.every(isKnown) || new Set(asked).size !== asked.length)
    return objection('unsupported_response_type', configured.join(', '));
  // A client without redirects has the response type `token` too, and no leave to get one by a redirect.
  const needed = asked.map((type) => (type === 'code' ? 'authorization_code' : 'implicit'));
  const allowed = needed.every((grant) => grants.some((one) => one === grant));
  return allowed ? null : objection('unauthorized_grant', grants.join(', '));
}

/** An ID token says who somebody is, and that takes the scope that asks it. */
export function objectionToIdToken(
  responseTypes: Iterable<string>,
  scopes: readonly string[] | null,
): Objection | null {
  const asked = [...responseTypes].includes('id_token');
  return asked && !scopes?.includes('openid') ? objection('openid_scope_required') : null;
}

/** Scopes that this grant cannot give to this application, whatever policy says. */
export function objectionToScopes(
  { settings }: Application,
  grantType: BeginningGrant,
  asked: readonly string[] | null,
): Objection | null {
  const { scopes } = termsOf(grantType);
  const refused = (asked ?? []).filter((scope) => SIGN_IN_SCOPES.includes(scope));
  if (scopes === 'without-person') {
    if (refused.length > 0) return objection('openid_scope_with_client_credentials');
    const self = (asked ?? []).filter((scope) => /^okta\..*\.self$/.test(scope));
    return self.length > 0 ? objection('self_scope_with_client_credentials', self.join(', ')) : null;
  }
  if (scopes !== 'without-sign-in' || refused.length === 0) return null;
  const isService = settings.oauthClient.application_type === 'service';
  return isService && refused.includes('openid') && grantType.endsWith('token-exchange')
    ? objection('openid_scope_with_token_exchange')
    : objection('scope_without_sign_in', refused.join(', '));
}

/** Consent that is missing where nobody can be asked for it. `user` null: the client acts for itself. */
export async function objectionToConsent(
  env: Env,
  { server, application, user }: { server: AuthorizationServer; application: Application; user: User | null },
  grantType: BeginningGrant,
  granted: readonly string[],
): Promise<Objection | null> {
  const { consent } = termsOf(grantType);
  if (consent === 'page') return null;
  if (consent === 'impossible' || !user) {
    // FLEXIBLE means just this: asked for where somebody can answer.
    const known = await listScopes(env, server);
    const needing = known.filter(({ name, consent }) => consent === 'REQUIRED' && granted.includes(name));
    return needing.length > 0 ? objection('consent_impossible', needing.map(({ name }) => name).join(', ')) : null;
  }
  const missing = await scopesToConsent(env, { server, application, user }, granted, false);
  return missing.length > 0 ? objection('consent_required', missing.join(', ')) : null;
}

function objection(reason: TermsReason, insert = ''): Objection {
  return { reason, insert };
}
