// Owns which okta.* scopes an application may be given on the management API. Not here: the roles that bound them further.
import type { Env } from './env.ts';

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
