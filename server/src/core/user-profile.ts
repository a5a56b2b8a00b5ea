// Owns what a person's profile may hold, by the attributes of their type, and the sentences in which a wrong one is refused.
// Not here: storage, and which attributes a type has (profile-schemas.ts).
import { checkedAttributes, type ProfileAttributes } from './profile-attributes.ts';
import { Refusal } from './refusal.ts';

/** A checked profile: login and email are there, nothing is null. */
export type Profile = { login: string; email: string } & Record<string, unknown>;

/** As checkedAttributes; a login looks like an e-mail address unless its pattern says otherwise. */
export function checkedProfile(
  attributes: ProfileAttributes,
  given: Readonly<Record<string, unknown>>,
  object: string,
): Profile {
  try {
    return checkedAttributes({ ...attributes, ...loginOf(attributes) }, given, object) as Profile;
  } catch (error) {
    throw error instanceof Refusal ? inWordsOfLogin(error) : error;
  }
}

function loginOf({ login }: ProfileAttributes): ProfileAttributes {
  return login && login.pattern === undefined ? { login: { ...login, format: 'email' } } : {};
}

function inWordsOfLogin({ code, subject, causes }: Refusal): Refusal {
  const words = causes.map((cause) =>
    cause === 'login: Does not match required pattern'
      ? 'login: Username must be in the form of an email address'
      : cause,
  );
  return new Refusal(code, subject, words);
}

/** The profile with these attributes changed; null takes one away, what is not named stays. */
export function mergedProfile(
  profile: Record<string, unknown>,
  changes: Record<string, unknown>,
): Record<string, unknown> {
  return { ...profile, ...changes };
}

/** Throws E0000077 for a change of what is only read, and E0000078 of what is written once. */
export function requireMutable(attributes: ProfileAttributes, before: Record<string, unknown>, after: Profile): void {
  for (const [name, { mutability = 'READ_WRITE' }] of Object.entries(attributes)) {
    if (mutability === 'READ_WRITE' || mutability === 'WRITE_ONLY') continue;
    const [old = null, now = null] = [before[name], after[name]];
    if (JSON.stringify(old) === JSON.stringify(now)) continue;
    if (mutability === 'READ_ONLY') throw new Refusal('E0000077', name);
    if (old !== null) throw new Refusal('E0000078', name);
  }
}

/** First and last name, or the login when there is neither. */
export function displayNameOf(user: { login: string; profile: Record<string, unknown> }): string {
  const names = [user.profile.firstName, user.profile.lastName].filter((name) => typeof name === 'string');
  return names.join(' ') || user.login;
}
