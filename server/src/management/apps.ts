// Owns /api/v1/apps: applications and their life. Not here: their credentials (app-credentials.ts), who is assigned
// (app-assignments.ts), what they may do on this API (app-grants.ts).
import { z } from 'zod';
import { toIso } from '../base/time.ts';
import { appLinkPath } from '../core/app-links.ts';
import { findAssignedUser } from '../core/application-assignments.ts';
import { setApplicationLogo } from '../core/application-logo.ts';
import { type DefaultPolicies, defaultPoliciesOfApplications } from '../core/application-policies.ts';
import { listApplications, signingKid } from '../core/application-search.ts';
import type { OAuthClientSettings } from '../core/application-settings.ts';
import {
  type AnyApplication,
  type Application,
  getApplication,
  getOAuthClient,
  isOAuthClient,
} from '../core/applications.ts';
import {
  assignAccessPolicy,
  createApplication,
  deleteApplication,
  replaceApplication,
  setApplicationStatus,
  setIdTokenSettings,
} from '../core/change-applications.ts';
import { usesSecret } from '../core/client-secrets.ts';
import type { Env } from '../core/env.ts';
import { imagePath, imageRules, takeImage } from '../core/images.ts';
import { issuerOf } from '../core/issuers.ts';
import { getOrg } from '../core/org.ts';
import { invalid } from '../core/refusal.ts';
import { pageOf, pagingQuery, readPage } from '../http/paging.ts';
import { json, noContent } from '../http/reply.ts';
import { type Route, route } from '../http/route.ts';
import { readUpload } from '../http/upload.ts';
import { showAppUser } from './app-assignments.ts';
import {
  application,
  applicationBody,
  idTokenSettings,
  shownIdTokenSettings,
  toApplicationInput,
} from './apps.schema.ts';

const LIST = 'apps';
const LIMITS = { default: 20, most: 200 };

