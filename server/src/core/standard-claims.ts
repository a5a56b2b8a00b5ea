// Owns the standard claims of a person (OIDC Core section 5.1): which profile attribute each comes from, in which form, under which
// scope, and whether an ID token carries it even when thin. The first table is what a new authorization server starts with.
// Not here: custom claims and what an administrator changed (claims.ts).
import { toSeconds } from '../base/time.ts';
import type { Row } from '../storage/tables.ts';

/** What the claims are made of. */
export type ClaimedUser = Pick<Row<'users'>, 'login' | 'profile' | 'activated' | 'last_updated'>;

export type StandardClaim = {
  name: string;
  scope: 'profile' | 'email' | 'address' | 'phone';
  /** In every ID token; the others are in userinfo and in ID tokens that come without an access token. */
  always: boolean;
  /** Undefined: the profile does not say, and the claim is absent. */
  value(user: ClaimedUser): unknown;
};

/** In the order in which a new authorization server lists them. */
export const standardClaims: readonly StandardClaim[] = [
  fromProfile('middle_name', 'profile', 'middleName'),
  fromProfile('zoneinfo', 'profile', 'timezone'),
  fromProfile('website', 'profile', 'website'),
  { name: 'updated_at', scope: 'profile', always: false, value: ({ last_updated }) => toSeconds(last_updated) },
  fromProfile('profile', 'profile', 'profileUrl'),
  { name: 'preferred_username', scope: 'profile', always: true, value: ({ login }) => login },
  fromProfile('picture', 'profile', 'picture'),
  fromProfile('phone_number', 'phone', 'primaryPhone'),
  fromProfile('nickname', 'profile', 'nickName'),
  { name: 'name', scope: 'profile', always: true, value: fullName },
  {
    name: 'locale',
    scope: 'profile',
    always: false,
    // Stored as en_US; the claim is a language tag (BCP 47).
    value: (user) => attribute(user, 'locale')?.replaceAll('_', '-'),
  },
  fromProfile('given_name', 'profile', 'firstName'),
  fromProfile('gender', 'profile', 'gender'),
  fromProfile('family_name', 'profile', 'lastName'),
  {
    name: 'email_verified',
    scope: 'email',
    always: false,
    value: (user) => (attribute(user, 'email') === undefined ? undefined : user.activated !== null),
  },
  { ...fromProfile('email', 'email', 'email'), always: true },
  fromProfile('birthdate', 'profile', 'birthdate'),
  { name: 'address', scope: 'address', always: false, value: addressOf },
];

const byName: ReadonlyMap<string, StandardClaim> = new Map(standardClaims.map((claim) => [claim.name, claim]));

export function findStandardClaim(name: string): StandardClaim | null {
  return byName.get(name) ?? null;
}

/** Every standard claim that the person's profile has a value for. */
export function standardClaimsOf(user: ClaimedUser): Record<string, unknown> {
  const claims = standardClaims.map(({ name, value }) => [name, value(user)] as const);
  return Object.fromEntries(claims.filter(([, value]) => value !== undefined));
}

function fromProfile(name: string, scope: StandardClaim['scope'], source: string): StandardClaim {
  return { name, scope, always: false, value: (user) => attribute(user, source) };
}

function attribute({ profile }: ClaimedUser, name: string): string | undefined {
  const value = profile[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function fullName(user: ClaimedUser): string | undefined {
  const parts = [attribute(user, 'firstName'), attribute(user, 'lastName')].filter((part) => part !== undefined);
  return attribute(user, 'displayName') ?? (parts.join(' ') || undefined);
}

function addressOf(user: ClaimedUser): Record<string, string> | undefined {
  const members = [
    ['street_address', attribute(user, 'streetAddress')],
    ['locality', attribute(user, 'city')],
    ['region', attribute(user, 'state')],
    ['postal_code', attribute(user, 'zipCode')],
    ['country', attribute(user, 'countryCode')],
  ].filter(([, value]) => value !== undefined);
  return members.length === 0 ? undefined : Object.fromEntries(members);
}
