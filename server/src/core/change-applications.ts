// Owns changes of applications: making, replacing, activating, deactivating and deleting them, each with its events.
// Not here: what an OAuth client may be configured to be (oauth-client-rules.ts), assignments, secrets one by one, grants.
import { idPrefixes, newId } from '../base/id.ts';
import { textKey } from '../base/text-key.ts';
import { isUniqueViolation } from '../storage/database.ts';
import { toJson } from '../storage/schema.ts';
import { checkSigningKid } from './application-keys.ts';
import type { CommonSettings, GroupsClaim, IssuerMode, UserNameTemplate } from './application-settings.ts';
import { appLinkOf, completeAppSettings, type OtherSignOnMode } from './application-templates.ts';
import {
  type AnyApplication,
  type Application,
  applicationTarget,
  forgetApplications,
  isOAuthClient,
  lockApplication,
  lockGuardedApplication,
  lockOAuthClient,
} from './applications.ts';
import { refuseGroupsClaim } from './claims.ts';
import { forgetSecrets, keepSecret, objectionToSecret, usesSecret } from './client-secrets.ts';
import { deleteGrants } from './delete-grants.ts';
import { type Env, transact } from './env.ts';
import { forgetConsents } from './given-consents.ts';
import { dropImage } from './images.ts';
import { deleteMapping } from './mapping-changes.ts';
import { completeOAuthClient, type OAuthClient, type OAuthClientInput } from './oauth-client-rules.ts';
import {
  nameOtherApplication,
  type PasswordCredentials,
  passwordCredentialsOf,
  signingOf,
  signOnOf,
} from './other-applications.ts';
import { deleteSchema } from './profile-schemas.ts';
import { alreadyExists, invalid, notFound, Refusal } from './refusal.ts';
import { forgetTarget } from './role-targets.ts';
import { deleteRolesOf } from './roles.ts';
import type { JsonObject } from './setting-fields.ts';
import { type LogEntry, record } from './system-log.ts';
import { checkUserNameTemplate } from './user-name-template.ts';

/** What a caller says of an application. Null and missing mean the same. */
export type ApplicationInput = {
  label: string;
  name?: string | null | undefined;
  signOnMode: 'OPENID_CONNECT' | OtherSignOnMode;
  accessibility?: JsonObject | null | undefined;
  visibility?:
    | (JsonObject & { hide?: JsonObject | null | undefined; appLinks?: JsonObject | null | undefined })
    | null
    | undefined;
  features?: string[] | null | undefined;
  profile?: JsonObject | null | undefined;
  userNameTemplate?: UserNameTemplate | null | undefined;
  /** Of sign-on modes in which the application asks for a password. */
  passwordCredentials?: PasswordCredentials | undefined;
  /** The key that the application is known by; null and missing: the one that it has. */
  signingKid?: string | null | undefined;
  settings?:
    | {
        app?: JsonObject | null | undefined;
        /** Of sign-on modes other than OPENID_CONNECT. */
        signOn?: JsonObject | null | undefined;
        notifications?: CommonSettings['notifications'] | null | undefined;
        manualProvisioning?: boolean | null | undefined;
        implicitAssignment?: boolean | null | undefined;
        emOptInStatus?: string | null | undefined;
        notes?: { admin?: string | null | undefined; enduser?: string | null | undefined } | null | undefined;
      }
    | null
    | undefined;
  oauthClient?: OAuthClientInput | undefined;
  clientSecret?: string | undefined;
};

/** An application after a change, and its newest secret if it authenticates with one: the only moments in which that is shown. */
export type ChangedApplication = { application: AnyApplication; clientSecret: string | null };

const OAUTH_CLIENT = 'oidc_client';

