// Owns how an OpenID Connect application sees a person's profile: Okta's default mapping of user attributes to the application's.
// Not here: the claims of tokens (standard-claims.ts).

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

export function appUserProfile({ profile }: { profile: Record<string, unknown> }): Record<string, unknown> {
  const name = [profile.firstName, profile.lastName].filter((part) => typeof part === 'string').join(' ');
  const mapped = MAPPING.map(([attribute, from]) => {
    const value = from === null ? undefined : profile[from];
    return [attribute, value ?? DEFAULTS[attribute] ?? null] as const;
  });
  return { ...Object.fromEntries(mapped), name: name || null };
}
