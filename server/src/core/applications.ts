// Owns applications: the row, its types, and how it is found. An application of sign-on mode OPENID_CONNECT is an OAuth client.
// Not here: changing them (change-applications.ts); assignments, secrets, grants and redirect URIs, each a module of its own.
import type { Row } from '../storage/tables.ts';
import { guardPrivileged } from './application-guard.ts';
import type {
  CommonSettings,
  OAuthClientCredentials,
  OAuthClientSettings,
  UserNameTemplate,
} from './application-settings.ts';
import type { OtherSignOnMode } from './application-templates.ts';
import { forget, remembered } from './brief-memory.ts';
import type { Env } from './env.ts';
import { notFound } from './refusal.ts';
import type { LogTarget } from './system-log.ts';

type Stored = Omit<Row<'applications'>, 'status' | 'sign_on_mode' | 'credentials' | 'settings'> & {
  status: 'ACTIVE' | 'INACTIVE';
};

/** An OAuth client. */
export type Application = Stored & {
  sign_on_mode: 'OPENID_CONNECT';
  credentials: { userNameTemplate: UserNameTemplate; oauthClient: OAuthClientCredentials };
  settings: CommonSettings & { oauthClient: OAuthClientSettings };
};

/** An application that is stored and shown but speaks no OAuth, such as a bookmark. */
export type OtherApplication = Stored & {
  sign_on_mode: OtherSignOnMode;
  credentials: { userNameTemplate: UserNameTemplate; [rest: string]: unknown };
  settings: CommonSettings & { [rest: string]: unknown };
};

export type AnyApplication = Application | OtherApplication;

/** Purposes of brief-memory.ts that a change of any application must forget. */
export const applicationCache = { clients: 'clients', redirectOrigins: 'redirect-origins' } as const;

/** The OAuth client of this client_id, whatever its status; null when there is none. May be two seconds old. */
export function findClient(env: Env, clientId: string): Promise<Application | null> {
  return remembered(env, applicationCache.clients, clientId, async () => {
    const row = await env.db
      .selectFrom('applications')
      .selectAll()
      .where('client_id', '=', clientId)
      .where('sign_on_mode', '=', 'OPENID_CONNECT')
      .executeTakeFirst();
    return row ? (toApplication(row) as Application) : null;
  });
}

/** The application of this id, as the database has it now. Throws E0000007. */
export async function getApplication(env: Env, id: string): Promise<AnyApplication> {
  const row = await env.db.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw notFound(id, 'AppInstance');
  return toApplication(row);
}

/** The same, held until the transaction ends: what is decided about it stays true, and two such transactions take turns. */
export async function lockApplication(env: Env, id: string): Promise<AnyApplication> {
  const row = await env.db
    .updateTable('applications')
    .set((eb) => ({ status: eb.ref('status') }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw notFound(id, 'AppInstance');
  return toApplication(row);
}

/** As getApplication, for routes of OAuth clients alone: E0000007 also for an application of another sign-on mode. */
export async function getOAuthClient(env: Env, id: string): Promise<Application> {
  return asOAuthClient(await getApplication(env, id));
}

/** As lockApplication, for what decides who can act as it. Throws E0000006 too: see application-guard.ts. */
export async function lockGuardedApplication(env: Env, id: string): Promise<AnyApplication> {
  const application = await lockApplication(env, id);
  await guardPrivileged(env, application);
  return application;
}

/** As lockGuardedApplication, for what only an OAuth client has. */
export async function lockOAuthClient(env: Env, id: string): Promise<Application> {
  return asOAuthClient(await lockGuardedApplication(env, id));
}

function asOAuthClient(application: AnyApplication): Application {
  if (!isOAuthClient(application)) throw notFound(application.id, 'OAuth2AppInstance');
  return application;
}

export function isOAuthClient(application: AnyApplication): application is Application {
  return application.sign_on_mode === 'OPENID_CONNECT';
}

/** What this process remembers of applications is forgotten; call it after the change has committed. */
export function forgetApplications(env: Env): void {
  forget(env, applicationCache.clients, applicationCache.redirectOrigins);
}

/** The application as the System Log names it. */
export function applicationTarget(application: AnyApplication): LogTarget {
  const { id, label, sign_on_mode } = application;
  const kind = sign_on_mode === 'OPENID_CONNECT' ? 'OpenID Connect Client' : label;
  return { id, type: 'AppInstance', alternateId: label, displayName: kind };
}

/** The columns are written by change-applications.ts alone, so their JSON has these types. */
export function toApplication(row: Row<'applications'>): AnyApplication {
  return row as unknown as AnyApplication;
}
