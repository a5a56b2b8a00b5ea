// Owns the site map of the OAuth surface. Each endpoint stands twice, at the org server and at every custom server: one handler.
import type { AuthorizationServer } from '../core/authorization-servers.ts';
import type { Env } from '../core/env.ts';
import { type Route, route, type Surface } from '../http/route.ts';
import { decide, enterUserCode, showActivate, showConfirm } from './activate.ts';
import { authorizationServerOf } from './authorization-server-of.ts';
import { answerAuthorize, resumeAuthorization } from './authorize.ts';
import { answerConsent, showConsent } from './consent.ts';
import { answerDeviceAuthorize } from './device-authorize.ts';
import { answerOAuthServerMetadata, answerOpenidConfiguration } from './discovery.ts';
import { answerIntrospect } from './introspect.ts';
import { answerKeys } from './keys.ts';
import { answerLogout } from './logout.ts';
import { answerOAuthError } from './oauth-error.ts';
import { showAuthorizationError } from './oauth-error-page.ts';
import { revokeOwnConsents, showOwnConsents } from './own-consents.ts';
import { answerPushedRequest } from './par.ts';
import { answerRevoke } from './revoke.ts';
import { answerToken } from './token.ts';
import { answerUserinfo } from './userinfo.ts';

type Answer = (env: Env, server: AuthorizationServer, request: Request) => Promise<Response>;

const TAGS = ['OAuth 2.0 and OpenID Connect'];

export const oauthSurface: Surface = {
  async admit(env) {
    return env;
  },
  // A browser that was sent to a server which is not there gets a page, a program gets JSON.
  refuse(env, error, request) {
    const forPeople = /\/(authorize|logout)$/.test(new URL(request.url).pathname) && acceptsHtml(request);
    return forPeople ? showAuthorizationError(env, error) : answerOAuthError(env, error, request);
  },
};

function acceptsHtml(request: Request): boolean {
  return (request.headers.get('accept') ?? '').includes('text/html');
}

/** The endpoint at the org server, and at every custom server. */
function endpoint(
  method: Route['method'],
  name: string,
  operationId: string,
  summary: string,
  answer: Answer,
): Route[] {
  const common = { method, summary, tags: TAGS, access: 'public', responses: { 200: null } } as const;
  return [
    route({
      ...common,
      path: `/oauth2/v1/${name}`,
      operationId,
      handle: async ({ env, request }) => answer(env, await authorizationServerOf(env, null), request),
    }),
    route({
      ...common,
      path: `/oauth2/{authServerId}/v1/${name}` as const,
      operationId: `${operationId}CustomAS`,
      handle: async ({ env, params, request }) =>
        answer(env, await authorizationServerOf(env, params.authServerId), request),
    }),
  ];
}

function metadata(name: string, operationId: string, summary: string, answer: Answer): Route[] {
  const common = { method: 'GET', summary, tags: TAGS, access: 'public', responses: { 200: null } } as const;
  const custom = async ({ env, params, request }: { env: Env; params: { authServerId: string }; request: Request }) =>
    answer(env, await authorizationServerOf(env, params.authServerId), request);
  return [
    route({
      ...common,
      path: `/.well-known/${name}`,
      operationId,
      handle: async ({ env, request }) => answer(env, await authorizationServerOf(env, null), request),
    }),
    route({
      ...common,
      path: `/oauth2/{authServerId}/.well-known/${name}` as const,
      operationId: `${operationId}CustomAS`,
      handle: custom,
    }),
    route({
      ...common,
      path: `/.well-known/${name}/oauth2/{authServerId}` as const,
      operationId: `${operationId}CustomASRfc8414`,
      handle: custom,
    }),
  ];
}