export const appRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/v1/apps',
    operationId: 'listApplications',
    summary: 'List applications',
    tags: ['Application'],
    access: 'okta.apps.read',
    query: pagingQuery.extend({
      q: z.string().optional(),
      filter: z.string().optional(),
      expand: z.string().optional(),
    }),
    responses: { 200: z.array(application) },
    async handle({ env, query, request }) {
      const page = readPage(env, query, LIST, LIMITS);
      const rows = await listApplications(env, { q: query.q, filter: query.filter, ...page });
      const around = await surroundings(env);
      const embedded = await embeddedUsers(env, rows.slice(0, page.limit), query.expand);
      return pageOf(
        env,
        request,
        LIST,
        page,
        rows,
        ({ id }) => id,
        (row) => ({ ...showApplication(around, row), ...embedded.get(row.id) }),
      );
    },
  }),
  route({
    method: 'POST',
    path: '/api/v1/apps',
    operationId: 'createApplication',
    summary: 'Make an application',
    tags: ['Application'],
    access: 'okta.apps.manage',
    query: z.object({ activate: z.enum(['true', 'false']).optional() }),
    body: applicationBody,
    responses: { 200: application },
    async handle({ env, query, body }) {
      const status = query.activate === 'false' ? 'INACTIVE' : 'ACTIVE';
      const made = await createApplication(env, toApplicationInput(body), status);
      return json(showApplication(await surroundings(env), made.application, made.clientSecret));
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/apps/{appId}',
    operationId: 'getApplication',
    summary: 'Read an application',
    tags: ['Application'],
    access: 'okta.apps.read',
    responses: { 200: application },
    async handle({ env, params }) {
      const row = await getApplication(env, params.appId);
      return json(showApplication(await surroundings(env), row));
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/apps/{appId}',
    operationId: 'replaceApplication',
    summary: 'Replace an application: what is not named takes its default',
    tags: ['Application'],
    access: 'okta.apps.manage',
    body: applicationBody,
    responses: { 200: application },
    async handle({ env, params, body }) {
      const made = await replaceApplication(env, params.appId, toApplicationInput(body));
      return json(showApplication(await surroundings(env), made.application, made.clientSecret));
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/v1/apps/{appId}',
    operationId: 'deleteApplication',
    summary: 'Delete an inactive application and everything that hangs on it',
    tags: ['Application'],
    access: 'okta.apps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await deleteApplication(env, params.appId);
      return noContent();
    },
  }),
  ...(['activate', 'deactivate'] as const).map((change) =>
    route({
      method: 'POST',
      path: `/api/v1/apps/{appId}/lifecycle/${change}`,
      operationId: `${change}Application`,
      summary: change === 'activate' ? 'Activate an application' : 'Deactivate an application',
      tags: ['Application'],
      access: 'okta.apps.manage',
      responses: { 200: z.object({}) },
      async handle({ env, params }) {
        await setApplicationStatus(env, params.appId, change === 'activate' ? 'ACTIVE' : 'INACTIVE');
        return json({});
      },
    }),
  ),
  route({
    method: 'POST',
    path: '/api/v1/apps/{appId}/logo',
    operationId: 'uploadApplicationLogo',
    summary: 'Upload the logo of an application, as the field `file` of a form',
    tags: ['ApplicationLogos'],
    access: 'okta.apps.manage',
    responses: { 201: null },
    async handle({ env, params, request }) {
      const image = takeImage(env, 'application', await readUpload(request, imageRules.application.mostBytes));
      await setApplicationLogo(env, params.appId, image);
      return new Response(null, { status: 201, headers: { location: env.request.origin + imagePath(image.id) } });
    },
  }),
  route({
    method: 'PUT',
    path: '/api/v1/apps/{appId}/policies/{policyId}',
    operationId: 'assignApplicationPolicy',
    summary: 'Assign an authentication policy to an application',
    tags: ['ApplicationPolicies'],
    access: 'okta.apps.manage',
    responses: { 204: null },
    async handle({ env, params }) {
      await assignAccessPolicy(env, params.appId, params.policyId);
      return noContent();
    },
  }),
  route({
    method: 'GET',
    path: '/api/v1/internal/apps/{appId}/settings/oauth/idToken',
    operationId: 'getIdTokenSettings',
    summary: 'Read how ID tokens of the org server are issued to an application',
    tags: ['Application'],
    access: 'okta.apps.read',
    responses: { 200: shownIdTokenSettings },
    handle: async ({ env, params }) => json(showIdTokenSettings(env, await getOAuthClient(env, params.appId))),
  }),
  route({
    method: 'POST',
    path: '/api/v1/internal/apps/{appId}/settings/oauth/idToken',
    operationId: 'setIdTokenSettings',
    summary: 'Say how ID tokens of the org server are issued to an application',
    tags: ['Application'],
    access: 'okta.apps.manage',
    body: idTokenSettings,
    responses: { 200: shownIdTokenSettings },
    async handle({ env, params, body }) {
      const changed = await setIdTokenSettings(env, params.appId, {
        issuerMode: body.issuerMode,
        groupsClaim: groupsClaimOf(body),
      });
      return json(showIdTokenSettings(env, changed));
    },
  }),
];

/** `expand=user/{userId}`: how this person is assigned to each of the applications, by application. */
async function embeddedUsers(env: Env, rows: readonly AnyApplication[], expand: string | undefined) {
  const embedded = new Map<string, { _embedded: { user: unknown } }>();
  const userId = /^user\/(\w+)$/.exec(expand ?? '')?.[1];
  if (userId === undefined) return embedded;
  for (const row of rows) {
    const user = await findAssignedUser(env, row, userId);
    if (user) embedded.set(row.id, { _embedded: { user: showAppUser(env, row, user) } });
  }
  return embedded;
}

function groupsClaimOf({ valueType, name, groupFilterType, value }: z.output<typeof idTokenSettings>) {
  if (!valueType) return null;
  if (!name) throw invalid('name', 'name: The field cannot be left blank');
  if (!value) throw invalid('value', 'value: The field cannot be left blank');
  if (valueType === 'GROUPS' && !groupFilterType)
    throw invalid('groupFilterType', 'groupFilterType: The field cannot be left blank');
  return { valueType, name, value, ...(groupFilterType ? { groupFilterType } : {}) };
}

function showIdTokenSettings(env: Env, client: Application): z.input<typeof shownIdTokenSettings> {
  const { issuer_mode: issuerMode } = client.settings.oauthClient;
  const [custom] = env.config.domains;
  return {
    issuer: issuerOf(env, { kind: 'org', pathId: null, issuerMode }),
    orgUrl: custom ? env.config.url : null,
    customUrl: custom ?? null,
    audience: client.client_id,
    issuerMode,
    ...client.settings.groupsClaim,
  };
}

/** What an application's answer says that is not the application's own. */
type Surroundings = DefaultPolicies & { origin: string; orgId: string; kid: string | null };

async function surroundings(env: Env): Promise<Surroundings> {
  const { id: orgId } = await getOrg(env);
  return {
    origin: env.request.origin,
    orgId,
    kid: await signingKid(env),
    ...(await defaultPoliciesOfApplications(env)),
  };
}

/** Applications as lists show them. */
export async function showApplications(env: Env, rows: readonly AnyApplication[]) {
  const around = await surroundings(env);
  return rows.map((row) => showApplication(around, row));
}

/** `secret`: only in the answer to a change. */
function showApplication(around: Surroundings, row: AnyApplication, secret: string | null = null) {
  const { accessPolicyId, groupsClaim: _, logoId: __, ...settings } = row.settings;
  const client = isOAuthClient(row) ? row : null;
  return {
    id: row.id,
    orn: `orn:okta:idp:${around.orgId}:apps:${row.name}:${row.id}`,
    name: row.name,
    label: row.label,
    status: row.status,
    lastUpdated: toIso(row.last_updated),
    created: toIso(row.created),
    accessibility: row.accessibility,
    visibility: row.visibility,
    features: row.features,
    signOnMode: row.sign_on_mode,
    credentials: client ? showCredentials(client, around.kid, secret) : { signing: {}, ...row.credentials },
    universalLogout: {
      status: 'DISABLED',
      supportType: 'FULL',
      identityStack: 'NOT_SHARED',
      protocol: 'GLOBAL_TOKEN_REVOCATION',
    },
    settings: client ? { ...settings, oauthClient: showSettings(client.settings.oauthClient) } : settings,
    ...(row.profile ? { profile: row.profile } : {}),
    _links: linksOf(around, row, accessPolicyId ?? around.accessPolicyId),
  };
}

function showCredentials({ credentials }: Application, kid: string | null, secret: string | null) {
  const { autoKeyRotation, client_id, token_endpoint_auth_method, pkce_required } = credentials.oauthClient;
  return {
    userNameTemplate: credentials.userNameTemplate,
    signing: kid === null ? {} : { kid },
    oauthClient: {
      autoKeyRotation,
      client_id,
      ...(secret === null ? {} : { client_secret: secret }),
      token_endpoint_auth_method,
      pkce_required,
    },
  };
}

/** In the order that clients know; what nobody set is left out by JSON. */
function showSettings(settings: OAuthClientSettings): OAuthClientSettings {
  const { client_uri, logo_uri, redirect_uris, post_logout_redirect_uris, response_types, grant_types, ...rest } =
    settings;
  const { jwks, jwks_uri, initiate_login_uri, tos_uri, policy_uri, application_type, consent_method, ...more } = rest;
  const { issuer_mode, refresh_token, idp_initiated_login, wildcard_redirect, ...last } = more;
  const { dpop_bound_access_tokens, participate_slo, ...others } = last;
  return {
    ...{ client_uri, logo_uri, redirect_uris, post_logout_redirect_uris, response_types, grant_types },
    ...{ jwks, jwks_uri, initiate_login_uri, tos_uri, policy_uri, application_type, consent_method },
    ...{ issuer_mode, refresh_token, idp_initiated_login, wildcard_redirect },
    ...{ dpop_bound_access_tokens, participate_slo },
    ...others,
  };
}

function linksOf({ origin, profileEnrollmentId }: Surroundings, row: AnyApplication, accessPolicyId: string | null) {
  const self = `${origin}/api/v1/apps/${row.id}`;
  const appLinks = Object.entries((row.visibility.appLinks ?? {}) as Record<string, unknown>);
  const policy = (id: string | null) => (id === null ? undefined : { href: `${origin}/api/v1/policies/${id}` });
  const lifecycle = (change: string) => ({ href: `${self}/lifecycle/${change}` });
  return {
    uploadLogo: { href: `${self}/logo`, hints: { allow: ['POST'] } },
    appLinks: appLinks
      .filter(([, shown]) => shown === true)
      .map(([name]) => ({ name, href: `${origin}${appLinkPath(row)}`, type: 'text/html' })),
    profileEnrollment: policy(profileEnrollmentId),
    activate: row.status === 'INACTIVE' ? lifecycle('activate') : undefined,
    policies: { href: `${self}/policies`, hints: { allow: ['PUT'] } },
    groups: { href: `${self}/groups` },
    logo: logoOf(origin, row),
    clientCredentials: isOAuthClient(row) ? clientCredentialsLinks(self, row) : undefined,
    accessPolicy: policy(accessPolicyId),
    users: { href: `${self}/users` },
    deactivate: row.status === 'ACTIVE' ? lifecycle('deactivate') : undefined,
  };
}

function logoOf(origin: string, row: AnyApplication) {
  const { logoId } = row.settings;
  const address = isOAuthClient(row) ? row.settings.oauthClient.logo_uri : null;
  const href = logoId ? origin + imagePath(logoId) : address;
  return href ? [{ name: 'medium', href, type: 'image/png' }] : [];
}

function clientCredentialsLinks(self: string, { credentials }: Application) {
  const method = credentials.oauthClient.token_endpoint_auth_method;
  if (method === 'none') return undefined;
  const name = usesSecret(method) ? 'secrets' : 'jwks';
  return [{ name, href: `${self}/credentials/${name}` }];
}
