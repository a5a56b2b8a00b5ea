// The table of countries against what the runtime knows of them.
import { expect, test } from 'vitest';
import { countryOf } from './countries.ts';

test('every numeric code is the runtime’s alias of the two letters', () => {
  let known = 0;
  for (let number = 0; number < 1000; number++) {
    const country = countryOf(String(number).padStart(3, '0'));
    if (!country) continue;
    known++;
    expect(Intl.getCanonicalLocales(`und-${country.numeric}`)).toEqual([`und-${country.alpha2}`]);
    expect(countryOf(country.alpha2)).toBe(country);
    expect(countryOf(country.alpha3.toLowerCase())).toBe(country);
    expect(country.name).not.toBe(country.alpha2);
  }
  expect(known).toBe(249);
});

test('a code that no country has is none', () => {
  for (const code of ['', 'XX', 'ZZZ', '999', 'India', 'constructor']) expect(countryOf(code)).toBeNull();
});
