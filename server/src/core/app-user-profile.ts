// Owns how an OpenID Connect application sees a person's profile: Okta's default mapping of user attributes to the application's, and
// what an administrator changed of it. Not here: such changes (profile-mappings.ts), the claims of tokens (standard-claims.ts).
import type { Env } from './env.ts';
import { type Mapping, mappedValue } from './mapping-expression.ts';

/** The application's attribute → the person's; null: mapped from nothing. In the order in which clients know them. */
const MAPPING: readonly [attribute: string, from: string | null][] = [
  ['street_address', 'streetAddress'],
  ['country', 'countryCode'],
  ['website', null],
  ['zoneinfo', 'timezone'],
  ['birthdate', null],
  ['gender', null],
  ['formatted', 'postalAddress'],
  ['profile', 'profileUrl'],
  ['locality', 'city'],
  ['given_name', 'firstName'],
  ['middle_name', 'middleName'],
  ['locale', 'locale'],
  ['picture', null],
  ['name', null],
  ['nickname', 'nickName'],
  ['phone_number', 'primaryPhone'],
  ['region', 'state'],
  ['postal_code', 'zipCode'],
  ['family_name', 'lastName'],
  ['email', 'email'],
];

/** What stands where the person's profile says nothing. */
const DEFAULTS: Record<string, string> = { zoneinfo: 'America/Los_Angeles', locale: 'en_US' };

/** The default mapping in the words of the expression language. Where only one of two names is known, no space is left beside it. */
export const defaultAppMapping: Mapping = Object.fromEntries(
  MAPPING.map(([attribute, from]) => {
    if (attribute === 'name') return [attribute, 'user.firstName + " " + user.lastName'];
    const otherwise = DEFAULTS[attribute];
    if (from === null) return [attribute, null];
    return [attribute, otherwise ? `user.${from} == null ? "${otherwise}" : user.${from}` : `user.${from}`];
  }),
);

type Person = { id: string; login: string; profile: Record<string, unknown> };

/** `changes`: attributes that an administrator mapped otherwise. */
export function appUserProfile(env: Env, person: Person, changes: Mapping): Record<string, unknown> {
  const { id, login, profile } = person;
  const name = [profile.firstName, profile.lastName].filter((part) => typeof part === 'string').join(' ');
  const mapped = MAPPING.map(([attribute, from]) => {
    const value = from === null ? undefined : profile[from];
    return [attribute, value ?? DEFAULTS[attribute] ?? null] as const;
  });
  const source = { ...profile, id, login };
  const changed = Object.entries(changes).map(([attribute, expression]) => [
    attribute,
    expression === null ? null : mappedValue(env, expression, 'user', source),
  ]);
  return { ...Object.fromEntries(mapped), name: name || null, ...Object.fromEntries(changed) };
}
