// Owns the admin console's own OAuth client: it is made at the first start and follows the org's URL at later ones. Everybody may
// sign in to it; what they may do there is decided by their roles. The management API cannot change it (application-guard.ts):
// whoever could send its codes elsewhere would act with every administrator's roles. Not here: the console's files (http/console-files.ts).
import { waitForFirstStart } from '../storage/migrate.ts';
import { createGrant, grantedScopes } from './application-grants.ts';
import { CONSOLE_CLIENT_ID } from './application-guard.ts';
import { findClient, forgetApplications } from './applications.ts';
import { type ApplicationInput, createApplication, replaceApplication } from './change-applications.ts';
import { type Env, transact } from './env.ts';

/** The scopes that the console asks for; console/src/session.ts asks for the same. */
const MANAGED = [
  ...['apps', 'appGrants', 'apiTokens', 'authenticators', 'authorizationServers', 'brands', 'clients', 'eventHooks'],
  ...['groups', 'idps', 'inlineHooks', 'orgs', 'policies', 'roles', 'schemas', 'sessions', 'trustedOrigins', 'users'],
];
const SCOPES = [...MANAGED.map((resource) => `okta.${resource}.manage`), 'okta.logs.read'];

/** Makes the console's client where it is missing, and brings its addresses in line with the org's URL. */
export async function ensureConsoleClient(env: Env): Promise<void> {
  const known = await findClient(env, CONSOLE_CLIENT_ID);
  if (known?.settings.oauthClient.redirect_uris[0] === callbackOf(env) && (await hasScopes(env, known.id))) return;
  await transact(env, async (env) => {
    await waitForFirstStart(env.db);
    forgetApplications(env);
    const before = await findClient(env, CONSOLE_CLIENT_ID);
    const id = before?.id ?? (await createApplication(env, consoleClient(env), 'ACTIVE')).application.id;
    if (before) await replaceApplication(env, id, consoleClient(env));
    const granted = await grantedScopes(env, id);
    for (const scopeId of SCOPES)
      if (!granted.includes(scopeId)) await createGrant(env, id, { scopeId, issuer: env.config.url });
  });
  forgetApplications(env);
}

async function hasScopes(env: Env, id: string): Promise<boolean> {
  const granted = await grantedScopes(env, id);
  return SCOPES.every((scope) => granted.includes(scope));
}

function callbackOf(env: Env): string {
  return `${env.config.url}/admin/callback`;
}

function consoleClient(env: Env): ApplicationInput {
  const { url } = env.config;
  return {
    label: 'Gatehouse Admin Console',
    signOnMode: 'OPENID_CONNECT',
    // Nobody is assigned one by one: a person without a role is told so by the console itself.
    settings: { implicitAssignment: true },
    oauthClient: {
      credentials: { client_id: CONSOLE_CLIENT_ID, token_endpoint_auth_method: 'none', pkce_required: true },
      settings: {
        application_type: 'browser',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [callbackOf(env), `${url}/admin/silent-callback`],
        post_logout_redirect_uris: [`${url}/`],
        client_uri: `${url}/admin`,
        initiate_login_uri: `${url}/admin`,
        issuer_mode: 'ORG_URL',
      },
    },
  };
}
