// What a customer prefers: a small document of the session layer.
import { z } from 'zod';
import { invalidField } from '../platform/errors.js';
import { plainText } from '../platform/http/plain-text.js';
import { currencyCode } from '../platform/money.js';

/** Most entries of `extra`. */
const MAX_EXTRA = 50;

const locale = z
  .string()
  .max(35)
  .refine(isLocale, 'must be a language tag (BCP 47), like en or de-AT')
  .meta({ example: 'en-GB' });
const extraKey = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/, 'must be 1 to 64 letters, digits or _ . -');
const extraValue = z.union([plainText(0, 500), z.number(), z.boolean()]);

/** As stored. */
export const preferences = z.object({
  currency: z.string().optional(),
  locale: z.string().optional(),
  marketing: z.boolean().optional(),
  extra: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
});
export type Preferences = z.infer<typeof preferences>;

/** A merge patch (RFC 7396): what is absent stays, `null` removes; also inside `extra`. */
export const preferencesPatch = z.strictObject({
  currency: currencyCode.nullable().optional(),
  locale: locale.nullable().optional(),
  marketing: z.boolean().nullable().optional().describe('May we write to this customer about offers?'),
  extra: z
    .record(extraKey, extraValue.nullable())
    .refine((extra) => Object.keys(extra).length <= 2 * MAX_EXTRA, 'has too many entries')
    .optional()
    .describe("The client's own settings."),
});
export type PreferencesPatch = z.infer<typeof preferencesPatch>;

export const preferencesResponse = z
  .object({
    version: z.int().describe('Grows with every change; 0 when nothing was ever set.'),
    currency: z.string().nullable(),
    locale: z.string().nullable(),
    marketing: z.boolean().nullable(),
    extra: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  })
  .meta({ id: 'Preferences' });
export type PreferencesResponse = z.infer<typeof preferencesResponse>;

export const noPreferences: Preferences = { extra: {} };

/** @throws AppError `validation_failed` when `extra` would have too many entries. */
export function patchPreferences(current: Preferences, patch: PreferencesPatch): Preferences {
  const { extra: currentExtra, ...rest } = current;
  const { extra: patchedExtra = {}, ...patched } = patch;
  const extra = withoutNulls({ ...currentExtra, ...patchedExtra });
  if (Object.keys(extra).length > MAX_EXTRA) {
    throw invalidField('extra', 'too_many', `would have more than ${MAX_EXTRA} entries`);
  }
  return { ...withoutNulls({ ...rest, ...patched }), extra };
}

function withoutNulls<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], null> } {
  const kept = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as { [K in keyof T]: Exclude<T[K], null> };
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
