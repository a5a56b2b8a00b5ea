// Owns which org-wide policies an application falls under when nothing else was assigned: the system's own policy of a type.
// Not here: the assignment (change-applications.ts) and what the policies say.
import type { Env } from './env.ts';

export type DefaultPolicies = { accessPolicyId: string | null; profileEnrollmentId: string | null };

/** Null where this org has no such policy. */
export async function defaultPoliciesOfApplications(env: Env): Promise<DefaultPolicies> {
  const rows = await env.db
    .selectFrom('policies')
    .select(['id', 'type'])
    .where('type', 'in', ['ACCESS_POLICY', 'PROFILE_ENROLLMENT'])
    .where('system', '=', 1)
    .orderBy('id')
    .execute();
  const first = (type: string) => rows.find((row) => row.type === type)?.id ?? null;
  return { accessPolicyId: first('ACCESS_POLICY'), profileEnrollmentId: first('PROFILE_ENROLLMENT') };
}
