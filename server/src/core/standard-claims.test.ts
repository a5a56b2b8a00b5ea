import { describe, expect, it } from 'vitest';
import { standardClaims, standardClaimsOf } from './standard-claims.ts';

const user = (profile: Record<string, unknown>) => ({
  login: 'ada@example.com',
  activated: 1,
  last_updated: 1_700_000_000_999,
  profile,
});

describe('the standard claims', () => {
  it('are eighteen, each under one scope, three of them in every ID token', () => {
    expect(standardClaims).toHaveLength(18);
    expect(standardClaims.filter(({ always }) => always).map(({ name }) => name)).toEqual([
      'preferred_username',
      'name',
      'email',
    ]);
    const of = (scope: string) => standardClaims.filter((claim) => claim.scope === scope).map(({ name }) => name);
    expect(of('email').sort()).toEqual(['email', 'email_verified']);
    expect(of('phone')).toEqual(['phone_number']);
    expect(of('address')).toEqual(['address']);
    expect(of('profile')).toHaveLength(14);
  });

  it('come from the profile in the forms that clients expect', () => {
    const profile = {
      firstName: 'Ada',
      lastName: 'Lovelace',
      middleName: 'King',
      nickName: 'Countess',
      email: 'ada@example.com',
      locale: 'en_GB',
      timezone: 'Europe/London',
      profileUrl: 'https://example.com/ada',
      primaryPhone: '+44 20 0000 0000',
      streetAddress: '12 St James Square',
      city: 'London',
      state: 'London',
      zipCode: 'SW1Y 4JH',
      countryCode: 'GB',
    };
    expect(standardClaimsOf(user(profile))).toEqual({
      name: 'Ada Lovelace',
      given_name: 'Ada',
      family_name: 'Lovelace',
      middle_name: 'King',
      nickname: 'Countess',
      preferred_username: 'ada@example.com',
      profile: 'https://example.com/ada',
      email: 'ada@example.com',
      email_verified: true,
      locale: 'en-GB',
      zoneinfo: 'Europe/London',
      phone_number: '+44 20 0000 0000',
      updated_at: 1_700_000_000,
      address: {
        street_address: '12 St James Square',
        locality: 'London',
        region: 'London',
        postal_code: 'SW1Y 4JH',
        country: 'GB',
      },
    });
  });

  it('are absent where the profile says nothing, or nothing but an empty text', () => {
    const empty = user({ firstName: 'Ada', lastName: '', nickName: null, city: '' });
    expect(standardClaimsOf(empty)).toEqual({
      name: 'Ada',
      given_name: 'Ada',
      preferred_username: 'ada@example.com',
      updated_at: 1_700_000_000,
    });
  });

  it('prefer the display name, and doubt the e-mail address of an account that was never activated', () => {
    const claims = standardClaimsOf({
      ...user({ displayName: 'Countess Ada', firstName: 'Ada', email: 'ada@example.com' }),
      activated: null,
    });
    expect(claims).toMatchObject({ name: 'Countess Ada', email_verified: false });
  });
});
