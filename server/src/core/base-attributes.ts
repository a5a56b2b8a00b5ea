// Owns the attributes that every profile of a kind has before an administrator adds any: those of users (contract 4.6), of groups,
// and of people at applications. Not here: what is added or changed (profile-schemas.ts).
import type { ProfileAttribute, ProfileAttributes } from './profile-attributes.ts';

type Own = 'READ_WRITE' | 'READ_ONLY' | 'HIDE';

const of = (title: string, own: Own, more: Partial<ProfileAttribute> = {}): ProfileAttribute => {
  const { type = 'string', required, format, ...limits } = more;
  return {
    title,
    type,
    ...(required === undefined ? {} : { required }),
    ...(format === undefined ? {} : { format }),
    mutability: 'READ_WRITE',
    scope: 'NONE',
    ...limits,
    permissions: [{ principal: 'SELF', action: own }],
    master: { type: 'PROFILE_MASTER' },
  };
};

/** Names are not required of everybody: a person may come from an identity provider that tells none. */
export const userBaseAttributes: ProfileAttributes = {
  login: of('Username', 'READ_WRITE', { required: true, minLength: 5, maxLength: 100 }),
  firstName: of('First name', 'READ_WRITE', { required: false, minLength: 1, maxLength: 50 }),
  lastName: of('Last name', 'READ_WRITE', { required: false, minLength: 1, maxLength: 50 }),
  middleName: of('Middle name', 'READ_ONLY', { maxLength: 255 }),
  honorificPrefix: of('Honorific prefix', 'READ_ONLY', { maxLength: 255 }),
  honorificSuffix: of('Honorific suffix', 'READ_ONLY', { maxLength: 255 }),
  email: of('Primary email', 'READ_WRITE', { required: true, format: 'email', minLength: 5, maxLength: 100 }),
  title: of('Title', 'READ_ONLY', { maxLength: 255 }),
  displayName: of('Display name', 'READ_ONLY', { maxLength: 255 }),
  nickName: of('Nickname', 'READ_ONLY', { maxLength: 255 }),
  profileUrl: of('Profile Url', 'READ_ONLY', { format: 'uri', maxLength: 1024 }),
  secondEmail: of('Secondary email', 'READ_WRITE', { format: 'email', minLength: 5, maxLength: 100 }),
  mobilePhone: of('Mobile phone', 'READ_WRITE', { maxLength: 100 }),
  primaryPhone: of('Primary phone', 'HIDE', { maxLength: 100 }),
  streetAddress: of('Street address', 'HIDE', { maxLength: 1024 }),
  city: of('City', 'HIDE', { maxLength: 255 }),
  state: of('State', 'HIDE', { maxLength: 255 }),
  zipCode: of('Zip code', 'HIDE', { maxLength: 50 }),
  countryCode: of('Country code', 'HIDE', { format: 'country-code', maxLength: 255 }),
  postalAddress: of('Postal Address', 'HIDE', { maxLength: 4096 }),
  preferredLanguage: of('Preferred language', 'READ_ONLY', { format: 'language-code', maxLength: 255 }),
  locale: of('Locale', 'READ_ONLY', { format: 'locale', maxLength: 255 }),
  timezone: of('Time zone', 'READ_ONLY', { format: 'timezone', maxLength: 255 }),
  userType: of('User type', 'READ_ONLY', { maxLength: 255 }),
  employeeNumber: of('Employee number', 'READ_ONLY', { maxLength: 255 }),
  costCenter: of('Cost center', 'READ_ONLY', { maxLength: 255 }),
  organization: of('Organization', 'READ_ONLY', { maxLength: 255 }),
  division: of('Division', 'READ_ONLY', { maxLength: 255 }),
  department: of('Department', 'READ_ONLY', { maxLength: 255 }),
  managerId: of('ManagerId', 'READ_ONLY', { maxLength: 255 }),
  manager: of('Manager', 'READ_ONLY', { maxLength: 255 }),
};

export const groupBaseAttributes: ProfileAttributes = {
  name: of('Name', 'READ_ONLY', { required: true, minLength: 1, maxLength: 255 }),
  description: of('Description', 'READ_ONLY', { maxLength: 1024 }),
};

const claim = (title: string, description: string, externalName?: string): ProfileAttribute => ({
  title,
  description,
  type: 'string',
  ...(externalName === undefined ? {} : { externalName }),
  scope: 'SELF',
});

const userName: ProfileAttribute = { title: 'Username', type: 'string', required: true, scope: 'NONE', maxLength: 100 };

/** Named after the standard claims (OpenID Connect Core 5.1). */
const openIdAttributes: ProfileAttributes = {
  userName: { title: 'Username', type: 'string', required: true, externalName: 'preferred_username', scope: 'SELF' },
  name: claim('Name', 'Full name as it is shown.'),
  nickname: claim('Nickname', 'Casual name.'),
  given_name: claim('Given Name', 'Given name.'),
  middle_name: claim('Middle Name', 'Middle name.'),
  family_name: claim('Family Name', 'Family name.'),
  email: claim('Email', 'Preferred e-mail address.'),
  profile: claim('Profile URL', "Address of the person's profile page."),
  picture: claim('Picture URL', "Address of the person's picture."),
  website: claim('Website', "Address of the person's web page."),
  gender: claim('Gender', 'Gender.'),
  birthdate: claim('Birthdate', 'Birthday, YYYY-MM-DD.'),
  zoneinfo: claim('Time Zone', 'Time zone.'),
  locale: claim('Locale Name', 'Language and country, such as en-US.'),
  phone_number: claim('Phone Number', 'Preferred telephone number, E.164.'),
  street_address: claim('Street Address', 'Street and number.', 'address.street_address'),
  locality: claim('Locality', 'City.', 'address.locality'),
  region: claim('Region', 'State, province or region.', 'address.region'),
  postal_code: claim('Postal Code', 'Postal code.', 'address.postal_code'),
  country: claim('Country', 'Country.', 'address.country'),
  formatted: claim('Formatted', 'Whole address, as it is written on a letter.', 'address.formatted'),
};

export function applicationBaseAttributes(signOnMode: string): ProfileAttributes {
  return signOnMode === 'OPENID_CONNECT' ? openIdAttributes : { userName };
}
