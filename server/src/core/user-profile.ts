// Owns what a person's profile may hold: the base attributes of a user and their limits, and the sentences in which a wrong one
// is refused. Not here: storage, and attributes that an administrator defines.
import { invalid, Refusal } from './refusal.ts';

type Attribute = { name: string; least: number; most: number; required?: boolean; email?: boolean };

const text = (name: string, most = 255): Attribute => ({ name, least: 0, most });

/** Every attribute, in the order in which a profile is shown. */
const attributes: readonly Attribute[] = [
  { name: 'firstName', least: 1, most: 50 },
  { name: 'lastName', least: 1, most: 50 },
  text('mobilePhone', 100),
  text('middleName'),
  text('honorificPrefix'),
  text('honorificSuffix'),
  text('title'),
  text('displayName'),
  text('nickName'),
  text('profileUrl', 1024),
  text('primaryPhone', 100),
  text('streetAddress', 1024),
  text('city'),
  text('state'),
  text('zipCode', 50),
  text('countryCode'),
  text('postalAddress', 4096),
  text('preferredLanguage'),
  text('locale'),
  text('timezone'),
  text('userType'),
  text('employeeNumber'),
  text('costCenter'),
  text('organization'),
  text('division'),
  text('department'),
  text('managerId'),
  text('manager'),
  { name: 'secondEmail', least: 5, most: 100, email: true },
  { name: 'login', least: 5, most: 100, required: true, email: true },
  { name: 'email', least: 5, most: 100, required: true, email: true },
];

const byName = new Map(attributes.map((attribute) => [attribute.name, attribute]));

export const profileAttributeNames: readonly string[] = attributes.map(({ name }) => name);

/** A checked profile: login and email are there, nothing is null. */
export type Profile = { login: string; email: string } & Record<string, string>;

/**
 * The profile in the form that is stored: null takes an attribute away, what is given is checked.
 * Throws E0000001 with a cause for each thing wrong; `object` names the whole profile in its summary, such as `newUser`.
 */
export function checkedProfile(given: Record<string, unknown>, object: string): Profile {
  const unknown = Object.keys(given).filter((name) => !byName.has(name));
  if (unknown.length > 0)
    throw invalid(object, ...unknown.map((name) => `Property name '${name}' is not defined in profile`));
  const wrong: { name: string; cause: string }[] = [];
  const profile: Record<string, string> = {};
  for (const attribute of attributes) {
    const value = given[attribute.name] ?? null;
    const problem = problemOf(attribute, value);
    if (problem !== null) wrong.push({ name: attribute.name, cause: `${attribute.name}: ${problem}` });
    else if (typeof value === 'string') profile[attribute.name] = value;
  }
  const [first] = wrong;
  if (first)
    throw new Refusal(
      'E0000001',
      first.name,
      wrong.map(({ cause }) => cause),
    );
  return profile as Profile;
}

function problemOf({ name, least, most, required, email }: Attribute, value: unknown): string | null {
  if (value === null || (value === '' && (required || least > 0)))
    return required || value === '' ? 'The field cannot be left blank' : null;
  if (typeof value !== 'string') return 'The value must be a string';
  if (value.length < least || value.length > most) return `The field must have ${least} to ${most} characters`;
  if (email && !isEmailForm(value))
    return name === 'login' ? 'Username must be in the form of an email address' : 'Does not match required pattern';
  return null;
}

// Neither white space nor control or format characters: two logins that look the same must be the same.
const EMAIL = /^[^\s\p{C}@]+@[^\s\p{C}@.]+(\.[^\s\p{C}@.]+)*$/u;

function isEmailForm(value: string): boolean {
  return EMAIL.test(value);
}

/** The profile with these attributes changed; null takes one away, what is not named stays. */
export function mergedProfile(
  profile: Record<string, unknown>,
  changes: Record<string, unknown>,
): Record<string, unknown> {
  return { ...profile, ...changes };
}

/** First and last name, or the login when there is neither. */
export function displayNameOf(user: { login: string; profile: Record<string, unknown> }): string {
  const names = [user.profile.firstName, user.profile.lastName].filter((name) => typeof name === 'string');
  return names.join(' ') || user.login;
}