/** Throws E0000001 when the input will not do or the chosen client_id is taken. */
export async function createApplication(
  env: Env,
  input: ApplicationInput,
  status: 'ACTIVE' | 'INACTIVE',
): Promise<ChangedApplication> {
  const id = newId(env, idPrefixes.application);
  const oauthClient = oauthClientOf(env, input, null);
  const clientId = input.oauthClient?.credentials.client_id ?? id;
  checkClientId(clientId);
  const now = env.now();
  const name = await nameOf(env, input, null);
  const application = {
    ...describe(env, input, name, oauthClient, clientId, null),
    id,
    client_id: clientId,
    status,
    created: now,
    last_updated: now,
  } as AnyApplication;
  try {
    return await transact(env, async (env) => {
      await env.db.insertInto('applications').values(toColumns(application)).execute();
      await record(env, ...eventsOf(application, 'create'));
      if (status === 'ACTIVE') await record(env, ...eventsOf(application, 'activate'));
      return { application, clientSecret: await secretOf(env, application, input.clientSecret) };
    });
  } catch (error) {
    if (isUniqueViolation(error, 'client_id')) throw alreadyExists('client_id', 'client_id');
    throw error;
  } finally {
    forgetApplications(env);
  }
}

/** Replaces everything but id, client_id, status and what has a route of its own. Throws E0000007, E0000001. */
export async function replaceApplication(env: Env, id: string, input: ApplicationInput): Promise<ChangedApplication> {
  const changed = await transact(env, async (env) => {
    const before = await lockGuardedApplication(env, id);
    if (before.sign_on_mode !== input.signOnMode)
      throw invalid('signOnMode', 'signOnMode: The sign-on mode cannot be changed after creation');
    const clientId = input.oauthClient?.credentials.client_id ?? before.client_id;
    if (clientId !== before.client_id) throw invalid('client_id', 'client_id: The client ID cannot be changed');
    const oauthClient = oauthClientOf(env, input, isOAuthClient(before) ? before : null);
    const name = await nameOf(env, input, before);
    await checkSigningKid(env, before, input.signingKid);
    const application = {
      ...before,
      ...describe(env, input, name, oauthClient, clientId, before),
      last_updated: env.now(),
    } as AnyApplication;
    await saveApplication(env, application);
    await record(env, ...eventsOf(application, 'update'));
    return { application, clientSecret: await secretOf(env, application, input.clientSecret) };
  });
  forgetApplications(env);
  forgetSecrets(env);
  return changed;
}

/** Nothing happens when it has that status. Deactivating revokes the refresh tokens that the client holds. */
export async function setApplicationStatus(env: Env, id: string, status: 'ACTIVE' | 'INACTIVE'): Promise<void> {
  await transact(env, async (env) => {
    const application = await lockGuardedApplication(env, id);
    if (application.status === status) return;
    await saveApplication(env, { ...application, status, last_updated: env.now() });
    if (status === 'INACTIVE') {
      await revokeRefreshTokens(env, application.client_id);
      await forgetConsents(env, { clientId: application.client_id });
    }
    await record(env, ...eventsOf(application, status === 'ACTIVE' ? 'activate' : 'deactivate'));
  });
  forgetApplications(env);
}

const TABLES_OF_APPLICATION = [
  'client_secrets',
  'application_users',
  'application_groups',
  'application_grants',
  'application_keys',
  'application_csrs',
] as const;

/** Deletes an inactive application and everything that hangs on it. Throws E0000007, E0000056 when it is active. */
export async function deleteApplication(env: Env, id: string): Promise<void> {
  await transact(env, async (env) => {
    const application = await lockGuardedApplication(env, id);
    if (application.status !== 'INACTIVE') throw new Refusal('E0000056');
    const { db } = env;
    await deleteGrants(env, 'client_id', application.client_id);
    await deleteRolesOf(env, { clientId: application.client_id });
    await forgetTarget(env, 'APP_INSTANCE', id);
    for (const table of TABLES_OF_APPLICATION) await db.deleteFrom(table).where('application_id', '=', id).execute();
    await deleteSchema(env, id);
    await dropImage(env, application.settings.logoId ?? null);
    await deleteMapping(env, id);
    await db.deleteFrom('applications').where('id', '=', id).execute();
    await record(env, ...eventsOf(application, 'delete'));
  });
  forgetApplications(env);
  forgetSecrets(env);
}

