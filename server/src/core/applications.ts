// Owns applications: the row, its types, and how it is found and changed. An application of sign-on mode OPENID_CONNECT is an
// OAuth client. Not here: assignments, secrets, grants and redirect URIs, each a module of its own.
import type { Row } from '../storage/tables.ts';
import type {
  CommonSettings,
  OAuthClientCredentials,
  OAuthClientSettings,
  UserNameTemplate,
} from './application-settings.ts';
import { forget, remembered } from './brief-memory.ts';
import type { Env } from './env.ts';
import { notFound } from './refusal.ts';

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
  sign_on_mode: 'BOOKMARK' | 'AUTO_LOGIN' | 'BASIC_AUTH' | 'BROWSER_PLUGIN' | 'SECURE_PASSWORD_STORE';
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

export function isOAuthClient(application: AnyApplication): application is Application {
  return application.sign_on_mode === 'OPENID_CONNECT';
}

/** What this process remembers of applications is forgotten; call it after the change has committed. */
export function forgetApplications(env: Env): void {
  forget(env, applicationCache.clients, applicationCache.redirectOrigins);
}

/** The columns are written by this module alone, so their JSON has these types. */
export function toApplication(row: Row<'applications'>): AnyApplication {
  return row as unknown as AnyApplication;
}