export const oauthRoutes: readonly Route[] = [
  ...metadata(
    'openid-configuration',
    'getWellKnownOpenIDConfiguration',
    'OpenID Connect metadata of an authorization server',
    answerOpenidConfiguration,
  ),
  ...metadata(
    'oauth-authorization-server',
    'getWellKnownOAuthConfiguration',
    'OAuth 2.0 metadata of an authorization server',
    answerOAuthServerMetadata,
  ),
  ...endpoint('GET', 'keys', 'oauthKeys', 'Public keys of an authorization server', answerKeys),
  ...endpoint('GET', 'authorize', 'authorize', 'Ask a person to sign in and authorize a client', answerAuthorize),
  ...endpoint('POST', 'authorize', 'authorizeWithPost', 'As GET, with the parameters in a form', answerAuthorize),
  ...endpoint('POST', 'par', 'par', 'Say ahead, in private, what /authorize will be asked', answerPushedRequest),
  ...endpoint('POST', 'token', 'token', 'Exchange a grant for tokens', answerToken),
  ...endpoint(
    'POST',
    'device/authorize',
    'deviceAuthorize',
    'Get codes for a device that has no browser',
    answerDeviceAuthorize,
  ),
  ...endpoint('GET', 'userinfo', 'userinfo', 'Claims about the person whom an access token stands for', answerUserinfo),
  ...endpoint('POST', 'userinfo', 'userinfoWithPost', 'As GET', answerUserinfo),
  ...endpoint('POST', 'introspect', 'introspect', 'What a token says and whether it is good', answerIntrospect),
  ...endpoint('POST', 'revoke', 'revoke', 'Revoke an access or refresh token', answerRevoke),
  ...endpoint('GET', 'logout', 'logout', 'End the browser session and return to the application', answerLogout),
  ...endpoint('POST', 'logout', 'logoutWithPost', 'As GET, with the parameters in a form', answerLogout),
  route({
    method: 'GET',
    path: '/oauth2/resume',
    operationId: 'resumeAuthorization',
    summary: 'Back from the sign-in or consent page',
    tags: TAGS,
    access: 'public',
    responses: { 302: null },
    handle: ({ env, request }) => resumeAuthorization(env, request),
  }),
  route({
    method: 'GET',
    path: '/oauth2/consent',
    operationId: 'showConsent',
    summary: 'The consent page',
    tags: TAGS,
    access: 'public',
    responses: { 200: null },
    handle: ({ env, request }) => showConsent(env, request),
  }),
  route({
    method: 'POST',
    path: '/oauth2/consent',
    operationId: 'answerConsent',
    summary: "The person's answer to the consent page",
    tags: TAGS,
    access: 'public',
    responses: { 302: null },
    handle: ({ env, request }) => answerConsent(env, request),
  }),
  route({
    method: 'GET',
    path: '/oauth2/consents',
    operationId: 'showOwnConsents',
    summary: 'What a person agreed to that applications may do',
    tags: TAGS,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) => showOwnConsents(env, request),
  }),
  route({
    method: 'POST',
    path: '/oauth2/consents',
    operationId: 'revokeOwnConsents',
    summary: 'Take back what one application was given',
    tags: TAGS,
    access: 'public',
    responses: { 303: null },
    handle: ({ env, request }) => revokeOwnConsents(env, request),
  }),
  route({
    method: 'GET',
    path: '/activate',
    operationId: 'showActivate',
    summary: 'The page on which a person types the code of a device',
    tags: TAGS,
    access: 'public',
    responses: { 200: null },
    handle: ({ env, request }) => showActivate(env, request),
  }),
  route({
    method: 'POST',
    path: '/activate',
    operationId: 'enterUserCode',
    summary: 'The code that the device shows',
    tags: TAGS,
    access: 'public',
    responses: { 303: null },
    handle: ({ env, request }) => enterUserCode(env, request),
  }),
  route({
    method: 'GET',
    path: '/activate/confirm',
    operationId: 'showDeviceConfirmation',
    summary: 'The page that names what a device asks for',
    tags: TAGS,
    access: 'public',
    responses: { 200: null, 303: null },
    handle: ({ env, request }) => showConfirm(env, request),
  }),
  route({
    method: 'POST',
    path: '/activate/confirm',
    operationId: 'decideDeviceAuthorization',
    summary: "The person's answer about a device",
    tags: TAGS,
    access: 'public',
    responses: { 200: null },
    handle: ({ env, request }) => decide(env, request),
  }),
];
