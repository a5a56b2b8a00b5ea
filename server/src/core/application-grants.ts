// Owns which okta.* scopes an application may be given on the management API. Not here: the roles that bound them further.
import { idPrefixes, newId } from '../base/id.ts';
import { isUniqueViolation } from '../storage/database.ts';
import { toJson } from '../storage/schema.ts';
import type { Row } from '../storage/tables.ts';
import { isApiScope } from './api-scopes.ts';
import { type Application, applicationTarget, lockOAuthClient } from './applications.ts';
import { type Env, transact } from './env.ts';
import { invalid, notFound } from './refusal.ts';
import { record } from './system-log.ts';

export type ApplicationGrant = Row<'application_grants'>;

/** The okta.* scopes granted to the application. */
export async function grantedScopes(env: Env, applicationId: string): Promise<string[]> {
  const rows = await env.db
    .selectFrom('application_grants')
    .select('scope_id')
    .where('application_id', '=', applicationId)
    .where('status', '=', 'ACTIVE')
    .orderBy('scope_id')
    .execute();
  return rows.map(({ scope_id }) => scope_id);
}

/** Grants in the order of their making. */
export async function listGrants(env: Env, applicationId: string): Promise<ApplicationGrant[]> {
  return env.db
    .selectFrom('application_grants')
    .selectAll()
    .where('application_id', '=', applicationId)
    .orderBy('id')
    .execute();
}

/** Throws E0000007. */
export async function getGrant(env: Env, applicationId: string, id: string): Promise<ApplicationGrant> {
  const row = await env.db
    .selectFrom('application_grants')
    .selectAll()
    .where('application_id', '=', applicationId)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) throw notFound(id, 'OAuth2ScopeConsentGrant');
  return row;
}

/** Grants a scope of the org server. Throws E0000001 for another server's, an unknown scope, or one that is granted already. */
export async function createGrant(
  env: Env,
  applicationId: string,
  { scopeId, issuer }: { scopeId: string; issuer: string },
): Promise<ApplicationGrant> {
  if (![env.config.url, ...env.config.domains].includes(issuer))
    throw invalid('issuer', 'issuer: The issuer must be the URL of this org');
  if (!isApiScope(scopeId)) throw invalid('scopeId', `scopeId: The scope is not one of this org's API`);
  try {
    return await transact(env, async (env) => {
      const application = await lockOAuthClient(env, applicationId);
      const now = env.now();
      const row: ApplicationGrant = {
        id: newId(env, idPrefixes.grant),
        application_id: applicationId,
        scope_id: scopeId,
        issuer,
        status: 'ACTIVE',
        created_by: { id: env.actor?.id ?? 'system', type: env.actor?.type ?? 'SystemPrincipal' },
        created: now,
        last_updated: now,
      };
      await env.db
        .insertInto('application_grants')
        .values({ ...row, created_by: toJson(row.created_by) })
        .execute();
      await recordGrant(env, application, row, 'grant');
      return row;
    });
  } catch (error) {
    if (isUniqueViolation(error, 'scope_id'))
      throw invalid('scopeId', 'scopeId: The scope is already granted to the application');
    throw error;
  }
}

/** Takes the scope back. Throws E0000007. */
export async function deleteGrant(env: Env, applicationId: string, id: string): Promise<void> {
  await transact(env, async (env) => {
    const application = await lockOAuthClient(env, applicationId);
    const grant = await getGrant(env, applicationId, id);
    await env.db.deleteFrom('application_grants').where('id', '=', id).execute();
    await recordGrant(env, application, grant, 'revoke');
  });
}

async function recordGrant(env: Env, application: Application, grant: ApplicationGrant, change: 'grant' | 'revoke') {
  await record(env, {
    eventType: `app.oauth2.admin.consent.${change}`,
    displayMessage: `Administrator's consent to a scope: ${change}`,
    target: [
      applicationTarget(application),
      { id: grant.id, type: 'OAuth2Scope', alternateId: grant.scope_id, displayName: grant.scope_id },
    ],
  });
}
