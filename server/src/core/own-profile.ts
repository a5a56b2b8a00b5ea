// Owns what people see of their own profile and may change in it: as the schema's permissions for SELF say, and never the names by
// which applications know them. Not here: what an administrator changes (user-credentials.ts), and the page (sign-in/).
import type { Env } from './env.ts';
import type { ProfileAttribute } from './profile-attributes.ts';
import { userAttributes } from './profile-schemas.ts';
import { Refusal } from './refusal.ts';
import { updateUser } from './user-credentials.ts';
import type { User } from './users.ts';

export type OwnAttribute = { name: string; attribute: ProfileAttribute; value: unknown; editable: boolean };

/**
 * Whoever chose these freely could choose those of somebody else: applications take the e-mail address, which tokens call verified,
 * and the login for the person, and this server sends no mail that would prove a new one.
 */
const IDENTIFYING = ['login', 'email'];

/** What the person may see, in the order of the profile. */
export async function ownAttributes(env: Env, user: User): Promise<OwnAttribute[]> {
  const attributes = Object.entries(await userAttributes(env, user.type_id));
  return attributes
    .filter(([, attribute]) => actionOf(attribute) !== 'HIDE')
    .map(([name, attribute]) => ({
      name,
      attribute,
      value: user.profile[name] ?? null,
      editable: isEditable(name, attribute),
    }));
}

/** Changes these attributes and no other; null takes one away. Throws E0000006 for one that is not the person's to change. */
export async function changeOwnProfile(env: Env, user: User, changes: Record<string, unknown>): Promise<User> {
  const attributes = await userAttributes(env, user.type_id);
  for (const name of Object.keys(changes)) {
    const attribute = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    if (!attribute || !isEditable(name, attribute)) throw new Refusal('E0000006');
  }
  return updateUser(env, user, { profile: { profile: changes, how: 'merge' } });
}

function isEditable(name: string, attribute: ProfileAttribute): boolean {
  const { mutability = 'READ_WRITE' } = attribute;
  return actionOf(attribute) === 'READ_WRITE' && mutability === 'READ_WRITE' && !IDENTIFYING.includes(name);
}

function actionOf({ permissions }: ProfileAttribute): 'HIDE' | 'READ_ONLY' | 'READ_WRITE' {
  return permissions?.find(({ principal }) => principal === 'SELF')?.action ?? 'READ_ONLY';
}
