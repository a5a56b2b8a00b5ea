// Owns whom of the organization to turn to, one person for each kind of contact. Not here: the organization itself (org.ts).
import { type Env, transact } from './env.ts';
import { notFound } from './refusal.ts';
import { record } from './system-log.ts';
import { getUser, userTarget } from './users.ts';

export const contactTypes = ['BILLING', 'TECHNICAL'] as const;
export type ContactType = (typeof contactTypes)[number];

/** The person's id. Throws E0000007 where nobody is named, or who was named is gone. */
export async function getOrgContact(env: Env, type: string): Promise<string> {
  const row = await env.db
    .selectFrom('org_contacts')
    .innerJoin('users', 'users.id', 'org_contacts.user_id')
    .select('user_id')
    .where('contact_type', '=', type)
    .executeTakeFirst();
  if (!row) throw notFound(type, 'OrgContact');
  return row.user_id;
}

/** Throws E0000007 for the person or the kind of contact. */
export async function setOrgContact(env: Env, type: string, userId: string): Promise<void> {
  if (!contactTypes.some((one) => one === type)) throw notFound(type, 'OrgContact');
  await transact(env, async (env) => {
    const user = await getUser(env, userId);
    await env.db
      .insertInto('org_contacts')
      .values({ contact_type: type, user_id: user.id })
      .onConflict((conflict) => conflict.columns(['contact_type']).doUpdateSet({ user_id: user.id }))
      .execute();
    await record(env, {
      eventType: 'system.org.contact.update',
      displayMessage: `Contact of the organization, ${type}: update`,
      target: [userTarget(user)],
    });
  });
}
