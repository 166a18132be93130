import { expect, test } from '@jest/globals';
import { noPreferences, patchPreferences, preferences, preferencesPatch } from './preferences.js';

test('what is absent stays and null takes away, in extra as well', () => {
  const first = patchPreferences(noPreferences, {
    currency: 'EUR',
    marketing: false,
    extra: { theme: 'dark', size: 3 },
  });
  expect(first).toEqual({ currency: 'EUR', marketing: false, extra: { theme: 'dark', size: 3 } });
  const second = patchPreferences(first, { currency: null, locale: 'de-AT', extra: { theme: null, wide: true } });
  expect(second).toEqual({ marketing: false, locale: 'de-AT', extra: { size: 3, wide: true } });
});

test('a name in extra that every object has is a name like others', () => {
  const patch = preferencesPatch.parse(JSON.parse('{"extra":{"constructor":"x","prototype":1}}'));
  const kept = preferences.parse(JSON.parse(JSON.stringify(patchPreferences(noPreferences, patch))));
  expect(Object.entries(kept.extra)).toEqual([
    ['constructor', 'x'],
    ['prototype', 1],
  ]);
  expect(patchPreferences(kept, { extra: { constructor: null } as never }).extra).toEqual({ prototype: 1 });
});

test('extra is bounded, whether by one patch or by many', () => {
  const many = (from: number, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`key${from + n}`, n]));
  const full = patchPreferences(noPreferences, { extra: many(0, 50) });
  expect(() => patchPreferences(full, { extra: many(50, 1) })).toThrow('extra');
  expect(Object.keys(patchPreferences(full, { extra: { ...many(50, 1), key0: null } }).extra)).toHaveLength(50);
});

test.each([
  { theme: 'dark' },
  { currency: 'euro' },
  { locale: 'not a locale' },
  { locale: 'x'.repeat(40) },
  { marketing: 'yes' },
  { extra: [] },
  { extra: { '1': 1 } },
  { extra: { a: { b: 1 } } },
  { extra: { a: 'x'.repeat(501) } },
  { extra: { a: '\0' } },
])('refuses wrong patch %#', (patch) => {
  expect(preferencesPatch.safeParse(patch).success).toBe(false);
});