/** Assigns the authentication policy; null: the system's. Throws E0000007 for the application or the policy. */
export async function assignAccessPolicy(env: Env, id: string, policyId: string | null): Promise<void> {
  await transact(env, async (env) => {
    const application = await lockApplication(env, id);
    const changed = { ...application, last_updated: env.now() };
    if (policyId === null) delete changed.settings.accessPolicyId;
    else changed.settings.accessPolicyId = await accessPolicyOf(env, policyId);
    await saveApplication(env, changed);
    await record(env, ...eventsOf(application, 'update'));
  });
  forgetApplications(env);
}

async function accessPolicyOf(env: Env, policyId: string): Promise<string> {
  const policy = await env.db
    .selectFrom('policies')
    .select('id')
    .where('id', '=', policyId)
    .where('type', '=', 'ACCESS_POLICY')
    .executeTakeFirst();
  if (!policy) throw notFound(policyId, 'Policy');
  return policy.id;
}

/** How ID tokens from the org server are issued to this client. Throws E0000007 when it is none. */
export async function setIdTokenSettings(
  env: Env,
  id: string,
  given: { issuerMode?: IssuerMode | undefined; groupsClaim: GroupsClaim | null },
): Promise<Application> {
  if (given.groupsClaim) refuseGroupsClaim(given.groupsClaim);
  const changed = await transact(env, async (env) => {
    const application = await lockOAuthClient(env, id);
    const mode = given.issuerMode ?? application.settings.oauthClient.issuer_mode;
    if (mode === 'CUSTOM_URL' && env.config.domains.length === 0)
      throw invalid('issuerMode', "issuerMode: 'CUSTOM_URL' needs a custom domain, and none is configured");
    const { groupsClaim: _, ...settings } = application.settings;
    const changed: Application = {
      ...application,
      settings: {
        ...settings,
        ...(given.groupsClaim ? { groupsClaim: given.groupsClaim } : {}),
        oauthClient: { ...settings.oauthClient, issuer_mode: mode },
      },
      last_updated: env.now(),
    };
    await saveApplication(env, changed);
    await record(env, ...eventsOf(application, 'update'));
    return changed;
  });
  forgetApplications(env);
  return changed;
}

function oauthClientOf(env: Env, input: ApplicationInput, before: Application | null): OAuthClient | null {
  if (input.signOnMode !== 'OPENID_CONNECT') return null;
  const client = completeOAuthClient(env, input.oauthClient ?? { settings: {}, credentials: {} }, before);
  const method = client.credentials.token_endpoint_auth_method;
  const objection =
    input.clientSecret !== undefined && usesSecret(method) ? objectionToSecret(input.clientSecret, method) : null;
  if (objection) throw invalid('client_secret', objection);
  return client;
}

async function secretOf(env: Env, application: AnyApplication, given: string | undefined): Promise<string | null> {
  if (!isOAuthClient(application)) return null;
  return usesSecret(application.credentials.oauthClient.token_endpoint_auth_method)
    ? keepSecret(env, application.id, given)
    : null;
}

function checkClientId(clientId: string): void {
  if (!/^[\x21-\x7e]{6,100}$/.test(clientId) || clientId === 'ALL_CLIENTS')
    throw invalid('client_id', 'client_id: The client ID must have 6 to 100 printable characters without spaces');
}

async function nameOf(env: Env, input: ApplicationInput, before: AnyApplication | null): Promise<string> {
  const { signOnMode, label } = input;
  if (before && input.name && input.name !== before.name)
    throw invalid('name', 'name: The name cannot be changed after creation');
  const name = input.name ?? before?.name ?? null;
  if (signOnMode !== 'OPENID_CONNECT') return nameOtherApplication(env, signOnMode, name, label);
  if (name !== null && name !== OAUTH_CLIENT)
    throw invalid('name', `name: An OpenID Connect application has the name '${OAUTH_CLIENT}'`);
  return OAUTH_CLIENT;
}

/** Everything of the row that the input decides. */
function describe(
  env: Env,
  input: ApplicationInput,
  name: string,
  oauthClient: OAuthClient | null,
  clientId: string,
  before: AnyApplication | null,
) {
  const label = input.label.trim();
  if (!/^\P{Cc}{1,100}$/u.test(label) || !label.isWellFormed())
    throw invalid('label', 'label: The label must have 1 to 100 characters, and no control characters');
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the braces are the template's own.
  const userNameTemplate = input.userNameTemplate ?? { template: '${source.login}', type: 'BUILT_IN' };
  checkUserNameTemplate(userNameTemplate.template);
  return {
    name,
    label,
    label_key: textKey(label),
    sign_on_mode: input.signOnMode,
    features: input.features ?? [],
    accessibility: { selfService: false, errorRedirectUrl: null, loginRedirectUrl: null, ...said(input.accessibility) },
    visibility: visibilityOf(input, name),
    credentials: oauthClient
      ? { userNameTemplate, oauthClient: { ...oauthClient.credentials, client_id: clientId } }
      : { ...passwordCredentialsOf(input), userNameTemplate, ...signingOf(input, before) },
    settings: {
      ...commonSettings(input, name, before),
      ...(oauthClient ? { oauthClient: oauthClient.settings } : signOnOf(env, input, before)),
    },
    profile: input.profile ?? null,
  };
}

function visibilityOf({ visibility, signOnMode }: ApplicationInput, name: string): JsonObject {
  const oidc = signOnMode === 'OPENID_CONNECT';
  const { hide, appLinks, ...rest } = visibility ?? {};
  return {
    autoLaunch: false,
    autoSubmitToolbar: false,
    ...said(rest),
    hide: { iOS: oidc, web: oidc, ...said(hide) },
    appLinks: appLinks ?? { [appLinkOf(name)]: true },
  };
}

function commonSettings({ settings }: ApplicationInput, name: string, before: AnyApplication | null): CommonSettings {
  const kept = before?.settings;
  return {
    app: completeAppSettings(name, settings?.app ?? {}),
    notifications: settings?.notifications ?? {
      vpn: { network: { connection: 'DISABLED' }, message: null, helpUrl: null },
    },
    manualProvisioning: settings?.manualProvisioning ?? false,
    implicitAssignment: settings?.implicitAssignment ?? false,
    emOptInStatus: settings?.emOptInStatus ?? 'NONE',
    notes: { admin: settings?.notes?.admin ?? null, enduser: settings?.notes?.enduser ?? null },
    ...(kept?.accessPolicyId ? { accessPolicyId: kept.accessPolicyId } : {}),
    ...(kept?.logoId ? { logoId: kept.logoId } : {}),
    ...(kept?.groupsClaim ? { groupsClaim: kept.groupsClaim } : {}),
  };
}

/** Without the fields of which nothing was said. */
function said(object: JsonObject | null | undefined): JsonObject {
  return Object.fromEntries(Object.entries(object ?? {}).filter(([, value]) => value !== undefined && value !== null));
}

function toColumns(application: AnyApplication) {
  return {
    ...application,
    features: toJson(application.features),
    accessibility: toJson(application.accessibility),
    visibility: toJson(application.visibility),
    credentials: toJson<JsonObject>(application.credentials),
    settings: toJson<JsonObject>(application.settings),
    profile: application.profile === null ? null : toJson(application.profile),
  };
}

/** Writes the row as it is given. For modules that change a part of an application under its lock. */
export async function saveApplication(env: Env, application: AnyApplication): Promise<void> {
  await env.db.updateTable('applications').set(toColumns(application)).where('id', '=', application.id).execute();
}

/** The client can be used no more: its refresh tokens end. */
async function revokeRefreshTokens(env: Env, clientId: string): Promise<void> {
  await env.db
    .updateTable('refresh_tokens')
    .set({ status: 'REVOKED', last_updated: env.now() })
    .where('client_id', '=', clientId)
    .where('status', '=', 'ACTIVE')
    .execute();
}

type Change = 'create' | 'update' | 'activate' | 'deactivate' | 'delete';

function eventsOf(application: AnyApplication, change: Change): LogEntry[] {
  const target = [applicationTarget(application)];
  const entry = (subject: string, what: string): LogEntry => ({
    eventType: `${subject}.${change}`,
    displayMessage: `${what}: ${change}`,
    target,
  });
  const events = [entry('application.lifecycle', 'Application')];
  if (isOAuthClient(application)) events.push(entry('app.oauth2.client.lifecycle', 'OAuth client'));
  return events;
}
